"""Layer kinds: their columns, each formula shared by all rows of a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..diagnostics import Span
from ..records import compared, record
from ..sheet.formula import Field, Formula, Here, Literal, Related, Slot, Unknown
from ..syntax import tree
from ..units import NONE, Unit
from .expressions import elaborate, unit_of
from .families import Tensor, Tensors, TextOrNumber
from .faults import Fault, Reported
from .row_relations import RELATIONS
from .values import FamilyValue, OwnColumn, Scalar, relation_of
from .workshop import Actual, ColumnInfo, OpenNetwork, Scope, Value, Workshop, built_in, mapped

STRUCTURE = ("name", "kind", "class", "index")
SIZES = {
    "elements": "Elements of the output",
    "row_elements": "Elements of one step along the first axis",
}
WEIGHTS, BORROWED, TIED = "weights", "borrowed", "tied"
"""Columns of a row that reads another's weights: it stores none, borrows them, and says so."""


Families = tuple[tuple[str, tuple[str, ...]], ...]
"""The axes that each family of a kind stands for."""


def slot_rows(
    table: str, number: int, tables: Sequence[str], variadic: bool, root: str, families: Families = ()
) -> Value:
    """The tensor argument of a row here: one row, or several for a variadic argument."""
    if variadic:
        return Tensors(tuple(tables), Related(table, f"slot{number}", Here(), root), families)
    return Tensor(tuple(tables), Slot(number), families)


def column_info(cell: tree.Cell, scope: Scope, role: str) -> ColumnInfo:
    shown: Unit | None = unit_of(cell.clauses.shown, scope) if cell.clauses.shown is not None else None
    return ColumnInfo(scope.span(cell.name_span), shown, cell.clauses.label, role, cell.clauses.source)


@compared
class Variant:
    """What decides the formulas of a kind beside its text: rows that agree in it share them.

    `families` are the axes that each family stands for. Of the arguments along axes, `given` are those that a call
    gives as one number, `split` those that it gives for each axis. `known` are the texts and truths that decide
    structure, `named` the sizes given by the names of axes. A `tied` row reads the weights of another.
    """

    tensors: tuple[str, ...]
    families: Families = ()
    given: frozenset[str] = frozenset()
    split: frozenset[str] = frozenset()
    known: tuple[tuple[str, str | bool], ...] = ()
    named: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    tied: bool = False


