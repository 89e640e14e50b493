"""Where the energy of a model goes: its cell `energy`, taken apart by the part of the hardware that spends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..evaluate import Values
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
from ..units import ENERGY, readable
from .book import Book, formula_text
from .charts import ChartSheet, Numbers
from .structure import mentions

ROW = "a row of the energy"
MAXIMUM_TITLE = 40


@dataclass(frozen=True)
class Share:
    """What one part spends: `formulas` are over cells, and their sum is meant."""

    title: str
    formulas: tuple[Formula, ...]

    def value(self, values: Values) -> float:
        return sum(float(values.formula(formula)) for formula in self.formulas)


def energy_shares(book: Book, model: Instance) -> list[Share]:
    """The parts that the energy of a model is the sum of; none where it is not a sum over its hardware."""
    cell = book.sheet.cells.get(f"{model.name}.energy")
    if cell is None or book.kind(cell) != Quantity(ENERGY):
        return []
    merged: dict[str, list[Formula]] = {}
    for title, formula in _terms(book, cell.formula):
        merged.setdefault(title, []).append(formula)
    return [Share(title, tuple(formulas)) for title, formulas in merged.items()] if len(merged) > 1 else []


def _terms(book: Book, formula: Formula) -> list[tuple[str, Formula]]:
    """The terms of a sum, each with the part that it speaks of."""
    sheet = book.sheet
    if isinstance(formula, Apply) and formula.op == "+":
        return [term for part in formula.args for term in _terms(book, part)]
    if isinstance(formula, Reduce) and formula.op == "sum" and not formula.where and not formula.weight:
        rows, body = formula.rows, formula.body
        if isinstance(rows, Rows) and isinstance(body, Field) and body.row == formula.var:
            table = sheet.tables[rows.table]
            above = sheet.tables[table.parent] if table.parent is not None else table
            if above.role == "components":
                return [(table.rows[i].name, replace(body, row=At(i))) for i in rows.indices]
            return _of_rows(book, formula, rows, sheet.tables[body.table].columns[body.column])
    return [(_title(sheet, formula), formula)]


def _of_rows(book: Book, formula: Reduce, rows: Rows, column: Column) -> list[tuple[str, Formula]]:
    """The terms of a sum over rows: of the formula that the rows share, rows without energy left out."""
    kept = [i for i in rows.indices if not _is_nothing(column.formulas[i])]
    count = Counter(id(column.formulas[i]) for i in kept)
    if len(count) != 1:
        return [(_title(book.sheet, formula), formula)]
    main = column.formulas[kept[0]]
    assert main is not None
    if mentions(main, (Slot, Pick)):
        return [(_title(book.sheet, formula), formula)]
    found: list[tuple[str, Formula]] = []
    for title, term in _terms(book, main):
        body = _over(term, ROW)
        total = Reduce(term.span, "sum", Rows(rows.table, tuple(kept), rows.text), Var(ROW), body, None)
        found.append((title, total))
    return found


def _is_nothing(formula: Formula | None) -> bool:
    return formula is None or (isinstance(formula, Literal) and formula.value == 0)


def _title(sheet: Sheet, term: Formula) -> str:
    """The row of the hardware whose energy a term reads, else the term as the spec writes it."""
    names = {
        sheet.tables[part.table].rows[part.row.index].name
        for part in walk(term)
        if isinstance(part, Field)
        and isinstance(part.row, At)
        and sheet.tables[part.table].role == "components"
        and part.column == "energy"
    }
    if len(names) == 1:
        return names.pop()
    if isinstance(term, CellRef):
        return sheet.cells[term.cell].label or term.cell
    return formula_text(term)[:MAXIMUM_TITLE]


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


Split = list[tuple[Instance, list[Share]]]
"""Models whose energy has the same parts."""


def energy_splits(book: Book, models: Sequence[Instance]) -> list[Split]:
    found: dict[tuple[str, ...], Split] = {}
    for model in models:
        shares = energy_shares(book, model)
        if shares and any(share.value(book.declared) for share in shares):
            found.setdefault(tuple(share.title for share in shares), []).append((model, shares))
    return list(found.values())


def draw_energy(book: Book, charts: ChartSheet, splits: Sequence[Split]) -> None:
    """A bar a model, the parts of its energy stacked; a bar a part where there is one model only."""
    for split in splits:
        models, parts = [_sheet_of(book, model) for model, _ in split], [share.title for share in split[0][1]]
        table = [shares for _, shares in split]
        largest = max(share.value(book.declared) for shares in table for share in shares)
        unit = readable(largest / 20, ENERGY)
        if len(split) == 1:
            series = [("energy", _texts(book, charts, table[0]), _numbers(table[0], float(unit.scale)))]
            charts.bars_of(f"{models[0]}: energy by the part that spends it", "part", parts, series, unit, False)
            continue
        by_part = [[shares[i] for shares in table] for i in range(len(parts))]
        listed = [
            (part, _texts(book, charts, shares), _numbers(shares, float(unit.scale)))
            for part, shares in zip(parts, by_part, strict=True)
        ]
        charts.bars_of("Energy by the part that spends it", "model", models, listed, unit, True)


def _sheet_of(book: Book, model: Instance) -> str:
    """What a model is called on the tab of its sheet."""
    return book.places.tables[model.table].page if model.table is not None else model.name


def _texts(book: Book, charts: ChartSheet, shares: Sequence[Share]) -> list[str]:
    page = charts.data.title
    return ["+".join(book.translator.cell(f, page) for f in share.formulas) for share in shares]


def _numbers(shares: Sequence[Share], scale: float) -> Numbers:
    return lambda values: [share.value(values) / scale for share in shares]
