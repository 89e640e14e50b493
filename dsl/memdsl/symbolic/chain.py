"""The chain of formulas from a cell down to the inputs, as the spec writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Span
from ..evaluate import Values
from ..sheet.formula import At, CellRef, Field, Formula, walk
from ..sheet.keys import Entry
from ..sheet.sheet import Column, Type, TypedSheet

Value = float | bool | str | None


@dataclass(frozen=True, eq=False)
class Link:
    """A cell, an entry or a column on the way down. A column has no one value; `depth` is 0 for what was asked."""

    name: str
    formula: str
    value: Value
    type: Type
    span: Span
    depth: int
    source: str


_Target = str | Entry | tuple[str, str]
"""A cell, one row of a column, or a whole column."""


def chain(typed: TypedSheet, values: Values, formula: Formula) -> tuple[Link, ...]:
    """What a formula rests on, each once, a formula before those that it uses."""
    found: list[Link] = []
    seen: set[_Target] = set()
    if not isinstance(formula, CellRef):
        asked = formula.span.source.text[formula.span.start : formula.span.end]
        try:
            value: Value = values.formula(formula)
        except (ArithmeticError, TypeError):
            value = None
        found.append(Link(asked, asked, value, typed.type_of(formula), formula.span, 0, ""))
    work = [(target, 0 if isinstance(formula, CellRef) else 1) for target in reversed(list(_targets(typed, formula)))]
    while work:
        target, depth = work.pop()
        if target in seen:
            continue
        seen.add(target)
        below: list[_Target] = []
        for link, used in _links(typed, values, target, depth):
            found.append(link)
            below.extend(used)
        work.extend((used, depth + 1) for used in reversed(list(dict.fromkeys(below))) if used not in seen)
    return tuple(found)


def _targets(typed: TypedSheet, formula: Formula) -> Iterator[_Target]:
    """What a formula names, a fixed row apart from the column that it belongs to."""
    for part in walk(formula):
        if isinstance(part, CellRef):
            yield part.cell
        elif isinstance(part, Field):
            if typed.sheet.tables[part.table].columns[part.column].role == "structure":
                continue
            if isinstance(part.row, At):
                yield Entry(part.table, part.column, part.row.index)
            else:
                yield (part.table, part.column)


def _links(
    typed: TypedSheet, values: Values, target: _Target, depth: int
) -> Iterator[tuple[Link, list[_Target]]]:
    sheet = typed.sheet
    if isinstance(target, str):
        cell = sheet.cells[target]
        link = Link(
            cell.id, _text(cell.formula.span), values.cell(target), typed.cell_types[target], cell.span, depth, cell.source
        )
        yield link, list(_targets(typed, cell.formula))
        return
    if isinstance(target, Entry):
        column = sheet.tables[target.table].columns[target.column]
        formula = column.formulas[target.row]
        if formula is not None:
            name = f"{_table_name(typed, target.table, target.row)}.{target.column}"
            value = values.column(target.table, target.column)[target.row]
            kind = typed.column_types[target.table, target.column]
            source = column.sources[target.row] if column.sources else ""
            yield Link(name, _text(formula.span), value, kind, formula.span, depth, source), list(_targets(typed, formula))
        return
    column = sheet.tables[target[0]].columns[target[1]]
    kind = typed.column_types[target]
    for formula, kinds in _distinct(typed, column):
        name = f"{_rows_name(typed, target[0])}.{target[1]}" + (f" ({kinds})" if kinds else "")
        yield Link(name, _text(formula.span), None, kind, formula.span, depth, ""), list(_targets(typed, formula))


def _distinct(typed: TypedSheet, column: Column) -> list[tuple[Formula, str]]:
    """The formulas of a column, each with the kinds of row that it serves when there are several formulas."""
    kinds: dict[int, dict[str, None]] = {}
    formulas: dict[int, Formula] = {}
    table = typed.sheet.tables[column.table]
    rows = typed.sheet.tables[table.parent].rows if table.parent is not None else table.rows
    texts: dict[str, int] = {}
    for row, formula in zip(rows, column.formulas, strict=True):
        if formula is not None:
            key = texts.setdefault(_text(formula.span), id(formula))
            formulas.setdefault(key, formula)
            kinds.setdefault(key, {})[row.kind] = None
    if len(formulas) == 1:
        return [(formula, "") for formula in formulas.values()]
    return [(formula, ", ".join(kinds[key])) for key, formula in formulas.items()]


def _table_name(typed: TypedSheet, table: str, row: int) -> str:
    found = typed.sheet.tables[table]
    if found.role == "components":
        return f"{found.owner}.{found.rows[row].name}"
    return f'{_rows_name(typed, table)}["{found.rows[row].name}"]'


def _rows_name(typed: TypedSheet, table: str) -> str:
    return f"{table}.layers" if typed.sheet.tables[table].role == "model" else table


def _text(span: Span) -> str:
    return " ".join(span.source.text[span.start : span.end].split())
