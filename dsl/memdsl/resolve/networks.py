"""Networks: rows made by layer kinds, blocks unrolled, repetition by a symbol proved."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ..diagnostics import Source, Span
from ..records import record
from ..sheet.formula import Apply, At, Field, Formula, Here, Literal, Rows, Slot
from ..sheet.sheet import Check, Instance, Row
from ..syntax import tree
from ..units import NONE, Unit
from .bind import bind
from .constant import NotConstant
from .drafts import ColumnInfo, TableDraft, live_rows, unique_rows
from .expressions import elaborate, formula_of, unit_of
from .keys import key_of
from .scope import Scope, mapped
from .values import (
    Actual,
    CellValue,
    Fault,
    ListValue,
    OwnColumn,
    Reported,
    RowsValue,
    RowValue,
    Scalar,
    Value,
    no_number,
)
from .workshop import Workshop, slot_rows

STRUCTURE = ("name", "kind", "class", "index")
SIZES = {
    "elements": "Elements of the output",
    "row_elements": "Elements of one step along the first axis",
}


# ---- naming rows ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Frame:
    """What one cell or one block made: rows and inner frames, from which row names are built."""

    label: str
    parts: list[Frame | int] = field(default_factory=list)
    cell: bool = True
    numbered: bool = False


def _names(frame: Frame, prefix: str, rows: Sequence[Row], names: dict[int, str]) -> None:
    parts: list[Frame | int] = []
    for part in frame.parts:
        if isinstance(part, Frame) and part.cell and part.label == "out":
            parts.extend(part.parts)
        else:
            parts.append(part)
    if frame.cell and len(parts) == 1 and isinstance(parts[0], int):
        names[parts[0]] = prefix
        return
    labels = [rows[p].kind if isinstance(p, int) else p.label for p in parts]
    counts: dict[str, int] = {}
    for part, label in zip(parts, labels, strict=True):
        counts[label] = counts.get(label, 0) + 1
        many = labels.count(label) > 1 or (isinstance(part, Frame) and part.numbered)
        name = f"{label}[{counts[label]}]" if many else label
        full = f"{prefix}.{name}" if prefix else name
        if isinstance(part, int):
            names[part] = full
        else:
            _names(part, full, rows, names)


# ---- layer kinds ----------------------------------------------------------------------------------------------------


class KindRules:
    """The columns of one layer kind in one network: each formula is made once and shared by all rows of the kind."""

    def __init__(self, shop: Workshop, draft: NetworkDraft, kind: LayerKind, tensors: tuple[str, ...]) -> None:
        self.shop = shop
        self.draft = draft
        self.kind = kind
        node = kind.node
        self.tensors = tensors
        self.cells = {cell.name: cell for cell in node.body if isinstance(cell, tree.Cell)}
        self.defaults = {cell.name: (cell, scope) for cell, scope in shop.defaults if cell.name not in self.cells}
        self.arguments = {f.name: f for f in node.formals if f.name not in tensors}
        for name in self.arguments:
            self.defaults.pop(name, None)
        self.slots = {name: number for number, name in enumerate(tensors)}
        self.variadic = {f.name for f in node.formals if f.variadic}
        self.made: dict[str, Formula | None] = {}
        tensor_values = {
            name: slot_rows(draft.id, number, (draft.id,), name in self.variadic, draft.id)
            for name, number in self.slots.items()
        }
        self.scope = self._row_scope(mapped(tensor_values, kind.scope))

    def _row_scope(self, parent: Scope) -> Scope:
        return Scope(parent.source, self._own, self.own_names, parent)

    def own_names(self) -> list[str]:
        return [*STRUCTURE, *SIZES, *self.arguments, *self.cells, *self.defaults, *(self.kind.node.axes or ())]

    def _own(self, name: str) -> Value | None:
        if name in self.cells or name in self.arguments or name in self.defaults or name in STRUCTURE:
            return OwnColumn(self.draft.id, name)
        if name in SIZES or (self.kind.node.axes is not None and name in self.kind.node.axes):
            return OwnColumn(self.draft.id, name)
        if self.kind.node.like and name in self.draft.axis_names:
            return OwnColumn(self.draft.id, name)
        if name in ("inputs", "consumers", "live"):
            return self.shop.relation_of((self.draft.id,), Here(), name)
        return None

    def formula(self, name: str) -> Formula | None:
        """The shared formula of a column of this kind; None when the kind has no such column."""
        if name not in self.made:
            self.made[name] = None
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Formula | None:
        shop = self.shop
        if name in self.cells:
            node, scope = self.cells[name].value, self.scope
        elif name in self.arguments:
            default = self.arguments[name].default
            if default is None:
                return None
            node, scope = default, self.scope
        elif name in self.defaults:
            cell, outer = self.defaults[name]
            node, scope = cell.value, self._row_scope(outer)
        elif self.kind.node.like and name in self.draft.axis_names:
            like = self.kind.node.like
            return Field(built_in(f"{like}.{name}"), Slot(self.slots[like]), self.draft.id, name)
        else:
            return None
        try:
            return formula_of(shop, node, scope)
        except Fault as fault:
            shop.report(fault)
        except Reported:
            pass
        return Literal(scope.span(node.span), 0.0, None, "?")


@record
class LayerKind(Value):
    """`layer conv(…)`: calling it inside a network makes a row."""

    node: tree.LayerKind
    scope: Scope
    shop: Workshop
    what = "a layer kind"

    @property
    def span(self) -> Span:
        return self.scope.span(self.node.name_span)

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        if not shop.building:
            raise Fault(
                "not-in-network",
                f"`{self.node.name}` is a layer kind: it makes a row of a network",
                span,
                "call it inside `network … { }` or a block",
            )
        return shop.building[-1].add_layer(self, actuals, span)


@record
class BlockTemplate(Value):
    node: tree.Block
    scope: Scope
    what = "a block"

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        if not shop.building:
            raise Fault(
                "not-in-network",
                f"`{self.node.name}` is a block: it makes rows of a network",
                span,
                "call it inside `network … { }` or a block",
            )
        return shop.building[-1].add_block(self, actuals, span, numbered=False)


# ---- a network being built ------------------------------------------------------------------------------------------


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


class NetworkDraft(TableDraft):
    """The rows of a network while its body is expanded, and their formulas afterwards."""

    def __init__(self, shop: Workshop, name: str, template: tree.Network, span: Span) -> None:
        super().__init__(name, "network", name, template.label, span)
        self.shop = shop
        self.plans: list[RowPlan] = []
        self.kinds: dict[tuple[int, tuple[str, ...]], KindRules] = {}
        self.columns: dict[str, ColumnInfo] = {}
        self.axis_names: dict[str, None] = {}
        self.frames: list[Frame] = [Frame("", cell=False)]
        self.copies: list[Formula] = []
        self.seams: list[Seam] = []
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

    def add_layer(self, kind: LayerKind, actuals: Sequence[Actual], span: Span) -> Value:
        shop, node = self.shop, kind.node
        bound = bind(node.name, node.formals, actuals, span)
        slots: list[tuple[int, ...]] = []
        tensors: list[str] = []
        arguments: dict[str, Formula] = {}
        for formal in node.formals:
            given = bound.get(formal.name)
            if given is None:
                continue
            values = [a.value if a.value is not None else elaborate(shop, a.argument.value, a.scope) for a in given]
            is_tensor = formal.axes is not None or formal.variadic or formal.name == node.like
            if is_tensor or isinstance(values[0], RowValue):
                slots.append(tuple(self._tensor(v, formal, a, node.name) for v, a in zip(values, given, strict=True)))
                tensors.append(formal.name)
            else:
                arguments[formal.name] = values[0].formula(shop, given[0].span)
        rules = self._rules(kind, tuple(tensors))
        axes = node.axes
        if axes is None:
            axes = self.plans[slots[rules.slots[node.like]][0]].axes if node.like else ()
        role = "layer" if tensors else "input"
        row = Row("", node.name, "layer" if role == "layer" else "input", span, tuple(slots))
        index = self._add(row, RowPlan(axes, rules, arguments, self._copies(span)))
        return RowValue((self.id,), At(index))

    def _tensor(self, value: Value, formal: tree.Formal, actual: Actual, what: str) -> int:
        if not isinstance(value, RowValue) or value.tables[0] != self.id or not isinstance(value.row, At):
            raise Fault(
                "not-a-tensor",
                f"`{what}` needs a tensor for `{formal.name}`, and this is {value.what}",
                actual.span,
                "pass a row of the network, such as `image` or the name of a cell of its body",
            )
        index = value.row.index
        missing = [axis for axis in formal.axes or () if axis not in self.plans[index].axes]
        if missing:
            wanted, got = ", ".join(formal.axes or ()), ", ".join(self.plans[index].axes)
            raise Fault("wrong-axes", f"`{what}` needs a tensor [{wanted}], and this one is [{got}]", actual.span)
        return index

    def _rules(self, kind: LayerKind, tensors: tuple[str, ...]) -> KindRules:
        key = (id(kind.node), tensors)
        if key not in self.kinds:
            rules = KindRules(self.shop, self, kind, tensors)
            self.kinds[key] = rules
            span = kind.span
            for axis in kind.node.axes or ():
                if axis not in rules.cells:
                    if self.shop.lost(axis):
                        raise Reported
                    raise Fault(
                        "missing-axis",
                        f"layer `{kind.node.name}` does not say what `{axis}` is",
                        span,
                        f"add `{axis} = …` to its body",
                    )
                self._column(axis, ColumnInfo(span, None, "", "axis"))
            for name in rules.arguments:
                self._column(name, ColumnInfo(span, None, "", "argument"))
            for name, cell in rules.cells.items():
                role = "axis" if name in (kind.node.axes or ()) else "column"
                self._column(name, _info(cell, kind.scope, role))
            for name, (cell, scope) in rules.defaults.items():
                self._column(name, _info(cell, scope, "column"))
        return self.kinds[key]

    def add_block(self, block: BlockTemplate, actuals: Sequence[Actual], span: Span, numbered: bool) -> Value:
        shop, node = self.shop, block.node
        bound = bind(node.name, node.formals, actuals, span)
        values: dict[str, Value] = {}
        scope = mapped(values, block.scope)
        for formal in node.formals:
            given = bound.get(formal.name)
            if given is None:
                if formal.default is not None:
                    values[formal.name] = elaborate(shop, formal.default, scope)
            else:
                actual = given[0]
                value = (
                    actual.value if actual.value is not None else elaborate(shop, actual.argument.value, actual.scope)
                )
                if formal.axes is not None:
                    self._tensor(value, formal, actual, node.name)
                values[formal.name] = value
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
        if result is None:
            if shop.lost("out"):
                raise Reported
            raise Fault(
                "missing-out",
                f"block `{node.name}` has no `out`",
                block.scope.span(node.name_span),
                "name its result: `out = …`",
            )
        return result

    def repeat(self, count: Formula, callee: Value, actuals: Sequence[Actual], span: Span) -> Value:
        shop = self.shop
        first = actuals[0].value
        if not isinstance(first, RowValue):
            raise Fault("not-a-tensor", "only a tensor can be passed through repeated blocks", actuals[0].span)
        try:
            times = shop.constants.value(count)
        except NotConstant:
            return self._symbolic(count, callee, actuals, span, first)
        if isinstance(times, (bool, str)) or times < 0 or times != int(times):
            shown = "text" if isinstance(times, str) else "a truth value" if isinstance(times, bool) else f"{times:g}"
            raise Fault("bad-count", f"a block is repeated a whole number of times, and this is {shown}", count.span)
        value: Value = first
        for _ in range(int(times)):
            value = self._once(callee, value, actuals, span, numbered=True)
        return value

    def _once(self, callee: Value, value: Value, actuals: Sequence[Actual], span: Span, numbered: bool) -> Value:
        head = Actual(actuals[0].argument, actuals[0].scope, value)
        arguments = [head, *actuals[1:]]
        if isinstance(callee, BlockTemplate):
            return self.add_block(callee, arguments, span, numbered)
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
            raise Fault("not-a-tensor", "a repeated block must give a tensor", span)
        self.seams.append(Seam(given.row.index, result.row.index, first, len(self.rows) - 1, span))
        return result

    def finish(self) -> None:
        """Gives the rows their names, once all of them are there."""
        names: dict[int, str] = {}
        root = self.frames[0]
        for part in root.parts:
            if isinstance(part, Frame):
                _names(part, part.label, self.rows, names)
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

    # ---- columns ----------------------------------------------------------------------------------------------------

    def knows(self, column: str) -> bool:
        return column in self.columns or column in SIZES

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
        if column in self.axis_names and column not in plan.axes and column not in plan.rules.cells:
            return None if column not in plan.rules.arguments else plan.rules.formula(column)
        return plan.rules.formula(column)

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

    def relations(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        if self._relations is None:
            inputs = tuple(tuple(i for slot in row.slots for i in slot) for row in self.rows)
            consumers: list[list[int]] = [[] for _ in self.rows]
            for index, given in enumerate(inputs):
                for source in unique_rows(given):
                    consumers[source].append(index)
            last = [readers[-1] if readers else i for i, readers in enumerate(consumers)]
            self._relations = {
                "inputs": inputs,
                "consumers": tuple(tuple(c) for c in consumers),
                "live": live_rows(last),
            }
        return self._relations


def built_in(text: str) -> Span:
    """The place of a formula that the language itself gives a column."""
    return Span(Source("built in", text), 0, len(text))


def _info(cell: tree.Cell, scope: Scope, role: str) -> ColumnInfo:
    shown: Unit | None = unit_of(cell.clauses.shown, scope) if cell.clauses.shown is not None else None
    return ColumnInfo(scope.span(cell.name_span), shown, cell.clauses.label, role, cell.clauses.source)


class Body:
    """The statements of a block or a network: run in the order of the text, a later name made when it is needed."""

    def __init__(
        self, draft: NetworkDraft, body: Sequence[tree.Cell | tree.Require], scope: Scope, inline: bool
    ) -> None:
        self.draft = draft
        self.cells = {cell.name: cell for cell in body if isinstance(cell, tree.Cell)}
        self.values: dict[str, Value] = {}
        self.busy: list[str] = []
        self.broken: set[str] = set()
        self.inline = inline
        self.scope = Scope(scope.source, self.find, self.cells.keys, scope)

    def run(self) -> None:
        """Makes everything, reports the fault of each cell, and raises Reported when there was one."""
        self.draft.shop.all_of([partial(self._make, name) for name in self.cells])

    def _make(self, name: str) -> None:
        self.find(name)

    def find(self, name: str) -> Value | None:
        if name in self.values:
            return self.values[name]
        cell = self.cells.get(name)
        if cell is None:
            return None
        if name in self.broken:
            raise Reported
        if name in self.busy:
            circle = [*self.busy[self.busy.index(name) :], name]
            told = " → ".join(f"`{n}`" for n in circle)
            message = f"`{name}` is made from itself" if len(circle) == 2 else f"these are made from each other: {told}"
            raise Fault("circular", message, self.scope.span(cell.name_span))
        self.busy.append(name)
        frame = Frame(name)
        self.draft.frames.append(frame)
        try:
            value = elaborate(self.draft.shop, cell.value, self.scope)
        except (Fault, Reported):
            self.broken.add(name)
            raise
        finally:
            self.draft.frames.pop()
            self.busy.pop()
        if frame.parts:
            self.draft.frames[-1].parts.append(frame)
        if isinstance(value, Scalar) and not self.inline:
            value = self._as_cell(cell, value)
        self.values[name] = value
        return value

    def _as_cell(self, cell: tree.Cell, value: Scalar) -> Value:
        """A number of a network's body is a cell of the sheet (`yolo.total`)."""
        cell_id = f"{self.draft.id}.{cell.name}"
        span = self.scope.span(cell.name_span)
        shop = self.draft.shop
        shop.declare_cell(
            cell_id, self.draft.id, "cell", self.scope, span, cell.value, cell.clauses, formula=value.content
        )
        return CellValue(cell_id)


