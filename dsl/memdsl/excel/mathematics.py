"""Formulas of the sheet as mathematics: one line of text, names as the spec writes them."""

from __future__ import annotations

from ..diagnostics import Span
from ..sheet.formula import Apply, At, CellRef, Field, Formula, Found, Literal, Reduce
from ..sheet.operations import OPERATIONS
from ..sheet.sheet import Sheet
from ..symbolic.shapes import (
    Call,
    Name,
    Over,
    Relation,
    Shape,
    When,
    Words,
    applied,
)
from ..symbolic.writers import TextWriter

_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "sum": "Σ", "and": "and", "or": "or"}


class _Writer(TextWriter):
    """As closed forms are written, with the signs that mathematics has for floors, roots and sums."""

    def _at(self, shape: Shape, hold: int) -> str:
        match shape:
            case Call(name, args) if name in OPERATIONS and OPERATIONS[name].line:
                return OPERATIONS[name].line.replace("…", ", ".join(self.write(arg) for arg in args))
            case Relation(op, left, right):
                return super()._at(Relation(_SIGNS.get(op, op), left, right), hold)
            case Over(op, variable, rows, body, where):
                return super()._at(Over(_SIGNS.get(op, op), variable, rows, body, where), hold)
            case When(value, condition, otherwise):
                chosen, rest = [f"{self.write(value)} if {self.write(condition)}"], otherwise
                while isinstance(rest, When):
                    chosen.append(f"{self.write(rest.value)} if {self.write(rest.condition)}")
                    rest = rest.otherwise
                return "{ " + "; ".join([*chosen, f"{self.write(rest)} otherwise"]) + " }"
        return super()._at(shape, hold)


def mathematics(sheet: Sheet, formula: Formula) -> str:
    """A formula as mathematics, on one line."""
    return _Writer().write(_shape(sheet, formula))


def _shape(sheet: Sheet, formula: Formula) -> Shape:
    called = sheet.calls.get(id(formula))
    if called is not None:
        return Name(_text(called.call))
    match formula:
        case Literal():
            return Words(formula.value) if isinstance(formula.value, str) else Name(formula.text)
        case CellRef():
            return Name(_named(formula, formula.cell))
        case Field():
            return Name(_named(formula, _field(sheet, formula)))
        case Apply():
            return applied(formula.op, tuple(_shape(sheet, arg) for arg in formula.args))
        case Reduce():
            return _over(sheet, formula)
        case Found():
            return Name(_text(formula.span))
    raise AssertionError(formula)


def _over(sheet: Sheet, formula: Reduce) -> Shape:
    """An aggregate: its row is named where the author named it; elsewhere the names in it say which rows are meant."""
    where = _shape(sheet, formula.where) if formula.where is not None else None
    body = _shape(sheet, formula.body) if formula.body is not None else None
    rows = Name(getattr(formula.rows, "text", "") or getattr(formula.rows, "relation", "rows"))
    variable, named, _ = formula.var.name.partition("@")
    if named:
        return Over(formula.op, variable, rows, body, where)
    return Over(formula.op, "", None, body or rows, where)


def _field(sheet: Sheet, formula: Field) -> str:
    if isinstance(formula.row, At):
        table = sheet.tables[formula.table]
        return f"{sheet.tables[table.parent or formula.table].rows[formula.row.index].name}.{formula.column}"
    return formula.column


def _named(formula: Formula, otherwise: str) -> str:
    """What the author calls it; what a template made, and no one wrote, is called by its path."""
    written = _text(formula.span)
    last = otherwise.rpartition(".")[2]
    return written if written.rpartition(".")[2] == last else otherwise


def _text(span: Span) -> str:
    return " ".join(span.source.text[span.start : span.end].split())
