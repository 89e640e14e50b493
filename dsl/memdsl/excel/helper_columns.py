"""Writes the helper columns and cells that formulas asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..evaluate import Values
from ..sheet.formula import Formula
from ..sheet.operations import Value
from .book import Book, formula_text
from .helpers import HelperColumn, MemberColumn, PartCell
from .page import Band, BandColumn, Page
from .style import Look
from .tables import TableBlock, base_look, row_text


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
    by_column: dict[tuple[str, int], list[PartCell]] = {}
    for part in book.helpers.parts:
        by_column.setdefault((part.page, part.column), []).append(part)
    for (title, at), parts in by_column.items():
        _parts(book.pages[title], at, parts, blocks)


def _block(blocks: Sequence[TableBlock], page: str, at: int, first: int) -> TableBlock:
    return next(block for block in blocks if block.page.title == page and block.first == first)


def _column(book: Book, helper: HelperColumn, block: TableBlock) -> None:
    table, formula = helper.rows.table, helper.formula
    chosen = set(helper.rows.indices)
    count = len(block.table.rows)
    texts = [
        row_text(book, formula, block.page, table, i, block.first + i) if i in chosen else None for i in range(count)
    ]

    def source(values: Values) -> list[Value | None]:
        return [_value(values, formula, table, i) if i in chosen else None for i in range(count)]

    block.head(helper.at, "helper", formula_text(helper.text_of), "A part of a total, computed row by row.")
    block.page.width(helper.at, 16)
    kind = book.typed.type_of(helper.text_of)
    block.band.columns.append(
        BandColumn(helper.at, texts, source, base_look(kind, source(book.declared), name="quiet"))
    )


def _value(values: Values, formula: Formula, table: str, row: int) -> Value | None:
    try:
        return values.formula(formula, table, row)
    except (ArithmeticError, TypeError, ValueError):
        return None


def _member(helper: MemberColumn, block: TableBlock) -> None:
    chosen = set(helper.rows.indices)
    texts = ["1" if i in chosen else "0" for i in range(len(block.table.rows))]
    numbers: list[Value | None] = [float(text) for text in texts]
    block.head(helper.at, "counts", f"1 in the rows of {helper.rows.text}", "Which rows a total runs over.")
    block.band.columns.append(BandColumn(helper.at, texts, lambda values: numbers, Look("quiet", "0")))


def _parts(page: Page, at: int, parts: Sequence[PartCell], blocks: Sequence[TableBlock]) -> None:
    """Parts of long formulas: in the band of the rows that need them, else in cells of their own."""
    for band in page.bands:
        inside = {part.row - band.first: part for part in parts if band.first <= part.row < band.first + band.count}
        if inside:
            _parts_of_rows(page, band, at, inside, blocks)
    within = {row for band in page.bands for row in range(band.first, band.first + band.count)}
    for part in parts:
        if part.row not in within:
            page.formula(part.row, at, part.text, part.value, Look("quiet"))


def _parts_of_rows(
    page: Page, band: Band, at: int, parts: Mapping[int, PartCell], blocks: Sequence[TableBlock]
) -> None:
    texts = [parts[i].text if i in parts else None for i in range(band.count)]

    def source(values: Values) -> list[Value | None]:
        return [parts[i].value(values) if i in parts else None for i in range(band.count)]

    block = next((b for b in blocks if b.page is page and b.first == band.first), None)
    if block is not None:
        block.head(at, "part", "Part of a formula that would be too long")
    page.width(at, 14)
    band.columns.append(BandColumn(at, texts, source, Look("quiet")))
