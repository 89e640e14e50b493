"""Finding nodes of a tree by their place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from ..syntax import tree


def statement_at(module: tree.Module, offset: int) -> tree.Node | None:
    """The declaration that an offset stands in."""
    starts = [statement.span[0] for statement in module.statements]
    index = bisect_right(starts, offset) - 1
    if index >= 0 and offset <= module.statements[index].span[1]:
        return module.statements[index]
    return None


def path_to(node: tree.Node, offset: int) -> list[tree.Node]:
    """The nodes around an offset, the outermost first."""
    found = [node]
    while True:
        inner = next((part for part in children(found[-1]) if part.span[0] <= offset <= part.span[1]), None)
        if inner is None:
            return found
        found.append(inner)


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


def cells_of(statement: tree.Node) -> Iterator[tree.Cell]:
    """The cells that a declaration defines in its body, at any depth."""
    for part in getattr(statement, "body", ()):
        if isinstance(part, tree.Cell):
            yield part
        else:
            yield from cells_of(part)
