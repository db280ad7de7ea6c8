"""Tells whether a step that was traced earlier uses a schedule as it is now.

Its numbers were baked into the step when that was traced, and may have changed since.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import tensorflow as tf

from lr_plugin.keras.capture.optimizers.optimizer_state import inner_optimizer
from lr_plugin.keras.capture.optimizers.rates_before import copied
from lr_plugin.keras.capture.tensorflow.same_graph import functions_of, outside_identity

# What hands a tensor on as it is.
_TRANSPARENT = ("Identity", "StopGradient")


def holds_rate(step: Any, optimizer: keras.Optimizer) -> bool:
    """Tells whether a concrete function computes what a schedule does.

    Looks for its expression, down to the counter of the optimizer, with all constants,
    among those of the step and of the functions and branches in it. What cannot be
    compared counts as different.
    """
    try:
        inner = inner_optimizer(optimizer)
        schedule = copied(inner._learning_rate)
        trace = tf.function(lambda: tf.convert_to_tensor(schedule(inner._iterations)))
        now = trace.get_concrete_function()
        return _Expressions(now).result in _Expressions(step).found
    # A schedule of the program's own may be made in any way.
    except Exception:  # noqa: BLE001
        return False


class _Expressions:
    """The expressions of a concrete function.

    Attributes:
        found: One number for each, equal for equal ones.
        result: That of its first output.
    """

    def __init__(self, function: Any):
        graph = function.graph
        definition = graph.as_graph_def()
        self._library = {
            each.signature.name: each for each in definition.library.function
        }
        self.found: set[int] = set()
        known = {
            tensor.op.name: hash(outside_identity(outside))
            for outside, tensor in graph.captures
        }
        self._add(definition.node, known)
        outputs = graph.outputs
        self.result = _expression(outputs[0].name, known) if outputs else None

    def _add(self, nodes: Iterable[Any], known: dict[str, int]) -> None:
        for node in nodes:
            if node.name in known:
                continue
            names = [name for name in node.input if not name.startswith("^")]
            inputs = [_expression(name, known) for name in names]
            for attribute in node.attr.values():
                for each in functions_of(attribute):
                    self._add_function(self._library[each.name], inputs)
            if node.op in _TRANSPARENT:
                known[node.name] = inputs[0]
                continue
            settings = [
                (name, value.SerializeToString(deterministic=True))
                for name, value in sorted(node.attr.items())
                if not name.startswith("_") and not functions_of(value)
            ]
            known[node.name] = hash((node.op, tuple(settings), tuple(inputs)))
            # A constant alone may be anything that the step holds.
            if node.op != "Const":
                self.found.add(known[node.name])

    def _add_function(self, definition: Any, inputs: list[int]) -> None:
        names = [each.name for each in definition.signature.input_arg]
        # What chooses a branch is not handed to it.
        given = inputs[max(0, len(inputs) - len(names)) :]
        self._add(definition.node_def, dict(zip(names, given, strict=False)))


def _expression(name: str, known: Mapping[str, int]) -> int:
    owner, _, output = name.partition(":")
    number = output.rpartition(":")[2] or "0"
    expression = known.get(owner, hash(name))
    return expression if number == "0" else hash((expression, number))
