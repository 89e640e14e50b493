"""Rooflines of the sheet `Charts`: points by arithmetic intensity and attained rate, under their roof."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from ..evaluate import Values
from ..presentation.charts import INTENSITY, RATE, Measured, Roofline
from ..presentation.probe import Probe
from ..sheet.operations import Value
from ..units import Unit, readable
from .book import heading
from .charts import FIRST, TOP, ChartSheet
from .names import letter
from .style import COMPUTE_BOUND, INK, MEMORY_BOUND, Look


class _At(NamedTuple):
    """What a roofline draws at a point of the inputs, in base units."""

    intensity: list[float]
    rate: list[float]
    peak: list[float]
    bandwidth: list[float]


Points = Callable[[Values], _At]


def draw_roofline(sheet: ChartSheet, chart: Roofline) -> None:
    """Each layer by its arithmetic intensity and the rate it attains, under the roof, on logarithmic axes."""
    work, data, time, compute, memory = chart.probes
    needed = [sheet.sizes(probe, sheet.book.declared) for probe in (work, data, time)]
    rows = [i for i in range(len(chart.names)) if all(column[i] > 0 for column in needed)]
    if not rows:
        return

    def ratio(above: Probe, below: Probe) -> list[str]:
        return [f"IF({sheet.text(below, i)}>0,{sheet.text(above, i)}/{sheet.text(below, i)},0)" for i in rows]

    pairs = ((work, data), (work, time), (work, compute), (data, memory))

    def points(values: Values) -> _At:
        found = {id(probe): sheet.sizes(probe, values) for probe in chart.probes}
        return _At(*([_over(found[id(a)][i], found[id(b)][i]) for i in rows] for a, b in pairs))

    texts = [ratio(above, below) for above, below in pairs]
    names = [chart.names[i] for i in rows]
    said = f"Roofline of {chart.model}: each layer by its arithmetic intensity and the rate it attains"
    _under_roof(sheet, said, "layer", names, texts, points, (None, None))


def _over(above: float, below: float) -> float:
    return above / below if below > 0 else 0.0


def draw_measured(sheet: ChartSheet, chart: Measured) -> None:
    """The rows of a table under the roof that their attainable rates give."""
    given = [sheet.sizes(probe, sheet.book.declared) for probe in chart.probes]
    kept = [k for k in range(len(chart.names)) if all(column[k] > 0 for column in given)]
    if not kept:
        return
    x, y, top = ([sheet.text(probe, k) for k in kept] for probe in chart.probes)
    bandwidth = [f"IF({below}>0,{above}/{below},0)" for above, below in zip(top, x, strict=True)]

    def points(values: Values) -> _At:
        a, b, c = ([sheet.sizes(probe, values)[k] for k in kept] for probe in chart.probes)
        return _At(a, b, c, [_over(t, i) for t, i in zip(c, a, strict=True)])

    names = [chart.names[k] for k in kept]
    said = f"Roofline of {chart.table}: each row by its arithmetic intensity and the rate it attains"
    _under_roof(sheet, said, "row", names, (x, y, top, bandwidth), points, (chart.units[1], chart.units[0]))


def _under_roof(
    sheet: ChartSheet,
    title: str,
    of: str,
    names: Sequence[str],
    texts: Sequence[Sequence[str]],
    points: Points,
    units: tuple[Unit | None, Unit | None],
) -> None:
    """Points by `texts` for intensity, rate, peak and bandwidth, and the corners of their roof."""
    book, count = sheet.book, len(names)
    declared = points(book.declared)
    rate = units[0] or readable(max(declared.peak), RATE)
    intensity = units[1] or readable(1.0, INTENSITY)
    sheet.names(names, of)

    def numbers(title: str, number: int, unit: Unit | None) -> int:
        return sheet.numbers(title, texts[number], unit, lambda values: points(values)[number])

    x = numbers("intensity", 0, intensity)
    y = numbers("rate attained", 1, rate)
    top = numbers("peak", 2, rate)
    width = numbers("bandwidth", 3, None)
    areas = {c: sheet.area(c, count) for c in (x, y, top, width)}
    bandwidth = book.scales.over(f"MAX({areas[width]})", rate)
    bandwidth = book.scales.times(f"({bandwidth})", intensity)
    corner = f"MAX({areas[top]})/({bandwidth})"
    scales = float(rate.scale), float(intensity.scale)
    memory = _bound(sheet, points, x, y, count, corner, True, scales)
    compute = _bound(sheet, points, x, y, count, corner, False, scales)
    roof_x = sheet.column
    sheet.data.text(TOP, roof_x, "roof: intensity", Look("heading"))
    sheet.data.text(TOP, roof_x + 1, heading("roof: rate", rate.text), Look("heading"))
    ends = (f"MIN({areas[x]},{corner})", corner, f"MAX({areas[x]},{corner})")
    for i, text in enumerate(ends):
        cell = f"{letter(roof_x)}{FIRST + i}"
        look = Look("body", "#,##0.000")
        sheet.data.formula(FIRST + i, roof_x, text, _End(points, i, False, scales), look)
        roof = f"MIN(MAX({areas[top]}),{cell}*{bandwidth})"
        sheet.data.formula(FIRST + i, roof_x + 1, roof, _End(points, i, True, scales), look)
    sheet.data.width(roof_x, 16)
    sheet.data.width(roof_x + 1, 18)
    sheet.column += 2
    _scatter(sheet, title, (x, memory, compute, count), roof_x, rate, intensity)


def _bound(
    sheet: ChartSheet, points: Points, x: int, y: int, count: int, corner: str, below: bool, scales: tuple[float, float]
) -> int:
    """The rates of the points on one side of the ridge; the others have none, so that each side has its colour."""
    at = sheet.column
    sheet.data.text(TOP, at, "memory-bound" if below else "compute-bound", Look("heading"))
    sheet.data.width(at, 16)
    for i in range(count):
        row = FIRST + i
        text = f"IF({letter(x)}{row}{'<' if below else '>='}{corner},{letter(y)}{row},NA())"
        sheet.data.formula(row, at, text, _Side(points, i, below, scales[0]), Look("quiet", "#,##0.000"))
    sheet.column += 1
    return at


def _scatter(
    sheet: ChartSheet, title: str, points: tuple[int, int, int, int], roof: int, rate: Unit, intensity: Unit
) -> None:
    data = sheet.data.worksheet
    x, memory, compute, count = points
    chart = ScatterChart()
    chart.scatterStyle = "lineMarker"
    chart.style = 13
    last = TOP + count
    for at, said, colour, symbol in (
        (memory, "memory-bound", MEMORY_BOUND, "diamond"),
        (compute, "compute-bound", COMPUTE_BOUND, "circle"),
    ):
        side = Series(Reference(data, at, FIRST, at, last), Reference(data, x, FIRST, x, last), title=said)
        side.marker.symbol, side.marker.size = symbol, 6
        side.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
        side.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
        side.smooth = False
        chart.series.append(side)
    end = FIRST + 2
    top = Series(Reference(data, roof + 1, FIRST, roof + 1, end), Reference(data, roof, FIRST, roof, end), title="roof")
    top.marker.symbol = "none"
    top.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=INK, w=22_000))
    top.smooth = False
    chart.series.append(top)
    chart.x_axis.scaling.logBase = chart.y_axis.scaling.logBase = 10
    chart.x_axis.title, chart.y_axis.title = f"Arithmetic intensity [{intensity.text}]", f"Rate attained [{rate.text}]"
    chart.x_axis.number_format = chart.y_axis.number_format = "#,##0.###"
    chart.x_axis.majorGridlines = None
    chart.x_axis.crosses = chart.y_axis.crosses = "min"
    sheet.place(chart, title)


@dataclass(frozen=True)
class _Side:
    """The rate of a point on one side of the ridge."""

    points: Points
    index: int
    below: bool
    scale: float

    def __call__(self, values: Values) -> Value:
        found = self.points(values)
        ridge = max(found.peak) / max(found.bandwidth)
        return found.rate[self.index] / self.scale if (found.intensity[self.index] < ridge) == self.below else math.nan


@dataclass(frozen=True)
class _End:
    """One end, or the corner, of the roof; `scales` are those of rates and of intensities."""

    points: Points
    index: int
    rate: bool
    scales: tuple[float, float]

    def __call__(self, values: Values) -> Value:
        found = self.points(values)
        peak, bandwidth = max(found.peak), max(found.bandwidth)
        corner = peak / bandwidth
        x = (min([*found.intensity, corner]), corner, max([*found.intensity, corner]))[self.index]
        return min(peak, x * bandwidth) / self.scales[0] if self.rate else x / self.scales[1]
