"""Samples the layers in the middle of a call that holds several training steps."""

import contextlib
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lr_plugin.keras.capture import replicas
from lr_plugin.keras.capture.hooks import Hook, call_as_before
from lr_plugin.keras.capture.layers.layer_measure import LayerMeasure
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.capture.ring import Ring
from lr_plugin.keras.capture.same_graph import SCOPE
from lr_plugin.keras.guard import Guard


class CallSampling:
    """Measures the first update of a call of the train function.

    The host cannot look at weights between two steps of one call. So it notes them
    before the call, in variables that are empty otherwise, and the function measures
    after its first update: in a branch around the step, outside of what XLA compiles,
    whose fusions it must not change.

    Attributes:
        is_in_function: Whether the function that was traced last can be sampled.
        ring: Where the rows of the step are, once there is one.
    """

    def __init__(self, model: keras.Model, guard: Guard):
        self._model = weakref.ref(model)
        self._guard = guard
        self._measure: LayerMeasure | None = None
        self._before: list[tf.Variable] = []
        self._is_wanted: tf.Variable | None = None
        self._table: tf.Variable | None = None
        self._is_wanted_now = False
        self.is_in_function = False
        self.ring: Ring | None = None

    @contextlib.contextmanager
    def hooked_into(self, model: keras.Model) -> Iterator[None]:
        """Gets around the step of the train function that is made meanwhile."""
        hook = None
        if model.steps_per_execution > 1 and hasattr(model, "_autoconvert_optionals"):
            hook = Hook(model, "_autoconvert_optionals", self._around)
        try:
            yield
        finally:
            if hook is not None:
                hook.remove()

    def want(self, weights: Sequence[tf.Tensor]) -> None:
        """Asks for a sample of the next call, given the weights before it."""
        self._create_variables([each.dtype for each in weights])
        for variable, value in zip(self._before, weights, strict=True):
            variable.assign(value)
        assert self._is_wanted is not None
        self._is_wanted.assign(True)
        self._is_wanted_now = True

    def take(self) -> tuple[LayerMeasure, np.ndarray, int] | None:
        """Returns the sample, and how many rows there were with its own, if any."""
        if self._is_wanted is None or self._table is None:
            return None
        is_taken = self.is_in_function and not self._is_wanted.numpy()
        self._is_wanted.assign(False)
        self._is_wanted_now = False
        for variable in self._before:
            variable.assign(tf.zeros([0], variable.dtype))
        if not is_taken or self._measure is None:
            return None
        flat = self._table.numpy()
        num_rows, table = int(flat[0]), flat[1:].reshape(len(self._before), -1)
        return self._measure, table, num_rows

    def _create_variables(self, dtypes: Sequence[tf.DType]) -> None:
        if [variable.dtype for variable in self._before] == dtypes:
            return
        create = replicas.create_outside_strategy
        self._before = create(lambda: [_empty(dtype) for dtype in dtypes])
        self._is_wanted = create(lambda: tf.Variable(False, trainable=False))
        self._table = create(lambda: _empty(tf.float64))

    def _around(self, original: Any, step: Any) -> Any:
        from_data = call_as_before(original, step)

        def around(data: Any) -> Any:
            if tf.executing_eagerly() and not self._is_wanted_now:
                return from_data(data)
            num_updates = None
            with self._guard.keep("A sample of the layers"), _scope():
                num_updates = self._count_updates()
            outputs = from_data(data)
            if num_updates is not None:
                with self._guard.keep("A sample of the layers"), _scope():
                    self._after_step(num_updates)
            return outputs

        return around

    def _count_updates(self) -> tf.Tensor:
        optimizers = find_optimizers(self._model()).values()
        counts = [optimizer_state.read_num_updates(each) for each in optimizers]
        return tf.add_n([tf.cast(count, tf.int64) for count in counts])

    def _after_step(self, num_updates: tf.Tensor) -> None:
        self.is_in_function = False
        model = self._model()
        optimizers = find_optimizers(model)
        if self._measure is None or not self._measure.is_of(model, optimizers):
            self._measure = LayerMeasure(model, optimizers)
        variables = self._measure.variables
        self._create_variables([variable.value.dtype for variable in variables])
        if self._is_wanted is None or self._table is None or self.ring is None:
            return
        measure, before, ring = self._measure, self._before, self.ring
        is_wanted, table = self._is_wanted, self._table

        def store() -> bool:
            measured = measure.table([variable.read_value() for variable in before])
            flat = tf.cast(tf.reshape(measured, [-1]), tf.float64)
            num_rows = tf.cast(ring.read_count(), tf.float64)
            table.assign(tf.concat([[num_rows], flat], 0))
            is_wanted.assign(False)
            return True

        is_due = is_wanted.read_value() & (self._count_updates() > num_updates)
        tf.cond(is_due, store, lambda: False)
        self.is_in_function = True


def _scope() -> contextlib.AbstractContextManager[Any]:
    return tf.name_scope(SCOPE)


def _empty(dtype: tf.DType) -> tf.Variable:
    return tf.Variable(
        tf.zeros([0], dtype), shape=tf.TensorShape(None), trainable=False
    )
