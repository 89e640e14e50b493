"""The derivative of a smooth piece of a normal form in one of its inputs."""

from __future__ import annotations

from ..sheet.operations import OPERATIONS
from .functions import Lowered
from .space import Space
from .terms import ALWAYS, ZERO, Cut, Function, Group, Poly, Symbol, add, number


class NotSmooth(Exception):
    """There is no derivative: the piece is not smooth."""


def derivative(space: Space, piece: Poly, symbol: int) -> Poly:
    """The derivative of a sum without conditions, extremes and roundings; new atoms are made in `space`."""
    terms = []
    for (guard, powers), c in piece.terms.items():
        if guard != ALWAYS:
            raise NotSmooth
        for i, (atom, exponent) in enumerate(powers):
            inner = _of_atom(space, atom, symbol)
            if inner is ZERO or not inner.terms:
                continue
            rest = [*powers[:i], *([(atom, exponent - 1)] if exponent != 1 else []), *powers[i + 1 :]]
            factor = Poly({(ALWAYS, tuple(rest)): c * exponent})
            terms.append(space.multiply(factor, inner))
    return add(terms)


def _of_atom(space: Space, atom_number: int, symbol: int) -> Poly:
    atom = space.atoms[atom_number]
    match atom:
        case Symbol():
            return number(1) if atom_number == symbol else ZERO
        case Group() | Cut():
            return derivative(space, atom.inner, symbol)
        case Function():
            return _of_function(space, atom, symbol)
    raise NotSmooth


def _of_function(space: Space, atom: Function, symbol: int) -> Poly:
    """The chain rule over the slopes of a function's record, in the operands that change."""
    slopes = OPERATIONS[atom.op].slopes
    if slopes is None:
        raise NotSmooth
    calls = Lowered(space)
    terms = []
    for arg, slope in zip(atom.args, slopes, strict=True):
        inner = derivative(space, arg, symbol)
        if inner.terms:
            terms.append(space.multiply(inner, calls.poly(slope(calls, *atom.args))))
    return add(terms)
