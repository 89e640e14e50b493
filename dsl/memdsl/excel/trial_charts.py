"""Charts of trials: a curve over an input, the swing of each input, the scenarios side by side."""

from __future__ import annotations

from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.worksheet.worksheet import Worksheet

from ..presentation.in_words import alone, called, input_called
from ..presentation.words import listed
from ..sheet.formula import CellRef
from ..sheet.report import Shown
from ..sheet.sheet import Cell, Quantity
from .book import Book, heading
from .charts import ChartSheet
from .scenarios import FIRST, TOP, ScenarioSheet
from .sensitivity import SensitivitySheet
from .style import COLOURS


def draw_trials(book: Book, charts: ChartSheet, sensitivity: SensitivitySheet, scenarios: ScenarioSheet | None) -> None:
    """What the tables of trials show, on the sheet `Charts`."""
    if sensitivity.plan.curve is not None:
        _curve(book, charts, sensitivity)
    if sensitivity.plan.swings:
        _swings(book, charts, sensitivity)
    if scenarios is not None and sensitivity.plan.scenarios:
        _scenarios(book, charts, sensitivity, scenarios)


def _curve(book: Book, charts: ChartSheet, sensitivity: SensitivitySheet) -> None:
    """The results of one kind over the range of an input: its steps, else points each double the one before."""
    assert sensitivity.plan.curve is not None
    place, _ = sensitivity.plan.curve
    sheet = sensitivity.page.worksheet
    first, last = sensitivity.curve_rows
    results = sensitivity.plan.results
    kinds = [book.kind(cell) for cell in results]
    main = kinds[0]
    chart = ScatterChart()
    chart.scatterStyle = "lineMarker"
    chart.style = 13
    x = Reference(sheet, 1, first, 1, last)
    shown: list[tuple[int, Cell]] = []
    for i, (cell, kind) in enumerate(zip(results, kinds, strict=True)):
        same = isinstance(kind, Quantity) and isinstance(main, Quantity) and kind.dimension == main.dimension
        if not same or sensitivity.shown_unit(cell) != sensitivity.shown_unit(results[0]):
            continue
        shown.append((i, cell))
    what, names = called(book.sheet, [_shown(cell) for _, cell in shown])
    for (i, _), name in zip(shown, names, strict=True):
        series = Series(Reference(sheet, 2 + i, first, 2 + i, last), x, title=name)
        colour = COLOURS[len(chart.series) % len(COLOURS)]
        if sensitivity.plan.exact:
            series.marker.symbol = "none"
        else:
            series.marker.symbol, series.marker.size = "circle", 5
            series.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=22_000))
        series.smooth = False
        chart.series.append(series)
    unit = sensitivity.shown_unit(results[0])
    chart.x_axis.scaling.logBase = 2
    chart.x_axis.title = heading(input_called(place.item), place.unit.text if place.unit else "")
    chart.y_axis.title = unit.text if unit is not None else None
    chart.x_axis.number_format = "General"
    chart.y_axis.number_format = "#,##0.##"
    chart.y_axis.scaling.min = 0
    chart.x_axis.majorGridlines = None
    chart.x_axis.crosses = chart.y_axis.crosses = "min"
    charts.place(chart, f"{what or listed(list(names))} over {place.item.label or place.path} ({place.path})")


def _alone(book: Book, cell: Cell) -> str:
    """A result in words, with the model that it is of where others have one alike."""
    return alone(book.sheet, _shown(cell))


def _shown(cell: Cell) -> Shown:
    return Shown(cell.id, CellRef(cell.span, cell.id), None)


def _swings(book: Book, charts: ChartSheet, sensitivity: SensitivitySheet) -> None:
    """A tornado: what a tenth less and more of each input does to a result, the strongest on top."""
    first, _ = sensitivity.swing_rows
    number = sensitivity.swinging
    last = first + max(1, sensitivity.moving(number)) - 1
    cell = sensitivity.plan.results[number]
    columns = (4 + 2 * number, 5 + 2 * number)
    chart = _bars(sensitivity.page.worksheet, "bar", columns, first, last, ("a tenth less", "a tenth more"))
    chart.overlap = 100
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.number_format = "0%"
    chart.y_axis.crosses = "max"
    charts.place(chart, f"{_alone(book, cell)}: change with a tenth less and a tenth more of each input")


def _scenarios(book: Book, charts: ChartSheet, sensitivity: SensitivitySheet, scenarios: ScenarioSheet) -> None:
    sheet, (row, _) = scenarios.page.worksheet, scenarios.result_rows
    cell = sensitivity.plan.results[0]
    unit = sensitivity.shown_unit(cell)
    chart = BarChart()
    chart.type, chart.gapWidth = "col", 80
    series = Series(Reference(sheet, FIRST, row, scenarios.last, row), title=cell.label or cell.id)
    series.graphicalProperties = GraphicalProperties(solidFill=COLOURS[0])
    chart.series.append(series)
    chart.set_categories(Reference(sheet, FIRST, TOP, scenarios.last, TOP))
    chart.y_axis.title = unit.text if unit is not None else None
    chart.y_axis.number_format = "#,##0.##"
    charts.place(chart, f"{_alone(book, cell)} in each scenario")


def _bars(
    sheet: Worksheet, kind: str, columns: tuple[int, int], first: int, last: int, titles: tuple[str, str]
) -> BarChart:
    chart = BarChart()
    chart.type, chart.grouping, chart.gapWidth = kind, "clustered", 40
    for at, title, colour in zip(columns, titles, COLOURS, strict=False):
        series = Series(Reference(sheet, at, first, at, last), title=title)
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
        chart.series.append(series)
    chart.set_categories(Reference(sheet, 1, first, 1, last))
    return chart
