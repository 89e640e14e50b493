"""Edits of a text: replacing a number, adding and removing statements, in the manner of what stands around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal as OneOf

from ..excel.scales import in_unit
from ..sheet.formula import UNLIMITED
from ..sheet.operations import Value
from ..syntax import tree
from ..units import Unit

_LITERAL = re.compile(r"([-+]?[0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?)(\s*)(.*)", re.DOTALL)


class Impossible(Exception):
    """The spec has no place where a change could be written; the message says why."""


@dataclass(frozen=True)
class Edit:
    """`text` takes the place of characters `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass
class Addition:
    """Statements added before the brace that ends at `end`, or arguments before the parenthesis; `some` if not alone.

    `closing` is empty for the arguments of a call that has no parentheses yet.
    """

    end: int
    some: bool
    statements: list[str]
    closing: OneOf["}", ")", ""] = "}"

    def edit(self, text: str) -> Edit:
        if self.closing != "}":
            joined = ", ".join(self.statements)
            if not self.closing:
                return replacing(text, self.end, self.end, f"({joined})")
            return replacing(text, self.end - 1, self.end, f", {joined})" if self.some else f"{joined})")
        brace = text.rindex("}", 0, self.end)
        line = text.rfind("\n", 0, brace) + 1
        before = text[line:brace]
        if not before.strip():
            return Edit(line, line, "".join(f"{before}  {statement}\n" for statement in self.statements))
        joined = "; ".join(self.statements)
        at = line + len(before.rstrip())
        if before.rstrip().endswith("{"):
            return Edit(at, brace, f" {joined} ")
        return Edit(at, at, f"; {joined}" if self.some else f" {joined}")


def replacing(text: str, start: int, end: int, new: str) -> Edit:
    """`new` in place of some characters; a column that was aligned behind them stays where it was, if it can."""
    spaces = re.compile(" *").match(text, end)
    assert spaces is not None
    wide = len(spaces[0])
    if wide < 2 or text[spaces.end() : spaces.end() + 1] in ("", "\n"):
        return Edit(start, end, new)
    left = max(1, wide - (len(new) - (end - start)))
    return Edit(start, spaces.end(), new + " " * left)


def without(text: str, assign: tree.Assign) -> tuple[int, int]:
    """The characters of a statement, with the separator that it leaves behind or the line that it had to itself."""
    start, end = assign.path.span[0], assign.value.span[1]
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if not text[line_start:start].strip() and not text[end:line_end].strip():
        return line_start, min(line_end + 1, len(text))
    after = re.compile(r"\s*;[ \t]*").match(text, end)
    if after is not None:
        return start, after.end()
    before = re.search(r";\s*\Z", text[line_start:start])
    return (line_start + before.start(), end) if before is not None else (start, end)


# ---- values as a spec writes them -----------------------------------------------------------------------------------


def value_text(value: Value, unit: Unit | None, before: str = "") -> str:
    """A value as the author would write it: `before` is what stands there now, whose spacing is kept."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if '"' in value or "\n" in value:
            raise Impossible("a text in a spec has neither quotes nor line ends")
        return f'"{value}"'
    if abs(value) >= UNLIMITED / 10:
        return "unlimited" if value > 0 else "-unlimited"
    number = _digits(in_unit(value, unit))
    literal = _LITERAL.fullmatch(before)
    if literal is not None and literal[3] == (unit.text if unit is not None else ""):
        if "_" in literal[1] and number.isdigit():
            number = f"{int(number):_}"
        return f"{number}{literal[2]}{literal[3]}"
    return number if unit is None else f"{number} {unit.text}"


def _digits(number: float) -> str:
    return str(int(number)) if number == int(number) and abs(number) < 1e16 else repr(number)


# ---- the whole text -------------------------------------------------------------------------------------------------


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits made."""
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def in_original(content: bytes, edits: Sequence[Edit]) -> bytes:
    """A file with the edits made, its byte order mark and its line ends as they were.

    Offsets of edits are in the text that a spec is read as, where a line ends with one character.
    """
    raw = content.decode("utf-8-sig")
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    ends = [match.start() - i for i, match in enumerate(re.finditer("\r\n", raw))]

    def place(offset: int) -> int:
        return offset + bisect_right(ends, offset - 1)

    found = [Edit(place(e.start), place(e.end), e.text.replace("\n", "\r\n") if ends else e.text) for e in edits]
    return mark + edited(raw, found).encode("utf-8")
