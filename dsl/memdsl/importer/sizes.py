"""Sizes that may be open: polynomials over the file's symbols, and over roundings and maxima of such polynomials.

A constant is always a plain `int` (or an exact `Fraction` on the way through a division), never a polynomial.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor, lcm
from typing import TypeAlias

from .faults import ImportFault

Number: TypeAlias = "int | Fraction"
Size: TypeAlias = "int | Fraction | Poly"
Monomial: TypeAlias = "tuple[tuple[Atom, int], ...]"

MOST_TERMS = 200
"""Terms of one size: those of real networks have a dozen."""
DEEPEST = 40
"""Roundings inside roundings; a network halves its input a dozen times."""


class Atom:
    """A symbol, or a rounding (`floor`), `max` or `min` of sizes; equal ones are one object within an `Atoms`."""

    __slots__ = ("arguments", "depth", "name", "number", "op")

    def __init__(self, name: str, op: str, arguments: tuple[Size, ...], number: int, depth: int) -> None:
        self.name = name
        self.op = op
        self.arguments = arguments
        self.number = number
        self.depth = depth

    def __lt__(self, other: Atom) -> bool:
        return self.number < other.number

    def __repr__(self) -> str:
        return self.name or f"{self.op}({', '.join(map(str, self.arguments))})"


class Poly:
    """A polynomial that is no constant. Terms map a sorted monomial to its factor, which is never 0."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: dict[Monomial, Number]) -> None:
        self.terms = terms
        self._hash = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __add__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for monomial, factor in _terms(other).items():
            terms[monomial] = terms.get(monomial, 0) + factor
        return _made(terms)

    def __mul__(self, other: Size) -> Size:
        right = _terms(other)
        if len(self.terms) * len(right) > MOST_TERMS * 20:
            raise ImportFault("a size has too many terms")
        terms: dict[Monomial, Number] = {}
        for a, x in self.terms.items():
            for b, y in right.items():
                monomial = _times(a, b)
                terms[monomial] = terms.get(monomial, 0) + x * y
        return _made(terms)

    def __neg__(self) -> Size:
        return _made({monomial: -factor for monomial, factor in self.terms.items()})

    def __sub__(self, other: Size) -> Size:
        return self + (-other)

    def __rsub__(self, other: Size) -> Size:
        return (-self) + other

    __radd__ = __add__
    __rmul__ = __mul__

    def __repr__(self) -> str:
        return shown(self)


def _terms(size: Size) -> dict[Monomial, Number]:
    if isinstance(size, Poly):
        return size.terms
    return {(): size} if size else {}


def _made(terms: dict[Monomial, Number]) -> Size:
    kept = {m: (f.numerator if isinstance(f, Fraction) and f.denominator == 1 else f) for m, f in terms.items() if f}
    if not kept:
        return 0
    if len(kept) == 1 and () in kept:
        return kept[()]
    if len(kept) > MOST_TERMS:
        raise ImportFault("a size has too many terms")
    return Poly(kept)


def _times(a: Monomial, b: Monomial) -> Monomial:
    if not a or not b:
        return a or b
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: item[0].number))


def plain(size: Number) -> Number:
    return size.numerator if isinstance(size, Fraction) and size.denominator == 1 else size


def exact(a: Size, b: Size) -> Size | None:
    """a / b where b divides a as a polynomial (with exact fractions as factors), else None."""
    if isinstance(b, (int, Fraction)):
        if not b:
            return None
        if isinstance(a, (int, Fraction)):
            return plain(Fraction(a) / b)
        return _made({m: Fraction(f) / b for m, f in a.terms.items()})
    if a == 0:
        return 0
    if a == b:
        return 1
    lead, over = max(b.terms.items(), key=lambda item: _rank(item[0]))
    rest: Size = a
    found: Size = 0
    for _ in range(MOST_TERMS):
        if rest == 0:
            return found
        top, factor = max(_terms(rest).items(), key=lambda item: _rank(item[0]))
        quotient = _over(top, lead)
        if quotient is None:
            return None
        part = _made({quotient: Fraction(factor) / over})
        found = found + part
        rest = rest - part * b
    return None


def _rank(monomial: Monomial) -> tuple[int, tuple[tuple[int, int], ...]]:
    return sum(power for _, power in monomial), tuple((-atom.number, power) for atom, power in monomial)


