"""The sheet `Formulas`: every formula once, as mathematics and as Excel has it, and where the spec says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Span
from ..sheet.formula import Formula, Literal
from ..sheet.sheet import Cell, Column, Table
from .book import Book, base
from .mathematics import mathematics
from .names import letter
from .page import Page
from .style import Look

TOP = 4
HEADINGS = (("Of", 14), ("Name", 21), ("Rows", 21), ("As mathematics", 46), ("In Excel", 44), ("Base unit", 10),
            ("What it is", 32), ("Where the spec says it", 23))  # fmt: skip
OF, NAME, ROWS, MATHEMATICS, EXCEL, UNIT, LABEL, WHERE = range(1, 9)
MAXIMUM_TEXT = 1_200
MAXIMUM_KINDS = 4


@dataclass(frozen=True)
class Listed:
    """One formula: whose it is, for which rows it holds, and the cell that stands for them."""

    owner: str
    name: str
    rows: str
    formula: Formula
    unit: str
    label: str
    page: str
    place: str


@dataclass
class FormulaSheet:
    book: Book
    page: Page

    def write(self) -> None:
        page = self.page
        words = "Every formula once. Names lead to the cell, of a column to the first row that has the formula."
        page.title_rows("Formulas", words)
        page.link(3, 2, "Cover", self.book.titled("Cover"))
        page.heads(TOP, HEADINGS)
        row = TOP
        for row, listed in enumerate(self._listed(), TOP + 1):
            self._write(row, listed)
        last = max(row, TOP + 1)
        page.worksheet.auto_filter.ref = f"A{TOP}:{letter(WHERE)}{last}"
        page.freeze(TOP + 1, NAME + 1)
        page.set_up_print(f"{TOP}:{TOP}")
        page.worksheet.print_area = f"A1:{letter(WHERE)}{last}"

    def _write(self, row: int, listed: Listed) -> None:
        page = self.page
        page.text(row, OF, listed.owner, Look("name"))
        page.link(row, NAME, listed.name, listed.page, listed.place, Look("link name"))
        page.text(row, ROWS, listed.rows, Look("wrapped"))
        page.text(row, MATHEMATICS, _short(mathematics(self.book.sheet, listed.formula)), Look("wrapped name"))
        page.text(row, EXCEL, _short("=" + self._in_excel(listed)), Look("wrapped"))
        page.text(row, UNIT, listed.unit, Look("unit"))
        page.text(row, LABEL, listed.label, Look("wrapped"))
        page.text(row, WHERE, _where(listed.formula.span), Look("wrapped"))

    # ---- what there is ----------------------------------------------------------------------------------------------

    def _listed(self) -> Iterator[Listed]:
        """Instance by instance, the cells of each before its columns; then what belongs to none."""
        sheet = self.book.sheet
        for owner in [*sheet.instances, ""]:
            for cell in sheet.cells.values():
                if (cell.owner if cell.owner in sheet.instances else "") == owner:
                    yield from self._cell(cell)
            for table in sheet.tables.values():
                if (table.owner if table.owner in sheet.instances else "") == owner:
                    for column in table.columns.values():
                        yield from self._column(table, column)

    def _cell(self, cell: Cell) -> Iterator[Listed]:
        book = self.book
        place = book.places.cells.get(cell.id)
        if place is None or cell.id in book.sheet.inputs or isinstance(cell.formula, Literal):
            return
        name = cell.id.removeprefix(cell.owner + ".")
        unit = base(book.kind(cell))
        yield Listed(cell.owner, name, "", cell.formula, unit, cell.label, place.page, place.coordinate)

    def _column(self, table: Table, column: Column) -> Iterator[Listed]:
        """Each formula of a column; what a network's structure fixes is no formula."""
        book = self.book
        place = book.places.owners.get((table.id, column.name))
        if place is None or column.role in ("structure", "argument"):
            return
        rows = book.sheet.tables[table.parent or table.id].rows
        rows = table.rows or rows
        found: dict[tuple[object, int, int], list[int]] = {}
        for index, formula in enumerate(column.formulas):
            if formula is not None and not (table.role == "components" and isinstance(formula, Literal)):
                found.setdefault((formula.span.source, formula.span.start, formula.span.end), []).append(index)
        unit = base(book.typed.column_types[table.id, column.name])
        owner = table.owner or table.id
        for indices in found.values():
            kinds = list(dict.fromkeys(rows[i].kind or rows[i].name for i in indices))
            said = ", ".join(kinds[:MAXIMUM_KINDS]) + (" …" if len(kinds) > MAXIMUM_KINDS else "")
            formula = column.formulas[indices[0]]
            assert formula is not None
            where = f"{letter(place.columns[table.id, column.name])}{place.first + indices[0]}"
            yield Listed(owner, column.name, said, formula, unit, column.label, place.page, where)

    def _in_excel(self, listed: Listed) -> str:
        """The text of the cell, without `=`."""
        page = self.book.pages[listed.page]
        row = int("".join(c for c in listed.place if c.isdigit()))
        column = listed.place.removesuffix(str(row))
        for band in page.bands:
            if band.first <= row < band.first + band.count:
                texts = next((c.texts for c in band.columns if letter(c.at) == column), None)
                if texts is not None:
                    return texts[row - band.first] or ""
        return str(page.worksheet[listed.place].value).removeprefix("=")


def _short(text: str) -> str:
    rest = len(text) - MAXIMUM_TEXT
    return text if rest <= 0 else f"{text[:MAXIMUM_TEXT]} … ({rest:,} more characters)"


def _where(span: Span) -> str:
    if not span.source.text or span.source.name == "built in":
        return "built in"
    name = span.source.name.replace("\\", "/").rpartition("/")[2]
    return f"{name}:{span.source.position(span.start)[0]}"
