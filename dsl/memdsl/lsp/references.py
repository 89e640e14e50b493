"""Where else a symbol stands, in what was expanded and in what nothing asked for."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Span
from ..syntax import tree
from ..syntax.walk import children, walk
from .snapshot import Snapshot
from .symbols import Symbol, argument_places, lexical, of_module, place, symbol_of_use


def references(snapshot: Snapshot, symbol: Symbol) -> list[Span]:
    """Every place that means the symbol, its definitions among them, in all texts that were read."""
    wanted = {place(span) for span in symbol.definitions}
    found = {place(span): span for span in symbol.definitions if span.end > span.start}
    for use in snapshot.trace.uses.values():
        if use.source.text[slice(*use.span)] == symbol.name:
            meant = symbol_of_use(snapshot, use)
            if any(place(span) in wanted for span in meant.definitions):
                found.setdefault((id(use.source), use.span[0]), Span(use.source, *use.span))
    for name, path in unexpanded(snapshot):
        if not isinstance(name, tree.Name) or name.name != symbol.name:
            continue
        if any(place(span) in wanted for span in lexical(snapshot, snapshot.source, name.name, path)):
            found.setdefault((id(snapshot.source), name.span[0]), Span(snapshot.source, *name.span))
    for node in walk_all(snapshot):
        if isinstance(node, tree.Call):
            for argument in node.arguments:
                if argument.name == symbol.name:
                    places = argument_places(snapshot, node, argument.name)
                    if any(place(span) in wanted for span in places):
                        start = argument.span[0]
                        span = Span(snapshot.source, start, start + len(symbol.name))
                        found.setdefault(place(span), span)
        elif isinstance(node, tree.Use) and snapshot.module is not None:
            for name in node.names:
                if name.name == symbol.name:
                    meant_here = of_module(snapshot, snapshot.module, node.alias or name.name)
                    if any(place(span) in wanted for span in meant_here):
                        found.setdefault((id(snapshot.source), name.span[0]), Span(snapshot.source, *name.span))
    return sorted(found.values(), key=lambda span: (span.source is not snapshot.source, span.source.name, span.start))


Unexpanded = Iterator[tuple[tree.Name | tree.Member, list[tree.Node]]]


def unexpanded(snapshot: Snapshot) -> Unexpanded:
    """The names that nothing asked for (a template that no one calls, a branch not taken), with what is around them."""
    known = {use.span for use in snapshot.uses}

    def visit(node: tree.Node, path: list[tree.Node]) -> Unexpanded:
        at = node.name_span if isinstance(node, tree.Member) else node.span
        if isinstance(node, (tree.Name, tree.Member)) and at not in known:
            yield node, path
        for part in children(node):
            yield from visit(part, [*path, part])

    for statement in snapshot.nodes.statements:
        if not isinstance(statement, tree.Use):
            yield from visit(statement, [statement])


def walk_all(snapshot: Snapshot) -> Iterator[tree.Node]:
    for statement in snapshot.nodes.statements:
        yield statement
        yield from walk(statement)
