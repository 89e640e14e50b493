"""What-if tables: the book tried at other inputs, by tables that Excel and LibreOffice keep live.

A what-if table sets the numbers in its first column in one cell, one by one, and notes what some results come to. The
cell that it sets is the input itself: the cell in base units that every formula reads, or the number of the scenario.
No formula of the model speaks of the tables. They stand below the inputs, as Excel wants them on the sheet of the cell
that they set. The numbers that are tried rest on what stands under `Used`, never on the cell that is set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..evaluate import Values
from ..sheet.input_keys import InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Cell
from .book import Book, base, heading
from .inputs import BASE, NAME, SOURCE, UNIT, USED, InputPlace
from .names import letter, sheet_prefix
from .page import Page
from .style import Look
from .tables import base_look, value_look

Shown = Callable[[float], float]
"""The value that an input is tried at, from the value that it has: both in the input's unit."""

TITLE = "What-if tables: the book at other inputs"
WORDS = "They set the cell in base units of an input above, and feed the sheets Scenarios and Sensitivity. LibreOffice \
fills them at the first change."
SCENARIO_CELL = (4, 4)
"""The row and column of the number of the scenario on the sheet Inputs."""


@dataclass(frozen=True)
class Setting:
    """An input of a trial: its value as a formula over `{0}`, the input's value, and the same in Python.

    An empty text is a number that rests on nothing.
    """

    place: InputPlace
    text: str
    value: Shown


@dataclass(frozen=True)
class Trial:
    """`scenario` is the number of a scenario, counted from 1, 0 for none of them; None leaves the one chosen."""

    name: str
    settings: tuple[Setting, ...] = ()
    scenario: int | None = None


@dataclass(frozen=True)
class Listed:
    """A table down a column: trials of one input, or (None) of the scenario."""

    title: str
    place: InputPlace | None
    trials: Sequence[int]


@dataclass(frozen=True)
class Crossed:
    """A table of one result over two inputs."""

    title: str
    across: InputPlace
    down: InputPlace
    trials: Sequence[Sequence[int]]


