"""Rooflines of the sheet `Charts`: points by arithmetic intensity and attained rate, under their roof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from ..evaluate import Values
from ..sheet.formula import Field, Rows, Var
from ..sheet.operations import Value
from ..sheet.report import MODEL_COLUMNS, ChartItem, TableItem
from ..sheet.sheet import Instance
from ..units import DATA, TIME, WORK, Unit, divide, readable
from .book import heading
from .chart_choice import VARIABLE
from .names import letter
from .style import COLOURS, Look

if TYPE_CHECKING:
    from .charts import ChartSheet

_RATE, _INTENSITY = divide(WORK, TIME), divide(WORK, DATA)


@dataclass(frozen=True)
class Rooflines:
    sheet: ChartSheet

    def of_model(self, model: Instance) -> None:
        """Each layer by its arithmetic intensity and the rate it attains, under the roof, on logarithmic axes."""
        book = self.sheet.book
        assert model.table is not None
        table = book.sheet.tables[model.table]
        columns = {name: book.declared.column(table.id, name) for name in MODEL_COLUMNS["roofline"]}
        needed = [columns[name] for name in ("work", "dram_bytes", "time")]
        rows = [i for i in range(len(table.rows)) if all(float(column[i] or 0) > 0 for column in needed)]
        if not rows:
            return
        points = _Points(table.id, rows)

        def at(name: str, row: int) -> str:
            formula = Field(table.span, Var(VARIABLE), table.id, name)
            return self.sheet.text(formula, VARIABLE, row)

        def ratio(above: str, below: str) -> list[str]:
            return [f"IF({at(below, i)}>0,{at(above, i)}/{at(below, i)},0)" for i in rows]

        texts = (
            ratio("work", "dram_bytes"),
            ratio("work", "time"),
            ratio("work", "compute"),
            ratio("dram_bytes", "memory"),
        )
        names = [table.rows[i].name for i in rows]
        self._under_roof(f"{model.name}: each layer", "layer", names, texts, points, (None, None))

    def of_rows(self, item: ChartItem) -> None:
        """The rows of a table under the roof that their attainable rates give."""
        first = item.columns[0].rows
        table = self.sheet.book.sheet.tables[first.table]
        given = [self.sheet.values(entry, self.sheet.book.declared) for entry in item.columns]
        rows = first.indices if isinstance(first, Rows) else ()
        kept = [k for k in range(len(rows)) if all(isinstance(v[k], float) and v[k] > 0 for v in given)]  # type: ignore[operator]
        if not kept:
            return
        text = self.sheet.text
        x, y, top = ([text(e.columns[0].formula, e.row_variable, rows[k]) for k in kept] for e in item.columns)
        bandwidth = [f"IF({below}>0,{above}/{below},0)" for above, below in zip(top, x, strict=True)]
        units = [self.sheet.chosen(entry) for entry in item.columns[:2]]
        names = [table.rows[rows[k]].name for k in kept]
        texts = (x, y, top, bandwidth)
        points = _Measured(self.sheet, item.columns, kept)
        self._under_roof(f"{table.id}: each row", "row", names, texts, points, (units[1], units[0]))

    def _under_roof(
        self,
        title: str,
        of: str,
        names: Sequence[str],
        texts: Sequence[Sequence[str]],
        points: _Points | _Measured,
        units: tuple[Unit | None, Unit | None],
    ) -> None:
        """Points by `texts` for intensity, rate, peak and bandwidth, and the corners of their roof."""
        book = self.sheet.book
        declared = points.at(book.declared)
        rate = units[0] or readable(max(declared.peak), _RATE)
        intensity = units[1] or readable(1.0, _INTENSITY)
        self.sheet.names(names, of)
        first, last = 5, 4 + len(names)

        def numbers(heading: str, number: int, unit: Unit | None) -> int:
            scale = float(unit.scale) if unit is not None else 1.0
            return self.sheet.numbers(
                heading, texts[number], unit, lambda values: [v / scale for v in points.at(values)[number]]
            )

        x = numbers("intensity", 0, intensity)
        y = numbers("rate attained", 1, rate)
        top = numbers("peak", 2, rate)
        width = numbers("bandwidth", 3, None)
        areas = {c: f"${letter(c)}${first}:${letter(c)}${last}" for c in (x, y, top, width)}
        bandwidth = book.scales.over(f"MAX({areas[width]})", rate)
        bandwidth = book.scales.times(f"({bandwidth})", intensity)
        corner = f"MAX({areas[top]})/({bandwidth})"
        roof_x = self.sheet.column
        self.sheet.data.text(4, roof_x, "roof: intensity", Look("heading"))
        self.sheet.data.text(4, roof_x + 1, heading("roof: rate", rate.text), Look("heading"))
        ends = (f"MIN({areas[x]},{corner})", corner, f"MAX({areas[x]},{corner})")
        scales = float(rate.scale), float(intensity.scale)
        for i, text in enumerate(ends):
            cell = f"{letter(roof_x)}{first + i}"
            look = Look("body", "#,##0.000")
            self.sheet.data.formula(first + i, roof_x, text, _End(points, i, False, scales), look)
            roof = f"MIN(MAX({areas[top]}),{cell}*{bandwidth})"
            self.sheet.data.formula(first + i, roof_x + 1, roof, _End(points, i, True, scales), look)
        self.sheet.data.width(roof_x, 16)
        self.sheet.data.width(roof_x + 1, 18)
        self.sheet.column += 2
        said = f"Roofline of {title} by its arithmetic intensity and the rate it attains"
        self._scatter(said, f"{of}s", (x, y, len(names)), roof_x, rate, intensity)

    def _scatter(
        self, title: str, of: str, points: tuple[int, int, int], roof: int, rate: Unit, intensity: Unit
    ) -> None:
        sheet = self.sheet.data.worksheet
        x, y, count = points
        chart = ScatterChart()
        chart.scatterStyle = "lineMarker"
        chart.style = 13
        layers = Series(Reference(sheet, y, 5, y, 4 + count), Reference(sheet, x, 5, x, 4 + count), title=of)
        layers.marker.symbol, layers.marker.size = "circle", 6
        layers.marker.graphicalProperties = GraphicalProperties(solidFill=COLOURS[0])
        layers.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
        top = Series(Reference(sheet, roof + 1, 5, roof + 1, 7), Reference(sheet, roof, 5, roof, 7), title="roof")
        top.marker.symbol = "none"
        top.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=COLOURS[1], w=22_000))
        top.smooth = layers.smooth = False
        chart.series += [layers, top]
        chart.x_axis.scaling.logBase = chart.y_axis.scaling.logBase = 10
        chart.x_axis.title, chart.y_axis.title = f"Arithmetic intensity [{intensity.text}]", f"[{rate.text}]"
        chart.x_axis.number_format = chart.y_axis.number_format = "#,##0.###"
        chart.x_axis.majorGridlines = None
        chart.x_axis.crosses = chart.y_axis.crosses = "min"
        self.sheet.place(chart, title)


class _At(NamedTuple):
    """What a roofline draws at a point of the inputs, in base units."""

    intensity: list[float]
    rate: list[float]
    peak: list[float]
    bandwidth: list[float]


@dataclass(frozen=True)
class _Points:
    """The layers of a model."""

    table: str
    rows: Sequence[int]

    def at(self, values: Values) -> _At:
        def ratio(above: str, below: str) -> list[float]:
            a, b = values.column(self.table, above), values.column(self.table, below)
            return [float(a[i] or 0) / float(b[i] or 0) if b[i] else 0.0 for i in self.rows]

        return _At(
            ratio("work", "dram_bytes"),
            ratio("work", "time"),
            ratio("work", "compute"),
            ratio("dram_bytes", "memory"),
        )


@dataclass(frozen=True)
class _Measured:
    """Rows of a table by the columns that a chart names; `kept` are those drawn."""

    sheet: ChartSheet
    columns: Sequence[TableItem]
    kept: Sequence[int]

    def at(self, values: Values) -> _At:
        x, y, top = ([float(found[k]) for k in self.kept] for found in self._columns(values))
        return _At(x, y, top, [t / i if i > 0 else 0.0 for t, i in zip(top, x, strict=True)])

    def _columns(self, values: Values) -> list[list[Value]]:
        return [self.sheet.values(entry, values) for entry in self.columns]


@dataclass(frozen=True)
class _End:
    """One end, or the corner, of the roof; `scales` are those of rates and of intensities."""

    points: _Points | _Measured
    index: int
    rate: bool
    scales: tuple[float, float]

    def __call__(self, values: Values) -> Value:
        found = self.points.at(values)
        peak, bandwidth = max(found.peak), max(found.bandwidth)
        corner = peak / bandwidth
        x = (min([*found.intensity, corner]), corner, max([*found.intensity, corner]))[self.index]
        return min(peak, x * bandwidth) / self.scales[0] if self.rate else x / self.scales[1]
