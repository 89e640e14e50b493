"""Where a closed form steps or kinks along each of its inputs, by how much, and which rows make it do so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..sheet.sheet import TypedSheet
from .axis import MOST, Axis, TooMany
from .conditions import Place, Touched
from .errors import SymbolicError
from .line import along, symbol_of
from .numeric import Point, as_float
from .parts import inside
from .roots import End
from .space import Space
from .terms import Compare, Extreme, Poly, Symbol, Whole

_ROOT = Fraction(1, 10**15)

LISTED = 100
"""Breakpoints of one input that a reader can use."""


@dataclass(frozen=True, eq=False)
class Breakpoint:
    """A value of an input at which the cell jumps (`step`) or changes its slope (`kink`), the others at their values.

    `below` and `above` are the cell on either side of `at` (`above` is its value there unless it jumps just after). An
    input that admits multiples only has the first admissible value as `at`, and `below` is the value one before it.
    """

    input: str
    at: float
    below: float
    above: float
    rows: tuple[str, ...]
    kind: str


def find_breakpoints(
    typed: TypedSheet, space: Space, poly: Poly, point: dict[str, Fraction], chosen: Sequence[str], notes: list[str]
) -> tuple[Breakpoint, ...]:
    """The breakpoints in each of the chosen inputs, in order; what cannot be listed is said in `notes`."""
    found: list[Breakpoint] = []
    for path in chosen:
        try:
            along = _along(typed, space, poly, point, path)
            if len(along) > LISTED:
                notes.append(f"`{path}` has {len(along)} breakpoints, where values are rounded: they are not listed")
            else:
                found.extend(along)
        except TooMany:
            notes.append(f"`{path}` has more than {MOST} breakpoints: they are not listed")
        except SymbolicError:
            notes.append(f"the breakpoints in `{path}` take too long to find: they are not listed")
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Change:
    """The pieces on both sides of a point, and what is at it."""

    x: Fraction
    left: Fraction
    at: Fraction
    right: Fraction
    as_left: bool
    rows: tuple[Place, ...]

    @property
    def steps(self) -> bool:
        return not (_same(self.left, self.at) and _same(self.at, self.right))


def _along(typed: TypedSheet, space: Space, poly: Poly, point: dict[str, Fraction], path: str) -> list[Breakpoint]:
    axis, restriction = along(space, point, path)
    line = restriction.poly(poly)
    symbol = symbol_of(space, path)
    changes = _changes(axis, line)
    if symbol.grain is not None:
        return _admissible(typed, axis, line, symbol, changes)
    found = []
    for change in changes:
        above = change.right if change.at == change.left else change.at
        kind = "step" if change.steps else "kink"
        found.append(_breakpoint(typed, path, change.x, change.left, above, change.rows, kind))
    return found


def _same(a: Fraction, b: Fraction) -> bool:
    """Whether two values differ only because a root is not a fraction."""
    return abs(a - b) <= max(abs(a), abs(b)) * _ROOT


def _breakpoint(
    typed: TypedSheet, path: str, at: Fraction, below: Fraction, above: Fraction, rows: Sequence[Place], kind: str
) -> Breakpoint:
    return Breakpoint(path, as_float(at), as_float(below), as_float(above), _names(typed, rows), kind)


def _changes(axis: Axis, line: Poly) -> list[_Change]:
    points = axis.points(line)
    intervals = axis.intervals(points)
    if len(intervals) < 2 and not points:
        return []
    middles = [axis.middle(low, high) for low, high in intervals]
    pieces: list[Poly | None] = []
    for middle in middles:
        try:
            pieces.append(axis.piece(line, middle))
        except ArithmeticError:
            pieces.append(None)
    switches = _switches(axis.space, line)
    found = []
    for i in range(1, len(intervals)):
        x = intervals[i][0]
        assert isinstance(x, Fraction)
        before, after = pieces[i - 1], pieces[i]
        if before is None or after is None:
            continue
        try:
            at = axis.at(x)
            values = at.value(before), at.value(line), at.value(after)
        except ArithmeticError:
            continue
        if before.key == after.key and values[0] == values[1]:
            continue
        states = [_states(axis.at(m), switches) for m in (middles[i - 1], x, middles[i])]
        changed = [what for what, a, b, c in zip(switches, *states, strict=True) if not a == b == c]
        rows = dict.fromkeys(place for what in changed for place in axis.space.rows_of(what))
        found.append(_Change(x, *values, states[0] == states[1], tuple(rows)))
    return [
        *_end(axis, line, axis.low, middles[0], switches),
        *found,
        *_end(axis, line, axis.high, middles[-1], switches),
    ]


def _end(axis: Axis, line: Poly, x: End, inside: Fraction, switches: Sequence[Touched]) -> list[_Change]:
    """The step at an end of the range, when the value there is not the limit of those beside it."""
    if not isinstance(x, Fraction):
        return []
    try:
        at, limit = axis.at(x).value(line), axis.at(x).value(axis.piece(line, inside))
    except ArithmeticError:
        return []
    if _same(at, limit):
        return []
    states = [_states(axis.at(place), switches) for place in (x, inside)]
    changed = [what for what, a, b in zip(switches, *states, strict=True) if a != b]
    rows = tuple(dict.fromkeys(place for what in changed for place in axis.space.rows_of(what)))
    return [_Change(x, at, at, limit, True, rows) if x == axis.low else _Change(x, limit, at, at, False, rows)]


def _switches(space: Space, line: Poly) -> list[Touched]:
    """The comparisons, extremes and roundings inside a sum."""
    atoms, compares = inside(space, (line,))
    found: list[Touched] = [("condition", number_) for number_ in sorted(compares)]
    for number_ in sorted(atoms):
        if isinstance(space.atoms[number_], Extreme | Whole):
            found.append(("atom", number_))
    return found


def _states(point: Point, switches: Sequence[Touched]) -> list[object]:
    """How each switch stands at a point: true or false, which argument wins, which whole number."""
    found: list[object] = []
    for kind, number_ in switches:
        try:
            if kind == "condition":
                assert isinstance(point.space.conditions[number_], Compare)
                found.append(point.holds(number_))
                continue
            atom = point.space.atoms[number_]
            if isinstance(atom, Extreme):
                values = [point.value(arg) for arg in atom.args]
                pick = max(values) if atom.op == "max" else min(values)
                found.append(tuple(value == pick for value in values))
            else:
                found.append(point.atom(number_))
        except ArithmeticError:
            found.append(None)
    return found


def _admissible(
    typed: TypedSheet, axis: Axis, line: Poly, symbol: Symbol, changes: Sequence[_Change]
) -> list[Breakpoint]:
    """The changes as an input that admits multiples only meets them."""
    grain = symbol.grain
    assert grain is not None
    by_first: dict[Fraction, list[_Change]] = {}
    for change in changes:
        first = math.ceil(change.x / grain) * grain
        if first == change.x and change.as_left:
            first += grain
        if symbol.low <= first - grain and first <= symbol.high:
            by_first.setdefault(first, []).append(change)
    found = []
    for first, together in sorted(by_first.items()):
        below, above = axis.at(first - grain).value(line), axis.at(first).value(line)
        rows = tuple(dict.fromkeys(place for change in together for place in change.rows))
        kind = "step" if any(change.steps for change in together) else "kink"
        found.append(_breakpoint(typed, symbol.path, first, below, above, rows, kind))
    return found


def _names(typed: TypedSheet, places: Sequence[Place]) -> tuple[str, ...]:
    """The rows by name, with their table when there are several tables."""
    tables = typed.sheet.tables
    met = {table for table, _ in places}
    # A model and its own network name the same rows.
    several = len(met - {tables[table].parent for table in met}) > 1
    names = []
    for table, row in sorted(places):
        name = tables[tables[table].parent or table].rows[row].name
        names.append(f"{table}: {name}" if several else name)
    return tuple(dict.fromkeys(names))