def _over(a: Monomial, b: Monomial) -> Monomial | None:
    powers = dict(a)
    for atom, power in b:
        left = powers.get(atom, 0) - power
        if left < 0:
            return None
        powers[atom] = left
    return tuple((atom, power) for atom, power in powers.items() if power)


class Atoms:
    """The symbols of one import, and the roundings made of them."""

    def __init__(self) -> None:
        self.symbols: dict[str, Poly] = {}
        self.made: dict[tuple[str, tuple[Size, ...]], Poly] = {}
        self.fixed: dict[tuple[str, tuple[Size, ...]], int] = {}
        """Roundings that are one number wherever the network works at all."""
        self.count = 0

    def symbol(self, name: str) -> Poly:
        if name not in self.symbols:
            self.symbols[name] = self._new(name, "", ())
        return self.symbols[name]

    def of(self, op: str, *arguments: Size) -> Size:
        key = op, arguments
        if key in self.fixed:
            return self.fixed[key]
        if key not in self.made:
            self.made[key] = self._new("", op, arguments)
        return self.made[key]

    def _new(self, name: str, op: str, arguments: tuple[Size, ...]) -> Poly:
        depth = 1 + max((depth_of(a) for a in arguments), default=0)
        if depth > DEEPEST:
            raise ImportFault(f"a size rounds more than {DEEPEST} times inside itself")
        self.count += 1
        return Poly({((Atom(name, op, arguments, self.count, depth), 1),): 1})

    def floor(self, size: Size) -> Size:
        """The next whole number below. What is surely whole stands outside the rounding."""
        if not isinstance(size, Poly):
            return floor(size)
        whole: dict[Monomial, Number] = {}
        rest: dict[Monomial, Number] = {}
        for monomial, factor in size.terms.items():
            part = floor(factor)
            whole[monomial] = part
            rest[monomial] = factor - part
        left = _made(rest)
        if not isinstance(left, Poly):
            return _made(whole) + floor(left)
        constant = left.terms.get((), 0)
        if constant and len(left.terms) > 1:
            # floor((a + r) / d) with whole a: r counts in whole steps of 1/d only
            step = lcm(*(Fraction(f).denominator for m, f in left.terms.items() if m))
            rounded = Fraction(floor(constant * step), step)
            left = left + (rounded - constant)
            if not isinstance(left, Poly):
                return _made(whole) + floor(left)
        inner = left.terms
        if len(inner) == 1:
            # floor(floor(x / a) / b) = floor(x / (a b))
            ((monomial, factor),) = inner.items()
            if len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0].op == "floor":
                share = Fraction(factor)
                if share.numerator == 1:
                    return _made(whole) + self.floor(monomial[0][0].arguments[0] * share)
        elif len(inner) == 2 and () in inner:
            # floor((floor(x / a) + k) / b) = floor((x / a + k) / b)
            monomial, factor = next((m, f) for m, f in inner.items() if m)
            share = Fraction(factor)
            if len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0].op == "floor" and share.numerator == 1:
                return _made(whole) + self.floor(monomial[0][0].arguments[0] * share + inner[()])
        return _made(whole) + self.of("floor", left)

    def ceil(self, size: Size) -> Size:
        return -self.floor(-size)

    def over(self, a: Size, b: Size) -> Size:
        """floor(a / b)."""
        found = exact(a, b)
        if found is not None:
            return self.floor(found)
        if b == 0:
            raise ImportFault("a size is divided by zero")
        return self.of("over", a, b)

    def largest(self, a: Size, b: Size) -> Size:
        sign = sign_of(a - b)
        if sign is not None:
            return a if sign >= 0 else b
        return self.of("max", a, b)

    def least(self, a: Size, b: Size) -> Size:
        sign = sign_of(a - b)
        if sign is not None:
            return b if sign >= 0 else a
        return self.of("min", a, b)


def depth_of(size: Size) -> int:
    if not isinstance(size, Poly):
        return 0
    return max((atom.depth for monomial in size.terms for atom, _ in monomial), default=0)


def sign_of(size: Size) -> int | None:
    """1, 0 or -1 where the sign is plain from the factors, every atom being at least 0 and every symbol at least 1."""
    if not isinstance(size, Poly):
        return (size > 0) - (size < 0)
    constant = size.terms.get((), 0)
    others = [(m, f) for m, f in size.terms.items() if m]
    symbols_only = all(not atom.op for m, _ in others for atom, _ in m)
    if all(f > 0 for _, f in others):
        least = constant + (sum(f for _, f in others) if symbols_only else 0)
        return 1 if least > 0 else None
    if all(f < 0 for _, f in others):
        most = constant + (sum(f for _, f in others) if symbols_only else 0)
        return -1 if most < 0 else None
    return None


