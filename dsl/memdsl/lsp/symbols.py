"""What a name in a text is: where it is defined, where else it stands, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..diagnostics import Source, Span
from ..files import leading
from ..resolve import Use
from ..resolve.components import ComponentKind
from ..resolve.functions import FunctionValue
from ..resolve.hardware import HardwareTemplate
from ..resolve.kinds import STRUCTURE, BlockTemplate, LayerKind
from ..resolve.models import ModelTemplate
from ..resolve.modules import Later, Module, ModuleValue
from ..resolve.network_templates import NetworkTemplate
from ..resolve.values import CellValue, ColumnValue, OwnColumn, RowValue, Scalar
from ..resolve.workshop import TableDraft, Value
from ..sheet.formula import At, CellRef, Field
from ..syntax import tree
from .snapshot import Snapshot
from .text import Offsets
from .tree_walk import path_to, statement_at

TEMPLATES = (FunctionValue, LayerKind, BlockTemplate, NetworkTemplate, HardwareTemplate, ModelTemplate)
_BODIES = (tree.Block, tree.Network, tree.LayerKind, tree.Hardware, tree.Model, tree.Table, tree.Schedule)


@dataclass(eq=False)
class Symbol:
    """A name at a place. `values` is what it meant there, once for each time that its text was expanded."""

    name: str
    span: Offsets
    definitions: list[Span]
    values: list[Value] = field(default_factory=list)
    node: tree.Node | None = None


def place(span: Span) -> tuple[int, int]:
    return id(span.source), span.start


def symbol_at(snapshot: Snapshot, offset: int) -> Symbol | None:
    """The symbol whose name stands at an offset of the spec's text."""
    statement = snapshot.statement_at(offset)
    if statement is None:
        return None
    path = path_to(statement, offset)
    use = snapshot.use_at(offset)
    if use is not None:
        return symbol_of_use(snapshot, use, path)
    found = _defined_here(snapshot, path, offset) or _unexpanded_here(snapshot, path)
    if found is not None:
        return found
    return _named_argument(snapshot, path, offset) or _imported_name(snapshot, path, offset)


def symbol_of_use(snapshot: Snapshot, use: Use, path: list[tree.Node] | None = None) -> Symbol:
    name = use.source.text[slice(*use.span)]
    if path is None:
        module = _module_of(snapshot, use.source)
        statement = statement_at(module.node, use.span[0]) if module is not None else None
        path = path_to(statement, use.span[0]) if statement is not None else []
    if name.startswith('"'):  # a row by its name
        name = name[1:-1]
        rows = [value for value in use.values if isinstance(value, RowValue)]
        return Symbol(name, use.span, _row_places(snapshot, rows), use.values)
    member = any(isinstance(node, tree.Member) and node.name_span == use.span for node in path)
    definitions: list[Span] = []
    if not member:
        definitions = _local(snapshot, use, name, path)
    of = next((node.of for node in path if isinstance(node, tree.Member) and node.name_span == use.span), None)
    if of is not None:
        definitions = _of_member(snapshot, of, name, use)
    if not definitions:
        for value in use.values:
            definitions += [span for span in definitions_of(snapshot, value, name) if span not in definitions]
    return Symbol(name, use.span, _once(definitions), use.values)


def _unexpanded_here(snapshot: Snapshot, path: list[tree.Node]) -> Symbol | None:
    """A name that nothing asked for: what it means is read off what is written around it."""
    node = path[-1]
    if isinstance(node, tree.Member) and isinstance(node.of, tree.Name) and snapshot.module is not None:
        found = [value for value, _ in snapshot.module.imported.get(node.of.name, ()) if isinstance(value, ModuleValue)]
        places = [span for value in found for span in of_module(snapshot, value.module, node.name)]
        return Symbol(node.name, node.name_span, places, [], node) if places else None
    if not isinstance(node, tree.Name):
        return None
    return Symbol(node.name, node.span, lexical(snapshot, snapshot.source, node.name, path), [], node)


def _of_member(snapshot: Snapshot, of: tree.Expression, name: str, use: Use) -> list[Span]:
    """`file.name`, and `base.name`, whose meaning is the formula that is replaced."""
    if isinstance(of, tree.Name) and of.name == "base":
        replaced = [value.content.span for value in use.values if isinstance(value, Scalar)]
        return [_name_place(span, _module_of(snapshot, span.source)) for span in replaced][:1]
    before = snapshot.trace.uses.get((id(use.source), *(of.name_span if isinstance(of, tree.Member) else of.span)))
    for value in before.values if before is not None else ():
        if isinstance(value, ModuleValue):
            return of_module(snapshot, value.module, name)
    return []


def _once(spans: list[Span]) -> list[Span]:
    return list({place(span): span for span in spans}.values())


def _module_of(snapshot: Snapshot, source: Source) -> Module | None:
    return next((m for m in snapshot.trace.modules.values() if m.source is source), None)


# ---- names bound by what stands around them -------------------------------------------------------------------------


