"""What a formula becomes: a number, a condition, or a choice among texts or rows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .terms import Key, Poly

NO_ROW = -1
"""The position of the row that `first` finds where no row meets its condition."""


@dataclass(frozen=True, eq=False)
class Truth:
    """A condition, by its number in the space."""

    condition: int


@dataclass(frozen=True, eq=False)
class Choice:
    """A text or the position of a row: one value under each of several conditions, of which one holds."""

    cases: tuple[tuple[int, str | int], ...]


Form = Poly | Truth | Choice

Repeats = dict[int, list[dict[frozenset[tuple[Key, Fraction]], tuple[Poly, int]]]]
"""By condition: for each sum over rows the terms that it met under it, each with the number of equal rows."""


@dataclass(frozen=True, eq=False)
class Met:
    """A row that an aggregate met, under a condition, with its value and the number of its copies."""

    condition: int
    row: int
    body: Form
    weight: Poly

    @property
    def number(self) -> Poly:
        assert isinstance(self.body, Poly)
        return self.body

    @property
    def truth(self) -> int:
        assert isinstance(self.body, Truth)
        return self.body.condition
