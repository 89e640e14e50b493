"""The sheet `Trials`: the book tried at other inputs, by one what-if table that Excel and LibreOffice keep live.

Each row is a trial: some inputs, or a scenario, set otherwise. The table sets the number of the trial in one cell, the
inputs take their values of that row, and the results of the whole book stand beside it. Scenarios, sensitivities and
curves over an input are all rows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..evaluate import Values
from ..sheet.input_keys import InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Cell
from .book import Book, base, heading
from .inputs import USED, InputPlace
from .names import letter, sheet_prefix
from .page import Page
from .places import CellPlace
from .scales import in_unit
from .style import Look
from .tables import base_look

NOW, AT_HAND, HEADINGS, LIVE = 4, 5, 6, 7
FIRST = LIVE + 1

Shown = Callable[[float], float]
"""The value that an input is tried at, from the value that it has: both in the input's unit."""

WORDS = "The book at other inputs: a what-if table, by number of the trial. LibreOffice fills it at the first change."


@dataclass(frozen=True)
class Setting:
    """An input of a trial: its value as a formula over `{0}`, the input's value, and the same in Python."""

    place: InputPlace
    text: str
    value: Shown


@dataclass(frozen=True)
class Trial:
    """`scenario` is the number of a scenario, counted from 1, 0 for none of them; None leaves the one chosen."""

    name: str
    settings: tuple[Setting, ...] = ()
    scenario: int | None = None


