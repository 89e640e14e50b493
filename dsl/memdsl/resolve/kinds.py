"""Layer kinds: their columns, each formula shared by all rows of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..diagnostics import Span
from ..records import record
from ..sheet.formula import Field, Formula, Here, Literal, Slot
from ..syntax import tree
from ..units import Unit
from .expressions import formula_of, unit_of
from .scope import Scope, mapped
from .table_drafts import RELATIONS, ColumnInfo, built_in
from .values import (
    Actual,
    Fault,
    OwnColumn,
    Reported,
    Value,
)
from .workshop import Workshop, slot_rows

if TYPE_CHECKING:
    from .networks import NetworkDraft


STRUCTURE = ("name", "kind", "class", "index")
SIZES = {
    "elements": "Elements of the output",
    "row_elements": "Elements of one step along the first axis",
}


def column_info(cell: tree.Cell, scope: Scope, role: str) -> ColumnInfo:
    shown: Unit | None = unit_of(cell.clauses.shown, scope) if cell.clauses.shown is not None else None
    return ColumnInfo(scope.span(cell.name_span), shown, cell.clauses.label, role, cell.clauses.source)


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
        if name in RELATIONS:
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
