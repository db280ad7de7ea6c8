"""A whole training as one function, which JAX compiles once for all rates and seeds.

So two thousand trainings take minutes. What is measured is what the recorder measures,
by the same rule; it cannot be asked itself within such a function.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from landscapes.settings import OPTIMIZERS
from landscapes.tasks import TASKS

from lr_plugin import schema
from lr_plugin.keras.capture.tensorflow.landscape.points import FACTORS, measure_points

NUM_SAMPLES = 40
# Where the recorder looks between two of `FACTORS`.
_BETWEEN = (2**0.25, 2**0.5, 2**0.75)
_PRECISION = 2.0**-23


@dataclasses.dataclass(frozen=True, eq=False)
class Training:
    """What a training came to.

    Attributes:
        losses: Of every update. Shape [num_steps].
        gradient_norms: The sums of the squares and of the absolute values of every
            update's gradients. Shape [num_steps, 2].
        samples: By the step of the update.
        loss: The validation loss at the end.
        accuracy: The validation accuracy at the end.
    """

    losses: np.ndarray
    gradient_norms: np.ndarray
    samples: dict[int, schema.LandscapeSample]
    loss: float
    accuracy: float


def train(task: str, optimizer: str, rates: np.ndarray, seed: int) -> Training:
    """Trains once.

    Args:
        rates: Of every update, float32. Shape [num_steps].
    """
    of_task = TASKS[task]
    x, _, *_ = of_task.load()
    begin = _create_weights(task, seed)
    generator = np.random.default_rng(seed)
    num_batches = len(x) // of_task.batch_size
    orders = [
        generator.permutation(len(x))[: num_batches * of_task.batch_size]
        for _ in range(-(-len(rates) // num_batches))
    ]
    batches = np.concatenate(orders).reshape(-1, of_task.batch_size)[: len(rates)]
    period = len(rates) // NUM_SAMPLES
    run = _compile(task, optimizer)
    (losses, norms), measured, validation = jax.device_get(
        run(
            begin,
            batches.reshape(NUM_SAMPLES, period, -1),
            rates.reshape(NUM_SAMPLES, period),
        )
    )
    samples = {}
    for i, (loss, at_factors, place, at_between) in enumerate(
        zip(*measured, strict=True)
    ):
        step = i * period
        sample = _make_sample(rates[step], loss, at_factors, place, at_between)
        if sample is not None:
            samples[step] = sample
    return Training(
        losses.reshape(-1), norms.reshape(-1, 2), samples, *map(float, validation)
    )


def _make_sample(
    rate: np.float32,
    loss: np.float32,
    at_factors: np.ndarray,
    place: int,
    at_between: np.ndarray,
) -> schema.LandscapeSample | None:
    """Makes of what was computed what the recorder would have written."""
    # As the recorder, which leaves out the moments of a training that has diverged.
    if not np.isfinite(loss):
        return None
    known = {
        0.0: float(loss),
        **dict(zip(FACTORS, map(float, at_factors), strict=True)),
    }
    between = [FACTORS[place] * share for share in _BETWEEN]
    known |= dict(zip(between, map(float, at_between), strict=True))
    keys = np.array(list(known))

    def losses_at(factors: Any) -> np.ndarray:
        nearest = [keys[np.argmin(abs(keys - factor))] for factor in factors]
        np.testing.assert_allclose(nearest, factors, rtol=1e-6)
        return np.array([known[key] for key in nearest])

    points = measure_points(losses_at, precision=_PRECISION)
    return schema.LandscapeSample(
        used_rate=float(rate),
        critical_rate=float(rate) * points.critical_factor,
        loss=points.loss,
        rates=(float(rate) * points.factors).tolist(),
        loss_changes=points.loss_changes.tolist(),
    )


@functools.cache
def _create_weights(task: str, seed: int) -> Any:
    """Creates the weights at which a training begins."""
    keras.utils.set_random_seed(seed)
    model = TASKS[task].build()
    return (
        [np.asarray(variable.value) for variable in model.trainable_variables],
        [np.asarray(variable.value) for variable in model.non_trainable_variables],
    )


@functools.cache
def _compile(task: str, optimizer: str) -> Callable[..., Any]:
    x, y, *validation = map(jnp.asarray, TASKS[task].load())
    model = TASKS[task].build()
    made = OPTIMIZERS[optimizer][0](1.0)
    made.build(model.trainable_variables)
    slots = [jnp.asarray(variable.value) for variable in made.variables]
    (rate_at,) = (
        i
        for i, variable in enumerate(made.variables)
        if variable is made._learning_rate
    )

    def loss_of(weights: Any, states: Any, batch: Any) -> Any:
        outputs, states = model.stateless_call(weights, states, x[batch], training=True)
        return _mean_loss(y[batch], outputs), states

    def update(carry: Any, row: Any) -> Any:
        weights, states, slots = carry
        batch, rate = row
        compute = jax.value_and_grad(loss_of, has_aux=True)
        (loss, states), gradients = compute(weights, states, batch)
        norms = [
            sum(jnp.sum(part(gradient)) for gradient in gradients)
            for part in (jnp.square, jnp.abs)
        ]
        slots = [rate if i == rate_at else slot for i, slot in enumerate(slots)]
        weights, slots = made.stateless_apply(slots, gradients, weights)
        return (weights, states, slots), (loss, jnp.array(norms))

    def measure(before: Any, after: Any, states: Any, batch: Any) -> Any:
        def loss_at(factor: Any) -> Any:
            point = [p + factor * (q - p) for p, q in zip(before, after, strict=True)]
            return loss_of(point, states, batch)[0]

        losses = jax.lax.map(loss_at, jnp.array([0.0, *FACTORS], jnp.float32))
        changes = jnp.nan_to_num(losses[1:] - losses[0], nan=jnp.inf)
        has_risen = changes > 4 * _PRECISION * jnp.abs(losses[0])
        place = jnp.maximum(jnp.argmax(has_risen) - 1, 0)
        between = jnp.array(FACTORS, jnp.float32)[place] * jnp.array(_BETWEEN)
        return losses[0], losses[1:], place, jax.lax.map(loss_at, between)

    def sampled(carry: Any, rows: Any) -> Any:
        """Makes the updates from one sample to the next."""
        batches, rates = rows
        after, first = update(carry, (batches[0], rates[0]))
        measured = measure(carry[0], after[0], after[1], batches[1])
        carry, others = jax.lax.scan(update, after, (batches[1:], rates[1:]))
        rows = [
            jnp.concatenate([one[None], more])
            for one, more in zip(first, others, strict=True)
        ]
        return carry, (rows, measured)

    def run(begin: Any, batches: Any, rates: Any) -> Any:
        carry, (rows, measured) = jax.lax.scan(
            sampled, (*begin, slots), (batches, rates)
        )
        outputs, _ = model.stateless_call(carry[0], carry[1], validation[0])
        is_right = jnp.argmax(outputs, -1) == validation[1]
        score = _mean_loss(validation[1], outputs), jnp.mean(is_right)
        return rows, measured, score

    return jax.jit(run)


def _mean_loss(y: Any, outputs: Any) -> Any:
    entropy = keras.ops.sparse_categorical_crossentropy(y, outputs, from_logits=True)
    return jnp.mean(entropy)