class KindRules:
    """The columns of one variant of a kind in one network: each formula is made once and shared by all its rows.

    `axes` are those of the output, `sizes` the formulas given by the names of axes (`slice(c = 64)`).
    """

    def __init__(
        self,
        shop: Workshop,
        draft: OpenNetwork,
        kind: LayerKind,
        variant: Variant,
        axes: tuple[str, ...] | None,
        sizes: Mapping[str, Mapping[str, Formula]],
    ) -> None:
        self.shop = shop
        self.draft = draft
        self.kind = kind
        self.variant = variant
        self.axes = axes
        self.sizes = sizes
        node = kind.node
        self.families = dict(variant.families)
        self.known = dict(variant.known)
        self.cells = {cell.name: cell for cell in node.body if isinstance(cell, tree.Cell)}
        self.defaults = {cell.name: (cell, scope) for cell, scope in shop.defaults if cell.name not in self.cells}
        self.arguments = {f.name: f for f in node.formals if f.name not in variant.tensors}
        for name in self.arguments:
            self.defaults.pop(name, None)
        self.slots = {name: number for number, name in enumerate(variant.tensors)}
        self.variadic = {f.name for f in node.formals if f.variadic}
        self.made: dict[str, Formula | None] = {}
        self.values: dict[str, Value | None] = {}
        tensor_values = {
            name: slot_rows(draft.id, number, (draft.id,), name in self.variadic, draft.id, variant.families)
            for name, number in self.slots.items()
        }
        self.scope = self._row_scope(mapped(tensor_values, kind.scope))

    def _row_scope(self, parent: Scope) -> Scope:
        return Scope(parent.source, self._own, self.own_names, parent)

    def own_names(self) -> list[str]:
        return [*STRUCTURE, *SIZES, *self.arguments, *self.cells, *self.defaults, *(self.axes or ()), *self.families]

    def columns(self) -> Iterator[str]:
        """The arguments that are columns: not what is given by the names of axes, nor a text along axes."""
        return (name for name in self.arguments if self._is_column(name))

    def _is_column(self, name: str) -> bool:
        along = name in self.arguments and self.kind.node.spread_over(self.arguments[name])
        return name not in self.sizes and not (name in self.known and along)

    def cell_of_axis(self, axis: str) -> str:
        """The cell of the body that says what an axis of the output is: its own, or that of its family."""
        for written in self.kind.node.axes or ():
            family = written.removesuffix(tree.FAMILY)
            if family != written and axis in self.families.get(family, ()):
                return family
        return axis

    def definition(self, name: str) -> Iterator[Span]:
        """The statement that defines a column of this kind, if there is one."""
        if name in self.cells:
            yield self.kind.scope.span(self.cells[name].name_span)
        elif name in self.arguments:
            start = self.arguments[name].span[0]
            yield self.kind.scope.span((start, start + len(name)))
        elif name in self.defaults:
            cell, scope = self.defaults[name]
            yield scope.span(cell.name_span)

    # ---- names in the formulas of the kind --------------------------------------------------------------------------

    def _own(self, name: str) -> Value | None:
        if name in self.slots:
            return None  # a tensor of the call, whatever its axes are called
        if name in self.families and name not in self.arguments:
            axes = self.families[name]
            return FamilyValue(axes, tuple(OwnColumn(self.draft.id, axis) for axis in axes))
        if self.variant.tied and name == WEIGHTS:
            return OwnColumn(self.draft.id, BORROWED)
        if name in self.arguments or name in self.cells:
            return self._argument(name)
        if name in self.defaults or name in STRUCTURE or name in SIZES or name in (self.kind.node.axes or ()):
            return OwnColumn(self.draft.id, name)
        if self.kind.node.like and name in self.draft.axis_names:
            return OwnColumn(self.draft.id, name)
        if name in RELATIONS:
            return relation_of(self.shop, (self.draft.id,), Here(), name)
        return None

    def _argument(self, name: str) -> Value:
        """An argument or a cell of the body: a column, a column for each axis, or what is known while rows are made."""
        formal = self.arguments.get(name)
        family = self.kind.node.spread_over(formal) if formal is not None else ""
        if name in self.known:
            known = self.known[name]
            shown = f'"{known}"' if isinstance(known, str) else "true" if known else "false"
            literal = Scalar(Literal(self.kind.span, known, None, shown))
            return FamilyValue(self.families[family], (literal,) * len(self.families[family])) if family else literal
        if name in self.sizes:
            return self._by_name(name, self.families[family])
        if not family:
            return OwnColumn(self.draft.id, name)
        if isinstance(self.arguments[name].default, tree.Number) and name not in self.variant.split:
            return self._columns(name, self.families[family], False)
        if name in self.variant.given or name in self.variant.split:
            return self._columns(name, self.families[family], name in self.variant.split)
        value = self._value(name)
        return self._columns(name, self.families[family], isinstance(value, FamilyValue) and not value.equal)

    def _columns(self, name: str, axes: tuple[str, ...], apart: bool) -> FamilyValue:
        if not apart:
            return FamilyValue(axes, (TextOrNumber(self.draft.id, name),) * len(axes))
        names = [name, *(f"{name}_{axis}" for axis in axes[1:])]
        return FamilyValue(axes, tuple(TextOrNumber(self.draft.id, n) for n in names))

    def _by_name(self, name: str, axes: tuple[str, ...]) -> FamilyValue:
        """What a call gives by the names of axes; the other axes have the default."""
        given = self.sizes[name]
        default = self._value(name) if any(axis not in given for axis in axes) else None
        items: list[Value] = []
        for axis in axes:
            if axis in given:
                items.append(Scalar(given[axis]))
            elif default is not None:
                items.append(default.on(axis) if isinstance(default, FamilyValue) else default)
        return FamilyValue(axes, tuple(items))

    # ---- formulas ---------------------------------------------------------------------------------------------------

    def _value(self, name: str) -> Value | None:
        """What the formula of a column means, elaborated once; None while it is being elaborated."""
        if name not in self.values:
            self.values[name] = None
            node, scope = self._written(name)
            if node is not None:
                self.values[name] = self._elaborated(node, scope)
        return self.values[name]

    def _written(self, name: str) -> tuple[tree.Expression | None, Scope]:
        """Where the formula of a column stands, and the scope that it is read in."""
        if name in self.cells:
            return self.cells[name].value, self.scope
        if name in self.arguments:
            return self.arguments[name].default, self.scope
        if name in self.defaults:
            cell, outer = self.defaults[name]
            return cell.value, self._row_scope(outer)
        return None, self.scope

    def _elaborated(self, node: tree.Expression, scope: Scope) -> Value:
        try:
            return elaborate(self.shop, node, scope)
        except Fault as fault:
            self.shop.report(fault)
        except Reported:
            pass
        return Scalar(Unknown(scope.span(node.span)))

    def formula(self, name: str) -> Formula | None:
        """The shared formula of a column of this kind; None when the kind has no such column."""
        if name not in self.made:
            self.made[name] = None
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Formula | None:
        if self.variant.tied and name in (WEIGHTS, BORROWED, TIED):
            return self._tied(name)
        if name in (self.axes or ()) and self.kind.node.axes is not None:
            return self._one(self.cell_of_axis(name), name)
        if not self._is_column(name):
            return None
        node, _ = self._written(name)
        if node is not None:
            return self._one(name, "")
        if self.kind.node.like and name in self.draft.axis_names:
            like = self.kind.node.like
            return Field(built_in(f"{like}.{name}"), Slot(self.slots[like]), self.draft.id, name)
        return None

    def _tied(self, name: str) -> Formula | None:
        span = self.kind.span
        if name == WEIGHTS:
            return Literal(span, 0.0, NONE, "0")
        return Literal(span, True, None, "true") if name == TIED else self._one(WEIGHTS, "")

    def _one(self, name: str, axis: str) -> Formula | None:
        """The formula of a column; of one along axes, those of the other axes are made beside it."""
        node, scope = self._written(name)
        value = self._value(name)
        if node is None or value is None:
            return None
        span = scope.span(node.span)
        along = axis or (name in self.arguments and self.kind.node.spread_over(self.arguments[name]))
        try:
            if not isinstance(value, FamilyValue) or not along:
                return value.formula(self.shop, span)
            contents = [item.formula(self.shop, span) for item in value.items]
        except Fault as fault:
            self.shop.report(fault)
            return Unknown(span)
        if axis:
            return contents[value.axes.index(axis)]
        if not value.equal:
            for other, content in zip(value.axes[1:], contents[1:], strict=True):
                self.made[f"{name}_{other}"] = content
                self.draft.differs(name, other)
        return contents[0] if contents else None


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
        return shop.building[-1].rows_of(self, actuals, span)


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
        return shop.building[-1].rows_of(self, actuals, span)
