"""Each name is defined once: what a declaration defines twice is reported where it stands, used or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..diagnostics import Note
from ..syntax import tree
from .faults import Fault
from .workshop import Scope, Workshop

Defined = Iterable[tuple[str, tree.Offsets]]


def check_distinct(shop: Workshop, node: tree.Declaration, scope: Scope) -> None:
    """Reports every name that the arguments and the body of a declaration define twice."""
    for names in _groups(node):
        _check(shop, names, scope)


def _groups(node: tree.Declaration) -> Iterator[Defined]:
    """The names of each part of a declaration that share one scope."""
    match node:
        case tree.Function():
            yield _formals(node.formals)
        case tree.LayerKind() | tree.Block() | tree.Network():
            yield [*_formals(node.formals), *_cells(node.body)]
        case tree.Hardware():
            parts = [(part.name, part.name_span) for part in node.body if isinstance(part, tree.Component)]
            yield [*_formals(node.formals or ()), *parts, *_cells(node.body)]
            yield from (_cells(part.body) for part in node.body if isinstance(part, tree.Component))
        case tree.Model():
            own = [cell for cell in node.body if not (isinstance(cell, tree.Cell) and cell.keyword == "override")]
            yield [*_formals(node.formals or ()), *_cells(own)]
            yield _cells(cell for cell in node.body if cell not in own)
            yield from (_cells(each.body) for each in node.body if isinstance(each, tree.Each))
        case tree.ComponentTable() | tree.Schedule():
            yield _cells(node.body)
        case tree.Scenario():
            yield [(tree.path_text(assign.path), assign.path.span) for assign in node.body]


def _formals(formals: Iterable[tree.Formal]) -> list[tuple[str, tree.Offsets]]:
    return [(formal.name, (formal.span[0], formal.span[0] + len(formal.name))) for formal in formals]


def _cells(body: Iterable[tree.Node]) -> list[tuple[str, tree.Offsets]]:
    return [(cell.name, cell.name_span) for cell in body if isinstance(cell, tree.Cell)]


def _check(shop: Workshop, names: Defined, scope: Scope) -> None:
    first: dict[str, tree.Offsets] = {}
    for name, at in names:
        if name in first:
            notes = (Note("defined here first", scope.span(first[name])),)
            hint = "give one of them another name"
            shop.report(Fault("duplicate-name", f"`{name}` is defined twice", scope.span(at), hint, notes))
        first.setdefault(name, at)
