"""Formulas of the sheet as formulas of Excel.

A formula is translated once for all rows that share it (`Translator.column`), unless facts of the structure (how many
readers a row has, whether it belongs to the same group) differ: then once for each combination of facts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape

from ..presentation.copies import every_formula
from ..sheet.formula import (
    UNLIMITED,
    Apply,
    At,
    CellRef,
    Field,
    Formula,
    Here,
    Literal,
    Pick,
    Reduce,
    Slot,
    Var,
    walk,
)
from ..sheet.input_keys import Entry
from ..sheet.operations import Value
from ..sheet.sheet import Text, TypedSheet
from .aggregates import Aggregates
from .helpers import Helpers
from .names import letter, quoted, sheet_prefix
from .operations import OPERATIONS, TEXT_OPERATIONS, Writer
from .pieces import ATOM, JOIN, ROW, Piece, atom, call, constant, number
from .places import Places
from .positions import NotByPosition, Positions
from .scales import Scales
from .structure import Structure, mentions, variables

MAXIMUM_FORMULA = 8_000
MAXIMUM_NESTING = 64
DEEP = 40
"""A part of a formula this many levels deep stands in a cell of its own."""


class TooLong(ValueError):
    """A formula is beyond what Excel takes: more characters or deeper nesting."""


@dataclass(frozen=True)
class Scope:
    """Where a formula is written. `here` is the position of its row, None when the formula serves many rows.

    `bound` gives the rows that variables stand for, `positions` the cells that hold the position of such a row;
    `facts` the values of parts of the formula that are structure.
    """

    page: str
    table: str = ""
    here: int | None = None
    bound: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[int, Value] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)

    def at(self, index: int) -> Scope:
        return replace(self, here=index, facts={}, positions={})

    def binding(self, variable: str, row: int) -> Scope:
        return replace(self, bound={**self.bound, variable: row})


class Translator:
    def __init__(self, typed: TypedSheet, places: Places, scales: Scales, helpers: Helpers) -> None:
        self.typed = typed
        self.sheet = typed.sheet
        self.places = places
        self.scales = scales
        self.structure = Structure(typed.sheet)
        self.aggregates = Aggregates(self)
        self.positions = Positions(self)
        self.helpers = helpers
        self._pieces: dict[tuple[int, str, tuple[Value, ...]], tuple[Formula, Piece]] = {}

    # ---- whole formulas ---------------------------------------------------------------------------------------------

    def cell(self, formula: Formula, page: str) -> str:
        """The text of a formula over cells, without `=`."""
        scope = Scope(page)
        facts = self.structure.facts(formula)
        if facts:
            scope = replace(scope, facts={id(f): self.structure.value(f, "", 0, {}) for f in facts})
        return self.shortened(lambda: self.piece(formula, scope).render(0, 0), "a formula")

    def shortened(self, write: Callable[[], str], what: str) -> str:
        """A formula's text within Excel's limits: written again with more helper cells where it is beyond them."""
        text = write()
        if len(text) > MAXIMUM_FORMULA:
            with self.aggregates.shorter():
                text = write()
        if len(text) > MAXIMUM_FORMULA:
            raise TooLong(f"{what} has {len(text):,} characters in Excel, which takes 8,192")
        if nesting(text) > MAXIMUM_NESTING:
            raise TooLong(f"{what} nests {nesting(text)} levels deep in Excel, which takes {MAXIMUM_NESTING}")
        return text

    def row(self, formula: Formula, page: str, table: str, index: int, row: int) -> str:
        """The text of a formula of the row at `index`, which stands in row `row` of the page."""
        piece = self.column(formula, page, table, index)
        parts = piece.parts
        if len(parts) == 1 and isinstance(parts[0], str):
            text = parts[0].replace(ROW, str(row))
            if len(text) <= MAXIMUM_FORMULA:
                return text
        name = self.sheet.tables[table].rows[index].name
        return self.shortened(lambda: piece.render(index, row), f"a formula of `{name}`")

    def same_text(self, formula: Formula, page: str, table: str) -> str | None:
        """The text of a formula in every row, with `ROW` for its number; None where rows differ in more than that."""
        if isinstance(formula, Literal) or self.structure.facts(formula):
            return None
        text, *rest = self.column(formula, page, table, 0).parts
        return text if not rest and isinstance(text, str) and len(text) < MAXIMUM_FORMULA // 2 else None

    def column(self, formula: Formula, page: str, table: str, index: int) -> Piece:
        """The piece that writes a column's formula for the row at `index`: the same object for rows that share it."""
        facts = self.structure.facts(formula)
        values = tuple(self.structure.value(fact, table, index, {}) for fact in facts) if facts else ()
        key = (id(formula), table, values)
        found = self._pieces.get(key)
        if found is None:
            scope = Scope(page, table, facts={id(f): v for f, v in zip(facts, values, strict=True)})
            found = self._pieces[key] = (formula, self.piece(formula, scope))
        return found[1]

    # ---- nodes ------------------------------------------------------------------------------------------------------

    def piece(self, formula: Formula, scope: Scope) -> Piece:
        fact = self.fact(formula, scope)
        if fact is not None:
            return constant(fact)
        match formula:
            case Literal():
                return self.literal(formula)
            case CellRef():
                return atom(self.places.cells[formula.cell].reference(scope.page))
            case Field():
                return self.field(formula, scope)
            case Apply():
                return self._part(formula, scope) if self._is_deep(formula) else self._apply(formula, scope)
            case Reduce():
                return self.aggregates.piece(formula, scope)
        raise AssertionError(formula)

    def _is_deep(self, formula: Apply) -> bool:
        """Whether a formula goes into a cell of its own, so that no cell nests deeper than Excel takes."""
        depth = self.structure.depth(formula)
        return depth > 0 and depth % DEEP == 0

    def _part(self, formula: Apply, scope: Scope) -> Piece:
        if scope.here is None and scope.table:
            return Piece((lambda i: self._part(formula, scope.at(i)).text,))
        return atom(self.helpers.part(scope, self._apply(formula, scope).text, formula))

    def fact(self, formula: Formula, scope: Scope) -> Value | None:
        """The value of a formula that is a fact of the structure, decided in this scope; None for any other."""
        known = scope.facts.get(id(formula))
        if known is not None or not self.structure.is_fact(formula):
            return known
        if scope.here is None and mentions(formula, (Here, Slot)):
            return None
        if not variables(formula) <= scope.bound.keys():
            return None
        return self.structure.value(formula, scope.table, scope.here or 0, scope.bound)

    def literal(self, formula: Literal) -> Piece:
        if isinstance(formula.value, bool):
            return atom("TRUE" if formula.value else "FALSE")
        if isinstance(formula.value, str):
            return Piece((quoted(formula.value),), ATOM if len(formula.value) <= 250 else JOIN)
        return self.scales.literal(formula)

    def _apply(self, formula: Apply, scope: Scope) -> Piece:
        op = formula.op
        args = [self.piece(arg, scope) for arg in formula.args]
        folded = _fold(op, args)
        if folded is not None:
            return folded
        if op in ("and", "or"):
            return self._logic(formula, args)
        number_ = _folded_number(formula)
        if number_ is not None:
            return atom(number(number_))
        return self.compared(formula)(args)

    def compared(self, formula: Apply) -> Writer:
        """How an operation is written; texts by `=`, but where some differ in nothing but capitals."""
        texts = formula.op in TEXT_OPERATIONS and isinstance(self.typed.type_of(formula.args[0]), Text)
        return TEXT_OPERATIONS[formula.op] if texts and self.by_capitals else OPERATIONS[formula.op]

    @cached_property
    def by_capitals(self) -> bool:
        """Whether texts of the spec differ in capitals only, which `=` does not tell apart."""
        parts = (part for formula in every_formula(self.sheet) for part in walk(formula))
        texts = {part.value for part in parts if isinstance(part, Literal) and isinstance(part.value, str)}
        return len({text.casefold() for text in texts}) < len(texts)

    def _logic(self, formula: Apply, args: list[Piece]) -> Piece:
        """`and` and `or`. Excel evaluates all their arguments: one that may have no value waits for the ones before."""
        left, right = args[0], call("AND" if formula.op == "and" else "OR", args[1:]) if len(args) > 2 else args[1]
        if any(self.structure.may_fail(arg) for arg in formula.args[1:]):
            return call("IF", [left, right, atom("FALSE")] if formula.op == "and" else [left, atom("TRUE"), right])
        return OPERATIONS[formula.op](args)

    # ---- references -------------------------------------------------------------------------------------------------

    def field(self, formula: Field, scope: Scope) -> Piece:
        row = formula.row
        table, column = formula.table, formula.column
        place, at = self.places.find(table, column, scope.page, scope.table)
        prefix = "" if place.page == scope.page else sheet_prefix(place.page)
        name = letter(at)
        match row:
            case At():
                return atom(self.entry(table, column, row.index, scope.page, scope.table))
            case Var() if row.name in scope.positions:
                return self.positions.of_row(table, column, scope.positions[row.name], scope)
            case Var() if row.name in scope.bound:
                index = scope.bound[row.name]
                named = self.places.entries.get(Entry(table, column, index))
                return atom(named.reference(scope.page) if named else f"{prefix}{name}{place.first + index}")
            case Here() if scope.here is not None:
                return atom(f"{prefix}{name}{place.first + scope.here}")
            case Here():
                near = self.places.tables.get(scope.table)
                if near is not None and near.first == place.first:
                    return atom(f"{prefix}{name}{ROW}")
                first = place.first
                return Piece((prefix + name, lambda i: str(first + i)))
            case Slot():
                given = self.slots(scope.table, row.number)
                first = place.first
                write = self.positions.slot(formula, row.number, scope)
                if scope.here is not None:
                    return atom(f"{prefix}{name}{first + given[scope.here]}")
                return Piece((lambda i: write(i) or f"{prefix}{name}{first + given[i]}",))
            case Pick():
                if scope.positions and variables(row.formula):
                    raise NotByPosition
                position = self.piece(row.formula, scope)
                range_text = f"{prefix}${name}${place.first}:${name}${place.first + place.count - 1}"
                return call("INDEX", [atom(range_text), position])
        raise TooLong(f"a row variable of `{column}` is not bound here")

    def entry(self, table: str, column: str, index: int, page: str, near: str = "") -> str:
        """A reference to one row of a column: by name where it has one."""
        named = self.places.entries.get(Entry(table, column, index))
        if named is not None:
            return named.reference(page)
        place, at = self.places.find(table, column, page, near)
        prefix = "" if place.page == page else sheet_prefix(place.page)
        return f"{prefix}${letter(at)}${place.first + index}"

    def slots(self, table: str, number: int) -> list[int]:
        """The position of the row passed as a tensor argument, for every row (-1 where a row has none)."""
        owner = self.sheet.tables[table]
        rows = self.sheet.tables[owner.parent].rows if owner.parent is not None else owner.rows
        return [row.slots[number][0] if len(row.slots) > number and row.slots[number] else -1 for row in rows]


