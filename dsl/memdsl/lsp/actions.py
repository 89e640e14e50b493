"""What an editor offers to change: the nearest name, a missing `use`, a missing unit, a claim's published value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol.types import CodeAction, CodeActionKind, TextEdit, WorkspaceEdit

from ..diagnostics import Diagnostic
from ..evaluate.show import show_claim_value, shown_unit
from ..resolve.values import CellValue, OwnColumn, Scalar
from ..sheet.formula import CellRef, Field, Formula, Here
from ..sheet.sheet import Quantity
from ..syntax import tree
from ..syntax.walk import walk
from ..units import NONE, base_unit
from .snapshot import Snapshot
from .text import Drift, Offsets, Text

_MEANT = re.compile(r"did you mean `([^`]+)`\?")
_BROUGHT = re.compile(r"`(use [\w.\"/]+)` brings it|`(use [\w.\"/]+)` brings `")
_WRITE = re.compile(r"^write `([^`…]+)`")
_QUOTED = re.compile(r"`([^`…]+)`")
_REPLACED = frozenset({"unknown-unit", "bad-character", "bad-number"})
_COMPARED = frozenset({"+", "-", "==", "!=", "<", "<=", ">", ">=", "min", "max"})


def actions(
    text: Text, snapshot: Snapshot, good: Snapshot, drift: Drift, good_drift: Drift, wanted: Offsets, uri: str
) -> list[CodeAction]:
    """`drift` leads from `snapshot` to the text, `good_drift` from `good`, which has values."""
    found: list[CodeAction] = []

    def offer(title: str, edits: list[TextEdit]) -> None:
        if all(title != known.title for known in found):
            found.append(CodeAction(title, CodeActionKind.QuickFix, edit=WorkspaceEdit({uri: edits})))

    for diagnostic in snapshot.problems:
        if diagnostic.span.source is not snapshot.source:
            continue
        span = drift.forward((diagnostic.span.start, diagnostic.span.end))
        if span is None or span[1] < wanted[0] or span[0] > wanted[1]:
            continue
        for title, place, new in _mended(text, snapshot, diagnostic, span, drift):
            offer(title, [TextEdit(text.range(place), new)])
    for title, place, new in _published(good, good_drift, wanted):
        offer(title, [TextEdit(text.range(place), new)])
    return found


def _mended(
    text: Text, snapshot: Snapshot, diagnostic: Diagnostic, span: Offsets, drift: Drift
) -> Iterator[tuple[str, Offsets, str]]:
    if meant := _MEANT.search(diagnostic.hint):
        yield f"Change to `{meant[1]}`", _name_in(text, span), meant[1]
    if brought := _BROUGHT.search(diagnostic.hint):
        statement = brought[1] or brought[2]
        yield f"Add `{statement}`", _place_for_use(text), f"{statement}\n"
    write = _WRITE.match(diagnostic.hint)
    if write and diagnostic.code in _REPLACED:
        yield f"Write `{write[1]}`", span, write[1]
    elif diagnostic.code == "unknown-unit":
        for unit in _QUOTED.findall(diagnostic.hint):
            yield f"Write `{unit}`", span, unit
    if diagnostic.code == "unit-mismatch":
        yield from _missing_units(snapshot, diagnostic, drift)


def _name_in(text: Text, span: Offsets) -> Offsets:
    """The last name of a span: `x.foo` is wrong at `foo`."""
    names = list(re.finditer(r"[A-Za-z_]\w*", text.text[slice(*span)]))
    return (span[0] + names[-1].start(), span[0] + names[-1].end()) if names else span


def _place_for_use(text: Text) -> Offsets:
    """Behind the last `use`, or behind the title."""
    uses = list(re.finditer(r"^use [^\n]*\n", text.text, re.MULTILINE))
    title = re.match(r'\ufeff?\s*"[^"\n]*"[^\n]*\n', text.text)
    at = uses[-1].end() if uses else title.end() if title else 0
    return at, at


def _missing_units(snapshot: Snapshot, diagnostic: Diagnostic, drift: Drift) -> Iterator[tuple[str, Offsets, str]]:
    """A plain number beside a quantity takes the unit of the quantity."""
    statement = snapshot.statement_at(diagnostic.span.start)
    if statement is None:
        return
    for node in [statement, *walk(statement)]:
        sides: tuple[tree.Expression, ...] = ()
        if isinstance(node, tree.Operation) and node.op in _COMPARED:
            sides = node.operands
        elif isinstance(node, tree.Claim):
            sides = (node.left, node.right)
        elif isinstance(node, tree.Conditional):
            sides = (node.yes, node.no)
        for number, other in zip(sides, sides[::-1], strict=True):
            if not isinstance(number, tree.Number) or number.unit:
                continue
            near = node.span[0] <= diagnostic.span.start and diagnostic.span.end <= node.span[1]
            unit = unit_of(snapshot, other) if near else ""
            at = drift.forward((number.span[1], number.span[1]))
            if unit and at is not None:
                yield f"Write `{number.digits} {unit}`", at, f" {unit}"


def unit_of(snapshot: Snapshot, node: tree.Expression) -> str:
    """The unit of an expression, as its author would write it; empty for plain counts and what is not known."""
    if isinstance(node, tree.Number):
        return node.unit
    uses = snapshot.uses_within(node.span)
    for use in reversed(uses):
        for value in use.values[:1]:
            formula: Formula | None = None
            if isinstance(value, CellValue) and value.id in snapshot.model.sheet.cells:
                formula = CellRef(snapshot.model.sheet.cells[value.id].span, value.id)
            elif isinstance(value, Scalar):
                formula = value.content
            elif isinstance(value, OwnColumn):
                table = snapshot.model.sheet.tables.get(value.owner)
                column = table.columns.get(value.name) if table is not None else None
                formula = Field(column.span, Here(), value.owner, value.name) if column is not None else None
            unit = _unit_of_formula(snapshot, formula) if formula is not None else ""
            if unit:
                return unit
    return ""


def _unit_of_formula(snapshot: Snapshot, formula: Formula) -> str:
    try:
        kind = snapshot.model.typed.type_of(formula)
        unit = shown_unit(snapshot.model.typed, formula)
    except (KeyError, AttributeError, TypeError):
        return ""
    if not isinstance(kind, Quantity) or kind.dimension in (None, NONE):
        return ""
    if unit is not None and unit.dimension == kind.dimension:
        return unit.text
    assert kind.dimension is not None
    return base_unit(kind.dimension)


def _published(good: Snapshot, drift: Drift, wanted: Offsets) -> Iterator[tuple[str, Offsets, str]]:
    """A failing claim may take the modelled value."""
    for result in good.claims:
        span = drift.forward((result.claim.span.start, result.claim.span.end))
        if result.status != "fails" or span is None or span[1] < wanted[0] or span[0] > wanted[1]:
            continue
        if result.claim.span.source is not good.source or result.high is not None:
            continue
        right = result.claim.right.span
        place = drift.forward((right.start, right.end))
        if place is not None:
            value = show_claim_value(good.model.typed, result.claim, result.modelled).replace(",", "_")
            value = f'"{value}"' if isinstance(result.modelled, str) else value
            yield f"Update the published value to {value}", place, value
