"""Samples, in a few of the iterations, how far each layer's weights really move."""

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras.capture import optimizer_state, replicas

# Quantiles are those of this many of a layer's weights, evenly spread over it.
_MAX_WEIGHTS = 2048
_QUANTILES = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
# While the length of a run is unknown, the first samples are this far apart.
_FIRST_PERIOD = 16

OnSample = Callable[[int, list[str], dict[str, np.ndarray]], None]


class LayerSampler:
    """Samples all layers some two hundred times a run.

    Measured of every trainable variable ("layer" here, as on the screen), in columns:

    - `update_ratio`: ||update|| / ||weights||, with `update_norm` and `weight_norm`.
    - `effective_rate:p05`, `:p50`, `:p95`: quantiles over the weights of the rate that
      an adaptive optimizer gives each of them: rate / (sqrt(v_hat) + epsilon) for Adam
      and AdamW, rate / sqrt(v + epsilon) for RMSprop and Adagrad. Other optimizers have
      no such column.

    Iterations that apply no update are no sample.

    Attributes:
        is_waiting: Whether a sample is still to be taken, for the training step; bool,
            shape [].
    """

    def __init__(
        self,
        *,
        num_samples: int,
        num_iterations: int | None,
        on_sample: OnSample,
    ):
        """Plans the samples.

        Args:
            num_samples: How many samples to take in a run, at least 1.
            num_iterations: Length of the run; None if unknown: then at least half as
                many samples are taken, and at most `num_samples` for each doubling.
            on_sample: Takes the step, the layers' names and arrays of shape
                [num_layers] by column.
        """
        self._num_samples = num_samples
        self._period = (
            _FIRST_PERIOD
            if num_iterations is None
            else max(1, num_iterations // num_samples)
        )
        self._is_open_ended = num_iterations is None
        self._on_sample = on_sample
        self._next_iteration = 0
        self._num_taken = 0
        self._newest: _Newest | None = None
        self.is_waiting = replicas.create_outside_strategy(
            lambda: tf.Variable(True, trainable=False)
        )

    def is_due(self, iteration: int) -> bool:
        """Tells whether the iterations that come next should be sampled."""
        return iteration >= self._next_iteration

    def hand_over(self, iteration: int) -> None:
        """Hands over the sample of the iterations up to `iteration`, if they gave one.

        Where no update was applied, the next iterations are due as well.
        """
        if self._newest is None or self.is_waiting.numpy():
            return
        self._on_sample(*self._newest.read())
        self.is_waiting.assign(True)
        self._num_taken += 1
        if self._is_open_ended and self._num_taken == self._num_samples:
            self._num_taken //= 2
            self._period *= 2
        self._next_iteration = iteration + self._period

    def begin_sample(
        self,
        optimizer: keras.Optimizer,
        variables: Sequence[keras.Variable],
        cells: Mapping[str, tf.Tensor],
    ) -> "Sample":
        """Notes the weights before an update, inside the training step.

        Args:
            optimizer: The optimizer that will update the variables.
            variables: The trainable variables.
            cells: What the row of this iteration holds: step and rates.
        """
        return Sample(self, optimizer, variables, cells)

    def newest(self, layers: list[str], columns: list[str]) -> "_Newest":
        """Returns the variables that hold the newest sample."""
        if self._newest is None:
            self._newest = replicas.create_outside_strategy(
                lambda: _Newest(layers, columns)
            )
        return self._newest


class Sample:
    """One sample while it is taken, inside the training step."""

    def __init__(
        self,
        sampler: LayerSampler,
        optimizer: keras.Optimizer,
        variables: Sequence[keras.Variable],
        cells: Mapping[str, tf.Tensor],
    ):
        self._sampler = sampler
        self._optimizer = optimizer
        self._variables = variables
        self._cells = cells
        self._before = [tf.identity(variable.value) for variable in variables]

    def end(self, applied: tf.Tensor | None) -> None:
        """Measures the update and stores the sample.

        Only where none has been stored since the last was read, because one call of
        the step may hold many iterations, and not where the update was skipped.

        Args:
            applied: 0 or 1, shape []; None if updates are never skipped.
        """
        is_wanted = self._sampler.is_waiting.read_value()
        if applied is not None:
            is_wanted &= applied > 0
        tf.cond(is_wanted, self._store, lambda: False)

    def _store(self) -> bool:
        measured = [
            self._measure(variable, before)
            for variable, before in zip(self._variables, self._before, strict=True)
        ]
        # A layer without second moments has no effective rate, others may have.
        columns = sorted({column for each in measured for column in each})
        nothing = tf.constant(np.nan, tf.float32)
        table = tf.stack(
            [tf.stack([each.get(c, nothing) for c in columns]) for each in measured]
        )
        layers = [variable.path for variable in self._variables]
        newest = self._sampler.newest(layers, columns)
        newest.store(self._cells[schema.STEP], table)
        self._sampler.is_waiting.assign(False)
        return True

    def _measure(
        self, variable: keras.Variable, before: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        before = tf.cast(before, tf.float32)
        update = tf.cast(variable.value, tf.float32) - before
        update_norm, weight_norm = tf.norm(update), tf.norm(before)
        measured = {
            "update_ratio": update_norm / weight_norm,
            "update_norm": update_norm,
            "weight_norm": weight_norm,
        }
        rates = optimizer_state.read_effective_rates(
            self._optimizer,
            variable,
            self._cells[schema.LEARNING_RATE],
            max_weights=_MAX_WEIGHTS,
        )
        if rates is not None:
            ordered = tf.sort(tf.cast(rates, tf.float32))
            last = tf.cast(tf.size(ordered) - 1, tf.float32)
            for name, quantile in _QUANTILES.items():
                nearest = tf.cast(tf.round(quantile * last), tf.int32)
                measured[f"effective_rate:{name}"] = ordered[nearest]
        return measured


class _Newest:
    """The newest sample, in variables that the compiled step writes."""

    def __init__(self, layers: list[str], columns: list[str]):
        self._layers = layers
        self._columns = columns
        self._step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._table = tf.Variable(
            tf.zeros([len(layers), len(columns)]), trainable=False
        )

    def store(self, step: tf.Tensor, table: tf.Tensor) -> None:
        self._step.assign(tf.cast(step, tf.int64))
        self._table.assign(table)

    def read(self) -> tuple[int, list[str], dict[str, np.ndarray]]:
        samples = dict(zip(self._columns, self._table.numpy().T, strict=True))
        return int(self._step.numpy()), self._layers, samples
