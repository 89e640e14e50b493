"""The sheet `Checks`: every requirement, live, and one cell that says whether all hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill

from ..evaluate import Values
from ..sheet.operations import Value
from ..sheet.sheet import Check
from .book import Book, written
from .inputs import define
from .layers import LayerSheet, holds
from .names import letter, sheet_prefix
from .page import Page
from .places import CellPlace
from .style import BAD, GOOD, Look
from .tables import name_range, set_up_print

TOP = 6
HEADINGS = (("Requirement", 62), ("Of", 20), ("As the spec writes it", 70), ("Rows", 8), ("Holds", 10),
            ("First row that fails", 34))  # fmt: skip


@dataclass
class CheckSheet:
    book: Book
    page: Page
    sheets: Mapping[int, LayerSheet]

    def take_places(self) -> None:
        self.name = self.book.names.name("all_checks_hold")
        self.place = CellPlace(self.page.title, 3, 2, self.name)

    def write(self) -> None:
        page, worksheet = self.page, self.page.worksheet
        page.text(1, 1, "Checks", Look("title"))
        page.height(1, 26)
        page.text(2, 1, "What must hold for the figures to mean anything: shapes that fit, capacities, conservation.", Look("plain"))
        page.text(3, 1, "All requirements hold", Look("name"))
        last = TOP + len(self.book.sheet.checks)
        page.formula(3, 2, f"AND(E{TOP + 1}:E{last})", self._all, Look("status"))
        define(self.book, self.name, page.title, 3, 2)
        for at, (title, width) in enumerate(HEADINGS, 1):
            page.text(TOP, at, title, Look("heading"))
            page.width(at, width)
        for number, check in enumerate(self.book.sheet.checks):
            self._write(number, check, TOP + 1 + number)
        for area in ("B3", f"E{TOP + 1}:E{last}"):
            start = area.partition(":")[0]
            for truth, colour in (("TRUE", GOOD), ("FALSE", BAD)):
                fill = PatternFill("solid", start_color=colour, end_color=colour)
                worksheet.conditional_formatting.add(area, FormulaRule(formula=[f"{start}={truth}"], fill=fill))
        worksheet.freeze_panes = worksheet.cell(TOP + 1, 2)
        set_up_print(page, f"{TOP}:{TOP}")

    def _all(self, values: Values) -> Value:
        return all(self._holds(check, values) for check in self.book.sheet.checks)

    def _holds(self, check: Check, values: Values) -> bool:
        if check.table is None:
            return bool(holds(values, check.condition, "", 0))
        return all(holds(values, check.condition, check.table, row) for row in check.rows)

    def _write(self, number: int, check: Check, row: int) -> None:
        book, page = self.book, self.page
        for at in range(1, len(HEADINGS) + 1):
            page.text(row, at, "", Look())
        page.text(row, 1, check.message or written(check.condition), Look("wrapped"))
        page.text(row, 2, check.owner, Look())
        page.text(row, 3, written(check.condition), Look("wrapped"))
        sheet = self.sheets.get(number)
        if sheet is None or check.table is None:
            text = book.translator.cell(check.condition, page.title)
            page.formula(row, 5, text, lambda values: holds(values, check.condition, "", 0), Look("status"))
            return
        block = sheet.block_of(check)
        column = letter(sheet.check_columns[number][0])
        area = f"{sheet_prefix(sheet.page.title)}${column}${block.first}:${column}${block.end - 1}"
        names = [found.name for found in block.table.rows]
        page.formula(row, 4, f"COUNTA({area})", lambda values: float(len(check.rows)), Look("body", "#,##0"))
        page.formula(row, 5, f"AND({area})", lambda values: self._holds(check, values), Look("status"))
        where = name_range(book, block.table.id, page.title)

        def first(values: Values) -> Value:
            failing = (i for i in check.rows if not holds(values, check.condition, str(check.table), i))
            return next((names[i] for i in failing), "")

        page.formula(row, 6, f'IF(E{row},"",INDEX({where},MATCH(FALSE,{area},0)))', first, Look("wrapped"))