def value_of(size: Size, values: Mapping[str, int], known: dict[Atom, Number] | None = None) -> Number:
    """The number that a size is at some values of its symbols. Raises KeyError for a symbol without one."""
    if not isinstance(size, Poly):
        return size
    seen: dict[Atom, Number] = {} if known is None else known
    total: Number = 0
    for monomial, factor in size.terms.items():
        product: Number = factor
        for atom, power in monomial:
            if atom not in seen:
                seen[atom] = _atom(atom, values, seen)
            product *= seen[atom] ** power
        total += product
    return plain(total)


def _atom(atom: Atom, values: Mapping[str, int], known: dict[Atom, Number]) -> Number:
    if not atom.op:
        return values[atom.name]
    arguments = [value_of(a, values, known) for a in atom.arguments]
    if atom.op == "floor":
        return floor(arguments[0])
    if atom.op == "over":
        return floor(Fraction(arguments[0]) / arguments[1]) if arguments[1] else 0
    return max(arguments) if atom.op == "max" else min(arguments)


def replaced(size: Size, atoms: Atoms, meaning: Callable[[Atom], Size | None]) -> Size:
    """The size with its symbols replaced, and its roundings made anew."""
    if not isinstance(size, Poly):
        return size
    total: Size = 0
    for monomial, factor in size.terms.items():
        product: Size = factor
        for atom, power in monomial:
            new = meaning(atom) if not atom.op else None
            if new is None:
                arguments = [replaced(a, atoms, meaning) for a in atom.arguments]
                if not atom.op:
                    new = Poly({((atom, 1),): 1})
                elif atom.op == "floor":
                    new = atoms.floor(arguments[0])
                elif atom.op == "over":
                    new = atoms.over(*arguments)
                else:
                    new = (atoms.largest if atom.op == "max" else atoms.least)(*arguments)
            for _ in range(power):
                product = product * new
        total = total + product
    return total


def symbols_of(size: Size) -> set[str]:
    if not isinstance(size, Poly):
        return set()
    found: set[str] = set()
    for monomial in size.terms:
        for atom, _ in monomial:
            if atom.op:
                for argument in atom.arguments:
                    found |= symbols_of(argument)
            else:
                found.add(atom.name)
    return found


def shown(size: Size, name: Callable[[str], str] = str) -> str:
    """The size as a formula of `.mem`."""
    if not isinstance(size, Poly):
        return (
            str(size.numerator)
            if isinstance(size, int) or size.denominator == 1
            else f"{size.numerator} / {size.denominator}"
        )
    parts: list[str] = []
    for monomial, factor in sorted(size.terms.items(), key=lambda item: _rank(item[0]), reverse=True):
        share = abs(Fraction(factor))
        factors = [_shown_power(atom, power, name) for atom, power in monomial]
        if share.numerator != 1 or not factors:
            factors.insert(0, str(share.numerator))
        text = " * ".join(factors) + (f" / {share.denominator}" if share.denominator != 1 else "")
        sign = "-" if factor < 0 else "+"
        parts.append(f"{sign} {text}" if parts else (f"-{text}" if factor < 0 else text))
    return " ".join(parts)


def _rounded_up(size: Size) -> Size | None:
    """The size that is rounded up, where `floor(a / k + (k - 1) / k)` says so of a whole `a`."""
    if not isinstance(size, Poly):
        return None
    constant = Fraction(size.terms.get((), 0))
    step = lcm(*(Fraction(factor).denominator for monomial, factor in size.terms.items() if monomial))
    return size - constant if constant == Fraction(step - 1, step) and step > 1 else None


def _shown_power(atom: Atom, power: int, name: Callable[[str], str]) -> str:
    if not atom.op:
        text = name(atom.name)
    elif atom.op == "over":
        a, b = (shown(one, name) for one in atom.arguments)
        text = f"floor(({a}) / ({b}))"
    else:
        up = _rounded_up(atom.arguments[0]) if atom.op == "floor" else None
        if up is not None:
            text = f"ceil({shown(up, name)})"
        else:
            text = f"{atom.op}({', '.join(shown(one, name) for one in atom.arguments)})"
    return f"{text}^{power}" if power > 1 else text


def ceiled(value: Number) -> int:
    return ceil(value)
