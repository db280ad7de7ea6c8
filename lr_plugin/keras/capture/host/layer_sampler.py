"""Samples, in a few of the iterations, how far each layer's weights really move."""

from collections.abc import Callable
from typing import Any, Protocol

import keras
import numpy as np

from lr_plugin import schema
from lr_plugin.keras.capture.layers.layer_measure import LayerMeasure
from lr_plugin.keras.capture.sample_plan import SamplePlan

OnSample = Callable[[int, list[str], dict[str, np.ndarray]], None]


class Measuring(Protocol):
    """What a sample asks of the step that runs now."""

    def copy_weights(self) -> list[Any]:
        """Copies the weights, before the step."""

    def newest_row(self) -> dict[str, float] | None:
        """Waits for the step's row; None if it has none."""

    def measure(self, before: list[Any]) -> tuple[LayerMeasure, np.ndarray]:
        """Measures the update of the step, after it."""


class LayerSampler:
    """Samples all layers some two hundred times a run, around single steps.

    Iterations that apply no update are no sample.
    """

    def __init__(
        self, *, num_samples: int, num_iterations: int | None, on_sample: OnSample
    ):
        """Plans the samples; see `SamplePlan`.

        Args:
            on_sample: Takes the step, the layers' names and arrays of shape
                [num_layers] by column.
        """
        self._plan = SamplePlan(num_samples=num_samples, num_iterations=num_iterations)
        self._on_sample = on_sample
        self._before: list[Any] = []

    def before_call(self, model: keras.Model, capture: Measuring) -> None:
        """Copies the weights, if the step that comes next should be sampled."""
        self._before = capture.copy_weights() if self._plan.is_due() else []

    def after_call(
        self, model: keras.Model, capture: Measuring, *, steps_before: int = 0
    ) -> None:
        """Hands over a sample, if the step was to be sampled and made an update.

        If it made none, the next step is to be sampled as well.
        """
        self._plan.count(1)
        before, self._before = self._before, []
        row = capture.newest_row() if before else None
        if row is None or row.get(schema.APPLIED, 1) == 0:
            return
        measure, table = capture.measure(before)
        columns = measure.columns(table, row)
        self._on_sample(int(row[schema.STEP]) + steps_before, measure.layers, columns)
        self._plan.take()
