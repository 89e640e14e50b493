"""How an input is addressed inside the sheet."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One row of one column: an input of a hardware is one (`chip.memories`, `energy`, 1)."""

    table: str
    column: str
    row: int


InputKey = str | Entry
"""What `--set`, scenarios and `at` set: a cell's identifier, or an entry."""
