"""What an editor shows of the name under the mouse: definition, documentation, value and unit, closed form, source."""

from __future__ import annotations

from lsprotocol.types import Hover, MarkupContent, MarkupKind

from ..evaluate.show import show
from ..resolve.hardware import HardwareInstance
from ..resolve.models import ModelInstance
from ..resolve.network_templates import NetworkInstance
from ..resolve.values import CellValue, ColumnValue, OwnColumn, RowsValue, RowValue, Scalar
from ..resolve.workshop import Value
from ..sheet.formula import At, CellRef, Field, Literal, Rows
from ..syntax import tree
from ..units import base_unit, display, parse_unit
from . import shown, words
from .snapshot import Snapshot
from .symbols import Symbol, place, symbol_at
from .text import Drift, Text
from .tree_walk import path_to

MOST = 6


def hover(text: Text, offset: int, snapshot: Snapshot, good: Snapshot, drift: Drift) -> Hover | None:
    """`snapshot` is the newest state that was understood, `good` the newest that has values."""
    span = text.word_at(offset)
    here = drift.back(span) if span is not None else drift.back((offset, offset))
    if here is None:
        return _of_word(text, offset)
    middle = min(max(here[0], drift.nearest(offset)), here[1])
    symbol = symbol_at(snapshot, middle)
    number = _number(snapshot, middle)
    at, content = None, ""
    if symbol is not None:
        at, content = drift.forward(symbol.span), of_symbol(snapshot, good, symbol)
    elif number is not None:
        at, content = drift.forward(number.span), _of_number(number)
    if not content or at is None:
        return _of_word(text, offset)
    return Hover(MarkupContent(MarkupKind.Markdown, content), text.range(at))


def of_symbol(snapshot: Snapshot, good: Snapshot, symbol: Symbol) -> str:
    parts = []
    node = shown.declared_at(snapshot, symbol.definitions[0]) if symbol.definitions else None
    if node is not None:
        written = shown.head(node, symbol.definitions[0].source.text)
        parts.append(f"```mem\n{written}\n```")
        parts.append(shown.label_of(node))
    elif symbol.definitions and symbol.definitions[0].end == 0:
        parts.append(f"`{symbol.name}`: {symbol.definitions[0].source.name}")
    elif symbol.definitions:
        source = symbol.definitions[0].source
        line = source.line(source.position(symbol.definitions[0].start)[0])
        parts.append(f"```mem\n{line.strip()}\n```")
    lines = values_of(snapshot, good, symbol)
    parts.append("\n".join(f"- {line}" for line in lines[:MOST]) if len(lines) > 1 else "".join(lines))
    if len(lines) > MOST:
        parts.append(f"… and {len(lines) - MOST} more")
    if node is not None and shown.source_of(node):
        parts.append(f"*{shown.source_of(node)}*")
    if len(symbol.definitions) > 1:
        parts.append(f"defined in {len(symbol.definitions)} places")
    return shown.joined(parts)


def values_of(snapshot: Snapshot, good: Snapshot, symbol: Symbol) -> list[str]:
    """The values of a symbol: of a cell in a template, one for each instance."""
    found: dict[str, None] = {}
    for value in symbol.values:
        for line in _value(good, value):
            found[line] = None
    if not symbol.values:
        for definition in symbol.definitions:
            for cell in snapshot.places.get(place(definition), ()):
                for line in _cell(good, cell):
                    found[line] = None
            for table, column in snapshot.column_places.get(place(definition), ()):
                if text := shown.range_of_column(good, table, column):
                    found[f"{table}.{column}: {text}"] = None
            instance = snapshot.module.declared.get(symbol.name) if snapshot.module is not None else None
            made = getattr(instance, "value", None)
            if isinstance(made, (ModelInstance, HardwareInstance, NetworkInstance)):
                for line in _value(good, made):
                    found[line] = None
    return list(found)