def _local(snapshot: Snapshot, use: Use, name: str, path: list[tree.Node]) -> list[Span]:
    """Where a name is bound: a binder, an argument of the template around it, a cell of its body; else the module."""
    own = next((value for value in use.values if isinstance(value, OwnColumn)), None)
    if own is not None and any(isinstance(node, tree.Each) for node in path):
        return column_places(snapshot, own.owner, name)
    return lexical(snapshot, use.source, name, path)


def lexical(snapshot: Snapshot, source: Source, name: str, path: list[tree.Node]) -> list[Span]:
    """The same by what is written around the name alone."""
    for node in reversed(path):
        if isinstance(node, tree.Call):
            for argument in node.arguments:
                if argument.binder == name and argument is not path[-1]:
                    return [Span(source, argument.span[0], argument.span[0] + len(name))]
        for span in bound_by(node, name):
            return [Span(source, *span)]
    module = _module_of(snapshot, source)
    return of_module(snapshot, module, name) if module is not None else []


def bound_by(node: tree.Node, name: str) -> Iterator[Offsets]:
    """The places inside a declaration that define a name for its body."""
    if isinstance(node, _BODIES):
        for part in node.body:
            if isinstance(part, (tree.Cell, tree.Component)) and part.name == name:
                yield part.name_span
    for formal in getattr(node, "formals", None) or ():
        if formal.name == name:
            yield formal.span[0], formal.span[0] + len(name)
        if name in (formal.axes or ()):
            continue
    if isinstance(node, tree.Table):
        for bound, _ in node.over:
            if bound.name == name:
                yield bound.span
        for heading in node.headings:
            if heading.name == name:
                yield heading.span[0], heading.span[0] + len(name)


def of_module(snapshot: Snapshot, module: Module, name: str) -> list[Span]:
    """Where a name of a module is defined, there or in the files that it uses."""
    if name in module.places:
        return [module.places[name]]
    found: list[Span] = []
    for value, _ in module.imported.get(name, ()):
        found += _of_value(value, name) if isinstance(value, Later) else definitions_of(snapshot, value, name)
    return found


def _of_value(value: Value | Later, name: str) -> list[Span]:
    if isinstance(value, Later):
        return [value.place]
    if isinstance(value, TEMPLATES):
        return [Span(value.scope.source, *value.node.name_span)]
    if isinstance(value, ModuleValue):
        return [Span(value.module.source, 0, 0)]
    return []


# ---- names found in what a value is made of -------------------------------------------------------------------------


def definitions_of(snapshot: Snapshot, value: Value, name: str) -> list[Span]:
    shop = snapshot.trace.shop
    assert shop is not None
    match value:
        case CellValue():
            return [shop.cells[value.id].span] if value.id in shop.cells else []
        case OwnColumn():
            return column_places(snapshot, value.owner, value.name)
        case Scalar(content=CellRef(cell=cell)):
            return [shop.cells[cell].span] if cell in shop.cells else []
        case Scalar(content=Field() as entry):
            row = entry.row.index if isinstance(entry.row, At) else None
            return column_places(snapshot, entry.table, entry.column, row)
        case ColumnValue(content=Field() as entry):
            return column_places(snapshot, entry.table, entry.column)
        case RowValue():
            return _row_places(snapshot, [value])
    return _of_value(value, name)


def _row_places(snapshot: Snapshot, rows: list[RowValue]) -> list[Span]:
    shop = snapshot.trace.shop
    assert shop is not None
    found: list[Span] = []
    for value in rows:
        if isinstance(value.row, At) and value.tables[0] in shop.tables:
            draft = shop.tables[value.tables[0]]
            if value.row.index < len(draft.rows):
                row = draft.rows[value.row.index]
                module = _module_of(snapshot, row.span.source)
                found.append(_name_place(row.span, module))
    return found


def _name_place(span: Span, module: Module | None) -> Span:
    """The name of the cell or component around a place."""
    statement = statement_at(module.node, span.start) if module is not None else None
    if statement is not None:
        for node in reversed(path_to(statement, span.start)):
            at: Offsets | None = getattr(node, "name_span", None)
            if isinstance(node, (tree.Cell, tree.Component)) and at is not None:
                return Span(span.source, *at)
    return span


def column_places(snapshot: Snapshot, table: str, name: str, row: int | None = None) -> list[Span]:
    """Every statement that defines a column of a table; for one row, the one that counts there."""
    shop = snapshot.trace.shop
    assert shop is not None
    if name in STRUCTURE:
        return []
    draft: TableDraft | None = shop.tables.get(table)
    while draft is not None:
        found = list(draft.definitions(name, row))
        if found:
            return found
        if draft.knows(name):  # of a network it is one that the language gives each row
            return [draft.info(name).span] if draft.role != "network" else []
        draft = shop.tables.get(draft.parent) if draft.parent is not None else None
    return []


# ---- places that are no use of a name -------------------------------------------------------------------------------


