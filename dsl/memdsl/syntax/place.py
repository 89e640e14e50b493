"""The place where parsing stopped, as the messages look at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .engine import Failure

RESERVED: Final = frozenset({"if", "then", "else", "and", "or", "not", "in", "where", "true", "false"})
DECLARATIONS: Final = (
    "use", "param", "option", "fn", "layer", "each", "block", "network", "hardware", "rows", "model", "table",
    "schedule", "claim", "scenario", "require", "fit", "report",
)  # fmt: skip
_WINDOW: Final = 300  # characters of context that are looked at: enough for the slips, and bounded

_FOUND = re.compile(
    r'"""|"[^"\n]*"?|(?P<word>[A-Za-z_][A-Za-z_0-9]*)|(?P<number>\.?[0-9][\w.]*)|\.\.\.|\.\.|->|==|!=|<=|>=|\+/-|\S'
)


class Slip(NamedTuple):
    message: str
    hint: str = ""
    code: str = "syntax"
    span: tuple[int, int] | None = None  # where it is, when not at the place where parsing stopped


class Place:
    """Where parsing stopped: what was found, what could have stood there, and the text on both sides."""

    def __init__(self, failure: Failure, text: str, start: int, end: int, rule: str) -> None:
        self.rule = rule
        self.expected = failure.expected
        position = min(failure.position, end)
        while position < end and text[position] in " \t\n":
            position += 1
        match = _FOUND.match(text, position, end)
        self.found = match[0] if match else ""
        if self.found == ">" and text[position - 1 : position] == "-":
            position -= 1  # where no pipe can stand, `->` was read as two signs
            self.found = "->"
        self.is_word = bool(match and match["word"])
        self.is_number = bool(match and match["number"])
        self.first = start
        before = text[max(start, position - _WINDOW) : position]
        self.before = before.rstrip()
        self.gap = before[len(self.before) :]
        self.after = text[position + len(self.found) : min(end, position + _WINDOW)]
        self.at_start = position == start
        self.start = position
        if not self.found:
            while position > start and text[position - 1] in " \t\n":
                position -= 1
            self.start = position
        self.end = self.start + len(self.found)

    @property
    def wants_value(self) -> bool:
        return "NUMBER" in self.expected

    @property
    def after_value(self) -> bool:
        """Whether a formula stood complete before this place."""
        return "PLUS" in self.expected and not self.wants_value

    @property
    def may_end(self) -> bool:
        """Whether the statement could have ended at this place."""
        return bool(self.expected & {"$END", "_NL", "RBRACE"})

    def shown(self) -> str:
        if not self.found:
            return "the end of the statement"
        kind = "the reserved word " if self.found in RESERVED else ""
        return f"{kind}`{shortened(self.found)}`"


def shortened(text: str, length: int = 40) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def nearest(word: str, words: tuple[str, ...], likeness: float) -> str:
    """The word that was probably meant; empty when none is like it."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word[:40], words, 1, likeness)), "")


def declaration_meant(word: str) -> str:
    """The declaration that a word opens or was meant to open; empty when there is none like it."""
    return word if word in DECLARATIONS else nearest(word, DECLARATIONS, 0.75)
