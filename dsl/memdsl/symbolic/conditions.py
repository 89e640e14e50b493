"""Conditions by number: comparisons of sums with 0, joined by `and` and `or`.

What is known of a sum without its value decides a comparison, or whether one comparison follows from another.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from typing import Literal as OneOf

from ..cancellation import checkpoint
from .errors import SymbolicError
from .ranges import Known, common_powers, divide_powers
from .terms import (
    ALWAYS,
    NEVER,
    UNIT,
    Always,
    Atom,
    Compare,
    Condition,
    Joined,
    Key,
    Poly,
    negative,
    number,
    scale,
    subtract,
)

Place = tuple[str, int]
"""A row: its table and its position."""

Touched = tuple[OneOf["atom", "condition"], int]

Relation = OneOf[">", ">=", "==", "!="]

LARGEST_WORK = 6_000_000
"""Steps of arithmetic in one closed form: some ten seconds."""

_SPLIT = 4


@dataclass(eq=False)
class Conditions:
    """Atoms and conditions by number. `place` holds the rows at work: what is made there has its origin there."""

    atoms: list[Atom] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=lambda: [Always(True), Always(False)])
    place: tuple[Place, ...] = ()
    origins: dict[Touched, dict[Place, None]] = field(default_factory=dict)
    touched: int = 0
    work: int = 0

    def __post_init__(self) -> None:
        self.known = Known(self.atoms)
        self._condition_numbers: dict[object, int] = {}
        self._opposites: dict[int, int] = {ALWAYS: NEVER, NEVER: ALWAYS}
        self._implied: dict[tuple[int, int], bool] = {}
        self.never_below_0: dict[tuple[Hashable, int], bool] = {}

    def spend(self, steps: int) -> None:
        """Counts work, and stops what would not end."""
        checkpoint()
        self.work += steps
        if self.work > LARGEST_WORK:
            raise SymbolicError(
                "closed-form-too-large",
                "the closed form takes too long to find",
                "ask for fewer inputs, or for a smaller part of the formula",
            )

    # ---- origins ----------------------------------------------------------------------------------------------------

    def touch(self, what: Touched) -> None:
        self.touched += 1
        self.origins.setdefault(what, {}).update(dict.fromkeys(self.place))

    def rows_of(self, what: Touched) -> tuple[Place, ...]:
        """The rows in which an atom or a condition, or its opposite, was made."""
        found = dict.fromkeys(self.origins.get(what, ()))
        if what[0] == "condition":
            found.update(self.origins.get(("condition", self.opposite(what[1])), {}))
        return tuple(found)

    # ---- conditions -------------------------------------------------------------------------------------------------

    def _condition(self, key: object, made: Condition) -> int:
        found = self._condition_numbers.get(key)
        if found is None:
            found = self._condition_numbers[key] = len(self.conditions)
            self.conditions.append(made)
            self.spend(10)
        if isinstance(made, Compare):
            self.touch(("condition", found))
        return found

    def compare(self, op: Relation, poly: Poly, depth: int = 0) -> int:
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

    def given(self, poly: Poly, condition: int) -> Poly:
        """The sum as it reads where a condition is known to hold."""
        if not poly.guards:
            return poly
        opposite = self.opposite(condition)
        terms: dict[Key, Fraction] = {}
        for (guard, powers), c in poly.terms.items():
            if guard != ALWAYS and self.implies(condition, guard):
                guard = ALWAYS
            elif guard != ALWAYS and (self.implies(guard, opposite) or self.implies(condition, self.opposite(guard))):
                continue
            terms[guard, powers] = terms.get((guard, powers), Fraction(0)) + c
        return Poly({key: c for key, c in terms.items() if c})

    def opposite(self, condition: int) -> int:
        """The condition that holds where this one does not."""
        found = self._opposites.get(condition)
        if found is not None:
            return found
        made = self.conditions[condition]
        if isinstance(made, Compare):
            if made.op in ("==", "!="):
                op: Relation = "!=" if made.op == "==" else "=="
                poly = made.poly
            else:
                op, poly = (">=" if made.op == ">" else ">"), negative(made.poly)
            result = self._condition((op, poly.key), Compare(op, poly))
            self.origins[("condition", result)].update(self.origins[("condition", condition)])
        else:
            assert isinstance(made, Joined)
            cases = self._opposite_cases(made)
            opposites = [self.opposite(part) for part in made.parts]
            result = cases if cases is not None else self._join("or" if made.op == "and" else "and", opposites)
        self._opposites[condition] = result
        self._opposites.setdefault(result, condition)
        return result

    def _opposite_cases(self, made: Joined) -> int | None:
        """The opposite of `(c and x) or (not c and y)` is `(c and not x) or (not c and not y)`: cases stay cases."""
        if made.op != "or" or len(made.parts) != 2:
            return None
        one, other = (self._factors(part) for part in made.parts)
        for case in one:
            against = self.opposite(case)
            if against in other:
                x, y = self._join("and", sorted(one - {case})), self._join("and", sorted(other - {against}))
                return self.either(self.both(case, self.opposite(x)), self.both(against, self.opposite(y)))
        return None

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
        for part in parts:
            reduced = self._reduced(op, part, parts)
            if reduced is not None:
                return self._join(op, [reduced if have == part else have for have in parts])
        if op == "or":
            parts = self._united(parts)
        if not parts:
            return neutral
        if len(parts) == 1:
            return parts[0]
        return self._condition((op, frozenset(parts)), Joined(op, tuple(parts)))

    def _reduced(self, op: OneOf["and", "or"], part: int, parts: Sequence[int]) -> int | None:
        """A part without what the other parts rule out: `x < 1 and (x > 2 or y)` is `x < 1 and y`."""
        made = self.conditions[part]
        if not isinstance(made, Joined):
            return None
        kept = [p for p in made.parts if not any(self._excludes(op, other, p) for other in parts if other != part)]
        return self._join(made.op, kept) if len(kept) < len(made.parts) else None

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
        if a in (b, NEVER) or b == ALWAYS:
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
            return -inf
        factor = p.terms[shared[-1]] / q.terms[shared[-1]]
        if factor <= 0:
            return -inf
        return self.known.range(subtract(scale(q, factor), p))[0]