_FUNCTIONS_OF_NUMBERS = {"log2": math.log2, "sqrt": math.sqrt, "exp": math.exp}


def _folded_number(formula: Apply) -> float | None:
    """The value of a function of a plain number: `log2(64)` is 6 in every program."""
    function, arg = _FUNCTIONS_OF_NUMBERS.get(formula.op), formula.args[0]
    if function is None or not isinstance(arg, Literal) or not isinstance(arg.value, float) or arg.value <= 0:
        return None
    return function(arg.value) if arg.value < UNLIMITED / 10 else None


def _fold(op: str, args: list[Piece]) -> Piece | None:
    """The outcome of a logical operation that facts of the structure decide; None when values decide it."""
    known = [arg.constant for arg in args]
    if op == "not" and isinstance(known[0], bool):
        return constant(not known[0])
    if op == "if" and isinstance(known[0], bool):
        return args[1] if known[0] else args[2]
    if op in ("and", "or"):
        decisive = op == "or"
        if any(value is decisive for value in known):
            return constant(decisive)
        rest = [arg for arg, value in zip(args, known, strict=True) if value is None]
        if not rest:
            return constant(not decisive)
        if len(rest) < len(args):
            return rest[0] if len(rest) == 1 else OPERATIONS[op](rest)
    return None


def nesting(text: str) -> int:
    """How deep brackets nest in a formula, those in texts left out."""
    if text.count("(") <= MAXIMUM_NESTING:
        return 0
    depth = deepest = 0
    for i, part in enumerate(text.split('"')):
        if i % 2 == 0:
            for character in part:
                depth += (character == "(") - (character == ")")
                deepest = max(deepest, depth)
    return deepest


def escaped(text: str) -> str:
    """A formula's text as XML."""
    return escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text
