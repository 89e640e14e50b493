"""Charts of rows in the workbook: bars, histograms, time lines and points, from columns of the data sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from ..evaluate import Values
from ..presentation.charts import Bars, Histogram, Pareto, Timeline
from ..presentation.copies import COPIES
from ..presentation.probe import Probe
from ..sheet.formula import Apply, Field, Literal
from ..sheet.operations import Value
from ..sheet.sheet import Quantity
from ..units import TIME, Unit
from .charts import FIRST, TOP, ChartSheet, Entry, Numbers
from .names import letter
from .style import COLOURS, Look

_BINS = 12


def draw_bars(sheet: ChartSheet, chart: Bars) -> None:
    """Bars of columns, row by row or added up by a key, or of cells side by side."""
    if chart.series[0].probe is None:
        _cells(sheet, chart)
        return
    start = sheet.names(chart.names, chart.by or "name")
    copies = _copies(sheet, chart.copies)
    times = copies if chart.adds else None
    found = [_base(sheet, chart, k, times) for k in range(len(chart.series))]
    unit = sheet.unit(chart.unit, chart.type, _largest(chart, [numbers(sheet.book.declared) for _, numbers in found]))
    columns = [
        sheet.numbers(series.title, texts, unit, numbers)
        for series, (texts, numbers) in zip(chart.series, found, strict=True)
    ]
    if chart.keys is not None:
        _grouped(sheet, chart, columns, [numbers for _, numbers in found], unit)
    else:
        sheet.bars(chart.title, start, columns, len(chart.names), unit, chart.stacked)


def _copies(sheet: ChartSheet, probe: Probe | None) -> tuple[Probe, int] | None:
    """A column with how many rows each row stands for."""
    if probe is None:
        return None
    return probe, sheet.numbers(COPIES, sheet.texts(probe), None, lambda values: sheet.sizes(probe, values))


def _counted(sheet: ChartSheet, texts: Sequence[str], copies: tuple[Probe, int] | None) -> list[str]:
    """Formulas of rows, each times its count, in sight."""
    if copies is None:
        return list(texts)
    return [f"{text}*{letter(copies[1])}{FIRST + k}" for k, text in enumerate(texts)]


def _times(sheet: ChartSheet, numbers: Numbers, copies: tuple[Probe, int] | None) -> Numbers:
    if copies is None:
        return numbers
    probe = copies[0]
    return lambda values: [a * b for a, b in zip(numbers(values), sheet.sizes(probe, values), strict=True)]


def _base(sheet: ChartSheet, chart: Bars, k: int, copies: tuple[Probe, int] | None) -> tuple[list[str], Numbers]:
    """A series in base units: its formulas, and what they come to."""
    series = chart.series[k]
    probe = series.probe
    assert probe is not None
    mask = series.mask or (True,) * len(chart.names)
    texts = [text if kept else "0" for text, kept in zip(sheet.texts(probe), mask, strict=True)]

    def numbers(values: Values) -> list[float]:
        return [v if kept else 0.0 for v, kept in zip(sheet.sizes(probe, values), mask, strict=True)]

    return _counted(sheet, texts, copies), _times(sheet, numbers, copies)


def _largest(chart: Bars, columns: Sequence[Sequence[float]]) -> float:
    heights = [sum(column) if chart.stacked else max(column) for column in zip(*columns, strict=True)]
    return max((abs(height) for height in heights), default=0.0)


def _grouped(
    sheet: ChartSheet, chart: Bars, columns: Sequence[int], numbers: Sequence[Numbers], unit: Unit | None
) -> None:
    """Rows added up by the value that they have in a column (`kind`, `bound`)."""
    probe = chart.keys
    assert probe is not None
    count = len(chart.names)

    def keys_at(values: Values) -> list[Value]:
        return ["" if key is None else key for key in sheet.values(probe, values)]

    keys = sheet.area(sheet.keys(chart.by, sheet.texts(probe), keys_at), count)
    known: dict[Value, None] = dict.fromkeys([*keys_at(sheet.book.declared), *outcomes(sheet, probe)])
    start = sheet.column
    sheet.data.text(TOP, start, chart.by, Look("heading"))
    for i, key in enumerate(known):
        sheet.data.number(FIRST + i, start, key, Look("name", "General"))
    sheet.column += 1
    made = []
    scale = float(unit.scale) if unit is not None else 1.0
    for at, series, of in zip(columns, chart.series, numbers, strict=True):
        values_at = _sums(of, keys_at, list(known))
        texts = [f"SUMIF({keys},${letter(start)}{FIRST + i},{sheet.area(at, count)})" for i in range(len(known))]
        column = sheet.column
        sheet.data.text(TOP, column, series.title, Look("heading"))
        for i, text in enumerate(texts):
            source = Entry(_scaled(values_at, scale), i)
            sheet.data.formula(FIRST + i, column, text, source, Look("body", "#,##0.###"))
        sheet.column += 1
        made.append(column)
    sheet.bars(chart.title, start, made, len(known), unit, chart.stacked)


def _sums(numbers: Numbers, keys_at: object, names: Sequence[Value]) -> Numbers:
    def sums(values: Values) -> list[float]:
        keys = keys_at(values)  # type: ignore[operator]
        listed = numbers(values)
        return [sum(v for v, key in zip(listed, keys, strict=True) if key == name) for name in names]

    return sums


def _scaled(numbers: Numbers, scale: float) -> Numbers:
    return lambda values: [v / scale for v in numbers(values)]


def outcomes(sheet: ChartSheet, probe: Probe) -> list[str]:
    """The texts that the formulas of a column choose among."""
    if not isinstance(probe.formula, Field):
        return []
    column = sheet.book.sheet.tables[probe.formula.table].columns[probe.formula.column]
    return [
        arg.value
        for formula, _ in column.groups
        if isinstance(formula, Apply) and formula.op == "if"
        for arg in formula.args[1:]
        if isinstance(arg, Literal) and isinstance(arg.value, str)
    ]


def _cells(sheet: ChartSheet, chart: Bars) -> None:
    """A bar a name; one series with a single name stands as its parts side by side."""
    book = sheet.book
    names = chart.names
    series = [(s.title, s.cells) for s in chart.series]
    if len(names) == 1 and len(series) > 1:
        names, series = tuple(title for title, _ in series), [(names[0], tuple(cells[0] for _, cells in series))]
    values = [[float(book.declared.formula(f)) for f in cells] for _, cells in series]
    heights = [sum(column) if chart.stacked else max(column) for column in zip(*values, strict=True)]
    unit = sheet.unit(chart.unit, chart.type, max((abs(h) for h in heights), default=0.0))
    start = sheet.names(names, "cell")
    columns = []
    for title, cells in series:
        texts = [book.translator.cell(formula, sheet.data.title) for formula in cells]

        def numbers(values: Values, cells: Sequence[object] = cells) -> list[float]:
            return [float(values.formula(formula)) for formula in cells]  # type: ignore[arg-type]

        columns.append(sheet.numbers(title or "value", texts, unit, numbers))
    sheet.bars(chart.title, start, columns, len(names), unit, chart.stacked and len(series) > 1, chart.ground)


def draw_timeline(sheet: ChartSheet, chart: Timeline) -> None:
    """The time of each layer: what computes, and what waits for transfers."""
    start = sheet.names(chart.names, "layer")
    copies = _copies(sheet, chart.copies)
    compute, _, time = chart.probes
    computes, times = sheet.texts(compute), sheet.texts(time)
    waits = [f"MAX({t}-{c},0)" for t, c in zip(times, computes, strict=True)]

    def busy(values: Values) -> list[float]:
        return sheet.sizes(compute, values)

    def waiting(values: Values) -> list[float]:
        return [max(t - c, 0.0) for t, c in zip(sheet.sizes(time, values), busy(values), strict=True)]

    largest = max(_times(sheet, lambda values: sheet.sizes(time, values), copies)(sheet.book.declared), default=0.0)
    unit = sheet.unit(None, Quantity(TIME), largest)
    columns = [
        sheet.numbers("computes", _counted(sheet, computes, copies), unit, _times(sheet, busy, copies)),
        sheet.numbers("waits for transfers", _counted(sheet, waits, copies), unit, _times(sheet, waiting, copies)),
    ]
    sheet.bars(f"Time of {chart.model}, layer by layer", start, columns, len(chart.names), unit, True)


def draw_histogram(sheet: ChartSheet, chart: Histogram) -> None:
    """How many rows have which size: by powers of two where sizes span them, else by even steps."""
    rows = chart.probe.rows or ()
    numbers = _of(sheet, chart.probe)
    declared = numbers(sheet.book.declared)
    positive = [v for v in declared if v > 0]
    if not declared or not any(declared):
        return
    spread = bool(positive) and min(declared) >= 0 and max(positive) / min(positive) >= 8
    unit = sheet.unit(chart.unit, chart.type, max(declared))
    scale = float(unit.scale) if unit is not None else 1.0
    copies = _copies(sheet, chart.copies)
    values = sheet.area(sheet.numbers(chart.what, sheet.texts(chart.probe), unit, numbers), len(rows))
    edges, names = _powers([v / scale for v in declared]) if spread else _steps([v / scale for v in declared])
    start = sheet.names(names, heading_of(chart.what, unit))
    low = sheet.column
    sheet.data.text(TOP, low, "from", Look("heading"))
    for i, edge in enumerate(edges):
        sheet.data.number(FIRST + i, low, edge, Look("body", "General"))
    sheet.column += 1
    condition = f'{values},">="&${letter(low)}{{0}},{values},"<"&${letter(low)}{{1}}'
    count = (
        f"SUMIFS({sheet.area(copies[1], len(rows))},{condition})" if copies is not None else f"COUNTIFS({condition})"
    )
    at = sheet.column
    sheet.data.text(TOP, at, "rows", Look("heading"))

    def counts(values: Values) -> list[float]:
        sizes = [v / scale for v in numbers(values)]
        times = sheet.sizes(copies[0], values) if copies is not None else [1.0] * len(sizes)
        return [sum(c for v, c in zip(sizes, times, strict=True) if a <= v < b) for a, b in pairwise(edges)]

    for i in range(len(edges) - 1):
        sheet.data.formula(
            FIRST + i, at, count.format(FIRST + i, FIRST + i + 1), Entry(counts, i), Look("body", "#,##0")
        )
    sheet.column += 1
    sheet.bars(f"How many rows have which size of “{chart.what}”", start, [at], len(edges) - 1, None, False)


def heading_of(what: str, unit: Unit | None) -> str:
    return f"{what} [{unit.text}]" if unit is not None and unit.text else what


def _of(sheet: ChartSheet, probe: Probe) -> Numbers:
    return lambda values: sheet.sizes(probe, values)


def _powers(values: Sequence[float]) -> tuple[list[float], list[str]]:
    """Edges half way between powers of two, from nothing to beyond the largest, and the names of the bins."""
    exponents = [math.floor(math.log2(v) + 0.5) for v in values if v > 0]
    low, high = min(exponents), max(exponents) + 1
    inner = [float(f"{2 ** (e - 0.5):.15g}") for e in range(low, high + 1)]
    return [0.0, *inner, 1e300], ["less", *(f"{2.0**e:g}" for e in range(low, high)), "more"]


def _steps(values: Sequence[float]) -> tuple[list[float], list[str]]:
    low, high = min(0.0, min(values)), max(values)
    step = 10.0 ** math.floor(math.log10((high - low) / _BINS or 1.0))
    step *= next(f for f in (1, 2, 5, 10) if (high - low) / (step * f) <= _BINS)
    first = math.floor(low / step)
    edges = [float(f"{(first + i) * step:.12g}") for i in range(math.floor(high / step) - first + 2)]
    return [*edges, 1e300], [*(f"{a:g} to {b:g}" for a, b in pairwise(edges)), "more"]


def draw_pareto(sheet: ChartSheet, chart: Pareto) -> None:
    """Each row by two of its columns."""
    sheet.names(chart.names, "row")
    columns = []
    for title, probe, kind, chosen in chart.columns:
        numbers = _of(sheet, probe)
        unit = sheet.unit(chosen, kind, max(numbers(sheet.book.declared), default=0.0))
        columns.append((sheet.numbers(title, sheet.texts(probe), unit, numbers), heading_of(title, unit)))
    (x, across), (y, up) = columns
    data, last = sheet.data.worksheet, TOP + len(chart.names)
    drawn = ScatterChart()
    drawn.scatterStyle, drawn.style = "lineMarker", 13
    points = Series(Reference(data, y, FIRST, y, last), Reference(data, x, FIRST, x, last), title="rows")
    points.marker.symbol, points.marker.size = "circle", 6
    points.marker.graphicalProperties = GraphicalProperties(solidFill=COLOURS[0])
    points.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    drawn.series.append(points)
    drawn.x_axis.title, drawn.y_axis.title = across, up
    sheet.place(drawn, f"{up} against {across}")
