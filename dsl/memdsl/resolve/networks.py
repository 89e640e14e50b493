"""The rows of a network while its body is expanded, and the formulas of their columns."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..diagnostics import Source, Span
from ..records import record
from ..sheet.formula import Apply, At, Field, Formula, Here, Literal
from ..sheet.sheet import Check, Row
from ..syntax import tree
from ..units import NONE
from .bind import bind
from .block_results import BlockResult, BlockResults, Lent, Made, block_result, rows_lent
from .bodies import Body
from .constant import NotConstant, constant_value
from .domains import hold
from .expressions import elaborate, formula_of
from .faults import Fault, Reported
from .kind_calls import KindCall, KindCaller, matched, split_sharing, tensor, wrong_axes
from .kinds import (
    BORROWED,
    SIZES,
    STRUCTURE,
    WEIGHTS,
    BlockTemplate,
    KindRules,
    LayerKind,
    Variant,
    column_info,
)
from .limits import FEWER_ROWS, MAX_ROWS
from .row_names import Frame, name_rows
from .row_relations import relations_of
from .values import OwnColumn, RowValue, UnknownValue
from .workshop import NO_CLAUSES, Actual, ColumnInfo, OpenNetwork, Said, Value, Workshop, built_in, mapped


@record
class RowPlan:
    """Where the columns of one row come from. `arguments` are the formulas given in the call."""

    axes: tuple[str, ...]
    rules: KindRules | None
    arguments: Mapping[str, Formula]
    copies: Formula | None


@record
class Seam:
    """A repetition by a symbol: rows `first` to `last` stand for `count` copies of a block fed by `given`."""

    given: int
    out: int
    first: int
    last: int
    span: Span


class NetworkDraft(OpenNetwork):
    """The rows of a network while its body is expanded, and their formulas afterwards."""

    def __init__(self, shop: Workshop, name: str, template: tree.Network, span: Span) -> None:
        super().__init__(name, "network", name, template.label, span)
        self.shop = shop
        self.plans: list[RowPlan] = []
        self.kinds: dict[tuple[int, Variant], KindRules] = {}
        self.along: dict[str, dict[str, None]] = {}
        self.apart: dict[str, str] = {}
        self.lenders: dict[int, int] = {}
        self.columns: dict[str, ColumnInfo] = {}
        self.declarers: dict[str, dict[str, Source]] = {}
        self.axis_names: dict[str, None] = {}
        self.frames: list[Frame] = [Frame("", cell=False)]
        self.copies: list[Formula] = []
        self.seams: list[Seam] = []
        self.lent: list[Lent] = []
        self.element_formulas: dict[tuple[str, ...], Formula] = {}
        self.structure_formulas: dict[tuple[str, str], Formula] = {}
        self._relations: dict[str, tuple[tuple[int, ...], ...]] | None = None
        for structure in STRUCTURE:
            self.columns[structure] = ColumnInfo(span, None, "", "structure")

    # ---- making rows ------------------------------------------------------------------------------------------------

    def _add(self, row: Row, plan: RowPlan) -> int:
        index = self.shop.add_row(self, row)
        self.plans.append(plan)
        self.frames[-1].parts.append(index)
        self.axis_names.update(dict.fromkeys(plan.axes))
        return index

    def add_source(self, name: str, axes: tuple[str, ...], sizes: Sequence[Formula], span: Span) -> RowValue:
        """The row of a network's tensor argument: an image, a vector of tokens."""
        for axis in axes:
            self._column(axis, ColumnInfo(span, None, "", "axis"))
        plan = RowPlan(axes, None, dict(zip(axes, sizes, strict=True)), self._copies(span))
        self.frames.append(Frame(name))
        index = self._add(Row(name, "input", "input", span), plan)
        frame = self.frames.pop()
        self.frames[-1].parts.append(frame)
        return RowValue((self.id,), At(index))

    def _column(self, name: str, info: ColumnInfo) -> None:
        self.declarers.setdefault(name, {}).setdefault(info.span.source.name, info.span.source)
        known = self.columns.get(name)
        if known is None or (not known.label and info.label):
            self.columns[name] = info

    def _copies(self, span: Span) -> Formula | None:
        if not self.copies:
            return None
        product = self.copies[0]
        for factor in self.copies[1:]:
            product = Apply(span, "*", (product, factor))
        return product

    def rows_of(self, callee: Value, actuals: Sequence[Actual], span: Span) -> Value:
        if isinstance(callee, LayerKind):
            return self.add_layer(callee, actuals, span)
        if isinstance(callee, BlockTemplate):
            return self.add_block(callee, actuals, span, numbered=False)
        raise TypeError(f"{callee.what} makes no rows")

    def _own_columns_of(self, row: int) -> Container[str]:
        """The columns that a row has of its kind."""
        rules = self.plans[row].rules
        return () if rules is None else rules.own_names()

    def add_layer(self, kind: LayerKind, actuals: Sequence[Actual], span: Span) -> Value:
        caller = KindCaller(self.shop, self.id, lambda row: self.plans[row].axes, self._own_columns_of, kind)
        call = caller.read(actuals, span, lambda: self._counterpart(kind, span))
        rules = self._rules(kind, call)
        axes = call.axes
        if axes is None:
            like = kind.node.like
            axes = self.plans[call.slots[rules.slots[like]][0]].axes if like else ()
        row = Row("", kind.node.name, "layer" if call.variant.tensors else "input", span, call.slots)
        index = self._add(row, RowPlan(axes, rules, call.arguments, self._copies(span)))
        if call.lender is not None:
            self._lend(call.lender, index, rules, span)
        return RowValue((self.id,), At(index))

    def _counterpart(self, kind: LayerKind, span: Span) -> int | None:
        """The row whose weights the next one reads, because the block that it stands in reads those of another call."""
        if not self.lent:
            return None
        lent = self.lent[-1]
        place = len(self.rows) - lent.start
        if place >= len(lent.rows) or self.rows[lent.rows[place]].kind != kind.node.name:
            message = f"`{kind.node.name}` has no counterpart in the call whose weights are read"
            raise Fault("other-rows", message, span, "calls that share weights make the same rows")
        rules = self.plans[lent.rows[place]].rules
        return lent.rows[place] if rules is not None and WEIGHTS in rules.cells else None

    def _lend(self, lender: int, index: int, rules: KindRules, span: Span) -> None:
        """A row reads the weights of another: of as many elements as its own would have."""
        lender = self.lenders.get(lender, lender)
        self.lenders[index] = lender
        wanted = Field(span, Here(), self.id, BORROWED)
        condition = Apply(span, "==", (wanted, Field(span, At(lender), self.id, WEIGHTS)))
        name = rules.kind.node.name
        self.shop.checks.append(
            Check(condition, f"`{name}` reads weights of another size than its own", span, self.id, self.id, (index,))
        )

    def _rules(self, kind: LayerKind, call: KindCall) -> KindRules:
        key = (id(kind.node), call.variant)
        if key not in self.kinds:
            axes = call.axes
            rules = KindRules(self.shop, self, kind, call.variant, axes, call.sizes)
            self.kinds[key] = rules
            span = kind.span
            for axis in axes or ():
                if rules.cell_of_axis(axis) not in rules.cells:
                    if self.shop.lost(axis):
                        raise Reported
                    raise Fault(
                        "missing-axis",
                        f"layer `{kind.node.name}` does not say what `{axis}` is",
                        span,
                        f"add `{rules.cell_of_axis(axis)} = …` to its body",
                    )
                self._column(axis, ColumnInfo(span, None, "", "axis"))
            if call.variant.tied and WEIGHTS not in rules.cells:
                raise Fault("no-weights", f"`{kind.node.name}` has no weights to share", call.span)
            for name in rules.columns():
                self._column(name, ColumnInfo(span, None, "", "argument"))
            for name in call.variant.split:
                for axis in rules.families[kind.node.spread_over(rules.arguments[name])][1:]:
                    self.differs(name, axis)
            for name, cell in rules.cells.items():
                if name not in rules.families:
                    role = "axis" if name in (axes or ()) else "column"
                    self._column(name, column_info(cell, kind.scope, role))
            for name, (cell, scope) in rules.defaults.items():
                self._column(name, column_info(cell, scope, "column"))
        return self.kinds[key]

    def differs(self, name: str, axis: str) -> None:
        known = self.along.setdefault(name, {})
        if axis not in known:
            known[axis] = None
            self.apart[f"{name}_{axis}"] = name
            info = self.columns[name]
            label = f"{info.label}, along {axis}" if info.label else f"`{name}` along {axis}"
            self._column(f"{name}_{axis}", replace(info, label=label))

    def add_block(
        self, block: BlockTemplate, actuals: Sequence[Actual], span: Span, numbered: bool, copy: int = 0, times: int = 1
    ) -> Value:
        shop, node = self.shop, block.node
        plain, sharing = split_sharing(node.formals, actuals)
        faults: list[Fault] = []
        bound = bind(node.name, node.formals, plain, span, faults=faults)
        values: dict[str, Value] = {}
        scope = mapped(values, block.scope)
        for fault in faults:
            shop.report(fault)
        for formal in node.formals:
            given = bound.get(formal.name)
            if given is not None:
                shop.guarded(lambda f=formal, a=given[0]: values.update({f.name: self._given(block, f, a)}))  # type: ignore[misc]
            elif formal.default is not None and not faults:
                values[formal.name] = elaborate(shop, formal.default, scope)
            values.setdefault(formal.name, UnknownValue())
        start = len(self.rows)
        if sharing is not None:
            lender = elaborate(shop, sharing.argument.value, sharing.scope) if sharing.value is None else sharing.value
            self.lent.append(Lent(rows_lent(node, lender, sharing.span, copy, times), start))
        frame = Frame(node.name, cell=False, numbered=numbered)
        self.frames[-1].parts.append(frame)
        self.frames.append(frame)
        body = Body(self, node.body, scope, inline=True)
        try:
            with shop.calling(span):
                body.run()
                result = body.find("out")
        finally:
            self.frames.pop()
            if sharing is not None:
                self.lent.pop()
        if result is None and block.scope.source in shop.torn:
            raise Reported
        results = {name: body.find(name) for name in body.cells if name != "out"}
        return block_result(result, results, Made(node, (range(start, len(self.rows)),)))

    def _given(self, block: BlockTemplate, formal: tree.Formal, actual: Actual) -> Value:
        """What is given for an argument of a block."""
        shop, what = self.shop, block.node.name
        value = actual.value if actual.value is not None else elaborate(shop, actual.argument.value, actual.scope)
        if formal.axes is not None:
            index = tensor(self.id, value, formal, actual, what)
            if matched(formal.axes, self.plans[index].axes) is None:
                made = shop.table(self.id).rows[index].kind
                raise wrong_axes(what, formal.axes, self.plans[index].axes, actual.span, made)
        elif formal.clauses.domain_span is not None:
            hold(shop, formal, what, block.scope, value.formula(shop, actual.span), self.id)
        return value

    def repeat(
        self, count: Formula, callee: Value, actuals: Sequence[Actual], span: Span, number: Callable[[int], None]
    ) -> Value:
        shop = self.shop
        first = actuals[0].value
        if not isinstance(first, RowValue):
            raise Fault("not-a-tensor", "only a tensor can be passed through repeated blocks", actuals[0].span)
        shop.counts.append(count)
        try:
            times = constant_value(shop, count)
        except NotConstant as why:
            if why.told:
                raise Reported from None
            number(-1)
            return self._symbolic(count, callee, actuals, span, first)
        if isinstance(times, (bool, str)) or times < 0 or times != int(times):
            shown = "text" if isinstance(times, str) else "a truth value" if isinstance(times, bool) else f"{times:g}"
            raise Fault("bad-count", f"a block is repeated a whole number of times, and this is {shown}", count.span)
        if times > MAX_ROWS:
            message = f"a block is repeated {times:,.0f} times, and a spec makes at most {MAX_ROWS:,} rows"
            raise Fault("too-many-rows", message, count.span, FEWER_ROWS)
        value: Value = first
        copies: list[range] = []
        for copy in range(int(times)):
            number(copy)
            start = len(self.rows)
            value = self._once(callee, value, actuals, span, numbered=True, copy=copy, times=int(times))
            copies.append(range(start, len(self.rows)))
            if not isinstance(value, RowValue) and copy + 1 < times:
                raise _no_out(callee, span)
        if isinstance(value, BlockResult | BlockResults) and value.made is not None and copies:
            return replace(value, made=replace(value.made, copies=tuple(copies)))
        return value

    def _once(
        self, callee: Value, value: Value, actuals: Sequence[Actual], span: Span, numbered: bool, copy: int = 0,
        times: int = 1,
    ) -> Value:  # fmt: skip
        head = Actual(actuals[0].argument, actuals[0].scope, value)
        arguments = [head, *actuals[1:]]
        if isinstance(callee, BlockTemplate):
            return self.add_block(callee, arguments, span, numbered, copy, times)
        return callee.call(self.shop, arguments, span)

    def _symbolic(self, count: Formula, callee: Value, actuals: Sequence[Actual], span: Span, given: RowValue) -> Value:
        """One copy of the rows that stands for `count` of them; `prove_seams` shows that it may."""
        first = len(self.rows)
        self.copies.append(count)
        self._column("copies", ColumnInfo(span, None, "Copies of the row", "structure"))
        try:
            result = self._once(callee, given, actuals, span, numbered=False)
        finally:
            self.copies.pop()
        if not isinstance(result, RowValue) or not isinstance(result.row, At) or not isinstance(given.row, At):
            raise _no_out(callee, span)
        self.seams.append(Seam(given.row.index, result.row.index, first, len(self.rows) - 1, span))
        self.shop.checks.append(self._whole(count))
        return RowValue(result.tables, result.row)  # what lies within is of one copy, and which one is not said

    def _whole(self, count: Formula) -> Check:
        """A count that is a symbol must be whole and at least 1: the rows of the one copy are there."""
        one = Literal(count.span, 1.0, NONE, "1")
        whole = Apply(count.span, "==", (Apply(count.span, "floor", (count,)), count))
        condition = Apply(count.span, "and", (Apply(count.span, ">=", (count, one)), whole))
        message = "a block is repeated a whole number of times, at least once"
        return Check(condition, message, count.span, self.id, None, ())

    def finish(self) -> None:
        """Gives the rows their names, once all of them are there."""
        names: dict[int, str] = {}
        root = self.frames[0]
        for part in root.parts:
            if isinstance(part, Frame):
                name_rows(part, part.label, self.rows, names)
        for rules in self.kinds.values():
            if rules.families:  # which of its columns differ along the axes is known once they are made
                for name in (*rules.columns(), *rules.cells):
                    if name not in rules.families:
                        rules.formula(name)
        self.rows = [Row(names.get(i, f"row[{i}]"), r.kind, r.role, r.span, r.slots) for i, r in enumerate(self.rows)]
        self._relations = None

    def kind_checks(self) -> list[Check]:
        """The requirements of layer kinds, for the rows of each kind."""
        checks = []
        for rules in self.kinds.values():
            indices = tuple(i for i, plan in enumerate(self.plans) if plan.rules is rules)
            for statement in rules.kind.node.body:
                if isinstance(statement, tree.Require) and indices:
                    condition = formula_of(self.shop, statement.condition, rules.scope)
                    span = rules.kind.scope.span(statement.condition.span)
                    checks.append(Check(condition, statement.message, span, self.id, self.id, indices))
        return checks

    def said(self) -> Iterable[Said]:
        """Domains of the arguments and columns of kinds and of library defaults, and of every axis."""
        rows_of: dict[int, list[int]] = {}
        for index, plan in enumerate(self.plans):
            rows_of.setdefault(id(plan.rules), []).append(index)
        for rules in self.kinds.values():
            kind, rows = rules.kind, tuple(rows_of.get(id(rules), ()))
            axes = self.axis_names if kind.node.like else rules.axes or ()
            for name, formal in rules.arguments.items():
                if formal.clauses.domain_span is not None:
                    named = f"`{name}` of `{kind.node.name}`"
                    for column in (name, *(along for along, first in self.apart.items() if first == name)):
                        yield Said(column, rows, formal.clauses, kind.scope, named, "argument")
                    for axis in self.along.get(name, ()):
                        column = f"{name}_{axis}"
                        apart = tuple(row for row in rows if self.is_apart(column, row))
                        yield Said(column, apart, formal.clauses, kind.scope, f"{named} along {axis}", "argument")
            for name, cell in rules.cells.items():
                if cell.clauses.domain_span is not None and name in rules.families:
                    for axis in rules.families[name]:
                        yield Said(axis, rows, cell.clauses, kind.scope, f"`{axis}`", "axis")
                elif cell.clauses.domain_span is not None:
                    yield Said(name, rows, cell.clauses, kind.scope, f"`{name}`", "axis" if name in axes else "column")
        for cell, scope in self.shop.defaults:
            if cell.clauses.domain_span is not None:
                kept = tuple(i for i in range(len(self.rows)) if not self._says(i, cell.name))
                yield Said(cell.name, kept, cell.clauses, scope, f"`{cell.name}`", "column")
        for axis in self.axis_names:
            rows = tuple(i for i, plan in enumerate(self.plans) if axis in plan.axes and not self._says(i, axis))
            yield Said(axis, rows, NO_CLAUSES, None, f"`{axis}`", "axis")

    def _says(self, index: int, name: str) -> bool:
        """Whether the kind of a row says itself what a column may be."""
        rules = self.plans[index].rules
        if rules is None:
            return False
        said = rules.cells.get(rules.cell_of_axis(name)) or rules.arguments.get(name)
        return said is not None and said.clauses.domain_span is not None

    # ---- columns ----------------------------------------------------------------------------------------------------

    def knows(self, column: str) -> bool:
        return column in self.columns or column in SIZES

    def every_row_has(self, column: str, reader: Source) -> bool:
        """Whether a column is one of the language's, or a default of every layer that a text sees."""
        if column in STRUCTURE or column in SIZES:
            return True
        if column == "copies":
            return column in self.columns
        defaults = self.shop.defaults
        return any(cell.name == column and self.shop.sees(reader, scope.source) for cell, scope in defaults)

    def seen(self, column: str, reader: Source) -> bool:
        """Whether a text sees one of those that declare a column."""
        return any(self.shop.sees(reader, source) for source in self.declarers.get(column, {}).values())

    def definitions(self, column: str, row: int | None) -> Iterator[Span]:
        every = list(self.kinds.values())
        for rules in [self.plans[row].rules] if row is not None and row < len(self.plans) else every:
            if rules is not None:
                yield from rules.definition(column)

    def names(self) -> Iterable[str]:
        order = {"structure": 0, "argument": 1, "axis": 2, "column": 4}
        names = sorted(self.columns, key=lambda n: order[self.columns[n].role])
        cut = next((i for i, n in enumerate(names) if self.columns[n].role == "column"), len(names))
        return [*names[:cut], *SIZES, *names[cut:]]

    def info(self, column: str) -> ColumnInfo:
        if column in SIZES:
            return ColumnInfo(self.span, None, SIZES[column], "column")
        return self.columns[column]

    def group_of(self, index: int) -> object:
        plan = self.plans[index]
        return (id(plan.rules), plan.axes) if plan.rules is not None else None

    def own_columns(self) -> Container[str]:
        return {*STRUCTURE, "copies", *(name for plan in self.plans for name in plan.arguments)}

    def formula_at(self, column: str, index: int) -> Formula | None:
        plan = self.plans[index]
        if column in plan.arguments:
            return plan.arguments[column]
        if column in STRUCTURE:
            return self._structure(column, index)
        if column in SIZES:
            return self._product(plan.axes if column == "elements" else plan.axes[1:])
        if column == "copies":
            return plan.copies if plan.copies is not None else self._one()
        if plan.rules is None:
            return self._default_of_source(column)
        if column in self.apart and not self.is_apart(column, index):
            return self._first_axis(column, index)
        if column in self.axis_names and column not in plan.axes and column not in plan.rules.cells:
            return None if column not in plan.rules.arguments else plan.rules.formula(column)
        return plan.rules.formula(column)

    def is_apart(self, column: str, index: int) -> bool:
        plan = self.plans[index]
        return column in plan.arguments or (plan.rules is not None and plan.rules.formula(column) is not None)

    def _first_axis(self, column: str, index: int) -> Formula | None:
        """A column along an axis, in a row that does not differ along it."""
        base = self.apart[column]
        if self.formula_at(base, index) is None:
            return None
        span = built_in(base)
        return self.structure_formulas.setdefault((column, base), Field(span, Here(), self.id, base))

    def _default_of_source(self, column: str) -> Formula | None:
        """A network's own inputs have the library's defaults for every row."""
        key = ("default", column)
        if key not in self.structure_formulas:
            found = next(((cell, scope) for cell, scope in self.shop.defaults if cell.name == column), None)
            if found is None:
                return None
            cell, outer = found
            own = {cell.name: OwnColumn(self.id, cell.name) for cell, _ in self.shop.defaults}
            own.update({name: OwnColumn(self.id, name) for name in SIZES})
            self.structure_formulas[key] = formula_of(self.shop, cell.value, mapped(own, outer))
        return self.structure_formulas[key]

    def _one(self) -> Formula:
        return self.structure_formulas.setdefault(("copies", ""), Literal(self.span, 1.0, NONE, "1"))

    def _structure(self, column: str, index: int) -> Formula:
        row = self.rows[index]
        if column == "index":
            return Literal(row.span, float(index), NONE, str(index))
        text = {"name": row.name, "kind": row.kind, "class": row.role}[column]
        if column == "name":
            return Literal(row.span, text, None, f'"{text}"')
        return self.structure_formulas.setdefault((column, text), Literal(self.span, text, None, f'"{text}"'))

    def _product(self, axes: tuple[str, ...]) -> Formula:
        if axes not in self.element_formulas:
            span = built_in(" * ".join(axes) or "1")
            product: Formula = Literal(span, 1.0, NONE, "1")
            for number, axis in enumerate(axes):
                factor = Field(span, Here(), self.id, axis)
                product = factor if number == 0 else Apply(span, "*", (product, factor))
            self.element_formulas[axes] = product
        return self.element_formulas[axes]

    def stores_nothing(self, index: int) -> bool:
        """Whether a row stores nothing and is not made in place; where that rests on values, it stores its output."""

        def says(column: str) -> bool:
            formula = self.formula_at(column, index) if self.knows(column) else None
            try:
                return formula is not None and bool(constant_value(self.shop, formula, (self.id, index)))
            except NotConstant:
                return False

        return says("free") and not says("in_place")

    def is_view(self, index: int) -> bool:
        """Whether a row is known to hold nothing but the tensors behind it."""
        rules = self.plans[index].rules
        formula = rules.formula("view") if rules is not None else None
        return isinstance(formula, Literal) and formula.value is True

    def relations(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        if self._relations is None:
            inputs = tuple(tuple(i for slot in row.slots for i in slot) for row in self.rows)
            views = [self.is_view(index) for index in range(len(self.rows))]
            self._relations = relations_of(inputs, views, self.stores_nothing, self.lenders)
        return self._relations


def _no_out(callee: Value, span: Span) -> Fault:
    if not isinstance(callee, BlockTemplate):
        return Fault("not-a-tensor", "a repeated block must give a tensor", span)
    name = callee.node.name
    return Fault(
        "missing-out", f"block `{name}` has no `out`, which the next copy would take", span, "name it: `out = …`"
    )
