"""Samples, at a few moments of a training, the loss along the update."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras.capture.sample_plan import SamplePlan
from lr_plugin.keras.capture.tensorflow.landscape import watched_step
from lr_plugin.keras.capture.tensorflow.landscape.points import Points, measure_points
from lr_plugin.keras.capture.tensorflow.landscape.single_steps import (
    SingleSteps,
    make_single_steps,
)
from lr_plugin.keras.capture.tensorflow.landscape.update_line import UpdateLine
from lr_plugin.keras.guard import Guard

# Relative distance of neighbouring numbers.
_PRECISIONS = {
    "bfloat16": 2.0**-7,
    "float16": 2.0**-10,
    "float32": 2.0**-23,
    "float64": 2.0**-52,
}
OTHER_LOSS = (
    "The loss landscape was not measured at step {step}: computed once more, the loss "
    "of the next batch is {computed:.6g}, and the training step had {recorded:.6g}. "
    "Something in it comes out otherwise each time, or changes between two steps."
)
# So many failures one after the other, and no sample is tried any more.
_MAX_FAILURES = 3

OnSample = Callable[[int, schema.LandscapeSample], None]


@dataclasses.dataclass
class _Moment:
    """What is known so far of an update that is measured.

    Attributes:
        before: The weights before it, until it is made.
        num_rows: How many rows there were before it, or before the step after it.
        row: The update's row; None before it is made.
        line: Through the weights before and after it.
        points: The loss along it; None before the next batch has come.
    """

    before: Sequence[tf.Tensor]
    num_rows: int
    row: dict[str, float] | None = None
    line: UpdateLine | None = None
    points: Points | None = None


class LandscapeSampler:
    """Measures what other rates would have done, some forty times a run.

    Of an update and the batch after it, which the update has not seen: the loss at the
    weights before the update plus multiples of it. Computed by the operations of the
    training step itself, with the random numbers that it is about to draw for that
    batch; at the weights that the update led to it must come out as the step has it.
    """

    def __init__(
        self, *, num_samples: int, num_iterations: int | None, on_sample: OnSample
    ):
        """Plans the samples; see `SamplePlan` for the numbers.

        Args:
            on_sample: Takes the update's step and the sample.
        """
        self._plan = SamplePlan(num_samples=num_samples, num_iterations=num_iterations)
        self._on_sample = on_sample
        self._moment: _Moment | None = None
        self._single_steps: SingleSteps | None = None
        self._num_failures = 0
        self._has_noted = False

    def stepping(
        self,
        function: Callable[[Any], Any],
        model: keras.Model,
        capture: Any,
        guard: Guard,
        *,
        steps_before: int = 0,
    ) -> Callable[[Any], Any]:
        """Returns what to call instead of a train function, for its next call.

        Args:
            capture: The `StepCapture` of the function.
            guard: Takes notes on what cannot be measured.
            steps_before: What is added to every step.
        """
        self._plan.count(model.steps_per_execution)
        is_due = self._moment is not None or self._plan.is_due()
        if self._is_over() or not is_due or not model.trainable_variables:
            return function

        def before_step(batch: Any) -> None:
            with guard.keep("The loss landscape"):
                self._before_step(model, capture, batch)

        def after_step() -> None:
            with guard.keep("The loss landscape"):
                self._after_step(model, capture, guard, steps_before)

        def step_by_step(iterator: Any) -> Any:
            single_steps = None
            with guard.keep("The loss landscape"):
                single_steps = self._prepare(model, iterator, guard)
            if single_steps is None:
                return function(iterator)
            if model.steps_per_execution == 1 and self._moment is None:
                # The update's own batch is of no interest.
                before_step(None)
                logs = function(iterator)
                after_step()
                return logs
            return make_single_steps(
                function,
                single_steps,
                model.steps_per_execution,
                guard=guard,
                before_step=before_step,
                after_step=after_step,
            )

        return step_by_step

    def _is_over(self) -> bool:
        return self._num_failures >= _MAX_FAILURES

    def _stop(self, guard: Guard, reason: str) -> None:
        guard.note(reason)
        self._num_failures, self._moment = _MAX_FAILURES, None

    def _prepare(
        self, model: keras.Model, iterator: Any, guard: Guard
    ) -> SingleSteps | None:
        if self._single_steps is None or self._single_steps.iterator is not iterator:
            usual = keras.Model.make_train_function
            if type(model).make_train_function is not usual:
                self._stop(guard, watched_step.OTHER_FUNCTION)
                return None
            if isinstance(iterator, tf.distribute.DistributedIterator):
                self._stop(guard, watched_step.STRATEGY)
                return None
            try:
                self._single_steps = SingleSteps(iterator)
            except (ValueError, TypeError):
                self._stop(guard, watched_step.OTHER_BATCHES)
                return None
        return self._single_steps

    def _before_step(self, model: keras.Model, capture: Any, batch: Any) -> None:
        moment = self._moment
        num_rows = capture.ring.count() if capture.ring is not None else 0
        if moment is None or moment.row is None:
            if self._plan.is_due():
                self._moment = _Moment(_read(model), num_rows)
        else:
            moment.num_rows = num_rows
            moment.points = self._measure(model, capture, moment, batch)
            # Not kept over an update, which would copy them.
            moment.line = None

    def _after_step(
        self, model: keras.Model, capture: Any, guard: Guard, steps_before: int
    ) -> None:
        moment, ring = self._moment, capture.ring
        if moment is None:
            return
        if reason := capture.landscape.reason:
            self._stop(guard, reason)
            return
        if ring is None or ring.count() != moment.num_rows + 1:
            self._moment = None
            return
        row = ring.row(moment.num_rows)
        if moment.row is not None:
            self._moment = None
            if moment.points is not None:
                self._hand_over(
                    model, moment.row, moment.points, row, guard, steps_before
                )
        elif row.get(schema.APPLIED, 1) == 0:
            # A micro-batch: the update is still to come.
            self._moment = None
        else:
            moment.row, before, after = row, moment.before, _read(model)
            moment.before = ()
            if len(before) == len(after):
                moment.line = UpdateLine(after, before, position=0.0)

    def _measure(
        self, model: keras.Model, capture: Any, moment: _Moment, batch: Any
    ) -> Points | None:
        loss = capture.landscape.find_loss(model)
        tensors = _flatten(batch)
        line = moment.line
        if loss is None or not loss.fits(tensors) or line is None:
            return None
        states = [tf.convert_to_tensor(state) for state in loss.states]

        def losses_at(factors: Sequence[float]) -> np.ndarray:
            return loss(factors, line, states, tensors)

        return measure_points(losses_at, precision=_precision(model))

    def _hand_over(
        self,
        model: keras.Model,
        row: dict[str, float],
        points: Points,
        next_row: dict[str, float],
        guard: Guard,
        steps_before: int,
    ) -> None:
        self._plan.take()
        step = int(row[schema.STEP]) + steps_before
        computed, recorded = points.loss_at_update, next_row[schema.LOSS]
        if not _is_same(recorded, computed, math.sqrt(_precision(model))):
            if not self._has_noted:
                told = {"step": step, "computed": computed, "recorded": recorded}
                guard.note(OTHER_LOSS.format(**told))
            self._has_noted = True
            self._num_failures += 1
            return
        self._num_failures = 0
        rate = row.get(schema.LEARNING_RATE, math.nan)
        # Not a moment of a warmup without any rate, nor of a loss that is none.
        if not 0 < rate < math.inf or not math.isfinite(points.loss):
            return
        self._on_sample(
            step,
            schema.LandscapeSample(
                used_rate=rate,
                critical_rate=rate * points.critical_factor,
                loss=points.loss,
                rates=(rate * points.factors).tolist(),
                loss_changes=points.loss_changes.tolist(),
            ),
        )


def _read(model: keras.Model) -> list[tf.Tensor]:
    """Reads the weights. No copy: an update writes into new memory, once."""
    return [tf.convert_to_tensor(each.value) for each in model.trainable_variables]


def _flatten(data: Any) -> list[tf.Tensor]:
    """Lists the tensors of a step's inputs, without those that Keras makes None."""
    return [
        tf.convert_to_tensor(each)
        for each in tf.nest.flatten(data)
        if each is not None and not isinstance(each, tf.experimental.Optional)
    ]


def _precision(model: keras.Model) -> float:
    return _PRECISIONS.get(model.compute_dtype, _PRECISIONS["float32"])


def _is_same(recorded: float, computed: float, tolerance: float) -> bool:
    if not math.isfinite(recorded):
        return not math.isfinite(computed)
    return abs(recorded - computed) <= tolerance * max(abs(recorded), abs(computed))
