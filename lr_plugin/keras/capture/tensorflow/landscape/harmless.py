"""Tells whether operations may be run once more without a trace."""

from collections.abc import Iterator
from typing import Any

from tensorflow.python.framework import op_def_registry

_READING = {
    "ReadVariableOp",
    "ResourceGather",
    "ResourceGatherNd",
    "VarIsInitializedOp",
    "VariableShape",
}
# What writes variables writes stand-ins. What calls functions is harmless where these
# are. Unseeded random numbers are kept by each place in a graph for itself.
_HARMLESS = _READING | {
    "Assert",
    "AssignAddVariableOp",
    "AssignSubVariableOp",
    "AssignVariableOp",
    "Case",
    "If",
    "LookupTableFindV2",
    "LookupTableSizeV2",
    "Multinomial",
    "ParameterizedTruncatedNormal",
    "PartitionedCall",
    "RandomGamma",
    "RandomPoissonV2",
    "RandomShuffle",
    "RandomStandardNormal",
    "RandomUniform",
    "RandomUniformInt",
    "RngReadAndSkip",
    "RngSkip",
    "StatefulPartitionedCall",
    "StatefulStandardNormalV2",
    "StatefulTruncatedNormal",
    "StatefulUniform",
    "StatefulUniformFullInt",
    "StatefulUniformInt",
    "TruncatedNormal",
    "While",
}


def find_harmful(graph: Any) -> str | None:
    """Finds a kind of operation that may leave a trace, also in functions within."""
    functions = {each.signature.name: each for each in graph.library.function}
    seen: set[str] = set()
    waiting = [graph.node]
    while waiting:
        for node in waiting.pop():
            definition = op_def_registry.get(node.op)
            # A function that is called by its name is no kind of operation.
            if definition is None and node.op not in functions:
                return str(node.op)
            is_stateful = definition is not None and definition.is_stateful
            if is_stateful and node.op not in _HARMLESS:
                return str(node.op)
            for name in (node.op, *_names_of_functions(node)):
                if name in functions and name not in seen:
                    seen.add(name)
                    waiting.append(functions[name].node_def)
    return None


def find_written(graph: Any) -> set[str]:
    """Finds the nodes whose output something else than a reading operation uses."""
    return {
        name.partition(":")[0]
        for node in graph.node
        if node.op not in _READING
        for name in node.input
    }


def _names_of_functions(node: Any) -> Iterator[str]:
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        elif value.HasField("list"):
            yield from (each.name for each in value.list.func)
