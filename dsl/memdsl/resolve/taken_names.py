"""Names that a row has already: whoever declares one of them would read something else than was meant."""

from __future__ import annotations

from collections.abc import Iterator

from ..syntax import tree
from .faults import Fault
from .kinds import SIZES, STRUCTURE
from .row_relations import RELATIONS
from .workshop import Scope, Workshop

_ROW = {
    **dict.fromkeys((*STRUCTURE, *SIZES, "copies"), "every row of a network has a column `{}`"),
    **dict.fromkeys(RELATIONS, "`{}` are rows that each row of a network knows"),
    "base": "`base.x` is the formula that an `override` replaces",
    "self": "`self` is the instance itself",
}
_PARTS = dict.fromkeys(("layers", "sources", "rows"), "`{}` are the rows of a network or a model")
_COMPONENT = {"name": "every component has a column `{}`"}


def check_taken(shop: Workshop, node: tree.Declaration, scope: Scope) -> None:
    """Reports each name that a declaration gives to something of its own, and that stands for something else there."""
    for name, at, taken in _declared(shop, node, scope):
        if name in taken:
            message = f"the name `{name}` is taken: {taken[name].format(name)}"
            shop.report(Fault("name-taken", message, scope.span(at), f"choose another name, such as `{name}_`"))


def _declared(
    shop: Workshop, node: tree.Declaration, scope: Scope
) -> Iterator[tuple[str, tree.Offsets, dict[str, str]]]:
    """Each name with its place and with the names that are taken there."""
    formals: tuple[tree.Formal, ...] = getattr(node, "formals", None) or ()
    match node:
        case tree.LayerKind():
            yield from ((*named, _ROW) for named in (*_formals(formals), *_cells(node.body)))
        case tree.Network():
            yield from ((*named, _ROW) for named in _axes(formals))
            yield from ((*named, _PARTS) for named in _cells(node.body))
        case tree.Model():
            seen = [cell.name for cell, place in shop.defaults if shop.sees(scope.source, place.source)]
            columns = dict.fromkeys(seen, "every layer has a column `{}`")
            yield from ((*named, _ROW | _PARTS | columns) for named in _formals(formals))
            yield from ((*named, _PARTS) for named in _cells(node.body))
            for each in node.body:
                if isinstance(each, tree.Each):
                    taken = _COMPONENT if each.target in shop.component_words else _ROW | columns
                    yield from ((*named, taken) for named in _cells(each.body))
        case tree.ComponentTable():
            yield from ((*named, _COMPONENT) for named in _cells(node.body))
        case tree.Hardware():
            tables = dict.fromkeys(shop.component_tables, "`{}` are the components of a sort")
            yield from ((*named, tables) for named in _cells(node.body))
            for part in node.body:
                if isinstance(part, tree.Component):
                    yield part.name, part.name_span, tables
                    yield from ((*named, _COMPONENT) for named in _cells(part.body))


def _formals(formals: tuple[tree.Formal, ...]) -> Iterator[tuple[str, tree.Offsets]]:
    for formal in formals:
        yield formal.name, (formal.span[0], formal.span[0] + len(formal.name))
    yield from _axes(formals)


def _axes(formals: tuple[tree.Formal, ...]) -> Iterator[tuple[str, tree.Offsets]]:
    for formal in formals:
        for axis in formal.axes or ():
            yield axis, formal.span


def _cells(body: tuple[tree.Node, ...]) -> Iterator[tuple[str, tree.Offsets]]:
    for cell in body:
        if isinstance(cell, tree.Cell):
            yield cell.name, cell.name_span
