"""Keeps a model and the random generators as they were, whatever happens meanwhile."""

import contextlib
import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from tensorflow.python.eager import context
from tensorflow.python.ops import stateful_random_ops

# What `fit` and `evaluate` leave behind on a model besides the values of variables.
_MODEL_ATTRIBUTES = (
    "history",
    "optimizer",
    "steps_per_execution",
    "stop_evaluating",
    "stop_training",
    "test_function",
    "train_function",
    "_eval_epoch_iterator",
)
# Where Keras keeps the generator of seeds for layers that were given none.
_KERAS_GENERATOR = "global_seed_generator"
_ABSENT = object()


@contextlib.contextmanager
def untouched(
    model: keras.Model,
    *,
    build: Callable[[], Any],
    other_variables: Sequence[tf.Variable] = (),
) -> Iterator["Values"]:
    """Trains a compiled model without a trace: at the end all is as it was.

    Restored, also after an exception: weights and all other variables of the layers, so
    batch norm statistics and seed generators; metrics; the optimizer's slots,
    iterations, rate or schedule, and loss scale; what `fit` notes on the model; the
    generators of Python, NumPy, TensorFlow and Keras. Only a model that was not built
    yet stays built, with the weights that it would have got in `fit`.

    Args:
        build: Builds the model if it is not built.
        other_variables: More variables to restore, such as those of the data.

    Yields:
        The values at the beginning. Until the end `model.optimizer` is built; it is
        a stand-in if the model's own is not, for what is built cannot be unbuilt.
    """
    with _random_state_kept(), _attributes_kept(model, _MODEL_ATTRIBUTES):
        if not model.built:
            build()
        optimizer = model.optimizer
        if not optimizer.built:
            with model.distribute_strategy.scope():
                optimizer = _copy_unbuilt(optimizer)
                optimizer.build(model.trainable_variables)
            # Past Keras' tracking: the stand-in is no part of the model.
            vars(model)["optimizer"] = optimizer
        values = Values(_variables_of(model), other_variables)
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        try:
            with _attributes_kept(inner, ("_learning_rate",)):
                yield values
        finally:
            # Metrics that were not built before have no values to go back to.
            model.reset_metrics()
            values.restore()


class Values:
    """The values that variables had at one moment; of each replica's copy."""

    def __init__(
        self,
        variables: Sequence[keras.Variable],
        other_variables: Sequence[tf.Variable] = (),
    ):
        self._other_values = _read_values(other_variables)
        self._values = _read_values([variable.value for variable in variables])
        self._trained_values = _read_values(
            [variable.value for variable in variables if not _is_seed(variable)]
        )

    def restore(self) -> None:
        """Writes all values back."""
        for variable, value in self._values + self._other_values:
            variable.assign(value)

    def restore_training(self) -> None:
        """Writes back what training has changed, but not the state of seeds.

        So another training of the same model meets other dropout masks.
        """
        for variable, value in self._trained_values:
            variable.assign(value)


def _read_values(variables: Sequence[tf.Variable]) -> list[tuple[tf.Variable, Any]]:
    # A mirrored variable is one of each replica, and these may differ.
    parts = [
        part
        for variable in variables
        for part in _strategy_of(variable).experimental_local_results(variable)
    ]
    return [(part, part.read_value()) for part in parts]


def _strategy_of(variable: tf.Variable) -> tf.distribute.Strategy:
    return (
        getattr(variable, "distribute_strategy", None) or tf.distribute.get_strategy()
    )


def _variables_of(model: keras.Model) -> list[keras.Variable]:
    every = (
        *model.variables,
        *model.metrics_variables,
        *model.optimizer.variables,
    )
    return list({id(variable): variable for variable in every}.values())


def _is_seed(variable: keras.Variable) -> bool:
    return variable.name == "seed_generator_state"


def _copy_unbuilt(optimizer: keras.Optimizer) -> keras.Optimizer:
    """Copies an optimizer; to be called in the scope of its strategy.

    Unlike `from_config` this keeps what `exclude_from_weight_decay` has noted.
    """
    strategy = optimizer._distribution_strategy
    # `deepcopy` would take a mirrored variable apart.
    variables = {
        id(variable): keras.Variable(
            variable.numpy(),
            dtype=variable.dtype,
            trainable=False,
            aggregation=variable.aggregation,
            name=variable.name,
        )
        for variable in optimizer.variables
    }
    return copy.deepcopy(optimizer, {id(strategy): strategy, **variables})


@contextlib.contextmanager
def _attributes_kept(owner: Any, names: Sequence[str]) -> Iterator[None]:
    """Restores attributes past `__setattr__`, which would track them anew."""
    attributes = vars(owner)
    before = {name: attributes.get(name, _ABSENT) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is _ABSENT:
                attributes.pop(name, None)
            else:
                attributes[name] = value


@contextlib.contextmanager
def _random_state_kept() -> Iterator[None]:
    """Restores the global generators.

    TensorFlow and Keras can set theirs but not tell their state, so that it is taken
    from where they keep it.
    """
    python_state = random.getstate()
    numpy_state = np.random.get_state()
    # Draws the seeds of operations and datasets that were given none; there is no such
    # generator before `tf.random.set_seed`.
    tensorflow_seeds = getattr(context.context(), "_rng", None)
    seeds_state = tensorflow_seeds and tensorflow_seeds.getstate()
    if tensorflow_seeds is not None:
        # Another sequence meanwhile: TensorFlow keeps an eager operation by its seeds,
        # and given the same ones again it would go on and not begin anew.
        tensorflow_seeds.seed(tensorflow_seeds.random())
    generator = stateful_random_ops.global_generator
    generator_state = generator and generator.state.read_value()
    keras_generator = global_state.get_global_attribute(_KERAS_GENERATOR)
    keras_state = keras_generator and keras_generator.state.value.read_value()
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        if tensorflow_seeds is not None:
            tensorflow_seeds.setstate(seeds_state)
        stateful_random_ops.global_generator = generator
        if generator is not None:
            generator.state.assign(generator_state)
        global_state.set_global_attribute(_KERAS_GENERATOR, keras_generator)
        if keras_generator is not None:
            keras_generator.state.assign(keras_state)
