"""Finding nodes of a tree by their place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from ..syntax import tree
from ..syntax.walk import children


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


def cells_of(statement: tree.Node) -> Iterator[tree.Cell]:
    """The cells that a declaration defines in its body, at any depth."""
    for part in getattr(statement, "body", ()):
        if isinstance(part, tree.Cell):
            yield part
        else:
            yield from cells_of(part)
