"""Formulas as the spec writes them; those that no one wrote (a copied axis, a product of axes) are written out."""

from __future__ import annotations

import re

from ..presentation.words import FORMULA, NAME, cut, quoted
from ..sheet.formula import Apply, At, CellRef, Field, Formula, Found, Here, Literal, Reduce, Slot

_WORDS = {"neg": "-", "if": "if", "and": "and", "or": "or", "not": "not"}


def text(formula: Formula, longest: int = FORMULA) -> str:
    """What the spec says, when it says this formula at its place."""
    if isinstance(formula, Literal):
        return cut(formula.text, NAME)
    said = quoted(formula.span, longest)
    return said if said and _says(said, formula) else cut(_written_out(formula), longest)


def _says(said: str, formula: Formula) -> bool:
    """Whether a text can be the formula: the formula of a made cell points at the statement that made it."""
    match formula:
        case CellRef():
            return said.rpartition(".")[2] in (formula.cell, formula.cell.rpartition(".")[2])
        case Field():
            return re.search(rf"\b{re.escape(formula.column)}$", said) is not None and "," not in said
        case Apply():
            return _WORDS.get(formula.op, formula.op) in said or _called(said)
        case Reduce():
            return formula.op in said or _called(said)
        case Found():
            return said.startswith("choose")
    return True


def _called(said: str) -> bool:
    """A call of a function of the spec, which stands for the formula inside it."""
    return re.match(r"[A-Za-z_]\w*\(", said) is not None and "[" not in said


def _written_out(formula: Formula) -> str:
    match formula:
        case Literal():
            return formula.text
        case CellRef():
            return formula.cell
        case Field():
            return _row(formula) + formula.column
        case Apply():
            inside = [_inner(part) for part in formula.args]
            if len(inside) == 2 and formula.op not in ("min", "max"):
                return f" {formula.op} ".join(inside)
            if formula.op == "if":
                return f"if {inside[0]} then {inside[1]} else {inside[2]}"
            return f"{formula.op}({', '.join(_written_out(part) for part in formula.args)})"
        case Found():
            return "choose(…)"
        case Reduce():
            return f"{formula.op}({_written_out(formula.body) if formula.body is not None else ''})"
    return ""


def _inner(part: Formula) -> str:
    whole = _written_out(part)
    return f"({whole})" if isinstance(part, Apply) and part.op in ("+", "-", "if") else whole


def _row(field: Field) -> str:
    match field.row:
        case Here():
            return ""
        case Slot():
            return "input." if field.row.number == 0 else f"input {field.row.number + 1}."
        case At():
            return f"{field.table}[{field.row.index}]."
    return f"{field.table}."
