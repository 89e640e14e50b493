"""One sheet of the book while it is made: single cells through openpyxl, and bands of rows as columns of texts.

Every cell with a formula has a source: what Python says that its value is, at any point. From it come the values that
the file holds beside its formulas, and the tests that compare the recalculated book with the evaluator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule, DataBarRule, FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import DataTableFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ..evaluate import Values
from ..sheet.operations import Value
from .names import clean, letter, looks_like_formula, sheet_prefix
from .style import BODY, LINK, WRAPPED, Look, Styles

MAXIMUM_LABEL, MAXIMUM_LINES = 6, 30
"""Lines of a column's label, and of any other text, for which a row is made higher."""

LETTER, SMALL_LETTER = 0.92, 0.86
"""The width of a letter of running text, and of a label, as a share of the width of a digit."""
MAXIMUM_PAPER = 300
"""Characters across a sheet of paper that can still be read."""

Source = Callable[[Values], Value | None]
ColumnSource = Callable[[Values], Sequence[Value | None]]


@dataclass(frozen=True, eq=False)
class BandColumn:
    """A column of a band: a formula's text a row (without `=`), or a plain text; None where the row has none.

    `is_number` says that the plain texts are numbers of the structure.
    """

    at: int
    texts: Sequence[str | None]
    source: ColumnSource | None
    look: Look
    is_number: bool = False


@dataclass
class Band:
    """Rows that are written as a whole, from row `first`; `levels` say how deep each folds, if any does."""

    first: int
    count: int
    columns: list[BandColumn] = field(default_factory=list)
    levels: Sequence[int] = ()


