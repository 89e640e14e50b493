"""The words and signs of a text, with what separates them: line ends that end a statement, and those that do not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..syntax.place import RESERVED

# Words that stand between an expression and what follows it. As units or names they would be read otherwise.
CLAUSE_WORDS: Final = frozenset(
    {
        "from", "to", "whole", "multiple", "one", "of", "within", "at", "disputed", "by", "over", "as", "times", "step",
        "extends",
    }
)  # fmt: skip

_UNIT = (
    r"(?:1/)?(?:%|[A-Za-zµμΩ°$][A-Za-z0-9]*)(?:\^-?[0-9])?"
    r"(?:[*/·][A-Za-zµμΩ°$][A-Za-z0-9]*(?:\^-?[0-9])?(?![\w(]|\.(?!\.)))*"
)
_WORDS = "|".join(sorted(RESERVED | CLAUSE_WORDS))
_TOKEN = re.compile(
    r'(?P<prose>"""[^"]*(?:"{1,2}[^"]+)*""")'
    r'|(?P<string>"[^"\n]*")'
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<number>[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    rf"(?:[ \t]*(?!(?:{_WORDS})\b)(?P<unit>{_UNIT}))?"
    rf"|(?P<word>in(?=[ \t])|[A-Za-z_][A-Za-z_0-9]*)(?:(?<=[ \t]in)[ \t]+(?P<shown>{_UNIT}))?"
    r"|(?P<sign>\.\.\.|\.\.|->|==|!=|<=|>=|\+/-|\S)"
)
_WORD = re.compile(r"[A-Za-z_0-9]+\Z")


@dataclass(slots=True)
class Token:
    """`kind` is one of `prose string comment number unit word sign`.

    `lines` counts the line ends before it, `ends` says that a statement ended there, `blank` that it stood apart.
    """

    kind: str
    text: str
    start: int
    lines: int
    ends: bool
    blank: bool

    @property
    def ends_value(self) -> bool:
        """Whether a formula may end with it."""
        if self.kind == "word":
            return self.text not in RESERVED or self.text in ("true", "false")
        return self.kind in ("number", "unit", "string") or self.text in (")", "]")


def scan(text: str, clean: str) -> list[Token]:
    """Every token of a text that has no error; `clean` is its layout: of its line ends those that end a statement."""
    found: list[Token] = []
    position = code_end = 0
    while match := _TOKEN.search(text, position):
        start = match.start()
        unit = match["unit"]
        shown = match["shown"]
        if shown is not None and not _is_unit(shown, found):
            shown = None  # a unit of one word looks like a name; no sign inside needs care
        kind = "number" if match["number"] is not None else "word" if match["word"] is not None else match.lastgroup
        written = match[kind or 0]
        apart = start > position
        lines = text.count("\n", position, start) if apart else 0
        if kind == "comment":
            found.append(Token("comment", written.rstrip(), start, lines, False, apart))
            position = match.end()
            continue
        ends = lines > 0 and "\n" in clean[code_end:start]
        found.append(Token(kind or "", written, start, lines, ends, apart))
        position = start + len(written)
        if unit is not None or shown is not None:
            at = match.start("unit" if unit is not None else "shown")
            found.append(Token("unit", unit or shown or "", at, 0, False, at > position))
            position = at + len(found[-1].text)
        code_end = position
    return found


def _is_unit(text: str, before: list[Token]) -> bool:
    """Whether what stands behind an `in` is a unit with signs in it."""
    return bool(before) and before[-1].ends_value and not _WORD.match(text)
