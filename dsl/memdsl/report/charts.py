"""Every chart of a report: what is asked for becomes series of numbers, and a drawing of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..evaluate.show import shown_unit
from ..sheet.formula import Apply, Field, Formula, Here
from ..sheet.report import ChartItem, TableItem
from ..sheet.sheet import Column, Quantity, Table
from ..units import NONE, Dimension, Unit
from .bars import Bars, Measure, histogram, profile, ranked
from .document import Figure
from .numbers import axis_unit, shown, sign, size
from .roofline import roofline
from .staircase import staircase
from .subject import Subject, main_formula, row_indices
from .words import LABEL, cut, listed

FEW = 24
"""Up to so many bars lie, each with its name beside it; more stand without."""
_BARS = 200


def chart(subject: Subject, item: ChartItem) -> Figure | None:
    """The chart that an item asks for, or None where there is nothing to draw."""
    match item.kind:
        case "stack" | "bar":
            return _columns(subject, item)
        case "histogram":
            return _histogram(subject, item)
        case "staircase":
            return staircase(subject, item)
        case "compare":
            return _compare(subject, item)
        case "roofline":
            return roofline(subject, item.model) if item.model is not None else None
    return None


# ---- columns --------------------------------------------------------------------------------------------------------


def _columns(subject: Subject, item: ChartItem) -> Figure | None:
    if not item.columns:
        return None
    stacked = item.kind == "stack"
    parts = _parts(subject, item.columns[0]) if stacked and len(item.columns) == 1 else None
    bars = parts or _plain(subject, item.columns)
    dimension = subject.dimension(item.columns[0].columns[0].formula)
    if bars is None or any(subject.dimension(c.columns[0].formula) != dimension for c in item.columns):
        return None
    title = _titles([cut(c.title, 60) for c in item.columns])
    unit = item.columns[0].columns[0].unit or shown_unit(subject.typed, item.columns[0].columns[0].formula)
    what, by = title, ""
    if item.by not in ("", "layer", "row", "name"):
        grouped = _grouped(subject, item.columns[0], bars, item.by)
        bars, by = (grouped, f" by {item.by}") if grouped is not None else (bars, "")
    bars, note = _thinned(bars)
    measure = _measure(bars, dimension, unit, stacked)
    caption = f"{what}{by or ', layer by layer' * (not by)}{note}"
    total = sum(sum(values) for _, values in bars.series)
    top = max(range(len(bars.names)), key=lambda i: sum(v[i] for _, v in bars.series), default=0)
    largest = sum(values[top] for _, values in bars.series)
    if not bars.names:
        return None
    kind = subject.typed.type_of(item.columns[0].columns[0].formula)
    alt = (
        f"Bars of {what}{by}: {len(bars.names)} bars, {shown(subject.typed, total, kind, unit)} together; the largest "
        f"is {cut(bars.names[top], 60)} with {shown(subject.typed, largest, kind, unit)}."
    )
    draw = ranked if len(bars.names) <= FEW else profile
    return Figure(draw(bars, measure, stacked, alt), caption, alt)


def _titles(titles: list[str]) -> str:
    """`today.layers.spilled`; of several from one table the last words: `spilled and read_back of today.layers`."""
    heads = {title.rpartition(".")[0] for title in titles}
    if len(titles) == 1 or len(heads) > 1 or heads == {""}:
        return listed(titles)
    return f"{listed([title.rpartition('.')[2] for title in titles])} of {heads.pop()}"


def _rows(subject: Subject, item: TableItem) -> tuple[Table, tuple[int, ...]]:
    return subject.sheet.tables[item.rows.table], row_indices(item.rows)


def _series(subject: Subject, item: TableItem) -> list[float]:
    column = item.columns[0]
    return [size(v) for v in subject.over(column.formula, item.row_variable, row_indices(item.rows))]


def _plain(subject: Subject, columns: Sequence[TableItem]) -> Bars | None:
    table, rows = _rows(subject, columns[0])
    if any(row_indices(c.rows) != rows or c.rows.table != columns[0].rows.table for c in columns):
        return None
    names = tuple(table.rows[i].name for i in rows)
    titles = [_name(subject, c) for c in columns]
    if len(set(titles)) < len(titles):
        titles = [cut(c.title, 40) for c in columns]
    return Bars(names, tuple((title, tuple(_series(subject, c))) for title, c in zip(titles, columns, strict=True)))


def _name(subject: Subject, item: TableItem) -> str:
    """A column as a legend names it: by its label when that is short."""
    formula = item.columns[0].formula
    if isinstance(formula, Field):
        return _called(subject.sheet.tables[formula.table].columns[formula.column])
    return cut(item.columns[0].title, 40)


def _called(column: Column) -> str:
    return column.label if 0 < len(column.label) <= 32 else cut(column.name, 40)


def _parts(subject: Subject, item: TableItem) -> Bars | None:
    """A column that is a sum of columns, taken apart: weights, what is written, what is read back."""
    formula = item.columns[0].formula
    if not isinstance(formula, Field):
        return None
    column = subject.sheet.tables[formula.table].columns[formula.column]
    summed = main_formula(column)
    terms = _terms(summed) if summed is not None else None
    if terms is None or summed is None:
        return None
    table, rows = _rows(subject, item)
    whole = _series(subject, item)
    is_sum = [column.formulas[i] is summed for i in rows]
    series: list[tuple[str, tuple[float, ...]]] = []
    for term in terms:
        of = subject.sheet.tables[term.table].columns[term.column]
        values = subject.values.column(term.table, term.column)
        series.append(
            (_called(of), tuple(size(values[i]) if here else 0.0 for i, here in zip(rows, is_sum, strict=True)))
        )
    rest = [0.0 if here else value for here, value in zip(is_sum, whole, strict=True)]
    if any(rest):
        kinds = {table.rows[i].kind for i, value in zip(rows, rest, strict=True) if value}
        series.append((kinds.pop() if len(kinds) == 1 else "other", tuple(rest)))
    kept = tuple((name, values) for name, values in series if any(values))
    sums = [sum(values[i] for _, values in kept) for i in range(len(rows))]
    fits = all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-300) for a, b in zip(sums, whole, strict=True))
    positive = all(value >= 0 for _, values in kept for value in values)
    return Bars(tuple(table.rows[i].name for i in rows), kept) if fits and positive and len(kept) > 1 else None


def _terms(formula: Formula) -> list[Field] | None:
    """The columns that a formula adds up, or None when it does something else."""
    if isinstance(formula, Apply) and formula.op == "+":
        sides = [_terms(part) for part in formula.args]
        return [term for side in sides for term in side] if all(side is not None for side in sides) else None  # type: ignore[union-attr]
    return [formula] if isinstance(formula, Field) and isinstance(formula.row, Here) else None


def _grouped(subject: Subject, item: TableItem, bars: Bars, by: str) -> Bars | None:
    """Rows added up by the value that they have in a column (`kind`, `bound`)."""
    table, rows = _rows(subject, item)
    owner: Table | None = table
    while owner is not None and by not in owner.columns:
        owner = subject.sheet.tables[owner.parent] if owner.parent is not None else None
    if owner is None:
        return None
    values = subject.values.column(owner.id, by)
    keys = [shown(subject.typed, values[i], subject.typed.column_types[owner.id, by]) for i in rows]
    names = tuple(dict.fromkeys(keys))
    return Bars(
        names,
        tuple(
            (name, tuple(sum(v for v, k in zip(numbers, keys, strict=True) if k == key) for key in names))
            for name, numbers in bars.series
        ),
    )


def _thinned(bars: Bars) -> tuple[Bars, str]:
    """Neighbours added up where there are more rows than a page has room for."""
    count = len(bars.names)
    if count <= _BARS:
        return bars, ""
    each = math.ceil(count / _BARS)
    starts = range(0, count, each)
    names = tuple(bars.names[i] for i in starts)
    series = tuple((name, tuple(sum(values[i : i + each]) for i in starts)) for name, values in bars.series)
    return Bars(names, series), f"; each bar adds up {each} rows"


def _measure(bars: Bars, dimension: Dimension | None, unit: Unit | None, stacked: bool) -> Measure:
    columns = list(zip(*(values for _, values in bars.series), strict=True)) or [(0.0,)]
    largest = max(sum(c) if stacked else max(c) for c in columns)
    chosen = axis_unit(largest, dimension, unit)
    return Measure(sign(chosen.text) if chosen else "", chosen.from_base if chosen else float)


def _histogram(subject: Subject, item: ChartItem) -> Figure | None:
    if not item.columns:
        return None
    column = item.columns[0].columns[0]
    kind = subject.typed.type_of(column.formula)
    found = subject.over(column.formula, item.columns[0].row_variable, row_indices(item.columns[0].rows))
    values = [size(v) for v in found if v is not None and not isinstance(v, (bool, str))]
    if not values or not isinstance(kind, Quantity):
        return None
    unit = column.unit or shown_unit(subject.typed, column.formula)
    title = cut(item.columns[0].title, 60)
    return histogram(values, kind.dimension or NONE, unit, title)


# ---- cells ----------------------------------------------------------------------------------------------------------


def _compare(subject: Subject, item: ChartItem) -> Figure | None:
    cells = [(c, subject.value(c.formula), subject.dimension(c.formula)) for c in item.cells]
    if not cells:
        return None
    first = cells[0][2]
    kept = [(c, size(v)) for c, v, d in cells if d == first]
    bars = Bars(tuple(c.text for c, _ in kept), (("", tuple(v for _, v in kept)),))
    unit = next((c.unit or shown_unit(subject.typed, c.formula) for c, _ in kept), None)
    alt = "Bars that compare " + listed([f"{cut(c.text, 60)}, {subject.say(c)}" for c, _ in kept]) + "."
    caption = listed([cut(c.text, 60) for c, _ in kept]) + " side by side"
    return Figure(ranked(bars, _measure(bars, first, unit, False), False, cut(alt, 4 * LABEL)), caption, alt)
