"""The file that books are bound in: one book of one spec, or several side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from ..evaluate import Values
from ..sheet.operations import Value
from .names import DefinedNames, Titles, letter, sheet_prefix
from .page import Page
from .places import CellPlace
from .scales import Scales
from .style import BODY, Look, Styles

FIXED = ("Cover", "Comparison", "Inputs", "Charts", "Claims", "Results", "Scenarios", "Sensitivity", "Analyses",
         "Hardware", "Checks", "Chart data", "Formulas", "Units")  # fmt: skip
"""Titles of the sheets that every book may have, in their order; a table of the spec takes another."""

MAXIMUM_BOOKS = 12
MAXIMUM_NAME = 16
"""Characters of a book's name, so that the titles of its sheets have room behind it."""

Points = Sequence[Values]
"""A point of the inputs for each book of the file."""
JointForms = Callable[[Points], Value | None]


@dataclass
class SharedPage:
    """A sheet of the file as a whole: what its formulas come to rests on a point of every book."""

    page: Page
    sources: dict[str, JointForms] = field(default_factory=dict)

    def formula(self, row: int, column: int, text: str, source: JointForms, look: Look = BODY) -> None:
        self.page.formula(row, column, text, lambda values: None, look)
        self.sources[self.page.worksheet.cell(row, column).coordinate] = source

    def at(self, points: Points) -> Page:
        """The sheet with the books at these points."""
        return replace(self.page, sources={where: _At(source, points) for where, source in self.sources.items()})


@dataclass(frozen=True)
class _At:
    source: JointForms
    points: Points

    def __call__(self, values: Values) -> Value | None:
        return self.source(self.points)


@dataclass
class Volume:
    """What the books of a file share: looks, titles, defined names, scales of units, and sheets of its own."""

    workbook: Workbook = field(default_factory=Workbook)
    styles: Styles = field(default_factory=Styles)
    titles: Titles = field(default_factory=lambda: Titles(FIXED))
    names: DefinedNames = field(default_factory=DefinedNames)
    shared: list[SharedPage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scales = Scales(self.names)
        first = self.workbook.active
        if first is not None:
            self.workbook.remove(first)

    def add_page(self, title: str, owner: str = "") -> Page:
        worksheet: Worksheet = self.workbook.create_sheet(title)
        worksheet.sheet_view.showGridLines = False
        lock(worksheet)
        return Page(worksheet, self.styles, owner)

    def define(self, place: CellPlace) -> None:
        """Gives a cell its defined name."""
        where = f"{sheet_prefix(place.page)}${letter(place.column)}${place.row}"
        self.workbook.defined_names[place.name] = DefinedName(place.name, attr_text=where)

    def add_shared(self, title: str) -> SharedPage:
        self.shared.append(SharedPage(self.add_page(title)))
        return self.shared[-1]


def lock(worksheet: Worksheet) -> None:
    """Formulas are kept from slips, without a password; columns may be widened and rows filtered all the same."""
    protection = worksheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.formatCells = False
    protection.autoFilter = protection.sort = False


def book_names(listed: Sequence[tuple[str, str | None]]) -> list[str]:
    """Names of the books of one file: of each the name of its spec, and its scenario.

    Books are called by whichever of these tells them apart; one alone needs no name.
    """
    specs, scenarios = {spec for spec, _ in listed}, {scenario for _, scenario in listed}
    if len(listed) == 1:
        return [""]
    if len(scenarios) == 1:
        return free_names([spec for spec, _ in listed])
    if len(specs) == 1:
        return free_names([scenario or spec for spec, scenario in listed])
    return free_names([f"{spec[:9]}_{scenario}" if scenario else spec for spec, scenario in listed])


def free_names(wanted: Sequence[str]) -> list[str]:
    """Names near those wanted: short, each once, none the beginning of another.

    The names of cells begin with them: of `yolo` and `yolo_v3` both could mean `yolo_v3_sram`.
    """
    found: list[str] = []
    for text in wanted:
        name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")[:MAXIMUM_NAME].strip("_") or "spec"
        bare, number = name.replace("_", ""), 1
        while any(_mixed(name, other) for other in (*found, "unit")):
            name = bare if number == 1 else f"{bare[: MAXIMUM_NAME - len(str(number))]}{number}"
            number += 1
        found.append(name)
    return found


def _mixed(a: str, b: str) -> bool:
    """Whether names that begin with one of two names may also begin with the other."""
    first, second = f"{a}_".casefold(), f"{b}_".casefold()
    return first.startswith(second) or second.startswith(first)
