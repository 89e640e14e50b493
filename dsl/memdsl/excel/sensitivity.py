"""The sheet `Sensitivity`: how far results follow inputs, one by one and two together, live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..evaluate import Values
from ..sheet.operations import Value
from ..sheet.sheet import Cell
from ..units import Unit
from .book import Book, heading
from .inputs import InputPlace
from .page import Page
from .style import BAR, Look, number_format
from .trial_choice import ROUNDING, TrialPlan
from .trials import Setting, TrialTables

LOW, HIGH = 2, 3
DIGITS = 9
"""Digits of a change: what is left behind them is the rounding of two sums that should be equal."""
_PERCENT = "+0.0%;-0.0%;0.0%"


@dataclass
class SensitivitySheet:
    """`swing_rows` and `curve_rows` say where the tables stand that charts are drawn from."""

    book: Book
    page: Page
    trials: TrialTables
    plan: TrialPlan
    swing_rows: tuple[int, int] = field(default=(0, 0), init=False)
    curve_rows: tuple[int, int] = field(default=(0, 0), init=False)

    def write(self) -> None:
        page = self.page
        page.title_rows(
            "Sensitivity",
            "How far results follow the inputs from where these are now: live, by what-if tables below the inputs.",
        )
        page.link(3, 2, "Cover", self.book.titled("Cover"))
        page.width(1, 30)
        for at in range(2, 4 + 2 * len(self.plan.results)):
            page.width(at, 20)
        row = self._swings(5)
        row = self._curve(row + 1)
        self._grid(row + 1)
        page.freeze(4, 2)
        page.set_up_print()

    def shown_unit(self, cell: Cell) -> Unit | None:
        value = self.book.declared.cell(cell.id)
        return self.book.shown_unit(value, self.book.kind(cell), cell.shown)

    # ---- one input a tenth less, a tenth more -----------------------------------------------------------------------

    def _swings(self, row: int) -> int:
        plan, page = self.plan, self.page
        if not plan.swings:
            return row
        results = plan.results
        page.text(row, 1, "Each input a tenth less and a tenth more, on its step and within its range", Look("block"))
        titles = ["Input", "Less", "More"]
        for cell in results:
            titles += [f"{cell.id}: less", "more"]
        for at, title in enumerate(titles, 1):
            page.text(row + 1, at, title, Look("heading" if at == 1 else "heading number"))
        first = row + 2
        for i, (place, low, high) in enumerate(self._ordered()):
            self._swing(first + i, place, low, high)
        last = first + len(plan.swings) - 1
        self.swing_rows = (first, last)
        return last + 1

    @property
    def swinging(self) -> int:
        """The position of the first result that some input moves."""
        return next((n for n in range(len(self.plan.results)) if self.moving(n)), 0)

    def moving(self, number: int) -> int:
        """How many inputs move a result."""
        cell, declared = self.plan.results[number], self.book.declared
        now = float(declared.cell(cell.id))
        return sum(
            any(abs(self.trials.value(cell, trial, declared) - now) > ROUNDING * abs(now) for trial in pair)
            for _, *pair in self.plan.swings
        )

    def _ordered(self) -> Sequence[tuple[InputPlace, int, int]]:
        """The strongest first, where the spec's own inputs stand."""
        declared, cell = self.book.declared, self.plan.results[self.swinging]

        def swing(entry: tuple[InputPlace, int, int]) -> float:
            low, high = (self.trials.value(cell, trial, declared) for trial in entry[1:])
            return -abs(high - low)

        return sorted(self.plan.swings, key=swing)

    def _swing(self, row: int, place: InputPlace, low: int, high: int) -> None:
        page, trials = self.page, self.trials
        page.text(row, 1, heading(place.path, place.unit.text if place.unit else ""), Look("name"))
        for at, trial in ((LOW, low), (HIGH, high)):
            setting = trials.trials[trial].settings[0]
            page.formula(row, at, trials.setting(place, trial), self._tried(setting), Look("body", place.format))
        for i, cell in enumerate(self.plan.results):
            now = self.book.places.cells[cell.id].name
            for at, trial in ((4 + 2 * i, low), (5 + 2 * i, high)):
                text = f"IF({now}=0,0,ROUND({trials.result(cell, trial)}/{now}-1,{DIGITS}))"
                page.formula(row, at, text, self._change(cell, trial), Look("body", _PERCENT))

    def _tried(self, setting: Setting) -> Callable[[Values], Value]:
        return lambda values: self.trials.shown(setting, values)

    def _change(self, cell: Cell, trial: int) -> Callable[[Values], Value]:
        def source(values: Values) -> Value:
            now = float(values.cell(cell.id))
            return round(self.trials.value(cell, trial, values) / now - 1, DIGITS) if now else 0.0

        return source

    # ---- one input over its range -----------------------------------------------------------------------------------

    def _curve(self, row: int) -> int:
        if self.plan.curve is None:
            return row
        place, points = self.plan.curve
        page, trials = self.page, self.trials
        title = f"Over the range of {place.item.label or place.path}"
        if self.plan.exact:
            title += ": just below each step, as the closed forms say where it is, and on it"
        page.text(row, 1, title, Look("block"))
        page.text(row + 1, 1, heading(place.path, place.unit.text if place.unit else ""), Look("heading"))
        units = [self.shown_unit(cell) for cell in self.plan.results]
        for at, (cell, unit) in enumerate(zip(self.plan.results, units, strict=True), 2):
            page.text(row + 1, at, heading(cell.id, unit.text if unit else ""), Look("heading number"))
        first = row + 2
        for i, trial in enumerate(points):
            setting = trials.trials[trial].settings[0]
            page.formula(first + i, 1, trials.setting(place, trial), self._tried(setting), Look("body", place.format))
            for at, (cell, unit) in enumerate(zip(self.plan.results, units, strict=True), 2):
                self._result(first + i, at, cell, unit, trial)
        self.curve_rows = (first, first + len(points) - 1)
        return first + len(points)

    def _result(self, row: int, at: int, cell: Cell, unit: Unit | None, trial: int) -> None:
        scale = float(unit.scale) if unit is not None else 1.0
        look = Look("body", number_format([float(self.book.declared.cell(cell.id)) / scale]))
        text = self.book.scales.over(self.trials.result(cell, trial), unit)
        self.page.formula(row, at, text, lambda values: self.trials.value(cell, trial, values) / scale, look)

    # ---- two inputs -------------------------------------------------------------------------------------------------

    def _grid(self, row: int) -> None:
        if self.plan.grid is None:
            return
        over, other, trials = self.plan.grid
        page, cell = self.page, self.plan.results[0]
        unit = self.shown_unit(cell)
        said = heading(cell.id, unit.text if unit else "")
        page.text(row, 1, f"{said} over {over.path} (across) and {other.path} (down)", Look("block"))
        corner = " \\ ".join(heading(p.path, p.unit.text if p.unit else "") for p in (other, over))
        page.text(row + 1, 1, corner, Look("heading"))
        for at, trial in enumerate(trials[0], 2):
            setting = self.trials.trials[trial].settings[0]
            look = Look("heading number", over.format)
            page.formula(row + 1, at, self.trials.setting(over, trial), self._tried(setting), look)
        for i, listed in enumerate(trials):
            setting = self.trials.trials[listed[0]].settings[1]
            look = Look("name", other.format)
            page.formula(row + 2 + i, 1, self.trials.setting(other, listed[0]), self._tried(setting), look)
            for at, trial in enumerate(listed, 2):
                self._result(row + 2 + i, at, cell, unit, trial)
        page.scale(f"B{row + 2}:{chr(65 + len(trials[0]))}{row + 1 + len(trials)}", BAR)