def _defined_here(snapshot: Snapshot, path: list[tree.Node], offset: int) -> Symbol | None:
    """The symbol that is defined at this place."""
    source = snapshot.source
    module = snapshot.module
    for node in reversed(path):
        if isinstance(node, tree.Each) and node.target_span[0] <= offset <= node.target_span[1] and module is not None:
            return Symbol(node.target, node.target_span, of_module(snapshot, module, node.target), [], node)
        if isinstance(node, tree.Component) and offset <= node.span[0] + len(node.component) and module is not None:
            at = (node.span[0], node.span[0] + len(node.component))
            kind = module.find(f"component {node.component}")
            places = [Span(kind.scope.source, *kind.node.name_span)] if isinstance(kind, ComponentKind) else []
            return Symbol(node.component, at, places, [], node)
        span: Any = getattr(node, "name_span", None)
        if span is not None and not isinstance(node, tree.Member) and span[0] <= offset <= span[1]:
            name = source.text[slice(*span)]
            return Symbol(name, span, [Span(source, *span)], [], node)
        if isinstance(node, (tree.Formal, tree.Heading)) and node.span[0] <= offset <= node.span[0] + len(node.name):
            at = (node.span[0], node.span[0] + len(node.name))
            if isinstance(node, tree.Heading) and not isinstance(path[0], tree.Table):
                return None
            return Symbol(node.name, at, [Span(source, *at)], [], node)
        if isinstance(node, tree.Argument) and node.binder:
            at = (node.span[0], node.span[0] + len(node.binder))
            if at[0] <= offset <= at[1]:
                return Symbol(node.binder, at, [Span(source, *at)], [], node)
        if isinstance(node, tree.Table):
            for bound, _ in node.over:
                if bound.span[0] <= offset <= bound.span[1]:
                    return Symbol(bound.name, bound.span, [Span(source, *bound.span)], [], node)
    return None


def _named_argument(snapshot: Snapshot, path: list[tree.Node], offset: int) -> Symbol | None:
    """`kernel` in `conv(8, kernel = 1)`: the formal argument of what is called."""
    for index, node in enumerate(path):
        if isinstance(node, tree.Argument) and node.name and index:
            at = (node.span[0], node.span[0] + len(node.name))
            call = path[index - 1]
            if at[0] <= offset <= at[1] and isinstance(call, tree.Call):
                return Symbol(node.name, at, argument_places(snapshot, call, node.name), [], node)
    return None


def argument_places(snapshot: Snapshot, call: tree.Call, name: str) -> list[Span]:
    return [
        Span(source, formal.span[0], formal.span[0] + len(name))
        for source, formal in formals_of(snapshot, call)
        if formal.name == name
    ]


def formals_of(snapshot: Snapshot, call: tree.Call) -> list[tuple[Source, tree.Formal]]:
    """The formal arguments of what a call calls, with the text that each stands in."""
    use = snapshot.use_at(call.of.span[1])
    return [pair for value in use.values[:1] for pair in formals_of_value(snapshot, value)] if use is not None else []


def formals_of_value(snapshot: Snapshot, value: Value) -> list[tuple[Source, tree.Formal]]:
    shop = snapshot.trace.shop
    assert shop is not None
    if isinstance(value, (ModelTemplate, HardwareTemplate)):
        chain: list[Any] = list(value.chain(shop))
        known: dict[str, tuple[Source, tree.Formal]] = {}
        for template in reversed(chain):
            known.update({f.name: (template.scope.source, f) for f in template.node.formals or ()})
        return list(known.values())
    if isinstance(value, TEMPLATES):
        return [(value.scope.source, formal) for formal in value.node.formals or ()]
    return []


def _imported_name(snapshot: Snapshot, path: list[tree.Node], offset: int) -> Symbol | None:
    module = snapshot.module
    if not isinstance(path[0], tree.Use) or module is None:
        return None
    for name in path[0].names:
        if name.span[0] <= offset <= name.span[1]:
            shown = path[0].alias or name.name
            return Symbol(name.name, name.span, of_module(snapshot, module, shown), [], name)
    used = next((m for key, m in snapshot.trace.modules.items() if key == path[0].path), None)
    if used is None and path[0].is_file:
        wanted = str(leading(module.folder / path[0].path))
        used = snapshot.trace.modules.get(wanted)
    return Symbol(path[0].path, path[0].span, [Span(used.source, 0, 0)], [], path[0]) if used is not None else None


def path_of(snapshot: Snapshot, symbol: Symbol) -> str | None:
    """The path of the cell that a symbol is, as a command names it."""
    for value in symbol.values:
        match value:
            case CellValue():
                return value.id
            case Scalar(content=CellRef(cell=cell)):
                return cell
            case Scalar(content=Field() as entry) if isinstance(entry.row, At):
                return _entry_path(snapshot, entry.table, entry.column, entry.row.index)
    for definition in symbol.definitions:
        cells = snapshot.places.get(place(definition))
        if cells:
            return cells[0]
    return None


def _entry_path(snapshot: Snapshot, table_id: str, column: str, index: int) -> str | None:
    table = snapshot.model.sheet.tables.get(table_id)
    if table is None or index >= len(table.rows):
        return None
    row = table.rows[index].name
    if table.role == "components":
        return f"{table.owner}.{row}.{column}"
    return f'{table.owner if table.role != "literal" else table.id}.layers["{row}"].{column}'
