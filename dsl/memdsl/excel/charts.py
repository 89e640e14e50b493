"""The sheets `Charts` and `Chart data`: native charts over live cells, of the same descriptions as the report's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from openpyxl.chart import BarChart, Reference, ScatterChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.legend import Legend, LegendEntry
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, ParagraphProperties
from openpyxl.worksheet.pagebreak import Break

from ..evaluate import Values
from ..presentation.charts import Chart, Curve, Histogram
from ..presentation.probe import Probe
from ..sheet.formula import Field
from ..sheet.operations import Value
from ..sheet.sheet import Column, Quantity
from ..units import UNLIMITED, Unit, readable
from .book import Book, heading
from .formulas import Scope
from .names import letter
from .page import Page
from .style import COLOURS, INK, Look, number_format

WIDTH, HEIGHT, ROWS_A_CHART = 28, 9.5, 20
FEW = 12
"""Bars that stand apart."""
CHARTS_A_PAGE = 3
"""Charts as wide as an upright sheet of paper, one below the other."""
MAXIMUM_ROWS = 1_500
TOP = 4
FIRST = TOP + 1

Numbers = Callable[[Values], list[float]]
"""Numbers that follow the inputs."""


def drawable(charts: Sequence[Chart]) -> list[Chart]:
    """The charts that live cells can draw; a sweep over an input is drawn from the what-if table."""
    return [chart for chart in charts if not isinstance(chart, Curve) and _rows(chart) <= MAXIMUM_ROWS]


def _rows(chart: Chart) -> int:
    return len(chart.probe.rows or ()) if isinstance(chart, Histogram) else len(getattr(chart, "names", ()))


@dataclass
class ChartSheet:
    """`charts` are those that can be drawn from live cells. A chart's figures stand in columns of the data sheet."""

    book: Book
    page: Page
    data: Page
    charts: Sequence[Chart]
    column: int = 1
    made: list[BarChart | ScatterChart] = field(default_factory=list, init=False)

    def begin(self) -> None:
        self.page.title_rows("Charts", f"They follow the inputs. Their figures stand on the sheet {self.data.title}.")
        self.data.title_rows("Chart data", "The figures behind the charts.")

    def set_up_print(self) -> None:
        """Whole charts on each sheet of paper."""
        self.data.freeze(FIRST, 1)
        self.data.set_up_print(f"{TOP}:{TOP}")
        self.page.set_up_print(landscape=False)

    # ---- figures on the data sheet ----------------------------------------------------------------------------------

    def text(self, probe: Probe, k: int) -> str:
        """The formula of the k-th row of a probe, an operand of any other."""
        assert probe.rows is not None
        row, formula = probe.rows[k], probe.formula
        if probe.variable:
            scope = Scope(self.data.title, bound={probe.variable: row})
        else:
            if (
                isinstance(formula, Field)
                and self.book.sheet.tables[formula.table].columns[formula.column].formulas[row] is None
            ):
                return "0"
            scope = Scope(self.data.title, probe.table, row)
        return operand(self.book.translator.piece(formula, scope).text)

    def _column(self, formula: Field) -> Column:
        return self.book.sheet.tables[formula.table].columns[formula.column]

    def texts(self, probe: Probe) -> list[str]:
        return [self.text(probe, k) for k in range(len(probe.rows or ()))]

    def values(self, probe: Probe, values: Values) -> list[Value | None]:
        found = self.book.point.at(values).values_of(probe)
        assert isinstance(found, list)
        return found

    def sizes(self, probe: Probe, values: Values) -> list[float]:
        return [_size(value) for value in self.values(probe, values)]

    def names(self, names: Sequence[str], title: str) -> int:
        """A column of names; its position."""
        at = self._next(title, 28)
        for i, name in enumerate(names):
            self.data.text(FIRST + i, at, name, Look("name"))
        return at

    def numbers(self, title: str, texts: Sequence[str], unit: Unit | None, base_values: Numbers) -> int:
        """A column of formulas in base units, shown in a unit, and what they come to; its position."""
        scale = float(unit.scale) if unit is not None else 1.0
        at = self._next(heading(title, unit.text if unit is not None else ""), 16)
        values_at = remembered(lambda values: [v / scale for v in base_values(values)])
        look = Look("body", number_format(values_at(self.book.declared)))
        for i, text in enumerate(texts):
            scaled = self.book.scales.over(text if unit is None else operand(text), unit)
            self.data.formula(FIRST + i, at, scaled, Entry(values_at, i), look)
        return at

    def keys(self, title: str, texts: Sequence[str], values_at: Callable[[Values], list[Value]]) -> int:
        """A column of texts or numbers by which rows are told apart."""
        at = self._next(title, 16)
        for i, text in enumerate(texts):
            self.data.formula(FIRST + i, at, text, Entry(values_at, i), Look("body", "General"))
        return at

    def _next(self, title: str, width: int) -> int:
        at = self.column
        self.data.text(TOP, at, title, Look("heading"))
        self.data.width(at, width)
        self.column += 1
        return at

    def area(self, at: int, count: int) -> str:
        return f"${letter(at)}${FIRST}:${letter(at)}${FIRST + count - 1}"

    def unit(self, chosen: Unit | None, kind: object, largest: float) -> Unit | None:
        """The unit of an axis: the author's, else one in which its end has a digit more than a number would."""
        if chosen is not None or not isinstance(kind, Quantity) or kind.dimension is None:
            return chosen
        return readable(largest / 2, kind.dimension)

    # ---- drawings ---------------------------------------------------------------------------------------------------

    def bars(
        self, title: str, start: int, columns: Sequence[int], rows: int, unit: Unit | None, stacked: bool,
        ground: bool = False,
    ) -> None:  # fmt: skip
        """With `ground`, the first column only carries the others, and is not drawn."""
        chart = BarChart()
        chart.type = "col"
        chart.grouping = "stacked" if stacked else "clustered"
        chart.overlap = 100 if stacked else 0
        chart.gapWidth = 30 if rows > FEW else 100
        sheet = self.data.worksheet
        for at in columns:
            chart.add_data(Reference(sheet, at, TOP, at, TOP + rows), titles_from_data=True)
        chart.set_categories(Reference(sheet, start, FIRST, start, TOP + rows))
        drawn = chart.series[1:] if ground else chart.series
        for colour, found in zip(COLOURS * (len(columns) // len(COLOURS) + 1), drawn, strict=False):
            found.graphicalProperties = GraphicalProperties(solidFill=colour)
            found.graphicalProperties.line = LineProperties(noFill=True)
        if ground:
            chart.series[0].graphicalProperties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
        chart.y_axis.title = unit.text if unit is not None else None
        chart.y_axis.number_format = "#,##0.##" if unit is not None else "#,##0"
        self.place(chart, title, hidden=(0,) if ground else ())

    def place(self, chart: BarChart | ScatterChart, title: str, hidden: Sequence[int] = ()) -> None:
        dress(chart, title)
        if chart.legend is not None:
            chart.legend.legendEntry = [LegendEntry(idx=k, delete=True) for k in hidden]
        before = len(self.made)
        self.page.worksheet.add_chart(chart, f"A{FIRST + before * ROWS_A_CHART}")
        self.made.append(chart)
        self.column += 1
        if before % CHARTS_A_PAGE == 0 and before:
            self.page.worksheet.row_breaks.append(Break(id=3 + before * ROWS_A_CHART))


def _size(value: object) -> float:
    """A value as the length of a mark: nothing where there is none."""
    return value if isinstance(value, float) and value == value and abs(value) < UNLIMITED / 10 else 0.0


def remembered(numbers: Numbers) -> Numbers:
    """The same numbers, computed once for all cells that ask for them at one point."""
    known: list[tuple[Values, list[float]]] = []

    def at(values: Values) -> list[float]:
        if not known or known[0][0] is not values:
            known[:] = [(values, numbers(values))]
        return known[0][1]

    return at


def dress(chart: BarChart | ScatterChart, title: str) -> None:
    """Title, size, axes and legend as all charts of the book have them."""
    chart.title = title
    style = CharacterProperties(sz=1200, b=True, solidFill=INK)
    assert chart.title is not None
    assert chart.title.tx is not None
    assert chart.title.tx.rich is not None
    for paragraph in chart.title.tx.rich.p:
        paragraph.pPr = ParagraphProperties(defRPr=style)
        for run in paragraph.r:
            run.rPr = style
    chart.width, chart.height = WIDTH, HEIGHT
    chart.x_axis.delete = chart.y_axis.delete = False
    lines = GraphicalProperties(ln=LineProperties(solidFill="DDDDDD"))
    chart.y_axis.majorGridlines = ChartLines(spPr=lines)
    chart.legend = Legend() if len(chart.series) > 1 else None
    if chart.legend is not None:
        chart.legend.position = "b"


@dataclass(frozen=True)
class Entry:
    """One value of a list that depends on a point."""

    values_at: Callable[[Values], Sequence[Value]]
    index: int

    def __call__(self, values: Values) -> Value:
        return self.values_at(values)[self.index]


def operand(text: str) -> str:
    """A formula's text as it may stand beside any operator."""
    return text if text.replace("!", "").replace("$", "").replace("_", "").replace("'", "").isalnum() else f"({text})"