# ---- templates and instances ----------------------------------------------------------------------------------------


@record
class NetworkInstance(Value):
    name: str
    table: str
    body: Body
    what = "a network"

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise no_number(self.what, [*self.body.values, "layers"], span)

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        rows = rows_of_network(shop, self.name, (self.table,), name)
        if rows is not None:
            return rows
        value = self.body.values.get(name)
        if value is not None:
            return value
        known = [*self.body.values, "layers", "sources", "rows"]
        raise shop.unknown_part(f"network `{self.name}` has no `{name}`", name, known, span)


def rows_of_network(shop: Workshop, name: str, tables: tuple[str, ...], part: str) -> RowsValue | None:
    """`layers`, `sources` and `rows` of a network, or of a model over it."""
    rows = shop.network_rows(tables[0])
    roles = {"layers": ("layer",), "sources": ("input",), "rows": ("layer", "input")}.get(part)
    if roles is None:
        return None
    indices = tuple(i for i, row in enumerate(rows) if row.role in roles)
    return RowsValue(tables, Rows(tables[0], indices, f"{name}.{part}"))


@record
class NetworkTemplate(Value):
    node: tree.Network
    scope: Scope
    what = "a network template"

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        node = self.node
        bound = bind(node.name, node.formals, actuals, span)
        values: dict[str, Value] = {}
        scope = mapped(values, self.scope)
        for formal in node.formals:
            given = bound.get(formal.name)
            if given is None:
                if formal.default is not None:
                    values[formal.name] = elaborate(shop, formal.default, scope)
                continue
            actual = given[0]
            value = actual.value if actual.value is not None else elaborate(shop, actual.argument.value, actual.scope)
            if formal.axes is not None:
                value = _sizes(shop, value, formal, actual, node.name)
            values[formal.name] = value
        key = f"network {id(node)} " + " ".join(f"{n}={key_of(shop, v)}" for n, v in values.items())
        return shop.share(key, span, lambda: self._build(shop, shop.unique_name(name or node.name), bound, values, span))

    def _build(
        self,
        shop: Workshop,
        name: str,
        bound: Mapping[str, tuple[Actual, ...]],
        values: Mapping[str, Value],
        span: Span,
    ) -> NetworkInstance:
        node = self.node
        draft = NetworkDraft(shop, name, node, span)
        shop.add_table(draft)
        inner: dict[str, Value] = dict(values)
        for formal in node.formals:
            value = inner.get(formal.name)
            if formal.axes is not None and isinstance(value, ListValue):
                scope = bound[formal.name][0].scope
                sizes = [v.formula(shop, scope.span(item.span)) for v, item in value.items]
                where = self.scope.span(node.name_span)
                inner[formal.name] = draft.add_source(formal.name, formal.axes, sizes, where)
        body = Body(draft, node.body, mapped(inner, self.scope), inline=False)
        shop.building.append(draft)
        try:
            body.run()
        finally:
            shop.building.pop()
            draft.finish()
        shop.instances[name] = Instance(name, "network", node.name, node.label, draft.id, (draft.id,), None, span)
        return NetworkInstance(name, draft.id, body)


def _sizes(shop: Workshop, value: Value, formal: tree.Formal, actual: Actual, what: str) -> ListValue:
    """The sizes given for a tensor argument, each with its own place."""
    axes = formal.axes or ()
    if not isinstance(value, ListValue) or len(value.items) != len(axes):
        got = f"{len(value.items)} sizes" if isinstance(value, ListValue) else value.what
        raise Fault(
            "wrong-axes",
            f"`{what}` needs {len(axes)} sizes for `{formal.name}` [{', '.join(axes)}], and this is {got}",
            actual.span,
            f"write `[{', '.join(axes)}]` with a value for each",
        )
    written = actual.argument.value
    if not isinstance(written, tree.ListOf):
        return value
    spans = [actual.scope.span(item.span) for item in written.items]
    return ListValue(
        tuple((Scalar(v.formula(shop, at)), item) for (v, item), at in zip(value.items, spans, strict=True))
    )
