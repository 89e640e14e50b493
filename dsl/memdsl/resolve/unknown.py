"""Names that nothing has: the fault of each, with what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..diagnostics import Span
from .faults import Fault, Reported, close_name, nearest
from .foreign_names import kind_meant, meant
from .row_relations import RELATIONS
from .workshop import Scope, Workshop

MAX_HINTS = 200


def unknown_name(shop: Workshop, name: str, scope: Scope, span: Span, hint: str = "") -> Fault | Reported:
    if shop.lost(name):
        return Reported()
    if len(shop.problems.found) > MAX_HINTS:
        return Fault("unknown-name", f"nothing here is called `{name}`", span)
    if name in RELATIONS:
        hint = "they belong to a row: inside `each layer in net { … }`"
    hint = hint or foreign(shop, name) or nearest(name, scope.names()) or kind_meant(name)
    if scope.source.name.startswith("<--set") and "=" in scope.source.name and scope.source.text == name:
        hint = hint or f"""text stands in quotes: '"{name}"'"""
    library = shop.library()
    if name in library and not (shop.building and kind_meant(name)):
        hint = f"`use {library[name]}` brings it"
    elif not hint and (close := close_name(name, library, 0.75)):
        hint = f"did you mean `{close}`? `use {library[close]}` brings it"
    return Fault("unknown-name", f"nothing here is called `{name}`", span, hint)


def foreign(shop: Workshop, name: str) -> str:
    """A hint for a name of another language; the layers of frameworks come first only inside a network."""
    return meant(name) or (kind_meant(name) if shop.building else "")


def unknown_part(
    shop: Workshop, message: str, name: str, known: Iterable[str], span: Span, hint: str = ""
) -> Fault | Reported:
    """`message` says that something has no part of this name; the hint, unless given, names the nearest, or all."""
    if shop.lost(name):
        return Reported()
    names = list(dict.fromkeys(known))
    listed = ", ".join(names)
    hint = hint or nearest(name, names) or (f"it has {listed}" if 0 < len(listed) < 160 else "")
    return Fault("unknown-name", message, span, hint)


def unknown_column(shop: Workshop, tables: Sequence[str], name: str, span: Span) -> Fault | Reported:
    if shop.lost(name):
        return Reported()
    known = [column for table in tables for column in shop.table(table).names()]
    listed = ", ".join(dict.fromkeys(known))
    hint = (
        picked(shop, tables, name) or nearest(name, known) or (f"the columns are {listed}" if len(listed) < 160 else "")
    )
    return Fault("unknown-column", f"`{tables[0]}` has no column `{name}`", span, hint)


def picked(shop: Workshop, tables: Sequence[str], name: str) -> str:
    """A hint for the name of a row that stands where that of a column or a total belongs."""
    named = any(row.name == name for table in tables for row in shop.network_rows(table))
    return f'a row is picked by its name in quotes: `layers["{name}"]`' if named else ""


def missing_entry(shop: Workshop, table: str, column: str, index: int, span: Span) -> Fault:
    row = shop.table(table).rows[index]
    return Fault("missing-entry", f"row `{row.name}` ({row.kind}) has no `{column}`", span)
