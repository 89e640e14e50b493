"""Facts of the structure: conditions on names, kinds, groups and numbers of readers, which no input changes.

They are decided when the book is written, so that its formulas speak of values only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..sheet.formula import (
    Apply,
    At,
    CellRef,
    Field,
    Formula,
    Here,
    Literal,
    Pick,
    Reduce,
    Related,
    RowRef,
    Rows,
    RowSet,
    Slot,
    Var,
    children,
    walk,
)
from ..sheet.operations import AGGREGATES, OPERATIONS, Value
from ..sheet.rows import related_rows
from ..sheet.sheet import Column, Sheet
from .relations import inputs_of

Bound = Mapping[str, int]
"""The row that each variable of an aggregate stands for."""

_FOLDED_REDUCTIONS = ("count", "any", "all")


class Structure:
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._structural: dict[int, tuple[Formula, bool]] = {}
        self._depths: dict[int, tuple[Formula, int]] = {}
        self._visible: dict[int, tuple[Formula, bool]] = {}
        self._fallible: dict[int, tuple[Formula, bool]] = {}
        self._facts: dict[int, tuple[Formula, tuple[Formula, ...]]] = {}

    # ---- what is structure ------------------------------------------------------------------------------------------

    def is_structural(self, formula: Formula) -> bool:
        """Whether a formula rests on literals and on columns of the structure alone."""
        found = self._structural.get(id(formula))
        if found is None:
            found = self._structural[id(formula)] = (formula, self._is_structural(formula))
        return found[1]

    def _is_structural(self, formula: Formula) -> bool:
        match formula:
            case Literal():
                return True
            case Field():
                if isinstance(formula.row, Pick):
                    return False
                column = self.sheet.tables[formula.table].columns[formula.column]
                return self.is_fixed(column)
            case Apply():
                return all(self.is_structural(arg) for arg in formula.args)
            case Reduce():
                if isinstance(formula.rows, Related) and isinstance(formula.rows.of, Pick):
                    return False
                inside = (formula.body, formula.where, formula.weight)
                return all(self.is_structural(f) for f in inside if f is not None)
        return False

    def is_fixed(self, column: Column) -> bool:
        """Whether a column is structure that no formula needs to read: it is decided when the book is written."""
        return column.role == "structure" and all(isinstance(f, Literal) for f in column.formulas)

    def facts(self, formula: Formula) -> tuple[Formula, ...]:
        """The largest parts of a formula that are facts: truths about the structure, and counts of related rows.

        What stands inside an aggregate is left to the aggregate.
        """
        found = self._facts.get(id(formula))
        if found is None:
            listed: list[Formula] = []
            self._collect(formula, listed)
            found = self._facts[id(formula)] = (formula, tuple(listed))
        return found[1]

    def _collect(self, formula: Formula, found: list[Formula]) -> None:
        if self.is_fact(formula):
            found.append(formula)
        elif isinstance(formula, Apply):
            for arg in formula.args:
                self._collect(arg, found)
        elif isinstance(formula, Field) and isinstance(formula.row, Pick):
            self._collect(formula.row.formula, found)

    def is_fact(self, formula: Formula) -> bool:
        """Whether a formula is a truth about the structure, or a count of related rows."""
        if self.is_visible(formula):
            return False
        if isinstance(formula, Reduce):
            folded = formula.op in _FOLDED_REDUCTIONS and isinstance(formula.rows, Related)
            return folded and self.is_structural(formula)
        if not isinstance(formula, Apply) or formula.op not in _TRUTHS or not self.is_structural(formula):
            return False
        return any(isinstance(part, (Field, Reduce)) for part in walk(formula))

    def is_visible(self, formula: Formula) -> bool:
        """Whether the sheet shows what a formula rests on beside the row: its columns, and how many rows read it."""
        found = self._visible.get(id(formula))
        if found is None:
            found = self._visible[id(formula)] = (formula, self._is_visible(formula))
        return found[1]

    def _is_visible(self, formula: Formula) -> bool:
        match formula:
            case Literal():
                return True
            case Field():
                return isinstance(formula.row, Here) and self._has_numbers(formula.table)
            case Apply():
                return all(self.is_visible(arg) for arg in formula.args)
            case Reduce(rows=Related(relation="consumers", of=Here(), of_table=table)):
                plain = formula.op == "count" and formula.where is None and formula.weight is None
                return plain and self._has_numbers(table)
        return False

    def _has_numbers(self, table: str) -> bool:
        """Whether the relations of a table's rows stand on them as numbers."""
        found = self.sheet.tables[table]
        network = self.sheet.tables[found.parent] if found.parent is not None else found
        return inputs_of(network) > 0

    def depth(self, formula: Formula) -> int:
        """How many levels of operations a formula has."""
        found = self._depths.get(id(formula))
        if found is None:
            inside = max((self.depth(child) for child in children(formula)), default=-1)
            found = self._depths[id(formula)] = (formula, inside + 1)
        return found[1]

    # ---- what may have no value -------------------------------------------------------------------------------------

    def may_fail(self, formula: Formula) -> bool:
        """Whether a formula, or what it reads, may have no value for some inputs in their ranges."""
        found = self._fallible.get(id(formula))
        if found is None:
            self._fallible[id(formula)] = (formula, False)  # what comes back to itself adds nothing
            found = self._fallible[id(formula)] = (formula, self._may_fail(formula))
        return found[1]

    def _may_fail(self, formula: Formula) -> bool:
        match formula:
            case CellRef():
                return self.may_fail(self.sheet.cells[formula.cell].formula)
            case Field():
                column = self.sheet.tables[formula.table].columns[formula.column]
                if isinstance(formula.row, Pick) or any(self.may_fail(made) for made, _ in column.groups):
                    return True
            case Reduce() if formula.op not in ("sum", "count", "any", "all"):
                return True
            case Apply() if OPERATIONS[formula.op].partial and not self._has_a_value(formula):
                return True
        return any(self.may_fail(part) for part in children(formula))

    def _has_a_value(self, formula: Apply) -> bool:
        """Whether what an operation is given is surely such that it has a value."""
        if formula.op == "/":
            return self._positive(formula.args[1])
        if formula.op == "^":
            exponent = _number(formula.args[1])
            whole = exponent is not None and exponent.is_integer()
            return (whole and exponent >= 0) or self._positive(formula.args[0])  # type: ignore[operator]
        return self._positive(formula.args[0])

    def _positive(self, formula: Formula) -> bool:
        """Whether a number is above 0 for all inputs in their ranges."""
        match formula:
            case Literal():
                return not isinstance(formula.value, (bool, str)) and formula.value > 0
            case CellRef():
                cell = self.sheet.cells[formula.cell]
                if cell.bounds is not None and cell.bounds.low is not None:
                    return self._positive(cell.bounds.low)
                return formula.cell not in self.sheet.inputs and self._positive(cell.formula)
            case Apply() if formula.op in ("*", "/", "^", "sqrt", "min", "+"):
                return all(self._positive(arg) for arg in formula.args)
            case Apply() if formula.op == "max":
                return any(self._positive(arg) for arg in formula.args)
            case Apply() if formula.op == "exp":
                return True
        return False

    # ---- its value --------------------------------------------------------------------------------------------------

    def value(self, formula: Formula, table: str, here: int, bound: Bound) -> Value:
        """The value of a structural formula for a row; raises ArithmeticError where it has none."""
        match formula:
            case Literal():
                return formula.value
            case Field():
                column = self.sheet.tables[formula.table].columns[formula.column]
                literal = column.formulas[self.row(formula.row, table, here, bound)]
                assert isinstance(literal, Literal)
                return literal.value
            case Apply():
                return self._apply(formula, table, here, bound)
            case Reduce():
                return self._reduce(formula, table, here, bound)
        raise AssertionError(formula)

    def _apply(self, formula: Apply, table: str, here: int, bound: Bound) -> Value:
        first = self.value(formula.args[0], table, here, bound)
        if (formula.op == "and" and not first) or (formula.op == "or" and first):
            return first
        if formula.op == "if":
            return self.value(formula.args[1 if first else 2], table, here, bound)
        rest = [self.value(arg, table, here, bound) for arg in formula.args[1:]]
        return OPERATIONS[formula.op].number(first, *rest)

    def _reduce(self, formula: Reduce, table: str, here: int, bound: Bound) -> Value:
        chosen: list[tuple[int, Value, float]] = []
        for row in self.rows(formula.rows, table, here, bound):
            inner = {**bound, formula.var.name: row}
            if formula.where is None or self.value(formula.where, table, here, inner):
                body = self.value(formula.body, table, here, inner) if formula.body is not None else 1.0
                weight = self.value(formula.weight, table, here, inner) if formula.weight is not None else 1.0
                chosen.append((row, body, float(weight)))
        return AGGREGATES[formula.op].number(chosen)

    # ---- rows -------------------------------------------------------------------------------------------------------

    def row(self, row: RowRef, table: str, here: int, bound: Bound) -> int:
        match row:
            case Here():
                return here
            case At():
                return row.index
            case Slot():
                owner = self.sheet.tables[table]
                rows = self.sheet.tables[owner.parent].rows if owner.parent is not None else owner.rows
                return rows[here].slots[row.number][0]
            case Var():
                return bound[row.name]
        raise ArithmeticError("the row depends on values")

    def rows(self, rows: RowSet, table: str, here: int, bound: Bound) -> Sequence[int]:
        if isinstance(rows, Rows):
            return rows.indices
        return related_rows(self.sheet.tables, rows, self.row(rows.of, table, here, bound))


