"""The nodes of a syntax tree, however deep they stand."""

from __future__ import annotations

from collections.abc import Iterator

from . import tree


def children(item: object) -> Iterator[tree.Node]:
    """The nodes directly inside a node."""
    for part in vars(item).values():
        yield from _nodes(part)


def _nodes(part: object) -> Iterator[tree.Node]:
    if isinstance(part, tree.Node):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from _nodes(inner)
    elif isinstance(part, tree.Clauses):
        yield from children(part)


def walk(item: object) -> Iterator[tree.Node]:
    """Every node inside a node, without itself."""
    for part in children(item):
        yield part
        yield from walk(part)
