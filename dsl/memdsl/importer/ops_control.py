"""`If` and `Loop`: the nodes of their inner graphs stand in the place of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .faults import ImportFault
from .graph import Graph, Node
from .infer import HIDDEN, Info, Role, Site, operator
from .order import ordered

MOST_TURNS = 64
"""Turns of a loop that are written out."""


def _put(at: Site, body: Graph, names: dict[str, str], prefix: str) -> list[str]:
    """Walks an inner graph's nodes, its own names behind a prefix; returns the names of its outputs."""
    engine = at.engine
    own = set(body.stored) | {name for node in body.nodes for name in node.outputs if name}
    names = names | {name: f"{prefix}{name}" for name in own}
    for name, tensor in body.stored.items():
        engine.store([type(tensor)(names[name], tensor.dtype, tensor.dims, tensor.values)])
    for port in body.known.values():
        if port.name in names:
            engine.known[names[port.name]] = port
    for node in ordered(body):
        engine.node(_renamed(node, names, prefix))
    return [names.get(port.name, port.name) for port in body.outputs]


def _renamed(node: Node, names: Mapping[str, str], prefix: str) -> Node:
    attributes = {
        key: _inside(value, names, prefix) if isinstance(value, Graph) else value
        for key, value in node.attributes.items()
    }
    return Node(
        f"{prefix}{node.name}" if node.name else "",
        node.op,
        node.domain,
        tuple(names.get(name, name) for name in node.inputs),
        tuple(names.get(name, name) for name in node.outputs),
        attributes,
    )


def _inside(graph: Graph, names: Mapping[str, str], prefix: str) -> Graph:
    own = {port.name for port in graph.inputs} | set(graph.stored) | {n for node in graph.nodes for n in node.outputs}
    kept = {name: new for name, new in names.items() if name not in own}
    nodes = [_renamed(node, kept, prefix) for node in graph.nodes]
    outputs = [type(p)(kept.get(p.name, p.name), p.dtype, p.dims) for p in graph.outputs]
    return Graph(graph.name, nodes, graph.inputs, outputs, graph.stored, graph.known)


def _alias(at: Site, source: str, target: str) -> None:
    """The output of a call is the inner graph's output."""
    info = at.engine.made.tensors[source]
    at.engine.made.nodes.append(Node(at.node.name, "Identity", "", (source,), (target,), {}))
    at.engine.made.tensors[target] = info


@operator("If")
def branch(at: Site) -> Sequence[Info | None]:
    condition = at.input(0)
    branches = [at.node.attributes.get(key) for key in ("then_branch", "else_branch")]
    then, other = branches
    if not isinstance(then, Graph) or not isinstance(other, Graph):
        raise ImportFault(f"{at.node.shown} lacks a branch")
    known = condition.items[0] if condition.items else None
    if isinstance(known, bool) or (isinstance(known, int) and known in (0, 1)):
        taken = then if known else other
        how = f"its condition is {'true' if known else 'false'} at these sizes"
    else:
        taken = then if len(then.nodes) >= len(other.nodes) else other
        how = "which branch runs is decided by data: the longer one is taken"
    name = "then_branch" if taken is then else "else_branch"
    at.engine.made.notes.append(f"{at.node.shown}: {how}; {name} is imported")
    prefix = f"{at.node.name or at.node.outputs[0]}/{name}/"
    outputs = _put(at, taken, {}, prefix)
    for source, target in zip(outputs, at.node.outputs, strict=False):
        if target:
            _alias(at, source, target)
    return HIDDEN


@operator("Loop")
def loop(at: Site) -> Sequence[Info | None]:
    body = at.node.attributes.get("body")
    if not isinstance(body, Graph):
        raise ImportFault(f"{at.node.shown} lacks its body")
    trips = at.input(0).sizes if at.has(0) else None
    turns = trips[0] if trips else None
    if isinstance(turns, int) and 0 < turns <= MOST_TURNS:
        count = turns
        at.engine.made.notes.append(f"{at.node.shown}: its {turns} turns are written out")
    else:
        count = 1
        what = f"{turns}" if turns is not None else "as often as data say"
        at.engine.made.notes.append(f"{at.node.shown} turns {what}: one turn is imported, and counted once")
    carried = list(at.node.inputs[2:])
    kept = len(carried)
    scans: list[list[str]] = [[] for _ in body.outputs[1 + kept :]]
    base = at.node.name or at.node.outputs[0]
    for turn in range(count):
        prefix = f"{base}/{turn}/"
        names = {port.name: f"{prefix}{port.name}" for port in body.inputs}
        if body.inputs:
            at.engine.made.tensors[f"{prefix}{body.inputs[0].name}"] = Info((), "int64", Role.SIZES, (turn,))
        if len(body.inputs) > 1:
            at.engine.made.tensors[f"{prefix}{body.inputs[1].name}"] = Info((), "bool", Role.SIZES, (True,))
        for port, name in zip(body.inputs[2:], carried, strict=False):
            names[port.name] = name
        outputs = _put(at, body, names, prefix)
        carried = outputs[1 : 1 + kept]
        for scan, name in zip(scans, outputs[1 + kept :], strict=True):
            scan.append(name)
    for source, target in zip(carried, at.node.outputs[:kept], strict=False):
        if target:
            _alias(at, source, target)
    for scan, target in zip(scans, at.node.outputs[kept:], strict=False):
        if not target:
            continue
        parts = []
        for name in scan:
            info = at.engine.made.tensors[name]
            wide = f"{name}/row"
            at.engine.made.nodes.append(Node(at.node.name, "Unsqueeze", "", (name,), (wide,), {"axes": [0]}))
            at.engine.made.tensors[wide] = Info((1, *info.shape), info.dtype, info.role)
            parts.append(wide)
        at.engine.node(Node(at.node.name, "Concat", "", tuple(parts), (target,), {"axis": 0}))
    return HIDDEN


@operator("Scan")
def scan(at: Site) -> Sequence[Info | None]:
    raise ImportFault(f"{at.node.shown}: Scan is not known; export the layer as LSTM, GRU or Loop")
