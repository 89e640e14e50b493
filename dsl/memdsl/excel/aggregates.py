"""Aggregates in Excel.

Over fixed rows, a plain column becomes a range (`SUM(F6:F107)`), and a condition or an expression SUMPRODUCT over
ranges; what SUMPRODUCT cannot apply to a range gets a helper column on the table's sheet. Over the rows related to a
row (its inputs, the live ones) the cells themselves are named, as every row has others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ..sheet.formula import Apply, Field, Formula, Here, Reduce, Related, Rows, Slot
from ..sheet.operations import AGGREGATES
from .arrays import Arrays, NotAnArray, runs
from .names import letter, sheet_prefix
from .pieces import ATOM, COMPARISON, PRODUCT, Piece, atom, binary, call
from .positions import NotByPosition
from .structure import conjunction, conjuncts, mentions, variables

if TYPE_CHECKING:
    from .formulas import Scope, Translator

MAXIMUM_ARGUMENTS = 250
MAXIMUM_LIST = 1_500
"""Characters of a list of cells; a formula may have several lists."""
SHORT_LIST = 150
"""The same, for a formula that was too long with longer ones."""
MAXIMUM_CHAIN = 50
FEW = 12

_FUNCTIONS = {name: record.excel for name, record in AGGREGATES.items()} | {"count": "SUM", "first": "MIN"}
"""What gathers the terms of an aggregate: a count is a sum of ones, and the first row the least position."""
_EMPTY = {"sum": "0", "count": "0", "any": "FALSE", "all": "TRUE"}
FAR = "1E+307"
"""Beyond every quantity, `unlimited` included: what a row that does not count brings to a minimum."""

Term = tuple[Piece, tuple[int, ...]]
"""What some rows bring to an aggregate, and the rows."""


class Aggregates:
    def __init__(self, translator: Translator) -> None:
        self.translator = translator
        self.arrays = Arrays(translator)
        self.longest = MAXIMUM_LIST

    def piece(self, formula: Reduce, scope: Scope) -> Piece:
        by_row = scope.here is None
        alike = self.translator.positions.reduce(formula, scope) if by_row else None
        if alike is not None and scope.positions:
            return Piece((_known(alike),))
        if scope.positions and variables(formula) & scope.positions.keys():
            raise NotByPosition
        if alike is not None:
            return self._alike(formula, alike, scope)
        if by_row and self._differs_by_row(formula):
            plain = self._plain_column(formula)
            if plain is not None:
                return Piece((self._plain_writer(formula, plain, scope),))
            return Piece((self._row_writer(formula, scope),))
        if isinstance(formula.rows, Rows):
            filtered = self._filtered(formula, scope)
            if not self._better_listed(filtered):
                try:
                    return self.arrays.reduce(filtered, scope)
                except NotAnArray:
                    pass
        if by_row and mentions(formula, (Here, Slot)):
            return Piece((self._row_writer(formula, scope),))
        return self.listed(formula, scope)

    def _alike(self, formula: Reduce, alike: Callable[[int], str | None], scope: Scope) -> Piece:
        """The same text in every row, save where a row has a structure of its own."""
        plain = self._plain_column(formula)
        other = self._plain_writer(formula, plain, scope) if plain is not None else self._row_writer(formula, scope)
        return Piece((lambda i: alike(i) or other(i),))

    @contextmanager
    def shorter(self) -> Iterator[None]:
        """Within it, lists of cells are gathered in helper cells sooner."""
        self.longest = SHORT_LIST
        try:
            yield
        finally:
            self.longest = MAXIMUM_LIST

    def _row_writer(self, formula: Reduce, scope: Scope) -> Callable[[int], str]:
        return lambda i: _closed(self.listed(formula, scope.at(i)))

    def _better_listed(self, formula: Reduce) -> bool:
        """Whether naming the cells reads better than a formula over ranges."""
        assert isinstance(formula.rows, Rows)
        few = FEW if formula.op == "first" else 1
        return len(formula.rows.indices) <= few and self._plain_column(formula) is None

    def _differs_by_row(self, formula: Reduce) -> bool:
        """Whether which rows count depends on the row that the formula stands in."""
        if isinstance(formula.rows, Related):
            return isinstance(formula.rows.of, (Here, Slot))
        structure = self.translator.structure
        return any(structure.is_fact(part) and mentions(part, (Here, Slot)) for part in conjuncts(formula.where))

    def _filtered(self, formula: Reduce, scope: Scope) -> Reduce:
        """The aggregate over the rows that meet the conditions on the structure, without these conditions."""
        translator = self.translator
        table = scope.table
        rows: Sequence[int] = translator.structure.rows(formula.rows, table, scope.here or 0, scope.bound)
        rest: list[Formula] = []
        for part in conjuncts(formula.where):
            free = variables(part) - {formula.var.name} - scope.bound.keys()
            by_row = scope.here is None and mentions(part, (Here, Slot))
            if translator.structure.is_fact(part) and not free and not by_row:
                rows = [
                    row
                    for row in rows
                    if translator.structure.value(part, table, scope.here or 0, {**scope.bound, formula.var.name: row})
                ]
            else:
                rest.append(part)
        text = formula.rows.text if isinstance(formula.rows, Rows) else formula.rows.relation
        where = conjunction(rest)
        return replace(formula, rows=Rows(formula.rows.table, tuple(rows), text), where=where)

    # ---- the cells of listed rows -----------------------------------------------------------------------------------

    def _plain_column(self, formula: Reduce) -> Field | None:
        """The column, when the aggregate is one of a column over all related rows or over some chosen by structure."""
        body = formula.body
        if formula.op not in ("sum", "max", "min") or formula.weight is not None:
            return None
        if not isinstance(body, Field) or body.row != formula.var:
            return None
        structure = self.translator.structure
        return body if formula.where is None or structure.is_fact(formula.where) else None

    def _plain_writer(self, formula: Reduce, body: Field, scope: Scope) -> Callable[[int], str]:
        """Writes the aggregate of a column over related rows, row by row, without walking the formula again."""
        translator = self.translator
        structure = translator.structure
        place, at = translator.places.find(body.table, body.column, scope.page, scope.table)
        prefix = "" if place.page == scope.page else sheet_prefix(place.page)
        start = prefix + letter(at)
        first, name, function = place.first, formula.var.name, _FUNCTIONS[formula.op]

        def write(i: int) -> str:
            rows = structure.rows(formula.rows, scope.table, i, {})
            if formula.where is not None:
                rows = [r for r in rows if structure.value(formula.where, scope.table, i, {name: r})]
            if len(rows) == 1:
                return f"{start}{first + rows[0]}"
            listed = ",".join([_run_text(start, first, run) for run in runs(rows)])
            if not rows or len(listed) > self.longest or listed.count(",") >= MAXIMUM_ARGUMENTS:
                return _closed(self.listed(formula, scope.at(i)))
            return f"{function}({listed})"

        return write

    def listed(self, formula: Reduce, scope: Scope) -> Piece:
        """An aggregate with the cells of its rows named one by one."""
        filtered = self._filtered(formula, scope)
        assert isinstance(filtered.rows, Rows)
        rows = filtered.rows.indices
        if formula.op in ("first", "argmax"):
            return self._position(filtered, rows, scope)
        if formula.op == "mean":
            total = self.listed(replace(filtered, op="sum"), scope)
            count = self.listed(replace(filtered, op="count", body=None), scope)
            return binary(total, "/", count, PRODUCT)
        found = self._of(formula.op, self._within_length(filtered, self._terms(filtered, rows, scope), scope))
        if formula.op in ("max", "min") and filtered.where is not None:
            some = self.listed(replace(filtered, op="any", body=filtered.where, where=None, weight=None), scope)
            return call("IF", [some, found, atom("NA()")])
        return found

    def _terms(self, formula: Reduce, rows: Sequence[int], scope: Scope) -> list[Term]:
        body = formula.body
        if self._plain_column(formula) is not None and formula.where is None and isinstance(body, Field):
            place, at = self.translator.places.find(body.table, body.column, scope.page, scope.table)
            prefix = "" if place.page == scope.page else sheet_prefix(place.page)
            start = prefix + letter(at)
            return [(atom(_run_text(start, place.first, run)), tuple(range(run[0], run[1] + 1))) for run in runs(rows)]
        return [(self._term(formula, row, scope), (row,)) for row in rows]

    def _term(self, formula: Reduce, row: int, scope: Scope) -> Piece:
        """What one row brings to the aggregate."""
        translator = self.translator
        inner = scope.binding(formula.var.name, row)
        body = translator.piece(formula.body, inner) if formula.body is not None else atom("1")
        if formula.weight is not None:
            weight = translator.piece(formula.weight, inner)
            body = weight if formula.body is None else binary(body, "*", weight, PRODUCT)
        if formula.where is None:
            return body
        if formula.op in ("any", "all"):
            nothing = "FALSE" if formula.op == "any" else "TRUE"
        else:
            nothing = {"max": "-" + FAR, "min": FAR}.get(formula.op, "0")
        return call("IF", [self._condition(formula, row, scope), body, atom(nothing)])

    def _condition(self, formula: Reduce, row: int, scope: Scope) -> Piece:
        assert formula.where is not None
        return self.translator.piece(formula.where, scope.binding(formula.var.name, row))

    def _within_length(self, formula: Reduce, terms: list[Term], scope: Scope) -> list[Piece]:
        """The terms, gathered in helper cells where one formula would grow too long."""
        while sum(len(piece.text) + 1 for piece, _ in terms) > self.longest and len(terms) > 1:
            groups: list[list[Term]] = [[]]
            size = 0
            for term in terms:
                if size + len(term[0].text) > MAXIMUM_LIST and groups[-1]:
                    groups.append([])
                    size = 0
                groups[-1].append(term)
                size += len(term[0].text) + 1
            terms = [self._part(formula, group, scope) for group in groups]
        return [piece for piece, _ in terms]

    def _part(self, formula: Reduce, terms: list[Term], scope: Scope) -> Term:
        """A helper cell with a part of the aggregate."""
        text = self._of(formula.op, [piece for piece, _ in terms]).text
        rows = tuple(row for _, listed in terms for row in listed)
        part = replace(formula, rows=Rows(formula.rows.table, rows, "part"))
        return atom(self.translator.helpers.part(scope, text, part)), rows

    def _of(self, op: str, terms: Sequence[Piece]) -> Piece:
        """`SUM(…)` of the terms, in groups where they are more than a function takes."""
        if not terms:
            return atom(_EMPTY.get(op, "NA()"))
        if len(terms) == 1 and ":" not in terms[0].text:
            return terms[0]
        function = _FUNCTIONS[op]
        while len(terms) > MAXIMUM_ARGUMENTS:
            terms = [call(function, terms[i : i + MAXIMUM_ARGUMENTS]) for i in range(0, len(terms), MAXIMUM_ARGUMENTS)]
        return call(function, terms)

    def _position(self, formula: Reduce, rows: Sequence[int], scope: Scope) -> Piece:
        """The position of a row, counted from 1: a chain of IF over few rows, the least of all over many."""
        if not rows:
            return atom("NA()")
        if formula.op == "argmax":
            conditions = self._largest(formula, rows, scope)
            formula = replace(formula, op="first", body=None, where=self._is_largest(formula))
        elif formula.where is None:
            return atom(str(rows[0] + 1))
        else:
            conditions = [self._condition(formula, row, scope) for row in rows]
        if len(conditions) <= MAXIMUM_CHAIN and sum(len(c.text) for c in conditions) <= self.longest:
            found = atom("NA()")
            for condition, row in zip(reversed(conditions), reversed(rows), strict=True):
                found = call("IF", [condition, atom(str(row + 1)), found])
            return found
        places: list[Term] = [
            (call("IF", [condition, atom(str(row + 1)), atom(FAR)]), (row,))
            for condition, row in zip(conditions, rows, strict=True)
        ]
        least = self._of("first", self._within_length(formula, places, scope))
        return call("IF", [binary(least, "<", atom(FAR), COMPARISON), least, atom("NA()")])

    def _largest(self, formula: Reduce, rows: Sequence[int], scope: Scope) -> list[Piece]:
        """Whether each row has the largest value."""
        largest = replace(formula, op="max")
        best = self.listed(largest, scope)
        return [binary(self._term(largest, row, scope), "=", best, COMPARISON) for row in rows]

    def _is_largest(self, formula: Reduce) -> Formula:
        assert formula.body is not None
        same = Apply(formula.span, "==", (formula.body, replace(formula, op="max")))
        return same if formula.where is None else Apply(formula.span, "and", (formula.where, same))


def _run_text(start: str, first: int, run: tuple[int, int]) -> str:
    low, high = run
    if low == high:
        return f"{start}{first + low}"
    column = start.rpartition("!")[2]
    return f"{start}{first + low}:{column}{first + high}"


def _known(alike: Callable[[int], str | None]) -> Callable[[int], str]:
    """Inside another aggregate over positions: a row that this one does not serve, that one does not either."""

    def text(i: int) -> str:
        found = alike(i)
        if found is None:
            raise NotByPosition
        return found

    return text


def _closed(piece: Piece) -> str:
    """The text of a piece that will stand among operators unseen."""
    return "".join(part for part in piece.within(ATOM) if isinstance(part, str))
