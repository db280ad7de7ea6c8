"""The loss of a training step as a function of the weights, taken out of its graph."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lr_plugin.keras.capture.tensorflow.landscape.harmless import (
    find_harmful,
    find_written,
)
from lr_plugin.keras.capture.tensorflow.landscape.update_line import (
    UpdateLine,
    create_stand_in,
    move_points,
)


class StepLoss:
    """Computes the loss of a training step anew, at other weights.

    By the operations of the step itself: no Python of the user runs for it. Variables
    that the step changes, as the seeds of random numbers, are stood in for by others
    that last as long as the computation, so that nothing of the model is written.

    Attributes:
        weights: The variables that an update moves.
        states: Variables that the step changes besides, and on which the loss depends.
    """

    def __init__(
        self, loss: tf.Tensor, weights: Sequence[tf.Variable], *, has_xla: bool = False
    ):
        """Takes the loss out of the graph that computes it.

        Args:
            loss: Of shape [].
            weights: All variables that an update moves.
            has_xla: Whether XLA compiles the step.

        Raises:
            ValueError: Computing it may leave a trace; says by which operation.
        """
        graph: Any = loss.graph
        step = graph.as_graph_def()
        self._loss = loss.name
        self._definition = _select_needed(step, loss.op.name)
        harmful = find_harmful(self._definition)
        if harmful is not None:
            raise ValueError(harmful)
        needed = {node.name for node in self._definition.node}
        num_inputs = len(graph.inputs) - len(graph.captures)
        self._inputs = [
            tf.TensorSpec(tensor.shape, tensor.dtype, tensor.op.name)
            for tensor in graph.inputs[:num_inputs]
        ]
        self._is_used = [spec.name in needed for spec in self._inputs]
        self.weights = list(weights)
        self.states: list[tf.Variable] = []
        # By the name of what stands for it in the graph: a place among the variables
        # that are stood in for, or what is captured itself.
        self._places: dict[str, int] = {}
        self._captured: dict[str, tf.Tensor] = {}
        variables = {id(each.handle): each for each in graph.variables}
        places = {id(each.handle): i for i, each in enumerate(self.weights)}
        written = find_written(step)
        for outside, inside in graph.captures:
            name, key = inside.op.name, id(outside)
            if name not in needed:
                continue
            if key not in places and key in variables and name in written:
                places[key] = len(self.weights) + len(self.states)
                self.states.append(variables[key])
            if key in places:
                self._places[name] = places[key]
            else:
                self._captured[name] = outside
        given = {*self._places, *self._captured, *(spec.name for spec in self._inputs)}
        for node in [node for node in self._definition.node if node.name in given]:
            self._definition.node.remove(node)
        # XLA draws other random numbers; to compile it only for rounding is too slow.
        self._import = tf.function(
            self._import_loss,
            autograph=False,
            jit_compile=has_xla and bool(self.states),
        )
        # Traced once, for any number of multiples and any size of a batch.
        self._compiled = tf.function(
            self._compute,
            autograph=False,
            input_signature=[
                tf.TensorSpec([None], tf.float64),
                [tf.TensorSpec(each.shape, each.dtype) for each in self.weights],
                [tf.TensorSpec([], tf.resource) for each in self.weights],
                tf.TensorSpec([], tf.resource),
                [tf.TensorSpec(each.shape, each.dtype) for each in self.states],
                list(itertools.compress(self._inputs, self._is_used)),
            ],
        )

    def fits(self, batch: Sequence[tf.Tensor]) -> bool:
        """Tells whether the step takes such a batch."""
        return len(batch) == len(self._inputs) and all(
            tensor.dtype == spec.dtype and spec.shape.is_compatible_with(tensor.shape)
            for tensor, spec in zip(batch, self._inputs, strict=True)
        )

    def __call__(
        self,
        factors: Sequence[float],
        line: UpdateLine,
        states: Sequence[tf.Tensor],
        batch: Sequence[tf.Tensor],
    ) -> np.ndarray:
        """Computes the loss at multiples of an update.

        Args:
            factors: The multiples: 0 is before the update, 1 after it.
            line: Through the weights before and after it; is moved.
            states: The values of `states` that the step begins with.
            batch: The step's inputs.

        Returns:
            The losses; all infinite where a check within the step fails.
        """
        used = list(itertools.compress(batch, self._is_used))
        losses = np.full(len(factors), np.inf)
        multiples = np.array(factors, np.float64)
        is_at_update = multiples == 1
        at_update = UpdateLine(line.weights, line.weights, position=1.0)
        for places, each in ((is_at_update, at_update), (~is_at_update, line)):
            if not places.any():
                continue
            try:
                losses[places] = self._compiled(
                    tf.constant(multiples[places]),
                    each.weights,
                    each.points,
                    each.position,
                    list(states),
                    used,
                )
            except tf.errors.InvalidArgumentError:
                return np.full(len(factors), np.inf)
        return losses

    def _compute(
        self,
        factors: tf.Tensor,
        weights: list[tf.Tensor],
        points: list[tf.Tensor],
        position: tf.Tensor,
        states: list[tf.Tensor],
        batch: list[tf.Tensor],
    ) -> tf.Tensor:
        def loss_at(factor: tf.Tensor) -> tf.Tensor:
            moved = move_points(factor, weights, points, position)
            stand_ins = [*points, *map(create_stand_in, states)]
            with tf.control_dependencies([moved]):
                return tf.cast(self._import(stand_ins, batch), tf.float64)

        # Where `loss_at` fails, `map_fn` leaves this set, for all that comes later.
        scope = tf.compat.v1.get_variable_scope()
        caching_device = scope.caching_device
        try:
            return tf.map_fn(loss_at, factors, parallel_iterations=1)
        finally:
            scope.set_caching_device(caching_device)

    def _import_loss(
        self, stand_ins: list[tf.Tensor], batch: list[tf.Tensor]
    ) -> tf.Tensor:
        used = itertools.compress(self._inputs, self._is_used)
        given = {
            **{name: stand_ins[place] for name, place in self._places.items()},
            **{spec.name: t for spec, t in zip(used, batch, strict=True)},
            # As tensors of this graph.
            **{name: tf.identity(each) for name, each in self._captured.items()},
        }
        (loss,) = tf.graph_util.import_graph_def(
            self._definition,
            input_map={f"{name}:0": tensor for name, tensor in given.items()},
            return_elements=[self._loss],
        )
        return loss


def _select_needed(graph: Any, name: str) -> Any:
    """Copies the part of a graph that computes one operation."""
    nodes = {node.name: node for node in graph.node}
    needed, waiting = set(), [name]
    while waiting:
        each = waiting.pop()
        if each not in needed:
            needed.add(each)
            waiting += map(_name_of_node, nodes[each].input)
    selected = tf.compat.v1.GraphDef(versions=graph.versions, library=graph.library)
    selected.node.extend(node for node in graph.node if node.name in needed)
    return selected


def _name_of_node(tensor: str) -> str:
    return tensor.removeprefix("^").partition(":")[0]
