"""A normal form of formulas in which equal means proved equal: polynomials over inputs and what cannot be opened."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..sheet.formula import Apply, CellRef, Field, Formula, Literal, Reduce, RowRef, Rows
from ..sheet.operations import OPERATIONS
from ..sheet.rows import possible_rows, related_rows
from ..sheet.sheet import Cell, Table

Monomial = tuple[tuple["Form", int], ...]
"""Atoms with their powers, sorted by their text."""
Form = tuple[Any, ...]
"""`("poly", ((monomial, coefficient), …))`, `("value", text or truth)` or `(operation, form, …)`."""

Here = tuple[str, int]
MAX_TERMS = 200


class NotOpened(Exception):
    """The formula is too large to be brought into normal form."""


def number(value: Fraction | int) -> Form:
    return ("poly", (((), Fraction(value)),) if value else ())


class Normal:
    """Normal forms over finished tables."""

    def __init__(self, tables: Mapping[str, Table], cells: Mapping[str, Cell]) -> None:
        self.tables = tables
        self.cells = cells
        self.memo: dict[tuple[str, str, int], Form] = {}

    def entry(self, table: str, column: str, row: int) -> Form:
        """The normal form of a column in a row."""
        key = (table, column, row)
        if key not in self.memo:
            self.memo[key] = ("entry", table, column, row)  # what a circle would come back to
            formula = self.tables[table].columns[column].formulas[row]
            if formula is None:
                raise NotOpened
            self.memo[key] = self.form(formula, (table, row), {})
        return self.memo[key]

    def form(self, formula: Formula, here: Here, bound: Mapping[str, int]) -> Form:
        match formula:
            case Literal():
                value = formula.value
                return number(Fraction(value)) if isinstance(value, float) else ("value", value)
            case CellRef():
                cell = self.cells[formula.cell]
                if cell.role in ("param", "argument") or isinstance(cell.formula, Literal):
                    return _atom(("cell", cell.id))
                return self.form(cell.formula, ("", 0), {})
            case Field():
                rows = self._places(formula.row, formula.table, here, bound)
                if len(rows) != 1:
                    raise NotOpened
                return self.entry(formula.table, formula.column, rows[0])
            case Apply():
                return self._apply(formula, here, bound)
            case Reduce():
                return self._reduce(formula, here, bound)
        raise NotOpened

    def _apply(self, formula: Apply, here: Here, bound: Mapping[str, int]) -> Form:
        op = formula.op
        args = [self.form(arg, here, bound) for arg in formula.args]
        if op == "if" and args[0][0] == "value":
            return args[1] if args[0][1] else args[2]
        if op == "if" and args[1] == args[2]:
            return args[1]
        if op == "not" and args[0][0] == "value":
            return ("value", not args[0][1])
        if op in ("==", "!=") and all(a[0] == "value" for a in args):
            return ("value", (args[0] == args[1]) == (op == "=="))
        if op in ("and", "or") and any(a[0] == "value" for a in args):
            known = [a for a in args if a[0] == "value"]
            rest = [a for a in args if a[0] != "value"]
            if any(bool(a[1]) != (op == "and") for a in known) or not rest:
                return ("value", all(a[1] for a in known) if op == "and" else any(a[1] for a in known))
            return rest[0]
        if op in OPERATIONS and OPERATIONS[op].units == "whole" and self._whole(args[0]):
            return args[0]
        if op not in _EXACT and all(_constant(a) for a in args):
            return _computed(op, args)
        if all(a[0] == "poly" for a in args):
            if op in ("+", "-"):
                return _add(args[0], args[1], 1 if op == "+" else -1)
            if op == "neg":
                return _add(number(0), args[0], -1)
            if op == "*":
                return _multiply(args[0], args[1])
            if op == "/" and len(args[1][1]) == 1:
                return _multiply(args[0], _inverse(args[1]))
            if op in ("min", "max"):
                return _extreme(op, args)
        return _atom((op, *args))

    def _whole(self, form: Form) -> bool:
        """Whether a polynomial has whole values only: whole factors of inputs that are multiples of a whole number."""
        return form[0] == "poly" and all(
            factor.denominator == 1 and all(power > 0 and self._whole_atom(atom) for atom, power in monomial)
            for monomial, factor in form[1]
        )

    def _whole_atom(self, atom: Form) -> bool:
        if atom[0] == "count" or (atom[0] in OPERATIONS and OPERATIONS[atom[0]].units == "whole"):
            return True
        bounds = self.cells[atom[1]].bounds if atom[0] == "cell" else None
        step = bounds.multiple if bounds is not None else None
        return isinstance(step, Literal) and isinstance(step.value, float) and step.value.is_integer()

    def _reduce(self, formula: Reduce, here: Here, bound: Mapping[str, int]) -> Form:
        rows = self._rows(formula, here, bound)
        chosen = []
        for row in rows:
            inner = {**bound, formula.var.name: row}
            if formula.where is not None:
                test = self.form(formula.where, here, inner)
                if test[0] != "value":
                    raise NotOpened
                if not test[1]:
                    continue
            body = self.form(formula.body, here, inner) if formula.body is not None else number(1)
            if formula.weight is not None:
                weight = self.form(formula.weight, here, inner)
                body = _multiply(weight, body) if formula.op != "mean" else ("weighted", weight, body)
            chosen.append(body)
        if formula.op in ("sum", "count") and all(c[0] == "poly" for c in chosen):
            total = number(0)
            for term in chosen:
                total = _add(total, term, 1)
            return total
        if formula.op in ("max", "min") and chosen:
            return _extreme(formula.op, chosen)
        if formula.op in ("any", "all") and all(c[0] == "value" for c in chosen):
            truths = [bool(c[1]) for c in chosen]
            return ("value", any(truths) if formula.op == "any" else all(truths))
        return _atom((formula.op, *sorted(chosen, key=repr)))

    def _rows(self, formula: Reduce, here: Here, bound: Mapping[str, int]) -> tuple[int, ...]:
        rows = formula.rows
        if isinstance(rows, Rows):
            return rows.indices
        of = self._places(rows.of, rows.of_table, here, bound)
        if len(of) != 1:
            raise NotOpened
        return related_rows(self.tables, rows, of[0])

    def _places(self, row: RowRef, table: str, here: Here, bound: Mapping[str, int]) -> tuple[int, ...]:
        return possible_rows(self.tables, row, table, here, {name: (one,) for name, one in bound.items()})


_EXACT = ("+", "-", "*", "/", "neg", "if", "and", "or", "not")
"""Operations that polynomials carry out themselves, or that are told from truth values."""


def _constant(form: Form) -> bool:
    return bool(form[0] == "poly" and all(not monomial for monomial, _ in form[1]))


def _computed(op: str, args: list[Form]) -> Form:
    """An operation on plain numbers."""
    numbers = [float(arg[1][0][1]) if arg[1] else 0.0 for arg in args]
    try:
        value = OPERATIONS[op].number(*numbers)
    except ArithmeticError:
        raise NotOpened from None
    return number(Fraction(value)) if isinstance(value, float) else ("value", value)


def _atom(form: Form) -> Form:
    return ("poly", ((((form, 1),), Fraction(1)),))


def _collect(terms: dict[Monomial, Fraction]) -> Form:
    if len(terms) > MAX_TERMS:
        raise NotOpened
    kept = [(monomial, factor) for monomial, factor in terms.items() if factor]
    return ("poly", tuple(sorted(kept, key=repr)))


def _add(a: Form, b: Form, sign: int) -> Form:
    terms: dict[Monomial, Fraction] = dict(a[1])
    for monomial, factor in b[1]:
        terms[monomial] = terms.get(monomial, Fraction(0)) + sign * factor
    return _collect(terms)


def _multiply(a: Form, b: Form) -> Form:
    terms: dict[Monomial, Fraction] = {}
    for left, one in a[1]:
        for right, other in b[1]:
            powers = dict(left)
            for atom, power in right:
                powers[atom] = powers.get(atom, 0) + power
            monomial = tuple(sorted(((atom, p) for atom, p in powers.items() if p), key=repr))
            terms[monomial] = terms.get(monomial, Fraction(0)) + one * other
    return _collect(terms)


def _inverse(a: Form) -> Form:
    ((monomial, factor),) = a[1]
    return ("poly", ((tuple((atom, -power) for atom, power in monomial), 1 / factor),))


def _extreme(op: str, forms: list[Form]) -> Form:
    numbers = [form for form in forms if _constant(form)]
    if len(numbers) > 1:
        forms = [*(form for form in forms if not _constant(form)), _computed(op, numbers)]
    distinct = sorted(dict.fromkeys(forms), key=repr)
    return distinct[0] if len(distinct) == 1 else _atom((op, *distinct))