def _value(good: Snapshot, value: Value) -> list[str]:
    match value:
        case CellValue():
            return _cell(good, value.id)
        case Scalar(content=CellRef(cell=cell)):
            return _cell(good, cell)
        case Scalar(content=Field() as entry) if isinstance(entry.row, At):
            text = shown.value_of_entry(good, entry)
            return [f"= **{text}**"] if text else []
        case OwnColumn():
            text = shown.range_of_column(good, value.owner, value.name)
            return [f"{value.owner}.{value.name}: {text}"] if text else []
        case Scalar(content=Field() as entry) | ColumnValue(content=Field() as entry):
            text = shown.range_of_column(good, entry.table, entry.column)
            return [f"{entry.table}.{entry.column}: {text}"] if text else []
        case Scalar(content=Literal() as literal):
            return [f"**{literal.text}**"]
        case RowValue():
            return _row(good, value)
        case RowsValue():
            table = good.model.sheet.tables.get(value.tables[0])
            names = ", ".join(f"`{name}`" for name in list(table.columns)[:8]) if table is not None else ""
            count = f"{len(value.rows.indices)} rows" if isinstance(value.rows, Rows) else "rows"
            return [f"{count}: {names}, …" if names else count]
        case ModelInstance():
            return [line for name in value.cells for line in _total(good, f"{value.name}.{name}")]
        case HardwareInstance():
            lines = [f"{name}: {row.tables[0].rsplit('.', 1)[-1]}" for name, row in value.rows.items()]
            return lines + [line for name in value.cells for line in _total(good, f"{value.name}.{name}")]
        case NetworkInstance():
            table = good.model.sheet.tables.get(value.table)
            return [f"{sum(row.role == 'layer' for row in table.rows)} layers"] if table is not None else []
    return []


def _cell(good: Snapshot, cell_id: str) -> list[str]:
    text, values = shown.value_of_cell(good, cell_id), good.values
    if not text or values is None:
        return []
    cell = good.model.sheet.cells[cell_id]
    kind = good.model.typed.cell_types[cell_id]
    exact = show(good.model.typed, values.cell(cell_id), kind, cell.shown, 15)
    line = f"{cell_id} = **{text}**" + (f" ({exact})" if exact != text and len(exact) < 30 else "")
    form = good.forms.get(cell_id)
    return [line, f"= `{form}`"] if form else [line]


def _total(good: Snapshot, cell_id: str) -> list[str]:
    text = shown.value_of_cell(good, cell_id)
    return [f"{cell_id} = **{text}**"] if text else []


def _row(good: Snapshot, value: RowValue) -> list[str]:
    if not isinstance(value.row, At):
        return []
    table = good.model.sheet.tables.get(value.tables[-1])
    if table is None or value.row.index >= len(table.rows):
        return []
    row = table.rows[value.row.index]
    sizes = " × ".join(shown.axes_of_row(good, table.id, value.row.index))
    return [f"`{row.name}`: {row.kind}" + (f", **{sizes}**" if sizes else "")]


def _number(snapshot: Snapshot, offset: int) -> tree.Number | None:
    statement = snapshot.statement_at(offset)
    last = path_to(statement, offset)[-1] if statement is not None else None
    return last if isinstance(last, tree.Number) and last.unit else None


def _of_number(number: tree.Number) -> str:
    try:
        unit = parse_unit(number.unit)
    except ValueError:
        return ""
    value = float(number.digits) * float(unit.scale)
    base = base_unit(unit.dimension)
    return f"`{number.digits} {number.unit}` = **{value:,.6g}{f' {base}' if base else ''}**" + (
        f" = {display(value, unit.dimension)}" if base else ""
    )


def _of_word(text: Text, offset: int) -> Hover | None:
    span = text.word_at(offset)
    if span is None:
        return None
    word = text.text[slice(*span)]
    known = words.DECLARATIONS.get(word) or words.CLAUSES.get(word) or words.FUNCTIONS.get(word) or _of_unit(word)
    if not known:
        return None
    return Hover(MarkupContent(MarkupKind.Markdown, f"**{word}**: {known}"), text.range(span))


def _of_unit(word: str) -> str:
    """A unit in base units; empty when there is no such unit."""
    try:
        unit = parse_unit(word)
    except ValueError:
        return ""
    return f"the unit {float(unit.scale):,.6g} {base_unit(unit.dimension)}".rstrip()