@dataclass
class TrialTables:
    """`results` are the cells whose values are wanted in every trial."""

    book: Book
    page: Page
    results: Sequence[Cell]
    trials: Sequence[Trial]
    tables: Sequence[Listed | Crossed]
    first: int
    _rows: dict[int, int] = field(default_factory=dict)
    _columns: dict[int, int] = field(default_factory=dict)
    _kept: list[tuple[Values, list[list[Value]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        row = self.first + 2
        for table in self.tables:
            row += 2
            lines = [[trial] for trial in table.trials] if isinstance(table, Listed) else table.trials
            for line in lines:
                for at, trial in enumerate(line, BASE + 1):
                    self._rows[trial] = row
                    if isinstance(table, Crossed):
                        self._columns[trial] = at
                row += 1
            row += 1

    # ---- places -----------------------------------------------------------------------------------------------------

    def _column(self, number: int) -> int:
        """The column of a result: two stand behind each column of numbers, as LibreOffice tries no more at once."""
        return BASE + 1 + number + number // 2

    def result(self, cell: Cell, trial: int) -> str:
        """A reference to a result of a trial."""
        number = [c.id for c in self.results].index(cell.id)
        at = self._columns.get(trial, self._column(number))
        return f"{sheet_prefix(self.page.title)}${letter(at)}${self._rows[trial]}"

    def setting(self, place: InputPlace, trial: int) -> str:
        """A reference to what a trial sets an input to, in its unit."""
        row, at = self._rows[trial], USED
        for table in self.tables:
            if isinstance(table, Crossed) and trial in self._columns and table.across is place:
                row, at = self._rows[table.trials[0][0]] - 2, self._columns[trial]
        return f"{sheet_prefix(self.page.title)}${letter(at)}${row}"

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
            point[setting.place.key] = self.based(setting, values)
        return point

    def shown(self, setting: Setting, values: Values) -> float:
        """What a trial sets an input to, in the input's unit."""
        unit, value = setting.place.unit, float(values.input(setting.place.key))
        return setting.value(value / float(unit.scale) if unit is not None else value)

    def based(self, setting: Setting, values: Values) -> float:
        """The same in base units."""
        unit = setting.place.unit
        found = self.shown(setting, values)
        return found * float(unit.scale) if unit is not None else found

    def value(self, cell: Cell, trial: int, values: Values) -> float:
        """A result of a trial, in base units."""
        at = next(i for i, result in enumerate(self.results) if result.id == cell.id)
        return float(self._at(values)[trial][at])

    # ---- content ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        page, row = self.page, self.first
        for at in range(NAME, SOURCE + 1):
            page.text(row, at, TITLE if at == NAME else "", Look("group"))
        page.text(row + 1, NAME, WORDS, Look("quiet"))
        for table in self.tables:
            if isinstance(table, Listed):
                self._listed(table)
            else:
                self._crossed(table)

    def _listed(self, table: Listed) -> None:
        page, top, place = self.page, self._rows[table.trials[0]] - 2, table.place
        first = top + 2
        page.text(top, NAME, table.title, Look("name"))
        page.text(top + 1, NAME, "now", Look("quiet"))
        for trial in table.trials:
            row = self._rows[trial]
            page.text(row, NAME, self.trials[trial].name, Look("name"))
            if place is not None:
                self._tried(row, USED, self.trials[trial].settings[0])
                page.text(row, UNIT, place.written.text if place.written is not None else "", Look("unit"))
        for start in range(0, len(self.results), 2):
            cells = self.results[start : start + 2]
            columns = [self._column(start + k) for k in range(len(cells))]
            for at, cell in zip(columns, cells, strict=True):
                page.text(top, at, heading(cell.id, base(self.book.kind(cell))), Look("quiet right"))
                self._now(top + 1, at, cell)
                page.width(at, 14)
            for trial in table.trials:
                self._number(self._rows[trial], columns[0] - 1, trial, place)
            sources = [[_Result(self, cell, trial) for cell in cells] for trial in table.trials]
            where = (
                f"{letter(BASE)}{place.row}" if place is not None else f"{letter(SCENARIO_CELL[1])}{SCENARIO_CELL[0]}"
            )
            page.what_if(first, columns, sources, [self._look(c) for c in cells], (where,), self.book.values)

    def _crossed(self, table: Crossed) -> None:
        page, result = self.page, self.results[0]
        first = self._rows[table.trials[0][0]]
        top = first - 2
        columns = range(BASE + 1, BASE + 1 + len(table.trials[0]))
        page.text(top, NAME, table.title, Look("name"))
        self._now(top + 1, BASE, result)
        for at, trial in zip(columns, table.trials[0], strict=True):
            setting = self.trials[trial].settings[0]
            self._tried(top, at, setting)
            self._in_base(top + 1, at, f"{letter(at)}{top}", setting)
            page.width(at, 14)
        for line in table.trials:
            row, setting = self._rows[line[0]], self.trials[line[0]].settings[1]
            page.text(row, NAME, self.trials[line[0]].name.rpartition(", ")[2], Look("name"))
            self._tried(row, USED, setting)
            self._in_base(row, BASE, f"{letter(USED)}{row}", setting)
        sources = [[_Result(self, result, trial) for trial in line] for line in table.trials]
        cells = tuple(f"{letter(BASE)}{place.row}" for place in (table.across, table.down))
        page.what_if(first, columns, sources, [self._look(result)] * len(columns), cells, self.book.values)

    def _look(self, cell: Cell) -> Look:
        return base_look(self.book.kind(cell), [self.book.declared.cell(cell.id)], cell.shown, "quiet")

    def _now(self, row: int, at: int, cell: Cell) -> None:
        self.page.formula(row, at, self.book.places.cells[cell.id].name, _Now(cell.id), self._look(cell))

    def _tried(self, row: int, at: int, setting: Setting) -> None:
        """What an input is tried at, in its unit."""
        place = setting.place
        if not setting.text:
            self.page.number(row, at, setting.value(0.0), Look("body", place.format))
            return
        text = setting.text.format(f"{letter(USED)}{place.row}")
        self.page.formula(row, at, text, _Tried(self, setting), Look("body", place.format))

    def _in_base(self, row: int, at: int, cell: str, setting: Setting) -> None:
        place = setting.place
        look = value_look(self.book.point.input_type(place.key), [self.book.declared.input(place.key)])
        self.page.formula(row, at, self.book.scales.times(cell, place.unit), _Based(self, setting), look)

    def _number(self, row: int, at: int, trial: int, place: InputPlace | None) -> None:
        """What the table sets: an input in base units, or the number of a scenario."""
        asked = self.trials[trial]
        if place is None:
            self.page.number(row, at, float(asked.scenario or 0), Look("quiet", "0"))
        else:
            self._in_base(row, at, f"${letter(USED)}{row}", asked.settings[0])


@dataclass(frozen=True)
class _Now:
    cell: str

    def __call__(self, values: Values) -> Value:
        return values.cell(self.cell)


@dataclass(frozen=True)
class _Tried:
    sheet: TrialTables
    setting: Setting

    def __call__(self, values: Values) -> Value:
        return self.sheet.shown(self.setting, values)


@dataclass(frozen=True)
class _Based:
    sheet: TrialTables
    setting: Setting

    def __call__(self, values: Values) -> Value:
        return self.sheet.based(self.setting, values)


@dataclass(frozen=True)
class _Result:
    sheet: TrialTables
    cell: Cell
    trial: int

    def __call__(self, values: Values) -> Value:
        return self.sheet.value(self.cell, self.trial, values)
