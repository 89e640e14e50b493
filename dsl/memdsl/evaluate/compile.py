"""Formulas as Python closures over one list of values: built once, run for every row and every point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..cancellation import checkpoint
from ..schedule import METHODS, found_in_row, found_in_rows, lacking_in_rows
from ..sheet.formula import (
    SEARCH,
    Apply,
    At,
    CellRef,
    Field,
    Formula,
    Found,
    Here,
    Literal,
    Pick,
    Reduce,
    Related,
    RowRef,
    Rows,
    RowSet,
    Slot,
    Unknown,
    Var,
)
from ..sheet.operations import AGGREGATES, OPERATIONS, NoRow, Undefined, Value
from ..sheet.rows import related_rows
from ..sheet.sheet import Row, Sheet, Table

Data = list[object]
Closure = Callable[[int], Value]
"""A formula for row `i` of its table (any number for a formula over cells)."""


class NothingFits(ArithmeticError):
    """No choice meets what is required. `row` of a network fits in no way, in `smallest` bytes alone."""

    def __init__(self, message: str, row: str = "", smallest: float = 0.0) -> None:
        super().__init__(message)
        self.row = row
        self.smallest = smallest


def part_of(formula: Found) -> int:
    """The place of what is wanted among the parts that a method finds."""
    return [*METHODS[formula.method].parts].index(formula.part)


def numbers(values: Iterable[Value | None]) -> tuple[float, ...]:
    """Values as numbers; a row that lacks one counts as 0. NaN is no number to search with."""
    found = tuple([0.0 if value is None else float(value) for value in values])
    if any(math.isnan(value) for value in found):
        raise Undefined("it is chosen by numbers that have no value")
    return found


def same_lists(known: Sequence[object], data: Data, slots: Sequence[int]) -> bool:
    """Whether these very lists stand in some slots: a column that is computed anew is another list."""
    return len(known) == len(slots) and all(one is data[slot] for one, slot in zip(known, slots, strict=True))


def there(value: float) -> float:
    """What was found; NaN says that nothing fits."""
    if math.isnan(value):
        raise NothingFits("nothing fits: the buffer is too small")
    return value


def _unknown(i: int) -> Value:
    raise Undefined("a fault keeps it from being known")


def _unsearched(i: int) -> Value:
    raise Undefined("a search is no part of a formula")


class Compiler:
    """Turns formulas into closures that read `data`; `slots` says where each cell and column lies in it.

    `guarded` closures refuse operands that are too large where the result would not show it.
    """

    guarded = True

    def __init__(self, sheet: Sheet, data: Data) -> None:
        self.sheet = sheet
        self.data = data
        self.cell_slots: dict[str, int] = {}
        self.column_slots: dict[tuple[str, str], int] = {}
        self.variables: dict[str, int] = {}
        self.used: set[int] = set()
        self.careful = False
        self.memo: dict[tuple[int, str, bool], tuple[Formula, Closure, frozenset[int]]] = {}
        for cell in sheet.cells:
            self.cell_slots[cell] = self._reserve()
        for table in sheet.tables.values():
            for column in table.columns:
                self.column_slots[table.id, column] = self._reserve()

    def _reserve(self) -> int:
        self.data.append(None)
        return len(self.data) - 1

    def closure(self, formula: Formula, table: str, careful: bool = False) -> tuple[Closure, frozenset[int]]:
        """The closure of a formula of a table (empty for cells), and the slots that it reads.

        A careful one raises Undefined where it asks for a value that there is not (NaN in `data`); any other is for
        points at which every slot that it reads has its values.
        """
        key = (id(formula), table, careful)
        found = self.memo.get(key)
        if found is None:
            outer, self.used, self.careful = (self.used, self.careful), set(), careful
            made = self._make(formula, table)
            found = (formula, made, frozenset(self.used))
            self.used, self.careful = outer
            self.memo[key] = found
        return found[1], found[2]

    # ---- nodes ------------------------------------------------------------------------------------------------------

    def _make(self, formula: Formula, table: str) -> Closure:
        match formula:
            case Literal():
                value = formula.value
                return lambda i: value
            case CellRef():
                slot = self.cell_slots[formula.cell]
                self.used.add(slot)
                return _known(self._cell(slot)) if self.careful else self._cell(slot)
            case Field():
                return _known(self._field(formula, table)) if self.careful else self._field(formula, table)
            case Apply():
                args = [self._make(a, table) for a in formula.args]
                if self.guarded and OPERATIONS[formula.op].swallows:
                    args = [_bounded(a) if may_overflow(f) else a for a, f in zip(args, formula.args, strict=True)]
                return self._apply(formula.op, args)
            case Reduce():
                return self._reduce(formula, table)
            case Found():
                return self._found(formula, table)
            case Unknown():
                return _unknown
        raise AssertionError(formula)

    def _cell(self, slot: int) -> Closure:
        data = self.data
        return lambda i: data[slot]  # type: ignore[return-value]

    def _found(self, formula: Found, table: str) -> Closure:
        """What a method finds; equal questions are asked once. A search is carried out by the machine."""
        given = [self._make(part, table) for part in formula.given]
        columns = [self.listed(column) for column in formula.listed]
        if formula.method == SEARCH:
            return _unsearched
        return self.asked(formula, given, columns)

    def listed(self, column: Reduce) -> int:
        """The slot of a column that a method reads as a whole."""
        assert isinstance(column.body, Field)
        slot = self.column_slots[column.body.table, column.body.column]
        self.used.add(slot)
        return slot

    def asked(self, formula: Found, given: Sequence[Closure], columns: Sequence[int]) -> Closure:
        """Asks a method with the numbers given and the columns in some slots: its part in a row."""
        number, data = part_of(formula), self.data
        inputs = self.inputs_of(formula)
        if not columns:
            return lambda i: there(self.answer(formula.method, (tuple([part(i) for part in given]),), inputs)[number])

        last: list[Any] = [(), [], None]  # every row asks the same: the numbers, the columns, and the answer

        def run(i: int) -> Value:
            numbers = tuple([part(i) for part in given])
            if last[0] != numbers or not same_lists(last[1], data, columns):
                lists: Any = [data[slot] for slot in columns]
                last[:] = [(), [], None]
                last[:] = [numbers, lists, self.answer(formula.method, (numbers, *lists), inputs)]
            found = last[2][number][i]
            if math.isnan(found):
                row, smallest = lacking_in_rows(*self.question((numbers, *last[1])), inputs)
                name = self.sheet.tables[formula.listed[0].rows.table].rows[row].name
                raise NothingFits("nothing fits: the buffer is too small", name, smallest)
            return found  # type: ignore[no-any-return]

        return run

    @staticmethod
    def answer(method: str, key: Sequence[Sequence[Value | None]], inputs: tuple[tuple[int, ...], ...]) -> Any:
        """All that a method finds, from the numbers given and the columns behind them."""
        given, listed = Compiler.question(key)
        return found_in_rows(given, listed, inputs) if listed else found_in_row(method, given)

    @staticmethod
    def question(
        key: Sequence[Sequence[Value | None]],
    ) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
        """The numbers given and the columns behind them, as a method reads them."""
        given, *listed = [numbers(values) for values in key]
        return given, tuple(listed)

    def inputs_of(self, formula: Found) -> tuple[tuple[int, ...], ...]:
        """The inputs of each row that a method reads, by position."""
        if not formula.listed:
            return ()
        table = self.sheet.tables[formula.listed[0].rows.table]
        network = self.sheet.tables[table.parent] if table.parent is not None else table
        return tuple(tuple(rows) for rows in network.relations["inputs"])

    def _field(self, formula: Field, table: str) -> Closure:
        slot = self.column_slots[formula.table, formula.column]
        self.used.add(slot)
        data = self.data
        match formula.row:
            case Here():
                return lambda i: data[slot][i]  # type: ignore[index]
            case At():
                index = formula.row.index
                return lambda i: data[slot][index]  # type: ignore[index]
        row = self.row(formula.row, table)
        return lambda i: data[slot][row(i)]  # type: ignore[index]

    def row(self, row: RowRef, table: str) -> Callable[[int], int]:
        """The position that a row reference means, for row `i`."""
        data = self.data
        match row:
            case Here():
                return lambda i: i
            case At():
                return lambda i: row.index
            case Slot():
                rows = self._rows_of(table)
                given = [r.slots[row.number][0] if len(r.slots) > row.number else -1 for r in rows]
                return given.__getitem__
            case Var():
                slot = self.variable(row.name)
                return lambda i: data[slot]  # type: ignore[return-value]
            case Pick():
                picked = self._make(row.formula, table)
                return lambda i: int(picked(i))

    def variable(self, name: str) -> int:
        if name not in self.variables:
            self.variables[name] = self._reserve()
        return self.variables[name]

    def _rows_of(self, table: str) -> Sequence[Row]:
        found = self.sheet.tables[table]
        return (self.sheet.tables[found.parent] if found.parent is not None else found).rows

    def _apply(self, op: str, args: list[Closure]) -> Closure:
        special = _FAST.get(op)
        if special is not None:
            return special(*args)
        operation = OPERATIONS[op].number
        if len(args) == 1:
            a = args[0]
            return lambda i: operation(a(i))
        if len(args) == 2:
            a, b = args
            return lambda i: operation(a(i), b(i))
        return lambda i: operation(*[arg(i) for arg in args])

    # ---- aggregates -------------------------------------------------------------------------------------------------

    def rows(self, rows: RowSet, table: str) -> Callable[[int], Sequence[int]]:
        """The positions of a row set, for row `i`."""
        if isinstance(rows, Rows):
            fixed = rows.indices
            return lambda i: fixed
        tables: Mapping[str, Table] = self.sheet.tables
        related: Related = rows
        if isinstance(related.of, Here):
            size = range(len(tables[related.of_table].rows))
            if not related.relation.startswith("slot"):
                listed = [related_rows(tables, related, i) for i in size]
                return listed.__getitem__
            return lambda i: related_rows(tables, related, i)
        of = self.row(related.of, table)
        return lambda i: related_rows(tables, related, of(i))

    def _reduce(self, formula: Reduce, table: str) -> Closure:
        op, data = formula.op, self.data
        body_formula = formula.body
        if (
            op in ("sum", "max", "min")
            and formula.where is None
            and formula.weight is None
            and isinstance(body_formula, Field)
            and body_formula.row == formula.var
            and not self.careful
        ):
            return self._plain(op, body_formula, formula.rows, table)
        variable = self.variable(formula.var.name)
        rows = self.rows(formula.rows, table)
        body = self._make(body_formula, table) if body_formula is not None else None
        if body is not None and op != "sum" and may_overflow(body_formula):
            body = _bounded(body)
        where = self._make(formula.where, table) if formula.where is not None else None
        weight = self._make(formula.weight, table) if formula.weight is not None else None
        finish = AGGREGATES[op].number

        def run(i: int) -> Value:
            checkpoint()  # aggregates inside others take the longest
            outer = data[variable]
            chosen: list[tuple[int, Value, float]] = []
            try:
                for row in rows(i):
                    data[variable] = row
                    if where is None or where(i):
                        value = body(i) if body is not None else 1.0
                        chosen.append((row, value, float(weight(i)) if weight is not None else 1.0))
                        if op == "first":
                            break
            finally:
                data[variable] = outer
            return finish(chosen)

        return run

    def _plain(self, op: str, body: Field, rows: RowSet, table: str) -> Closure:
        slot = self.column_slots[body.table, body.column]
        self.used.add(slot)
        data = self.data
        if isinstance(rows, Rows):
            indices = rows.indices
            if not indices:
                return (lambda i: 0.0) if op == "sum" else _none
            low, high = indices[0], indices[-1] + 1
            operation = _PLAIN[op]
            if high - low == len(indices):
                return lambda i: operation(data[slot][low:high])  # type: ignore[index]
            return lambda i: operation([data[slot][r] for r in indices])  # type: ignore[index]
        of = self.rows(rows, table)
        if op == "sum":
            return lambda i: float(sum([data[slot][r] for r in of(i)]))  # type: ignore[index]
        extreme = _PLAIN[op]

        def run(i: int) -> Value:
            values = [data[slot][r] for r in of(i)]  # type: ignore[index]
            return extreme(values) if values else _none(i)

        return run


_PLAIN: dict[str, Callable[[list[Value]], Value]] = {
    "sum": lambda values: float(sum(map(float, values))),
    "max": lambda values: max(values),
    "min": lambda values: min(values),
}


def _known(read: Closure) -> Closure:
    """A value that is read, which has to be one."""

    def run(i: int) -> Value:
        value = read(i)
        if value != value:
            raise Undefined("a value that it rests on is undefined")
        return value

    return run


def _bounded(part: Closure) -> Closure:
    """A number that is computed on the way to one that would not show that it is too large."""

    def run(i: int) -> Value:
        value = part(i)
        if value - value != 0:  # type: ignore[operator]
            raise OverflowError("too large")
        return value

    return run


_GROWING = ("+", "-", "*", "/")


def may_overflow(formula: Formula | None) -> bool:
    """Whether a formula may come to what is too large to be a number, and not say so itself."""
    if isinstance(formula, Reduce):
        return formula.op in ("sum", "mean") and not (isinstance(formula.body, Literal) or formula.body is None)
    if not isinstance(formula, Apply):
        return False
    if formula.op in _GROWING:
        return True
    return formula.op in ("neg", "abs", "if") and any(may_overflow(arg) for arg in formula.args)


def _none(i: int) -> Value:
    raise NoRow("there is no row to choose from")


def _divided(a: Closure, b: Closure) -> Closure:
    def run(i: int) -> Value:
        divisor = b(i)
        if divisor == 0:
            raise ZeroDivisionError("division by zero")
        return a(i) / divisor  # type: ignore[operator]

    return run


# Operations that ask only some of their operands, and those that make up most formulas, without a call of their own.
_FAST: dict[str, Callable[..., Closure]] = {
    "and": lambda a, b: lambda i: a(i) and b(i),
    "or": lambda a, b: lambda i: a(i) or b(i),
    "if": lambda c, a, b: lambda i: a(i) if c(i) else b(i),
    "+": lambda a, b: lambda i: a(i) + b(i),
    "-": lambda a, b: lambda i: a(i) - b(i),
    "*": lambda a, b: lambda i: a(i) * b(i),
    "/": _divided,
    "==": lambda a, b: lambda i: a(i) == b(i),
    "<=": lambda a, b: lambda i: a(i) <= b(i),
    ">=": lambda a, b: lambda i: a(i) >= b(i),
}
