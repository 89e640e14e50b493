"""The sheet `Analyses`: what the report asks of the closed forms, at the values with which the book was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..analysis import AnalysisTable, sensitivities, solved
from ..analysis.reported import fronted, gridded, point_tables, uncertainties_asked, uncertainty_tables
from ..sheet.report import GridItem, ParetoItem, SensitivityItem, SolveItem, UncertaintyItem
from .book import Book
from .page import Page
from .style import Look, number_format

TOP = 4
WIDTHS = (44, 16, 16, 16, 16, 16, 16, 24, 60)


def analysis_tables(book: Book) -> list[AnalysisTable]:
    """The answers to what the report asks, in its order."""
    found: list[AnalysisTable] = []
    ask = book.question
    for item in book.sheet.report or ():
        if isinstance(item, SensitivityItem):
            found += [answer for answer, _ in sensitivities(ask.typed, ask.machine, ask.values, item)]
        elif isinstance(item, SolveItem):
            found.append(solved(ask.typed, ask.machine, ask.values, item)[0])
        elif isinstance(item, UncertaintyItem):
            found += uncertainty_tables(ask.typed, *uncertainties_asked(ask.typed, ask.values, item))
        elif isinstance(item, GridItem):
            found += point_tables(gridded(ask.typed, ask.values, item))
        elif isinstance(item, ParetoItem):
            found += point_tables(fronted(ask.typed, ask.values, item))
    return found


@dataclass
class AnalysisSheet:
    book: Book
    page: Page
    answers: Sequence[AnalysisTable]

    def write(self) -> None:
        page = self.page
        page.title_rows("Analyses", "Computed when the book was made: these do not follow the yellow cells.")
        for at, width in enumerate(WIDTHS, 1):
            page.width(at, width)
        row = TOP
        for answer in self.answers:
            page.text(row, 1, answer.title, Look("group"))
            row += 1
            if answer.columns:
                for at, column in enumerate(answer.columns, 1):
                    title = f"{column.title} ({column.unit})" if column.unit else column.title
                    page.text(row, at, title, Look("heading"))
                row += 1
            for cells in answer.rows:
                for at, cell in enumerate(cells, 1):
                    if isinstance(cell, str):
                        page.text(row, at, cell, Look("wrapped"))
                    else:
                        page.number(row, at, cell, Look("body", number_format([cell])))
                row += 1
            for note in answer.notes:
                page.text(row, 1, note, Look("quiet"))
                row += 1
            row += 1
        page.set_up_print()
