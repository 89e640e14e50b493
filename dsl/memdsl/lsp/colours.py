"""Semantic tokens: what kind of thing each word of a text is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..format.tokens import CLAUSE_WORDS, Token, scan
from ..resolve.functions import FunctionValue
from ..resolve.modules import ModuleValue
from ..resolve.values import CellValue, ColumnValue, OwnColumn, RowValue, Scalar
from ..resolve.workshop import Value
from ..sheet.formula import Field
from ..syntax.place import DECLARATIONS, RESERVED
from .legend import TOKEN_TYPES
from .snapshot import Snapshot
from .symbols import TEMPLATES
from .text import Drift, Offsets, Text, units
from .words import FUNCTIONS

_NUMBER_OF: Final = {name: number for number, name in enumerate(TOKEN_TYPES)}
_STATEMENT_WORDS: Final = {*DECLARATIONS, "override", "text", "chart", "equation", "claims", "sensitivity", "grid"}


def tokens(text: Text, snapshot: Snapshot, drift: Drift, wanted: Offsets) -> list[int]:
    """The tokens within a span, in the protocol's five numbers each; none runs over a line end."""
    meant = _meanings(snapshot, drift)
    found: list[int] = []
    last_line, last_start = 0, 0
    every = scan(text.text, text.text)
    for index, token in enumerate(every):
        start, end = token.start, token.start + len(token.text)
        if end <= wanted[0] or start >= wanted[1]:
            continue
        kind, modifiers = _kind(every, index, meant)
        if kind is None:
            continue
        line = text.line_at(start)
        for number, part in enumerate(token.text.split("\n")):
            part = part.rstrip("\r")
            column = units(text.text[text.starts[line] : start]) if number == 0 else 0
            if part:
                same = line == last_line
                found += [line - last_line, column - last_start if same else column, units(part)]
                found += [_NUMBER_OF[kind], modifiers]
                last_line, last_start = line, column
            line += 1
    return found


def _meanings(snapshot: Snapshot, drift: Drift) -> dict[int, str]:
    """What the names mean, by the place where they begin in the text of now."""
    found: dict[int, str] = {}
    for use in snapshot.uses:
        span = drift.forward(use.span)
        kind = _kind_of(snapshot, use.values[0]) if span is not None else None
        if span is not None and kind is not None:
            found[span[0]] = kind
    return found


def _kind_of(snapshot: Snapshot, value: Value) -> str | None:
    match value:
        case FunctionValue():
            return "function"
        case ModuleValue():
            return "namespace"
        case CellValue():
            cell = snapshot.model.sheet.cells.get(value.id)
            return "parameter" if cell is not None and cell.role in ("param", "option", "argument") else "variable"
        case OwnColumn() | ColumnValue():
            return "property"
        case Scalar(content=Field()):
            return "property"
        case RowValue():
            return "variable"
    return "class" if isinstance(value, TEMPLATES) else None


def _kind(every: Sequence[Token], index: int, meant: dict[int, str]) -> tuple[str | None, int]:
    token = every[index]
    before = every[index - 1] if index else None
    after = every[index + 1] if index + 1 < len(every) else None
    if token.kind in ("comment", "string", "number"):
        return token.kind, 0
    if token.kind == "prose":
        return "string", 0
    if token.kind == "unit":
        return "type", 0
    if token.kind == "sign":
        return None, 0
    word = token.text
    if word in RESERVED:
        return ("keyword" if word not in ("true", "false") else "number"), 0
    begins = before is None or token.lines > 0 or before.text in ("{", ";", "}")
    if begins and word in _STATEMENT_WORDS and after is not None and after.text not in ("=", ".", "|"):
        return "keyword", 0
    if token.start in meant:
        return meant[token.start], 0
    if before is not None and before.text in _STATEMENT_WORDS and before.kind == "word":
        declared = {"param": "parameter", "option": "parameter", "fn": "function", "layer": "class", "block": "class"}
        return declared.get(before.text, "variable"), 1
    if word in CLAUSE_WORDS and (before is None or before.text != ".") and (after is None or after.text != "="):
        return "keyword", 0
    if word in FUNCTIONS and after is not None and after.text == "(":
        return "function", 2
    if after is not None and after.text == "=":
        return ("variable", 1) if begins else ("parameter", 0)
    return None, 0
