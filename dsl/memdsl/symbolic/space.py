"""The atoms and conditions of one closed form, numbered, with the arithmetic that makes them.

Nothing is simplified by search. What is known of a sum without its value (its range, what it is a multiple of) decides
comparisons, drops what loses in a maximum, and takes whole parts out of a floor; everything else becomes an atom.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .conditions import Conditions
from .errors import SymbolicError
from .ranges import common_powers, divide_powers
from .terms import (
    ALWAYS,
    NEVER,
    ONE,
    ZERO,
    Atom,
    Cut,
    Function,
    Group,
    Infinite,
    Key,
    Poly,
    Powers,
    Symbol,
    Undefined,
    add,
    atom_poly,
    multiply_powers,
    number,
    scale,
    short,
)

LARGEST_SUM = 20_000
"""Terms in one sum."""
_MULTIPLIED_OUT = 600


@dataclass(eq=False)
class Space(Conditions):
    """Everything that one closed form is made of."""

    infinite: int = -1

    def __post_init__(self) -> None:
        super().__post_init__()
        self._atom_numbers: dict[object, int] = {}
        self._cut_names: dict[str, object] = {}

    # ---- atoms ------------------------------------------------------------------------------------------------------

    def atom(self, key: object, made: Atom) -> int:
        """The number of an atom; equal atoms (by `key`) have one."""
        found = self._atom_numbers.get(key)
        if found is None:
            found = self._atom_numbers[key] = len(self.atoms)
            self.atoms.append(made)
            self.spend(10)
        if not isinstance(made, (Symbol, Group, Infinite, Undefined)):
            self.touch(("atom", found))
        return found

    def symbol(self, symbol: Symbol) -> Poly:
        return atom_poly(self.atom(("symbol", symbol.path), symbol))

    def unlimited(self) -> Poly:
        self.infinite = self.atom("infinite", Infinite())
        return atom_poly(self.infinite)

    def undefined(self) -> Poly:
        return atom_poly(self.atom("undefined", Undefined()))

    def cut(self, names: Iterable[str], inner: Poly) -> Poly:
        """A cut under the first of some names that no other cut has."""
        key = ("cut", inner.key)
        name = next(name for name in names if self._cut_names.get(name, key) == key)
        number_ = self.atom(key, Cut(name, inner))
        self._cut_names[name] = key
        return atom_poly(number_)

    def function(self, op: str, args: tuple[Poly, ...]) -> Poly:
        return atom_poly(self.atom((op, *[arg.key for arg in args]), Function(op, args)))

    # ---- sums and products ------------------------------------------------------------------------------------------

    def add(self, polys: Iterable[Poly]) -> Poly:
        total = add(polys)
        self.spend(len(total.terms))
        if len(total.terms) > LARGEST_SUM:
            raise SymbolicError(
                "closed-form-too-large",
                f"the closed form has more than {LARGEST_SUM:,} terms",
                "ask for fewer inputs, or for a smaller part of the formula",
            )
        return self._absorbed(total) if self.infinite in total.atoms else total

    def _absorbed(self, total: Poly) -> Poly:
        """What is unlimited swallows every other term under the same condition."""
        endless = [key[0] for key in total.terms if any(atom == self.infinite for atom, _ in key[1])]
        return Poly(
            {
                key: c
                for key, c in total.terms.items()
                if any(atom == self.infinite for atom, _ in key[1])
                or not any(self.implies(key[0], guard) for guard in endless)
            }
        )

    def multiply(self, a: Poly, b: Poly) -> Poly:
        if b.constant is not None:
            return scale(a, b.constant)
        if a.constant is not None:
            return scale(b, a.constant)
        if len(a.terms) * len(b.terms) > _MULTIPLIED_OUT:
            a, b = (a, self.group(b)) if len(b.terms) >= len(a.terms) else (self.group(a), b)
            if len(a.terms) * len(b.terms) > _MULTIPLIED_OUT:
                a, b = self.group(a), self.group(b)
        terms: dict[Key, Fraction] = {}
        for (guard, powers), c in a.terms.items():
            for (other_guard, other), d in b.terms.items():
                both = guard if guard == other_guard or other_guard == ALWAYS else self.both(guard, other_guard)
                if both == NEVER:
                    continue
                key = (both, multiply_powers(powers, other))
                terms[key] = terms.get(key, Fraction(0)) + short(c * d)
        self.spend(len(terms))
        return self._endless(Poly({key: c for key, c in terms.items() if c}))

    def _endless(self, poly: Poly) -> Poly:
        """A quantity over `unlimited` is nothing, and a positive multiple of it is unlimited."""
        if self.infinite < 0 or self.infinite not in poly.atoms:
            return poly
        kept: dict[Key, Fraction] = {}
        for (guard, powers), c in poly.terms.items():
            exponent = dict(powers).get(self.infinite, 0)
            rest: Powers = tuple(p for p in powers if p[0] != self.infinite)
            if exponent < 0:
                continue
            if exponent > 0:
                low, high = self.known.powers_range(rest)
                if low > 0 or high < 0:
                    rest, c = (), Fraction(1 if (c > 0) == (low > 0) else -1)
                rest = tuple(sorted((*rest, (self.infinite, 1))))
            kept[guard, rest] = kept.get((guard, rest), Fraction(0)) + c
        return self._absorbed(Poly({key: c for key, c in kept.items() if c}))

    def under(self, poly: Poly, condition: int) -> Poly:
        """The sum where a condition holds, 0 elsewhere."""
        if condition == ALWAYS or poly is ZERO:
            return poly
        if condition == NEVER:
            return ZERO
        terms: dict[Key, Fraction] = {}
        for (guard, powers), c in poly.terms.items():
            both = self.both(guard, condition)
            if both != NEVER:
                terms[both, powers] = terms.get((both, powers), Fraction(0)) + c
        return Poly({key: c for key, c in terms.items() if c})

    def choose(self, condition: int, yes: Poly, no: Poly) -> Poly:
        """`if condition then yes else no`; what both have stands outside."""
        if condition == ALWAYS:
            return yes
        if condition == NEVER:
            return no
        shared = {key: c for key, c in yes.terms.items() if no.terms.get(key) == c}
        yes = Poly({key: c for key, c in yes.terms.items() if key not in shared})
        no = Poly({key: c for key, c in no.terms.items() if key not in shared})
        return self.add((Poly(shared), self.under(yes, condition), self.under(no, self.opposite(condition))))

    def settled(self, poly: Poly) -> Poly:
        """The sum with terms joined that are alike under a condition and under its opposite."""
        if len(poly.guards) < 2:
            return poly
        alike: dict[Powers, dict[int, Fraction]] = {}
        for (guard, powers), c in poly.terms.items():
            alike.setdefault(powers, {})[guard] = c
        terms: dict[Key, Fraction] = {}
        for powers, by_guard in alike.items():
            for guard, c in self._joined(by_guard).items():
                terms[guard, powers] = c
        return Poly(terms)

    def _joined(self, by_guard: dict[int, Fraction]) -> dict[int, Fraction]:
        changed = len(by_guard) > 1
        while changed:
            changed = False
            guards = [guard for guard in by_guard if guard != ALWAYS]
            for i, one in enumerate(guards):
                for other in guards[i + 1 :]:
                    if by_guard[one] != by_guard[other]:
                        continue
                    joined = self._union_of_opposites(one, other)
                    if joined is not None:
                        c = by_guard.pop(one)
                        del by_guard[other]
                        by_guard[joined] = by_guard.get(joined, Fraction(0)) + c
                        if not by_guard[joined]:
                            del by_guard[joined]
                        changed = True
                        break
                if changed:
                    break
        return by_guard

    # ---- quotients --------------------------------------------------------------------------------------------------

    def group(self, poly: Poly) -> Poly:
        """The sum as one factor: what all terms share stands outside the brackets."""
        if len(poly.terms) <= 1:
            return poly
        shared = common_powers(poly)
        inner = Poly({(guard, divide_powers(p, shared)): c for (guard, p), c in poly.terms.items()})
        if len(inner.terms) <= 1:
            return Poly({(guard, multiply_powers(p, shared)): c for (guard, p), c in inner.terms.items()})
        pivot = inner.terms[min(inner.terms)]
        bracket = self.atom(("group", scale(inner, 1 / pivot).key), Group(inner))
        # Brackets that differ by a factor are one atom, in the scale in which it was met first.
        first = self.atoms[bracket]
        assert isinstance(first, Group)
        content = pivot / first.inner.terms[min(first.inner.terms)]
        return Poly({(ALWAYS, multiply_powers(((bracket, 1),), shared)): content})

    def divide(self, a: Poly, b: Poly) -> Poly:
        if b.constant is not None:
            return scale(a, 1 / b.constant) if b.constant else self.undefined()
        if not a.terms:
            return ZERO
        ratio = _ratio(a, b)
        if ratio is not None:
            return number(ratio)
        if b.guards and len({min(guard, self.opposite(guard)) for guard in b.guards}) == 1:
            guard, other = b.guards[0], self.opposite(b.guards[0])
            yes, no = (self.divide(self.given(a, case), self.given(b, case)) for case in (guard, other))
            return self.settled(self.choose(guard, yes, no))
        bottom = self.group(b)
        ((guard, powers), c), *more = bottom.terms.items()
        if more or guard != ALWAYS:
            bracket = self.atom(("denominator", b.key), Group(b))
            powers, c = ((bracket, 1),), Fraction(1)
        inverse = tuple((atom, -exponent) for atom, exponent in powers)
        return self._endless(self.multiply(a, Poly({(ALWAYS, inverse): 1 / c})))

    def integer_power(self, base: Poly, exponent: int) -> Poly:
        if exponent < 0:
            return self.divide(ONE, self.integer_power(base, -exponent))
        if len(base.terms) > 1 and len(base.terms) ** exponent > _MULTIPLIED_OUT:
            base = self.group(base)
        result = ONE
        for _ in range(exponent):
            result = self.multiply(result, base)
        return result


def _ratio(a: Poly, b: Poly) -> Fraction | None:
    """The number that `a` is of `b`, when it is one."""
    if a.terms.keys() != b.terms.keys():
        return None
    key = next(iter(a.terms))
    ratio = a.terms[key] / b.terms[key]
    return ratio if all(c == ratio * b.terms[k] for k, c in a.terms.items()) else None
