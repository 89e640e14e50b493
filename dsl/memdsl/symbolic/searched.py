"""What rests on a search: no closed form tells it, and it is not worth looking for one."""

from __future__ import annotations

from collections.abc import Set
from weakref import WeakKeyDictionary

from ..sheet.formula import Formula, Found, walk
from ..sheet.sheet import ColumnNode, Node, Sheet
from ..sheet.uses import reached, readers_of, uses_of

WHY = "it rests on what a search finds, which no formula says"
_KNOWN: WeakKeyDictionary[Sheet, Set[Node]] = WeakKeyDictionary()


def rests_on_found(sheet: Sheet, formula: Formula) -> bool:
    """Whether a formula rests on a value that is found, however far."""
    known = _KNOWN.get(sheet)
    if known is None:
        known = _KNOWN[sheet] = _searched(sheet)
    return _searches(formula) or (bool(known) and not known.isdisjoint(uses_of((formula,))))


def _searched(sheet: Sheet) -> Set[Node]:
    """The cells and columns that rest on a search."""
    found: list[Node] = [cell.id for cell in sheet.cells.values() if _searches(cell.formula)]
    for table in sheet.tables.values():
        for column in table.columns.values():
            if any(_searches(formula) for formula, _ in column.groups):
                found.append(ColumnNode(table.id, column.name))
    return reached(found, readers_of(sheet.uses)).keys() if found else frozenset()


def _searches(formula: Formula) -> bool:
    return any(isinstance(part, Found) for part in walk(formula))
