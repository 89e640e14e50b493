"""Every chart of a report: what is asked for becomes names, units and formulas; portable code draws their values."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..evaluate.show import shown_unit
from ..js import Probe
from ..sheet.formula import CellRef, Field, Formula, Here
from ..sheet.report import MODEL_COLUMNS, ChartItem, TableItem
from ..sheet.sheet import Column, Quantity, Table
from ..units import DATA, TIME, WORK, Dimension, Unit, divide
from .document import Figure
from .energy import energy
from .figures import drawn, sum_terms
from .numbers import Form, binary_measures, form, size
from .portable.bars import BarsAsk, HistogramAsk, draw_bars, draw_histogram
from .portable.roofline import RooflineAsk, draw_measured, draw_roofline
from .portable.scatter import ParetoAsk, draw_pareto
from .portable.timeline import TimelineAsk, draw_timeline
from .staircase import staircase
from .subject import Subject, main_formula, row_indices
from .words import NAME, cut, listed

RATE, INTENSITY, BANDWIDTH = divide(WORK, TIME), divide(WORK, DATA), divide(DATA, TIME)


def charts_of(subject: Subject, item: ChartItem) -> tuple[Figure, ...]:
    """The charts that an item asks for: none where there is nothing to draw, several where units differ."""
    match item.kind:
        case "stack" | "bar":
            return _columns(subject, item)
        case "histogram":
            return _histogram(subject, item)
        case "staircase" | "line":
            return staircase(subject, item)
        case "compare":
            return _compare(subject, item)
        case "pareto":
            return _pareto(subject, item)
        case "roofline" if item.columns:
            return _measured(subject, item)
        case "roofline" | "timeline" | "energy" if item.model is not None:
            draw = {"roofline": roofline, "timeline": timeline, "energy": energy}[item.kind]
            return draw(subject, item.model)
    return ()


# ---- columns --------------------------------------------------------------------------------------------------------


def _columns(subject: Subject, item: ChartItem) -> tuple[Figure, ...]:
    """Bars of columns; those of one dimension in one drawing."""
    rows, table = row_indices(item.columns[0].rows), item.columns[0].rows.table
    if any(row_indices(c.rows) != rows or c.rows.table != table for c in item.columns) or not rows:
        return ()
    groups: dict[Dimension | None, list[TableItem]] = {}
    for column in item.columns:
        if isinstance(subject.typed.type_of(column.columns[0].formula), Quantity):
            groups.setdefault(subject.dimension(column.columns[0].formula), []).append(column)
    found: list[Figure] = []
    for columns in groups.values():
        found += _bars(subject, item, columns)
    return tuple(found)


def _bars(subject: Subject, item: ChartItem, columns: Sequence[TableItem]) -> tuple[Figure, ...]:
    first = columns[0].columns[0]
    rows = row_indices(columns[0].rows)
    table = subject.sheet.tables[columns[0].rows.table]
    names = tuple(cut(table.rows[i].name, NAME) for i in rows)
    stacked = item.kind == "stack"
    what = _titles([cut(c.title, 60) for c in columns])
    if len(columns) == 1 and (label := _label(subject, first.formula)):
        what = f"{label}: {what}"
    unit = first.unit or shown_unit(subject.typed, first.formula)
    form_ = form(subject.typed, subject.typed.type_of(first.formula), unit)
    grouped = item.by not in ("", "layer", "row", "name") and _owner(subject, table, item.by) is not None
    by = item.by if grouped else "" if item.by == "name" or table.role in ("literal", "crossed") else "layer"
    parts = _parts(subject, columns[0]) if stacked and len(columns) == 1 else None
    masks: tuple[tuple[bool, ...], ...] = ()
    if parts is not None:
        titles, probes, masks = parts
    else:
        titles = tuple(_name(subject, c) for c in columns)
        if len(set(titles)) < len(titles):
            titles = tuple(cut(c.title, 40) for c in columns)
        probes = [Probe(c.columns[0].formula, c.row_variable, rows) for c in columns]
    keys = Form("text")
    if grouped:
        owner = _owner(subject, table, item.by)
        assert owner is not None
        probes = [*probes, subject.whole(owner.id, item.by, rows)]
        keys = form(subject.typed, subject.typed.column_types[owner.id, item.by])
    ask = BarsAsk(names, titles, form_, stacked, what, by, masks, grouped, False, keys)
    return drawn(subject, draw_bars, ask, probes, f"{what} {by}")


def _titles(titles: list[str]) -> str:
    """`today.layers.spilled`; of several from one table the last words: `spilled and fetched of today.layers`."""
    heads = {title.rpartition(".")[0] for title in titles}
    if len(titles) == 1 or len(heads) > 1 or heads == {""}:
        return listed(titles)
    return f"{listed([title.rpartition('.')[2] for title in titles])} of {heads.pop()}"


def _name(subject: Subject, item: TableItem) -> str:
    """A column as a legend names it: by its label when that is short."""
    formula = item.columns[0].formula
    if isinstance(formula, Field):
        return _called(subject.sheet.tables[formula.table].columns[formula.column])
    return cut(item.columns[0].title, 40)


def _label(subject: Subject, formula: Formula) -> str:
    """What its author calls a column or a cell."""
    if isinstance(formula, Field):
        return cut(subject.sheet.tables[formula.table].columns[formula.column].label, 80)
    return cut(subject.sheet.cells[formula.cell].label, 80) if isinstance(formula, CellRef) else ""


def _called(column: Column) -> str:
    return cut(column.label, 32) if 0 < len(column.label) <= 32 else cut(column.name, 40)


Parts = tuple[tuple[str, ...], list[Probe], tuple[tuple[bool, ...], ...]]


def _parts(subject: Subject, item: TableItem) -> Parts | None:
    """A column that is a sum of columns, taken apart: weights, what is written, what is read back."""
    formula = item.columns[0].formula
    if not isinstance(formula, Field):
        return None
    column = subject.sheet.tables[formula.table].columns[formula.column]
    summed = main_formula(column)
    terms = sum_terms(summed) if summed is not None else []
    if len(terms) < 2 or not all(isinstance(term, Field) and isinstance(term.row, Here) for term in terms):
        return None
    table, rows = subject.sheet.tables[item.rows.table], row_indices(item.rows)
    summed_here = tuple(column.formulas[i] is summed for i in rows)
    titles: list[str] = []
    probes: list[Probe] = []
    for term in terms:
        assert isinstance(term, Field)
        titles.append(_called(subject.sheet.tables[term.table].columns[term.column]))
        probes.append(subject.whole(term.table, term.column, rows))
    masks = [summed_here] * len(terms)
    if not all(summed_here):
        kinds = {table.rows[i].kind for i, here in zip(rows, summed_here, strict=True) if not here}
        titles.append(kinds.pop() if len(kinds) == 1 else "other")
        probes.append(Probe(formula, item.row_variable, rows))
        masks.append(tuple(not here for here in summed_here))
    return (tuple(titles), probes, tuple(masks)) if _adds_up(subject, item, probes, masks) else None


def _adds_up(subject: Subject, item: TableItem, probes: Sequence[Probe], masks: Sequence[Sequence[bool]]) -> bool:
    rows = row_indices(item.rows)
    whole = [size(v) for v in subject.over(item.columns[0].formula, item.row_variable, rows)]
    sums = [0.0] * len(rows)
    for probe, mask in zip(probes, masks, strict=True):
        values = subject.values_of(probe)
        assert isinstance(values, list)
        if any(size(v) < 0 for v in values):
            return False
        sums = [s + (size(v) if m else 0.0) for s, v, m in zip(sums, values, mask, strict=True)]
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-300) for a, b in zip(sums, whole, strict=True))


def _owner(subject: Subject, table: Table, column: str) -> Table | None:
    """The table that has a column, of those whose rows a table shares."""
    owner: Table | None = table
    while owner is not None and column not in owner.columns:
        owner = subject.sheet.tables[owner.parent] if owner.parent is not None else None
    return owner


def _histogram(subject: Subject, item: ChartItem) -> tuple[Figure, ...]:
    column = item.columns[0].columns[0]
    kind, rows = subject.typed.type_of(column.formula), row_indices(item.columns[0].rows)
    if not isinstance(kind, Quantity) or not rows:
        return ()
    unit = column.unit or shown_unit(subject.typed, column.formula)
    title = cut(item.columns[0].title, 60)
    binary = binary_measures(kind.dimension) if unit is None else ()
    ask = HistogramAsk(title, form(subject.typed, kind, unit), binary)
    probe = Probe(column.formula, item.columns[0].row_variable, rows)
    return drawn(subject, draw_histogram, ask, [probe], f"histogram {title}")


def _pareto(subject: Subject, item: ChartItem) -> tuple[Figure, ...]:
    if len(item.columns) != 2:
        return ()
    rows = row_indices(item.columns[0].rows)
    table = subject.sheet.tables[item.columns[0].rows.table]
    if row_indices(item.columns[1].rows) != rows or item.columns[1].rows.table != table.id or not rows:
        return ()
    forms = [subject.form_of(c.columns[0].formula, c.columns[0].unit) for c in item.columns]
    if any(f.kind != "number" for f in forms):
        return ()
    across, up = (cut(c.title, 60) for c in item.columns)
    ask = ParetoAsk(tuple(cut(table.rows[i].name, NAME) for i in rows), across, up, forms[0], forms[1])
    probes = [Probe(c.columns[0].formula, c.row_variable, rows) for c in item.columns]
    return drawn(subject, draw_pareto, ask, probes, f"pareto {across} {up}")


# ---- models ---------------------------------------------------------------------------------------------------------


def has(subject: Subject, model: str, chart: str) -> bool:
    """Whether a model has the columns that a chart reads."""
    instance = subject.sheet.instances.get(model)
    if instance is None or instance.table is None:
        return False
    types = subject.typed.column_types
    return all(types.get((instance.table, name)) == Quantity(kind) for name, kind in MODEL_COLUMNS[chart].items())


def _model(subject: Subject, model: str, names: Sequence[str]) -> tuple[Table, list[Probe]]:
    table = subject.sheet.tables[subject.sheet.instances[model].table or ""]
    return table, [subject.whole(table.id, name) for name in names]


def roofline(subject: Subject, model: str) -> tuple[Figure, ...]:
    if not has(subject, model, "roofline"):
        return ()
    table, probes = _model(subject, model, tuple(MODEL_COLUMNS["roofline"]))
    names = tuple(cut(row.name, NAME) for row in table.rows)
    layers = sum(1 for row in table.rows if row.role == "layer")
    ask = RooflineAsk(cut(model, 60), names, layers, *_roofs(subject))
    return drawn(subject, draw_roofline, ask, probes, f"roofline {model}")


def _roofs(subject: Subject, rate: Unit | None = None, intensity: Unit | None = None) -> tuple[Form, Form, Form]:
    """How rates, arithmetic intensities and the bandwidth are written."""
    units = ((RATE, rate), (INTENSITY, intensity), (BANDWIDTH, None))
    made = [form(subject.typed, Quantity(kind), unit) for kind, unit in units]
    return made[0], made[1], made[2]


def _measured(subject: Subject, item: ChartItem) -> tuple[Figure, ...]:
    """The rows of a table under their roof."""
    rows, table = row_indices(item.columns[0].rows), subject.sheet.tables[item.columns[0].rows.table]
    names = tuple(cut(table.rows[i].name, NAME) for i in rows)
    intensity, rate = (c.columns[0].unit or shown_unit(subject.typed, c.columns[0].formula) for c in item.columns[:2])
    ask = RooflineAsk(cut(table.id, 60), names, len(rows), *_roofs(subject, rate, intensity), timed=False)
    probes = [Probe(column.columns[0].formula, column.row_variable, rows) for column in item.columns]
    return drawn(subject, draw_measured, ask, probes, f"roofline {table.id}")


def timeline(subject: Subject, model: str) -> tuple[Figure, ...]:
    if not has(subject, model, "timeline"):
        return ()
    table, probes = _model(subject, model, tuple(MODEL_COLUMNS["timeline"]))
    names = tuple(cut(row.name, NAME) for row in table.rows)
    ask = TimelineAsk(cut(model, 60), names, form(subject.typed, Quantity(TIME)))
    return drawn(subject, draw_timeline, ask, probes, f"timeline {model}")


# ---- cells ----------------------------------------------------------------------------------------------------------


def _compare(subject: Subject, item: ChartItem) -> tuple[Figure, ...]:
    """Cells side by side; those of one dimension in one drawing."""
    groups: dict[Dimension | None, list[int]] = {}
    for k, cell in enumerate(item.cells):
        groups.setdefault(subject.dimension(cell.formula), []).append(k)
    found: list[Figure] = []
    for chosen in groups.values():
        cells = [item.cells[k] for k in chosen]
        unit = next((c.unit or shown_unit(subject.typed, c.formula) for c in cells), None)
        names = tuple(cut(c.text, NAME) for c in cells)
        form_ = form(subject.typed, subject.typed.type_of(cells[0].formula), unit)
        ask = BarsAsk(names, ("",), form_, False, cut(listed(list(names)), 120), "", (), False, True)
        probes = [Probe(c.formula) for c in cells]
        found += drawn(subject, draw_bars, ask, probes, f"compare {names[0]}")
    return tuple(found)
