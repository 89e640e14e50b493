"""The types of cells and columns, found in the order of evaluation, and the faults of formulas that have none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from fractions import Fraction

from ..diagnostics import Note, Problems, Span
from ..sheet.formula import Apply, CellRef, Field, Formula, Here, Literal, Reduce, children, is_share, walk
from ..sheet.keys import InputKey
from ..sheet.rows import possible_row_set, possible_rows
from ..sheet.sheet import (
    Circuit,
    Column,
    ColumnNode,
    Distribution,
    Input,
    Quantity,
    Row,
    RowOf,
    Sheet,
    Text,
    Truth,
    Type,
    TypedSheet,
)
from ..units import NONE, Dimension, Unit, base_unit, describe, divide, multiply, power
from .report import check_report
from .words import ANY, COUNT, say


def check(sheet: Sheet, settings: tuple[tuple[InputKey, Formula], ...], problems: Problems) -> TypedSheet:
    """The typed sheet. Faults go to `problems`; what could not be typed may be any quantity."""
    checker = Checker(sheet, problems)
    checker.run()
    for key, formula in settings:
        checker.setting(key, formula)
    return TypedSheet(sheet, checker.cells, checker.columns, checker.type_of)


_VERBS = {"+": "added to", "-": "subtracted from"}
_SIGNS = ("+", "-", "==", "!=", "<", "<=", ">", ">=")


class Checker:
    def __init__(self, sheet: Sheet, problems: Problems) -> None:
        self.sheet = sheet
        self.problems = problems
        self.cells: dict[str, Type] = {}
        self.columns: dict[tuple[str, str], Type] = {}
        self.known: dict[int, tuple[Formula, Type]] = {}
        self.place: tuple[Note, ...] = ()
        self.partial = {
            (table.id, column.name)
            for table in sheet.tables.values()
            for column in table.columns.values()
            if None in column.formulas
        }

    def run(self) -> None:
        for step in self.sheet.order:
            if isinstance(step, str):
                self._cell(step)
            elif isinstance(step, ColumnNode):
                self._column(self.sheet.tables[step.table].columns[step.column])
            else:
                self._circuit(step)
        self._structure_formulas()
        for check in self.sheet.checks:
            self.place = self._owned(check.owner)
            self.expect(check.condition, Truth(), "a requirement is a condition, which is true or false")
        self.place = ()
        self._claims()
        for item in self.sheet.inputs.values():
            if item.distribution is not None:
                self._distribution(item, item.distribution)
        for scenario in self.sheet.scenarios.values():
            for key, formula in scenario.settings:
                self.setting(key, formula)
        for query in self.sheet.queries:
            self.type_of(query.formula)
        check_report(self)
        if self.partial:
            self._entries()

    def _structure_formulas(self) -> None:
        """What decided the structure was computed while it was built; its units are checked all the same."""
        self.place = ()
        for condition in self.sheet.conditions:
            self.expect(condition, Truth(), "a condition is true or false")
        for count in self.sheet.counts:
            self._count(count)

    def _count(self, count: Formula) -> None:
        kind = self.type_of(count)
        if isinstance(kind, Quantity) and kind not in (ANY, COUNT):
            message = f"a block is repeated a plain number of times, and this is {say(kind)}"
            self._error("unit-mismatch", message, count.span)
            self.known[id(count)] = (count, ANY)

    # ---- cells and columns ------------------------------------------------------------------------------------------

    def _cell(self, cell_id: str) -> None:
        cell = self.sheet.cells[cell_id]
        self.place = self._owned(cell.owner)
        kind = self.type_of(cell.formula)
        if cell.like is not None:
            kind = self.same(self.type_of(cell.like), cell.formula, f"`{cell.id}`")
        if cell.shown is not None:
            kind = self.shown(kind, cell.shown, _unit_place(cell.span, cell.shown))
        self.cells[cell_id] = kind
        if cell.bounds is not None:
            for bound in (cell.bounds.low, cell.bounds.high, cell.bounds.multiple, *cell.bounds.one_of):
                if bound is not None:
                    self.same(kind, bound, f"the range of `{cell.id}`")

    def shown(self, kind: Type, unit: Unit, span: Span) -> Type:
        if kind == ANY:
            return Quantity(unit.dimension)
        if not isinstance(kind, Quantity) or kind.dimension != unit.dimension:
            self._error(
                "unit-mismatch",
                f"this is {say(kind)}, which cannot be shown in `{unit.text}` ({describe(unit.dimension)})",
                span,
            )
        return kind

    def _column(self, column: Column) -> Type:
        key = (column.table, column.name)
        rows = self.sheet.tables[column.table].rows
        first_rows: dict[int, tuple[Formula, int]] = {}
        for row, formula in enumerate(column.formulas):
            if formula is not None:
                first_rows.setdefault(id(formula), (formula, row))
        kind: Type = COUNT if column.role == "axis" else self.columns.get(key, ANY)
        reference: Formula | None = None
        known: list[tuple[Formula, int, Type]] = []
        for formula, row in first_rows.values():
            self.place = self._made_here(rows[row])
            if column.name == "copies" and column.role == "structure":
                self._count(formula)
            known.append((formula, row, self.type_of(formula)))
        if kind == ANY and any(found != ANY for _, _, found in known):
            kind, reference = self._column_type(column, known)
        for formula, row, found in known:
            if found in (ANY, kind):
                continue
            self.place = self._made_here(rows[row])
            if column.role == "axis":
                self._error("unit-mismatch", f"a size is a plain number, and this is {say(found)}", formula.span)
                continue
            notes = (Note(f"{say(kind)} here", reference.span),) if reference is not None else ()
            message = f"column `{column.name}` is {say(kind)} in some rows and {say(found)} in others"
            self._error("unit-mismatch", message, formula.span, "one column has one unit", notes)
        if column.shown is not None:
            kind = self.shown(kind, column.shown, _unit_place(column.span, column.shown))
        self.columns[key] = kind
        return kind

    def _column_type(self, column: Column, known: list[tuple[Formula, int, Type]]) -> tuple[Type, Formula]:
        """The type of most rows, and a formula that has it; what the author's own text says counts less."""
        typed = [(formula, found) for formula, _, found in known if found != ANY]
        if all(found == typed[0][1] for _, found in typed):
            return typed[0][1], typed[0][0]
        counts = Counter(id(formula) for formula in column.formulas)
        weights: dict[Type, tuple[int, int]] = {}
        for formula, found in typed:
            elsewhere, rows = weights.get(found, (0, 0))
            foreign = formula.span.source is not self.sheet.source
            weights[found] = (max(elsewhere, foreign), rows + counts[id(formula)])
        kind = max(weights, key=lambda found: weights[found])
        return kind, next(formula for formula, found in typed if found == kind)

    def _owned(self, owner: str) -> tuple[Note, ...]:
        instance = self.sheet.instances.get(owner)
        return (Note(f"in `{owner}`, made here", instance.span),) if instance is not None else ()

    def _made_here(self, row: Row) -> tuple[Note, ...]:
        return (Note(f"for row `{row.name}`, made here", row.span),)

    def _error(self, code: str, message: str, span: Span, hint: str = "", notes: tuple[Note, ...] = ()) -> None:
        """Reports a fault; one in the library or in a used file says where in the author's text it comes from."""
        if span.source is not self.sheet.source:
            notes = (*notes, *(note for note in self.place if note.span != span))
        self.problems.error(code, message, span, hint, notes)

    def _circuit(self, circuit: Circuit) -> None:
        """Columns that feed each other: first what can be told without the circle, then the check of all."""
        names = dict.fromkeys(e if isinstance(e, str) else (e.table, e.column) for e in circuit.entries)
        quiet, self.problems = self.problems, Problems()
        before: list[Type] = []
        while (now := [self._again(name) for name in names]) != before:
            before = now
        self.problems = quiet
        for name in names:
            self._again(name)

    def _again(self, name: str | tuple[str, str]) -> Type:
        self.known.clear()
        if isinstance(name, str):
            self._cell(name)
            return self.cells[name]
        return self._column(self.sheet.tables[name[0]].columns[name[1]])

    # ---- formulas ---------------------------------------------------------------------------------------------------

    def type_of(self, formula: Formula) -> Type:
        """The type of a formula; a fault is reported once and makes it any quantity."""
        found = self.known.get(id(formula))
        if found is None:
            found = (formula, self._type(formula))
            self.known[id(formula)] = found
        return found[1]

    def _type(self, formula: Formula) -> Type:
        match formula:
            case Literal():
                if isinstance(formula.value, bool):
                    return Truth()
                return Text() if isinstance(formula.value, str) else Quantity(formula.dimension)
            case CellRef():
                return self.cells.get(formula.cell, ANY)
            case Field():
                for child in children(formula):
                    self.type_of(child)
                return self._field(formula)
            case Apply():
                return self._apply(formula)
            case Reduce():
                return self._reduce(formula)
        raise AssertionError(formula)

    def _field(self, formula: Field) -> Type:
        table = self.sheet.tables.get(formula.table)
        if table is None or formula.column not in table.columns:
            known = [] if table is None else list(table.columns)
            message = f"`{formula.table}` has no column `{formula.column}`"
            self._error("unknown-column", message, formula.span, _near(formula.column, known))
            return ANY
        return self.columns.get((formula.table, formula.column), ANY)

    def _apply(self, formula: Apply) -> Type:
        op, args = formula.op, formula.args
        if op == "if":
            return self._if(formula)
        if op in ("and", "or", "not"):
            for arg in args:
                self.expect(arg, Truth(), "`not` needs a condition" if op == "not" else f"`{op}` joins conditions")
            return Truth()
        if op in ("==", "!="):
            self._alike(formula)
            return Truth()
        numbers = all(isinstance(self.type_of(arg), Quantity) for arg in args)
        kinds = [self.number(arg, "-" if op == "neg" else op) for arg in args]
        if op in ("<", "<=", ">", ">="):
            if numbers:
                self._alike(formula)
            return Truth()
        if op in ("+", "-", "min", "max", "clamp"):
            return self._alike(formula) if numbers else ANY
        dimensions = [k.dimension for k in kinds]
        if None in dimensions:
            return ANY
        known = [d for d in dimensions if d is not None]
        if op == "*":
            return Quantity(multiply(known[0], known[1]))
        if op == "/":
            return Quantity(divide(known[0], known[1]))
        if op == "^":
            return self._power(formula, known)
        if op == "sqrt":
            return Quantity(power(known[0], Fraction(1, 2)))
        if op in ("floor", "ceil", "round", "log2", "exp") and known[0] != NONE:
            unit = base_unit(known[0])
            back = f" * 1 {unit}" if op in ("floor", "ceil", "round") else ""
            message = f"`{op}` needs a plain number, and this is {describe(known[0])}"
            self._error("unit-mismatch", message, args[0].span, f"say in which unit: `{op}(… / 1 {unit}){back}`")
            return ANY
        return kinds[0]

    def _power(self, formula: Apply, known: list[Dimension]) -> Type:
        base, exponent = formula.args
        if known[1] != NONE:
            message = f"an exponent is a plain number, and this is {describe(known[1])}"
            self._error("unit-mismatch", message, exponent.span)
            return ANY
        if known[0] == NONE:
            return COUNT
        number = exponent
        sign = 1
        if isinstance(number, Apply) and number.op == "neg":
            number, sign = number.args[0], -1
        if isinstance(number, Literal) and isinstance(number.value, float) and abs(number.value) <= 9:
            return Quantity(power(known[0], Fraction(number.value).limit_denominator(12) * sign))
        message = f"only a plain number can be raised to a computed power, and this is {describe(known[0])}"
        self._error("unit-mismatch", message, base.span)
        return ANY

    def _if(self, formula: Apply) -> Type:
        test, yes, no = formula.args
        self.expect(test, Truth(), "`if` needs a condition, which is true or false")
        first, second = self.type_of(yes), self.type_of(no)
        if first == ANY or second == ANY:
            return first if second == ANY else second
        if first != second:
            self._mismatch(f"one branch of `if` is {say(first)}, and the other {say(second)}", no.span, yes, no)
            return ANY
        return first

    def _reduce(self, formula: Reduce) -> Type:
        if formula.where is not None:
            self.expect(formula.where, Truth(), "`where` needs a condition, which is true or false")
        if formula.op in ("first", "argmax"):
            if formula.body is not None:
                self.number(formula.body, formula.op)
            return RowOf(formula.rows.table)
        if formula.op == "count":
            return COUNT
        assert formula.body is not None
        if formula.op in ("any", "all"):
            self.expect(formula.body, Truth(), f"`{formula.op}` needs a condition for each row")
            return Truth()
        return self.number(formula.body, formula.op)

    def number(self, formula: Formula, op: str) -> Quantity:
        kind = self.type_of(formula)
        if isinstance(kind, Quantity):
            return kind
        self._error("wrong-type", f"`{op}` needs a number, and this is {say(kind)}", formula.span)
        return ANY

    def _alike(self, formula: Apply) -> Type:
        """All operands have one type; the first pair that differs is reported at the operator."""
        first = formula.args[0]
        kind = self.type_of(first)
        for arg in formula.args[1:]:
            found = self.type_of(arg)
            if kind == ANY:
                kind, first = found, arg
            elif found not in (ANY, kind):
                verb = _VERBS.get(formula.op, "compared with")
                a, b = (arg, first) if formula.op in ("+", "-") else (first, arg)
                message = f"{say(self.type_of(a))} cannot be {verb} {say(self.type_of(b))}"
                self._mismatch(message, _operator(formula, first, arg), first, arg)
                return ANY
        return kind

    def _mismatch(self, message: str, span: Span, first: Formula, second: Formula) -> None:
        hint = ""
        for one, other in ((first, second), (second, first)):
            kind = self.type_of(other)
            if isinstance(one, Literal) and self.type_of(one) == COUNT and isinstance(kind, Quantity):
                assert kind.dimension is not None
                hint = f"give the number a unit: `{one.text} {base_unit(kind.dimension)}`"
            elif isinstance(self.type_of(one), RowOf) and isinstance(kind, Text):
                hint = "compare the row's name: `….name`"
        notes = tuple(Note(f"this is {say(self.type_of(f))}", f.span) for f in (first, second))
        self._error("unit-mismatch", message, span, hint, notes)

    def expect(self, formula: Formula, wanted: Type, why: str) -> None:
        kind = self.type_of(formula)
        if kind != wanted and not (kind == ANY and not (isinstance(formula, Literal) and formula.text != "?")):
            self._error("wrong-type", f"{why}, and this is {say(kind)}", formula.span)

    def same(self, kind: Type, formula: Formula, what: str) -> Type:
        """Reports a formula that has not the type it must have; gives the type to go on with."""
        found = self.type_of(formula)
        if found != kind and ANY not in (found, kind):
            hint = ""
            if found == COUNT and isinstance(kind, Quantity) and isinstance(formula, Literal):
                assert kind.dimension is not None
                hint = f"give the number a unit: `{formula.text} {base_unit(kind.dimension)}`"
            self._error("unit-mismatch", f"{what} is {say(kind)}, and this is {say(found)}", formula.span, hint)
        return found if kind == ANY else kind

    # ---- claims, settings, the report -------------------------------------------------------------------------------

    def setting(self, key: InputKey, formula: Formula) -> None:
        """A value that an input is set to."""
        if isinstance(key, str):
            self.same(self.cells.get(key, ANY), formula, f"`{key}`")
        else:
            self.same(self.columns.get((key.table, key.column), ANY), formula, f"`{key.column}`")

    def _distribution(self, item: Input, said: Distribution) -> None:
        key = item.key
        kind = self.cells.get(key, ANY) if isinstance(key, str) else self.columns.get((key.table, key.column), ANY)
        if kind != ANY and not isinstance(kind, Quantity):
            message = f"`{item.path}` is {say(kind)}, and only a number has an uncertainty"
            self.problems.error("wrong-type", message, said.span)
            return
        widths = [said.spread] if said.spread is not None else []
        if said.kind == "normal":
            widths += said.arguments
        for width in widths:
            if self.type_of(width) not in (kind, ANY) and not is_share(width):
                message = f"an uncertainty is a share (`20%`) or {say(kind)}, and this is {say(self.type_of(width))}"
                self.problems.error("unit-mismatch", message, width.span)
        if said.kind in ("uniform", "one of"):
            for end in said.arguments:
                self.same(kind, end, f"`{item.path}`")
        elif said.kind == "lognormal":
            self.same(COUNT, said.arguments[0], "the factor of `lognormal`")

    def _claims(self) -> None:
        for claim in self.sheet.claims:
            kind = self.type_of(claim.left)
            for side in (claim.right, claim.high):
                if side is not None:
                    self.same(kind, side, f"`{claim.text}`")
            if claim.within is not None and self.type_of(claim.within) not in (COUNT, kind, ANY):
                self.problems.error(
                    "unit-mismatch",
                    f"a tolerance is a share (`1%`) or {say(kind)}, and this is {say(self.type_of(claim.within))}",
                    claim.within.span,
                )
            for key, formula in claim.at:
                self.setting(key, formula)

    # ---- entries that are not there ---------------------------------------------------------------------------------

    def _entries(self) -> None:
        """A formula may use a column only in rows that have it."""
        for formula in [cell.formula for cell in self.sheet.cells.values()] + [
            query.formula for query in self.sheet.queries if query.rows is None
        ]:
            if self._uses_partial(formula):
                self._entry(formula, ("", -1), {})
        for item in self.sheet.checks:
            if self._uses_partial(item.condition):
                for row in item.rows:
                    self._entry(item.condition, (item.table or "", row), {})
        doubtful: dict[int, Container[int]] = {}
        for table in self.sheet.tables.values():
            every = range(len(table.rows))
            for column in table.columns.values():
                for row, entry in enumerate(column.formulas):
                    if entry is None or type(entry) is Literal:
                        continue
                    if id(entry) not in doubtful:
                        doubtful[id(entry)] = self._doubtful(entry, every)
                    if row in doubtful[id(entry)]:
                        self._entry(entry, (table.id, row), {})

    def _doubtful(self, formula: Formula, every: range) -> Container[int]:
        """The rows in which a formula may miss an entry: told at once where it uses columns of its own row only."""
        uses = [part for part in walk(formula) if isinstance(part, Field) and (part.table, part.column) in self.partial]
        if any(not isinstance(use.row, Here) for use in uses):
            return every
        columns = [self.sheet.tables[use.table].columns[use.column] for use in uses]
        return {row for column in columns for row, entry in enumerate(column.formulas) if entry is None}

    def _uses_partial(self, formula: Formula) -> bool:
        if isinstance(formula, Field) and (formula.table, formula.column) in self.partial:
            return True
        return any(self._uses_partial(child) for child in children(formula))

    def _entry(self, formula: Formula, here: tuple[str, int], bound: dict[str, tuple[int, ...]]) -> None:
        tables = self.sheet.tables
        if isinstance(formula, Field) and (formula.table, formula.column) in self.partial:
            column = tables[formula.table].columns[formula.column]
            for row in possible_rows(tables, formula.row, formula.table, here, bound):
                if column.formulas[row] is None:
                    found = tables[formula.table].rows[row]
                    message = f"row `{found.name}` of `{formula.table}` has no `{formula.column}`"
                    hint = f'give it a default, or leave such rows out with `where`: `… where kind != "{found.kind}"`'
                    if tables[formula.table].role == "literal":
                        hint = f'fill it in, or leave the row out with `where`: `… where name != "{found.name}"`'
                    notes = (Note("the row is made here", found.span),)
                    self.problems.error("missing-entry", message, formula.span, hint, notes)
                    return
        if isinstance(formula, Reduce):
            rows = possible_row_set(tables, formula.rows, here, bound)
            if formula.where is not None:
                rows = self._chosen(formula.where, formula, rows, here, bound)
            bound = {**bound, formula.var.name: rows}
            for child in (formula.body, formula.weight):
                if child is not None:
                    self._entry(child, here, bound)
            return
        for child in children(formula):
            self._entry(child, here, bound)

    def _chosen(
        self,
        condition: Formula,
        reduce: Reduce,
        rows: tuple[int, ...],
        here: tuple[str, int],
        bound: dict[str, tuple[int, ...]],
    ) -> tuple[int, ...]:
        """Rows that a condition on names, kinds and classes leaves in; other conditions may let every row in.

        What stands behind an `and` is asked only of the rows that what stands before it leaves in.
        """
        if isinstance(condition, Apply) and condition.op == "and":
            for part in condition.args:
                rows = self._chosen(part, reduce, rows, here, bound)
            return rows
        self._entry(condition, here, {**bound, reduce.var.name: rows})
        return tuple(row for row in rows if self._structure(condition, reduce, row, here) is not False)

    def _structure(
        self, condition: Formula, reduce: Reduce, row: int, here: tuple[str, int]
    ) -> bool | str | float | None:
        """The value of a condition on structure in a row, None when it rests on numbers."""
        match condition:
            case Literal():
                return condition.value
            case Field() if condition.row == reduce.var:
                column = self.sheet.tables[condition.table].columns[condition.column]
                formula = column.formulas[row]
                if column.role == "structure" and isinstance(formula, Literal):
                    return formula.value
                return None
            case Apply(op="and"):
                values = [self._structure(a, reduce, row, here) for a in condition.args]
                return False if False in values else None if None in values else True
            case Apply(op="or"):
                values = [self._structure(a, reduce, row, here) for a in condition.args]
                return True if True in values else None if None in values else False
            case Apply(op="==" | "!="):
                one, other = (self._structure(a, reduce, row, here) for a in condition.args)
                if one is None or other is None:
                    return None
                return (one == other) == (condition.op == "==")
            case Apply(op="not"):
                value = self._structure(condition.args[0], reduce, row, here)
                return None if value is None else not value
        return None


def _operator(formula: Apply, first: Formula, second: Formula) -> Span:
    """The place of a sign between two operands; of a call, the operand that differs; else the whole."""
    if formula.op not in _SIGNS:
        return second.span
    one, other, whole = first.span, second.span, formula.span
    if one.source is whole.source is other.source and whole.start <= one.start <= one.end <= other.start <= whole.end:
        at = whole.source.text.find(formula.op, one.end, other.start)
        if at >= 0:
            return Span(whole.source, at, at + len(formula.op))
    return whole


def _unit_place(name: Span, unit: Unit) -> Span:
    """The place of a display unit on the line of the name that it belongs to; else the name."""
    text = name.source.text
    end = text.find("\n", name.end)
    written = re.compile(rf"\bin[ \t]+({re.escape(unit.text)})(?![\w/^*])")
    found = written.search(text, name.start, len(text) if end < 0 else end)
    return name if found is None else Span(name.source, *found.span(1))


def _near(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else ""
