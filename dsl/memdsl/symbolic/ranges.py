"""What is known of a sum without its value: between which numbers it lies, and what it is a multiple of."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, inf

from ..sheet.intervals import EVERYTHING, Range, add_ranges, largest, multiply_ranges, power_range, smallest
from ..sheet.operations import OPERATIONS
from .terms import ALWAYS, Atom, Cut, Extreme, Function, Group, Infinite, Key, Poly, Powers, Symbol, Whole

_ZERO = Fraction(0)


def ranged(op: str, *operands: Range) -> Range:
    """Between which numbers an operation lies, of operands that lie between others."""
    of = OPERATIONS[op].range
    return of(*operands) if of is not None else EVERYTHING


class Known:
    """Ranges and grains of atoms and sums, each found once. `atoms` is the list of the space."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self.atoms = atoms
        self._ranges: list[Range] = []
        self._grains: list[Fraction | None] = []

    # ---- ranges -----------------------------------------------------------------------------------------------------

    def atom_range(self, atom: int) -> Range:
        while len(self._ranges) <= atom:
            self._ranges.append(self._range(self.atoms[len(self._ranges)]))
        return self._ranges[atom]

    def _range(self, atom: Atom) -> Range:
        match atom:
            case Symbol():
                return atom.low, atom.high
            case Infinite():
                return inf, inf
            case Extreme():
                return (largest if atom.op == "max" else smallest)(*[self.range(arg) for arg in atom.args])
            case Whole():
                return ranged(atom.op, self.range(atom.inner))
            case Group() | Cut():
                return self.range(atom.inner)
            case Function():
                return ranged(atom.op, *[self.range(arg) for arg in atom.args])
        return EVERYTHING

    def powers_range(self, powers: Powers) -> Range:
        found: Range = (Fraction(1), Fraction(1))
        for atom, exponent in powers:
            found = multiply_ranges(found, power_range(self.atom_range(atom), exponent))
        return found

    def range(self, poly: Poly) -> Range:
        """Between which numbers a sum lies. Terms with the same powers, and a factor of all, are taken together."""
        if poly.constant is not None:
            return poly.constant, poly.constant
        shared = common_powers(poly)
        sums: dict[Powers, tuple[Fraction, Fraction]] = {}
        for (guard, powers), coefficient in poly.terms.items():
            rest = divide_powers(powers, shared) if shared else powers
            low, high = sums.get(rest, (_ZERO, _ZERO))
            if guard == ALWAYS:
                low, high = low + coefficient, high + coefficient
            elif coefficient > 0:
                high += coefficient
            else:
                low += coefficient
            sums[rest] = (low, high)
        total: Range = (_ZERO, _ZERO)
        for powers, ends in sums.items():
            total = add_ranges(total, multiply_ranges(ends, self.powers_range(powers)))
        return multiply_ranges(total, self.powers_range(shared)) if shared else total

    def positive(self, atom: int) -> bool:
        return self.atom_range(atom)[0] > 0

    # ---- multiples --------------------------------------------------------------------------------------------------

    def atom_grain(self, atom: int) -> Fraction | None:
        """The number that an atom is surely a multiple of, or None."""
        while len(self._grains) <= atom:
            self._grains.append(self._grain(self.atoms[len(self._grains)]))
        return self._grains[atom]

    def _grain(self, atom: Atom) -> Fraction | None:
        match atom:
            case Symbol():
                return atom.grain
            case Whole():
                return Fraction(1)
            case Group() | Cut():
                return self.grain(atom.inner)
            case Extreme():
                return _common([self.grain(arg) for arg in atom.args])
        return None

    def term_grain(self, key: Key, coefficient: Fraction) -> Fraction | None:
        grain = abs(coefficient)
        for atom, exponent in key[1]:
            own = self.atom_grain(atom) if exponent > 0 else None
            if own is None:
                return None
            grain *= own**exponent
        return grain

    def grain(self, poly: Poly) -> Fraction | None:
        return _common([self.term_grain(key, coefficient) for key, coefficient in poly.terms.items()])


def _common(grains: Sequence[Fraction | None]) -> Fraction | None:
    """The greatest number that all are multiples of."""
    known = [grain for grain in grains if grain is not None]
    if not known or len(known) < len(grains):
        return None
    numerator, denominator = 0, 1
    for grain in known:
        denominator = denominator * grain.denominator // gcd(denominator, grain.denominator)
    for grain in known:
        numerator = gcd(numerator, grain.numerator * (denominator // grain.denominator))
    return Fraction(numerator, denominator) if numerator else None


def common_powers(poly: Poly) -> Powers:
    """The factor that all terms share. A denominator counts when one unconditional term has it.

    One that stands under a condition only may be 0 elsewhere, and has to stay where it is.
    """
    atoms = poly.atoms
    if not atoms:
        return ()
    lowest: dict[int, int] = {}
    always: dict[int, int] = {}
    for guard, powers in poly.terms:
        here = dict(powers)
        for atom in atoms:
            exponent = here.get(atom, 0)
            lowest[atom] = min(lowest.get(atom, exponent), exponent)
            if guard == ALWAYS:
                always[atom] = min(always.get(atom, exponent), exponent)
    found = ((atom, low if low >= 0 else min(always.get(atom, 0), 0)) for atom, low in lowest.items())
    return tuple(sorted((atom, exponent) for atom, exponent in found if exponent))


def divide_powers(powers: Powers, by: Powers) -> Powers:
    exponents = dict(powers)
    for atom, exponent in by:
        exponents[atom] = exponents.get(atom, 0) - exponent
    return tuple(sorted((atom, exponent) for atom, exponent in exponents.items() if exponent))
