"""Samples, in a few of the iterations, how far each layer's weights really move."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.capture.sample_plan import SamplePlan
from lr_plugin.keras.capture.tensorflow.compiled_measure import CompiledMeasure
from lr_plugin.keras.capture.tensorflow.ring import Ring
from lr_plugin.keras.capture.tensorflow.step_capture import StepCapture

OnSample = Callable[[int, list[str], dict[str, np.ndarray]], None]


class LayerSampler:
    """Samples all layers some two hundred times a run.

    Where a call of the train function is one step, the host reads the weights before
    and measures after it: the step itself carries nothing for that. A read costs no
    copy; the update then writes into new memory, once. For calls of several steps see
    `CallSampling`.

    Iterations that apply no update are no sample.
    """

    def __init__(
        self,
        *,
        num_samples: int,
        num_iterations: int | None,
        on_sample: OnSample,
    ):
        """Plans the samples; see `SamplePlan`.

        Args:
            on_sample: Takes the step, the layers' names and arrays of shape
                [num_layers] by column.
        """
        self._plan = SamplePlan(num_samples=num_samples, num_iterations=num_iterations)
        self._on_sample = on_sample
        self._before: list[tf.Tensor] | None = None
        self._num_rows_before = 0
        self._steps_before = 0

    def before_call(self, model: keras.Model, capture: StepCapture) -> None:
        """Reads the weights, if the call that comes next should be sampled."""
        self._before = None
        variables = model.trainable_variables if self._plan.is_due() else []
        if not variables:
            return
        weights = [tf.convert_to_tensor(variable.value) for variable in variables]
        if model.steps_per_execution > 1:
            capture.sampling.want(weights)
            self._before = []
        else:
            self._before = weights
            self._num_rows_before = capture.ring.count() if capture.ring else 0

    def after_call(
        self, model: keras.Model, capture: StepCapture, *, steps_before: int = 0
    ) -> None:
        """Hands over a sample, if the call was to be sampled and made an update.

        If it made none, the next call is to be sampled as well.
        """
        self._plan.count(model.steps_per_execution)
        self._steps_before = steps_before
        before, self._before = self._before, None
        if before is None or capture.ring is None:
            return
        if model.steps_per_execution > 1:
            is_taken = self._take(capture)
        else:
            is_taken = self._measure_call(model, capture, capture.ring, before)
        if is_taken:
            self._plan.take()

    def _take(self, capture: StepCapture) -> bool:
        taken = capture.sampling.take()
        if taken is None or capture.ring is None:
            return False
        measure, table, num_rows = taken
        row = capture.ring.row(num_rows - 1)
        self._hand_over(measure, table, row)
        return True

    def _measure_call(
        self,
        model: keras.Model,
        capture: StepCapture,
        ring: Ring,
        before: list[tf.Tensor],
    ) -> bool:
        num_rows = ring.count()
        if num_rows == self._num_rows_before:
            return False
        row = ring.row(num_rows - 1)
        # To look for them again in a large model takes longer than to measure it.
        optimizers = dict(capture.optimizers) or find_optimizers(model)
        if capture.measure is None or not capture.measure.is_of(model, optimizers):
            capture.measure = CompiledMeasure(model, optimizers)
        measure = capture.measure
        if row.get(schema.APPLIED, 1) == 0 or len(measure.layers) != len(before):
            return False
        self._hand_over(measure, measure(before), row)
        return True

    def _hand_over(
        self, measure: CompiledMeasure, table: np.ndarray, row: dict[str, float]
    ) -> None:
        columns = measure.columns(table, row)
        step = int(row[schema.STEP]) + self._steps_before
        self._on_sample(step, measure.layers, columns)
