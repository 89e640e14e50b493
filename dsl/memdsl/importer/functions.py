"""Functions of a file, put in where they are called."""

from __future__ import annotations

from collections.abc import Mapping

from ..records import record
from .faults import ImportFault
from .graph import Attribute, Graph, Node

MOST_NODES = 100_000
DEEPEST = 16

Library = Mapping[tuple[str, str], Graph]


def inlined(graph: Graph, functions: Library) -> Graph:
    """The graph with every call of a function replaced by the function's nodes. Raises ImportFault."""
    found: list[Node] = []
    for node in graph.nodes:
        _put(node, functions, found, 0)
    graph.nodes = found
    return graph


@record
class _Call:
    """What a function's names and attributes mean where it is called."""

    names: dict[str, str]
    prefix: str
    attributes: Mapping[str, Attribute]

    def tensor(self, name: str) -> str:
        return self.names.setdefault(name, f"{self.prefix}/{name}") if name else ""


def _put(node: Node, functions: Library, found: list[Node], depth: int) -> None:
    body = functions.get((node.domain, node.op)) or functions.get((node.domain or "ai.onnx", node.op))
    if body is None:
        found.append(node)
        if len(found) > MOST_NODES:
            raise ImportFault(f"with its functions put in, the graph has more than {MOST_NODES:,} nodes")
        return
    if depth > DEEPEST:
        raise ImportFault(f"{node.shown} calls functions more than {DEEPEST} deep")
    given = list(node.inputs) + [""] * (len(body.inputs) - len(node.inputs))
    names = {port.name: name for port, name in zip(body.inputs, given, strict=False)}
    names |= {port.name: name for port, name in zip(body.outputs, node.outputs, strict=False) if name}
    call = _Call(names, node.name or (node.outputs[0] if node.outputs else node.op), node.attributes)
    for inner in body.nodes:
        _put(_renamed(inner, call), functions, found, depth + 1)


def _renamed(node: Node, call: _Call) -> Node:
    attributes: dict[str, Attribute] = {}
    for key, value in node.attributes.items():
        if isinstance(value, str) and value.startswith("@"):
            given = call.attributes.get(value[1:])
            if given is not None:
                attributes[key] = given
        elif isinstance(value, Graph):
            attributes[key] = _inner(value, call)
        else:
            attributes[key] = value
    return Node(
        f"{call.prefix}/{node.name}" if node.name else "",
        node.op,
        node.domain,
        tuple(call.tensor(name) for name in node.inputs),
        tuple(call.tensor(name) for name in node.outputs),
        attributes,
    )


def _inner(graph: Graph, call: _Call) -> Graph:
    """A graph inside a function: its own names stay, those from outside are the caller's."""
    own = {port.name for port in graph.inputs} | set(graph.stored) | {n for node in graph.nodes for n in node.outputs}
    names = call.names | {name: name for name in own}
    inner = _Call(names, call.prefix, call.attributes)
    return Graph(graph.name, [_renamed(node, inner) for node in graph.nodes], graph.inputs, graph.outputs, graph.stored)
