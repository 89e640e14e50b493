"""The glossary: every column and total of a model, its unit, what it is, and its formula as the spec writes it."""

from __future__ import annotations

import re

from ..presentation.words import FORMULA, LABEL, NAME, cut, listed
from ..sheet.sheet import Cell, Column, Instance, Quantity, Text, Truth, Type
from ..units import Dimension, Unit, readable
from .document import Grid, Heading, Line, said
from .formulas import text
from .numbers import sign, size
from .subject import Subject

_MOST_LINES, _MOST_FORMULAS = 240, 5
_WORD = re.compile(r"[A-Za-z_]\w*")


def glossary(subject: Subject, shown: frozenset[str]) -> Grid | None:
    """`shown` are the words that the rest of the report uses: columns among them, and what their formulas name."""
    words = _Words(shown)
    for model in subject.spokesmen:
        for cell in subject.totals.get(model.name, []):
            words.add(text(cell.formula))
    groups: list[tuple[str, list[Line]]] = []
    for network in (t for t in subject.sheet.tables.values() if t.role == "network"):
        found = [_column(subject, c) for c in network.columns.values() if c.role in ("axis", "column")]
        groups.append((f"Rows of a network, such as {cut(network.id, NAME)}", found))
        break  # the kinds of a second network come from the same library
    told: set[tuple[str, str]] = set()
    for model in subject.spokesmen:
        groups += _model(subject, model, told)
    for table in subject.sheet.tables.values():
        if table.role in ("literal", "crossed"):
            found = [_column(subject, c) for c in table.columns.values() if c.role == "column"]
            groups.append((f"Table {cut(table.id, NAME)}", found))
    every = [line for _, group in groups for line in group]
    named = [line for line in every if said(line.cells[0]) in words.known]
    for line in named:
        words.add(said(line.cells[3]))
    lines: list[Line] = []
    for title, group in groups:
        kept = [line for line in group if said(line.cells[0]) in words.known]
        if kept:
            lines += [Line((title,), group=True), *kept]
    left = len(every) - sum(not line.group for line in lines)
    if not lines:
        return None
    headings = (
        Heading("Column", "", "code", 15), Heading("Unit", "", "word", 8), Heading("What it is", width=29),
        Heading("Formula", "", "code", 48),
    )  # fmt: skip
    note = f"{left} others that nothing here shows are in the workbook." if left else ""
    if len(lines) > _MOST_LINES:
        note = f"The first {_MOST_LINES} of {len(lines)} lines; the workbook has them all."
    return Grid(
        "Columns and totals, with their formulas as the spec writes them", headings, tuple(lines[:_MOST_LINES]), note
    )


class _Words:
    """Words of texts."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = set(known)

    def add(self, text: str) -> None:
        self.known.update(_WORD.findall(text))


def _model(subject: Subject, model: Instance, told: set[tuple[str, str]]) -> list[tuple[str, list[Line]]]:
    """The columns and totals of a model that no model before it wrote in the same way."""
    columns, totals = [], []
    for name in model.tables:
        for column in subject.sheet.tables[name].columns.values():
            line = _column(subject, column)
            if _new(told, column.name, said(line.cells[3])):
                columns.append(line)
    for cell in subject.totals.get(model.name, []):
        if _new(told, subject.short(cell), text(cell.formula)):
            totals.append(_total(subject, cell))
    name = f"{cut(model.name, NAME)}, by {cut(model.template, NAME)}"
    return [(f"Columns of {name}", columns), (f"Totals of {name}", totals)]


def _new(told: set[tuple[str, str]], name: str, text: str) -> bool:
    key = (name, text)
    if key in told:
        return False
    told.add(key)
    return True


def _column(subject: Subject, column: Column) -> Line:
    kind = subject.typed.column_types[column.table, column.name]
    values = subject.values.column(column.table, column.name)
    unit = _unit(kind, column.shown, max((size(v) for v in values), default=0.0))
    return Line((cut(column.name, NAME), unit, cut(column.label, LABEL), _formulas(subject, column)))


def _total(subject: Subject, cell: Cell) -> Line:
    unit = _unit(subject.typed.cell_types[cell.id], cell.shown, size(subject.values.cell(cell.id)))
    return Line((cut(subject.short(cell), NAME), unit, cut(cell.label, LABEL), text(cell.formula)))


def _unit(kind: Type, shown: Unit | None, largest: float) -> str:
    """The unit that the report shows, or what a value without one is."""
    if not isinstance(kind, Quantity):
        return "text" if isinstance(kind, Text) else "yes/no" if isinstance(kind, Truth) else "row"
    dimension: Dimension | None = kind.dimension
    if shown is not None:
        return sign(shown.text)
    if dimension is None:
        return ""
    return sign(readable(largest, dimension).text)


def _formulas(subject: Subject, column: Column) -> str:
    """The formula of most rows, then each other with the kinds of rows that have it."""
    rows = subject.sheet.tables[column.table].rows
    found: dict[str, dict[str, int]] = {}
    said: dict[int, str] = {}
    for formula, row in zip(column.formulas, rows, strict=True):
        if formula is not None:
            if id(formula) not in said:
                said[id(formula)] = text(formula)
            kinds = found.setdefault(said[id(formula)], {})
            kinds[row.kind] = kinds.get(row.kind, 0) + (row.role != "input")
    if not found:
        return ""
    most = max(found, key=lambda written: sum(found[written].values()))
    others = [f"{listed(sorted(k for k in kinds if k))}: {t}" for t, kinds in found.items() if t != most]
    if len(others) > _MOST_FORMULAS:
        others = [*others[: _MOST_FORMULAS - 1], f"and {len(others) - _MOST_FORMULAS + 1} others"]
    return cut("; ".join([most, *others]), FORMULA)
