"""The atoms and conditions of one closed form, numbered, with the arithmetic that makes them.

Nothing is simplified by search. What is known of a sum without its value (its range, what it is a multiple of) decides
comparisons, drops what loses in a maximum, and takes whole parts out of a floor; everything else becomes an atom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal as OneOf

from .errors import SymbolicError
from .ranges import Known, common_powers, divide_powers
from .terms import (
    ALWAYS,
    NEVER,
    ONE,
    UNIT,
    ZERO,
    Always,
    Atom,
    Compare,
    Condition,
    Cut,
    Function,
    Group,
    Infinite,
    Joined,
    Key,
    Poly,
    Powers,
    Symbol,
    Undefined,
    add,
    atom_poly,
    multiply_powers,
    negative,
    number,
    scale,
    short,
    subtract,
)

Place = tuple[str, int]
"""A row: its table and its position."""

Touched = tuple[OneOf["atom", "condition"], int]

LARGEST_SUM = 20_000
"""Terms in one sum."""
LARGEST_WORK = 6_000_000
"""Steps of arithmetic in one closed form: some ten seconds."""
_MULTIPLIED_OUT = 600
_SPLIT = 4


@dataclass(eq=False)
class Space:
    """Atoms and conditions by number. `place` holds the rows at work: what is made there has its origin there."""

    atoms: list[Atom] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=lambda: [Always(True), Always(False)])
    place: tuple[Place, ...] = ()
    origins: dict[Touched, dict[Place, None]] = field(default_factory=dict)
    touched: int = 0
    work: int = 0
    infinite: int = -1

    def __post_init__(self) -> None:
        self.known = Known(self.atoms)
        self._atom_numbers: dict[object, int] = {}
        self._condition_numbers: dict[object, int] = {}
        self._opposites: dict[int, int] = {ALWAYS: NEVER, NEVER: ALWAYS}
        self._implied: dict[tuple[int, int], bool] = {}

    def spend(self, steps: int) -> None:
        """Counts work, and stops what would not end."""
        self.work += steps
        if self.work > LARGEST_WORK:
            raise SymbolicError(
                "closed-form-too-large",
                "the closed form takes too long to find",
                "ask for fewer inputs, or for a smaller part of the formula",
            )

    # ---- atoms ------------------------------------------------------------------------------------------------------

    def atom(self, key: object, made: Atom) -> int:
        """The number of an atom; equal atoms (by `key`) have one."""
        found = self._atom_numbers.get(key)
        if found is None:
            found = self._atom_numbers[key] = len(self.atoms)
            self.atoms.append(made)
            self.spend(10)
        if not isinstance(made, (Symbol, Group, Infinite, Undefined)):
            self._touch(("atom", found))
        return found

    def _touch(self, what: Touched) -> None:
        self.touched += 1
        self.origins.setdefault(what, {}).update(dict.fromkeys(self.place))

    def symbol(self, symbol: Symbol) -> Poly:
        return atom_poly(self.atom(("symbol", symbol.path), symbol))

    def unlimited(self) -> Poly:
        self.infinite = self.atom("infinite", Infinite())
        return atom_poly(self.infinite)

    def undefined(self) -> Poly:
        return atom_poly(self.atom("undefined", Undefined()))

    def cut(self, name: str, inner: Poly) -> Poly:
        return atom_poly(self.atom(("cut", inner.key), Cut(name, inner)))

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

    def given(self, poly: Poly, condition: int) -> Poly:
        """The sum as it reads where a condition is known to hold."""
        if not poly.guards:
            return poly
        opposite = self.opposite(condition)
        terms: dict[Key, Fraction] = {}
        for (guard, powers), c in poly.terms.items():
            if guard != ALWAYS and self.implies(condition, guard):
                guard = ALWAYS
            elif guard != ALWAYS and self.implies(guard, opposite):
                continue
            terms[guard, powers] = terms.get((guard, powers), Fraction(0)) + c
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
        first = min(inner.terms)
        content = inner.terms[first]
        inner = scale(inner, 1 / content)
        bracket = self.atom(("group", inner.key), Group(inner))
        return Poly({(ALWAYS, multiply_powers(((bracket, 1),), shared)): content})

    def divide(self, a: Poly, b: Poly, depth: int = 0) -> Poly:
        if b.constant is not None:
            return scale(a, 1 / b.constant) if b.constant else self.undefined()
        if not a.terms:
            return ZERO
        ratio = _ratio(a, b)
        if ratio is not None:
            return number(ratio)
        if b.guards and depth < 2:
            guard = b.guards[0]
            parts = []
            for case in (guard, self.opposite(guard)):
                parts.append(self.under(self.divide(self.given(a, case), self.given(b, case), depth + 1), case))
            return self.settled(self.add(parts))
        bottom = self.group(b)
        ((guard, powers), c), *more = bottom.terms.items()
        if more or guard != ALWAYS:
            bracket = self.atom(("group", b.key), Group(b))
            powers, c = ((bracket, 1),), Fraction(1)
        inverse = tuple((atom, -exponent) for atom, exponent in powers)
        return self.multiply(a, Poly({(ALWAYS, inverse): 1 / c}))

    def integer_power(self, base: Poly, exponent: int) -> Poly:
        if exponent < 0:
            return self.divide(ONE, self.integer_power(base, -exponent))
        if len(base.terms) > 1 and len(base.terms) ** exponent > _MULTIPLIED_OUT:
            base = self.group(base)
        result = ONE
        for _ in range(exponent):
            result = self.multiply(result, base)
        return result

    # ---- conditions -------------------------------------------------------------------------------------------------

    def _condition(self, key: object, made: Condition) -> int:
        found = self._condition_numbers.get(key)
        if found is None:
            found = self._condition_numbers[key] = len(self.conditions)
            self.conditions.append(made)
            self.spend(10)
        if isinstance(made, Compare):
            self._touch(("condition", found))
        return found

    def compare(self, op: OneOf[">", ">=", "==", "!="], poly: Poly, depth: int = 0) -> int:
        """The condition `poly op 0`."""
        truth = self._decided(op, poly)
        if truth is not None:
            return ALWAYS if truth else NEVER
        if poly.guards and depth < _SPLIT and len(poly.guards) <= _SPLIT:
            guard = poly.guards[0]
            opposite = self.opposite(guard)
            yes = self.compare(op, self.given(poly, guard), depth + 1)
            no = self.compare(op, self.given(poly, opposite), depth + 1)
            return self.either(self.both(guard, yes), self.both(opposite, no))
        poly = self._primitive(poly, op in ("==", "!="))
        if depth == 0:
            truth = self._decided(op, poly)
            if truth is not None:
                return ALWAYS if truth else NEVER
        return self._condition((op, poly.key), Compare(op, poly))

    def _decided(self, op: str, poly: Poly) -> bool | None:
        low, high = self.known.range(poly)
        if op == ">":
            return True if low > 0 else False if high <= 0 else None
        if op == ">=":
            return True if low >= 0 else False if high < 0 else None
        zero = True if low == high == 0 else False if low > 0 or high < 0 else None
        if zero is None and UNIT in poly.terms:
            rest = self.known.grain(subtract(poly, number(poly.terms[UNIT])))
            if rest is not None and (poly.terms[UNIT] / rest).denominator != 1:
                zero = False
        return zero if op == "==" or zero is None else not zero

    def _primitive(self, poly: Poly, either_sign: bool) -> Poly:
        """The sum divided by what cannot change its sign, so that equal conditions look equal."""
        by = []
        for atom, exponent in common_powers(poly):
            low = self.known.atom_range(atom)[0]
            if low > 0 or (low >= 0 and exponent < 0):
                by.append((atom, exponent))
        terms = {(guard, divide_powers(powers, tuple(by))): c for (guard, powers), c in poly.terms.items()}
        pivot = terms[min((key for key in terms if key != UNIT), default=UNIT)]
        factor = 1 / pivot if either_sign else 1 / abs(pivot)
        return scale(Poly(terms), factor)

    def opposite(self, condition: int) -> int:
        """The condition that holds where this one does not."""
        found = self._opposites.get(condition)
        if found is not None:
            return found
        made = self.conditions[condition]
        if isinstance(made, Compare):
            if made.op in ("==", "!="):
                op: OneOf[">", ">=", "==", "!="] = "!=" if made.op == "==" else "=="
                poly = made.poly
            else:
                op, poly = (">=" if made.op == ">" else ">"), negative(made.poly)
            result = self._condition((op, poly.key), Compare(op, poly))
            self.origins[("condition", result)].update(self.origins[("condition", condition)])
        else:
            assert isinstance(made, Joined)
            parts = [self.opposite(part) for part in made.parts]
            result = self._join("or" if made.op == "and" else "and", parts)
        self._opposites[condition] = result
        self._opposites.setdefault(result, condition)
        return result

    def both(self, a: int, b: int) -> int:
        return self._join("and", (a, b))

    def either(self, a: int, b: int) -> int:
        return self._join("or", (a, b))

    def all_of(self, parts: Sequence[int]) -> int:
        return self._join("and", parts)

    def any_of(self, parts: Sequence[int]) -> int:
        return self._join("or", parts)

    def _join(self, op: OneOf["and", "or"], conditions: Sequence[int]) -> int:
        neutral, final = (ALWAYS, NEVER) if op == "and" else (NEVER, ALWAYS)
        parts: list[int] = []
        for condition in conditions:
            if condition == final:
                return final
            made = self.conditions[condition]
            flat = made.parts if isinstance(made, Joined) and made.op == op else (condition,)
            for part in flat:
                if part == neutral or part in parts:
                    continue
                # In a conjunction the stronger stays, in a disjunction the weaker.
                if any(self._covers(op, have, part) for have in parts):
                    continue
                parts = [have for have in parts if not self._covers(op, part, have)]
                if any(self._excludes(op, have, part) for have in parts):
                    return final
                parts.append(part)
        if op == "or":
            parts = self._united(parts)
        if not parts:
            return neutral
        if len(parts) == 1:
            return parts[0]
        ordered = tuple(sorted(parts))
        return self._condition((op, ordered), Joined(op, ordered))

    def _covers(self, op: str, a: int, b: int) -> bool:
        """Whether `b` adds nothing to `a`."""
        return self.implies(a, b) if op == "and" else self.implies(b, a)

    def _excludes(self, op: str, a: int, b: int) -> bool:
        return self.implies(a, self.opposite(b)) if op == "and" else self.implies(self.opposite(a), b)

    def _united(self, parts: list[int]) -> list[int]:
        for i, one in enumerate(parts):
            for other in parts[i + 1 :]:
                union = self._union_of_opposites(one, other)
                if union is not None:
                    return self._united([union, *[p for p in parts if p not in (one, other)]])
        return parts

    def _union_of_opposites(self, a: int, b: int) -> int | None:
        """`(c and x) or (c and not x)` is `c`."""
        one, other = self._factors(a), self._factors(b)
        alone, other_alone = one - other, other - one
        if len(alone) != 1 or len(other_alone) != 1:
            return None
        (x,), (y,) = alone, other_alone
        if self.opposite(x) != y:
            return None
        return self._join("and", sorted(one & other))

    def _factors(self, condition: int) -> frozenset[int]:
        made = self.conditions[condition]
        return frozenset(made.parts) if isinstance(made, Joined) and made.op == "and" else frozenset((condition,))

    def implies(self, a: int, b: int) -> bool:
        """Whether `b` surely holds where `a` does (False when that is not known)."""
        if a == b or a == NEVER or b == ALWAYS:
            return True
        if a == ALWAYS or b == NEVER:
            return False
        found = self._implied.get((a, b))
        if found is None:
            self.spend(5)
            found = self._implied[a, b] = self._implies(a, b)
        return found

    def _implies(self, a: int, b: int) -> bool:
        one, other = self.conditions[a], self.conditions[b]
        if isinstance(one, Joined) and one.op == "or":
            return all(self.implies(part, b) for part in one.parts)
        if isinstance(other, Joined) and other.op == "and":
            return all(self.implies(a, part) for part in other.parts)
        if isinstance(one, Joined) and any(self.implies(part, b) for part in one.parts):
            return True
        if isinstance(other, Joined):
            return any(self.implies(a, part) for part in other.parts)
        if not isinstance(one, Compare) or not isinstance(other, Compare):
            return False
        if other.op == "==" or one.op == "!=":
            return False
        if other.op == "!=":
            if one.op == ">":
                return one.poly.key in (other.poly.key, negative(other.poly).key)
            return False
        p, q = one.poly, other.poly
        low = self._least_gap(p, q)
        if one.op == "==":
            low = max(low, self._least_gap(negative(p), q))
        strict = other.op == ">" and one.op != ">"
        return low > 0 if strict else low >= 0

    def _least_gap(self, p: Poly, q: Poly) -> Fraction | float:
        """A bound below `k*q - p`, with `k` chosen so that the two compare."""
        shared = [key for key in q.terms if key in p.terms and key != UNIT]
        if not shared:
            return float("-inf")
        factor = p.terms[shared[-1]] / q.terms[shared[-1]]
        if factor <= 0:
            return float("-inf")
        return self.known.range(subtract(scale(q, factor), p))[0]


def _ratio(a: Poly, b: Poly) -> Fraction | None:
    """The number that `a` is of `b`, when it is one."""
    if a.terms.keys() != b.terms.keys():
        return None
    key = next(iter(a.terms))
    ratio = a.terms[key] / b.terms[key]
    return ratio if all(c == ratio * b.terms[k] for k, c in a.terms.items()) else None
