"""The types of cells and columns, found in the order of evaluation, and what else holds formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

from ..cancellation import checkpoint
from ..diagnostics import Note, Problems, Span
from ..sheet.formula import Field, Formula, Literal, is_share
from ..sheet.input_keys import InputKey
from ..sheet.sheet import (
    Bounds,
    Cell,
    Circuit,
    Column,
    ColumnNode,
    Distribution,
    Domain,
    Input,
    Quantity,
    Row,
    Sheet,
    Truth,
    Type,
)
from ..units import Unit
from .formulas import Typer
from .known import Faults
from .words import ANY, COUNT, say


class Checker(Typer):
    """Types everything in the order of evaluation. `where` gathers what has a fault."""

    def __init__(self, sheet: Sheet, problems: Problems) -> None:
        super().__init__(sheet, problems)
        self.where = Faults()

    def run(self) -> None:
        for step in self.sheet.order:
            checkpoint()
            if isinstance(step, str):
                self._cell(step)
            elif isinstance(step, ColumnNode):
                self._column(self.sheet.tables[step.table].columns[step.column])
            else:
                self._circuit(step)
        self._structure_formulas()
        for domain in self.sheet.domains:
            if domain.role == "part" or (domain.table is None and domain.role == "argument"):
                self.place = self._owned(domain.owner)
                with self.held(domain, domain.formula):
                    self._given(domain)
        for check in self.sheet.checks:
            self.place = self._owned(check.owner)
            with self.held(check, check.condition):
                self.expect(check.condition, Truth(), "a requirement is a condition, which is true or false")
        self.place = ()
        self._claims()
        for fit in self.sheet.fits:
            measured = self.number(fit.measured.formula, "fit")
            self.same(measured, fit.modelled.formula, "what was measured")
        for item in self.sheet.inputs.values():
            if item.distribution is not None:
                with self.held(item.distribution):
                    self._distribution(item, item.distribution)
        for scenario in self.sheet.scenarios.values():
            with self.held(scenario):
                for key, formula in scenario.settings:
                    self.setting(key, formula)
        for query in self.sheet.queries:
            self.type_of(query.formula)

    @contextmanager
    def held(self, what: object, *formulas: Formula | None) -> Iterator[None]:
        """Something that is held to be true: with a fault it is not looked at further."""
        before = self.faults
        yield
        if self.faults > before or (self.faulty and any(id(formula) in self.faulty for formula in formulas)):
            self.where.held.add(id(what))

    def _structure_formulas(self) -> None:
        """What decided the structure was computed while it was built; its units are checked all the same."""
        self.place = ()
        for condition in self.sheet.conditions:
            self.expect(condition, Truth(), "a condition is true or false")
        for count in self.sheet.counts:
            self._count(count)

    def _given(self, domain: Domain) -> None:
        """What was given for an argument has the type of the argument's domain."""
        wanted = self.admitted(domain.bounds, domain.name)
        if wanted != ANY:
            self.same(wanted, domain.formula, domain.name)

    def admitted(self, bounds: Bounds, name: str) -> Type:
        """The type that bounds ask of a value; bounds that do not agree are reported."""
        wanted: Type = COUNT if bounds.whole else ANY
        for bound in (bounds.low, bounds.high, bounds.multiple, *bounds.one_of):
            if bound is not None and wanted == ANY:
                wanted = self.type_of(bound)
            elif bound is not None:
                self.same(wanted, bound, f"the range of {name}")
        return wanted

    @cached_property
    def columns_held(self) -> Mapping[tuple[str, str], Type]:
        """The types of the columns that have a domain."""
        found: dict[tuple[str, str], Type] = {}
        for domain in self.sheet.domains:
            if domain.role != "axis" and isinstance(domain.formula, Field):
                key = (domain.formula.table, domain.formula.column)
                wanted = self.admitted(domain.bounds, domain.name)
                if wanted != ANY:
                    found.setdefault(key, wanted)
        return found

    def _count(self, count: Formula) -> None:
        kind = self.type_of(count)
        if isinstance(kind, Quantity) and kind not in (ANY, COUNT):
            message = f"a block is repeated a plain number of times, and this is {say(kind)}"
            self.error("unit-mismatch", message, count.span)
            self.known[id(count)] = (count, ANY)

    # ---- cells and columns ------------------------------------------------------------------------------------------

    def _cell(self, cell_id: str) -> None:
        cell, before = self.sheet.cells[cell_id], self.faults
        self.place = self._owned(cell.owner)
        kind = self.type_of(cell.formula)
        wanted = self.type_of(cell.like) if cell.like is not None else ANY
        if wanted != ANY:
            kind = self.same(wanted, cell.formula, f"`{cell.id}`")
        elif cell.bounds is not None:
            kind = self._within(cell.bounds, kind, cell)
        if cell.shown is not None and kind != Quantity(cell.shown.dimension):
            kind = self.shown(kind, cell.shown, _unit_place(cell.span, cell.shown))
        self.cells[cell_id] = kind
        if cell.bounds is not None:
            for bound in (cell.bounds.low, cell.bounds.high, cell.bounds.multiple, *cell.bounds.one_of):
                if bound is not None:
                    self.same(kind, bound, f"the range of `{cell.id}`")
        if self.faults > before or id(cell.formula) in self.faulty:
            self.where.cells.add(cell_id)

    def _within(self, bounds: Bounds, kind: Type, cell: Cell) -> Type:
        """The type of a range whose ends agree, where the value does not: the value is what is wrong."""
        ends = {self.type_of(end) for end in (bounds.low, bounds.high, *bounds.one_of) if end is not None} - {ANY}
        ends |= {COUNT} if bounds.whole else set()
        if len(ends) != 1 or kind in (ANY, *ends):
            return kind
        wanted = ends.pop()
        if isinstance(wanted, Quantity) and isinstance(kind, Quantity):
            message = f"the range of `{cell.id}` is {say(wanted)}, and its value is {say(kind)}"
            self.error("unit-mismatch", message, cell.formula.span, self.unit_hint(cell.formula, wanted))
            return wanted
        return kind

    def _column(self, column: Column) -> Type:
        key = (column.table, column.name)
        rows = self.sheet.tables[column.table].rows
        start = self.faults
        kind: Type = COUNT if column.role == "axis" else self._declared(column)
        declared = kind != ANY and column.role != "axis"
        if kind == ANY:
            kind = self.columns.get(key, ANY)
        reference: Formula | None = None
        known: list[tuple[Formula, int, Type]] = []
        for formula, served in column.groups:
            row = served[0]
            self.place = self._made_here(rows[row])
            if column.name == "copies" and column.role == "structure":
                self._count(formula)
            known.append((formula, row, self.type_of(formula)))
        if kind == ANY and any(found != ANY for _, _, found in known):
            kind, reference = self._column_type(column, known)
        for formula, row, found in known:
            if found in (ANY, kind):
                continue
            self.faulty.add(id(formula))
            self.place = self._made_here(rows[row])
            if column.role == "axis":
                self.error("unit-mismatch", f"a size is a plain number, and this is {say(found)}", formula.span)
                continue
            if declared:
                self.same(kind, formula, f"`{column.name}` of a {rows[row].kind}")
                continue
            notes = (Note(f"{say(kind)} here", reference.span),) if reference is not None else ()
            message = f"column `{column.name}` is {say(kind)} in some rows and {say(found)} in others"
            self.error("unit-mismatch", message, formula.span, "one column has one unit", notes)
        before = self.faults
        if column.shown is not None and kind != Quantity(column.shown.dimension):
            kind = self.shown(kind, column.shown, _unit_place(column.span, column.shown))
        self.columns[key] = kind
        if self.faults > start or self.faulty:
            every = self.faults > before
            self.where.entries |= {(*key, id(f)) for f, _, _ in known if every or id(f) in self.faulty}
        return kind

    def _declared(self, column: Column) -> Type:
        """The type of a column that has a default beside its rows."""
        if column.like is None:
            return self.columns_held.get((column.table, column.name), ANY)
        kind = self.type_of(column.like)
        return Quantity(column.shown.dimension) if kind == ANY and column.shown is not None else kind

    def _column_type(self, column: Column, known: list[tuple[Formula, int, Type]]) -> tuple[Type, Formula]:
        """The type of most rows, and a formula that has it; what the author's own text says counts less."""
        typed = [(formula, found) for formula, _, found in known if found != ANY]
        if all(found == typed[0][1] for _, found in typed):
            return typed[0][1], typed[0][0]
        counts = {id(formula): len(rows) for formula, rows in column.groups}
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

    def _circuit(self, circuit: Circuit) -> None:
        """Columns that feed each other: first what can be told without the circle, then the check of all."""
        names = dict.fromkeys(e if isinstance(e, str) else (e.table, e.column) for e in circuit.entries)
        quiet, told, faults, faulty = self.problems, self.told, self.faults, set(self.faulty)
        self.problems, self.told = Problems(), set()
        before: list[Type] = []
        while (now := [self._again(name) for name in names]) != before:
            before = now
        self.problems, self.told, self.faults, self.faulty = quiet, told, faults, faulty
        self.where.cells -= {name for name in names if isinstance(name, str)}
        self.where.entries = {entry for entry in self.where.entries if entry[:2] not in names}
        for name in names:
            self._again(name)

    def _again(self, name: str | tuple[str, str]) -> Type:
        self.known.clear()
        if isinstance(name, str):
            self._cell(name)
            return self.cells[name]
        return self._column(self.sheet.tables[name[0]].columns[name[1]])

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
            self.error("wrong-type", message, said.span)
            return
        widths = [said.spread] if said.spread is not None else []
        if said.kind == "normal":
            widths += said.arguments
        for width in widths:
            if kind != ANY and self.type_of(width) not in (kind, ANY) and not is_share(width):
                message = f"an uncertainty is a share (`20%`) or {say(kind)}, and this is {say(self.type_of(width))}"
                self.error("unit-mismatch", message, width.span)
        if said.kind in ("uniform", "one of"):
            for end in said.arguments:
                self.same(kind, end, f"`{item.path}`")
        elif said.kind == "lognormal":
            self.same(COUNT, said.arguments[0], "the factor of `lognormal`")

    def _claims(self) -> None:
        for claim in self.sheet.claims:
            with self.held(claim, claim.left, claim.right, claim.high):
                kind = self.type_of(claim.left)
                for side in (claim.right, claim.high):
                    if side is not None:
                        self.same(kind, side, f"`{claim.text}`")
                if claim.within is not None and kind != ANY:
                    self._tolerance(claim.within, kind)
                for key, formula in claim.at:
                    self.setting(key, formula)

    def _tolerance(self, within: Formula, kind: Type) -> None:
        """A share or a quantity like the figure; a bare `1` beside a quantity may be meant as 1 of its units."""
        found = self.type_of(within)
        written = within.text if isinstance(within, Literal) else ""
        bare = bool(written) and found == COUNT != kind and not is_share(within)
        if bare or found not in (COUNT, kind, ANY):
            message = f"a tolerance is a share (`1%`) or {say(kind)}, and this is {say(found)}"
            hint = f"write `{written}%`, or a quantity with its unit" if isinstance(within, Literal) and bare else ""
            self.error("unit-mismatch", message, within.span, hint)


def _unit_place(name: Span, unit: Unit) -> Span:
    """The place of a display unit on the line of the name that it belongs to; else the name."""
    text = name.source.text
    end = text.find("\n", name.end)
    written = re.compile(rf"\bin[ \t]+({re.escape(unit.text)})(?![\w/^*])")
    found = written.search(text, name.start, len(text) if end < 0 else end)
    return name if found is None else Span(name.source, *found.span(1))
