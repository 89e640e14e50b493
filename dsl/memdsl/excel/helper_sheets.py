"""Writes the helper columns and cells that formulas asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ..evaluate import Values
from ..sheet.formula import Formula
from ..sheet.operations import Value
from .book import Book, written
from .helpers import HelperColumn, MemberColumn, PartCell
from .names import letter
from .page import Band, BandColumn, Page
from .style import Look, number_format
from .tables import TableBlock, row_text


def write_helpers(book: Book, blocks: Sequence[TableBlock]) -> None:
    """A helper may ask for another: until none is left."""
    done: set[int] = set()
    while True:
        columns = [column for column in book.helpers.columns if id(column) not in done]
        if not columns:
            break
        for column in columns:
            _column(book, column, _block(blocks, column.place.page, column.at, column.place.first))
            done.add(id(column))
    for member in book.helpers.members:
        _member(member, _block(blocks, member.place.page, member.at, member.place.first))
    for part in book.helpers.parts:
        _part(book, part)


def _block(blocks: Sequence[TableBlock], page: str, at: int, first: int) -> TableBlock:
    return next(block for block in blocks if block.page.title == page and block.first == first)


def _column(book: Book, helper: HelperColumn, block: TableBlock) -> None:
    table = book.sheet.tables[helper.table]
    formula: Formula = helper.row_formula
    texts = [row_text(book, formula, block.page, helper.table, i, block.first + i) for i in range(len(table.rows))]
    rows = range(len(table.rows))

    def source(values: Values) -> list[Value | None]:
        found: list[Value | None] = []
        for row in rows:
            try:
                found.append(values.formula(formula, helper.table, row))
            except (ArithmeticError, TypeError, ValueError):
                found.append(None)
        return found

    block.head(helper.at, "helper", written(helper.formula), "A part of a total, computed row by row.")
    block.page.width(helper.at, 16)
    look = Look("quiet", number_format(source(book.declared)))
    block.band.columns.append(BandColumn(helper.at, texts, source, look))


def _member(helper: MemberColumn, block: TableBlock) -> None:
    chosen = set(helper.rows.indices)
    texts = ["1" if i in chosen else "0" for i in range(len(block.table.rows))]
    numbers: list[Value | None] = [float(text) for text in texts]
    block.head(helper.at, "counts", f"1 in the rows of {helper.rows.text}", "Which rows a total runs over.")
    block.band.columns.append(BandColumn(helper.at, texts, lambda values: numbers, Look("quiet", "0")))


def _part(book: Book, part: PartCell) -> None:
    page = book.pages[part.page]

    def source(values: Values) -> Value | None:
        if part.formula is None:
            return None
        return values.formula(part.formula, part.table, part.index)

    band = next((b for b in page.bands if b.first <= part.row < b.first + b.count), None)
    if band is None:
        page.formula(part.row, part.column, part.text, source, Look("quiet", "General"))
    else:
        _into_band(page, band, part, source)


def _into_band(page: Page, band: Band, part: PartCell, source: object) -> None:
    raise NotImplementedError(letter(part.column), page.title, BandColumn)