_TRUTHS = frozenset(name for name, known in OPERATIONS.items() if known.units in ("equal", "ordered", "truth"))


def conjuncts(condition: Formula | None) -> tuple[Formula, ...]:
    """The parts of a condition that are joined by `and`."""
    if condition is None:
        return ()
    if isinstance(condition, Apply) and condition.op == "and":
        return tuple(part for arg in condition.args for part in conjuncts(arg))
    return (condition,)


def conjunction(parts: Sequence[Formula]) -> Formula | None:
    """The conjunction of some conditions; None for none."""
    found = parts[0] if parts else None
    for part in parts[1:]:
        assert found is not None
        found = Apply(part.span, "and", (found, part))
    return found


def _number(formula: Formula) -> float | None:
    """The number that a formula is as it stands."""
    if isinstance(formula, Apply) and formula.op == "neg":
        inner = _number(formula.args[0])
        return -inner if inner is not None else None
    return formula.value if isinstance(formula, Literal) and isinstance(formula.value, float) else None


def has_fixed_exponent(formula: Apply) -> bool:
    """Whether a power has an exponent that is a number, and not 0."""
    return bool(_number(formula.args[1]))


def mentions(formula: Formula, test: type | tuple[type, ...]) -> bool:
    """Whether a formula speaks of a row in this way (`Here`, `Slot`), anywhere inside."""
    for part in walk(formula):
        if isinstance(part, Field) and isinstance(part.row, test):
            return True
        if isinstance(part, Reduce) and isinstance(part.rows, Related) and isinstance(part.rows.of, test):
            return True
    return False


def variables(formula: Formula) -> frozenset[str]:
    """The row variables that a formula uses and does not bind itself."""
    if isinstance(formula, Reduce):
        inside = (formula.body, formula.where, formula.weight)
        free = frozenset[str]().union(*(variables(f) for f in inside if f is not None)) - {formula.var.name}
        of = formula.rows.of if isinstance(formula.rows, Related) else None
        return free | _named(of)
    if isinstance(formula, Field):
        return _named(formula.row)
    return frozenset[str]().union(*(variables(child) for child in children(formula)))


def _named(row: RowRef | None) -> frozenset[str]:
    if isinstance(row, Var):
        return frozenset({row.name})
    return variables(row.formula) if isinstance(row, Pick) else frozenset()
