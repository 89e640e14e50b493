"""Aggregates over rows whose values, and whose membership, may rest on symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from .errors import SymbolicError
from .forms import NO_ROW, Choice, Form, Met, Repeats, Truth
from .functions import extreme
from .space import Space
from .terms import ALWAYS, NEVER, Key, Poly, negative, scale


@dataclass(frozen=True, eq=False)
class Aggregates:
    """`repeats` remembers how often sums over rows met the same conditional term, for whoever prints them."""

    space: Space
    repeats: Repeats = field(default_factory=dict)

    def of(self, op: str, met: Sequence[Met]) -> Form:
        space = self.space
        match op:
            case "sum":
                return self._sum([(m.condition, space.multiply(m.number, m.weight)) for m in met])
            case "count":
                return self._sum([(m.condition, m.weight) for m in met])
            case "mean":
                total = self._sum([(m.condition, space.multiply(m.number, m.weight)) for m in met])
                return space.divide(total, self._sum([(m.condition, m.weight) for m in met]))
            case "max":
                return self._extreme(met, largest=True)
            case "min":
                return self._extreme(met, largest=False)
            case "any":
                return Truth(space.any_of([space.both(m.condition, m.truth) for m in met]))
            case "all":
                return Truth(space.all_of([space.either(space.opposite(m.condition), m.truth) for m in met]))
            case "first":
                return self._first(met)
            case "argmax":
                return self._argmax(met)
        raise AssertionError(op)

    def _sum(self, rows: Sequence[tuple[int, Poly]]) -> Poly:
        """The sum over rows, each under its condition; equal rows are counted."""
        space = self.space
        alike: dict[frozenset[tuple[Key, Fraction]], tuple[Poly, int]] = {}
        for condition, poly in rows:
            poly = space.under(poly, condition)
            alike[poly.key] = (poly, alike[poly.key][1] + 1 if poly.key in alike else 1)
        by_guard: dict[int, dict[frozenset[tuple[Key, Fraction]], tuple[Poly, int]]] = {}
        for poly, count in alike.values():
            for guard in poly.guards:
                part = Poly({(ALWAYS, powers): c for (g, powers), c in poly.terms.items() if g == guard})
                parts = by_guard.setdefault(guard, {})
                parts[part.key] = (part, parts[part.key][1] + count if part.key in parts else count)
        for guard, parts in by_guard.items():
            self.repeats.setdefault(guard, []).append(parts)
        return space.settled(space.add([scale(poly, Fraction(count)) for poly, count in alike.values()]))

    def _extreme(self, met: Sequence[Met], largest: bool) -> Poly:
        space = self.space
        if not met:
            return space.undefined()
        if all(m.condition == ALWAYS for m in met):
            return extreme(space, "max" if largest else "min", [m.number for m in met])
        # A row that does not count is worth less than any other.
        loses = negative(space.unlimited()) if largest else space.unlimited()
        args = [space.choose(m.condition, m.number, loses) for m in met]
        found = extreme(space, "max" if largest else "min", args)
        return space.choose(space.any_of([m.condition for m in met]), found, space.undefined())

    def _first(self, met: Sequence[Met]) -> Choice:
        space, before = self.space, ALWAYS
        cases: list[tuple[int, str | int]] = []
        for m in met:
            here = space.both(before, m.condition)
            if here != NEVER:
                cases.append((here, m.row))
            before = space.both(before, space.opposite(m.condition))
            if before == NEVER:
                break
        if not cases:
            raise SymbolicError("no-row", "no row meets the condition, whatever the inputs are")
        if before != NEVER:
            cases.append((before, NO_ROW))
        return Choice(tuple(cases))

    def _argmax(self, met: Sequence[Met]) -> Choice:
        """The first row with the largest value: above all before it, not below any after it."""
        space = self.space
        cases: list[tuple[int, str | int]] = []
        for i, m in enumerate(met):
            here = m.condition
            for j, rival in enumerate(met):
                if j == i or here == NEVER:
                    continue
                wins = space.compare(">=" if j > i else ">", space.add((m.number, negative(rival.number))))
                here = space.both(here, space.either(space.opposite(rival.condition), wins))
            if here != NEVER:
                cases.append((here, m.row))
        if not cases:
            raise SymbolicError("no-row", "there is no row to choose from")
        return Choice(tuple(cases))
