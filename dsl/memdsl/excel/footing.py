"""What the traffic is the sum of, on the cover: the parts of each model, their total, and whether they add up to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..evaluate import Values
from ..presentation.traffic import Footing
from ..sheet.formula import Formula
from ..sheet.operations import Value
from ..sheet.sheet import Quantity
from ..units import DATA, Unit
from .book import Book
from .charts import operand
from .names import letter
from .page import Page
from .style import TRUTH, Look, number_format

FIRST = 3
MOST_ACROSS = 6
"""Models that stand side by side; more stand one below the other."""
_SAME = 1e-9


@dataclass(frozen=True)
class FootingBlock:
    """`pages` gives the sheet of each model."""

    book: Book
    page: Page
    pages: dict[str, str]

    def write(self, found: Footing, row: int) -> int:
        """The block from a row on; the row below its last."""
        book, page = self.book, self.page
        count, models = len(found.parts), found.models
        values = [float(book.declared.cell(cell.id)) for cell in found.totals]
        unit = book.shown_unit(min((v for v in values if v > 0), default=0.0), Quantity(DATA), found.totals[0].shown)
        page.text(row, 1, f"What adds up to “{found.label}”", Look("block"))
        down = len(models) > MOST_ACROSS
        titles = [*found.parts, found.label, "adds up"]
        names = [self.pages.get(model.name, model.name) for model in models]
        across, along = (titles, names) if down else (names, titles)
        page.text(row + 1, 1, "Model" if down else "Part", Look("heading"))
        page.text(row + 1, 2, unit.text if unit is not None and down else "" if down else "Unit", Look("heading"))
        for at, text in enumerate(across, FIRST):
            page.text(row + 1, at, text, Look("heading number"))
            page.width(at, 17)
        for at, text in enumerate(along, row + 2):
            page.text(at, 1, text, Look("name"))
            page.text(
                at, 2, unit.text if unit is not None and not down and at < row + 2 + count + 1 else "", Look("unit")
            )

        def place(model: int, part: int) -> tuple[int, int]:
            return (row + 2 + model, FIRST + part) if down else (row + 2 + part, FIRST + model)

        for k in range(len(models)):
            for i, formula in enumerate(found.formulas[k]):
                text = operand(book.translator.cell(formula, page.title))
                self._number(place(k, i), text, formula, unit, values[k], "body")
            self._number(
                place(k, count), book.places.cells[found.totals[k].id].name, found.totals[k].formula, unit, values[k],
                "result",
            )  # fmt: skip
            cells = [f"{letter(at)}{line}" for line, at in (place(k, 0), place(k, count - 1), place(k, count))]
            text = f"ABS(SUM({cells[0]}:{cells[1]})-{cells[2]})<=1E-9*ABS({cells[2]})"
            page.formula(
                *place(k, count + 1), text, _Adds(found.formulas[k], found.totals[k].formula), Look("status", TRUTH)
            )
        return row + 2 + len(along)

    def _number(
        self, at: tuple[int, int], text: str, formula: Formula, unit: Unit | None, near: float, kind: str
    ) -> None:
        scale = float(unit.scale) if unit is not None else 1.0
        look = Look(kind, number_format([near / scale]))
        self.page.formula(*at, self.book.scales.over(text, unit), _Scaled(formula, scale), look)


@dataclass(frozen=True)
class _Scaled:
    formula: Formula
    scale: float

    def __call__(self, values: Values) -> Value:
        return float(values.formula(self.formula)) / self.scale


@dataclass(frozen=True)
class _Adds:
    parts: Sequence[Formula]
    total: Formula

    def __call__(self, values: Values) -> Value:
        parts = math.fsum(float(values.formula(part)) for part in self.parts)
        total = float(values.formula(self.total))
        return abs(parts - total) <= _SAME * abs(total)
