"""What rests on a search: no closed form tells it, and it is not worth looking for one."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from ..resolve.graph import Node, uses_of
from ..sheet.formula import Formula, Found, walk
from ..sheet.sheet import Circuit, ColumnNode, Sheet

WHY = "it rests on what a search finds, which no formula says"
_KNOWN: WeakKeyDictionary[Sheet, frozenset[Node]] = WeakKeyDictionary()


def rests_on_found(sheet: Sheet, formula: Formula) -> bool:
    """Whether a formula rests on a value that is found, however far."""
    known = _KNOWN.get(sheet)
    if known is None:
        known = _KNOWN[sheet] = _searched(sheet)
    if any(isinstance(part, Found) for part in walk(formula)):
        return True
    return bool(known) and not known.isdisjoint(uses_of((formula,)))


def _searched(sheet: Sheet) -> frozenset[Node]:
    """The cells and columns that rest on a search, in the order of evaluation."""
    found: set[Node] = set()
    for step in sheet.order:
        nodes: set[Node] = set(step.nodes) if isinstance(step, Circuit) else {step}
        for node in nodes:
            column = sheet.tables[node.table].columns[node.column] if isinstance(node, ColumnNode) else None
            formulas = [f for f, _ in column.groups] if column is not None else [sheet.cells[str(node)].formula]
            searches = any(isinstance(part, Found) for formula in formulas for part in walk(formula))
            if searches or not found.isdisjoint(uses_of(formulas)):
                found |= nodes
                break
    return frozenset(found)
