"""The blanks between two tokens of one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..syntax.place import RESERVED
from .tokens import CLAUSE_WORDS, Token

_TIGHT: Final = frozenset({".", ".."})
_TIGHT_BEFORE: Final = frozenset({",", ";", ":", ")", "]", "..."})
_SOFT: Final = CLAUSE_WORDS | {"claim", "require", "equation", "table", "grid", "sensitivity", "for"}


def separator(line: Sequence[Token], index: int) -> str:
    """What stands before the token `index` (above 0) of a line."""
    before, token = line[index - 1], line[index]
    if token.text == "^" or before.text == "^":
        base = index - 1 if token.text == "^" else index - 2
        return " " if line[base].kind == "unit" else ""  # `2 MB^2` is a unit, `2 MB ^ 2` a power
    if token.text in _TIGHT or before.text in _TIGHT or token.text in _TIGHT_BEFORE or before.text in ("(", "["):
        return ""
    if token.text in ("(", "["):
        return _before_bracket(before, token)
    if before.text == "-" and _is_sign(line, index - 1):
        return ""
    if token.text == "%" and before.kind == "number":
        return ""
    if token.text in ("*", "/"):
        return "" if _is_tight(line, index) else " "
    if before.text in ("*", "/"):
        return "" if _is_tight(line, index - 1) else " "
    return " "


def _before_bracket(before: Token, bracket: Token) -> str:
    if before.kind == "word":
        if before.text in RESERVED:
            return " "
        return " " if before.text in _SOFT and bracket.blank else ""
    return "" if before.text in (")", "]") or (before.kind == "string" and bracket.text == "[") else " "


def _is_sign(line: Sequence[Token], index: int) -> bool:
    """Whether the minus there is a sign: what stands before it ends no value."""
    if index == 0:
        return True
    before = line[index - 1]
    if before.kind == "word" and before.text in _SOFT:
        return index + 1 < len(line) and not line[index + 1].blank
    return not before.ends_value


def _is_tight(line: Sequence[Token], index: int) -> bool:
    """`4/9` is a fraction, and `2*pad` one term: a coefficient of a name, within a sum or as an argument."""
    if index + 1 >= len(line) or line[index - 1].kind != "number":
        return False
    sign, after = line[index].text, line[index + 1]
    end = index + 2
    before = line[index - 2] if index > 1 else None
    if sign == "/":
        plain = end == len(line) or (line[end].kind != "unit" and line[end].text not in ("^", "*", "/"))
        return after.kind == "number" and plain and (before is None or before.text not in ("/", "^"))
    if after.kind != "word" or before is None:
        return False
    while end + 1 < len(line) and line[end].text == ".":
        end += 2
    follows = line[end].text if end < len(line) else ""
    if follows in ("(", "[", "*", "/", "^"):
        return False
    if before.text in ("+", "-", "(", "[", ","):
        return True
    return (
        follows in ("+", "-", ")", ",", "]") and not before.ends_value and before.text not in ("*", "/", "^", "->", ".")
    )
