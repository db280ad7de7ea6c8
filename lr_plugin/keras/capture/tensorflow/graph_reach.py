"""Tells which tensors of a step can be used at another place of it."""

from typing import Any

import tensorflow as tf

_CONTROL_FLOW = {"CondBranchFuncGraph", "WhileBodyFuncGraph", "WhileCondFuncGraph"}


def current_graph() -> Any:
    """Returns the graph that operations are added to now; None where they run."""
    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()


def is_reachable(tensor: Any) -> bool:
    """Tells whether a tensor that was seen earlier can be used here and now.

    A branch or a loop may use what is around it, and nothing may use what is inside of
    them. A function that is traced on its own may not use what is around it either: it
    is kept and called from elsewhere.
    """
    if not tf.is_tensor(tensor) or isinstance(tensor, tf.__internal__.EagerTensor):
        return True
    wanted, graph = getattr(tensor, "graph", None), current_graph()
    while graph is not wanted and type(graph).__name__ in _CONTROL_FLOW:
        graph = graph.outer_graph
    return graph is not None and graph is wanted
