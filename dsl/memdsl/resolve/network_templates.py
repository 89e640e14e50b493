"""Networks as templates and as instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..diagnostics import Span
from ..records import record
from ..sheet.formula import Formula, Rows, Unknown
from ..sheet.sheet import Instance
from ..syntax import tree
from .bind import bind
from .bodies import Body
from .domains import hold
from .expressions import elaborate
from .faults import Fault, Reported, no_number
from .networks import NetworkDraft
from .unknown import unknown_part
from .value_keys import key_of
from .values import ListValue, RowsValue, Scalar, UnknownValue
from .workshop import Actual, Scope, Value, Workshop, mapped

_LARGE = 10_000


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
        if name in self.body.cells:
            raise Reported
        known = [*self.body.values, "layers", "sources", "rows"]
        raise unknown_part(shop, f"network `{self.name}` has no `{name}`", name, known, span)


def rows_of_network(shop: Workshop, name: str, tables: tuple[str, ...], part: str) -> RowsValue | None:
    """`layers`, `sources` and `rows` of a network, or of a model over it."""
    roles = {"layers": ("layer",), "sources": ("input",), "rows": ("layer", "input")}.get(part)
    if roles is None:
        return None
    rows = shop.network_rows(tables[0])
    key = (tables[0], part, len(rows))
    indices = shop.parts_of_networks.get(key)
    if indices is None:
        indices = tuple(i for i, row in enumerate(rows) if row.role in roles)
        shop.parts_of_networks[key] = indices
    return RowsValue(tables, Rows(tables[0], indices, f"{name}.{part}"))


@record
class NetworkTemplate(Value):
    node: tree.Network
    scope: Scope
    what = "a network template"

    def instance(self, shop: Workshop, span: Span) -> Value:
        return self.call(shop, (), span)

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        node = self.node
        faults: list[Fault] = []
        bound = bind(node.name, node.formals, actuals, span, faults=faults)
        values: dict[str, Value] = {}
        scope = mapped(values, self.scope)

        def read(formal: tree.Formal, actual: Actual) -> None:
            value = actual.value if actual.value is not None else elaborate(shop, actual.argument.value, actual.scope)
            values[formal.name] = _sizes(shop, value, formal, actual, node.name) if formal.axes is not None else value

        for fault in faults:
            shop.report(fault)
        for formal in node.formals:
            if formal.name in bound:
                shop.guarded(lambda f=formal: read(f, bound[f.name][0]))  # type: ignore[misc]
            elif formal.default is not None and not faults:
                values[formal.name] = elaborate(shop, formal.default, scope)
            values.setdefault(formal.name, UnknownValue())
        key = f"network {id(node)} " + " ".join(f"{n}={key_of(shop, v)}" for n, v in values.items())
        return shop.share(
            key, span, lambda: self._build(shop, shop.unique_name(name or node.name), bound, values, span)
        )

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
            value = inner[formal.name]
            if formal.clauses.domain_span is not None and not isinstance(value, UnknownValue):
                hold(shop, formal, node.name, self.scope, value.formula(shop, span), name)
            if formal.axes is not None:
                where = self.scope.span(node.name_span)
                sizes: list[Formula] = [Unknown(where) for _ in formal.axes]
                if isinstance(value, ListValue):
                    scope = bound[formal.name][0].scope
                    sizes = [v.formula(shop, scope.span(item.span)) for v, item in value.items]
                inner[formal.name] = draft.add_source(formal.name, formal.axes, sizes, where)
        body = Body(draft, node.body, mapped(inner, self.scope), inline=False)
        shop.building.append(draft)
        try:
            self._run(shop, body, draft)
        finally:
            shop.building.pop()
            draft.finish()
        shop.instances[name] = Instance(name, "network", node.name, node.label, draft.id, (draft.id,), None, span)
        return NetworkInstance(name, draft.id, body)

    def _run(self, shop: Workshop, body: Body, draft: NetworkDraft) -> None:
        """Makes the rows; what a fault keeps from being made is missing in a table that is `torn`."""
        try:
            body.run()
        except Reported:
            if len(draft.rows) > _LARGE or not any(row.role == "layer" for row in draft.rows):
                draft.rows.clear()
                draft.plans.clear()
                raise
            shop.torn_tables.add(draft.id)
        if all(row.role == "input" for row in draft.rows):
            raise self._empty(shop)

    def _empty(self, shop: Workshop) -> Fault | Reported:
        """A network without a layer; where its text could not be read, that is what is wrong."""
        if self.scope.source in shop.torn:
            return Reported()
        hint = "write them one a line: `stem = conv(x, 16)`"
        return Fault("empty-network", f"`{self.node.name}` has no layers", self.scope.span(self.node.name_span), hint)


def _sizes(shop: Workshop, value: Value, formal: tree.Formal, actual: Actual, what: str) -> ListValue:
    """The sizes given for a tensor argument, each with its own place."""
    axes = formal.axes or ()
    if not isinstance(value, ListValue) or len(value.items) != len(axes):
        got = _counted(len(value.items)) if isinstance(value, ListValue) else value.what
        raise Fault(
            "wrong-axes",
            f"`{what}` needs {_counted(len(axes))} for `{formal.name}` [{', '.join(axes)}], and this is {got}",
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


def _counted(sizes: int) -> str:
    return f"{sizes} size{'s' if sizes != 1 else ''}"
