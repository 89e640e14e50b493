"""The sheet `Checks`: every requirement, live, and one cell that says whether all hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..analysis.requirements import over_cells
from ..evaluate import Values
from ..sheet.operations import Value
from ..sheet.sheet import Check
from .book import Book, formula_text
from .layers import LayerSheet, holds
from .names import letter, sheet_prefix
from .page import Page
from .places import CellPlace
from .style import BAD, GOOD, Look
from .tables import name_range

TOP = 6
HEADINGS = (("Requirement", 62), ("Of", 20), ("As the spec writes it", 70), ("Rows", 8), ("Holds", 10),
            ("First row that fails", 34))  # fmt: skip
REQUIREMENT, OWNER, FORMULA, ROWS, HOLDS, FIRST = range(1, 7)


@dataclass
class CheckSheet:
    book: Book
    page: Page
    sheets: Mapping[int, LayerSheet]

    def take_places(self) -> None:
        self.name = self.book.names.name("all_checks_hold")
        self.place = CellPlace(self.page.title, 4, 2, self.name)

    def write(self) -> None:
        page = self.page
        words = "What must hold for the figures to mean anything: shapes that fit, capacities, conservation."
        page.title_rows("Checks", words)
        page.text(4, 1, "All requirements hold", Look("name"))
        last = TOP + len(self.book.sheet.checks)
        page.formula(4, 2, f"AND(E{TOP + 1}:E{last})", self._all, Look("status"))
        self.book.define(self.place)
        page.heads(TOP, HEADINGS, (ROWS,))
        for number, check in enumerate(self.book.sheet.checks):
            self._write(number, check, TOP + 1 + number)
        for area in ("B4", f"E{TOP + 1}:E{last}"):
            start = area.partition(":")[0]
            for truth, colour in (("TRUE", GOOD), ("FALSE", BAD)):
                page.colour(area, f"{start}={truth}", colour)
        page.freeze(TOP + 1, 2)
        page.set_up_print(f"{TOP}:{TOP}")

    def _all(self, values: Values) -> Value:
        return all(check_holds(check, values) for check in self.book.sheet.checks)

    def _write(self, number: int, check: Check, row: int) -> None:
        book, page = self.book, self.page
        for at in range(1, len(HEADINGS) + 1):
            page.text(row, at, "", Look())
        page.text(row, REQUIREMENT, check.message or formula_text(check.condition), Look("wrapped name"))
        page.text(row, OWNER, check.owner, Look())
        page.text(row, FORMULA, formula_text(check.condition), Look("wrapped"))
        sheet = self.sheets.get(number)
        if sheet is None or check.table is None:
            condition = over_cells(book.sheet, check)
            text = book.translator.cell(condition, page.title)
            page.formula(row, HOLDS, text, lambda values: holds(values, condition, "", 0), Look("status"))
            return
        block = sheet.block_of(check)
        column = letter(sheet.check_columns[number][0])
        area = f"{sheet_prefix(sheet.page.title)}${column}${block.first}:${column}${block.end - 1}"
        names = [found.name for found in block.table.rows]
        page.formula(row, ROWS, f"COUNTA({area})", lambda values: float(len(check.rows)), Look("body", "#,##0"))
        page.formula(row, HOLDS, f"AND({area})", lambda values: check_holds(check, values), Look("status"))
        where = name_range(book, block.table.id, page.title)

        def first(values: Values) -> Value:
            failing = (i for i in check.rows if not holds(values, check.condition, str(check.table), i))
            return next((names[i] for i in failing), "")

        page.formula(row, FIRST, f'IF(E{row},"",INDEX({where},MATCH(FALSE,{area},0)))', first, Look("wrapped"))


def check_holds(check: Check, values: Values) -> bool:
    """Whether a requirement holds, in all its rows."""
    if check.table is None:
        return bool(holds(values, check.condition, "", 0))
    return all(holds(values, check.condition, check.table, row) for row in check.rows)
