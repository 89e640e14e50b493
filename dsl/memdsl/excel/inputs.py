"""The sheet `Inputs`: everything that a person may change, one row each, in the unit that the author wrote.

What is typed under `Yours` wins over the scenario, and the scenario over what was delivered.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from openpyxl.worksheet.datavalidation import DataValidation

from ..evaluate import Values
from ..evaluate.show import show_distribution, unit_written
from ..presentation.shared import Shared, owner_of, shared_inputs
from ..sheet.formula import UNLIMITED, Literal, walk
from ..sheet.input_keys import Entry, InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Cell, Input, Quantity, Type
from ..units import Unit
from .book import Book, base
from .limits import Limit, limit_of
from .names import letter, quoted, sheet_prefix
from .page import Page
from .places import CellPlace
from .scales import in_unit
from .style import BAD, GOOD, Look, number_format
from .tables import value_look

HEADINGS = (
    ("Input", 26), ("What it is", 44), ("Delivered", 13), ("Scenario", 13), ("Yours", 13), ("Used", 13), ("Unit", 10),
    ("Changed", 20), ("From", 9), ("To", 9), ("Allowed", 38), ("In base units", 20), ("Base unit", 10),
    ("Source", 46),
)  # fmt: skip
NAME, LABEL, DELIVERED, SCENARIO, YOURS, USED, UNIT, STATE, FROM, TO, ALLOWED, BASE, BASE_UNIT, SOURCE = range(1, 15)
STEP, CHOICES = 16, 17
MOST_PRINTED = 160
"""Rows that are printed: those of most books; of hundreds of inputs the first, which matter most."""
TOP = 6
UNREAD = "Unused: no figure of this spec rests on these"
PERCENT_INPUT = "0.######%"
SHARED = "Shared: what is typed here goes for all that are named, save where one has its own below"
APART = "One by one: what is typed here wins over the shared one above"
CHANGED, OUTSIDE, WRONG = "changed", "changed: out of range", "not of this kind"
FOR_ALL, NOT_FOR_ALL = "goes for all", "out of range"

Group = tuple[str, Sequence[Input | Shared]]


@dataclass(frozen=True)
class InputPlace:
    """Where an input stands: `value` is the yellow cell that a person fills, `unit` the unit of what stands there.

    `written` is the unit that the author wrote: a share in % stands there as a share, shown in %, so that `50%` is
    50 %. `shared` is the yellow cell that goes for several inputs, this one among them.
    """

    page: str
    path: str
    key: InputKey
    value: str
    unit: Unit | None
    row: int
    limit: Limit
    item: Input
    written: Unit | None = None
    shared: str = ""

    @property
    def format(self) -> str:
        """How a number of it is shown."""
        return PERCENT_INPUT if self.written is not self.unit else "General"

    def cell(self, column: int) -> str:
        """A reference from another sheet to what stands beside it: `Inputs!$F$8`."""
        return f"{sheet_prefix(self.page)}{self.beside(column)}"

    def beside(self, column: int) -> str:
        """A reference from the same sheet."""
        return f"${letter(column)}${self.row}"


@dataclass
class InputSheet:
    book: Book
    page: Page
    places: dict[str, InputPlace] = field(default_factory=dict)
    shared: list[tuple[Shared, InputPlace]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    groups: dict[int, str] = field(default_factory=dict)
    first: int = TOP + 1
    last: int = TOP

    def take_places(self) -> None:
        row = TOP + 1
        book = self.book
        self.options = [cell for cell in book.sheet.cells.values() if cell.role == "option"]
        together = shared_inputs(book.point)
        members = {item.path for shared in together for item in shared.items}
        ahead, behind = self._grouped(members)
        of_all: dict[str, str] = {}
        for title, inputs in [*ahead, (SHARED, together), *behind]:
            if not inputs:
                continue
            self.groups[row] = title
            row += 1
            for item in inputs:
                if isinstance(item, Shared):
                    place = replace(self._place(item.first, row), path=item.name)
                    self.shared.append((item, place))
                    of_all.update((one.path, place.value) for one in item.items)
                else:
                    self.places[item.path] = self._place(item, row, of_all.get(item.path, ""))
                    self._name(item, row)
                row += 1
        self.last = max(row - 1, TOP + 1)
        if self.options:
            self.groups[row + 1] = "Options (fixed: they decide the structure; another value needs a new report)"
            row += 2
            for cell in self.options:
                self.rows[cell.id] = row
                book.places.cells[cell.id] = CellPlace(self.page.title, row, BASE, book.names.name(cell.id))
                row += 1
        book.changed, book.warning = book.names.name("inputs_changed"), book.names.name("inputs_warning")

    def _place(self, item: Input, row: int, shared: str = "") -> InputPlace:
        kind = self._kind(item.key)
        written = self._unit(item, kind)
        unit = None if written is not None and written.text == "%" else written
        limit = limit_of(self.book, item, kind, unit, written)
        value = f"{letter(YOURS)}{row}"
        return InputPlace(self.page.title, item.path, item.key, value, unit, row, limit, item, written, shared)

    def _name(self, item: Input, row: int) -> None:
        """The cell in base units, by which all formulas read an input."""
        places = self.book.places
        place = CellPlace(self.page.title, row, BASE, self.book.names.name(self.book.short(item)))
        if isinstance(item.key, Entry):
            places.entries[item.key] = place
        else:
            places.cells[item.key] = place

    def _grouped(self, shared: Collection[str]) -> tuple[list[Group], list[Group]]:
        """Parameters; then hardware, arguments of models, numbers of written tables; last what no figure rests on."""
        sheet = self.book.sheet
        read = self.book.point.reads.used
        groups: dict[str, list[Input]] = {}
        for item in sheet.inputs.values():
            if item.role != "param" and item.key not in read:
                groups.setdefault(UNREAD, []).append(item)
                continue
            instance = owner_of(sheet, item)
            if item.path in shared:
                title = APART
            elif item.role == "param":
                title = "Parameters"
            elif isinstance(item.key, Entry) and item.role == "entry":
                title = f"Table {item.key.table}"
            elif instance is not None:
                title = f"{instance.kind.capitalize()} {instance.name} ({instance.template})"
            else:
                title = "Other constants"
            groups.setdefault(title, []).append(item)
        order = ("Parameters", "Hardware", "Network", "Model", "Other", "Table", APART, UNREAD)
        found: list[Group] = [
            (title, items) for start in order for title, items in groups.items() if title.startswith(start)
        ]
        first = len(groups) > 0 and found[0][0] == "Parameters"
        return found[:first], found[first:]

    @property
    def end(self) -> int:
        """The last row of inputs and options."""
        return max([self.last, *self.rows.values()])

    # ---- content ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        page = self.page
        words = "Type under Yours, in the unit shown; what is typed there wins over the scenario, and that over what \
was delivered."
        page.title_rows("Inputs", words)
        page.heads(TOP, HEADINGS, (DELIVERED, SCENARIO, YOURS, USED, FROM, TO, BASE))
        for row, title in self.groups.items():
            for at in range(1, len(HEADINGS) + 1):
                page.text(row, at, title if at == 1 else "", Look("group"))
        for shared, place in self.shared:
            self._shared(shared, place)
        for place in self.places.values():
            self._input(place)
        for cell in self.options:
            self._option(cell, self.rows[cell.id])
        self._state()
        page.freeze(TOP + 1, DELIVERED)
        page.set_up_print(f"{TOP}:{TOP}")
        page.worksheet.print_area = f"A1:{letter(ALLOWED)}{min(self.end, TOP + MOST_PRINTED)}"

    def _kind(self, key: InputKey) -> Type:
        if isinstance(key, Entry):
            return self.book.typed.column_types[key.table, key.column]
        return self.book.typed.cell_types[key]

    def _input(self, place: InputPlace) -> None:
        book, page, row, unit = self.book, self.page, place.row, place.unit
        item, key = place.item, place.key
        kind = self._kind(key)
        declared = book.declared.input(key)
        page.text(row, NAME, item.path, Look("name"))
        said = (self.words(item), show_distribution(item.distribution))
        page.text(row, LABEL, "; ".join(part for part in said if part), Look("wrapped"))
        look = self.format(declared, place)
        self.value(row, DELIVERED, declared, unit, Look("body", look))
        self._scenario(place, look)
        yours = book.yours.get(key)
        if yours is None:
            page.text(row, YOURS, "", Look("input", look))
        else:
            self.value(row, YOURS, yours, unit, Look("input", self.format(yours, place)))
        self._used(place, look)
        page.text(row, UNIT, place.written.text if place.written is not None else "", Look("unit"))
        page.text(row, BASE_UNIT, base(kind), Look("unit"))
        page.text(row, SOURCE, item.source, Look("wrapped"))
        self._limits(place)
        self._base(place, kind)
        self._changed(place)

    def _scenario(self, place: InputPlace, look: str) -> None:
        """What the scenario chosen says: the cell of the sheet Scenarios in the same row."""
        book, key = self.book, place.key
        if book.scenarios is None:
            self.page.text(place.row, SCENARIO, "", Look("quiet"))
            return
        value = book.chosen.get(key)
        shown = "" if value is None else value if isinstance(value, (bool, str)) else in_unit(value, place.unit)
        number = book.scenarios.number
        found = f"INDEX({book.scenarios.cells(place.row)},{number})"
        text = f'IF({number}=0,"",IF({found}="","",{found}))'
        self.page.formula(place.row, SCENARIO, text, lambda values: shown, Look("body", look))

    def _used(self, place: InputPlace, look: str) -> None:
        row, limit = place.row, place.limit
        text = self._delivered(place)
        given = [f"D{row}"] if self.book.scenarios is not None else []
        for at in (*given, *filter(None, [place.shared]), place.value):
            text = f"IF({limit.typed(at)},{at},{text})"

        def used(values: Values) -> Value:
            value = values.input(place.key)
            return value if isinstance(value, (bool, str)) else in_unit(value, place.unit)

        self.page.formula(row, USED, text, used, Look("result", look))

    def _delivered(self, place: InputPlace) -> str:
        """What was delivered; a reference to an empty cell is 0."""
        return f'C{place.row}&""' if self.book.declared.input(place.key) == "" else f"C{place.row}"

    def _shared(self, shared: Shared, place: InputPlace) -> None:
        """A row whose yellow cell goes for several inputs; each of them says what becomes of it."""
        book, page, row, limit = self.book, self.page, place.row, place.limit
        value = book.declared.input(place.key)
        look = self.format(value, place)
        page.text(row, NAME, place.path, Look("name"))
        page.text(row, LABEL, "; ".join(filter(None, (shared.first.label, shared.words))), Look("wrapped"))
        self.value(row, DELIVERED, value, place.unit, Look("body", look))
        page.text(row, SCENARIO, "", Look("quiet"))
        page.text(row, YOURS, "", Look("input", look))
        shown = book.in_cell(value, place.unit)
        text = f"IF({limit.typed(place.value)},{place.value},{self._delivered(place)})"
        page.formula(row, USED, text, lambda values: shown, Look("result", look))
        page.text(row, UNIT, place.written.text if place.written is not None else "", Look("unit"))
        page.text(row, SOURCE, shared.first.source, Look("wrapped"))
        self._limits(place)
        inside = self.conditions(place, f"F{row}")
        text = quoted(FOR_ALL) if not inside else f"IF(AND({','.join(inside)}),{quoted(FOR_ALL)},{quoted(NOT_FOR_ALL)})"
        if limit.sort != "text":
            text = f"IF({limit.typed(place.value)},{text},{quoted(WRONG)})"
        page.formula(row, STATE, f'IF({place.value}="","",{text})', lambda values: "", Look("status"))

    def words(self, item: Input) -> str:
        """What an input is; for an argument without a label: `act` of the model `traffic`."""
        if item.label:
            return item.label
        owner = self.book.sheet.cells[item.key].owner if isinstance(item.key, str) else ""
        instance = self.book.sheet.instances.get(owner)
        if item.role != "argument" or instance is None:
            return ""
        return f"Argument {item.path.removeprefix(owner + '.')} of the {instance.kind} {instance.template}"

    def _unit(self, item: Input, kind: Type) -> Unit | None:
        """The unit that the author wrote; where the formula is a longer constant, the first that fits."""
        if not isinstance(kind, Quantity) or kind.dimension is None:
            return None
        if isinstance(item.formula, Literal):
            return unit_written(item.formula) or item.shown
        if item.shown is not None:
            return item.shown
        units = (unit_written(part) for part in walk(item.formula))
        return next((unit for unit in units if unit is not None and unit.dimension == kind.dimension), None)

    def format(self, value: Value, place: InputPlace) -> str:
        if place.format != "General":
            return place.format
        return self._plain_format(value, place.unit)

    def _plain_format(self, value: Value, unit: Unit | None) -> str:
        if isinstance(value, (bool, str)) or math.isnan(value):  # `sqrt(-1)` is an input without a value
            return "General"
        shown = in_unit(value, unit) if abs(value) < UNLIMITED / 10 else value
        if abs(shown) >= UNLIMITED / 10 or (shown == int(shown) and abs(shown) < 1e15):
            return number_format([shown]) + ".######" * (abs(shown) < UNLIMITED / 10 and shown < 1_000)
        return "General"

    def value(self, row: int, at: int, value: Value, unit: Unit | None, look: Look, page: Page | None = None) -> None:
        page = page or self.page
        if value != value:
            page.formula(row, at, "NA()", lambda values: value, look)
            return
        page.number(row, at, value if isinstance(value, (bool, str)) else in_unit(value, unit), look)

    def _base(self, place: InputPlace, kind: Type) -> None:
        key, book = place.key, self.book
        where = book.places.entries[key] if isinstance(key, Entry) else book.places.cells[key]
        look = value_look(kind, [book.declared.input(key)])
        text = book.scales.times(f"F{place.row}", place.unit)
        self.page.formula(place.row, BASE, text, lambda values: values.input(key), look)
        book.define(where)

    # ---- what is allowed --------------------------------------------------------------------------------------------

    def _limits(self, place: InputPlace) -> None:
        page, row, limit = self.page, place.row, place.limit
        for at, end in ((FROM, limit.low), (TO, limit.high)):
            page.text(row, at, "", Look())
            if end is not None:
                page.number(row, at, end, Look("body", self._end(place, end)))
        page.text(row, ALLOWED, limit.words, Look("wrapped"))
        if limit.step is not None:
            page.number(row, STEP, limit.step, Look("quiet"))
            page.text(TOP, STEP, "Step", Look("heading"))
        for i, choice in enumerate(limit.choices):
            page.number(row, CHOICES + i, choice, Look("quiet"))
            page.text(TOP, CHOICES, "Choices", Look("heading"))
        self.validate(place, page, place.value)

    def _end(self, place: InputPlace, end: float) -> str:
        return self._plain_format(end, None) if place.format == "General" else place.format

    def conditions(self, place: InputPlace, cell: str, on: str = "") -> list[str]:
        """What the value in `cell` must meet; `on` begins references from another sheet."""
        row, limit = place.row, place.limit
        last = letter(CHOICES + max(len(limit.choices), 1) - 1)
        choices = f"{on}${letter(CHOICES)}${row}:${last}${row}"
        low, high, step = (f"{on}${letter(at)}{row}" for at in (FROM, TO, STEP))
        return limit.conditions(cell, low, high, choices, step)

    def validate(self, place: InputPlace, page: Page, cell: str, on: str = "") -> None:
        """Excel refuses what lies outside, and says the range; pasting goes past that, hence the marks."""
        limit = place.limit
        if limit.sort == "truth":
            rule = DataValidation(type="list", formula1='"TRUE,FALSE"')
        elif limit.choices:
            last = letter(CHOICES + len(limit.choices) - 1)
            rule = DataValidation(type="list", formula1=f"{on}${letter(CHOICES)}${place.row}:${last}${place.row}")
        else:
            conditions = [limit.typed(cell), *self.conditions(place, cell, on)]
            rule = DataValidation(type="custom", formula1=f"AND({','.join(conditions)})")
        page.validate(cell, rule, limit.words)

    # ---- options, and what has changed ------------------------------------------------------------------------------

    def _option(self, cell: Cell, row: int) -> None:
        book, page = self.book, self.page
        kind = book.kind(cell)
        value = book.declared.cell(cell.id)
        unit = (cell.shown or unit_written(cell.formula)) if isinstance(kind, Quantity) else None
        for at in range(1, len(HEADINGS) + 1):
            page.text(row, at, "", Look())
        page.text(row, NAME, cell.id, Look("name"))
        page.text(row, LABEL, cell.label, Look("wrapped"))
        self.value(row, DELIVERED, value, unit, Look("body", self._plain_format(value, unit)))
        page.text(row, UNIT, unit.text if unit is not None else "", Look("unit"))
        page.text(row, BASE_UNIT, base(kind), Look("unit"))
        page.text(row, SOURCE, cell.source, Look("wrapped"))
        look = value_look(kind, [value])
        page.formula(row, BASE, book.scales.times(f"C{row}", unit), lambda values: values.cell(cell.id), look)
        book.define(book.places.cells[cell.id])

    def _changed(self, place: InputPlace) -> None:
        """Whether an input differs from what was delivered, lies outside its range, or is of another kind."""
        row, limit = place.row, place.limit
        text = f'IF({self._same(row)},"","{CHANGED}")'
        conditions = self.conditions(place, f"F{row}")
        if conditions:
            inside = conditions[0] if len(conditions) == 1 else f"AND({','.join(conditions)})"
            text = f'IF({inside},{text},"{OUTSIDE}")'
        given = ("D", "E") if self.book.scenarios is not None else ("E",)
        wrong = [f'AND({at}{row}<>"",NOT({limit.typed(f"{at}{row}")}))' for at in given]
        if limit.sort != "text":
            text = f'IF({"OR(" + ",".join(wrong) + ")" if len(wrong) > 1 else wrong[0]},"{WRONG}",{text})'
        self.page.formula(row, STATE, text, lambda values: self.state_at(place, values), Look("status"))

    def _same(self, row: int) -> str:
        return f"F{row}=C{row}"

    def state_at(self, place: InputPlace, values: Values) -> str:
        value, declared = values.input(place.key), self.book.declared.input(place.key)
        shown = value if isinstance(value, (bool, str)) else in_unit(value, place.unit)
        if not place.limit.admits(shown):
            return OUTSIDE
        return "" if value == declared else CHANGED

    def banner(self, page: Page) -> None:
        """Every sheet says when an input is out of range."""
        if page is self.page:
            page.link(3, 2, "Cover", self.book.titled("Cover"))
        page.formula(3, 1, self.book.warning, self.warning, Look("alarm"))

    def warning(self, values: Values) -> Value:
        """What every sheet says when an input is out of range."""
        count = sum(self.state_at(place, values) == OUTSIDE for place in self.places.values())
        return f"{count} input{'s' if count > 1 else ''}{self._see}" if count else ""

    @property
    def _see(self) -> str:
        """The end of the banner of every sheet."""
        return f" out of range: see {self.page.title}"

    def _state(self) -> None:
        """How many inputs differ, and how many must not be trusted: claims are about what the spec declares."""
        book, page = self.book, self.page
        area = f"${letter(STATE)}${self.first}:${letter(STATE)}${self.last}"
        places = list(self.places.values())

        def changed(values: Values) -> float:
            return float(sum(values.input(p.key) != book.declared.input(p.key) for p in places))

        page.text(4, USED, "Changed", Look("quiet right"))
        page.formula(4, UNIT, f'COUNTIF({area},"{CHANGED}*")', changed, Look("status", "0"))
        book.define(CellPlace(page.title, 4, UNIT, book.changed))
        bad = f'(COUNTIF({area},"{OUTSIDE}")+COUNTIF({area},"{WRONG}"))'
        text = f'IF({bad}=0,"",{bad}&IF({bad}=1," input"," inputs")&{quoted(self._see)})'
        page.formula(4, STATE, text, self.warning, Look("alarm"))
        book.define(CellPlace(page.title, 4, STATE, book.warning))
        rows = f"A{self.first}:{letter(SOURCE)}{self.last}"
        mark = f"${letter(STATE)}{self.first}"
        page.colour(rows, f'OR({mark}="{OUTSIDE}",{mark}="{NOT_FOR_ALL}",{mark}="{WRONG}")', BAD)
        page.colour(rows, f'OR({mark}="{CHANGED}",{mark}="{FOR_ALL}")', GOOD)
