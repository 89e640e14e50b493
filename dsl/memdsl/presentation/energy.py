"""Where the energy of a model goes: its cell `energy`, taken apart by the part of the hardware that spends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..records import record
from ..sheet.formula import (
    Apply,
    At,
    CellRef,
    Field,
    Formula,
    Here,
    Literal,
    Pick,
    Reduce,
    Related,
    RowRef,
    Rows,
    Slot,
    Var,
    walk,
)
from ..sheet.sheet import Column, Instance, Quantity, Sheet
from ..units import ENERGY
from .point import Point
from .words import cut, quoted

_ROW = "a row of a sum"
_TITLE = 40

Named = Callable[[Sheet, Formula], str]
"""What a term of a sum is called."""


@record
class Share:
    """What one part spends, as a formula over cells."""

    title: str
    formula: Formula


@record
class Split:
    """Models whose energy has the same parts: for each model, the formulas of the parts in their order."""

    models: tuple[Instance, ...]
    parts: tuple[str, ...]
    formulas: tuple[tuple[Formula, ...], ...]


def energy_splits(point: Point, models: Sequence[Instance]) -> list[Split]:
    found: dict[tuple[str, ...], list[tuple[Instance, list[Share]]]] = {}
    for model in models:
        shares = energy_shares(point, model)
        if shares:
            found.setdefault(tuple(share.title for share in shares), []).append((model, shares))
    return [
        Split(tuple(m for m, _ in group), parts, tuple(tuple(s.formula for s in shares) for _, shares in group))
        for parts, group in found.items()
    ]


def energy_shares(point: Point, model: Instance) -> list[Share]:
    """The parts that the energy of a model is the sum of; none where it is not a sum over its hardware."""
    cell = point.sheet.cells.get(f"{model.name}.energy")
    if cell is None or point.typed.cell_types[cell.id] != Quantity(ENERGY):
        return []
    shares = shares_of(point.sheet, cell.formula, _spender)
    return shares if len(shares) > 1 and any(point.value(s.formula) for s in shares) else []


def shares_of(sheet: Sheet, formula: Formula, named: Named) -> list[Share]:
    """The terms that a formula adds up, those of one name as one."""
    merged: dict[str, list[Formula]] = {}
    for title, term in _terms(sheet, formula, named):
        merged.setdefault(title, []).append(term)
    return [Share(title, summed(_joined(formulas))) for title, formulas in merged.items()]


def _joined(formulas: Sequence[Formula]) -> list[Formula]:
    """Sums of one column over several groups of rows as one."""
    found: list[Formula] = []
    for formula in formulas:
        last = found[-1] if found else None
        if (
            isinstance(formula, Reduce)
            and isinstance(last, Reduce)
            and isinstance(formula.body, Field)
            and isinstance(last.body, Field)
            and isinstance(formula.rows, Rows)
            and isinstance(last.rows, Rows)
            and (formula.body.table, formula.body.column, formula.rows.table)
            == (last.body.table, last.body.column, last.rows.table)
            and formula.where is None
            and last.where is None
        ):
            indices = tuple(sorted({*last.rows.indices, *formula.rows.indices}))
            found[-1] = replace(last, rows=replace(last.rows, indices=indices))
        else:
            found.append(formula)
    return found


def summed(formulas: Sequence[Formula]) -> Formula:
    """The sum of some formulas."""
    found = formulas[0]
    for formula in formulas[1:]:
        found = Apply(found.span, "+", (found, formula))
    return found


def _terms(sheet: Sheet, formula: Formula, named: Named) -> list[tuple[str, Formula]]:
    """The terms of a sum, each with what it is called; a sum over rows is taken apart by the terms of its rows."""
    if isinstance(formula, Apply) and formula.op == "+":
        return [term for part in formula.args for term in _terms(sheet, part, named)]
    if isinstance(formula, Reduce) and formula.op == "sum" and not formula.where:
        rows, body = formula.rows, formula.body
        if isinstance(rows, Rows) and isinstance(body, Field) and body.row == formula.var:
            table = sheet.tables[rows.table]
            above = sheet.tables[table.parent] if table.parent is not None else table
            if above.role == "components":
                return [(table.rows[i].name, replace(body, row=At(i))) for i in rows.indices]
            return _of_rows(sheet, formula, rows, sheet.tables[body.table].columns[body.column], named)
    return [(named(sheet, formula), formula)]


def _of_rows(sheet: Sheet, formula: Reduce, rows: Rows, column: Column, named: Named) -> list[tuple[str, Formula]]:
    """The terms of a sum over rows, for each formula that rows share; rows that are 0 are left out."""
    kept = [i for i in rows.indices if not _is_nothing(column.formulas[i])]
    found: list[tuple[str, Formula]] = []
    for main, served in column.groups:
        inside = tuple(i for i in served if i in set(kept))
        if not inside:
            continue
        part = Rows(rows.table, inside, rows.text)
        if any(isinstance(p, Field) and isinstance(p.row, (Slot, Pick)) for p in walk(main)):
            found.append((named(sheet, formula), replace(formula, rows=part)))
            continue
        weight = replace(formula.weight, row=Var(_ROW)) if isinstance(formula.weight, Field) else None
        for title, term in _terms(sheet, main, named):
            found.append((title, Reduce(term.span, "sum", part, Var(_ROW), _over(term, _ROW), None, weight)))
    return found


def _is_nothing(formula: Formula | None) -> bool:
    return formula is None or (isinstance(formula, Literal) and formula.value == 0)


def _spender(sheet: Sheet, term: Formula) -> str:
    """The row of the hardware whose energy a term reads, else the term as the spec writes it."""
    names = _spenders(sheet, term)
    if len(names) == 1:
        return names.pop()
    if isinstance(term, CellRef):
        return cut(sheet.cells[term.cell].label or term.cell, _TITLE)
    return quoted(term.span, _TITLE)


def _spenders(sheet: Sheet, term: Formula) -> set[str]:
    """The parts of the hardware whose energy a term reads, through the cells that it reads."""
    found: set[str] = set()
    todo, seen = [term], set[str]()
    while todo:
        for part in walk(todo.pop()):
            if isinstance(part, CellRef) and part.cell not in seen:
                seen.add(part.cell)
                todo.append(sheet.cells[part.cell].formula)
            if not isinstance(part, Field) or part.column != "energy" or sheet.tables[part.table].role != "components":
                continue
            rows = sheet.tables[part.table].rows
            if isinstance(part.row, At):
                found.add(rows[part.row.index].name)
            elif isinstance(part.row, Pick):
                found |= {row.name for row in rows}
    return found if len(found) < 2 else {", ".join(sorted(found))}


def _over(formula: Formula, variable: str) -> Formula:
    """The formula of a row as one over a row variable."""
    match formula:
        case Field():
            return replace(formula, row=_row(formula.row, variable))
        case Apply():
            return replace(formula, args=tuple(_over(arg, variable) for arg in formula.args))
        case Reduce():
            rows = formula.rows
            if isinstance(rows, Related):
                rows = replace(rows, of=_row(rows.of, variable))
            body, where, weight = (
                part and _over(part, variable) for part in (formula.body, formula.where, formula.weight)
            )
            return replace(formula, rows=rows, body=body, where=where, weight=weight)
    return formula


def _row(row: RowRef, variable: str) -> RowRef:
    return Var(variable) if isinstance(row, Here) else row
