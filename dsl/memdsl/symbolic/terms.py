"""The normal form: a sum of terms over numbered atoms, each term under a condition.

A term is a rational coefficient, a guard (the number of the condition under which it counts, `ALWAYS` for most) and
powers of atoms. An atom is an input, or something that is not a polynomial: a maximum, a floor, a denominator.
Atoms and conditions are numbered by the `Space` they live in, so that equal ones have one number, equal rows one term.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal as OneOf

from .errors import SymbolicError

Powers = tuple[tuple[int, int], ...]
"""Atoms and their exponents (never 0), in the order of the atoms."""

Key = tuple[int, Powers]
"""A guard and powers: what makes two terms alike."""

ALWAYS = 0
NEVER = 1
"""The two conditions that every space has."""

UNIT: Key = (ALWAYS, ())

LARGEST_EXPONENT = 256

_ZERO = Fraction(0)
_LONGEST = 2048
_KEPT = 200


class Poly:
    """A sum of terms; no coefficient is 0. Never changed once made: what is asked of it is kept.

    (A dataclass with cached properties takes half as long again for a large network.)
    """

    __slots__ = ("_atoms", "_constant", "_guards", "_key", "terms")

    def __init__(self, terms: Mapping[Key, Fraction]) -> None:
        self.terms = terms
        self._constant = _ZERO if not terms else terms.get(UNIT) if len(terms) == 1 else None
        self._guards: tuple[int, ...] | None = None
        self._atoms: frozenset[int] | None = None
        self._key: frozenset[tuple[Key, Fraction]] | None = None

    @property
    def constant(self) -> Fraction | None:
        """The number that it is, or None when it depends on something."""
        return self._constant

    @property
    def key(self) -> frozenset[tuple[Key, Fraction]]:
        """Equal for equal sums."""
        if self._key is None:
            self._key = frozenset(self.terms.items())
        return self._key

    @property
    def guards(self) -> tuple[int, ...]:
        """The conditions in it, each once."""
        if self._guards is None:
            self._guards = tuple(dict.fromkeys(guard for guard, _ in self.terms if guard != ALWAYS))
        return self._guards

    @property
    def atoms(self) -> frozenset[int]:
        """The atoms directly in it."""
        if self._atoms is None:
            self._atoms = frozenset(atom for _, powers in self.terms for atom, _ in powers)
        return self._atoms


ZERO = Poly({})
ONE = Poly({UNIT: Fraction(1)})


@lru_cache(maxsize=1 << 16)
def exact(value: float) -> Fraction:
    """The decimal that a number prints as: `0.2` is 1/5, and not the nearest sum of powers of two."""
    return Fraction(int(value)) if value == int(value) and abs(value) < 1e17 else Fraction(repr(float(value)))


def number(value: Fraction | int) -> Poly:
    return Poly({UNIT: Fraction(value)}) if value else ZERO


def atom_poly(atom: int, exponent: int = 1) -> Poly:
    return Poly({(ALWAYS, ((atom, exponent),)): Fraction(1)})


def add(polys: Iterable[Poly]) -> Poly:
    """The sum of sums."""
    polys = [poly for poly in polys if poly.terms]
    if len(polys) == 1:
        return polys[0]
    terms: dict[Key, Fraction] = {}
    for poly in polys:
        for key, coefficient in poly.terms.items():
            have = terms.get(key)
            terms[key] = coefficient if have is None else have + coefficient
    return Poly({key: coefficient for key, coefficient in terms.items() if coefficient})


def scale(poly: Poly, factor: Fraction) -> Poly:
    if factor == 1:
        return poly
    return Poly({key: short(c * factor) for key, c in poly.terms.items()}) if factor else ZERO


def negative(poly: Poly) -> Poly:
    return Poly({key: -c for key, c in poly.terms.items()})


def subtract(a: Poly, b: Poly) -> Poly:
    return add((a, negative(b)))


def short(value: Fraction) -> Fraction:
    """The number itself, or to 200 bits once it takes too many: a long chain of products stays bounded."""
    if value.denominator.bit_length() < _LONGEST and value.numerator.bit_length() < _LONGEST:
        return value
    shift = _KEPT - value.numerator.bit_length() + value.denominator.bit_length()
    if shift >= 0:
        return Fraction((value.numerator << shift) // value.denominator, 1 << shift)
    return Fraction((value.numerator // (value.denominator << -shift)) << -shift)


def multiply_powers(a: Powers, b: Powers) -> Powers:
    if not a:
        return b
    if not b:
        return a
    exponents = dict(a)
    for atom, exponent in b:
        exponents[atom] = exponents.get(atom, 0) + exponent
    if max(exponents.values()) > LARGEST_EXPONENT:
        raise SymbolicError(
            "closed-form-too-large",
            f"the closed form has a power above {LARGEST_EXPONENT}",
            "ask for fewer inputs, or for a smaller part of the formula",
        )
    return tuple(sorted((atom, exponent) for atom, exponent in exponents.items() if exponent))


# ---- atoms ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Symbol:
    """An input kept as a symbol. It lies between `low` and `high`, and is a multiple of `grain` when that is known."""

    path: str
    low: Fraction | float
    high: Fraction | float
    grain: Fraction | None


@dataclass(frozen=True, eq=False)
class Infinite:
    """What `unlimited` is: above every quantity."""


@dataclass(frozen=True, eq=False)
class Undefined:
    """What has no value: a division by zero, no row to choose from."""


@dataclass(frozen=True, eq=False)
class Extreme:
    """The largest or the smallest of several sums, none of which is known to lose."""

    op: OneOf["max", "min"]
    args: tuple[Poly, ...]


@dataclass(frozen=True, eq=False)
class Whole:
    """A sum rounded down or up."""

    op: OneOf["floor", "ceil"]
    inner: Poly


@dataclass(frozen=True, eq=False)
class Function:
    """`sqrt`, `log2`, `exp`, `round`, or `^` with a base and an exponent."""

    op: str
    args: tuple[Poly, ...]


@dataclass(frozen=True, eq=False)
class Group:
    """A sum in brackets: a denominator, or a factor that is not multiplied out."""

    inner: Poly


@dataclass(frozen=True, eq=False)
class Cut:
    """A column in one row, kept by name: it recurs along rows, and would grow at each one if it were expanded."""

    name: str
    inner: Poly


Atom = Symbol | Infinite | Undefined | Extreme | Whole | Function | Group | Cut


# ---- conditions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Always:
    truth: bool


@dataclass(frozen=True, eq=False)
class Compare:
    """A sum compared with 0."""

    op: OneOf[">", ">=", "==", "!="]
    poly: Poly


@dataclass(frozen=True, eq=False)
class Joined:
    """`and` or `or` of other conditions, by number."""

    op: OneOf["and", "or"]
    parts: tuple[int, ...]


Condition = Always | Compare | Joined
