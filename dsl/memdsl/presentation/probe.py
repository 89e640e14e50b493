"""What is asked of a point: the value of a formula, or its values row by row."""

from __future__ import annotations

from dataclasses import dataclass

from ..sheet.formula import Formula


@dataclass(frozen=True)
class Probe:
    """A formula that is shown: over cells, or for each of some rows that `variable` names.

    With a `table`, the formula is one of its columns, and the rows are its own.
    """

    formula: Formula
    variable: str = ""
    rows: tuple[int, ...] | None = None
    table: str = ""
