"""The sheets in front of a file of several books: a cover of all, and a comparison of their results and inputs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.worksheet.pagebreak import Break

from ..sheet.operations import Value
from ..version import VERSION
from .charts import dress
from .comparison import Group, Line, Shown, Side, groups, key_lines
from .contents import UNITS
from .file_properties import Origin
from .names import letter
from .page import Source
from .scales import Scales
from .style import COLOURS, DOUBT, INK, Look
from .tables import value_look
from .volume import Points, SharedPage, Volume

FIRST = 4
"""The column of the first book, on both sheets."""
KEY_LINES = 6
RATIO = '[=0]0;[<0.01]0.00E+00;#,##0.000"×"'
WRAPPED = Look("wrapped")
_CHART_ROWS = 15


class OverviewSheets:
    def __init__(self, volume: Volume) -> None:
        self.cover = volume.add_shared("Cover")
        self.comparison = volume.add_shared("Comparison")
        self.volume = volume

    def write(self, sides: Sequence[Side], found: Sequence[Origin]) -> None:
        """Fills the sheets, when those of every book are written."""
        listed = list(groups(sides))
        _Comparison(self.comparison, sides, self.volume.scales).write(listed)
        _Cover(self.cover, sides, self.volume.scales).write(listed, found)


@dataclass
class _SideBySide:
    """A sheet with a column for each book, then one for the difference and one for the ratio to the first."""

    shared: SharedPage
    sides: Sequence[Side]
    scales: Scales

    @property
    def count(self) -> int:
        return len(self.sides)

    def heads(self, row: int, texts: Sequence[str], with_differences: bool) -> None:
        page, names = self.shared.page, [side.book.name for side in self.sides]
        for at, text in enumerate(texts, 1):
            page.text(row, at, text, Look("heading"))
        for at, name in enumerate(names, FIRST):
            page.text(row, at, name, Look("heading number"))
        at = FIRST + self.count
        for sign in ("−", "/") if with_differences else ("/",):
            for name in names[1:]:
                page.text(row, at, f"{name} {sign} {names[0]}", Look("heading number"))
                at += 1

    def line(self, row: int, line: Line, with_differences: bool) -> None:
        page = self.shared.page
        page.text(row, 1, line.label, Look("wrapped"))
        page.text(row, 2, line.name, Look("name"))
        page.text(row, 3, line.unit.text if line.unit is not None and line.is_number else "", Look("unit"))
        shown = [_InUnit(i, one, _scale(line)) for i, one in enumerate(line.shown) if one is not None]
        values = [one([side.book.values for side in self.sides]) for one in shown]
        for at in range(FIRST, FIRST + self.count * 2 - 1 + (self.count - 1) * with_differences):
            page.text(row, at, "", Look())
        for one in shown:
            look = value_look(one.shown.kind, values, "result")
            text = one.shown.place.name or one.shown.place.reference(page.title)
            text = self.scales.over(text, line.unit) if line.is_number else text
            self.shared.formula(row, FIRST + one.index, text, one, look)
        if not line.is_number or line.shown[0] is None:
            return
        first = f"${letter(FIRST)}{row}"
        for one in shown[1:]:
            here = f"{letter(FIRST + one.index)}{row}"
            at = FIRST + self.count + one.index - 1
            if with_differences:
                look = value_look(one.shown.kind, values)
                self.shared.formula(row, at, f"{here}-{first}", _Difference(shown[0], one), look)
                at += self.count - 1
            self.shared.formula(row, at, f'IF({first}=0,"",{here}/{first})', _Ratio(shown[0], one), Look("body", RATIO))


class _Comparison(_SideBySide):
    def write(self, listed: Sequence[Group]) -> None:
        page, first = self.shared.page, self.sides[0].book.name
        page.title_rows(
            "Comparison", f"Every figure is a formula to the sheets of its book; differences and ratios are to {first}."
        )
        page.link(3, 2, "Cover", "Cover")
        for at, width in ((1, 46), (2, 24), (3, 9)):
            page.width(at, width)
        last = FIRST + 3 * self.count - 3
        for at in range(FIRST, last + 1):
            page.width(at, 19)
        self.heads(5, ("What it is", "Name", "Unit"), True)
        row = 6
        for group in listed:
            for at in range(1, last + 1):
                page.text(row, at, group.title if at == 1 else "", Look("group"))
            start = row + 1
            for row, line in enumerate(group.lines, start):
                self.line(row, line, True)
            if group.title.startswith("Inputs"):
                self._mark(start, row)
            row += 1
        page.freeze(6, FIRST)
        page.set_up_print("5:5")
        page.worksheet.print_area = f"A1:{letter(last)}{row}"

    def _mark(self, first: int, last: int) -> None:
        """A colour where an input of a book is not that of the first."""
        start = f"${letter(FIRST)}{first}"
        area = f"{letter(FIRST + 1)}{first}:{letter(FIRST + self.count - 1)}{last}"
        here = f"{letter(FIRST + 1)}{first}"
        self.shared.page.colour(area, f'AND({here}<>"",{start}<>"",{here}<>{start})', DOUBT)


class _Cover(_SideBySide):
    def write(self, listed: Sequence[Group], found: Sequence[Origin]) -> None:
        page = self.shared.page
        names = [side.book.name for side in self.sides]
        today = datetime.datetime.now().astimezone().date().isoformat()
        title = " and ".join([", ".join(names[:-1]), names[-1]])
        page.title_rows(
            f"{title}, side by side",
            f"{self.count} live models in one file, made by memdsl {VERSION} on {today}. \
The sheets of each begin with its name.",
        )
        for at, width in ((1, 34), (2, 16), (3, 9)):
            page.width(at, width)
        for at in range(FIRST, FIRST + 2 * self.count - 1):
            page.width(at, 24)
        row = self._books(5)
        row = self._results(row + 1, listed)
        page.worksheet.row_breaks.append(Break(id=row))
        row = self._use(row + 1)
        row = self._made_from(row + 1, found)
        self._contents(row + 1)
        page.set_up_print()
        page.worksheet.sheet_view.zoomScale = 110

    # ---- the books --------------------------------------------------------------------------------------------------

    def _books(self, row: int) -> int:
        page = self.shared.page
        page.text(row, 1, "What stands side by side", Look("block"))
        row += 1
        self._row(row, "", [side.book.name for side in self.sides], Look("heading text"))
        row += 1
        self._row(row, "Its cover", ["" for _ in self.sides])
        for at, side in enumerate(self.sides, FIRST):
            page.link(row, at, side.cover.page.title, side.cover.page.title)
        row += 1
        self._row(row, "What is modelled", [side.book.title for side in self.sides])
        row += 1
        for name in dict.fromkeys(name for side in self.sides for name in side.cover.states):
            self._row(row, name, ["" if name in side.cover.states else "none" for side in self.sides])
            for i, side in enumerate(self.sides):
                if name in side.cover.states:
                    place, source = side.cover.states[name]
                    self.shared.formula(row, FIRST + i, place.reference(page.title), _Of(i, source), Look("wrapped"))
            page.height(row, 28)
            row += 1
        return row

    def _row(self, row: int, name: str, texts: Sequence[str], look: Look = WRAPPED) -> None:
        for at, text in enumerate((name, "", "", *texts), 1):
            first = look if look.kind != "wrapped" else Look("name")
            self.shared.page.text(row, at, text, first if at < FIRST else look)

    def _made_from(self, row: int, found: Sequence[Origin]) -> int:
        """The file of each spec as it was, and the command that makes the book again."""
        page = self.shared.page
        page.text(row, 1, "Where it comes from", Look("block"))
        for side, origin in zip(self.sides, found, strict=True):
            said = side.book.command or f"memdsl {VERSION}"
            for name, text in ((f"{origin.name}: spec", origin.spec), ("SHA-256", origin.sha256), ("made by", said)):
                row += 1
                page.text(row, 1, name, Look("name"))
                page.text(row, 2, text, Look("plain"))
        return row + 1

    # ---- results ----------------------------------------------------------------------------------------------------

    def _results(self, row: int, listed: Sequence[Group]) -> int:
        lines = key_lines(listed, KEY_LINES)
        if not lines:
            return row
        page = self.shared.page
        page.text(row, 1, f"Key results: {listed[0].title[:1].lower()}{listed[0].title[1:]}", Look("block"))
        page.link(row, FIRST, "All results and inputs", "Comparison")
        self.heads(row + 1, ("What it is", "Name", "Unit"), False)
        first = row + 2
        for at, line in enumerate(lines, first):
            self.line(at, line, False)
        return self._chart(first, first + len(lines) - 1) + 1

    def _chart(self, first: int, last: int) -> int:
        """Each result as a multiple of the first book's; the row below the chart."""
        sheet = self.shared.page.worksheet
        chart = BarChart()
        chart.type, chart.grouping, chart.gapWidth = "col", "clustered", 60
        for i, side in enumerate(self.sides[1:]):
            at = FIRST + self.count + i
            series = Series(Reference(sheet, at, first, at, last), title=side.book.name)
            series.graphicalProperties = GraphicalProperties(solidFill=COLOURS[i % len(COLOURS)])
            chart.series.append(series)
        chart.set_categories(Reference(sheet, 1, first, 1, last))
        chart.y_axis.number_format = "General"
        chart.y_axis.scaling.min = 0
        dress(chart, f"As a multiple of {self.sides[0].book.name}")
        chart.width, chart.height = 24, 7
        chart += self._level(first, last)
        sheet.add_chart(chart, f"A{last + 2}")
        return last + 1 + _CHART_ROWS

    def _level(self, first: int, last: int) -> LineChart:
        """A line at 1, where the first book stands; its figures stand beside the ratios."""
        page, at = self.shared.page, FIRST + 2 * self.count - 1
        page.text(first - 1, at, f"{self.sides[0].book.name}: 1x", Look("heading number"))
        for row in range(first, last + 1):
            page.number(row, at, 1.0, Look("quiet", RATIO))
        chart = LineChart()
        chart.add_data(Reference(page.worksheet, at, first - 1, at, last), titles_from_data=True)
        (line,) = chart.series
        line.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=INK, w=19_050, prstDash="dash"))
        line.smooth = False
        return chart

    # ---- words ------------------------------------------------------------------------------------------------------

    def _use(self, row: int) -> int:
        first = self.sides[0].book
        lines = (
            f"Type a value under Yours on {first.titled('Inputs')}: the sheets of {first.name} follow, and this one.",
            f"Each model has inputs of its own; names of cells in formulas begin with it, such as {first.name}_…",
            "Comparison has every result and input of the same name, with differences and ratios to the first.",
            "memdsl pull writes what was typed back into the specs.",
        )
        page = self.shared.page
        page.text(row, 1, "How to use this file", Look("block"))
        for i, line in enumerate(lines, 1):
            page.text(row + i, 1, line, Look("plain"))
        return row + len(lines) + 1

    def _contents(self, row: int) -> None:
        page = self.shared.page
        page.text(row, 1, "Contents", Look("block"))
        row += 1
        for title, words in (("Comparison", "Results and inputs side by side"), UNITS):
            page.link(row, 1, title, title)
            page.text(row, FIRST, words, Look("plain"))
            row += 1
        for side in self.sides:
            page.text(row, 1, side.book.name, Look("group"))
            for title, words in ((side.cover.page.title, side.book.title), *side.contents):
                row += 1
                page.link(row, 1, title, title)
                page.text(row, FIRST, words, Look("plain"))
            row += 1


# ---- what the formulas come to --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _InUnit:
    """A value of the book at `index`, in the unit of its line."""

    index: int
    shown: Shown
    scale: float

    def __call__(self, points: Points) -> Value:
        value = self.shown(points[self.index])
        return value / self.scale if isinstance(value, float) else value


@dataclass(frozen=True)
class _Difference:
    first: _InUnit
    other: _InUnit

    def __call__(self, points: Points) -> Value:
        return float(self.other(points)) - float(self.first(points))


@dataclass(frozen=True)
class _Ratio:
    first: _InUnit
    other: _InUnit

    def __call__(self, points: Points) -> Value:
        first = float(self.first(points))
        return float(self.other(points)) / first if first else ""


@dataclass(frozen=True)
class _Of:
    """What a cell of the book at `index` says."""

    index: int
    source: Source

    def __call__(self, points: Points) -> Value | None:
        return self.source(points[self.index])


def _scale(line: Line) -> float:
    return float(line.unit.scale) if line.unit is not None else 1.0
