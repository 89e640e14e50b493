"""What may stand at the cursor: names in scope, members, keyword arguments, units, rows, modules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol.types import (
    CompletionItem,
    CompletionItemKind,
    InsertTextFormat,
    MarkupContent,
    MarkupKind,
)

from ..diagnostics import Source, Span
from ..files import leading
from ..resolve import library_names
from ..resolve.faults import Fault, Reported
from ..resolve.functions import FunctionValue
from ..resolve.hardware import HardwareInstance, HardwareTemplate
from ..resolve.kinds import BlockTemplate, LayerKind
from ..resolve.models import ModelInstance, ModelTemplate
from ..resolve.modules import ModuleValue
from ..resolve.network_templates import NetworkInstance, NetworkTemplate
from ..resolve.values import CellValue, OwnColumn, RowsValue, RowValue
from ..resolve.workshop import Scope, Value
from ..sheet.formula import Rows
from ..sheet.report import CHARTS
from ..units import UnknownUnit, base_unit, known_units, parse_unit
from . import shown, words
from .calls import call_around, scope_near, value_of_path
from .snapshot import Snapshot
from .symbols import formals_of_value
from .text import Drift

Kind = CompletionItemKind
_PATH = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\.(\w*)\Z")
_PICKED = re.compile(r'([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\["[^"\n]*"\]\.(\w*)\Z')
_ROW = re.compile(r'([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\["([^"\n]*)\Z')
_UNIT = re.compile(r"(?<![\w.])[0-9][0-9_.]*(?:e[+-]?\d+)?[ \t]*([A-Za-z%/]*)\Z")
_SHOWN_IN = re.compile(r"[\w)\]][ \t]+in[ \t]+([A-Za-z%/]*)\Z")
_USE = re.compile(r'^[ \t]*use[ \t]+([\w."/]*)\Z')
_USE_NAMES = re.compile(r'^[ \t]*use[ \t]+("[^"]+"|[\w.]+)[ \t]*:[^#]*?(\w*)\Z')
_EACH = re.compile(r"^[ \t]*each[ \t]+(\w*)\Z")
_CHART = re.compile(r"^[ \t]*chart[ \t]+(\w*)\Z")
_START = re.compile(r"(?:^|[{;])[ \t]*(\w*)\Z")
_WORD = re.compile(r"(\w*)\Z")
_MANY = 300  # names whose values are shown in the list itself


def complete(text: str, offset: int, snapshot: Snapshot, good: Snapshot, drift: Drift) -> list[CompletionItem]:
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    if _in_comment(line):
        return []
    scope = scope_near(snapshot, drift.nearest(offset))
    if match := _ROW.search(line):
        return _rows(snapshot, scope, match[1])
    if line.count('"') % 2 and not _USE.match(line):
        return []
    if match := _USE_NAMES.match(line):
        return _names_of_module(snapshot, match[1])
    if match := _USE.match(line):
        return _modules(snapshot)
    if match := _EACH.match(line):
        return _targets(snapshot, scope)
    if match := _CHART.match(line):
        return [CompletionItem(kind, kind=Kind.EnumMember) for kind in CHARTS]
    if match := _PICKED.search(line) or _PATH.search(line):
        return _members(snapshot, good, scope, match[1], picked='["' in match[0])
    if match := _UNIT.search(line) or _SHOWN_IN.search(line):
        return _units(match[1])
    items: list[CompletionItem] = []
    if match := _START.search(line):
        items += _declarations(top=line[: match.start(1)].strip() == "" and not line[:1].isspace())
    called = call_around(text, offset)
    if called is not None:
        items += _arguments(snapshot, scope, called[0], text[called[1] : offset])
    return items + _names(snapshot, good, scope)


def resolve_item(item: CompletionItem, snapshot: Snapshot, good: Snapshot) -> CompletionItem:
    """Adds what takes longer: the documentation of a name."""
    data = item.data if isinstance(item.data, dict) else {}
    cell = data.get("cell", "")
    if cell:
        found = good.model.sheet.cells.get(cell)
        item.detail = item.detail or shown.value_of_cell(good, cell)
        if found is not None and found.label:
            item.documentation = MarkupContent(MarkupKind.Markdown, found.label)
    return item


# ---- pieces of the list ---------------------------------------------------------------------------------------------


def _in_comment(line: str) -> bool:
    return "#" in re.sub(r'"[^"]*"', "", line)


def _members(snapshot: Snapshot, good: Snapshot, scope: Scope | None, path: str, picked: bool) -> list[CompletionItem]:
    value = value_of_path(snapshot, scope, path)
    shop = snapshot.trace.shop
    if value is None or shop is None:
        return []
    if isinstance(value, (HardwareTemplate, ModelTemplate)) and value.node.formals is None:
        try:
            value = value.call(shop, (), Span(Source("", path), 0, 0), value.own_name)
        except (Fault, Reported):
            return []
    return list(_parts(snapshot, good, value))


def _parts(snapshot: Snapshot, good: Snapshot, value: Value) -> Iterator[CompletionItem]:
    shop = snapshot.trace.shop
    assert shop is not None
    match value:
        case ModelInstance():
            yield from (_item(snapshot, good, name, inner) for name, inner in value.cells.items())
            tables = [name for name in ("layers", "sources", "rows") if "rows" in value.tables]
            for name in dict.fromkeys([*tables, *(name for name in value.tables if name != "rows")]):
                yield CompletionItem(name, kind=Kind.Struct, detail="rows")
        case HardwareInstance():
            for name in value.rows:
                yield CompletionItem(name, kind=Kind.Struct, detail="component")
            yield from (_item(snapshot, good, name, inner) for name, inner in value.cells.items())
            yield from (CompletionItem(name, kind=Kind.Struct, detail="rows") for name in value.components)
        case NetworkInstance():
            yield from (CompletionItem(name, kind=Kind.Field, detail="row") for name in value.body.values)
            yield from (CompletionItem(name, kind=Kind.Struct, detail="rows") for name in ("layers", "sources", "rows"))
        case RowsValue() | RowValue():
            for table in value.tables:
                for name in shop.table(table).names():
                    yield _column(snapshot, good, table, name)
            if isinstance(value, RowValue) and shop.table(shop.root(value.tables[0])).role == "network":
                yield from (CompletionItem(name, kind=Kind.Struct) for name in ("inputs", "consumers", "live"))
        case ModuleValue():
            for name in value.module.names():
                inner = value.module.find(name)
                yield _item(snapshot, good, name, inner)


def _column(snapshot: Snapshot, good: Snapshot, table: str, name: str) -> CompletionItem:
    shop = snapshot.trace.shop
    assert shop is not None
    info = shop.table(table).info(name)
    found = shown.column_of(good, table, name)
    unit = info.shown.text if info.shown is not None else ""
    if found is not None and not unit:
        kind = good.model.typed.column_types[found[0].id, name]
        dimension = getattr(kind, "dimension", None)
        unit = base_unit(dimension) if dimension is not None else ""
    return CompletionItem(name, kind=Kind.Field, detail=unit or None, documentation=info.label or None)


_KINDS = {
    LayerKind: (Kind.Class, "layer kind"), BlockTemplate: (Kind.Class, "block"),
    NetworkTemplate: (Kind.Class, "network template"), HardwareTemplate: (Kind.Class, "hardware template"),
    ModelTemplate: (Kind.Class, "model template"), FunctionValue: (Kind.Function, "function"),
    ModelInstance: (Kind.Module, "model"), HardwareInstance: (Kind.Module, "hardware"),
    NetworkInstance: (Kind.Module, "network"), ModuleValue: (Kind.Module, "module"), RowsValue: (Kind.Struct, "rows"),
    RowValue: (Kind.Variable, "row"),
}  # fmt: skip


def _item(
    snapshot: Snapshot, good: Snapshot, name: str, value: Value | None, with_value: bool = True
) -> CompletionItem:
    if isinstance(value, CellValue):
        detail = shown.value_of_cell(good, value.id) if with_value else None
        return CompletionItem(name, kind=Kind.Variable, detail=detail or None, data={"cell": value.id})
    if isinstance(value, OwnColumn):
        return _column(snapshot, good, value.owner, value.name)
    kind, what = _KINDS.get(type(value), (Kind.Variable, ""))
    node = getattr(value, "node", None)
    label = getattr(node, "label", "") or None
    return CompletionItem(name, kind=kind, detail=what or None, documentation=label)


def _names(snapshot: Snapshot, good: Snapshot, scope: Scope | None) -> list[CompletionItem]:
    items = [
        CompletionItem(word, kind=Kind.Function, detail=about.partition(": ")[0], documentation=about)
        for word, about in words.FUNCTIONS.items()
    ]
    items += [CompletionItem(word, kind=Kind.Keyword) for word in ("if", "then", "else", "and", "or", "not", "where")]
    if scope is None:
        return items
    names = [name for name in scope.names() if " " not in name]
    for name in names:
        try:
            value = scope.find(name)
        except (Fault, Reported):
            value = None
        items.append(_item(snapshot, good, name, value, len(names) <= _MANY))
    return items


def _arguments(snapshot: Snapshot, scope: Scope | None, name: str, given: str) -> Iterator[CompletionItem]:
    """Keyword arguments that were not given so far."""
    value = value_of_path(snapshot, scope, name)
    written = set(re.findall(r"(\w+)\s*=(?!=)", given))
    if value is None or re.search(r"=[^,]*\Z", given):
        return
    for source, formal in formals_of_value(snapshot, value):
        if formal.axes is None and not formal.variadic and formal.name not in written:
            default = source.text[slice(*formal.default.span)] if formal.default is not None else ""
            detail = f"argument of {name}" + (f", {default} without it" if default else "")
            yield CompletionItem(
                f"{formal.name} =", kind=Kind.Property, insert_text=f"{formal.name} = ", detail=detail,
                filter_text=formal.name, sort_text=f"0{formal.name}",
            )  # fmt: skip


def _units(prefix: str) -> list[CompletionItem]:
    before, slash, _ = prefix.rpartition("/")
    found = list(words.COMMON_UNITS)
    if slash:
        found = [f"{before}/{unit}" for unit in ("s", "B", "bit", "MAC", "op", "MB", "image", "token")]
    elif prefix:
        found += [unit for unit in known_units() if unit not in found]
    return [
        CompletionItem(unit, kind=Kind.Unit, detail=_scale(unit), sort_text=f"{number:04}")
        for number, unit in enumerate(found)
    ]


def _scale(text: str) -> str | None:
    try:
        unit = parse_unit(text)
    except UnknownUnit:
        return None
    scale, base = float(unit.scale), base_unit(unit.dimension)
    return f"{scale:,.6g} {base}".strip() if base else ("a count" if scale == 1 else f"{scale:,.6g}")


def _rows(snapshot: Snapshot, scope: Scope | None, path: str) -> list[CompletionItem]:
    value = value_of_path(snapshot, scope, path)
    shop = snapshot.trace.shop
    if not isinstance(value, RowsValue) or not isinstance(value.rows, Rows) or shop is None:
        return []
    rows = shop.network_rows(value.rows.table)
    return [CompletionItem(rows[i].name, kind=Kind.EnumMember, detail=rows[i].kind) for i in value.rows.indices]


def _modules(snapshot: Snapshot) -> list[CompletionItem]:
    found = [CompletionItem(f"std.{name}", kind=Kind.Module, detail="library") for name in library_names()]
    if snapshot.model.path is not None:
        beside = sorted(snapshot.model.path.parent.glob("*.mem"))
        found += [CompletionItem(f'"{path.name}"', kind=Kind.File) for path in beside if path != snapshot.model.path]
    return found


def _names_of_module(snapshot: Snapshot, path: str) -> list[CompletionItem]:
    module = snapshot.trace.modules.get(path)
    if module is None and path.startswith('"') and snapshot.model.path is not None:
        module = snapshot.trace.modules.get(str(leading(snapshot.model.path.parent / path.strip('"'))))
    if module is None:
        return []
    return [_item(snapshot, snapshot, n, module.find(n)) for n in module.declared if " " not in n]


def _targets(snapshot: Snapshot, scope: Scope | None) -> list[CompletionItem]:
    found = [
        CompletionItem(word, kind=Kind.Keyword) for word in ("layer", "input", "row", "memory", "compute", "group")
    ]
    for name in scope.names() if scope is not None else ():
        value = value_of_path(snapshot, scope, name)
        if isinstance(value, LayerKind):
            found.append(CompletionItem(name, kind=Kind.Class, detail="layer kind"))
    return found


_SNIPPETS = {
    "param": 'param ${1:name} = ${2:1 MB}  from ${3:0 B} to ${4:1 GiB}  "${5:What it is}"',
    "claim": 'claim ${1:cell} = ${2:1 MB} within ${3:1%}  from "${4:source}"',
    "scenario": 'scenario ${1:name} "${2:What it is}" { ${3:input} = ${4:value} }',
    "network": "network ${1:name}(${2:image[h, w, c]}) {\n  ${3:stem} = ${4:image} -> $0\n}",
    "block": "block ${1:name}(${2:x}) {\n  out = ${2:x} -> $0\n}",
    "hardware": "hardware ${1:chip} = ${2:edge}($0)",
    "model": "model ${1:today} = ${2:traffic}(${3:net}, ${4:chip})  \"$0\"",
    "report": "report {\n  table ${1:today.layers}: name, ${2:dram_bytes}\n  claims\n}",
}  # fmt: skip


def _declarations(top: bool) -> Iterator[CompletionItem]:
    inside = ("override", "require", "each")
    chosen: Iterable[str] = words.DECLARATIONS if top else inside
    for word in chosen:
        if top and word == "override":
            continue
        snippet = _SNIPPETS.get(word) if top else None
        yield CompletionItem(
            word, kind=Kind.Keyword, documentation=words.DECLARATIONS[word], insert_text=snippet or f"{word} ",
            insert_text_format=InsertTextFormat.Snippet if snippet else InsertTextFormat.PlainText,
        )  # fmt: skip
