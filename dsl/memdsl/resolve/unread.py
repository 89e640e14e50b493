"""Names in the bodies of kinds, components and models that nothing reads: slips that else pass in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from ..diagnostics import Problems, Source, Span
from ..sheet.formula import Formula
from ..sheet.sheet import ColumnNode, Node
from ..sheet.uses import uses_of
from ..syntax import tree
from .components import ComponentsDraft
from .faults import close_name
from .graph import Graph
from .kinds import SIZES, STRUCTURE
from .model_drafts import ModelDraft
from .modules import Module
from .networks import NetworkDraft
from .unread_arguments import warn_of_unread_arguments
from .workshop import Scope, Workshop

_MEANT = {
    **dict.fromkeys(("size", "bytes", "volume"), "capacity"),
    **dict.fromkeys(("speed", "bw", "throughput"), "bandwidth"),
    **dict.fromkeys(("frequency", "freq", "hz"), "clock"),
    **dict.fromkeys(("leakage", "power", "idle"), "static"),
    **dict.fromkeys(("cost",), "price"),
    **dict.fromkeys(("flops", "ops", "tops"), "macs"),
    **dict.fromkeys(("precision", "width"), "bits"),
    **dict.fromkeys(("params", "parameters"), "weights"),
}
"""What a name of the trade is called here."""


def warn_of_unread(shop: Workshop, module: Module, graph: Graph, beside: Iterable[object], problems: Problems) -> None:
    """Warns of each name that the spec's own kinds, components and models give to what nothing reads.

    What a kind or a component has is there to be read. What a model has is a result: only a name that is almost
    another is told. `beside` is what the spec says beside its cells and tables.
    """
    spec, read = module.source, set[Node]()
    for node, uses in graph.edges.items():
        read |= uses.keys() - {node}
    read |= uses_of(formulas_in(beside)).keys()
    found: dict[int, tuple[Span, str, str, str]] = {}
    used: set[int] = set()  # by the statement: it is read when one of the tables that it makes a column of is read
    for draft in shop.tables.values():
        if isinstance(draft, NetworkDraft):
            slips = _of_kinds(shop, draft, spec, read)
        elif isinstance(draft, ComponentsDraft):
            slips = _of_components(draft, spec, read)
        elif isinstance(draft, ModelDraft):
            slips = _of_model(shop, draft, spec, read)
        else:
            continue
        for cell, scope, slip in slips:
            if slip is None:
                used.add(id(cell))
            else:
                found[id(cell)] = (scope.span(cell.name_span), *slip)
    for key, (place, code, message, hint) in found.items():
        if key not in used:
            problems.warning(code, message, place, hint)
    warn_of_unread_arguments(shop, module, read, problems)


Slip = tuple[str, str, str]
"""A warning: its code, what is wrong, what was meant."""
Slips = Iterator[tuple[tree.Cell, Scope, Slip | None]]
"""The columns that statements make in a table: None of one that is read, else what slip of the spec it seems to be."""


def _of_kinds(shop: Workshop, draft: NetworkDraft, spec: Source, read: set[Node]) -> Slips:
    for rules in draft.kinds.values():
        kind = rules.kind
        known = {cell.name for cell, _ in shop.defaults} | {"weights", "macs"}
        axes = {axis.removesuffix("...") for axis in kind.node.axes or draft.axis_names}
        for name, cell in rules.cells.items():
            columns = {ColumnNode(draft.id, name)} | {
                ColumnNode(table.id, name) for table in shop.tables.values() if table.parent == draft.id
            }
            if name in known or name in axes or not columns.isdisjoint(read):
                yield cell, kind.scope, None
                continue
            if kind.scope.source is not spec:
                continue
            meant = _MEANT.get(name) or close_name(name, known - rules.cells.keys(), 0.75)
            message = f"nothing reads `{name}` of `{kind.node.name}`"
            hint = f"did you mean `{meant}`?" if meant else "use it in a formula, or leave it out"
            yield cell, kind.scope, ("unread", message, hint)


def _of_components(draft: ComponentsDraft, spec: Source, read: set[Node]) -> Slips:
    known = {cell.name for cell in draft.kind.node.body if isinstance(cell, tree.Cell)}
    for part in draft.parts:
        for name, (cell, scope) in part.cells.items():
            if name in known or ColumnNode(draft.id, name) in read:
                yield cell, scope, None
                continue
            if scope.source is not spec:
                continue
            if close_name(name, known - part.cells.keys(), 0.8):  # told as a near name
                continue
            word = draft.kind.node.component
            meant = _MEANT.get(name, "")
            hint = f"did you mean `{meant}`?" if meant in known else f"a `{word}` has {', '.join(sorted(known))}"
            yield cell, scope, ("unread", f"no formula reads `{name}` of a `{word}`", hint)


def _of_model(shop: Workshop, draft: ModelDraft, spec: Source, read: set[Node]) -> Slips:
    names = {name for rule in draft.rules for name in rule.cells}
    network = shop.tables[draft.parent or draft.id]
    known = [*names, *(name for name in network.names() if name not in (*STRUCTURE, *SIZES))]
    for rule in draft.rules:
        for name, cell in rule.cells.items():
            if cell.keyword == "override" or ColumnNode(draft.id, name) in read:
                yield cell, rule.scope, None
                continue
            if rule.scope.source is not spec:
                continue
            meant = close_name(name, [other for other in known if other != name], 0.85)
            if meant:
                message = f"`{name}` is a new column, which nothing reads"
                yield cell, rule.scope, ("near-name", message, f"did you mean `{meant}`?")


def formulas_in(item: object) -> Iterator[Formula]:
    """Every formula of what a spec says, however deep it stands."""
    if isinstance(item, Formula):
        yield item
    elif isinstance(item, (tuple, list)):
        for part in item:
            yield from formulas_in(part)
    elif is_dataclass(item) and not isinstance(item, (type, Source)):
        for one in fields(item):
            value = getattr(item, one.name)
            if value is not None and not isinstance(value, (str, int, float, bool)):
                yield from formulas_in(value)
