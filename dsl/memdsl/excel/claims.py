"""The sheet `Claims`: published figures beside what the model gives, live."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..evaluate import ClaimResult, Values
from ..evaluate.show import unit_written
from ..sheet.formula import Formula
from ..sheet.operations import Value
from ..sheet.sheet import Quantity, Text
from ..units import Unit
from .book import Book
from .inputs import CHANGED, STATE, InputSheet
from .names import letter, sheet_prefix
from .page import Page
from .places import TablePlace
from .scales import in_unit
from .style import BAD, DOUBT, GOOD, Look, number_format

TOP = 4
HEADINGS = (("Claim", 44), ("", 4), ("Published", 14), ("to", 9), ("Modelled", 14), ("Unit", 9), ("Difference", 11),
            ("Tolerance", 11), ("Status", 24), ("At", 22), ("Source", 48), ("Disputed because", 42))  # fmt: skip
CLAIM, OP, PUBLISHED, HIGH, MODELLED, UNIT, DIFFERENCE, TOLERANCE, STATUS, AT, SOURCE, DISPUTED = range(1, 13)
ELSEWHERE = "not comparable"
"""What is said of a claim that rests on an input which is not as the spec declares it."""
MOST_RANGES = 8
"""Ranges of inputs that a formula counts changes in; a claim that rests on more of them rests on all inputs."""
_PERCENT = "0.000%"
LARGE, SMALLEST = 1e11, 1e-3
"""Beyond these a figure has an exponent: it would fill its column, or lose its digits."""


@dataclass
class ClaimSheet:
    book: Book
    page: Page
    inputs: InputSheet
    _known: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def take_places(self) -> None:
        margin = TablePlace(self.page.title, TOP + 1, 0, free=len(HEADINGS) + 2)
        self.book.places.margins.setdefault(self.page.title, margin)

    @property
    def area(self) -> str:
        return f"I{TOP + 1}:I{TOP + len(self.book.claims)}"

    def write(self) -> None:
        page = self.page
        words = "Published figures beside what the model gives. A figure in grey belongs to other inputs than those of \
this book: it was computed when the book was made."
        page.title_rows("Claims", words)
        page.heads(TOP, HEADINGS, (PUBLISHED, HIGH, MODELLED, DIFFERENCE, TOLERANCE))
        for i, result in enumerate(self.book.claims):
            self._write(result, TOP + 1 + i)
        for text, colour in (("holds", GOOD), ("disputed", DOUBT), ("fails", BAD)):
            page.colour(self.area, f'I{TOP + 1}="{text}"', colour)
        page.freeze(TOP + 1, 2)
        page.set_up_print(f"{TOP}:{TOP}")

    def _write(self, result: ClaimResult, row: int) -> None:
        book, page, claim = self.book, self.page, result.claim
        kind = book.typed.type_of(claim.left)
        unit = unit_written(claim.right) if isinstance(kind, Quantity) else None
        for at in range(1, len(HEADINGS) + 1):
            page.text(row, at, "", Look())
        page.text(row, CLAIM, claim.text, Look("wrapped name"))
        page.text(row, OP, "=" if claim.op == "==" else claim.op, Look("status"))
        self._constant(row, PUBLISHED, result.published, unit, Look())
        if result.high is not None:
            self._constant(row, HIGH, result.high, unit, Look())
        page.text(row, UNIT, unit.text if unit is not None else "", Look("unit"))
        live = not claim.at
        if live:
            self._modelled(row, claim.left, unit)
        else:
            self._constant(row, MODELLED, result.modelled, unit, Look("quiet"))
        if result.difference is not None:
            self._difference(row, result, unit, live)
        self._status(row, result, unit, live)
        page.text(row, AT, f"at {claim.at_text}" if claim.at else "", Look("wrapped"))
        page.text(row, SOURCE, claim.source, Look("wrapped"))
        page.text(row, DISPUTED, claim.disputed or "", Look("wrapped"))

    def _constant(self, row: int, at: int, value: Value, unit: Unit | None, look: Look) -> None:
        if isinstance(value, (bool, str)):
            self.page.number(row, at, value, look)
            return
        shown = in_unit(value, unit)
        self.page.number(row, at, shown, Look(look.kind, _format(shown)))

    def _modelled(self, row: int, formula: Formula, unit: Unit | None) -> None:
        book, page = self.book, self.page
        kind = book.typed.type_of(formula)
        scale = float(unit.scale) if unit is not None else 1.0

        def source(values: Values) -> Value | None:
            value = book.number(values.formula(formula), kind)
            return value / scale if isinstance(value, float) else value

        text = book.translator.cell(formula, page.title)
        if unit is not None and unit.scale != 1:
            text = f"({text})/{book.scales.name(unit)}"
        value = source(book.declared)
        look = Look("result", _format(value) if isinstance(value, float) else "General")
        page.formula(row, MODELLED, text, source, look)

    def _difference(self, row: int, result: ClaimResult, unit: Unit | None, live: bool) -> None:
        page, claim, kind = self.page, result.claim, self.book.typed.type_of(result.claim.left)
        published = result.published
        assert isinstance(published, (int, float))
        scale = abs(float(published)) or 1.0

        def source(values: Values) -> Value:
            modelled = self.book.number(values.formula(claim.left), kind) if live else result.modelled
            return (float(modelled or 0) - float(published)) / scale

        text = f"(E{row}-C{row})/ABS(C{row})" if published else f"E{row}-C{row}"
        page.formula(row, DIFFERENCE, text, source, Look("body", _PERCENT))
        look = Look("body", "0.0###%" if claim.within else '[<0.00001]"exact";0.0###%')
        page.number(row, TOLERANCE, result.tolerance or 0.0, look)

    def _status(self, row: int, result: ClaimResult, unit: Unit | None, live: bool) -> None:
        """Whether the claim holds. Live, as long as no input differs from the spec."""
        book, claim = self.book, result.claim
        kind = book.typed.type_of(claim.left)
        word = "disputed" if claim.disputed is not None else result.status
        if not live:
            self.page.text(row, STATUS, word, Look("status"))
            return
        if claim.op == "in":
            text = f"AND(E{row}>=C{row},E{row}<=D{row})"
        elif result.difference is not None:
            text = f"ABS(G{row})<=H{row}*(1+1E-12)"
        elif isinstance(kind, Text) and book.translator.by_capitals:
            text = f"EXACT(E{row},C{row})" if claim.op in ("=", "==") else f"NOT(EXACT(E{row},C{row}))"
        else:
            text = f"E{row}{'=' if claim.op == '==' else '<>' if claim.op == '!=' else claim.op}C{row}"
        outcome = '"disputed"' if claim.disputed is not None else f'IF({text},"holds","fails")'

        self.page.formula(
            row,
            STATUS,
            f'IF({self._changed(result)}>0,"{ELSEWHERE}",{outcome})',
            lambda values: self.status_at(result, values),
            Look("status"),
        )

    # ---- the inputs that it rests on --------------------------------------------------------------------------------

    def _ranges(self, result: ClaimResult) -> list[tuple[int, int]]:
        """The rows of the inputs that a claim rests on, as ranges; between two of a range stand headings only."""
        known = self._known.get(id(result))
        if known is not None:
            return known
        keys = self.book.point.reads.inputs_of(result.claim.left, result.claim.right)
        found = self._known[id(result)] = list[tuple[int, int]]()
        open_ = False
        for place in sorted(self.inputs.places.values(), key=lambda place: place.row):
            if place.key not in keys:
                open_ = False
            elif open_:
                found[-1] = (found[-1][0], place.row)
            else:
                found.append((place.row, place.row))
                open_ = True
        return found

    def _changed(self, result: ClaimResult) -> str:
        """How many of the inputs that a claim rests on have changed."""
        ranges = self._ranges(result)
        if not ranges or len(ranges) > MOST_RANGES:
            return self.book.changed if ranges else "0"
        on, at = sheet_prefix(self.inputs.page.title), letter(STATE)
        counts = [f'COUNTIF({on}${at}${first}:${at}${last},"{CHANGED}*")' for first, last in ranges]
        return counts[0] if len(counts) == 1 else f"({'+'.join(counts)})"

    def status_at(self, result: ClaimResult, values: Values) -> str:
        """What the sheet says about a claim at a point: claims are about the inputs that the spec declares."""
        word = "disputed" if result.claim.disputed is not None else result.status
        if result.claim.at:
            return word
        ranges, declared = self._ranges(result), self.book.declared
        whole = len(ranges) > MOST_RANGES
        for place in self.inputs.places.values():
            rests = whole or any(first <= place.row <= last for first, last in ranges)
            if rests and values.input(place.key) != declared.input(place.key):
                return ELSEWHERE
        return word


def _format(value: float) -> str:
    if abs(value) >= LARGE or 0 < abs(value) < SMALLEST:
        return "0.000E+00"
    return number_format([value]) if value == int(value) else "#,##0.####"
