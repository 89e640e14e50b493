"""What stands inside a normal form, however deep."""

from __future__ import annotations

from collections.abc import Iterable

from .space import Space
from .terms import Always, Atom, Compare, Cut, Extreme, Function, Group, Joined, Poly, Whole


def sums_of(atom: Atom) -> tuple[Poly, ...]:
    """The sums directly inside an atom."""
    match atom:
        case Extreme() | Function():
            return atom.args
        case Whole() | Group() | Cut():
            return (atom.inner,)
    return ()


def inside(space: Space, polys: Iterable[Poly]) -> tuple[set[int], set[int]]:
    """All atoms and all comparisons inside some sums, those inside other atoms and conditions included."""
    atoms: set[int] = set()
    conditions: set[int] = set()
    compares: set[int] = set()
    work = list(polys)
    while work:
        poly = work.pop()
        for number in poly.atoms - atoms:
            atoms.add(number)
            work.extend(sums_of(space.atoms[number]))
        joined = [guard for guard in poly.guards if guard not in conditions]
        while joined:
            number = joined.pop()
            if number in conditions:
                continue
            conditions.add(number)
            made = space.conditions[number]
            if isinstance(made, Joined):
                joined.extend(made.parts)
            elif isinstance(made, Compare):
                compares.add(number)
                work.append(made.poly)
            else:
                assert isinstance(made, Always)
    return atoms, compares


def written_size(space: Space, poly: Poly) -> int:
    """The parts of a sum as it is written: in each place where it stands, a cut once."""
    atoms: dict[int, int] = {}
    conditions: dict[int, int] = {}

    def of(poly: Poly) -> int:
        guards = sum(condition(guard) for guard in poly.guards)
        return guards + sum(1 + sum(atom(number) for number, _ in powers) for _, powers in poly.terms)

    def atom(number: int) -> int:
        if number not in atoms:
            made = space.atoms[number]
            atoms[number] = 1 + (0 if isinstance(made, Cut) else sum(map(of, sums_of(made))))
        return atoms[number]

    def condition(number: int) -> int:
        if number not in conditions:
            made = space.conditions[number]
            if isinstance(made, Joined):
                conditions[number] = 1 + sum(map(condition, made.parts))
            else:
                conditions[number] = 1 + (of(made.poly) if isinstance(made, Compare) else 0)
        return conditions[number]

    cuts = [made for number in atoms_inside(space, poly) if isinstance(made := space.atoms[number], Cut)]
    return of(poly) + sum(of(cut.inner) for cut in cuts)


def atoms_inside(space: Space, poly: Poly) -> set[int]:
    return inside(space, (poly,))[0]
