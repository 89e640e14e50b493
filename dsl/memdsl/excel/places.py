"""Where everything stands: the sheet, column and row of each cell, table and helper of the book.

Every place is known before a formula is written, as formulas refer both ways.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..sheet.input_keys import Entry
from .names import letter, sheet_prefix


@dataclass(frozen=True)
class CellPlace:
    """A single cell. `name` is its defined name, empty when it has none."""

    page: str
    row: int
    column: int
    name: str = ""

    def reference(self, page: str) -> str:
        """How a formula on `page` refers to it: by name where it has one."""
        if self.name:
            return self.name
        prefix = "" if page == self.page else sheet_prefix(self.page)
        return f"{prefix}${letter(self.column)}${self.row}"

    @property
    def coordinate(self) -> str:
        return f"{letter(self.column)}{self.row}"


@dataclass
class TablePlace:
    """A table on a page: row i of the table stands in row `first + i`. `free` is the next column without content."""

    page: str
    first: int
    count: int
    columns: dict[tuple[str, str], int] = field(default_factory=dict)
    free: int = 1

    def take(self) -> int:
        """A column of its own for a helper."""
        self.free += 1
        return self.free - 1


@dataclass
class Places:
    """The map of the book.

    `owners` gives the place where a table's own columns stand, `margins` the place on a page whose free columns take
    parts of its formulas.
    """

    cells: dict[str, CellPlace] = field(default_factory=dict)
    entries: dict[Entry, CellPlace] = field(default_factory=dict)
    tables: dict[str, TablePlace] = field(default_factory=dict)
    owners: dict[tuple[str, str], TablePlace] = field(default_factory=dict)
    margins: dict[str, TablePlace] = field(default_factory=dict)

    def add_table(self, table: str, place: TablePlace) -> None:
        self.tables[table] = place

    def add_column(self, place: TablePlace, table: str, column: str, at: int) -> None:
        """A table's column stands here; the first place is its own, a later one is a link to it."""
        place.columns[table, column] = at
        self.owners.setdefault((table, column), place)

    def find(self, table: str, column: str, page: str, near: str) -> tuple[TablePlace, int]:
        """Where a formula on `page`, of the table `near`, reads a column: beside it when it is linked there."""
        beside = self.tables.get(near)
        if beside is not None and beside.page == page and (table, column) in beside.columns:
            return beside, beside.columns[table, column]
        own = self.owners[table, column]
        return own, own.columns[table, column]