@dataclass
class Page:
    """`owner` is the book that the sheet belongs to, where the file has several."""

    worksheet: Worksheet
    styles: Styles
    owner: str = ""
    bands: list[Band] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    _wrapped: list[tuple[int, int, str, int]] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(self.worksheet.title)

    # ---- single cells -----------------------------------------------------------------------------------------------

    def text(self, row: int, column: int, text: str, look: Look = BODY) -> Cell:
        """A text, never a formula whatever it begins with."""
        cell = self._cell(row, column, look)
        if not text:
            return cell
        if look.kind in WRAPPED:
            most = MAXIMUM_LABEL if look.kind.startswith("label") else MAXIMUM_LINES
            self._wrapped.append((row, column, text, most))
        cell.value = clean(text)
        cell.data_type = "s"
        if looks_like_formula(text):
            cell.quotePrefix = True
        return cell

    def number(self, row: int, column: int, value: Value, look: Look = BODY) -> Cell:
        """A constant: an input's value, a scale, a figure computed when the book was made."""
        if isinstance(value, str):
            return self.text(row, column, value, look)
        cell = self._cell(row, column, look)
        cell.value = value
        return cell

    def formula(self, row: int, column: int, text: str, source: Source, look: Look = BODY) -> Cell:
        """A formula (without `=`), and what Python says it comes to."""
        cell = self._cell(row, column, look)
        cell.value = "=" + clean(text)
        cell.data_type = "f"
        self.sources[cell.coordinate] = source
        return cell

    def what_if(
        self,
        row: int,
        columns: Sequence[int],
        sources: Sequence[Sequence[Source]],
        looks: Sequence[Look],
        cells: Sequence[str],
        values: Values,
    ) -> None:
        """A what-if table: the numbers in the column before it are set in a cell, one by one.

        The row above holds the formulas whose results are wanted; with two cells it holds the numbers that are set in
        the first of them, and the corner the formula. `values` are those that the file is delivered with.
        """
        area = f"{letter(columns[0])}{row}:{letter(columns[-1])}{row + len(sources) - 1}"
        for i, of_row in enumerate(sources):
            for at, source, look in zip(columns, of_row, looks, strict=True):
                made = self._cell(row + i, at, look)
                self.sources[made.coordinate] = source
                self.tried.add(made.coordinate)
                if i == 0 and at == columns[0]:
                    both = len(cells) == 2
                    made.value = DataTableFormula(
                        ref=area, dt2D=both, dtr=both, r1=cells[0], r2=cells[1] if both else None
                    )
                else:
                    found = source(values)
                    made.value = found if found == found else None

    def scale(self, area: str, colour: str) -> None:
        """Fills cells the darker, the larger their number."""
        rule = ColorScaleRule(start_type="min", start_color="FFFFFF", end_type="max", end_color=colour)  # type: ignore[no-untyped-call]
        self.worksheet.conditional_formatting.add(area, rule)

    def link(self, row: int, column: int, text: str, page: str, place: str = "A1", look: Look = LINK) -> None:
        """A text that leads to a place in the book."""
        cell = self.text(row, column, text, look)
        target = f"{sheet_prefix(page)}{place}"
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target, display=clean(text))
        self.styles.apply(cell, look)

    def validate(self, cell: str, rule: DataValidation, words: str) -> None:
        """Refuses what a rule does not admit in a cell; `words` say what it does."""
        words = clean(words)
        rule.allow_blank = rule.showErrorMessage = rule.showInputMessage = True
        rule.errorTitle, rule.error = "Out of range", f"Allowed: {words}"[:220]
        rule.promptTitle, rule.prompt = "Allowed", words[:220]
        rule.add(cell)
        self.worksheet.add_data_validation(rule)

    def note(self, row: int, column: int, text: str) -> None:
        """A comment on a cell."""
        comment = Comment(clean(text)[:2_000], "memdsl")
        comment.width, comment.height = 380, 22 * (2 + text.count("\n") + len(text) // 60)
        self.worksheet.cell(row, column).comment = comment

    def _cell(self, row: int, column: int, look: Look) -> Cell:
        cell = self.worksheet.cell(row, column)
        assert isinstance(cell, Cell)
        self.styles.apply(cell, look)
        return cell

    def width(self, column: int, characters: float) -> None:
        """Makes a column at least this wide."""
        self.widths[column] = max(self.widths.get(column, 0), characters)
        self.worksheet.column_dimensions[letter(column)].width = self.widths[column]

    def height(self, row: int, points: float) -> None:
        self.worksheet.row_dimensions[row].height = points

    def fit_heights(self) -> None:
        """Rows as high as their wrapped texts need, as far as can be told without a font."""
        lines: dict[int, int] = {}
        for row, column, text, most in self._wrapped:
            width = self.widths.get(column, 10)
            each = SMALL_LETTER if most == MAXIMUM_LABEL else LETTER
            needed = sum(1 + int(len(line) * each / width) for line in text.split("\n"))
            lines[row] = max(lines.get(row, 1), min(needed, most))
        for row, count in lines.items():
            if count > 1:
                self.height(row, 13.5 * count + 2)

    # ---- the sheet as a whole ---------------------------------------------------------------------------------------

    def freeze(self, row: int, column: int) -> None:
        """Keeps what is above a row and left of a column in sight."""
        self.worksheet.freeze_panes = f"{letter(column)}{row}"

    def colour(self, area: str, condition: str, colour: str) -> None:
        """Fills the cells for which a formula holds; it speaks of the area's first cell."""
        fill = PatternFill("solid", start_color=colour, end_color=colour)
        rule = FormulaRule(formula=[condition], fill=fill)  # type: ignore[no-untyped-call]
        self.worksheet.conditional_formatting.add(area, rule)

    def bars(self, area: str, colour: str) -> None:
        """A bar behind each number, from zero."""
        rule = DataBarRule(  # type: ignore[no-untyped-call]
            start_type="num", start_value=0, end_type="max", color=colour, minLength=0, maxLength=100
        )
        self.worksheet.conditional_formatting.add(area, rule)

    def set_up_print(self, rows: str = "", landscape: bool = True, one_page: bool = False, columns: str = "") -> None:
        """Fits the page's width, or a few pages' where it is far wider; headings are repeated on each sheet of paper.

        `rows` and `columns` are those to repeat, as `4:5` and `A:A`.
        """
        worksheet = self.worksheet
        worksheet.page_setup.orientation = "landscape" if landscape else "portrait"
        worksheet.page_setup.paperSize = 9
        worksheet.page_setup.fitToWidth = 1
        worksheet.page_setup.fitToHeight = 1 if one_page else 0
        worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        margins = worksheet.page_margins
        margins.left = margins.right = 0.4
        margins.top = margins.bottom = 0.6
        margins.header = margins.footer = 0.3
        footer = worksheet.oddFooter
        assert footer is not None
        for part, text in ((footer.left, "&A"), (footer.right, "&P / &N")):
            assert part is not None
            part.text = text
        if rows:
            worksheet.print_title_rows = rows
        if columns:
            worksheet.print_title_cols = columns

    def leave_out_of_print(self) -> None:
        """The sheet is printed on demand only: its print area is an empty cell behind all others."""
        last = max([self.worksheet.max_column, *(column.at for band in self.bands for column in band.columns)])
        self.worksheet.print_area = f"{letter(last + 2)}1"

    def fit_paper(self, last: int) -> None:
        """As many sheets of paper side by side as the columns up to `last` need to be read."""
        width = sum(self.widths.get(at, 9) for at in range(1, last + 1))
        self.worksheet.page_setup.fitToWidth = max(1, math.ceil(width / MAXIMUM_PAPER))

    def heads(self, row: int, headings: Sequence[tuple[str, float]], numbers: Collection[int] = ()) -> None:
        """A row of headings with the widths of their columns; those over numbers stand at the right."""
        for at, (title, width) in enumerate(headings, 1):
            kind = "heading number" if at in numbers else "heading text" if at > 1 else "heading"
            self.text(row, at, title, Look(kind))
            self.width(at, width)

    def title_rows(self, title: str, words: str) -> None:
        self.text(1, 1, f"{self.owner}: {title}" if self.owner else title, Look("title"))
        self.height(1, 26)
        self.text(2, 1, words, Look("plain"))

    # ---- what it holds ----------------------------------------------------------------------------------------------

    def expected(self, values: Values) -> Iterator[tuple[str, Value | None]]:
        """The value of every formula of the page at a point, by coordinate."""
        for coordinate, source in self.sources.items():
            yield coordinate, source(values)
        for band in self.bands:
            for column in band.columns:
                if column.source is None:
                    continue
                name = letter(column.at)
                for i, (text, value) in enumerate(zip(column.texts, column.source(values), strict=True)):
                    if text is not None:
                        yield f"{name}{band.first + i}", value
