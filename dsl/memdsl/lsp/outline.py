"""The shape of a text: its symbols, what can be folded, hints behind formulas, lenses above claims."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol.types import (
    CodeLens,
    Command,
    DocumentSymbol,
    FoldingRange,
    FoldingRangeKind,
    InlayHint,
    InlayHintKind,
    SymbolKind,
)

from ..evaluate.show import show_claim_value
from ..resolve.network_templates import NetworkInstance
from ..resolve.values import RowValue
from ..sheet.formula import At, Literal
from ..syntax import tree
from . import shown
from .snapshot import Snapshot
from .text import Drift, Offsets, Text

_KINDS: dict[type, SymbolKind] = {
    tree.Function: SymbolKind.Function,
    tree.LayerKind: SymbolKind.Class,
    tree.Block: SymbolKind.Class,
    tree.Network: SymbolKind.Class,
    tree.ComponentTable: SymbolKind.Struct,
    tree.Hardware: SymbolKind.Class,
    tree.Model: SymbolKind.Class,
    tree.Instance: SymbolKind.Object,
    tree.Table: SymbolKind.Array,
    tree.Schedule: SymbolKind.Enum,
    tree.Scenario: SymbolKind.Namespace,
    tree.Component: SymbolKind.Struct,
}
_COMMENTS = re.compile(r"^[ \t]*#[^\n]*(?:\n[ \t]*#[^\n]*)+", re.MULTILINE)


def symbols(text: Text, nodes: tree.Module) -> list[DocumentSymbol]:
    """`nodes` are those of this very text."""
    return [symbol for node in nodes.statements if (symbol := _symbol(text, node)) is not None]


def _symbol(text: Text, node: tree.Node) -> DocumentSymbol | None:
    children = [s for part in getattr(node, "body", ()) if (s := _symbol(text, part)) is not None]
    at: Offsets
    match node:
        case tree.Cell():
            kind = SymbolKind.Constant if node.keyword == "option" else SymbolKind.Variable
            kind = SymbolKind.Property if node.keyword == "param" else kind
            name, at, detail = node.name, node.name_span, node.clauses.label
        case tree.Declaration():
            name, at, kind, detail = node.name, node.name_span, _KINDS[type(node)], node.label
        case tree.Each():
            name, at, kind, detail = f"each {node.target}", node.target_span, SymbolKind.Namespace, ""
        case tree.Defaults():
            name, at, kind, detail = f"each {node.target}", node.span, SymbolKind.Namespace, ""
        case tree.Report():
            name, at, kind, detail, children = "report", node.span, SymbolKind.File, "", []
        case tree.Claim():
            name, at, kind, detail = (
                "claim " + _short(text, node.left.span),
                node.left.span,
                SymbolKind.Event,
                node.source,
            )
        case _:
            return None
    return DocumentSymbol(name, kind, text.range(node.span), text.range(at), detail or None, children=children or None)


def _short(text: Text, span: Offsets) -> str:
    return " ".join(text.text[slice(*span)].split())[:80]


def folds(text: Text, nodes: tree.Module) -> list[FoldingRange]:
    found: dict[int, FoldingRange] = {}

    def add(span: Offsets, kind: FoldingRangeKind | None = None) -> None:
        first, last = text.line_at(span[0]), text.line_at(max(span[1] - 1, span[0]))
        if last > first:
            found.setdefault(first, FoldingRange(first, last, kind=kind))

    def visit(node: tree.Node) -> None:
        add(node.span)
        for part in getattr(node, "body", ()):
            visit(part)

    uses = [statement.span for statement in nodes.statements if isinstance(statement, tree.Use)]
    if len(uses) > 1:
        add((uses[0][0], uses[-1][1]), FoldingRangeKind.Imports)
    for statement in nodes.statements:
        visit(statement)
    for match in _COMMENTS.finditer(text.text):
        add(match.span(), FoldingRangeKind.Comment)
    return sorted(found.values(), key=lambda fold: fold.start_line)


def hints(text: Text, good: Snapshot, drift: Drift, wanted: Offsets) -> list[InlayHint]:
    """The value behind each formula, the sizes behind each layer; `drift` leads from `good` to the text."""
    found = []
    for place, label in _labels(good):
        span = drift.forward(place)
        if span is not None and wanted[0] <= span[1] <= wanted[1]:
            found.append(InlayHint(text.position(span[1]), label, InlayHintKind.Type, padding_left=True))
    return found


def _labels(good: Snapshot) -> Iterator[tuple[Offsets, str]]:
    for node in good.nodes.statements:
        if isinstance(node, tree.Cell):
            yield from _of_cell(good, node, node.name)
        elif isinstance(node, (tree.Hardware, tree.Model)):
            for cell in node.body:
                if isinstance(cell, tree.Cell):
                    ids = good.places.get((id(good.source), cell.name_span[0]), [])
                    if len(ids) == 1:
                        yield from _of_cell(good, cell, ids[0])
        elif isinstance(node, tree.Network):
            yield from _of_network(good, node)


def _of_cell(good: Snapshot, node: tree.Cell, cell_id: str) -> Iterator[tuple[Offsets, str]]:
    cell = good.model.sheet.cells.get(cell_id)
    if cell is None or isinstance(cell.formula, Literal):
        return
    value = shown.value_of_cell(good, cell_id)
    if value:
        yield node.value.span, f"= {value}"


def _of_network(good: Snapshot, node: tree.Network) -> Iterator[tuple[Offsets, str]]:
    """The sizes of each row, in the first network that was made of the template."""
    shop = good.trace.shop
    assert shop is not None
    made = next(
        (v for v in shop.shared.values() if isinstance(v, NetworkInstance) and _template_of(good, v) == node.name), None
    )
    for cell in node.body if made is not None else ():
        value = made.body.values.get(cell.name) if isinstance(cell, tree.Cell) and made is not None else None
        if isinstance(cell, tree.Cell) and isinstance(value, RowValue) and isinstance(value.row, At):
            sizes = shown.axes_of_row(good, value.tables[-1], value.row.index)
            if sizes:
                yield cell.value.span, " × ".join(sizes)


def _template_of(good: Snapshot, made: NetworkInstance) -> str:
    instance = good.model.sheet.instances.get(made.name)
    return instance.template if instance is not None else ""


def lenses(text: Text, good: Snapshot, drift: Drift, uri: str) -> list[CodeLens]:
    found = []
    for result in good.claims:
        span = drift.forward((result.claim.span.start, result.claim.span.end))
        if span is None or result.claim.span.source is not good.source:
            continue
        value = show_claim_value(good.model.typed, result.claim, result.modelled)
        off = f", {result.difference * 100:+.3g} %" if result.difference else ""
        word = {"holds": "✓ holds", "disputed": "disputed", "fails": "✗ FAILS"}[result.status]
        found.append(CodeLens(text.range(span), Command(f"{word}: {value}{off}", "")))
    if good.claims or good.model.sheet.instances:
        start = text.range((0, 0))
        counts = [sum(result.status == status for result in good.claims) for status in ("holds", "disputed", "fails")]
        told = f"{counts[0]} holding, {counts[1]} disputed, {counts[2]} failing"
        found.insert(0, CodeLens(start, Command("Open report", "memdsl.report", arguments=[uri])))
        found.insert(1, CodeLens(start, Command(told, "")))
    return found
