"""Tells whether two traces of a training step are the same step.

A step that was traced again holds what its Python says now. Where a number or a choice
has changed since, it is another step, and would train other weights.
"""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf

# All that is added to a step for the recording is in this scope.
SCOPE = "learning_rate_logger/"

# Attributes that hold a number of this process, or change with what else a function
# takes: not what is computed.
_INCIDENTAL = {
    "_gradient_op_type",
    "_has_manual_control_dependencies",
    "_num_original_outputs",
    "_output_shapes",
    "_read_only_resource_inputs",
    "output_shapes",
}
_OF_CALLS = {"Tin", "Tout", "Tcond", "T"}

# What a tensor is: (number of the node, output), or ("outside", identity).
_Identity = tuple[Any, ...]


def is_same(first: Any, second: Any) -> bool:
    """Compares two concrete functions of the same signature.

    Operation by operation, in the order in which Python has made them, with all
    constants, and functions, loops and branches within; without what was added for the
    recording. What cannot be compared counts as different.
    """
    try:
        return bool(_canonical(first) == _canonical(second))
    # A kind of operation that is not known here may be made in any way.
    except Exception:  # noqa: BLE001
        return False


def _canonical(function: Any) -> Any:
    graph = function.graph
    definition = graph.as_graph_def()
    library = {each.signature.name: each for each in definition.library.function}
    identities: dict[str, _Identity] = {}
    num_arguments = len(graph.inputs) - len(graph.captures)
    for i, tensor in enumerate(graph.inputs[:num_arguments]):
        identities[tensor.op.name] = ("argument", i)
    for outside, tensor in graph.captures:
        identities[tensor.op.name] = outside_identity(outside)
    nodes = _Nodes(definition.node, identities, library)
    return nodes.canonical, [nodes.identity(tensor.name) for tensor in graph.outputs]


def outside_identity(tensor: Any) -> _Identity:
    """Returns what a tensor is that a function has captured."""
    if tensor.dtype in (tf.resource, tf.variant):
        return ("outside", id(tensor))
    return ("value", tensor.numpy().tobytes(), tuple(tensor.shape), tensor.dtype.name)


class _Nodes:
    """The canonical form of the nodes of one graph or function."""

    def __init__(
        self,
        nodes: Iterable[Any],
        identities: Mapping[str, _Identity],
        library: Mapping[str, Any],
    ):
        self._identities = dict(identities)
        self._library = library
        self.canonical: list[Any] = []
        for node in nodes:
            if node.name in self._identities or SCOPE in node.name:
                continue
            self._identities[node.name] = ("node", len(self.canonical))
            self.canonical.append(self._canonical_node(node))

    def identity(self, name: str) -> _Identity:
        """Returns what an input or an output is."""
        owner, _, output = name.partition(":")
        if owner not in self._identities:
            raise LookupError(f"{owner} is not of the step itself.")
        # "name:0" in a graph, where the first is "name"; "name:output:0" in a function.
        return (*self._identities[owner], "" if output == "0" else output)

    def _canonical_node(self, node: Any) -> Any:
        names = [name for name in node.input if not name.startswith("^")]
        functions = {
            name: [each.name for each in functions_of(value)]
            for name, value in node.attr.items()
            if functions_of(value)
        }
        ignored = _INCIDENTAL | (_OF_CALLS if functions else set())
        settings = [
            (name, value.SerializeToString(deterministic=True))
            for name, value in sorted(node.attr.items())
            if name not in ignored and name not in functions
        ]
        if not functions:
            return node.op, settings, [self.identity(name) for name in names]
        if "While" in node.op:
            return node.op, settings, self._canonical_loop(functions, names)
        begin = 1 if node.op in ("If", "StatelessIf", "Case", "StatelessCase") else 0
        choice = [self.identity(name) for name in names[:begin]]
        bodies = [
            self._canonical_function(each, names[begin:])
            for _, several in sorted(functions.items())
            for each in several
        ]
        return node.op, settings, choice, bodies

    def _canonical_function(self, name: str, inputs: list[str]) -> Any:
        definition = self._definition(name)
        arguments = [each.name for each in definition.signature.input_arg]
        identities = {
            argument: self.identity(given)
            for argument, given in zip(arguments, inputs, strict=True)
            if given.partition(":")[0] in self._identities
        }
        nodes = _Nodes(definition.node_def, identities, self._library)
        return nodes.canonical, self._returned(definition, nodes)

    def _canonical_loop(
        self, functions: dict[str, list[str]], inputs: list[str]
    ) -> Any:
        """Describes a loop; what it only hands on is what was given to it."""
        (body_name,), (cond_name,) = functions["body"], functions["cond"]
        body, cond = self._definition(body_name), self._definition(cond_name)
        results = [body.ret[each.name] for each in body.signature.output_arg]
        steps = {node.name: node for node in body.node_def}
        found: list[_Identity | None] = []
        begins: list[_Identity] = []
        for argument, result, given in zip(
            body.signature.input_arg, results, inputs, strict=True
        ):
            if _without_identities(result, steps) == argument.name:
                is_known = given.partition(":")[0] in self._identities
                found.append(self.identity(given) if is_known else None)
            else:
                found.append(("loop", len(begins)))
                begins.append(self.identity(given))
        bodies = []
        for definition in (body, cond):
            arguments = [each.name for each in definition.signature.input_arg]
            identities = {
                argument: identity
                for argument, identity in zip(arguments, found, strict=True)
                if identity is not None
            }
            nodes = _Nodes(definition.node_def, identities, self._library)
            returned = [
                each
                for each in self._returned(definition, nodes)
                if each[0] not in ("outside", "value")
            ]
            bodies.append((nodes.canonical, returned))
        return begins, bodies

    def _definition(self, name: str) -> Any:
        return self._library[name]

    def _returned(self, definition: Any, nodes: "_Nodes") -> list[_Identity]:
        names = [definition.ret[each.name] for each in definition.signature.output_arg]
        # What is handed through for the recording alone has no identity here.
        return [
            nodes.identity(name)
            for name in names
            if name.partition(":")[0] in nodes._identities
        ]


def functions_of(value: Any) -> list[Any]:
    """Returns the functions that an attribute of a node names."""
    if value.HasField("func"):
        return [value.func]
    return list(value.list.func) if value.HasField("list") else []


def _without_identities(name: str, nodes: Mapping[str, Any]) -> str:
    owner = name.partition(":")[0]
    while owner in nodes and nodes[owner].op == "Identity":
        owner = nodes[owner].input[0].partition(":")[0]
    return owner


def scope_of_ours() -> contextlib.AbstractContextManager[Any]:
    """Makes a scope for the names of what is added to the user's step."""
    return tf.name_scope(SCOPE)
