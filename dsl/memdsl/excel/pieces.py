"""Pieces of Excel formulas: text with holes for what differs from row to row, and how tightly it binds.

A formula of a column is translated once. Where only the row number differs, the piece is one text with `ROW` in place
of the number; where a row refers to rows of its own (its inputs), a part is a function of the row's position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..sheet.operations import Value
from .names import quoted

ROW = "\x01"
"""Stands in a text for the sheet's row number of the row that the formula belongs to."""

Part = str | Callable[[int], str]

# How tightly an operator binds in Excel. A sign binds tighter than `^` there (-2^2 is 4), so an operand of `^` and of
# a sign is always one atom, and a signed piece counts as a sum.
COMPARISON, JOIN, SUM, PRODUCT, POWER, ATOM = range(6)


@dataclass(frozen=True)
class Piece:
    """`constant` is set when the piece is a fact of the structure (a folded condition), no number of the spec."""

    parts: tuple[Part, ...]
    level: int = ATOM
    constant: Value | None = None

    @property
    def text(self) -> str:
        """The text of a piece that is the same for all rows."""
        first = self.parts[0]
        if len(self.parts) == 1 and isinstance(first, str):
            return first
        assert all(isinstance(part, str) for part in self.parts)
        return "".join(part for part in self.parts if isinstance(part, str))

    def within(self, level: int) -> tuple[Part, ...]:
        """The parts, in brackets when they bind less tightly than `level`."""
        return self.parts if self.level >= level else ("(", *self.parts, ")")

    def render(self, index: int, row: int) -> str:
        """The text for the row at position `index`, which stands in row `row` of its sheet."""
        number = str(row)
        return "".join([part.replace(ROW, number) if isinstance(part, str) else part(index) for part in self.parts])


def atom(text: str) -> Piece:
    return Piece((text,))


def merged(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts with neighbouring texts joined."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)


def call(name: str, args: Sequence[Piece]) -> Piece:
    """`NAME(a,b)`."""
    parts: list[Part] = [name + "("]
    for i, arg in enumerate(args):
        parts += ([","] if i else []) + list(arg.parts)
    return Piece(merged([*parts, ")"]))


def binary(left: Piece, operator: str, right: Piece, level: int) -> Piece:
    """`a+b`. The right operand keeps its brackets even where they change nothing but the order of rounding."""
    low, high = (ATOM, ATOM) if level == POWER else (level, level + 1)
    if level == COMPARISON:
        low = high
    return Piece(merged([*left.within(low), operator, *right.within(high)]), level)


def signed(operand: Piece) -> Piece:
    return Piece(merged(["-", *operand.within(ATOM)]), SUM)


def constant(value: Value) -> Piece:
    """A fact of the structure as a formula writes it."""
    if isinstance(value, bool):
        return Piece(("TRUE" if value else "FALSE",), ATOM, value)
    if isinstance(value, str):
        return Piece((quoted(value),), ATOM if len(value) <= 250 else JOIN, value)
    return Piece((number(value),), ATOM if value >= 0 else SUM, value)


def number(value: float) -> str:
    """A number as a formula writes it, to its last digit: `8388608`, `0.2`, `1E+300`."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value).upper()
