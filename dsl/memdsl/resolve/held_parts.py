"""What calls give to the arguments of a `fn` that say what they may be, wherever the calls stand in formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..records import record
from ..sheet.formula import Apply, Formula, Literal, Reduce, children
from ..sheet.sheet import Cell, Check, Claim, Domain, Query, Table
from .domains import implied, joined, meets, said_of
from .workshop import HeldPart, Workshop


@record
class Place:
    """Where a formula stands: for which instance, in which rows, and under which condition it is computed."""

    owner: str
    table: str | None
    rows: tuple[int, ...]
    given: Formula | None = None

    def where(self, condition: Formula) -> Place:
        both = condition if self.given is None else Apply(condition.span, "and", (self.given, condition))
        return Place(self.owner, self.table, self.rows, both)


class HeldParts:
    """Finds them: `domains` are over the cells and the row here, `checks` over the rows of an aggregate."""

    def __init__(self, held: Mapping[int, Sequence[HeldPart]]) -> None:
        self.held = held
        self.domains: list[Domain] = []
        self.checks: list[Check] = []
        self.bare: dict[int, tuple[Formula, bool]] = {}

    def look(self, formula: Formula, place: Place) -> None:
        if not self._any(formula):
            return
        for part in self.held.get(id(formula), ()):
            at = place.owner, place.table, place.rows, place.given
            self.domains.append(Domain(part.name, formula, part.bounds, "part", *at, part.place))
        if isinstance(formula, Apply) and formula.op in ("if", "and", "or"):
            first, *rest = formula.args
            self.look(first, place)
            other = Apply(first.span, "not", (first,))
            where = {"if": (first, other), "and": (first,), "or": (other,)}[formula.op]
            for operand, condition in zip(rest, where, strict=True):
                self.look(operand, place.where(condition))
            return
        if isinstance(formula, Reduce):
            inside = self._inside(formula)
            if inside is not None:
                message, every = inside
                held = implied(place.given, every) if place.given is not None else every
                self.checks.append(Check(held, message, formula.span, place.owner, place.table, place.rows))
            return
        for child in children(formula):
            self.look(child, place)

    def _inside(self, formula: Reduce) -> tuple[str, Formula] | None:
        """That every row of an aggregate gives what it may, and what that is in words."""
        inner = HeldParts(self.held)
        place = Place("", None, ())
        if formula.where is not None:
            inner.look(formula.where, place)
        for part in (formula.body, formula.weight):
            if part is not None:
                inner.look(part, place if formula.where is None else place.where(formula.where))
        found = [(d.name, d.bounds, d.given, meets(d.formula, d.bounds)) for d in inner.domains]
        conditions = [c if given is None else implied(given, c) for _, _, given, c in found]
        conditions += [check.condition for check in inner.checks]
        if not conditions:
            return None
        words = dict.fromkeys([said_of(name, bounds) for name, bounds, _, _ in found])
        message = ", ".join([*words, *(check.message for check in inner.checks)])
        body = joined("and", conditions, formula.span)
        return message, Reduce(formula.span, "all", formula.rows, formula.var, body, None)

    def _any(self, formula: Formula) -> bool:
        """Whether a formula has such a part at all."""
        known = self.bare.get(id(formula))
        if known is None:
            found = id(formula) in self.held or any(self._any(part) for part in children(formula))
            known = self.bare[id(formula)] = formula, found
        return known[1]


def hold_parts(
    shop: Workshop,
    cells: Mapping[str, Cell],
    tables: Mapping[str, Table],
    claims: Sequence[Claim],
    queries: Sequence[Query],
) -> None:
    """Adds what calls of functions ask of what they are given to the domains and the requirements."""
    if not shop.held:
        return
    parts = HeldParts(shop.held)
    for formula, place in _formulas(shop, cells, tables, claims, queries):
        parts.look(formula, place)
    told: set[int] = set()
    for domain in parts.domains:
        if not isinstance(domain.formula, Literal) or id(domain.formula) not in told:
            shop.domains.append(domain)
        told.add(id(domain.formula))
    shop.checks += parts.checks


def _formulas(
    shop: Workshop,
    cells: Mapping[str, Cell],
    tables: Mapping[str, Table],
    claims: Sequence[Claim],
    queries: Sequence[Query],
) -> Iterator[tuple[Formula, Place]]:
    nowhere = Place("", None, ())
    for cell in cells.values():
        yield cell.formula, Place(cell.owner, None, ())
    for table in tables.values():
        for column in table.columns.values():
            for formula, rows in column.groups:
                yield formula, Place(table.owner, table.id, tuple(rows))
    for check in [*shop.checks]:
        yield check.condition, Place(check.owner, check.table, check.rows)
    for claim in claims:
        yield from ((side, nowhere) for side in (claim.left, claim.right, claim.high, claim.within) if side is not None)
    for query in queries:
        if query.rows is None:
            yield query.formula, nowhere
