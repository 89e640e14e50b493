"""The words and signs of a text, with what separates them: line ends that end a statement, and those that do not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..syntax.place import RESERVED

# Words that stand between an expression and what follows it. As units or names they would be read otherwise.
CLAUSE_WORDS: Final = frozenset(
    {"from", "to", "multiple", "one", "of", "within", "at", "disputed", "by", "over", "as", "times", "step", "extends"}
)

_UNIT = (
    r"(?:1/)?(?:%|[A-Za-zµμΩ°$][A-Za-z0-9]*)(?:\^-?[0-9])?"
    r"(?:[*/·][A-Za-zµμΩ°$][A-Za-z0-9]*(?:\^-?[0-9])?(?![\w(]|\.(?!\.)))*"
)
_TOKEN = re.compile(
    r'(?P<prose>"""[^"]*(?:"{1,2}[^"]+)*""")'
    r'|(?P<string>"[^"\n]*")'
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<number>[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<sign>\.\.\.|\.\.|->|==|!=|<=|>=|\+/-|\S)"
)
_AFTER_NUMBER = re.compile(rf"[ \t]*({_UNIT})")
_WORD = re.compile(r"[A-Za-z_0-9]+\Z")
NO_UNIT: Final = RESERVED | CLAUSE_WORDS


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
    previous: Token | None = None
    while match := _TOKEN.search(text, position):
        kind, start = match.lastgroup or "", match.start()
        gap = text[position:start]
        lines = gap.count("\n")
        ends = kind != "comment" and "\n" in clean[code_end:start]
        token = Token(kind, match[0], start, lines, ends, bool(gap))
        found.append(token)
        position = match.end()
        if kind == "comment":
            token.text = token.text.rstrip()
            continue
        unit = _unit(text, position, token, previous)
        if unit is not None:
            found.append(unit)
            position = unit.start + len(unit.text)
        code_end, previous = position, found[-1]
    return found


def _unit(text: str, position: int, token: Token, previous: Token | None) -> Token | None:
    """The unit behind a number, or behind `in`."""
    if token.kind != "number" and not (token.text == "in" and previous is not None and previous.ends_value):
        return None
    match = _AFTER_NUMBER.match(text, position)
    if match is None or match[1] in NO_UNIT:
        return None
    if token.kind != "number" and _WORD.match(match[1]):
        return None  # a unit of one word looks like a name; no sign inside needs care
    return Token("unit", match[1], match.start(1), 0, False, match.start(1) > position)
