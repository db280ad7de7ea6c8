"""Samples the layers in the middle of a call that holds several training steps."""

import contextlib
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.capture.tensorflow import replicas
from lr_plugin.keras.capture.tensorflow.compiled_measure import CompiledMeasure
from lr_plugin.keras.capture.tensorflow.hooks import Hook, call_as_before
from lr_plugin.keras.capture.tensorflow.ring import Ring
from lr_plugin.keras.capture.tensorflow.same_graph import scope_of_ours
from lr_plugin.keras.guard import Guard


class CallSampling:
    """Measures the first update of a call of the train function.

    The host cannot look at weights between two steps of one call. So it notes them
    before the call, in one variable that is empty otherwise, and the function measures
    after its first update: in a branch around the step, outside of what XLA compiles,
    whose fusions it must not change.

    Attributes:
        is_in_function: Whether the function that was traced last can be sampled.
        ring: Where the rows of the step are, once there is one.
    """

    def __init__(self, model: keras.Model, guard: Guard):
        self._model = weakref.ref(model)
        self._guard = guard
        self._measure: CompiledMeasure | None = None
        self._variables: _Variables | None = None
        self._is_wanted = False
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
        variables = self._get_variables()
        variables.before.assign(_flat(list(weights)))
        variables.num_updates.assign(self._count_updates())
        variables.is_wanted.assign(True)
        self._is_wanted = True

    def take(self) -> tuple[CompiledMeasure, np.ndarray, int] | None:
        """Returns the sample, and how many rows there were with its own, if any."""
        variables = self._get_variables()
        is_taken = self.is_in_function and not variables.is_wanted.numpy()
        variables.is_wanted.assign(False)
        variables.before.assign(tf.zeros([0]))
        self._is_wanted = False
        if not is_taken or self._measure is None:
            return None
        num_rows, *cells = variables.table.numpy()
        table = np.reshape(cells, [len(self._measure.layers), -1])
        return self._measure, table, int(num_rows)

    def _get_variables(self) -> "_Variables":
        if self._variables is None:
            self._variables = replicas.create_outside_strategy(_Variables)
        return self._variables

    def _around(self, original: Any, step: Any) -> Any:
        from_data = call_as_before(original, step)

        def around(data: Any) -> Any:
            if tf.executing_eagerly() and not self._is_wanted:
                return from_data(data)
            outputs = from_data(data)
            with self._guard.keep("A sample of the layers"), scope_of_ours():
                self._after_step()
            return outputs

        return around

    def _count_updates(self) -> tf.Tensor:
        measure = self._measure
        # Those of the function, if it is traced already.
        optimizers = (
            list(find_optimizers(self._model()).values())
            if measure is None
            else measure.optimizers
        )
        counts = [optimizer_state.read_num_updates(each) for each in optimizers]
        return tf.add_n([tf.cast(count, tf.int64) for count in counts])

    def _after_step(self) -> None:
        self.is_in_function = False
        model, ring = self._model(), self.ring
        if model is None or ring is None:
            return
        optimizers = find_optimizers(model)
        if self._measure is None or not self._measure.is_of(model, optimizers):
            self._measure = CompiledMeasure(model, optimizers)
        measure, variables = self._measure, self._get_variables()

        def store_if_updated() -> tf.Tensor:
            has_updated = self._count_updates() > variables.num_updates.read_value()
            return _run_apart(has_updated, store)

        def store() -> bool:
            sizes = [
                variable.value.shape.num_elements() for variable in measure.variables
            ]
            before = tf.split(variables.before.read_value(), sizes)
            cells = tf.cast(tf.reshape(measure.table(before), [-1]), tf.float64)
            num_rows = tf.cast(ring.read_count(), tf.float64)
            variables.table.assign(tf.concat([[num_rows], cells], 0))
            variables.is_wanted.assign(False)
            return True

        # A step in which no sample is wanted looks whether one is, and does nothing.
        tf.cond(variables.is_wanted.read_value(), store_if_updated, lambda: False)
        self.is_in_function = True


class _Variables:
    """What the host and the function tell each other."""

    def __init__(self) -> None:
        self.is_wanted = tf.Variable(False, trainable=False)
        self.num_updates = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.before = _empty(tf.float32)
        self.table = _empty(tf.float64)


def _empty(dtype: tf.DType) -> tf.Variable:
    empty = tf.zeros([0], dtype)
    return tf.Variable(empty, shape=tf.TensorShape([None]), trainable=False)


@tf.function(autograph=False, reduce_retracing=True)
def _flat(weights: list[tf.Tensor]) -> tf.Tensor:
    # One variable for all: each costs a little in every step that may use it.
    return tf.concat([tf.reshape(tf.cast(w, tf.float32), [-1]) for w in weights], 0)


def _run_apart(condition: tf.Tensor, branch: Callable[[], tf.Tensor]) -> tf.Tensor:
    """Runs a branch, where a condition holds, as a function of its own.

    TensorFlow would merge all of its operations into the step, where each costs a
    little in every step, also where it does not run. To call a function costs more than
    that, so this is for what is within a branch that is seldom taken itself.
    """
    done = tf.cond(condition, branch, lambda: False)
    if isinstance(done, tf.Tensor) and not tf.executing_eagerly():
        operation = done.op
        while operation.type == "Identity":
            operation = operation.inputs[0].op
        if "_lower_using_switch_merge" in operation.node_def.attr:
            merged = tf.compat.v1.AttrValue(b=False)
            operation._set_attr("_lower_using_switch_merge", merged)
    return done
