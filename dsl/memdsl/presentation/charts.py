"""Which charts a spec has, and what each shows: names, units and formulas. Page, PDF and workbook draw them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..records import record
from ..sheet.formula import Apply, CellRef, Field, Formula, Here
from ..sheet.input_keys import InputKey
from ..sheet.report import MODEL_COLUMNS, ChartItem, Shown, TableItem
from ..sheet.sheet import Column, Quantity, Table, Text, Type
from ..units import DATA, ENERGY, TIME, UNLIMITED, WORK, Dimension, Unit, divide
from .agreement import Agreement, agreement, paired
from .copies import adds
from .defaults import Defaults, defaults
from .defaults import charts as default_charts
from .energy import Split, energy_splits
from .in_words import called
from .point import Point, has_columns, main_formula, row_indices
from .probe import Probe
from .traffic import bridge, carried, footing, nothing
from .words import NAME, cut, listed

RATE, INTENSITY, BANDWIDTH = divide(WORK, TIME), divide(WORK, DATA), divide(DATA, TIME)


@record
class Series:
    """A value a row (`probe`), counted where `mask` is set, or a formula a name (`cells`)."""

    title: str
    probe: Probe | None = None
    cells: tuple[Formula, ...] = ()
    mask: tuple[bool, ...] = ()


@record
class Bars:
    """Bars with a name each. `what` says in words what they show, `code` how the spec calls it.

    `copies` says how many rows each bar stands for; where `adds` is set its values count as often. `keys` are values by
    which rows are added up (`by` names their column).
    """

    what: str
    code: str
    names: tuple[str, ...]
    series: tuple[Series, ...]
    type: Type
    unit: Unit | None
    stacked: bool
    by: str = ""
    copies: Probe | None = None
    adds: bool = True
    keys: Probe | None = None
    key_type: Type = Text()
    ground: bool = False
    """The first series only carries the others: it is not drawn."""

    @property
    def title(self) -> str:
        """`DRAM traffic, layer by layer`."""
        if self.by:
            return f"{self.what}, layer by layer" if self.by == "layer" else f"{self.what} by {self.by}"
        return self.what


@record
class Histogram:
    what: str
    code: str
    probe: Probe
    type: Quantity
    unit: Unit | None
    copies: Probe | None


@record
class Pareto:
    names: tuple[str, ...]
    columns: tuple[tuple[str, Probe, Type, Unit | None], ...]


@record
class Roofline:
    """The rows of a model; `probes` are the columns of `MODEL_COLUMNS`. `layers` counts rows that are layers."""

    model: str
    table: Table
    names: tuple[str, ...]
    layers: tuple[bool, ...]
    probes: tuple[Probe, ...]
    copies: Probe | None


@record
class Measured:
    """The rows of a table by arithmetic intensity, attained and attainable rate."""

    table: str
    names: tuple[str, ...]
    probes: tuple[Probe, ...]
    units: tuple[Unit | None, Unit | None]


@record
class Timeline:
    model: str
    names: tuple[str, ...]
    probes: tuple[Probe, ...]
    copies: Probe | None


@record
class Curve:
    """Cells of one dimension against an input."""

    kind: str
    cells: tuple[Shown, ...]
    over: InputKey
    ends: tuple[Formula, Formula] | None


Chart = Bars | Histogram | Pareto | Agreement | Roofline | Measured | Timeline | Curve


def every_chart(point: Point) -> list[Chart]:
    """The charts of a spec in their order: those that its author asks for, else those that suit it."""
    asked = [item for item in point.sheet.report or () if isinstance(item, ChartItem)]
    return [chart for item in asked or default_charts(point, defaults(point)) for chart in charts_of(point, item)]


def charts_of(point: Point, item: ChartItem) -> list[Chart]:
    """The charts that an item asks for: none where there is nothing to draw, several where units differ."""
    match item.kind:
        case "stack" | "bar":
            return _columns(point, item)
        case "histogram":
            return _histogram(point, item)
        case "staircase" | "line":
            return _curves(point, item)
        case "compare":
            return _compare(point, item)
        case "pareto":
            return _pareto(point, item)
        case "fit":
            return [*agreement(point, item)]
        case "roofline" if item.columns:
            return _measured(point, item)
        case "roofline" | "timeline" | "energy" if item.model is not None:
            return {"roofline": _roofline, "timeline": _timeline, "energy": _energy}[item.kind](point, item.model)
    return []


# ---- columns --------------------------------------------------------------------------------------------------------


def _columns(point: Point, item: ChartItem) -> list[Chart]:
    """Bars of columns; those of one dimension in one drawing."""
    rows, table = row_indices(item.columns[0].rows), item.columns[0].rows.table
    if any(row_indices(c.rows) != rows or c.rows.table != table for c in item.columns) or not rows:
        return []
    groups: dict[Dimension | None, list[TableItem]] = {}
    for column in item.columns:
        if isinstance(point.typed.type_of(column.columns[0].formula), Quantity):
            groups.setdefault(point.dimension(column.columns[0].formula), []).append(column)
    return [_bars(point, item, columns) for columns in groups.values()]


def _bars(point: Point, item: ChartItem, columns: Sequence[TableItem]) -> Bars:
    first = columns[0].columns[0]
    rows = row_indices(columns[0].rows)
    table = point.sheet.tables[columns[0].rows.table]
    stacked = item.kind == "stack"
    code = _code([cut(c.title, 60) for c in columns])
    owner = point.owner(table, item.by) if item.by not in ("", "layer", "row", "name") else None
    by = item.by if owner is not None else "" if item.by == "name" or table.role in ("literal", "crossed") else "layer"
    series = _parts(point, columns[0]) if stacked and len(columns) == 1 else ()
    if not series:
        titles = [_name(point, c) for c in columns]
        if len(set(titles)) < len(titles):
            titles = [cut(c.title, 40) for c in columns]
        probes = [Probe(c.columns[0].formula, c.row_variable, rows) for c in columns]
        series = tuple(Series(title, probe) for title, probe in zip(titles, probes, strict=True))
    return Bars(
        _what(point, columns, table),
        code,
        tuple(cut(table.rows[i].name, NAME) for i in rows),
        series,
        point.typed.type_of(first.formula),
        first.unit or point.unit(first.formula),
        stacked,
        by,
        point.copies(table.id, rows),
        stacked or owner is not None or all(adds(c.columns[0].formula, point.summed) for c in columns),
        point.whole(owner.id, item.by, rows) if owner is not None else None,
        point.typed.column_types[owner.id, item.by] if owner is not None else Text(),
    )


def _what(point: Point, columns: Sequence[TableItem], table: Table) -> str:
    """What bars show in words: the labels of their columns, and whose they are."""
    labels = [_label(point, c.columns[0].formula) or cut(c.columns[0].title, 60) for c in columns]
    words = listed([label if k == 0 else _small(label) for k, label in enumerate(labels)])
    return f"{words} of {cut(table.owner, 60)}" if table.owner else words


def _small(text: str) -> str:
    """A label inside a sentence: `Time of one pass` begins small, `DRAM traffic` does not."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _code(titles: list[str]) -> str:
    """`today.layers.spilled`; of several from one table the last words: `spilled and fetched of today.layers`."""
    heads = {title.rpartition(".")[0] for title in titles}
    if len(titles) == 1 or len(heads) > 1 or heads == {""}:
        return listed(titles)
    return f"{listed([title.rpartition('.')[2] for title in titles])} of {heads.pop()}"


