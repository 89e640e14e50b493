"""A formula as it is going to be written: what a text and a LaTeX writer both walk over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..sheet.operations import OPERATIONS


@dataclass(frozen=True)
class Number:
    """A number that is not negative: signs belong to sums."""

    value: Fraction


@dataclass(frozen=True)
class Name:
    text: str


@dataclass(frozen=True)
class Measure:
    """A value in a unit."""

    value: Shape
    unit: str


@dataclass(frozen=True)
class Product:
    factors: tuple[Shape, ...]


@dataclass(frozen=True)
class Sum:
    """Terms in order, each with its sign (True for minus)."""

    terms: tuple[tuple[bool, Shape], ...]


@dataclass(frozen=True)
class Ratio:
    top: Shape
    bottom: Shape


@dataclass(frozen=True)
class Raised:
    base: Shape
    exponent: Shape


@dataclass(frozen=True)
class Call:
    """A function of the language or of a spec."""

    name: str
    args: tuple[Shape, ...]


@dataclass(frozen=True)
class Copies:
    """Equal rows: how many, and what one of them is."""

    count: int
    value: Shape


@dataclass(frozen=True)
class When:
    value: Shape
    condition: Shape
    otherwise: Shape


@dataclass(frozen=True)
class Relation:
    op: str
    left: Shape
    right: Shape


@dataclass(frozen=True)
class Joined:
    op: str
    parts: tuple[Shape, ...]


@dataclass(frozen=True)
class Truth:
    value: bool


@dataclass(frozen=True)
class Words:
    """A text: the value `"memory"`."""

    text: str


@dataclass(frozen=True)
class Negated:
    """`not value`."""

    value: Shape


@dataclass(frozen=True)
class Over:
    """An aggregate over rows that stays unexpanded: `sum(rows.x where rows.y > 0)`, `sum(m in rows, m.x)`.

    `variable` names the row and `rows` its rows; without them the names in `body` say which rows are meant.
    """

    op: str
    variable: str
    rows: Shape | None
    body: Shape | None
    where: Shape | None


Shape = (
    Number | Name | Measure | Product | Sum | Ratio | Raised | Call | Copies | When | Relation | Joined | Truth
    | Words | Negated | Over
)  # fmt: skip

ZERO = Number(Fraction(0))


def applied(op: str, args: Sequence[Shape]) -> Shape:
    """An operation of the language on shapes, as a person writes it."""
    first, *rest = args
    match op:
        case "neg":
            return Sum(((True, first),))
        case "not":
            return Negated(first)
        case "+" | "-":
            terms = first.terms if isinstance(first, Sum) else ((False, first),)
            return Sum((*terms, *((op == "-", arg) for arg in rest)))
        case "*":
            factors = first.factors if isinstance(first, Product) else (first,)
            return Product((*factors, *rest))
        case "/":
            return Ratio(first, rest[0])
        case "^":
            return Raised(first, rest[0])
        case "if":
            return When(rest[0], first, rest[1])
        case "and" | "or":
            parts = first.parts if isinstance(first, Joined) and first.op == op else (first,)
            return Joined(op, (*parts, *rest))
    if OPERATIONS[op].units in ("equal", "ordered"):
        return Relation(op, first, rest[0])
    return Call(op, tuple(args))
