"""The answer at the top of the cover: a sentence of results, main figures before and after, the inputs that matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..evaluate import Values
from ..presentation.answer import main_cells
from ..presentation.defaults import Defaults, defaults, headline
from ..sheet.operations import Value
from ..sheet.sheet import Cell, Quantity
from ..units import Unit
from .book import Book
from .inputs import USED, InputPlace
from .names import quoted
from .page import Page
from .style import BAD, GOOD, TRUTH, Look, number_format
from .trial_choice import strongest

MOST_INPUTS = 8
INPUT, VALUE, UNIT = 7, 8, 9
_OF = {"dram_bytes": " of DRAM traffic"}
END = " for one pass."
_CHANGE = "+0.0%;-0.0%;0.0%"


@dataclass(frozen=True)
class AnswerBlock:
    book: Book
    page: Page
    places: dict[str, InputPlace]

    def write(self, row: int) -> int:
        """The sentence in row 2, the figures and inputs from a row on; the row below the last."""
        found = defaults(self.book.point)
        self._sentence(found)
        figures = self._figures(found, row)
        return max(figures, self._inputs(found, row))

    # ---- one sentence -----------------------------------------------------------------------------------------------

    def _sentence(self, found: Defaults) -> None:
        book, lead = self.book, found.lead
        cells = main_cells(book.point, lead) if lead is not None else []
        if lead is None or not cells:
            return
        parts = [_Said(book, cell, self._unit(cell)) for cell in cells]
        begin = f"{lead.title or lead.name}: "
        joins = ["", *[", " if k < len(cells) - 1 else " and " for k in range(1, len(cells))]]
        ends = [_OF.get(book.point.short(cell), "") for cell in cells]
        texts = [quoted(begin)]
        for join, part, end in zip(joins, parts, ends, strict=True):
            texts += [quoted(join)] * bool(join) + [part.text, quoted(f" {part.unit_text}{end}")]

        def sentence(values: Values) -> Value:
            said = (f"{j}{p.number(values)} {p.unit_text}{e}" for j, p, e in zip(joins, parts, ends, strict=True))
            return begin + "".join(said) + END

        self.page.formula(2, 1, "&".join([*texts, quoted(END)]), sentence, Look("subtitle"))

    def _unit(self, cell: Cell) -> Unit | None:
        return self.book.shown_unit(self.book.declared.cell(cell.id), self.book.kind(cell), cell.shown)

    # ---- figures, before and after ----------------------------------------------------------------------------------

    def _figures(self, found: Defaults, row: int) -> int:
        book, page = self.book, self.page
        cells = [c for c in headline(book.point, found.lead) if isinstance(book.kind(c), Quantity)]
        if not cells:
            return row
        page.text(row, 1, "Main figures", Look("block"))
        for at, title in enumerate(("Figure", "Unit", "Now", "As the spec says", "Change"), 1):
            page.text(row + 1, at, title, Look("heading" if at < 3 else "heading number"))
        for i, cell in enumerate(cells, row + 2):
            unit = self._unit(cell)
            scale = float(unit.scale) if unit is not None else 1.0
            before = float(book.declared.cell(cell.id)) / scale
            look = number_format([before])
            page.text(i, 1, cell.label or cell.id, Look("name"))
            page.text(i, 2, unit.text if unit is not None else "", Look("unit"))
            text = book.scales.over(book.places.cells[cell.id].name, unit)
            page.formula(i, 3, text, _In(cell.id, scale), Look("result", look))
            page.number(i, 4, before, Look("quiet", look))
            changed = f'IF({book.changed}=0,"",IF(D{i}=0,0,C{i}/D{i}-1))'
            page.formula(i, 5, changed, _Change(book, cell.id), Look("status", _CHANGE))
        area = f"A{row + 2}:E{row + 1 + len(cells)}"
        page.colour(area, f'{book.warning}<>""', BAD)
        return row + 2 + len(cells)

    # ---- the inputs that matter -------------------------------------------------------------------------------------

    def _inputs(self, found: Defaults, row: int) -> int:
        book, page = self.book, self.page
        places = self._chosen(found)
        if not places:
            return row
        page.text(row, INPUT, f"Main inputs (all {len(self.places)}: {book.titled('Inputs')})", Look("block"))
        for at, title in ((INPUT, "Input"), (VALUE, "Used"), (UNIT, "Unit")):
            page.text(row + 1, at, title, Look("heading number" if at == VALUE else "heading"))
        page.width(INPUT, 34)
        for i, place in enumerate(places, row + 2):
            page.link(i, INPUT, place.item.label or place.path, place.page, place.value)
            truth = isinstance(book.declared.input(place.key), bool)
            look = Look("body", TRUTH if truth else place.format)
            page.formula(i, VALUE, place.cell(USED), _Used(book, place), look)
            page.text(i, UNIT, place.written.text if place.written is not None else "", Look("unit"))
        last = row + 1 + len(places)
        page.colour(f"G{row + 2}:I{last}", f"{book.changed}>0", GOOD)
        return last + 1

    def _chosen(self, found: Defaults) -> Sequence[InputPlace]:
        """Parameters that the main figure rests on, the other parameters, then what moves the main figures most."""
        reads = self.book.point.reads.used
        wanted = dict.fromkeys(found.params)
        by_key = {place.key: place for place in self.places.values()}
        params = [p for p in self.places.values() if p.item.role == "param" and p.key in reads and p.key not in wanted]
        chosen = [*(by_key[key] for key in wanted), *params][:MOST_INPUTS]
        if len(chosen) < MOST_INPUTS and found.lead is not None:
            known = {place.key for place in chosen}
            others = [place for place in self.places.values() if place.key not in known]
            cells = main_cells(self.book.point, found.lead)
            chosen += strongest(self.book, others, cells)[: MOST_INPUTS - len(chosen)]
        return chosen


@dataclass(frozen=True)
class _Said:
    """A figure in a sentence, to three digits at the inputs of the spec."""

    book: Book
    cell: Cell
    unit: Unit | None

    @property
    def _decimals(self) -> int:
        value = abs(float(self.book.declared.cell(self.cell.id))) / self._scale
        return max(0, 2 - math.floor(math.log10(value))) if 0 < value < 1e3 else 0

    @property
    def _scale(self) -> float:
        return float(self.unit.scale) if self.unit is not None else 1.0

    @property
    def unit_text(self) -> str:
        return self.unit.text if self.unit is not None else ""

    @property
    def text(self) -> str:
        number = self.book.scales.over(self.book.places.cells[self.cell.id].name, self.unit)
        return f'TEXT({number},"#,##0{"." + "0" * self._decimals if self._decimals else ""}")'

    def number(self, values: Values) -> str:
        return f"{float(values.cell(self.cell.id)) / self._scale:,.{self._decimals}f}"


@dataclass(frozen=True)
class _In:
    cell: str
    scale: float

    def __call__(self, values: Values) -> Value:
        return float(values.cell(self.cell)) / self.scale


@dataclass(frozen=True)
class _Change:
    book: Book
    cell: str

    def __call__(self, values: Values) -> Value:
        declared = self.book.declared
        if all(values.input(i.key) == declared.input(i.key) for i in self.book.sheet.inputs.values()):
            return ""
        before = float(declared.cell(self.cell))
        return float(values.cell(self.cell)) / before - 1 if before else 0.0


@dataclass(frozen=True)
class _Used:
    book: Book
    place: InputPlace

    def __call__(self, values: Values) -> Value:
        value = values.input(self.place.key)
        return self.book.in_cell(value, self.place.unit)
