"""Cuts a text into statements before anything is parsed.

One pass over the signs that matter (quotes, comments, brackets, line ends) decides which line ends end a statement,
finds brackets that do not match, and gives the pieces that are then parsed one by one. It keeps every offset: what is
not code (comments, line ends inside a statement) becomes blanks of the same length.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .faults import Faults
from .place import shortened
from .signs import (
    ALIEN_HINTS,
    BLANKS,
    BODY_INSIDE,
    CLOSING,
    CONTINUES,
    DECLARATION,
    DECLARATION_LINE,
    FORMULA,
    OPERATOR_CHARACTERS,
    OPERATOR_WORD,
    PROSE_BEGINS,
    SAME_LINE,
    SIGNS,
    STATEMENT,
)

MAX_NESTING: Final = 100


@dataclass(eq=False, slots=True)
class Piece:
    """A statement: where it stands, and its statements when it has a body.

    `indent` is that of its line. `bad`: an error in it (for one with a body: outside the body) was reported already, so
    that it is not parsed. `missing`: how many `}` must be thought of at its end. `stray`: it is a `}` too many.
    `doubtful`: it should have ended before its `}`, which was meant for another.
    """

    start: int
    indent: int
    end: int = -1
    opening: int = -1
    closing: int = -1
    bad: bool = False
    missing: int = 0
    stray: bool = False
    doubtful: bool = False
    inner: list[Piece] = field(default_factory=list)


@dataclass(slots=True)
class SplitText:
    text: str
    pieces: list[Piece]


def split_statements(text: str, faults: Faults, base: int = 0) -> SplitText:
    """The statements of a text, and the text with everything blanked that is no code.

    `base` is the offset of the text in its source: errors are reported there.
    """
    return _Scan(text.replace("\r", " ").replace("\ufeff", " "), faults, base).run()


class _Scan:
    """The walk over the signs. `mark` is where the statement at hand begins; `bad`: an error in it was reported."""

    def __init__(self, text: str, faults: Faults, base: int) -> None:
        self.text = text
        self.faults = faults
        self.base = base
        self.clean: list[str] = []
        self.cleaned = 0
        self.open: list[tuple[str, int, int, Piece | None]] = []  # sign, offset, indent of its line, statement of a `{`
        self.beyond = 0  # brackets that are open beyond MAX_NESTING: counted, not kept
        self.levels: list[list[Piece]] = [[]]
        self.mark = 0
        self.mark_indent = 0
        self.bad = False
        self.indent = 0
        self.first_on_line = 0
        self.comment = (-1, -1)
        self.declaration = -1  # what `_next_declaration` found last
        self.bodiless = -1  # where the last statement began in which a `{` was refused
        self.block_comments = True  # until a `/*` without `*/` was met
        self.excused = False  # an error that explains open braces was reported
        self.suspect: Piece | None = None  # the first whose `}` stands at another indent

    def run(self) -> SplitText:
        text, position = self.text, 0
        while match := SIGNS.search(text, position):
            position = getattr(self, "_" + str(match.lastgroup))(match.start(), match.end())
        self._close_braces(len(text))
        self._finish(len(text), len(text))
        self.clean.append(text[self.cleaned :])
        clean = "".join(self.clean)
        return SplitText(clean, _trimmed(self.levels[0], clean))

    # ---- signs: each method gets the place of its sign and returns where to go on ----

    def _prose(self, start: int, end: int) -> int:
        text = self.text
        close = text.find('"""', end)
        if PROSE_BEGINS.search(text, max(start - 40, 0), start):
            if close >= 0 and not PROSE_BEGINS.search(text, max(close - 40, end), close):
                return close + 3
            self._fault("unterminated-prose", 'this `"""` is never closed', (start, end), 'end the text with `"""`')
            stop = self._next_declaration(end)
            self.excused = True
        elif 0 <= close < self._next_declaration(end):
            return close + 3
        else:
            self._fault("stray-text", 'this `"""` begins no text', (start, end), 'prose is `text """…"""` in a report')
            stop = text.find("\n", end)
        stop = stop if stop >= 0 else len(text)
        self._put(start, stop)
        return stop

    def _next_declaration(self, position: int) -> int:
        """The line end before the next declaration, or the end of the text."""
        if self.declaration < position:
            found = DECLARATION_LINE.search(self.text, position)
            self.declaration = found.start() - 1 if found else len(self.text)
        return self.declaration

    def _string(self, start: int, end: int) -> int:
        return end

    def _comment(self, start: int, end: int) -> int:
        self._put(start, end)
        self.comment = (start, end)
        return end

    def _slashes(self, start: int, end: int) -> int:
        self._report("syntax", "a comment begins with `#`", (start, start + 2), "write `#` and the rest of the line")
        if self.text[start + 1] == "*":
            close = self.text.find("*/", end) if self.block_comments else -1
            self.block_comments = close >= 0
            end = close + 2 if self.block_comments else end
        return self._comment(start, end)

    def _open_string(self, start: int, end: int) -> int:
        end = start + max(len(self.text[start:end].rstrip(" \t)]},;")), 1)  # closing brackets belong to the code
        self._fault("unterminated-string", 'this text has no closing `"` on its line', (start, end), 'add `"`')
        return end

    def _apostrophe(self, start: int, end: int) -> int:
        whole = self.text[start + 1 : end - 1] if end - start > 2 and self.text[end - 1] == "'" else "…"
        self._fault("bad-character", "text stands in double quotes", (start, end), f'write `"{whole}"`')
        return end

    def _alien(self, start: int, end: int) -> int:
        first = self.text[start]
        if first.isalpha():
            message, hint = f"`{first}` cannot be part of a name", "names are made of a-z, A-Z, 0-9 and _"
        else:
            message = f"{shown_character(first)} has no meaning here"
            hint = ALIEN_HINTS.get(first, "write a plain space" if first.isspace() else "")
        self._fault("bad-character", message, (start, end if first == "&" else start + 1), hint)
        return end

    def _semicolon(self, start: int, end: int) -> int:
        if not self.beyond:
            self._close_brackets(start)
            self._finish(start, end)
        return end

    def _open(self, start: int, end: int) -> int:
        sign = self.text[start]
        if sign == "{" and not self.beyond:
            self._close_brackets(start)
            if self.bodiless == self.mark:
                return end
            if self._has_no_body(start):
                self.bodiless = self.mark
                word = self.text[self.mark : start].strip()
                hint = "a list is written `[…]`; a body stands behind the name of a declaration"
                if word.isidentifier():
                    hint = f"give it a name: `{shortened(word)} name {{ … }}`"
                self._fault("syntax", "`{` does not fit here", (start, end), hint)
                closing = SAME_LINE.match(self.text, end, end + 200)
                return closing.end() if closing else end
        if len(self.open) >= MAX_NESTING:
            self._fault("too-deep", f"brackets nest more than {MAX_NESTING} deep", (start, end), "split the formula")
            self.beyond += 1
            self.excused = True
            return end
        piece = None
        if sign == "{":
            piece = Piece(self.mark, self.mark_indent, opening=start, bad=self.bad)
            self.levels.append(piece.inner)
            self._begin(end)
        self.open.append((sign, start, self.indent, piece))
        return end

    def _has_no_body(self, opening: int) -> bool:
        if FORMULA.match(self.text, self.mark, opening):
            return True
        return len(self.levels) > 1 and not BODY_INSIDE.match(self.text, self.mark, opening)

    def _close(self, start: int, end: int) -> int:
        sign = self.text[start]
        if self.beyond:
            self.beyond -= 1
            return end
        if sign == "}":
            self._close_brackets(start)
        elif self.open and self.open[-1][0] != "{" and CLOSING[self.open[-1][0]] != sign:
            self._fault_open(self.open[-1][1])
            if len(self.open) > 1 and CLOSING[self.open[-2][0]] == sign:
                self.open.pop()
        if not self.open or CLOSING[self.open[-1][0]] != sign:
            if sign == "}":
                self._finish(start, end)
                self.levels[-1].append(Piece(start, self.indent, end, stray=True))
            else:
                self._fault("stray-brace", f"this `{sign}` closes nothing", (start, end), "remove it")
            return end
        _, _, indent, piece = self.open.pop()
        if piece is not None:
            self._finish(start, start)
            self.levels.pop()
            piece.closing, piece.end = start, end
            self.levels[-1].append(piece)
            self._begin(end)
            if self.suspect is None and start == self.first_on_line and indent != self.indent:
                self.suspect = piece
            self._end_of_braces(end)
        return end

    def _line(self, start: int, end: int) -> int:
        text = self.text
        self.indent = end - text.rfind("\n", start, end) - 1
        self.first_on_line = end
        if self.open and self.indent == 0 and DECLARATION.match(text, end):
            self._close_braces(start)
        elif self.beyond or (self.open and self.open[-1][0] != "{"):
            if self.indent > self.mark_indent or not STATEMENT.match(text, end):
                self._put(start, end)
                return end
            self._close_brackets(start)
        elif self._continues(start, end):
            self._put(start, end)
            return end
        self._put(start, end, "\n")
        self._finish(start, end)
        return end

    # ---- statements ----

    def _continues(self, start: int, end: int) -> bool:
        """Whether the statement goes on after the line end at `start`, in the line that begins at `end`."""
        text = self.text
        if CONTINUES.match(text, end):
            return True
        if self.comment[1] == start:
            start = self.comment[0]
        while start > self.mark and text[start - 1] in " \t":
            start -= 1
        if start <= self.mark:
            return False
        if text[start - 1] not in OPERATOR_CHARACTERS and not OPERATOR_WORD.search(text, max(start - 6, 0), start):
            return False
        if self.indent == 0 and DECLARATION.match(text, end):
            return False
        return text[end : end + 1] not in ("}", "") and (
            self.indent > self.mark_indent or not STATEMENT.match(text, end)
        )

    def _finish(self, end: int, next_start: int) -> None:
        if self.mark < end:
            self.levels[-1].append(Piece(self.mark, self.mark_indent, end, bad=self.bad))
        if len(self.levels) == 1:
            self.excused, self.suspect = False, None
        self._begin(next_start)

    def _begin(self, start: int) -> None:
        self.mark, self.mark_indent, self.bad = start, self.indent, False

    def _end_of_braces(self, end: int) -> None:
        """Nothing but the end of the statement may follow a `}`."""
        blanks = BLANKS.match(self.text, end)
        after = blanks.end() if blanks else end
        if self.text[after : after + 1] in ("", "\n", ";", "}", ")", "]", "#") or self.text.startswith(
            ("//", "/*"), after
        ):
            return
        hint = "put it on a line of its own"
        self._report("stray-text", "a new line is missing after `}`", (after, after + 1), hint)
        if after > end:
            self._put(end, after, ";")
            self._finish(end, after)
        else:
            self.bad = True

    def _close_brackets(self, end: int) -> None:
        self.beyond = 0
        while self.open and self.open[-1][0] != "{":
            self._fault_open(self.open.pop()[1])

    def _close_braces(self, end: int) -> None:
        self._close_brackets(end)
        if not self.open:
            return
        self._finish(end, end)
        if not self.excused:
            self._fault_open(self.suspect.opening if self.suspect else self.open[-1][1])
        if self.suspect is not None:
            self.suspect.doubtful = True
        missing = 0
        while self.open:
            piece = self.open.pop()[3]
            assert piece is not None
            missing += 1
            piece.end, piece.missing = end, missing
            self.levels.pop()
            self.levels[-1].append(piece)
        self._begin(end)

    # ---- helpers ----

    def _put(self, start: int, end: int, instead: str = "") -> None:
        self.clean.append(self.text[self.cleaned : start])
        self.clean.append(instead.ljust(end - start))
        self.cleaned = end

    def _report(self, code: str, message: str, span: tuple[int, int], hint: str) -> None:
        self.faults.add(code, message, (span[0] + self.base, span[1] + self.base), hint)

    def _fault(self, code: str, message: str, span: tuple[int, int], hint: str) -> None:
        """Reports the first error of a statement."""
        if not self.bad:
            self.bad = True
            self._report(code, message, span, hint)

    def _fault_open(self, opening: int) -> None:
        sign = self.text[opening]
        closing = CLOSING[sign]
        self._fault(
            "missing-brace",
            f"missing `{closing}`: this `{sign}` is never closed",
            (opening, opening + 1),
            f"add `{closing}`",
        )


def shown_character(character: str) -> str:
    """A character as a message may show it."""
    if character.isprintable() and not character.isspace():
        return f"the character `{character}`"
    return f"the character U+{ord(character):04X}"


def _trimmed(pieces: list[Piece], text: str) -> list[Piece]:
    """The pieces that hold something, without blanks around them."""
    kept = []
    for piece in pieces:
        start, end = piece.start, piece.end
        while start < end and text[start] in " \t\n":
            start += 1
        while start < end and text[end - 1] in " \t\n":
            end -= 1
        piece.start, piece.end = start, end
        if piece.inner:
            piece.inner = _trimmed(piece.inner, text)
        if start < end:
            kept.append(piece)
    return kept
