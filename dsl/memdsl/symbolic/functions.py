"""The functions of the language on sums: rounding, extremes, powers, and those that only have floating-point values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal as OneOf

from ..sheet.formula import UNLIMITED
from ..sheet.operations import OPERATIONS
from .conditions import Relation
from .errors import SymbolicError
from .space import Space
from .terms import (
    ALWAYS,
    NEVER,
    ONE,
    UNIT,
    Cut,
    Extreme,
    Infinite,
    Key,
    Poly,
    Whole,
    add,
    atom_poly,
    exact,
    negative,
    number,
    scale,
    subtract,
)

_HALF = Fraction(1, 2)
_UNLIMITED = number(exact(UNLIMITED))
_ENDLESS = exact(UNLIMITED) / 10
_LARGEST_EXPONENT = 64
_SPLIT = 2


# ---- rounding -------------------------------------------------------------------------------------------------------


def whole(space: Space, op: OneOf["floor", "ceil"], poly: Poly) -> Poly:
    """`floor` or `ceil`: terms that are whole for sure stand outside, and vanish from the rounding."""
    turn: Callable[[Fraction], int] = math.floor if op == "floor" else math.ceil
    if poly.constant is not None:
        return number(Fraction(OPERATIONS[op].number(poly.constant)))
    if poly.guards and len(poly.guards) <= _SPLIT:
        guard = poly.guards[0]
        yes = whole(space, op, space.given(poly, guard))
        no = whole(space, op, space.given(poly, space.opposite(guard)))
        return space.choose(guard, yes, no)
    poly = _without_inner_rounding(space, op, poly)
    outside: dict[Key, Fraction] = {}
    inside: dict[Key, Fraction] = {}
    for key, c in poly.terms.items():
        grain = space.known.term_grain(key, Fraction(1)) if key != UNIT else None
        apart = int(c * grain) / grain if grain is not None else Fraction(0)
        if apart:
            outside[key] = apart
        if c != apart:
            inside[key] = c - apart
    remainder = inside.get(UNIT, Fraction(0))
    fixed = turn(remainder)
    if len(inside) == (1 if UNIT in inside else 0):
        return space.add((Poly(outside), number(fixed)))
    inside.pop(UNIT, None)
    rest = add((Poly(inside), number(remainder - fixed)))
    low, high = space.known.range(rest)
    if isinstance(low, Fraction) and isinstance(high, Fraction) and turn(low) == turn(high):
        return space.add((Poly(outside), number(fixed + turn(low))))
    made = atom_poly(space.atom((op, rest.key), Whole(op, rest)))
    return space.add((Poly(outside), number(fixed), made))


def _without_inner_rounding(space: Space, op: str, poly: Poly) -> Poly:
    """`floor((floor(x) + m) / n)` is `floor((x + m) / n)` for whole m and n: a chain of strides has one floor."""
    rest = [(key, c) for key, c in poly.terms.items() if key != UNIT]
    if len(rest) != 1:
        return poly
    (guard, powers), c = rest[0]
    if guard or len(powers) != 1 or powers[0][1] != 1 or c.numerator != 1:
        return poly
    atom = space.atoms[powers[0][0]]
    shift = Fraction(0)
    if isinstance(atom, Cut):
        keys = [key for key in atom.inner.terms if key != UNIT]
        if len(keys) != 1 or atom.inner.terms[keys[0]] != 1 or len(keys[0][1]) != 1 or keys[0][1][0][1] != 1:
            return poly
        shift = atom.inner.terms.get(UNIT, shift)
        atom = space.atoms[keys[0][1][0][0]]
    if not isinstance(atom, Whole) or atom.op != op:
        return poly
    offset = poly.terms.get(UNIT, Fraction(0)) / c + shift
    if offset.denominator != 1:
        return poly
    return scale(add((atom.inner, number(offset))), c)


# ---- extremes -------------------------------------------------------------------------------------------------------


def nonnegative(space: Space, poly: Poly, depth: int = 3) -> bool:
    """Whether a sum is surely never below 0."""
    key = (poly.key, depth)
    found = space.never_below_0.get(key)
    if found is None:
        space.spend(10 * len(poly.terms))
        found = space.never_below_0[key] = _nonnegative(space, poly, depth)
    return found


def _nonnegative(space: Space, poly: Poly, depth: int) -> bool:
    low, high = space.known.range(poly)
    if low >= 0:
        return True
    if high < 0:
        return False
    if depth == 0 or not poly.guards:
        return _difference_of_wholes(space, poly)
    guard = poly.guards[0]
    return nonnegative(space, space.given(poly, guard), depth - 1) and nonnegative(
        space, space.given(poly, space.opposite(guard)), depth - 1
    )


def _difference_of_wholes(space: Space, poly: Poly) -> bool:
    """`floor(a) - floor(b) + c` is at least `floor(a - b) + c`, and so it is for `ceil`."""
    rest = poly.terms.get(UNIT, Fraction(0))
    sides: dict[int, Whole] = {}
    for (guard, powers), c in poly.terms.items():
        if (guard, powers) == UNIT:
            continue
        atom = space.atoms[powers[0][0]] if len(powers) == 1 and powers[0][1] == 1 and not guard else None
        if not isinstance(atom, Whole) or abs(c) != 1 or int(c) in sides:
            return False
        sides[int(c)] = atom
    if len(sides) != 2 or sides[1].op != sides[-1].op:
        return False
    low = space.known.range(subtract(sides[1].inner, sides[-1].inner))[0]
    return isinstance(low, Fraction) and math.floor(low) + rest >= 0


def extreme(space: Space, op: OneOf["max", "min"], args: Sequence[Poly]) -> Poly:
    """The largest or smallest of several sums; those that surely lose are dropped."""
    constants = [arg.constant for arg in args]
    if None not in constants:
        known = [constant for constant in constants if constant is not None]
        return number(max(known) if op == "max" else min(known))
    flat: list[Poly] = []
    for arg in args:
        inner = _extreme_inside(space, op, arg)
        flat.extend(inner if inner is not None else (arg,))
    kept: list[Poly] = []
    seen: set[frozenset[object]] = set()
    for arg in flat:
        if arg.key in seen:
            continue
        seen.add(arg.key)
        space.spend(10 * len(kept))
        if any(_beats(space, op, have, arg) for have in kept):
            continue
        kept = [have for have in kept if not _beats(space, op, arg, have)]
        kept.append(arg)
    if len(kept) == 1:
        return kept[0]
    split = _by_cases(space, op, kept)
    if split is not None:
        return split
    ordered = tuple(sorted(kept, key=lambda arg: sorted(arg.terms.items())))
    key = (op, *[arg.key for arg in ordered])
    return atom_poly(space.atom(key, Extreme(op, ordered)))


def _by_cases(space: Space, op: OneOf["max", "min"], kept: Sequence[Poly]) -> Poly | None:
    """The extreme in both cases of a condition inside it, when something can be dropped in one of them."""
    guards = dict.fromkeys(guard for arg in kept for guard in arg.guards)
    cases = {min(guard, space.opposite(guard)): guard for guard in guards}
    if not cases or len(cases) > _SPLIT:
        return None
    guard = next(iter(cases.values()))
    yes, no = (extreme(space, op, [space.given(arg, case) for arg in kept]) for case in (guard, space.opposite(guard)))
    if all(len(_extreme_inside(space, op, found) or ()) == len(kept) for found in (yes, no)):
        return None
    return space.choose(guard, yes, no)


def _extreme_inside(space: Space, op: str, poly: Poly) -> tuple[Poly, ...] | None:
    """The arguments of a sum that is one extreme of the same kind."""
    if len(poly.terms) != 1:
        return None
    ((guard, powers), c), *_ = poly.terms.items()
    if guard or c != 1 or len(powers) != 1 or powers[0][1] != 1:
        return None
    atom = space.atoms[powers[0][0]]
    return atom.args if isinstance(atom, Extreme) and atom.op == op else None


def _beats(space: Space, op: str, a: Poly, b: Poly) -> bool:
    """Whether `b` adds nothing beside `a`."""
    if space.infinite >= 0:
        for side, other, wins in ((a, b, True), (b, a, False)):
            sign = _endless(space, side)
            if sign and not _endless(space, other):
                return wins == ((sign > 0) == (op == "max"))
    return nonnegative(space, subtract(a, b) if op == "max" else subtract(b, a))


def _endless(space: Space, poly: Poly) -> int:
    """1 or -1 when a sum is unlimited everywhere, else 0."""
    if len(poly.terms) != 1:
        return 0
    ((guard, powers), c), *_ = poly.terms.items()
    if guard or len(powers) != 1 or powers[0][1] < 0 or not isinstance(space.atoms[powers[0][0]], Infinite):
        return 0
    return 1 if c > 0 else -1


# ---- powers and the rest --------------------------------------------------------------------------------------------


def power(space: Space, base: Poly, exponent: Poly) -> Poly:
    fixed = exponent.constant
    if fixed is not None and fixed.denominator == 1 and abs(fixed) <= _LARGEST_EXPONENT:
        if base.constant is not None:
            if not base.constant and fixed < 0:
                return space.undefined()
            return number(base.constant ** int(fixed))
        return space.integer_power(base, int(fixed))
    if fixed == _HALF:
        return floating(space, "sqrt", base)
    if base.constant is not None and fixed is not None:
        return _computed(space, "^", base, exponent)
    return space.function("^", (base, exponent))


def floating(space: Space, op: str, poly: Poly) -> Poly:
    """`sqrt`, `log2` or `exp`. A whole root stays exact."""
    fixed = poly.constant
    if fixed is None:
        return space.function(op, (poly,))
    if op == "sqrt" and fixed >= 0:
        top, bottom = math.isqrt(fixed.numerator), math.isqrt(fixed.denominator)
        if top * top == fixed.numerator and bottom * bottom == fixed.denominator:
            return number(Fraction(top, bottom))
    if op == "exp" and fixed == 0:
        return ONE
    if op == "log2" and fixed > 0 and fixed.denominator == 1 and fixed.numerator & (fixed.numerator - 1) == 0:
        return number(fixed.numerator.bit_length() - 1)
    return _computed(space, op, poly)


def _computed(space: Space, op: str, *args: Poly) -> Poly:
    try:
        value = OPERATIONS[op].number(*(float(arg.constant or 0) for arg in args))
        return number(exact(value)) if isinstance(value, float) and math.isfinite(value) else space.undefined()
    except (ArithmeticError, ValueError):
        return space.undefined()


def called(space: Space, op: str, args: Sequence[Poly]) -> Poly:
    """A function that stays as it is where its operands are not all numbers."""
    if all(arg.constant is not None for arg in args):
        return _computed(space, op, *args)
    return space.function(op, tuple(args))


_OWN: dict[str, Callable[[Space, Sequence[Poly]], Poly]] = {
    "+": lambda space, args: space.add(args),
    "-": lambda space, args: space.add((args[0], negative(args[1]))),
    "*": lambda space, args: space.multiply(args[0], args[1]),
    "/": lambda space, args: space.divide(args[0], args[1]),
    "neg": lambda space, args: negative(args[0]),
    "^": lambda space, args: power(space, args[0], args[1]),
    "max": lambda space, args: extreme(space, "max", args),
    "min": lambda space, args: extreme(space, "min", args),
    "floor": lambda space, args: whole(space, "floor", args[0]),
    "ceil": lambda space, args: whole(space, "ceil", args[0]),
    "sqrt": lambda space, args: floating(space, "sqrt", args[0]),
    "log2": lambda space, args: floating(space, "log2", args[0]),
    "exp": lambda space, args: floating(space, "exp", args[0]),
}
"""What sums can do with an operation beyond what its record says."""


def apply(space: Space, op: str, args: Sequence[Poly]) -> Poly:
    """An operation of the language from numbers to a number; SymbolicError where it has no closed form."""
    own = _OWN.get(op)
    if own is not None:
        return own(space, args)
    record = OPERATIONS[op]
    if record.lowered is not None:
        found = record.lowered(Lowered(space), *args)
        assert isinstance(found, Poly)
        return found
    if record.slopes is None and any(arg.constant is None for arg in args):
        raise SymbolicError("no-closed-form", f"`{op}` has no closed form", "ask for inputs that it does not rest on")
    return called(space, op, args)


class Lowered:
    """Carries out, on sums, what a record says by other operations: conditions are their numbers in the space."""

    def __init__(self, space: Space) -> None:
        self.space = space

    def __call__(self, name: str, *operands: Poly | float) -> Poly | int:
        space = self.space
        if name == "if":
            condition, yes, no = operands
            assert isinstance(condition, int)
            return space.choose(condition, self.poly(yes), self.poly(no))
        if name in ("and", "or"):
            parts = [int(part) for part in operands]  # type: ignore[arg-type]
            return space.all_of(parts) if name == "and" else space.any_of(parts)
        args = [self.poly(operand) for operand in operands]
        if name in ("==", "!=", "<", "<=", ">", ">="):
            return compared(space, name, args[0], args[1])
        return apply(space, name, args)

    def poly(self, operand: Poly | float) -> Poly:
        return operand if isinstance(operand, Poly) else number(exact(operand))


def compared(space: Space, op: str, a: Poly, b: Poly) -> int:
    """The condition that two sums compare so."""
    if a.constant is not None and b.constant is not None:
        return ALWAYS if OPERATIONS[op].number(a.constant, b.constant) else NEVER
    if space.infinite >= 0:
        # What reaches that far may be unlimited itself: beside it, `unlimited` is the number that it is.
        if _endless(space, b) > 0 and space.known.range(a)[1] >= _ENDLESS and not _endless(space, a):
            b = _UNLIMITED
        elif _endless(space, a) > 0 and space.known.range(b)[1] >= _ENDLESS and not _endless(space, b):
            a = _UNLIMITED
    if op in ("<", "<="):
        a, b = b, a
    relation: Relation = "==" if op == "==" else "!=" if op == "!=" else ">" if op in ("<", ">") else ">="
    return space.compare(relation, space.add((a, negative(b))))