def _name(point: Point, item: TableItem) -> str:
    """A column as a legend names it: by its label when that is short."""
    formula = item.columns[0].formula
    if isinstance(formula, Field):
        return _called(point.sheet.tables[formula.table].columns[formula.column])
    return cut(item.columns[0].title, 40)


def _label(point: Point, formula: Formula) -> str:
    """What its author calls a column or a cell."""
    if isinstance(formula, Field):
        return cut(point.sheet.tables[formula.table].columns[formula.column].label, 80)
    return cut(point.sheet.cells[formula.cell].label, 80) if isinstance(formula, CellRef) else ""


def _called(column: Column) -> str:
    return cut(column.label, 40) if 0 < len(column.label) <= 40 else cut(column.name, 40)


def sum_terms(formula: Formula) -> list[Formula]:
    """The formulas that a formula adds up: itself alone when it is no sum."""
    if isinstance(formula, Apply) and formula.op == "+":
        return [term for part in formula.args for term in sum_terms(part)]
    return [formula]


def _parts(point: Point, item: TableItem) -> tuple[Series, ...]:
    """A column that is a sum of columns, taken apart: weights, what is written, what is read back."""
    formula = item.columns[0].formula
    if not isinstance(formula, Field):
        return ()
    column = point.sheet.tables[formula.table].columns[formula.column]
    summed = main_formula(column)
    terms = sum_terms(summed) if summed is not None else []
    if len(terms) < 2 or not all(isinstance(term, Field) and isinstance(term.row, Here) for term in terms):
        return ()
    table, rows = point.sheet.tables[item.rows.table], row_indices(item.rows)
    here = tuple(column.formulas[i] is summed for i in rows)
    series: list[Series] = []
    for term in terms:
        assert isinstance(term, Field)
        title = _called(point.sheet.tables[term.table].columns[term.column])
        series.append(Series(title, point.whole(term.table, term.column, rows), (), here))
    if not all(here):
        kinds = {table.rows[i].kind for i, own in zip(rows, here, strict=True) if not own}
        title = kinds.pop() if len(kinds) == 1 else "other"
        rest = tuple(not own for own in here)
        series.append(Series(title, Probe(formula, item.row_variable, rows), (), rest))
    return tuple(series) if _adds_up(point, item, series) else ()


