"""The sheets `Charts` and `Chart data`: native charts over live cells, as the spec's report asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from openpyxl.chart import BarChart, Reference, ScatterChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.legend import Legend
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, ParagraphProperties
from openpyxl.worksheet.pagebreak import Break

from ..evaluate import Values
from ..sheet.formula import Field, Formula, Literal, Rows
from ..sheet.operations import Value
from ..sheet.report import ChartItem, ShownColumn, TableItem
from ..sheet.sheet import Quantity, Table
from ..units import Unit, readable
from .book import Book, heading
from .formulas import Scope
from .page import Page
from .rooflines import Rooflines
from .style import COLOURS, INK, Look, number_format

WIDTH, HEIGHT, ROWS_A_CHART = 28, 9.5, 20
FEW = 12
"""Bars that stand apart."""
CHARTS_A_PAGE = 3
"""Charts as wide as an upright sheet of paper, one below the other."""

Numbers = Callable[[Values], list[float]]
"""Numbers that follow the inputs."""


@dataclass
class ChartSheet:
    """`charts` are the items that can be drawn from live cells; a sweep over an input cannot."""

    book: Book
    page: Page
    data: Page
    charts: Sequence[ChartItem]
    column: int = 1
    drawn: int = field(default=0, init=False)

    def write(self) -> None:
        self.page.title_rows("Charts", f"They follow the inputs. Their figures stand on the sheet {self.data.title}.")
        self.data.title_rows("Chart data", "The figures behind the charts.")
        for item in self.charts:
            if item.kind == "roofline" and item.model is not None:
                Rooflines(self).of_model(self.book.sheet.instances[item.model])
            elif item.kind == "roofline":
                Rooflines(self).of_rows(item)
            elif item.kind == "compare":
                self._compare(item)
            else:
                self._columns(item)
        self.data.freeze(5, 1)
        self.data.set_up_print("4:4")

    def set_up_print(self) -> None:
        """Whole charts on each sheet of paper."""
        self.page.set_up_print(landscape=False)

    # ---- bars -------------------------------------------------------------------------------------------------------

    def _columns(self, item: ChartItem) -> None:
        """Bars of columns, row by row, or summed over what `by` names (the kind of a layer)."""
        first = item.columns[0]
        rows = first.rows.indices if isinstance(first.rows, Rows) else ()
        unit = self._unit(item.columns)
        table = self.book.sheet.tables[first.rows.table]
        groups = self._groups(table, item.by, rows)
        names = list(groups) if groups is not None else [table.rows[i].name for i in rows]
        start = self.names(names, item.by if groups is not None else "layer")
        for entry in item.columns:
            self._series(entry, unit, groups)
        owner = self._owner(first)
        titles = [entry.columns[0].title.removeprefix(f"{owner}.layers.") for entry in item.columns]
        layers = ", layer by layer" if table.role in ("network", "model") else ""
        text = f"{owner}: {', '.join(titles)}" + (f" by {item.by}" if groups is not None else layers)
        self._bars(text, start, len(item.columns), len(names), unit, item.kind == "stack")

    def _owner(self, entry: TableItem) -> str:
        owner = self.book.sheet.tables[entry.rows.table].owner
        return owner or entry.rows.table

    def _groups(self, table: Table, by: str, rows: Sequence[int]) -> dict[str, list[int]] | None:
        """The rows with one value of a column of the structure; None when the chart is row by row."""
        for owner in (table, self.book.sheet.tables[table.parent] if table.parent is not None else table):
            column = owner.columns.get(by)
            if column is None or by == "name" or not self.book.translator.structure.is_fixed(column):
                continue
            groups: dict[str, list[int]] = {}
            for row in rows:
                literal = column.formulas[row]
                assert isinstance(literal, Literal)
                groups.setdefault(str(literal.value), []).append(row)
            return groups
        return None

    def _unit(self, entries: Sequence[TableItem]) -> Unit | None:
        book, column = self.book, entries[0].columns[0]
        kind = book.typed.type_of(column.formula)
        if not isinstance(kind, Quantity) or kind.dimension is None:
            return None
        chosen = self.chosen(entries[0])
        if chosen is not None:
            return chosen
        values = [abs(v) for e in entries for v in self.values(e, book.declared) if isinstance(v, float)]
        return readable(max(values, default=0.0) / 20, kind.dimension)

    def chosen(self, entry: TableItem) -> Unit | None:
        """The unit that the author shows a column in."""
        column = entry.columns[0]
        if column.unit is None and isinstance(column.formula, Field):
            return self.book.sheet.tables[column.formula.table].columns[column.formula.column].shown
        return column.unit

    def values(self, entry: TableItem, values: Values) -> list[Value]:
        rows = entry.rows.indices if isinstance(entry.rows, Rows) else ()
        return values.over(entry.columns[0].formula, entry.row_variable, rows)

    def names(self, names: Sequence[str], title: str) -> int:
        """A column of names on the data sheet; its position."""
        at = self.column
        self.data.text(4, at, title, Look("heading"))
        self.data.width(at, 28)
        for i, name in enumerate(names):
            self.data.text(5 + i, at, name, Look("name"))
        self.column += 1
        return at

    def _series(self, entry: TableItem, unit: Unit | None, groups: dict[str, list[int]] | None) -> None:
        shown: ShownColumn = entry.columns[0]
        rows = entry.rows.indices if isinstance(entry.rows, Rows) else ()
        texts = [self.text(shown.formula, entry.row_variable, row) for row in rows]
        scale = float(unit.scale) if unit is not None else 1.0
        place = {row: i for i, row in enumerate(rows)}
        listed = [[place[row] for row in group] for group in groups.values()] if groups is not None else None

        def values_at(values: Values) -> list[float]:
            numbers = [float(v) / scale for v in self.values(entry, values)]
            return numbers if listed is None else [sum(numbers[i] for i in group) for group in listed]

        if listed is not None:
            texts = [self._sum_text([texts[i] for i in group]) for group in listed]
        self.numbers(shown.title, texts, unit, values_at)

    def _sum_text(self, texts: Sequence[str]) -> str:
        groups = [texts[i : i + 200] for i in range(0, len(texts), 200)]
        sums = [f"SUM({','.join(group)})" for group in groups]
        return sums[0] if len(sums) == 1 else f"SUM({','.join(sums)})"

    def text(self, formula: Formula, variable: str, row: int) -> str:
        return self.book.translator.piece(formula, Scope(self.data.title, bound={variable: row})).text

    def numbers(self, title: str, texts: Sequence[str], unit: Unit | None, values_at: Numbers) -> int:
        at = self.column
        self.data.text(4, at, heading(title, unit.text if unit is not None else ""), Look("heading"))
        self.data.width(at, 16)
        values_at = remembered(values_at)
        look = Look("body", number_format(values_at(self.book.declared)))
        for i, text in enumerate(texts):
            scaled = self.book.scales.over(text if _is_atom(text) else f"({text})", unit)
            self.data.formula(5 + i, at, scaled, Entry(values_at, i), look)
        self.column += 1
        return at

    def _bars(self, title: str, start: int, series: int, rows: int, unit: Unit | None, stacked: bool) -> None:
        chart = BarChart()
        chart.type = "col"
        chart.grouping = "stacked" if stacked else "clustered"
        chart.overlap = 100 if stacked else 0
        chart.gapWidth = 30 if rows > FEW else 100
        sheet = self.data.worksheet
        chart.add_data(Reference(sheet, start + 1, 4, start + series, 4 + rows), titles_from_data=True)
        chart.set_categories(Reference(sheet, start, 5, start, 4 + rows))
        for colour, found in zip(COLOURS * (series // len(COLOURS) + 1), chart.series, strict=False):
            found.graphicalProperties = GraphicalProperties(solidFill=colour)
            found.graphicalProperties.line = LineProperties(noFill=True)
        chart.y_axis.title = unit.text if unit is not None else None
        chart.y_axis.number_format = "#,##0.##" if unit is not None else "#,##0"
        self.place(chart, title)

    def place(self, chart: BarChart | ScatterChart, title: str) -> None:
        dress(chart, title)
        self.page.worksheet.add_chart(chart, f"A{5 + self.drawn * ROWS_A_CHART}")
        self.drawn += 1
        self.column += 1
        if (self.drawn - 1) % CHARTS_A_PAGE == 0 and self.drawn > 1:
            self.page.worksheet.row_breaks.append(Break(id=3 + (self.drawn - 1) * ROWS_A_CHART))

    def bars_of(
        self,
        title: str,
        of: str,
        names: Sequence[str],
        series: Sequence[tuple[str, Sequence[str], Numbers]],
        unit: Unit,
        stacked: bool,
    ) -> None:
        """Bars of series: each with its title, a formula for every name in base units, and their values in `unit`."""
        start = self.names(names, of)
        for heading_, texts, values_at in series:
            self.numbers(heading_, texts, unit, values_at)
        self._bars(title, start, len(series), len(names), unit, stacked)

    # ---- cells side by side -----------------------------------------------------------------------------------------

    def _compare(self, item: ChartItem) -> None:
        book = self.book
        values = [book.declared.formula(shown.formula) for shown in item.cells]
        kind = book.typed.type_of(item.cells[0].formula)
        largest = max((abs(v) for v in values if isinstance(v, float)), default=0.0)
        unit = item.cells[0].unit
        if unit is None and isinstance(kind, Quantity) and kind.dimension is not None:
            unit = readable(largest, kind.dimension)
        scale = float(unit.scale) if unit is not None else 1.0

        def values_at(values: Values) -> list[float]:
            return [float(values.formula(shown.formula)) / scale for shown in item.cells]

        start = self.names([shown.text for shown in item.cells], "cell")
        texts = [book.translator.cell(shown.formula, self.data.title) for shown in item.cells]
        self.numbers("value", texts, unit, values_at)
        self._bars(" / ".join(shown.text for shown in item.cells), start, 1, len(item.cells), unit, False)


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

    values_at: Numbers
    index: int

    def __call__(self, values: Values) -> Value:
        return self.values_at(values)[self.index]


def _is_atom(text: str) -> bool:
    return text.replace("!", "").replace("$", "").replace("_", "").replace("'", "").isalnum()
