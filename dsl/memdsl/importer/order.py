"""Nodes in an order in which each stands behind those that it reads; a circle is told."""

from __future__ import annotations

from collections.abc import Iterator

from .faults import ImportFault
from .graph import Graph, Node


def ordered(graph: Graph) -> list[Node]:
    """The nodes of a graph, sorted where the file has them in another order. Raises ImportFault."""
    makers: dict[str, int] = {}
    for index, node in enumerate(graph.nodes):
        for name in node.outputs:
            if name and name in makers:
                raise ImportFault(f"{node.shown} makes `{name}`, which another node makes too")
            if name:
                makers[name] = index
    read = [sorted({makers[name] for name in reads(node) if name in makers}) for node in graph.nodes]
    if all(before < index for index, found in enumerate(read) for before in found):
        return graph.nodes
    waiting = [len(found) for found in read]
    readers: list[list[int]] = [[] for _ in graph.nodes]
    for index, found in enumerate(read):
        for before in found:
            readers[before].append(index)
    ready = [index for index, count in enumerate(waiting) if not count][::-1]
    done: list[Node] = []
    while ready:
        index = ready.pop()
        done.append(graph.nodes[index])
        for reader in reversed(readers[index]):
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    if len(done) < len(graph.nodes):
        stuck = next(node for node, count in zip(graph.nodes, waiting, strict=True) if count)
        raise ImportFault(f"{stuck.shown} reads, through other nodes, what it makes itself: a circle")
    return done


def reads(node: Node) -> Iterator[str]:
    """The tensors that a node reads, those that its inner graphs take from outside included."""
    yield from node.inputs
    for value in node.attributes.values():
        if isinstance(value, Graph):
            yield from outside(value)


def outside(graph: Graph) -> Iterator[str]:
    """The tensors that an inner graph takes from the graphs around it."""
    own = {port.name for port in graph.inputs} | set(graph.stored)
    for node in graph.nodes:
        own.update(node.outputs)
    for node in graph.nodes:
        yield from (name for name in reads(node) if name not in own)
    yield from (port.name for port in graph.outputs if port.name not in own)