def _adds_up(point: Point, item: TableItem, series: Sequence[Series]) -> bool:
    rows = row_indices(item.rows)
    whole = [_size(v) for v in point.over(item.columns[0].formula, item.row_variable, rows)]
    sums = [0.0] * len(rows)
    for part in series:
        assert part.probe is not None
        values = point.values_of(part.probe)
        assert isinstance(values, list)
        if any(_size(v) < 0 for v in values):
            return False
        sums = [s + (_size(v) if m else 0.0) for s, v, m in zip(sums, values, part.mask, strict=True)]
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-300) for a, b in zip(sums, whole, strict=True))


def _size(value: object) -> float:
    """A value as the length of a mark: nothing where there is none."""
    if not isinstance(value, float) or math.isnan(value) or abs(value) >= UNLIMITED / 10:
        return 0.0
    return value


def _histogram(point: Point, item: ChartItem) -> list[Chart]:
    asked = item.columns[0]
    column = asked.columns[0]
    kind, rows = point.typed.type_of(column.formula), row_indices(asked.rows)
    if not isinstance(kind, Quantity) or not rows:
        return []
    unit = column.unit or point.unit(column.formula)
    code = cut(asked.title, 60)
    what = _label(point, column.formula) or code
    probe = Probe(column.formula, asked.row_variable, rows)
    return [Histogram(what, code, probe, kind, unit, point.copies(asked.rows.table, rows))]


def _pareto(point: Point, item: ChartItem) -> list[Chart]:
    table, rows = paired(point, item)
    columns = []
    for asked in item.columns:
        formula = asked.columns[0].formula
        kind = point.typed.type_of(formula)
        if not isinstance(kind, Quantity):
            return []
        probe = Probe(formula, asked.row_variable, rows)
        columns.append((cut(asked.title, 60), probe, kind, asked.columns[0].unit or point.unit(formula)))
    return [Pareto(tuple(cut(table.rows[i].name, NAME) for i in rows), tuple(columns))] if rows else []


# ---- models ---------------------------------------------------------------------------------------------------------


def _model(point: Point, model: str, chart: str) -> tuple[Table, tuple[Probe, ...]]:
    table = point.sheet.tables[point.sheet.instances[model].table or ""]
    return table, tuple(point.whole(table.id, name) for name in MODEL_COLUMNS[chart])


def _roofline(point: Point, model: str) -> list[Chart]:
    if not has_columns(point, model, "roofline"):
        return []
    table, probes = _model(point, model, "roofline")
    names = tuple(cut(row.name, NAME) for row in table.rows)
    layers = tuple(row.role == "layer" for row in table.rows)
    return [Roofline(cut(model, 60), table, names, layers, probes, point.copies(table.id))]


