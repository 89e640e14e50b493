"""The sheet `Scenarios`: named sets of inputs side by side, one of which the whole book follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openpyxl.worksheet.datavalidation import DataValidation

from ..evaluate import Values
from ..sheet.input_keys import InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Cell
from .book import Book
from .names import letter, sheet_prefix
from .page import Page
from .places import CellPlace
from .scales import in_unit
from .style import Look, number_format

if TYPE_CHECKING:
    from .inputs import InputPlace, InputSheet
    from .trial_choice import TrialPlan
    from .trials import TrialTables

DELIVERED = "as delivered"
DELIVERED_AT = 3
TOP, FIRST = 6, 4
"""The row of headings, as on the sheet Inputs; the column of what was delivered, before the scenarios."""


@dataclass
class ScenarioSheet:
    """Every input stands in the row that it has on the sheet Inputs."""

    book: Book
    page: Page
    number: str = field(init=False)
    chooser: str = field(init=False)
    result_rows: tuple[int, int] = field(default=(0, 0), init=False)

    def __post_init__(self) -> None:
        self.names = list(self.book.sheet.scenarios)
        self.last = FIRST + len(self.names)

    def take_places(self) -> None:
        self.chooser = self.book.names.name("scenario")
        self.number = self.book.names.name("scenario_number")

    def cells(self, row: int) -> str:
        """What each scenario says of the input in a row of the sheet Inputs."""
        return f"{sheet_prefix(self.page.title)}${letter(FIRST + 1)}{row}:${letter(self.last)}{row}"

    def _names(self) -> str:
        return f"{sheet_prefix(self.page.title)}${letter(FIRST + 1)}${TOP}:${letter(self.last)}${TOP}"

    def settings(self) -> dict[str, Mapping[InputKey, Value]]:
        """The inputs of each scenario, in base units."""
        declared = self.book.declared
        return {
            name: {key: declared.formula(formula) for key, formula in scenario.settings}
            for name, scenario in self.book.sheet.scenarios.items()
        }

    def write(self, inputs: InputSheet, trials: TrialTables | None, plan: TrialPlan | None) -> None:
        page = self.page
        page.title_rows("Scenarios", "Named sets of inputs. An empty cell leaves the input as delivered.")
        headings = [("Input", 26), ("What it is", 44), ("Unit", 10), (DELIVERED, 14), *((n, 16) for n in self.names)]
        page.heads(TOP, headings, range(FIRST, self.last + 1))
        page.text(TOP - 1, 2, f"Choose one on the sheet {inputs.page.title}.", Look("quiet"))
        for at, scenario in enumerate(self.book.sheet.scenarios.values(), FIRST + 1):
            page.text(TOP - 1, at, scenario.label, Look("label number"))
        for row, title in inputs.groups.items():
            if row <= inputs.last:
                for at in range(1, self.last + 1):
                    page.text(row, at, title if at == 1 else "", Look("group"))
        settings = self.settings()
        for place in inputs.places.values():
            self._row(place, inputs, settings)
        if trials is not None and plan is not None:
            self._results(inputs.last + 2, trials, plan)
        page.freeze(TOP + 1, FIRST)
        page.set_up_print(f"{TOP}:{TOP}", one_page=len(inputs.places) <= 60)
        self._choose(inputs)

    def _results(self, row: int, trials: TrialTables, plan: TrialPlan) -> None:
        """Results of all scenarios, side by side: what is typed under Yours holds in each."""
        book, page = self.book, self.page
        page.text(row, 1, "Results, what is typed under Yours included", Look("block"))
        for i, cell in enumerate(plan.results, row + 1):
            unit = book.shown_unit(book.declared.cell(cell.id), book.kind(cell), cell.shown)
            scale = float(unit.scale) if unit is not None else 1.0
            page.text(i, 1, cell.id, Look("name"))
            page.text(i, 2, cell.label, Look("wrapped"))
            page.text(i, 3, unit.text if unit is not None else "", Look("unit"))
            look = Look("result", number_format([float(book.declared.cell(cell.id)) / scale]))
            for at, trial in enumerate(plan.scenarios, FIRST):
                text = book.scales.over(trials.result(cell, trial), unit)
                page.formula(i, at, text, _Of(trials, cell, trial, scale), look)
        self.result_rows = (row + 1, row + len(plan.results))

    def _row(self, place: InputPlace, inputs: InputSheet, settings: Mapping[str, Mapping[InputKey, Value]]) -> None:
        page, row, unit = self.page, place.row, place.unit
        declared = self.book.declared.input(place.key)
        page.text(row, 1, place.path, Look("name"))
        page.text(row, 2, inputs.words(place.item), Look("wrapped"))
        page.text(row, 3, place.written.text if place.written is not None else "", Look("unit"))
        page.formula(
            row, FIRST, f"{sheet_prefix(inputs.page.title)}{letter(DELIVERED_AT)}{row}",
            lambda values: value_in(declared, place), Look("quiet", inputs.format(declared, place)),
        )  # fmt: skip
        on = sheet_prefix(inputs.page.title)
        for at, name in enumerate(self.names, FIRST + 1):
            value = settings[name].get(place.key)
            look = Look("input", inputs.format(declared if value is None else value, place))
            if value is None:
                page.text(row, at, "", look)
            else:
                inputs.value(row, at, value, unit, look, page)
            inputs.validate(place, page, f"{letter(at)}{row}", on)

    def _choose(self, inputs: InputSheet) -> None:
        """The chooser on the sheet Inputs, and the position of what it says among the scenarios."""
        book, page = self.book, inputs.page
        page.text(4, 1, "Scenario", Look("name"))
        page.text(4, 2, book.scenario or DELIVERED, Look("input"))
        page.text(5, 2, "Choose a scenario from the list above.", Look("quiet"))
        names = f"{sheet_prefix(self.page.title)}${letter(FIRST)}${TOP}:${letter(self.last)}${TOP}"
        rule = DataValidation(type="list", formula1=names)
        page.validate("B4", rule, "one of " + ", ".join([DELIVERED, *self.names]))
        found = f"MATCH({self.chooser},{self._names()},0)"
        number = float(self.names.index(book.scenario) + 1 if book.scenario else 0)
        number_text = f"IF(ISNA({found}),0,{found})"
        page.text(4, 3, "Number", Look("quiet right"))
        page.formula(4, 4, number_text, lambda values: number, Look("status", "0"))
        book.define(CellPlace(page.title, 4, 2, self.chooser))
        book.define(CellPlace(page.title, 4, 4, self.number))


@dataclass(frozen=True)
class _Of:
    """A result of a trial, in a unit of `scale`."""

    trials: TrialTables
    cell: Cell
    trial: int
    scale: float

    def __call__(self, values: Values) -> Value:
        return self.trials.value(self.cell, self.trial, values) / self.scale


def value_in(value: Value, place: InputPlace) -> Value:
    """A value in base units as the yellow cell of an input holds it."""
    return value if isinstance(value, (bool, str)) else in_unit(value, place.unit)
