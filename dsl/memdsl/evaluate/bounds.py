"""What values may be, and those that leave it: inputs, settings, arguments, axes, whatever has a domain."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ..diagnostics import BUILT_IN, Note, Problems, Span, of_library
from ..records import record
from ..sheet.formula import UNLIMITED, CellRef, Field, Formula, Literal
from ..sheet.input_keys import Entry, InputKey
from ..sheet.operations import Undefined, Value
from ..sheet.report import ChartItem
from ..sheet.sheet import Bounds, Domain, Input, Row, Table, Type, TypedSheet
from ..units import Unit
from .checks import inputs_of_row
from .machine import Values
from .show import show, shown_unit, unit_written

_ROUNDING = 1e-9


@record
class Limits:
    """What a value may be at a point, in base units. `step`: whole multiples of it."""

    low: float | None
    high: float | None
    step: float | None
    choices: tuple[Value, ...]

    def admits(self, value: Value) -> bool:
        if self.choices:
            return value in self.choices
        if isinstance(value, (bool, str)):
            return True
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return False
        if self.low is not None and self.high is not None and self.low > self.high:
            return False
        if self.step is None:
            return True
        if self.step <= 0:
            return False
        quotient = value / self.step
        return not math.isfinite(quotient) or abs(quotient - round(quotient)) <= _ROUNDING * max(1.0, abs(quotient))

    def between(self, say: Callable[[Value], str]) -> str:
        """`from 0 B to 8 MiB`."""
        ends = (("from", self.low), ("to", self.high))
        return " ".join(f"{word} {say(end)}" for word, end in ends if end is not None)


def limits_of(values: Values, bounds: Bounds, problems: Problems) -> Limits:
    """The numbers of what a value may be; a fault where one of them has none."""

    def number(formula: Formula | None) -> float | None:
        value = None if formula is None else value_of(values, formula, problems)
        return float(value) if isinstance(value, (int, float)) else None

    choices = tuple(c for c in (value_of(values, choice, problems) for choice in bounds.one_of) if c is not None)
    return Limits(number(bounds.low), number(bounds.high), number(bounds.multiple), choices)


def admitted(typed: TypedSheet, values: Values, bounds: Bounds | None, kind: Type, unit: Unit | None) -> str:
    """What a value may be, in words: `a whole number from 1`, `one of 8 bit, 16 bit`; empty where nothing is said."""
    if bounds is None:
        return ""
    limits = limits_of(values, bounds, Problems())

    def say(value: Value) -> str:
        if isinstance(value, float) and abs(value) >= UNLIMITED / 10:
            return "unlimited"
        return show(typed, value, kind, unit, 9)

    if limits.choices:
        return "one of " + ", ".join(say(choice) for choice in limits.choices)
    step = []
    if limits.step is not None:
        step = ["a whole number" if bounds.whole and limits.step == 1 else f"a multiple of {say(limits.step)}"]
    return " ".join(filter(None, [*step, limits.between(say)]))


def value_of(values: Values, formula: Formula, problems: Problems) -> Value | None:
    """The value of a constant that the spec writes beside an input (a bound, a setting); a fault where it has none."""
    try:
        value = values.formula(formula)
        if not isinstance(value, float) or math.isfinite(value):
            return value
        why = "it is too large"
    except Undefined:
        return None
    except (ArithmeticError, ValueError, TypeError) as error:
        why = str(error)
    problems.error("bad-value", f"this has no value: {why}", formula.span)
    return None


def out_of_bounds(typed: TypedSheet, values: Values, problems: Problems) -> set[InputKey]:
    """Reports each input and option whose value lies outside the range that it declares: these."""
    found: set[InputKey] = set()
    for item in typed.sheet.inputs.values():
        if item.bounds is not None:
            before = len(problems.found)
            _bounds(typed, values, _ranged(typed, item), values.input(item.key), item.formula.span, problems)
            if len(problems.found) > before:
                found.add(item.key)
    for cell in typed.sheet.cells.values():
        if cell.role == "option" and cell.bounds is not None:
            unit = cell.shown or unit_written(cell.formula)
            ranged = _Held(f"`{cell.id}`", typed.cell_types[cell.id], unit, cell.bounds, cell.span)
            before = len(problems.found)
            _bounds(typed, values, ranged, values.cell(cell.id), cell.formula.span, problems)
            if len(problems.found) > before:
                found.add(cell.id)
    return found


def settings_out_of_bounds(
    typed: TypedSheet, values: Values, chosen: Sequence[tuple[InputKey, Formula]], problems: Problems
) -> None:
    """Reports what an input is set to against its range: by a scenario, by a claim after `at`, for this run."""
    inputs = {item.key: item for item in typed.sheet.inputs.values()}
    settings = [*chosen]
    settings += [pair for scenario in typed.sheet.scenarios.values() for pair in scenario.settings]
    settings += [pair for claim in typed.sheet.claims for pair in claim.at]
    settings += _ends(typed, values, problems)
    for key, formula in settings:
        item = inputs.get(key)
        value = value_of(values, formula, problems)
        if item is not None and item.bounds is not None and value is not None:
            _bounds(typed, values, _ranged(typed, item), value, formula.span, problems)


def _ends(typed: TypedSheet, values: Values, problems: Problems) -> list[tuple[InputKey, Formula]]:
    """Where the axes of charts begin and end; one that goes nowhere is reported."""
    found: list[tuple[InputKey, Formula]] = []
    for item in typed.sheet.report or ():
        if not isinstance(item, ChartItem) or item.over is None or item.ends is None:
            continue
        found += [(item.over, end) for end in item.ends]
        low, high = (value_of(values, end, problems) for end in item.ends)
        if isinstance(low, float) and isinstance(high, float) and low >= high:
            message = "this axis goes nowhere: it ends before it begins" if low > high else "this axis has no length"
            problems.error("empty-range", message, item.ends[1].span, "write the smaller end first")
    return found


@record
class _Held:
    """A value that is held to bounds: what a message calls it, and where it is declared.

    `remarks` say where the value comes from.
    """

    name: str
    kind: Type
    unit: Unit | None
    bounds: Bounds
    place: Span | None
    remarks: tuple[Note, ...] = ()


def _ranged(typed: TypedSheet, item: Input) -> _Held:
    key = item.key
    kind = typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]
    assert item.bounds is not None
    place = item.bounds.span if item.role in ("argument", "component") else item.span
    return _Held(f"`{item.path}`", kind, item.shown or unit_written(item.formula), item.bounds, place)


def _bounds(typed: TypedSheet, values: Values, item: _Held, value: Value, place: Span, problems: Problems) -> None:
    if isinstance(value, float) and math.isnan(value):
        return  # why there is none was told
    count = len(problems.found)
    limits = limits_of(values, item.bounds, problems)
    if len(problems.found) > count or limits.admits(value):
        return

    def say(value: Value) -> str:
        return f'"{value}"' if isinstance(value, str) else show(typed, value, item.kind, item.unit, 9)

    notes = item.remarks
    if item.place is not None:
        notes = (*notes, Note(f"{item.name} is declared here", item.place))
    if limits.choices:
        listed = ", ".join(say(choice) for choice in limits.choices)
        problems.error("out-of-range", f"{item.name} = {say(value)} is not one of {listed}", place, notes=notes)
        return
    assert not isinstance(value, (bool, str))
    low, high, step = limits.low, limits.high, limits.step
    if low is not None and high is not None and low > high:
        message = f"the range of {item.name} is empty: from {say(low)} to {say(high)}"
        problems.error("empty-range", message, item.bounds.span)
    elif step is not None and step <= 0:
        problems.error("empty-range", f"nothing but 0 is a multiple of {say(step)}", item.bounds.span)
    elif (low is not None and value < low) or (high is not None and value > high):
        message = f"{item.name} = {say(value)} is outside its range, {limits.between(say)}"
        problems.error("out-of-range", message, place, notes=notes)
    else:
        assert step is not None
        near = [math.floor(value / step) * step, math.ceil(value / step) * step]
        kept = [say(one) for one in near if limits.admits(one)]
        hint = f"the nearest {'are' if len(kept) > 1 else 'is'} {' and '.join(kept)}" if kept else ""
        if item.bounds.whole and step == 1:
            problems.error("not-whole", f"{item.name} = {say(value)} is not whole", place, hint, notes)
        else:
            problems.error(
                "not-a-multiple", f"{item.name} = {say(value)} is not a multiple of {say(step)}", place, hint, notes
            )


# ---- values that are computed or given to templates ------------------------------------------------------------------

_FIRST = ("argument", "part", "default", "axis", "column", "cell")
"""What is looked at first: what was given, then what the library makes of it."""


def out_of_domain(typed: TypedSheet, values: Values, problems: Problems) -> set[InputKey] | None:
    """Reports what leaves its domain: arguments of kinds and templates, axes, columns, computed cells.

    A value is told once where it is written, and what follows from it is not told: the other columns of a row with a
    bad argument, the rows that read a row with a bad axis. The cells and entries that hold bad values, or None where
    one is held by none.
    """
    held = _Holding(typed, values, problems)
    if typed.sheet.domains:
        for role in _FIRST:
            for domain in typed.sheet.domains:
                if domain.role == ("argument" if role == "default" else role):
                    if domain.table is None or role == "part":
                        held.value(domain)
                    else:
                        held.rows(domain, domain.table, role)
            held.spread()
    return held.keys


class _Holding:
    """One look at all domains. `told` are the places of bad values, `spoilt` the rows of networks that have one."""

    def __init__(self, typed: TypedSheet, values: Values, problems: Problems) -> None:
        self.typed = typed
        self.values = values
        self.problems = problems
        self.told: set[tuple[str, int, int]] = set()
        self.spoilt: set[tuple[str, int]] = set()
        self.keys: set[InputKey] | None = set()

    def value(self, domain: Domain) -> None:
        """A value over cells, or a part of a formula in each of its rows."""
        for row in domain.rows or (0,):
            try:
                if domain.given is not None and not self.values.formula(domain.given, domain.table or "", row):
                    continue
                value = self.values.formula(domain.formula, domain.table or "", row)
            except (ArithmeticError, ValueError, TypeError):  # told where it is computed
                continue
            place = domain.place or domain.formula.span
            if not _is_nan(value) and not self._admits(domain, value) and self._new(place):
                unit = shown_unit(self.typed, domain.formula) or unit_written(domain.formula)
                notes: tuple[Note, ...] = ()
                if domain.table is not None:
                    made = self.typed.sheet.tables[domain.table].rows[row]
                    notes = (Note(f"for row `{made.name}`, made here", made.span),)
                if isinstance(domain.formula, CellRef) and self.keys is not None:
                    self.keys.add(domain.formula.cell)
                else:
                    self.keys = None
                kind = self.typed.type_of(domain.formula)
                held = _Held(domain.name, kind, unit, domain.bounds, domain.bounds.span, notes)
                _bounds(self.typed, self.values, held, value, place, self.problems)

    def rows(self, domain: Domain, table_id: str, role: str) -> None:
        table = self.typed.sheet.tables[table_id]
        root = table.parent or table_id
        assert isinstance(domain.formula, Field)
        entries = self.values.column(table_id, domain.formula.column)
        known: dict[Value, bool] = {}
        for index in domain.rows:
            value = entries[index]
            if value is None or _is_nan(value):
                continue
            if value not in known:
                known[value] = self._admits(domain, value)
            if known[value] or (role != "argument" and (root, index) in self.spoilt):
                continue
            formula = table.columns[domain.formula.column].formulas[index]
            if domain.role == "argument" and formula is not None and of_library(formula.span) == (role == "argument"):
                continue
            if self.keys is not None:
                self.keys.add(Entry(table_id, domain.formula.column, index))
            follows = self._follows(root, table.rows[index])
            self.spoilt.add((root, index))
            if role == "argument" or not follows:
                self._row(domain, table, index, value)

    def spread(self) -> None:
        """What reads a row with a bad value has one too."""
        for root in dict.fromkeys(table for table, _ in self.spoilt):
            for index, row in enumerate(self.typed.sheet.tables[root].rows):
                if self._follows(root, row):
                    self.spoilt.add((root, index))

    def _follows(self, root: str, row: Row) -> bool:
        return any((root, source) in self.spoilt for slot in row.slots for source in slot)

    def _row(self, domain: Domain, table: Table, index: int, value: Value) -> None:
        row, column = table.rows[index], table.columns[domain.formula.column]  # type: ignore[attr-defined]
        formula = column.formulas[index]
        assert formula is not None
        own = (domain.role != "axis" or row.kind == "input") and not of_library(formula.span)
        place = formula.span if own else row.span
        made = self.typed.sheet.instances.get(domain.owner)
        if of_library(place) and made is not None:
            place = made.span
        if not self._new(place):
            return
        remarks = []
        if not (place.source is row.span.source and row.span.start <= place.start <= row.span.end):
            remarks.append(Note(f"for row `{row.name}`, made here", row.span))
        if not isinstance(formula, Literal):
            remarks += inputs_of_row(self.typed, self.values, table.id, index)
        if not own and not of_library(formula.span):
            remarks.append(Note(f"{domain.name} is made here", formula.span))
        bounds = domain.bounds
        declared = bounds.span if bounds.span.source.name != BUILT_IN else None
        name = domain.name if domain.role == "argument" or not row.name else f"{domain.name} of `{row.name}`"
        kind, unit = self.typed.column_types[table.id, column.name], unit_written(formula) or column.shown
        held = _Held(name, kind, unit, bounds, declared, tuple(remarks))
        _bounds(self.typed, self.values, held, value, place, self.problems)

    def _admits(self, domain: Domain, value: Value) -> bool:
        return limits_of(self.values, domain.bounds, self.problems).admits(value)

    def _new(self, place: Span) -> bool:
        key = (place.source.name, place.start, place.end)
        if key in self.told:
            return False
        self.told.add(key)
        return True


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)
