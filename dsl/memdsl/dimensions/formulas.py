"""The type of a formula, and the faults of one that has none."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..diagnostics import Note, Problems, Span
from ..schedule import METHODS
from ..sheet.formula import SEARCH, Apply, CellRef, Field, Formula, Found, Literal, Reduce, Unknown, children
from ..sheet.operations import OPERATIONS
from ..sheet.sheet import Quantity, RowOf, Sheet, Text, Truth, Type
from ..units import NONE, Dimension, Unit, base_unit, describe, divide, multiply, parse_unit, power
from .words import ANY, COUNT, say

_VERBS = {"+": "added to", "-": "subtracted from"}
_SIGNS = frozenset(
    name for name, known in OPERATIONS.items() if known.units in ("alike", "equal", "ordered") and not known.signature
)


class Typer:
    """Types formulas over cells and columns whose types stand already; a fault is told once.

    `place` says where in the author's text the formula at hand comes from. `faults` counts them, those that were told
    before too; `faulty` are the formulas that have one, by their `id`.
    """

    def __init__(self, sheet: Sheet, problems: Problems) -> None:
        self.sheet = sheet
        self.problems = problems
        self.cells: dict[str, Type] = {}
        self.columns: dict[tuple[str, str], Type] = {}
        self.known: dict[int, tuple[Formula, Type]] = {}
        self.place: tuple[Note, ...] = ()
        self.told: set[str] = set()
        self.faults = 0
        self.faulty: set[int] = set()

    def type_of(self, formula: Formula) -> Type:
        """The type of a formula; a fault is reported once and makes it any quantity."""
        found = self.known.get(id(formula))
        if found is None:
            before = self.faults
            found = (formula, self._type(formula))
            self.known[id(formula)] = found
            if self.faults > before or (self.faulty and any(id(part) in self.faulty for part in children(formula))):
                self.faulty.add(id(formula))
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
            case Found():
                return self._found(formula)
            case Unknown():
                return ANY
        raise AssertionError(formula)

    def _found(self, formula: Found) -> Type:
        """A search gives what its input may be; a method reads numbers of its own units, and finds such."""
        if formula.method == SEARCH:
            if formula.goal is not None:
                self.number(formula.goal, "choose")
            return self.type_of(formula.domain[0]) if formula.domain else ANY
        method = METHODS[formula.method]
        texts = [*method.given.values(), *method.listed.values()]
        for part, (name, unit) in zip(
            (*formula.given, *(column.body for column in formula.listed)),
            zip((*method.given, *method.listed), texts, strict=True),
            strict=True,
        ):
            assert part is not None
            kind = self.type_of(part)
            wanted = parse_unit(unit).dimension if unit else NONE
            if isinstance(kind, Quantity) and kind.dimension not in (None, wanted):
                said = f"`{formula.method}` reads `{name}` in {unit or 'plain numbers'}"
                message = f"{said}, and it is {describe(kind.dimension)}"
                self.error("unit-mismatch", message, formula.span)
        unit = method.parts[formula.part]
        return Quantity(parse_unit(unit).dimension if unit else NONE)

    def _field(self, formula: Field) -> Type:
        table = self.sheet.tables.get(formula.table)
        if table is None or formula.column not in table.columns:
            known = [] if table is None else list(table.columns)
            message = f"`{formula.table}` has no column `{formula.column}`"
            self.error("unknown-column", message, formula.span, _near(formula.column, known))
            return ANY
        return self.columns.get((formula.table, formula.column), ANY)

    def _apply(self, formula: Apply) -> Type:
        op, args = formula.op, formula.args
        rule = OPERATIONS[op].units
        if rule == "choice":
            return self._if(formula)
        if rule == "truth":
            for arg in args:
                self.expect(arg, Truth(), "`not` needs a condition" if op == "not" else f"`{op}` joins conditions")
            return Truth()
        if rule == "equal":
            self._alike(formula)
            return Truth()
        numbers = all(isinstance(self.type_of(arg), Quantity) for arg in args)
        kinds = [self.number(arg, "-" if op == "neg" else op) for arg in args]
        if rule == "ordered":
            if numbers:
                self._alike(formula)
            return Truth()
        if rule == "alike":
            return self._alike(formula) if numbers else ANY
        known = [k.dimension for k in kinds if k.dimension is not None]
        if len(known) < len(kinds):
            return ANY
        match rule:
            case "product":
                return Quantity(multiply(known[0], known[1]))
            case "quotient":
                return Quantity(divide(known[0], known[1]))
            case "power":
                return self._power(formula, known)
            case "root":
                return Quantity(power(known[0], Fraction(1, 2)))
            case "plain" | "whole":
                return self._plain(formula, rule == "whole", known)
        return kinds[0]

    def _plain(self, formula: Apply, whole: bool, known: Sequence[Dimension]) -> Type:
        """A function of plain numbers; what rounds is told how to round a quantity."""
        for arg, dimension in zip(formula.args, known, strict=True):
            if dimension != NONE:
                unit, op = base_unit(dimension), formula.op
                message = f"`{op}` needs a plain number, and this is {describe(dimension)}"
                back = f" * 1 {unit}" if whole else ""
                self.error("unit-mismatch", message, arg.span, f"say in which unit: `{op}(… / 1 {unit}){back}`")
                return ANY
        return COUNT

    def _power(self, formula: Apply, known: list[Dimension]) -> Type:
        base, exponent = formula.args
        if known[1] != NONE:
            message = f"an exponent is a plain number, and this is {describe(known[1])}"
            self.error("unit-mismatch", message, exponent.span)
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
        self.error("unit-mismatch", message, base.span)
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
        self.error("wrong-type", f"`{op}` needs a number, and this is {say(kind)}", formula.span)
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
            if found := self.unit_hint(one, kind):
                hint = found
            elif isinstance(self.type_of(one), RowOf) and isinstance(kind, Text):
                hint = "compare the row's name: `….name`"
        notes = tuple(Note(f"this is {say(self.type_of(f))}", f.span) for f in (first, second))
        self.error("unit-mismatch", message, span, hint, notes)

    def expect(self, formula: Formula, wanted: Type, why: str) -> None:
        kind = self.type_of(formula)
        if kind != wanted and (kind != ANY or isinstance(formula, Literal)):
            self.error("wrong-type", f"{why}, and this is {say(kind)}", formula.span)

    def same(self, kind: Type, formula: Formula, what: str) -> Type:
        """Reports a formula that has not the type it must have; gives the type to go on with."""
        found = self.type_of(formula)
        if found != kind and ANY not in (found, kind):
            hint = self.unit_hint(formula, kind)
            self.error("unit-mismatch", f"{what} is {say(kind)}, and this is {say(found)}", formula.span, hint)
        return found if kind == ANY else kind

    def unit_hint(self, formula: Formula, wanted: Type) -> str:
        """What to write for a plain number where a quantity is wanted."""
        if not isinstance(formula, Literal) or self.type_of(formula) != COUNT or not isinstance(wanted, Quantity):
            return ""
        return f"give the number a unit: `{formula.text} {base_unit(wanted.dimension)}`" if wanted.dimension else ""

    def shown(self, kind: Type, unit: Unit, span: Span) -> Type:
        if kind == ANY:
            return Quantity(unit.dimension)
        if not isinstance(kind, Quantity) or kind.dimension != unit.dimension:
            self.error(
                "unit-mismatch",
                f"this is {say(kind)}, which cannot be shown in `{unit.text}` ({describe(unit.dimension)})",
                span,
            )
        return kind

    def error(self, code: str, message: str, span: Span, hint: str = "", notes: tuple[Note, ...] = ()) -> None:
        """Reports a fault; one in the library or in a used file says where in the author's text it comes from."""
        self.faults += 1
        if span.source is not self.sheet.source:
            notes = (*notes, *(note for note in self.place if note.span != span))
        if span.source.name.startswith("std."):  # a fault of what was given to the library is one, wherever it shows
            if message in self.told:
                return
            self.told.add(message)
        self.problems.error(code, message, span, hint, notes)


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


def _near(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else ""