@dataclass
class TrialSheet:
    """`results` are the cells whose values are wanted in every trial."""

    book: Book
    page: Page
    results: Sequence[Cell]
    trials: list[Trial] = field(default_factory=list)
    _kept: list[tuple[Values, list[list[Value]]]] = field(default_factory=list)

    # ---- places -----------------------------------------------------------------------------------------------------

    @property
    def inputs(self) -> list[InputPlace]:
        found = {s.place.path: s.place for trial in self.trials for s in trial.settings}
        return list(found.values())

    @property
    def _scenario_column(self) -> int:
        return 2 + len(self.inputs)

    def _result_column(self, number: int) -> int:
        """The column of a result: two stand behind each column of numbers, as LibreOffice tries no more at once."""
        return self._scenario_column + 2 + number + number // 2

    @property
    def last(self) -> int:
        return FIRST + len(self.trials) - 1

    def add(self, trials: Sequence[Trial]) -> range:
        """More trials; their positions, counted from 0."""
        start = len(self.trials)
        self.trials += trials
        return range(start, len(self.trials))

    @property
    def now(self) -> str:
        return f"{sheet_prefix(self.page.title)}$B${NOW}"

    def _at_hand(self, column: int) -> str:
        """What the trial at hand says in a column; only read while one is."""
        name = letter(column)
        return f"INDEX({sheet_prefix(self.page.title)}${name}${FIRST}:${name}${self.last},{self.now})"

    def input(self, path: str, otherwise: str) -> str:
        """The text of an input's value: that of the row `at hand`, which a trial changes."""
        paths = [p.path for p in self.inputs]
        if path not in paths:
            return otherwise
        return f"{sheet_prefix(self.page.title)}${letter(2 + paths.index(path))}${AT_HAND}"

    def scenario(self, otherwise: str) -> str:
        """The text of the scenario's number, with the trial at hand."""
        if not any(trial.scenario is not None for trial in self.trials):
            return otherwise
        found = self._at_hand(self._scenario_column)
        return f'IF({self.now}=0,{otherwise},IF({found}="",{otherwise},{found}))'

    def result(self, cell: Cell, trial: int) -> str:
        """A reference to a result of a trial."""
        at = self._result_column([c.id for c in self.results].index(cell.id))
        return f"{sheet_prefix(self.page.title)}${letter(at)}${FIRST + trial}"

    def setting(self, place: InputPlace, trial: int) -> str:
        """A reference to what a trial sets an input to."""
        at = 2 + [p.path for p in self.inputs].index(place.path)
        return f"{sheet_prefix(self.page.title)}${letter(at)}${FIRST + trial}"

    # ---- values -----------------------------------------------------------------------------------------------------

    def _at(self, values: Values) -> list[list[Value]]:
        """The results in each trial, from a point."""
        for known, found in self._kept:
            if known is values:
                return found
        cells = [cell.id for cell in self.results]
        found = [self.book.machine.cells(cells, self._overrides(trial, values)) for trial in self.trials]
        self._kept = [*self._kept[-1:], (values, found)]
        return found

    def _overrides(self, trial: Trial, values: Values) -> Mapping[InputKey, Value]:
        book = self.book
        point: dict[InputKey, Value] = dict(values.overrides)
        if trial.scenario is not None and book.scenarios is not None:
            yours = {k: v for k, v in point.items() if v != book.chosen.get(k, book.declared.input(k))}
            names = book.scenarios.names
            chosen = book.scenarios.settings()[names[trial.scenario - 1]] if trial.scenario else {}
            point = {**chosen, **yours}
        for setting in trial.settings:
            point[setting.place.key] = self._base(setting, values)
        return point

    def shown(self, setting: Setting, values: Values) -> float:
        """What a trial sets an input to, in the input's unit."""
        unit, value = setting.place.unit, float(values.input(setting.place.key))
        return setting.value(value / float(unit.scale) if unit is not None else value)

    def _base(self, setting: Setting, values: Values) -> float:
        unit = setting.place.unit
        found = self.shown(setting, values)
        return found * float(unit.scale) if unit is not None else found

    def value(self, cell: Cell, trial: int, values: Values) -> float:
        """A result of a trial, in base units."""
        at = next(i for i, result in enumerate(self.results) if result.id == cell.id)
        return float(self._at(values)[trial][at])

    # ---- content ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        page = self.page
        page.title_rows("Trials", WORDS)
        page.text(NOW, 1, "Trial at hand", Look("name"))
        page.number(NOW, 2, 0.0, Look("body", "0"))
        page.text(NOW, 3, "0 is the book as it is; the table sets the others. Leave it alone.", Look("quiet"))
        self._heads()
        self._hand()
        for i, trial in enumerate(self.trials):
            self._trial(i, trial)
        self._table()
        page.freeze(FIRST, 2)
        page.set_up_print(f"{HEADINGS}:{HEADINGS}")

    def _heads(self) -> None:
        page = self.page
        page.text(HEADINGS, 1, "Trial", Look("heading"))
        page.width(1, 34)
        for at, place in enumerate(self.inputs, 2):
            page.text(HEADINGS, at, heading(place.path, place.unit.text if place.unit else ""), Look("heading number"))
            page.width(at, 14)
        page.text(HEADINGS, self._scenario_column, "scenario", Look("heading number"))
        page.text(LIVE, 1, "now", Look("name"))
        for number, cell in enumerate(self.results):
            kind, at = self.book.kind(cell), self._result_column(number)
            if number % 2 == 0:
                page.text(HEADINGS, at - 1, "number", Look("heading number"))
            page.text(HEADINGS, at, heading(cell.id, base(kind)), Look("heading number"))
            page.width(at, 20)
            look = base_look(kind, [self.book.declared.cell(cell.id)], cell.shown)
            text = self.book.places.cells[cell.id].name
            page.formula(LIVE, at, text, _Now(cell.id), look)

    def _hand(self) -> None:
        """The value of each input that is tried: as it is used, or as the trial at hand sets it."""
        page = self.page
        page.text(AT_HAND, 1, "At hand", Look("name"))
        for at, place in enumerate(self.inputs, 2):
            used, found = place.cell(USED), self._at_hand(at)
            text = f'IF({self.now}=0,{used},IF({found}="",{used},{found}))'
            page.formula(AT_HAND, at, text, _Used(place), Look("body", place.format))

    def _trial(self, i: int, trial: Trial) -> None:
        page, row = self.page, FIRST + i
        page.text(row, 1, trial.name, Look("name"))
        by_path = {s.place.path: s for s in trial.settings}
        for at, place in enumerate(self.inputs, 2):
            setting = by_path.get(place.path)
            if setting is None:
                continue
            used = place.cell(USED)
            page.formula(row, at, setting.text.format(used), _Tried(self, setting), Look("body", place.format))
        if trial.scenario is not None:
            page.number(row, self._scenario_column, float(trial.scenario), Look("body", "0"))
        for number in range(0, len(self.results), 2):
            page.number(row, self._result_column(number) - 1, float(i + 1), Look("quiet", "0"))

    def _table(self) -> None:
        for start in range(0, len(self.results), 2):
            cells = self.results[start : start + 2]
            columns = [self._result_column(start + k) for k in range(len(cells))]
            sources = [[_Result(self, cell, i) for cell in cells] for i in range(len(self.trials))]
            looks = [base_look(self.book.kind(c), [self.book.declared.cell(c.id)], c.shown, "quiet") for c in cells]
            self.page.what_if(FIRST, columns, sources, looks, f"B{NOW}", self.book.values)
        self.book.define(CellPlace(self.page.title, NOW, 2, self.book.names.name("trial")))


@dataclass(frozen=True)
class _Now:
    cell: str

    def __call__(self, values: Values) -> Value:
        return values.cell(self.cell)


@dataclass(frozen=True)
class _Used:
    place: InputPlace

    def __call__(self, values: Values) -> Value:
        value = values.input(self.place.key)
        return value if isinstance(value, (bool, str)) else in_unit(value, self.place.unit)


@dataclass(frozen=True)
class _Tried:
    sheet: TrialSheet
    setting: Setting

    def __call__(self, values: Values) -> Value:
        return self.sheet.shown(self.setting, values)


@dataclass(frozen=True)
class _Result:
    sheet: TrialSheet
    cell: Cell
    trial: int

    def __call__(self, values: Values) -> Value:
        return self.sheet.value(self.cell, self.trial, values)
