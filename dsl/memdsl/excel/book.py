"""The book while it is made: what its sheets share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from openpyxl import Workbook

from ..evaluate import ClaimResult, Machine, Model, Values
from ..presentation import Point
from ..sheet.formula import Formula, Literal
from ..sheet.input_keys import Entry, InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Cell, Input, Quantity, RowOf, Type, TypedSheet
from ..symbolic.searched import rests_on_found
from ..units import Unit, base_unit, readable
from .formulas import Translator
from .helpers import Helpers
from .page import Page
from .places import CellPlace, Places, TablePlace
from .scales import in_unit
from .volume import Volume


class Scenarios(Protocol):
    """What formulas need of the scenarios: the name of the cell that chooses one, and what each says of an input."""

    names: list[str]
    chooser: str
    number: str

    def cells(self, row: int) -> str: ...

    def settings(self) -> Mapping[str, Mapping[InputKey, Value]]: ...


@dataclass
class Book:
    """One spec in a file. `values` are those that it is delivered with; `declared` decide how numbers are shown.

    `name` begins the titles of its sheets and its defined names where the file has several books. `scenario` is the
    one chosen when the book is opened, `chosen` what it sets, `yours` what is set beside it; `changed` and `warning`
    are the names of the cells that count changed inputs and warn of those out of range.
    """

    typed: TypedSheet
    machine: Machine
    values: Values
    declared: Values
    claims: Sequence[ClaimResult]
    command: str
    scenario: str | None = None
    name: str = ""
    volume: Volume = field(default_factory=Volume)
    pages: dict[str, Page] = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    asked: Model | None = None

    scenarios: Scenarios | None = None
    changed: str = ""
    warning: str = ""

    def __post_init__(self) -> None:
        self.sheet = self.typed.sheet
        self.point = Point(self.typed, self.machine, self.values, self.claims)
        found = self.sheet.scenarios.get(self.scenario or "")
        self.chosen = {key: self.declared.formula(formula) for key, formula in found.settings} if found else {}
        self.yours = {
            key: value
            for key, value in self.values.overrides.items()
            if value != self.chosen.get(key, self.declared.input(key))
        }
        self.styles = self.volume.styles
        self.names = self.volume.names.within(self.name)
        self.titles = self.volume.titles.within(self.name)
        self.scales = self.volume.scales
        self.helpers = Helpers(self.places)
        self.translator = Translator(self.typed, self.places, self.scales, self.helpers)

    @property
    def workbook(self) -> Workbook:
        return self.volume.workbook

    @property
    def question(self) -> Model:
        """The spec as it is evaluated, of which analyses are asked: it finds anew at each point, a book cannot."""
        assert self.asked is not None
        return self.asked

    def rests_on_found(self, cell: str) -> bool:
        """Whether a cell rests on what a search found, which a trial cannot find again."""
        return (
            self.asked is not None
            and cell in self.asked.sheet.cells
            and rests_on_found(self.asked.sheet, self.asked.sheet.cells[cell].formula)
        )

    # ---- sheets -----------------------------------------------------------------------------------------------------

    def add_page(self, title: str, fixed: bool = False) -> Page:
        title = self.titled(title) if fixed else self.titles.title(title)
        page = self.pages[title] = self.volume.add_page(title, self.name)
        return page

    def titled(self, title: str) -> str:
        """The title of a sheet that every book may have: `Inputs`, beside other books `yolov3 Inputs`."""
        return f"{self.name} {title}" if self.name else title

    @property
    def file(self) -> str:
        """The name of the spec's file, without its folder."""
        return self.sheet.source.name.replace("\\", "/").rpartition("/")[2]

    @property
    def title(self) -> str:
        """What the spec calls itself, else its file."""
        return self.sheet.title or self.file.removesuffix(".mem")

    def short(self, item: Input) -> str:
        """The path of an input without its hardware, where the spec has one hardware only: `dram.energy`."""
        hardware = [i.name for i in self.sheet.instances.values() if i.kind == "hardware"]
        if item.role == "component" and len(hardware) == 1:
            return item.path.removeprefix(hardware[0] + ".")
        return item.path

    def define(self, place: CellPlace) -> None:
        """Gives a cell its defined name."""
        self.volume.define(place)

    def margin(self, page: Page) -> None:
        """Room at the right of a page for parts of its formulas, where no table has given it."""
        self.places.margins.setdefault(page.title, TablePlace(page.title, 2, 0, free=40))

    # ---- kinds and units --------------------------------------------------------------------------------------------

    def kind(self, cell: Cell) -> Type:
        return self.typed.cell_types[cell.id]

    def shown_unit(self, value: Value, kind: Type, chosen: Unit | None) -> Unit | None:
        """The unit in which a value is shown to people: the author's choice, else a readable one."""
        if not isinstance(kind, Quantity) or kind.dimension is None or isinstance(value, (str, bool)):
            return None
        return chosen or readable(float(value), kind.dimension)

    def in_cell(self, value: Value, unit: Unit | None) -> Value:
        """A value in base units as a cell in a unit holds it."""
        return value if isinstance(value, (bool, str)) else in_unit(value, unit)

    def number(self, value: Value | None, kind: Type) -> Value | None:
        """A value as the book holds it: the position of a row is counted from 1."""
        if isinstance(kind, RowOf) and isinstance(value, (int, float)):
            return float(value) + 1
        return value


def base(kind: Type) -> str:
    """The unit of a value in base units."""
    return base_unit(kind.dimension) if isinstance(kind, Quantity) and kind.dimension is not None else ""


def heading(name: str, unit: str) -> str:
    """`dram_bytes [B]`."""
    return f"{name} [{unit}]" if unit else name


def formula_text(formula: Formula) -> str:
    """A formula as the spec writes it, on one line."""
    span = formula.span
    if isinstance(formula, Literal) and formula.text:
        return formula.text
    return " ".join(span.source.text[span.start : span.end].split())


def is_input_entry(book: Book, entry: Entry) -> bool:
    place = book.places.entries.get(entry)
    return place is not None and place.page == book.titled("Inputs")
