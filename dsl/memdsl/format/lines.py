"""Tokens put into lines: the author's line ends, with the indent that the nesting asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .tokens import Token

STEP: Final = 2


@dataclass(slots=True)
class Line:
    """One line. `opens` says that a statement begins with it; lines of one `section` may be aligned with each other.

    `body` is the number of the body that it stands in.
    """

    indent: int
    tokens: list[Token]
    opens: bool
    blank: bool
    section: int
    body: int
    comment: Token | None = None


def lines_of(tokens: Sequence[Token]) -> list[Line]:
    return _Walk(tokens).run()


class _Walk:
    """`bodies` are the bodies over several lines that are open, `depth` the other brackets of the statement at hand."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.lines: list[Line] = []
        self.tall = _tall(tokens)
        self.bodies = [0]
        self.count = 0
        self.depth = 0
        self.section = 0
        self.fresh = True  # nothing stands in the body at hand so far

    @property
    def base(self) -> int:
        return STEP * (len(self.bodies) - 1)

    def run(self) -> list[Line]:
        following = _following(self.tokens)
        breaks = True  # the next token begins a line, whatever the author did
        for index, token in enumerate(self.tokens):
            after = following[index]
            if token.kind == "comment":
                if token.lines == 0 and self.lines and self.lines[-1].comment is None:
                    self.lines[-1].comment = token
                else:
                    inside = after is not None and not after.ends and not breaks
                    self._line(token, not inside, self.base + STEP * max(1, self.depth) * inside)
                continue
            if token.text == ";" and token.kind == "sign":
                if self.depth == 0 and (after is None or after.lines or after.text in ("}", ";") or breaks):
                    continue
                if not breaks and self.tokens[index - 1].kind != "comment":
                    self.lines[-1].tokens.append(token)
                continue
            closes = index in self.tall and token.text == "}"
            if closes:
                self.bodies.pop()
                self.section += 1
                self.depth = 0
                self.fresh = True
                self._line(token, False, self.base)
                self.fresh = breaks = False
                continue
            brace = token.text == "{" and self.lines and self.lines[-1].comment is None
            if breaks or (token.lines and not brace) or self.lines[-1].comment is not None:
                starts = breaks or token.ends
                if starts:
                    self.depth = 0
                self._line(token, starts, self.base if starts else self._continued(index))
            else:
                self.lines[-1].tokens.append(token)
            self._count(token)
            breaks = index in self.tall
            if breaks:
                self.count += 1
                self.bodies.append(self.count)
                self.section += 1
                self.depth = 0
                self.fresh = True
        return self.lines

    def _line(self, token: Token, opens: bool, indent: int) -> None:
        blank = token.lines > 1 and not self.fresh and bool(self.lines)
        if blank and opens:
            self.section += 1
        self.lines.append(Line(indent, [token], opens, blank, self.section, self.bodies[-1]))
        self.fresh = False

    def _continued(self, index: int) -> int:
        """The indent of a line that continues a statement, whose first token is this one."""
        closers = 0
        while index + closers < len(self.tokens) and self.tokens[index + closers].text in (")", "]"):
            closers += 1
        if closers:
            return self.base + STEP * max(self.depth - closers, 0)
        return self.base + STEP * max(self.depth, 1)

    def _count(self, token: Token) -> None:
        if token.kind == "sign":
            self.depth += (token.text in ("(", "[")) - (token.text in (")", "]"))


def _tall(tokens: Sequence[Token]) -> set[int]:
    """The braces, by index, of bodies that the author wrote over several lines."""
    found: set[int] = set()
    open_: list[int] = []
    lines = [0]
    for token in tokens:
        lines.append(lines[-1] + token.lines + token.text.count("\n"))
    for index, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text == "{":
            open_.append(index)
        elif token.text == "}" and open_:
            opening = open_.pop()
            if lines[index + 1] > lines[opening + 1]:
                found |= {opening, index}
    return found


def _following(tokens: Sequence[Token]) -> list[Token | None]:
    """For each token the next one that is no comment."""
    found: list[Token | None] = [None] * len(tokens)
    after: Token | None = None
    for index in range(len(tokens) - 1, -1, -1):
        found[index] = after
        if tokens[index].kind != "comment":
            after = tokens[index]
    return found