def _measured(point: Point, item: ChartItem) -> list[Chart]:
    """The rows of a table under their roof."""
    rows, table = row_indices(item.columns[0].rows), point.sheet.tables[item.columns[0].rows.table]
    names = tuple(cut(table.rows[i].name, NAME) for i in rows)
    intensity, rate = (c.columns[0].unit or point.unit(c.columns[0].formula) for c in item.columns[:2])
    probes = tuple(Probe(column.columns[0].formula, column.row_variable, rows) for column in item.columns)
    return [Measured(cut(table.id, 60), names, probes, (intensity, rate))]


def _timeline(point: Point, model: str) -> list[Chart]:
    if not has_columns(point, model, "timeline"):
        return []
    table, probes = _model(point, model, "timeline")
    names = tuple(cut(row.name, NAME) for row in table.rows)
    return [Timeline(cut(model, 60), names, probes, point.copies(table.id))]


def _energy(point: Point, model: str) -> list[Chart]:
    """A bar for each model of the same network whose energy has the same parts, the parts stacked."""
    lead = point.sheet.instances.get(model)
    if lead is None:
        return []
    alike = [m for m in point.spokesmen if m.network == lead.network and m.name != lead.name]
    splits = energy_splits(point, [lead, *alike])
    found = next((split for split in splits if split.models[0].name == lead.name), None)
    return [energy_bars(found)] if found is not None else []


def energy_bars(split: Split) -> Bars:
    names = tuple(cut(model.name, NAME) for model in split.models)
    by_part = zip(split.parts, zip(*split.formulas, strict=True), strict=True)
    series = tuple(Series(cut(part, 40), None, tuple(formulas)) for part, formulas in by_part)
    code = listed([f"{model.name}.energy" for model in split.models[:3]])
    return Bars("Energy by the part that spends it", code, names, series, Quantity(ENERGY), None, True)


def bridge_bars(point: Point, found: Defaults) -> Bars | None:
    """What falls away, part by part, between the model that moves most and the one that leads."""
    whole = footing(point, found.lead)
    if whole is None or found.lead is None:
        return None
    asked = bridge(point, whole, found.lead)
    if asked is None:
        return None
    zero, steps = nothing(asked.totals[0]), carried(asked)
    none = tuple(zero for _ in steps)
    series = (
        Series("stays", None, (zero, *(low for low, _, _ in steps), zero)),
        Series("traffic", None, (asked.totals[0], *none, asked.totals[1])),
        Series("removed", None, (zero, *(removed for _, removed, _ in steps), zero)),
        Series("added", None, (zero, *(added for _, _, added in steps), zero)),
    )
    names = (asked.first, *(step.title for step in asked.steps), asked.last)
    what = f"{asked.label}: from “{asked.first}” to “{asked.last}”"
    code = listed([end.cell for end in asked.totals])
    return Bars(what, code, names, series, Quantity(DATA), None, True, adds=False, ground=True)


# ---- cells ----------------------------------------------------------------------------------------------------------


def _compare(point: Point, item: ChartItem) -> list[Chart]:
    """Cells side by side; those of one dimension in one drawing."""
    found: list[Chart] = []
    for cells in _alike(point, item.cells):
        unit = next((u for c in cells if (u := c.unit or point.unit(c.formula)) is not None), None)
        what, words = called(point.sheet, cells)
        names = tuple(cut(word, NAME) for word in words)
        code = cut(listed([c.text for c in cells]), 120)
        series = (Series("", None, tuple(c.formula for c in cells)),)
        found.append(
            Bars(
                cut(what, 80) or listed(list(names[:3])),
                code,
                names,
                series,
                point.typed.type_of(cells[0].formula),
                unit,
                False,
            )
        )
    return found


def _curves(point: Point, item: ChartItem) -> list[Chart]:
    key = item.over
    if key is None or not item.cells or key not in point.by_key or isinstance(point.values.input(key), (bool, str)):
        return []
    return [Curve(item.kind, tuple(cells), key, item.ends) for cells in _alike(point, item.cells)]


def _alike(point: Point, cells: Sequence[Shown]) -> list[list[Shown]]:
    """Cells of one dimension together."""
    groups: dict[Dimension | None, list[Shown]] = {}
    for cell in cells:
        groups.setdefault(point.dimension(cell.formula), []).append(cell)
    return list(groups.values())
