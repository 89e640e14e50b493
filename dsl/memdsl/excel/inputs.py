"""The sheet `Inputs`: everything that a person may change, one row each, in the unit that the author wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl.worksheet.datavalidation import DataValidation

from ..evaluate import Values
from ..evaluate.show import show, unit_written
from ..sheet.formula import UNLIMITED, Formula, Literal, walk
from ..sheet.keys import Entry, InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Cell, Input, Quantity, Type
from ..units import Unit
from .book import Book, base
from .names import clean, letter
from .page import Page
from .places import CellPlace
from .scales import in_unit
from .style import GOOD, Look, number_format
from .tables import value_look

HEADINGS = (
    ("Input", 26), ("What it is", 46), ("Value", 13), ("Unit", 11), ("From", 9), ("To", 9), ("Allowed", 19),
    ("Base value", 20), ("Base unit", 10), ("Source", 46), ("In the spec", 15), ("Changed", 9),
)  # fmt: skip
NAME, LABEL, VALUE, UNIT, FROM, TO, ALLOWED, BASE, BASE_UNIT, SOURCE, DECLARED, CHANGED = range(1, 13)
CHOICES = 14
TOP = 4


@dataclass(frozen=True)
class InputPlace:
    """Where an input stands: `value` is the cell that a person changes, `unit` the unit of what stands there."""

    path: str
    key: InputKey
    value: str
    unit: Unit | None


@dataclass
class InputSheet:
    book: Book
    page: Page
    places: dict[str, InputPlace] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    last: int = TOP

    def take_places(self) -> None:
        row = TOP + 1
        names = self.book.names
        self.groups: dict[int, str] = {}
        self.options = [cell for cell in self.book.sheet.cells.values() if cell.role == "option"]
        for title, inputs in self._grouped():
            self.groups[row] = title
            row += 1
            for item in inputs:
                self.rows[item.path] = row
                place = CellPlace("Inputs", row, BASE, names.name(item.path))
                if isinstance(item.key, Entry):
                    self.book.places.entries[item.key] = place
                else:
                    self.book.places.cells[item.key] = place
                row += 1
        self.last = row - 1
        if self.options:
            self.groups[row + 1] = "Options (fixed: they decide the structure; another value needs a new report)"
            row += 2
            for cell in self.options:
                self.rows[cell.id] = row
                self.book.places.cells[cell.id] = CellPlace("Inputs", row, BASE, names.name(cell.id))
                row += 1
        self.changed = names.name("inputs_changed")

    def _grouped(self) -> Iterator[tuple[str, list[Input]]]:
        """Parameters, then hardware, then the arguments of models, then what is left."""
        sheet = self.book.sheet
        groups: dict[str, list[Input]] = {}
        for item in sheet.inputs.values():
            owner = item.key.table.rpartition(".")[0] if isinstance(item.key, Entry) else sheet.cells[item.key].owner
            instance = sheet.instances.get(owner)
            if item.role == "param":
                title = "Parameters"
            elif instance is not None:
                title = f"{instance.kind.capitalize()} {instance.name} ({instance.template})"
            else:
                title = "Other constants"
            groups.setdefault(title, []).append(item)
        order = ("Parameters", "Hardware", "Network", "Model", "Other")
        for start in order:
            yield from ((title, items) for title, items in groups.items() if title.startswith(start))

    # ---- content ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        page = self.page
        page.title_rows("Inputs", "Change the yellow cells; every sheet follows.")
        page.heads(TOP, HEADINGS, (VALUE, FROM, TO, BASE, DECLARED))
        for row, title in self.groups.items():
            for at in range(1, len(HEADINGS) + 1):
                page.text(row, at, title if at == 1 else "", Look("group"))
        for item in self.book.sheet.inputs.values():
            self._input(item, self.rows[item.path])
        for cell in self.options:
            self._option(cell, self.rows[cell.id])
        self._changed_mark()
        page.freeze(TOP + 1, VALUE)
        page.set_up_print(f"{TOP}:{TOP}")

    def _kind(self, key: InputKey) -> Type:
        if isinstance(key, Entry):
            return self.book.typed.column_types[key.table, key.column]
        return self.book.typed.cell_types[key]

    def _input(self, item: Input, row: int) -> None:
        book, page = self.book, self.page
        kind, key = self._kind(item.key), item.key
        unit = self._unit(item, kind)
        value, declared = book.values.input(key), book.declared.input(key)
        page.text(row, NAME, item.path, Look("name"))
        page.text(row, LABEL, item.label or self._words(item), Look("wrapped"))
        self._value(row, VALUE, value, unit, Look("input", self._format(value, unit)))
        self._value(row, DECLARED, declared, unit, Look("quiet", self._format(declared, unit)))
        page.text(row, UNIT, unit.text if unit is not None else "", Look("unit"))
        page.text(row, BASE_UNIT, base(kind), Look("unit"))
        page.text(row, SOURCE, item.source, Look("wrapped"))
        self._base(row, key, unit, kind)
        self._limits(item, row, unit, kind)
        page.formula(
            row, CHANGED, f'IF(C{row}=K{row},"","changed")',
            lambda values: "" if values.input(key) == declared else "changed", Look("status"),
        )  # fmt: skip
        self.places[item.path] = InputPlace(item.path, key, f"C{row}", unit)

    def _words(self, item: Input) -> str:
        """What an argument without a label is: `act` of the model `traffic`."""
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

    def _format(self, value: Value, unit: Unit | None) -> str:
        if isinstance(value, (bool, str)):
            return "General"
        shown = in_unit(value, unit) if abs(value) < UNLIMITED / 10 else value
        if abs(shown) >= UNLIMITED / 10 or (shown == int(shown) and abs(shown) < 1e15):
            return number_format([shown])
        return "General"

    def _value(self, row: int, at: int, value: Value, unit: Unit | None, look: Look) -> None:
        self.page.number(row, at, value if isinstance(value, (bool, str)) else in_unit(value, unit), look)

    def _base(self, row: int, key: InputKey, unit: Unit | None, kind: Type) -> None:
        place = self.book.places.entries[key] if isinstance(key, Entry) else self.book.places.cells[key]
        look = value_look(kind, [self.book.declared.input(key)])
        self.page.formula(row, BASE, self.book.scales.times(f"C{row}", unit), lambda values: values.input(key), look)
        self.book.define(place)

    # ---- what is allowed --------------------------------------------------------------------------------------------

    def _limits(self, item: Input, row: int, unit: Unit | None, kind: Type) -> None:
        page, bounds = self.page, item.bounds
        value = self.book.declared.input(item.key)
        for at in (FROM, TO, ALLOWED):
            page.text(row, at, "", Look())
        if isinstance(value, bool):
            page.text(row, ALLOWED, "TRUE or FALSE", Look("wrapped"))
            self._validate(row, DataValidation(type="list", formula1='"TRUE,FALSE"'), "TRUE or FALSE")
            return
        if bounds is None:
            return

        def value_of(formula: Formula) -> Value:
            return self.book.declared.formula(formula)

        if bounds.one_of:
            choices = [value_of(choice) for choice in bounds.one_of]
            text = "one of " + ", ".join(show(self.book.typed, c, kind, unit, 9) for c in choices)
            page.text(row, ALLOWED, text, Look("wrapped"))
            for i, choice in enumerate(choices):
                self._value(row, CHOICES + i, choice, unit, Look("quiet"))
            listed = f"${letter(CHOICES)}${row}:${letter(CHOICES + len(choices) - 1)}${row}"
            page.text(TOP, CHOICES, "Choices, step", Look("heading"))
            self._validate(row, DataValidation(type="list", formula1=listed), text)
            return
        conditions, words = [f"ISNUMBER(C{row})"], []
        for at, formula, sign, word in ((FROM, bounds.low, ">=", "from"), (TO, bounds.high, "<=", "to")):
            if formula is not None:
                bound = value_of(formula)
                self._value(row, at, bound, unit, Look("body", self._format(bound, unit)))
                conditions.append(f"C{row}{sign}{letter(at)}{row}")
                words.append(f"{word} {show(self.book.typed, bound, kind, unit, 9)}")
        if bounds.multiple is not None:
            multiple = value_of(bounds.multiple)
            page.text(row, ALLOWED, f"multiple of {show(self.book.typed, multiple, kind, unit, 9)}", Look("wrapped"))
            self._value(row, CHOICES, multiple, unit, Look("quiet"))
            conditions.append(f"ROUND(C{row}/$N{row},0)*$N{row}=C{row}")
            words.append(f"a multiple of {show(self.book.typed, multiple, kind, unit, 9)}")
            page.text(TOP, CHOICES, "Choices, step", Look("heading"))
        if words:
            rule = DataValidation(type="custom", formula1=f"AND({','.join(conditions)})")
            self._validate(row, rule, ", ".join(words))

    def _validate(self, row: int, rule: DataValidation, words: str) -> None:
        rule.allow_blank = False
        rule.showErrorMessage = rule.showInputMessage = True
        words = clean(words)
        rule.errorTitle, rule.error = "Outside the range", f"Allowed: {words}"[:220]
        rule.promptTitle, rule.prompt = "Allowed", words[:220]
        rule.add(f"C{row}")
        self.page.worksheet.add_data_validation(rule)

    # ---- options, and what has changed ------------------------------------------------------------------------------

    def _option(self, cell: Cell, row: int) -> None:
        book, page = self.book, self.page
        kind = book.kind(cell)
        value = book.declared.cell(cell.id)
        unit = (cell.shown or unit_written(cell.formula)) if isinstance(kind, Quantity) else None
        page.text(row, NAME, cell.id, Look("name"))
        page.text(row, LABEL, cell.label, Look("wrapped"))
        self._value(row, VALUE, value, unit, Look("body", self._format(value, unit)))
        page.text(row, UNIT, unit.text if unit is not None else "", Look("unit"))
        page.text(row, BASE_UNIT, base(kind), Look("unit"))
        page.text(row, SOURCE, cell.source, Look("wrapped"))
        look = value_look(kind, [value])
        page.formula(row, BASE, book.scales.times(f"C{row}", unit), lambda values: values.cell(cell.id), look)
        book.define(book.places.cells[cell.id])

    def _changed_mark(self) -> None:
        """Whether any input differs from the spec: claims are about the values that the spec declares."""
        declared = self.book.declared
        keys = [item.key for item in self.book.sheet.inputs.values()]

        def changed(values: Values) -> float:
            return float(sum(values.input(key) != declared.input(key) for key in keys))

        self.page.text(2, DECLARED, "Changed inputs", Look("quiet"))
        self.page.formula(
            2, CHANGED, f'COUNTIF(L{TOP + 1}:L{max(self.last, TOP + 1)},"changed")', changed, Look("status", "0")
        )
        self.book.define(CellPlace("Inputs", 2, CHANGED, self.changed))
        area = f"A{TOP + 1}:L{max(self.last, TOP + 1)}"
        self.page.colour(area, f'$L{TOP + 1}="changed"', GOOD)
