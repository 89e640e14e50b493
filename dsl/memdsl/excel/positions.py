"""Formulas over related rows that read the same in every row: INDEX and SUMIF over the numbers of `relations`.

A range ends in the row above the formula, as inputs stand above what reads them: no formula looks at itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..sheet.formula import Apply, Field, Here, Reduce, Related, Var
from ..sheet.rows import related_rows
from ..sheet.sheet import Table
from .names import letter, sheet_prefix
from .pieces import ATOM, SUM, Piece, atom, binary, call, merged
from .pieces import ROW as ROW_NUMBER
from .relations import FIRST, LAST, READERS, ROW, input_name, inputs_of
from .structure import variables

if TYPE_CHECKING:
    from .formulas import Scope, Translator

_NOTHING = {"sum": "0", "count": "0", "any": "FALSE", "all": "TRUE"}


class NotByPosition(Exception):
    """A formula over related rows that these numbers do not serve."""


class Positions:
    def __init__(self, translator: Translator) -> None:
        self.translator = translator

    def _network(self, table: str) -> Table:
        tables = self.translator.sheet.tables
        found = tables[table]
        return tables[found.parent] if found.parent is not None else found

    def _number(self, scope: Scope, name: str) -> str:
        """The cell of this row that holds a relation: `$D7`."""
        place = self.translator.places.tables.get(scope.table)
        at = place.columns.get((self._network(scope.table).id, f"#{name}")) if place is not None else None
        if place is None or place.page != scope.page or at is None:
            raise NotByPosition
        return f"${letter(at)}{ROW_NUMBER}"

    # ---- one row ----------------------------------------------------------------------------------------------------

    def of_row(self, table: str, column: str, position: str, scope: Scope) -> Piece:
        """A column in the row above whose position a cell holds: `INDEX(F$6:F11,$D12)`."""
        place, at = self.translator.places.find(table, column, scope.page, scope.table)
        prefix = "" if place.page == scope.page else sheet_prefix(place.page)
        name, first = letter(at), place.first
        start = f"INDEX({prefix}{name}${first}:{name}"
        return Piece((start, lambda i: str(first + i - 1), f",{position})"))

    def slot(self, formula: Field, number: int, scope: Scope) -> Callable[[int], str | None]:
        """Writes the column of the row passed as a tensor argument; None where the numbers do not have it."""
        network = self._network(scope.table)
        near = self.translator.places.tables.get(scope.table)
        try:
            if near is None or number >= inputs_of(network):
                raise NotByPosition
            position = self._number(scope, input_name(number))
            piece = self.of_row(formula.table, formula.column, position, scope)
        except NotByPosition:
            return lambda i: None
        first = near.first

        def write(i: int) -> str | None:
            slots = network.rows[i].slots
            given = slots[number] if number < len(slots) else ()
            fits = bool(given) and sum(len(slot) for slot in slots[:number]) == number
            return piece.render(i, first + i) if fits else None

        return write

    # ---- aggregates -------------------------------------------------------------------------------------------------

    def reduce(self, formula: Reduce, scope: Scope) -> Callable[[int], str | None] | None:
        """Writes an aggregate over related rows, row by row alike; it gives None for a row that needs its own way."""
        rows = formula.rows
        near = self.translator.places.tables.get(scope.table)
        alone = scope.here is None and not scope.bound and not scope.positions
        if not isinstance(rows, Related) or not isinstance(rows.of, Here) or formula.weight is not None or near is None:
            return None
        if not alone and not (scope.positions and scope.here is None):
            return None
        try:
            if rows.relation == "live":
                return self._live(formula, scope, near.first)
            if rows.relation == "consumers":
                return self._readers(formula, scope, near.first)
            piece = self._inputs(formula, scope)
        except NotByPosition:
            return None
        fits, first = self._fits(rows, scope), near.first
        closed = Piece(piece.within(ATOM))

        def write(i: int) -> str | None:
            try:
                return closed.render(i, first + i) if fits(i) else None
            except NotByPosition:
                return None

        return write

    def _fits(self, rows: Related, scope: Scope) -> Callable[[int], bool]:
        tables = self.translator.sheet.tables
        network = self._network(scope.table)
        source = _source(rows.relation)
        inputs, most = network.relations[source], inputs_of(network, source)
        if rows.relation == "fresh":
            return lambda i: 0 < len(inputs[i]) == len(set(inputs[i])) <= most
        return lambda i: 0 < len(inputs[i]) <= most and tuple(related_rows(tables, rows, i)) == tuple(inputs[i])

    def _inputs(self, formula: Reduce, scope: Scope) -> Piece:
        """`INDEX(F$6:F11,$D12)+IF($E12>0,INDEX(F$6:F11,$E12),0)`."""
        op, network = formula.op, self._network(scope.table)
        assert isinstance(formula.rows, Related)
        relation = formula.rows.relation
        source = _source(relation)
        most = inputs_of(network, source)
        extreme = op in ("max", "min")
        conditional = formula.where is not None or relation == "fresh"
        if not most or (op not in _NOTHING and not extreme) or (extreme and conditional):
            raise NotByPosition
        if relation not in ("inputs", "origins", "fresh") and not relation.startswith("slot"):
            raise NotByPosition
        terms: list[Piece] = []
        for k in range(most):
            position = self._number(scope, input_name(k, source))
            term = self._term(formula, position, scope)
            if k:
                nothing = terms[0] if extreme else atom(_NOTHING[op])
                term = call("IF", [atom(f"{position}>0"), term, nothing])
            terms.append(term)
        if op in ("sum", "count"):
            found = terms[0]
            for term in terms[1:]:
                found = binary(found, "+", term, SUM)
            return found
        if len(terms) == 1:
            return terms[0]
        return call({"max": "MAX", "min": "MIN", "any": "OR", "all": "AND"}[op], terms)

    def _term(self, formula: Reduce, position: str, scope: Scope) -> Piece:
        """What the row at a position brings to the aggregate."""
        translator, name = self.translator, formula.var.name
        inner = replace(scope, positions={**scope.positions, name: position})
        conditions = []
        if isinstance(formula.rows, Related) and formula.rows.relation == "fresh":
            network = self._network(scope.table).id
            first = self.of_row(network, f"#{FIRST}", position, scope)
            conditions.append(Piece(merged([*first.parts, "=", self._number(scope, ROW)]), 0))
        if formula.where is not None:
            conditions.append(translator.piece(formula.where, inner))
        term = translator.piece(formula.body, inner) if formula.body is not None else atom("1")
        for condition in reversed(conditions):
            term = call("IF", [condition, term, atom(_NOTHING[formula.op])])
        return term

    def _live(self, formula: Reduce, scope: Scope, first: int) -> Callable[[int], str | None]:
        """`SUMIF($H$6:$H12,">="&$C12,F$6:F12)`: what stands above and is read here or below."""
        body, where = formula.body, formula.where
        if formula.op != "sum" or not isinstance(body, Field) or body.row != formula.var or scope.positions:
            raise NotByPosition
        if where is not None and not _is_another(where, formula.var):
            raise NotByPosition
        itself = where is None
        place, at = self.translator.places.find(body.table, body.column, scope.page, scope.table)
        if place.first != first:
            raise NotByPosition
        prefix = "" if place.page == scope.page else sheet_prefix(place.page)
        name, last = letter(at), self._number(scope, LAST).replace(ROW_NUMBER, "")
        row = self._number(scope, ROW)

        def write(i: int) -> str | None:
            end = first + i if itself else first + i - 1
            if end < first:
                return None
            position = row.replace(ROW_NUMBER, str(first + i))
            return f'SUMIF({last}${first}:{last}{end},">="&{position},{prefix}{name}${first}:{name}{end})'

        return write

    def _readers(self, formula: Reduce, scope: Scope, first: int) -> Callable[[int], str | None]:
        if formula.op != "count" or formula.where is not None or scope.positions:
            raise NotByPosition
        readers = self._number(scope, READERS)
        return lambda i: readers.replace(ROW_NUMBER, str(first + i))


def _source(relation: str) -> str:
    """The relation whose rows stand in columns: fresh inputs and operands are some of the inputs."""
    return "origins" if relation == "origins" else "inputs"


def _is_another(where: object, var: Var) -> bool:
    """Whether a condition says that the row is another than this one: `r.index != index`."""
    if not isinstance(where, Apply) or where.op != "!=":
        return False
    sides: Sequence[object] = where.args
    if not all(isinstance(side, Field) and side.column == "index" for side in sides):
        return False
    rows = [side.row for side in sides if isinstance(side, Field)]
    return rows in ([var, Here()], [Here(), var]) and not variables(where) - {var.name}
