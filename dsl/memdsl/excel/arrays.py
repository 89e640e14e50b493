"""Aggregates over fixed rows as one formula over ranges.

SUMPRODUCT evaluates arithmetic and comparisons for whole ranges without array entry. What it does not apply to ranges
(IF, a division that has no value in rows that do not count, a look-up) is computed row by row in a helper column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..sheet.formula import Apply, Field, Formula, Here, Literal, Reduce, Rows, Slot, Var
from ..sheet.operations import AGGREGATES, Value
from ..sheet.sheet import Text, Truth
from .names import letter, sheet_prefix
from .operations import ARRAYS, ARRAYS_WITHOUT_GAPS, TEXT_OPERATIONS
from .pieces import COMPARISON, PRODUCT, SUM, Piece, atom, binary, call
from .structure import conjunction, conjuncts, has_fixed_exponent, mentions, variables

if TYPE_CHECKING:
    from .formulas import Scope, Translator

MAXIMUM_RUNS = 30
FAR = "1E+307"


class NotAnArray(Exception):
    """The aggregate has no formula over ranges."""


def runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Rows that follow each other, as pairs of the first and the last."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


@dataclass(frozen=True)
class Span:
    """The rows that an aggregate runs over: one range, `mask` a range of 1 and 0 where not all of its rows count.

    `gaps` says that some rows of the range may not count; `where` is the condition on those that do.
    """

    variable: str
    table: str
    low: int
    high: int
    mask: Piece | None
    gaps: bool
    rows: Rows
    where: Formula | None


class Arrays:
    def __init__(self, translator: Translator) -> None:
        self.translator = translator

    # ---- aggregates -------------------------------------------------------------------------------------------------

    def reduce(self, formula: Reduce, scope: Scope) -> Piece:
        """The aggregate as a formula over ranges; raises NotAnArray."""
        assert isinstance(formula.rows, Rows)
        rows = formula.rows.indices
        if not rows or list(rows) != sorted(set(rows)):
            raise NotAnArray
        if scope.bound and variables(formula):
            raise NotAnArray
        apart = self._apart(formula, scope)
        if apart is not None:
            return apart
        plain = self._plain(formula, scope) or self._matched(formula, scope)
        if plain is not None:
            return plain
        listed = runs(rows)
        mask = self._mask(formula.rows, scope) if len(listed) > 1 else None
        gaps = mask is not None
        every = Span(formula.var.name, formula.rows.table, rows[0], rows[-1], mask, gaps, formula.rows, None)
        span, where = every, None
        if formula.where is not None:
            span = replace(every, gaps=True, where=formula.where)
            where = self._truth(formula.where, scope, every)
        counted = _product([piece for piece in (mask, where) if piece is not None])
        return self._finish(formula, scope, span, counted)

    def _apart(self, formula: Reduce, scope: Scope) -> Piece | None:
        """An aggregate whose value, or a condition of it, is one for all rows; None where both differ by row.

        SUMPRODUCT would take such a value once, and not once for each row.
        """
        translator, name, op = self.translator, formula.var.name, formula.op
        parts = conjuncts(formula.where)
        fixed = [part for part in parts if name not in variables(part)]
        if fixed:
            rest = replace(formula, where=conjunction([part for part in parts if part not in fixed]))
            held = [translator.piece(part, scope) for part in fixed]
            test = held[0] if len(held) == 1 else call("AND", held)
            empty = atom({"sum": "0", "count": "0", "any": "FALSE", "all": "TRUE"}.get(op, "NA()"))
            found = call("IF", [test, translator.piece(rest, scope), empty])
            asked = self._asked_before(parts, fixed)
            if asked:
                some = translator.piece(replace(formula, op="count", body=None, where=conjunction(asked)), scope)
                found = call("IF", [binary(some, ">", atom("0"), COMPARISON), found, empty])
            return found
        body = formula.body
        if body is None or name in variables(body):
            return None
        value = translator.piece(body, scope)
        if op == "argmax":
            found = translator.piece(replace(formula, op="first", body=None), scope)
            if translator.structure.may_fail(body):
                found = call("IF", [binary(value, "=", value, COMPARISON), found, atom("NA()")])
            if formula.where is not None and translator.structure.may_fail(formula.where):
                # The first row is found before others are asked, and the largest of all rows asks each.
                rows = translator.piece(replace(formula, op="count", body=None), scope)
                found = call("IF", [binary(rows, ">", atom("0"), COMPARISON), found, atom("NA()")])
            return found
        if op != "sum" and formula.where is None:
            return value
        rows = translator.piece(replace(formula, op="count", body=None), scope)
        if op == "sum":
            product = binary(value, "*", rows, PRODUCT)
            if formula.where is None or not translator.structure.may_fail(body):
                return product
            return call("IF", [binary(rows, ">", atom("0"), COMPARISON), product, atom("0")])
        some = binary(rows, ">", atom("0"), COMPARISON)
        return call("IF", [some, value, atom({"any": "FALSE", "all": "TRUE"}.get(op, "NA()"))])

    def _asked_before(self, parts: Sequence[Formula], fixed: Sequence[Formula]) -> list[Formula]:
        """The conditions that decide whether one that is the same for all rows is asked at all, or has a value."""
        may_fail = self.translator.structure.may_fail
        last = max(k for k, part in enumerate(parts) if part in fixed)
        before = [part for part in parts[:last] if part not in fixed]
        return before if any(may_fail(part) for part in (*before, *fixed)) else []

    def _matched(self, formula: Reduce, scope: Scope) -> Piece | None:
        """`MATCH(x,F6:F107,0)`: the first row whose column has a value."""
        assert isinstance(formula.rows, Rows)
        where, listed = formula.where, runs(formula.rows.indices)
        if formula.op != "first" or len(listed) > 1 or not isinstance(where, Apply) or where.op != "==":
            return None
        translator, name = self.translator, formula.var.name
        for column, wanted in (where.args, where.args[::-1]):
            if not isinstance(column, Field) or column.row != formula.var or name in variables(wanted):
                continue
            text = isinstance(translator.typed.type_of(column), Text)
            plain = isinstance(wanted, Literal) and not set("*?~") & set(str(wanted.value))
            if text and (translator.by_capitals or not plain):
                continue
            place, at = translator.places.find(
                column.table, column.column, scope.page, scope.table or formula.rows.table
            )
            area = atom(self._range(place.page, letter(at), place.first, listed[0], scope))
            found = call("MATCH", [translator.piece(wanted, scope), area, atom("0")])
            return found if listed[0][0] == 0 else binary(found, "+", atom(str(listed[0][0])), SUM)
        return None

    def _plain(self, formula: Reduce, scope: Scope) -> Piece | None:
        """`SUM(F6:F107)`: a column as it stands, over one range or a few."""
        assert isinstance(formula.rows, Rows)
        if formula.where is not None or formula.weight is not None:
            return None
        listed = runs(formula.rows.indices)
        body = formula.body
        if formula.op == "count":
            table = self.translator.places.tables[formula.rows.table]
            column = letter(min(table.columns.values(), default=1))
            return self._over_runs("ROWS", column, table.page, table.first, listed, scope) if len(listed) == 1 else None
        if not isinstance(body, Field) or body.row != formula.var:
            return None
        place, at = self.translator.places.find(body.table, body.column, scope.page, scope.table or formula.rows.table)
        column = letter(at)
        if formula.op == "argmax" and len(listed) == 1:
            values = self._range(place.page, column, place.first, listed[0], scope)
            found = call("MATCH", [call("MAX", [atom(values)]), atom(values), atom("0")])
            return found if listed[0][0] == 0 else binary(found, "+", atom(str(listed[0][0])), SUM)
        function = AGGREGATES[formula.op].excel
        if not function or len(listed) > MAXIMUM_RUNS:
            return None
        return self._over_runs(function, column, place.page, place.first, listed, scope)

    def _over_runs(
        self, function: str, column: str, page: str, first: int, listed: Sequence[tuple[int, int]], scope: Scope
    ) -> Piece:
        return call(function, [atom(self._range(page, column, first, run, scope)) for run in listed])

    def _range(self, page: str, column: str, first: int, run: tuple[int, int], scope: Scope) -> str:
        prefix = "" if page == scope.page else sheet_prefix(page)
        low, high = first + run[0], first + run[1]
        if low == high:
            return f"{prefix}${column}${low}"
        return f"{prefix}${column}${low}:${column}${high}"

    def _mask(self, rows: Rows, scope: Scope) -> Piece:
        """A range of 1 and 0: which rows of the span count."""
        place, at = self.translator.helpers.member(rows)
        return atom(self._range(place.page, letter(at), place.first, (rows.indices[0], rows.indices[-1]), scope))

    def _finish(self, formula: Reduce, scope: Scope, span: Span, counted: Piece | None) -> Piece:
        op = formula.op
        weight = self.array(formula.weight, scope, span) if formula.weight is not None else None
        body = self.array(formula.body, scope, span) if formula.body is not None else None
        if formula.body is not None and isinstance(self.translator.typed.type_of(formula.body), Truth):
            body = self._truth(formula.body, scope, span)
        if op == "count":
            return _sumproduct([p for p in (counted, weight) if p is not None])
        if op == "sum":
            assert body is not None
            return _sumproduct([p for p in (counted, body, weight) if p is not None])
        if op == "mean":
            assert body is not None
            above = _sumproduct([p for p in (counted, body, weight) if p is not None])
            below = [p for p in (counted, weight) if p is not None]
            rows = atom(str(span.high - span.low + 1))
            return binary(above, "/", _sumproduct(below) if below else rows, PRODUCT)
        if op == "any":
            assert body is not None
            return binary(_sumproduct([p for p in (counted, body) if p is not None]), ">", atom("0"), COMPARISON)
        if op == "all":
            assert body is not None
            not_so = binary(atom("1"), "-", body, SUM)
            return binary(_sumproduct([p for p in (counted, not_so) if p is not None]), "=", atom("0"), COMPARISON)
        if op in ("max", "min"):
            assert body is not None
            return self._extreme(op, body, counted)
        if op == "argmax":
            assert body is not None
            best = self._extreme("max", body, counted)
            same = binary(body, "=", best, COMPARISON)
            return self._first(span, scope, same if counted is None else binary(counted, "*", same, PRODUCT))
        return self._first(span, scope, counted if counted is not None else atom("1"))

    def _extreme(self, op: str, body: Piece, counted: Piece | None) -> Piece:
        """The largest or smallest: a row that does not count brings a value beyond every other."""
        function = op.upper()
        if counted is None:
            return call("SUMPRODUCT", [call(function, [body])])
        absent = binary(binary(counted, "-", atom("1"), SUM), "*", atom(FAR), PRODUCT)
        value = binary(counted, "*", body, PRODUCT)
        least = binary(value, "+" if op == "max" else "-", absent, SUM)
        found = call("SUMPRODUCT", [call(function, [least])])
        return call("IF", [binary(_sumproduct([counted]), ">", atom("0"), COMPARISON), found, atom("NA()")])

    def _first(self, span: Span, scope: Scope, counted: Piece) -> Piece:
        """The position, from 1, of the first row that counts."""
        place = self.translator.places.tables[span.table]
        column = letter(min(place.columns.values()))
        rows = call("ROW", [atom(self._range(place.page, column, place.first, (span.low, span.high), scope))])
        absent = binary(binary(atom("1"), "-", counted, SUM), "*", atom("1E+9"), PRODUCT)
        least = call("SUMPRODUCT", [call("MIN", [binary(absent, "+", rows, SUM)])])
        found = binary(least, "-", atom(str(place.first - 1)), SUM)
        return call("IF", [binary(_sumproduct([counted]), ">", atom("0"), COMPARISON), found, atom("NA()")])

    # ---- formulas over ranges ---------------------------------------------------------------------------------------

    def _truth(self, formula: Formula, scope: Scope, span: Span) -> Piece:
        """A condition over ranges as an array of numbers, 1 where it holds."""
        if isinstance(formula, Apply) and formula.op in ("and", "or", "not"):
            # What is not needed in a row may have no value there, and over ranges all of it is computed.
            if any(self.translator.structure.may_fail(arg) for arg in formula.args[1:]):
                return binary(self._helper(formula, scope, span), "*", atom("1"), PRODUCT)
            parts = [self._truth(arg, scope, span) for arg in formula.args]
            if formula.op == "not":
                return binary(atom("1"), "-", parts[0], SUM)
            if formula.op == "and":
                return _product(parts) or atom("1")
            total = parts[0]
            for part in parts[1:]:
                total = binary(total, "+", part, SUM)
            return binary(binary(total, ">", atom("0"), COMPARISON), "*", atom("1"), PRODUCT)
        return binary(self.array(formula, scope, span), "*", atom("1"), PRODUCT)

    def array(self, formula: Formula, scope: Scope, span: Span) -> Piece:
        """A formula as an array over the rows of a span; raises NotAnArray."""
        translator = self.translator
        waits = span.gaps and translator.structure.may_fail(formula)
        if span.variable not in variables(formula) and not waits:
            return translator.piece(formula, scope)
        match formula:
            case Field(row=Var()) if not waits:
                place, at = translator.places.find(formula.table, formula.column, scope.page, scope.table or span.table)
                return atom(self._range(place.page, letter(at), place.first, (span.low, span.high), scope))
            case Apply() if formula.op in ARRAYS or (
                formula.op in ARRAYS_WITHOUT_GAPS
                and not self._gaps(formula, span)
                and (formula.op != "^" or has_fixed_exponent(formula))
            ):
                args = [self.array(arg, scope, span) for arg in formula.args]
                write = translator.compared(formula)
                if write is TEXT_OPERATIONS["!="]:
                    return binary(atom("1"), "-", TEXT_OPERATIONS["=="](args), SUM)
                return write(args)
            case Apply() if formula.op in ("and", "or", "not"):
                return self._truth(formula, scope, span)
        return self._helper(formula, scope, span)

    def _gaps(self, formula: Apply, span: Span) -> bool:
        """Whether an operation could meet a row that does not count and has no value there."""
        return span.gaps and self.translator.structure.may_fail(formula)

    def _helper(self, formula: Formula, scope: Scope, span: Span) -> Piece:
        """The range of a helper column that computes the formula row by row."""
        where = span.where if self.translator.structure.may_fail(formula) else None
        for part in (formula, where):
            if part is not None and (mentions(part, (Here, Slot)) or not variables(part) <= {span.variable}):
                raise NotAnArray
        place, at = self.translator.helpers.column(formula, where, span.variable, span.rows, self._nothing(formula))
        return atom(self._range(place.page, letter(at), place.first, (span.low, span.high), scope))

    def _nothing(self, formula: Formula) -> Literal:
        """What a helper column holds in a row that does not count."""
        kind = self.translator.typed.type_of(formula)
        value: Value = False if isinstance(kind, Truth) else "" if isinstance(kind, Text) else 0.0
        return Literal(formula.span, value, None, "")


def _product(pieces: Sequence[Piece]) -> Piece | None:
    if not pieces:
        return None
    found = pieces[0]
    for piece in pieces[1:]:
        found = binary(found, "*", piece, PRODUCT)
    return found


def _sumproduct(pieces: Sequence[Piece]) -> Piece:
    found = _product(pieces)
    assert found is not None
    return call("SUMPRODUCT", [found])
