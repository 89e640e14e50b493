"""From the formulas of the typed sheet to the normal form, in chosen inputs, the others at their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..evaluate import Values
from ..sheet.formula import (
    UNLIMITED,
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
    RowRef,
    Rows,
    RowSet,
    Slot,
)
from ..sheet.input_keys import Entry, InputKey
from ..sheet.operations import Value
from ..sheet.rows import related_rows
from ..sheet.sheet import Circuit, RowOf, Table, TypedSheet
from ..sheet.uses import NOWHERE, Place, place_of
from .aggregates import Aggregates
from .errors import SymbolicError
from .forms import NO_ROW, Choice, Form, Met, Truth
from .functions import apply, compared
from .needs import Needs
from .searched import WHY
from .space import Space
from .terms import ALWAYS, NEVER, ONE, Poly, add, exact, negative, number

_NOISE = 15
"""A value that prints in fewer characters was written as a decimal; a longer one is computed again exactly."""
_DEEPEST = 100
_LONGEST = 64
"""Terms of a recurring column beyond which it is a cut."""
_SAME = 1e-9


Bound = dict[str, int]


@dataclass(eq=False)
class Expander:
    """Computes the nodes below a formula, once each. `chosen` are the symbols' bits among the needs."""

    typed: TypedSheet
    values: Values
    needs: Needs
    space: Space
    symbols: Mapping[InputKey, Poly]
    chosen: int

    def __post_init__(self) -> None:
        self.tables: Mapping[str, Table] = self.typed.sheet.tables
        self.forms: dict[InputKey, Form] = {}
        self.aggregates = Aggregates(self.space)
        self.symbol_atoms = frozenset(atom for symbol in self.symbols.values() for atom in symbol.atoms)
        self.constants: dict[tuple[type, Value], Form] = {}
        self.depth = 0
        self.recurring: set[tuple[str, str]] = set()
        for step in self.typed.sheet.order:
            if isinstance(step, Circuit):
                entries = (entry for entry in step.entries if not isinstance(entry, str))
                self.recurring.update((entry.table, entry.column) for entry in entries)

    def expand(self, formula: Formula, here: Place = NOWHERE) -> Form:
        """The normal form of a formula over cells, or of a row."""
        for node in self.needs.order(formula, self.chosen, here):
            self._unless_no_row(lambda node=node: self.node(node))  # type: ignore[misc]
        return self.form(formula, here, {})

    @staticmethod
    def _unless_no_row(made: Callable[[], Form]) -> Form | None:
        """A form that may not be needed; None where it chooses among no rows."""
        try:
            return made()
        except SymbolicError as error:
            if error.code != "no-row":
                raise
            return None

    # ---- nodes ------------------------------------------------------------------------------------------------------

    def node(self, node: InputKey) -> Form:
        found = self.forms.get(node)
        if found is None:
            found = self.forms[node] = self._node(node)
        return found

    def _node(self, node: InputKey) -> Form:
        symbol = self.symbols.get(node)
        if symbol is not None:
            return symbol
        if node not in self.needs.below:
            self.needs.visit(node)
        if not self.needs.below[node] & self.chosen:
            return self._fixed(node)
        formula = self.needs.formula_of(node)
        assert formula is not None
        if isinstance(node, str):
            return self.form(formula, NOWHERE, {})
        table, column, row = node
        here = (table, row)
        space, outer, touched = self.space, self.space.place, self.space.touched
        space.place = (here,)
        try:
            form = self.form(formula, here, {})
            grows = space.touched > touched or (isinstance(form, Poly) and len(form.terms) > _LONGEST)
            if grows and isinstance(form, Poly) and (table, column) in self.recurring and self._opaque(form):
                name = f"{column}[{self.tables[table].rows[row].name}]"
                return space.cut((name, f"{table}.{name}"), form)
        finally:
            space.place = outer
        return form

    def _opaque(self, form: Poly) -> bool:
        """Whether a form is more than a polynomial of the inputs."""
        return bool(form.guards) or not form.atoms <= self.symbol_atoms

    def _fixed(self, node: InputKey) -> Form:
        """The value of a node that none of the chosen inputs reaches: exact where its formula is."""
        value = self.value(node)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return self.constant(value)
        if not isinstance(node, str) and isinstance(self.typed.column_types.get((node.table, node.column)), RowOf):
            return Choice(((ALWAYS, int(value)),))
        rough = self.constant(value)
        formula = self.needs.formula_of(node)
        if len(repr(value)) < _NOISE or isinstance(formula, Literal) or node in self.values.overrides:
            return rough
        if formula is None or self.depth > _DEEPEST or not math.isfinite(value):
            return rough
        self.depth += 1
        try:
            form = self.form(formula, place_of(node), {})
        finally:
            self.depth -= 1
        if isinstance(form, Poly) and form.constant is not None and math.isclose(form.constant, value, rel_tol=_SAME):
            return form
        return rough

    def value(self, node: InputKey) -> Value:
        if isinstance(node, str):
            return self.values.cell(node)
        value = self.values.column(node.table, node.column)[node.row]
        if value is None:
            name = self.tables[node.table].rows[node.row].name
            raise SymbolicError("no-value", f"row `{name}` has no `{node.column}`")
        return value

    def constant(self, value: Value) -> Form:
        found = self.constants.get((type(value), value))
        if found is None:
            found = self.constants[type(value), value] = self._constant(value)
        return found

    def _constant(self, value: Value) -> Form:
        if isinstance(value, bool):
            return Truth(ALWAYS if value else NEVER)
        if isinstance(value, str):
            return Choice(((ALWAYS, value),))
        if math.isnan(value):
            return self.space.undefined()
        if abs(value) >= UNLIMITED / 10:
            return self.space.unlimited() if value > 0 else negative(self.space.unlimited())
        return number(exact(value))

    # ---- formulas ---------------------------------------------------------------------------------------------------

    def number(self, formula: Formula, here: tuple[str, int], bound: Bound) -> Poly:
        form = self.form(formula, here, bound)
        if isinstance(form, Poly):
            return form
        if isinstance(form, Choice):
            return add(self.space.under(number(int(row)), condition) for condition, row in form.cases)
        raise SymbolicError("not-a-number", "a condition stands where a number is needed")

    def condition(self, formula: Formula, here: tuple[str, int], bound: Bound) -> int:
        form = self.form(formula, here, bound)
        if isinstance(form, Poly):  # a truth without a value is kept as what has none
            return self.space.compare(">", form)
        assert isinstance(form, Truth)
        return form.condition

    def form(self, formula: Formula, here: tuple[str, int], bound: Bound) -> Form:
        self.space.work += 1
        match formula:
            case Literal():
                return self.constant(formula.value)
            case CellRef():
                return self.node(formula.cell)
            case Field():
                return self.field(formula, here, bound)
            case Apply():
                return self.apply(formula, here, bound)
            case Reduce():
                return self.reduce(formula, here, bound)
            case Found():
                raise SymbolicError("found", WHY)
        raise AssertionError(formula)

    def field(self, formula: Field, here: tuple[str, int], bound: Bound) -> Form:
        if isinstance(formula.row, Here):
            return self.node(Entry(formula.table, formula.column, here[1]))
        cases = self.row(formula.row, here, bound)
        if len(cases) == 1 and cases[0][0] == ALWAYS:
            return self.node(Entry(formula.table, formula.column, cases[0][1]))
        forms = []
        for condition, row in cases:
            if row != NO_ROW:
                forms.append((condition, self.node(Entry(formula.table, formula.column, row))))
        missing = next((condition for condition, row in cases if row == NO_ROW), NEVER)
        return self.cases(forms, missing)

    def cases(self, forms: Sequence[tuple[int, Form]], missing: int = NEVER) -> Form:
        """One form under each of several conditions; under `missing` there is none."""
        first = forms[0][1]
        if isinstance(first, Poly):
            parts = [self.space.under(form, c) for c, form in forms if isinstance(form, Poly)]
            if missing != NEVER:
                parts.append(self.space.under(self.space.undefined(), missing))
            return self.space.settled(self.space.add(parts))
        if isinstance(first, Truth):
            return Truth(self.space.any_of([self.space.both(c, f.condition) for c, f in forms if isinstance(f, Truth)]))
        by_value: dict[str | int, int] = {}
        for condition, form in forms:
            if isinstance(form, Choice):
                for inner, value in form.cases:
                    both = self.space.both(condition, inner)
                    by_value[value] = self.space.either(by_value.get(value, NEVER), both)
        return Choice(tuple((condition, value) for value, condition in by_value.items() if condition != NEVER))

    def row(self, row: RowRef, here: tuple[str, int], bound: Bound) -> tuple[tuple[int, int], ...]:
        """The rows that a reference means, each with the condition under which it does."""
        match row:
            case Here():
                return ((ALWAYS, here[1]),)
            case At():
                return ((ALWAYS, row.index),)
            case Slot():
                rows = self.tables[self.tables[here[0]].parent or here[0]].rows
                return ((ALWAYS, rows[here[1]].slots[row.number][0]),)
            case Pick():
                form = self.form(row.formula, here, bound)
                if isinstance(form, Choice):
                    return tuple((condition, int(index)) for condition, index in form.cases)
                assert isinstance(form, Poly)
                assert form.constant is not None
                return ((ALWAYS, int(form.constant)),)
            case _:
                return ((ALWAYS, bound[row.name]),)

    def apply(self, formula: Apply, here: tuple[str, int], bound: Bound) -> Form:
        op, args = formula.op, formula.args
        if op == "if":
            condition = self.condition(args[0], here, bound)
            if condition in (ALWAYS, NEVER):
                return self.form(args[1] if condition == ALWAYS else args[2], here, bound)
            yes, no = self._branches(args[1], args[2], here, bound)
            if isinstance(yes, Poly) and isinstance(no, Poly):
                return self.space.choose(condition, yes, no)
            return self.cases(((condition, yes), (self.space.opposite(condition), no)))
        if op in ("and", "or"):
            final = NEVER if op == "and" else ALWAYS
            parts = [self.condition(args[0], here, bound)]
            if parts[0] == final:
                return Truth(final)
            for arg in args[1:]:
                form = self._unless_no_row(lambda arg=arg: Truth(self.condition(arg, here, bound)))  # type: ignore[misc]
                parts.append(form.condition if isinstance(form, Truth) else self._no_truth())
                if parts[-1] == final:
                    return Truth(final)
            return Truth(self.space.all_of(parts) if op == "and" else self.space.any_of(parts))
        if op == "not":
            return Truth(self.space.opposite(self.condition(args[0], here, bound)))
        if op in ("==", "!=", "<", "<=", ">", ">="):
            return Truth(self.compare(op, self.form(args[0], here, bound), self.form(args[1], here, bound)))
        return apply(self.space, op, [self.number(arg, here, bound) for arg in args])

    def _branches(self, yes: Formula, no: Formula, here: tuple[str, int], bound: Bound) -> tuple[Form, Form]:
        """Both sides of an `if`; one that has no value whatever the inputs are is of the kind of the other."""
        found = [self._unless_no_row(lambda side=side: self.form(side, here, bound)) for side in (yes, no)]  # type: ignore[misc]
        for at, side in enumerate((yes, no)):
            other = found[1 - at]
            if found[at] is None:
                if isinstance(other, Poly):
                    found[at] = self.space.undefined()
                elif isinstance(other, Truth):
                    found[at] = Truth(self._no_truth())
                else:
                    found[at] = self.form(side, here, bound)
        assert found[0] is not None
        assert found[1] is not None
        return found[0], found[1]

    def _no_truth(self) -> int:
        """A condition without a value."""
        return self.space.compare(">", self.space.undefined())

    def compare(self, op: str, a: Form, b: Form) -> int:
        space = self.space
        if isinstance(a, Poly) and isinstance(b, Poly):
            return compared(space, op, a, b)
        if isinstance(a, Truth) and isinstance(b, Truth):
            same = space.either(
                space.both(a.condition, b.condition),
                space.both(space.opposite(a.condition), space.opposite(b.condition)),
            )
        elif isinstance(a, Choice) and isinstance(b, Choice):
            same = space.any_of([space.both(c, d) for c, x in a.cases for d, y in b.cases if x == y])
        else:
            raise SymbolicError("not-a-number", "values of different kinds are compared")
        return same if op == "==" else space.opposite(same)

    # ---- aggregates -------------------------------------------------------------------------------------------------

    def rows(self, rows: RowSet, here: tuple[str, int], bound: Bound) -> Iterator[tuple[int, int]]:
        """The rows of a set, each with the condition under which it belongs to it."""
        if isinstance(rows, Rows):
            yield from ((ALWAYS, index) for index in rows.indices)
            return
        for condition, of in self.row(rows.of, here, bound):
            if of != NO_ROW:
                yield from ((condition, index) for index in related_rows(self.tables, rows, of))

    def reduce(self, formula: Reduce, here: tuple[str, int], bound: Bound) -> Form:
        space, outer = self.space, self.space.place
        met: list[Met] = []
        inside = dict(bound)
        try:
            for belongs, row in self.rows(formula.rows, here, bound):
                inside[formula.var.name] = row
                if not here[0]:
                    space.place = (*outer, (formula.rows.table, row))
                condition = belongs
                if formula.where is not None:
                    condition = space.both(belongs, self.condition(formula.where, here, inside))
                if condition == NEVER:
                    continue
                body = self.form(formula.body, here, inside) if formula.body is not None else ONE
                weight = self.number(formula.weight, here, inside) if formula.weight is not None else ONE
                met.append(Met(condition, row, body, weight))
                if formula.op == "first" and condition == ALWAYS:
                    break
        finally:
            space.place = outer
        return self.aggregates.of(formula.op, met)
