"""Closed forms in short, found while nobody types."""

from __future__ import annotations

from ..evaluate import Model
from ..sheet.formula import CellRef
from ..sheet.sheet import Cell
from .snapshot import Snapshot

LONGEST = 160
_MOST_ROWS = 800  # of all tables: one form is found in a moment then


def find_forms(snapshot: Snapshot) -> None:
    """Fills `snapshot.forms`, the totals of the spec first, until it is cancelled."""
    model, sheet = snapshot.model, snapshot.model.sheet
    if not isinstance(model, Model) or sum(len(table.rows) for table in sheet.tables.values()) > _MOST_ROWS:
        return
    cells = [cell for cell in sheet.cells.values() if cell.role == "cell"]
    cells.sort(key=lambda cell: cell.span.source is not snapshot.source)
    for cell in cells:
        form = _form(model, cell)
        if form:
            snapshot.forms[cell.id] = form


def _form(model: Model, cell: Cell) -> str:
    """The closed form of a cell in the parameters that it rests on; empty when it is long, or has none."""
    from ..symbolic import SymbolicError, closed_form, depends_on

    try:
        formula = CellRef(cell.span, cell.id)
        names = [name for name in depends_on(model.typed, formula) if model.sheet.inputs[name].role == "param"]
        if not names:
            return ""
        text = closed_form(model.typed, model.machine, model.declared, formula, names, cell.id).text()
    except (SymbolicError, ArithmeticError, RecursionError):
        return ""
    return text if "\n" not in text and len(text) <= LONGEST else ""
