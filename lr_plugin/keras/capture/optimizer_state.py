"""Reads from a Keras optimizer what its next update will use.

Every function here is called inside the training step, before the update: afterwards
Keras already answers with the next step's rate. Under tf.function the results are
symbolic tensors, eagerly they are values.
"""

import keras
import tensorflow as tf

from lr_plugin import schema


def inner_optimizer(optimizer: keras.Optimizer) -> keras.Optimizer:
    """Returns the optimizer that updates the weights, below any loss scaling."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def read_position(optimizer: keras.Optimizer) -> tf.Tensor:
    """Reads the step for which the schedule is asked.

    With gradient accumulation Keras' public `iterations` counts updates, while its
    schedules are asked for micro-batches; those are counted by `_iterations` alone.
    """
    return _tensor(inner_optimizer(optimizer)._iterations)


def read_num_updates(optimizer: keras.Optimizer) -> tf.Tensor:
    """Reads how many updates were really applied so far."""
    return _tensor(optimizer.iterations)


def may_skip_updates(optimizer: keras.Optimizer) -> bool:
    """Tells whether there may be iterations that apply no update."""
    return (
        inner_optimizer(optimizer) is not optimizer or accumulation_steps(optimizer) > 1
    )


def accumulation_steps(optimizer: keras.Optimizer) -> int:
    """Returns the number of micro-batches that make one update."""
    return inner_optimizer(optimizer).gradient_accumulation_steps or 1


def read_rates(optimizer: keras.Optimizer) -> dict[str, tf.Tensor]:
    """Reads the learning rate, by column.

    Of a `keras.optimizers.MultiOptimizer` the first optimizer's rate is
    `learning_rate`, and every optimizer's is `learning_rate:<its name>` too.
    """
    optimizers = getattr(optimizer, "optimizers", None)
    if optimizers is None:
        return {schema.LEARNING_RATE: _tensor(optimizer.learning_rate)}
    rates = {
        schema.named_rate(each.name): _tensor(each.learning_rate) for each in optimizers
    }
    return {schema.LEARNING_RATE: next(iter(rates.values())), **rates}


def read_step_size(
    optimizer: keras.Optimizer, learning_rate: tf.Tensor
) -> tf.Tensor | None:
    """Reads the bias-corrected step size; None for optimizers that have none.

    For Adam and AdamW rate * sqrt(1 - beta_2^t) / (1 - beta_1^t), for Adamax
    rate / (1 - beta_1^t), with t counted from 1, in the precision in which Keras
    computes it.

    Source: Kingma & Ba, Adam: A Method for Stochastic Optimization, 2015, end of
    section 2 and algorithm 2, https://arxiv.org/abs/1412.6980.
    """
    optimizer = inner_optimizer(optimizer)
    if not isinstance(optimizer, keras.optimizers.Adam | keras.optimizers.Adamax):
        return None
    dtype = learning_rate.dtype
    t = tf.cast(read_num_updates(optimizer) + 1, dtype)
    correction = 1 - tf.pow(tf.cast(optimizer.beta_1, dtype), t)
    if isinstance(optimizer, keras.optimizers.Adamax):
        return learning_rate / correction
    return (
        learning_rate
        * tf.sqrt(1 - tf.pow(tf.cast(optimizer.beta_2, dtype), t))
        / correction
    )


def read_effective_rates(
    optimizer: keras.Optimizer,
    variable: keras.Variable,
    learning_rate: tf.Tensor,
    *,
    max_weights: int,
) -> tf.Tensor | None:
    """Reads the rate of single weights after an update; None if all have the same.

    rate / (sqrt(v_hat) + epsilon) for Adam and AdamW (Kingma & Ba 2015, algorithm 1),
    rate / sqrt(v + epsilon) for RMSprop (less the squared mean where it is centered)
    and Adagrad, as Keras computes them.

    Returns:
        float32 of shape [num_weights], `num_weights` at most twice `max_weights`,
        evenly spread over the variable.
    """
    optimizer = inner_optimizer(optimizer)

    def read_slot(name: str) -> tf.Tensor:
        slot = getattr(optimizer, name)[optimizer._get_variable_index(variable)]
        weights = tf.reshape(tf.cast(_tensor(slot), tf.float32), [-1])
        return weights[:: max(1, weights.shape[0] // max_weights)]

    learning_rate = tf.cast(learning_rate, tf.float32)
    if isinstance(optimizer, keras.optimizers.Adam):
        # The update counts already: this t is the one that it used.
        t = tf.cast(read_num_updates(optimizer), tf.float32)
        correction = 1 - tf.pow(tf.cast(optimizer.beta_2, tf.float32), t)
        name = "_velocity_hats" if optimizer.amsgrad else "_velocities"
        v_hat = read_slot(name) / correction
        return learning_rate / (tf.sqrt(v_hat) + optimizer.epsilon)
    if isinstance(optimizer, keras.optimizers.RMSprop):
        v = read_slot("_velocities")
        if optimizer.centered:
            v -= tf.square(read_slot("_average_gradients"))
        return learning_rate / tf.sqrt(v + optimizer.epsilon)
    if isinstance(optimizer, keras.optimizers.Adagrad):
        v = read_slot("_accumulators")
        return learning_rate / tf.sqrt(v + optimizer.epsilon)
    return None


def read_momentum(optimizer: keras.Optimizer) -> tf.Tensor | None:
    """Reads the momentum (beta_1 in the Adam family) if training can change it.

    Keras bakes a plain number into the compiled step; only a variable can change.
    """
    optimizer = inner_optimizer(optimizer)
    momentum = getattr(optimizer, "momentum", getattr(optimizer, "beta_1", None))
    if isinstance(momentum, tf.Variable | keras.Variable):
        return _tensor(momentum)
    return None


def describe_optimizer(optimizer: keras.Optimizer) -> dict[str, object]:
    """Names the optimizer and its configuration, its schedule left out."""
    optimizer = inner_optimizer(optimizer)
    config = {
        name: value
        for name, value in optimizer.get_config().items()
        if name not in ("learning_rate", "name") and value is not None
    }
    return {"class_name": type(optimizer).__name__, "config": config}


def describe_schedule(optimizer: keras.Optimizer) -> dict[str, object]:
    """Names the schedule and its configuration.

    Keras offers no public way to ask an optimizer for its schedule.
    """
    optimizer = inner_optimizer(optimizer)
    if hasattr(optimizer, "optimizers"):
        return {"class_name": "several", "config": {}}
    learning_rate = optimizer._learning_rate
    if isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        return {
            "class_name": type(learning_rate).__name__,
            "config": learning_rate.get_config(),
        }
    if callable(learning_rate) and not isinstance(learning_rate, keras.Variable):
        return {"class_name": "callable", "config": {}}
    return {
        "class_name": "constant",
        "config": {"learning_rate": float(learning_rate.numpy())},
    }


def _tensor(value: object) -> tf.Tensor:
    if isinstance(value, keras.Variable):
        value = value.value
    return tf.convert_to_tensor(value)
