"""From text to tree: each declaration is parsed alone, and in a bad one each statement, so that an error costs its
statement and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, cast

from ..collector import without_collector
from ..diagnostics import Source
from . import tree
from .engine import Failure, Unlined, engine
from .faults import Faults
from .messages import explain
from .place import declaration_meant
from .statements import Piece, split_statements

Interpolation = tuple[tree.Expression, tree.UnitText | None]

_MAX_REPAIRS: Final = 5
_TITLE = re.compile(r'"[^"\n]*"')
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_CELL = re.compile(r"(override[ \t]+)?[A-Za-z_][A-Za-z_0-9]*[ \t]*=(?!=)|require\b")
_BRACES = re.compile(r'\{\{|\}\}|\{((?:[^{}"]|"[^"\n]*")*)\}|[{}]')
_BREAKS = re.compile(r"[\n\r\ufeff]")
_BODY_RULES: Final = {
    **dict.fromkeys(("layer", "each", "block", "network", "rows", "schedule"), "statement"),
    "hardware": "hardware_statement",
    "model": "model_statement",
    "report": "report_statement",
    "scenario": "assign",
    "table": "table",
}


def parse_declarations(text: str, faults: Faults) -> tree.Module:
    """The title and the declarations of a text."""
    with without_collector():
        return _Parser(text, faults).module()


def parse_formula(source: Source, faults: Faults) -> tree.Expression | None:
    """A whole text that is one expression."""
    shown = _Parser(_BREAKS.sub(" ", source.text), faults).formula(0, len(source.text))
    if shown is None:
        return None
    if shown[1] is not None:
        faults.add("stray-text", "a display unit cannot stand here", shown[1].span, "leave `in` and the unit out")
    return shown[0]


def parse_interpolations(prose: tree.Prose, source: Source, faults: Faults) -> tuple[str | Interpolation, ...]:
    """Prose as literal texts and the formulas between them; `{{` and `}}` stand for braces."""
    start, end = prose.value_start, prose.value_start + len(prose.value)
    parser = _Parser(source.text[:start] + _BREAKS.sub(" ", prose.value) + source.text[end:], faults)
    found: list[str | Interpolation] = []
    literal, position = "", 0
    for match in _BRACES.finditer(prose.value):
        literal += prose.value[position : match.start()]
        position = match.end()
        start = prose.value_start + match.start()
        if match[0] in ("{{", "}}"):
            literal += match[0][0]
        elif match[1] is None:
            code = "missing-brace" if match[0] == "{" else "stray-brace"
            message = "this `{` is never closed" if match[0] == "{" else "this `}` closes nothing"
            faults.add(code, message, (start, start + 1), f"a brace in prose is written `{match[0] * 2}`")
            literal += match[0]
        else:
            formula = parser.formula(start + 1, start + len(match[0]) - 1)
            if formula is None:
                literal += match[0]
            else:
                found += [literal, formula] if literal else [formula]
                literal = ""
    literal += prose.value[position:]
    return (*found, literal) if literal else tuple(found)


class _Parser:
    def __init__(self, text: str, faults: Faults) -> None:
        self.faults = faults
        self.engine = engine()
        self.text = Unlined(text)

    def module(self) -> tree.Module:
        layout = split_statements(self.text, self.faults)
        self.text = Unlined(layout.text)
        pieces = layout.pieces
        title = ""
        if pieces and _TITLE.fullmatch(self.text, pieces[0].start, pieces[0].end):
            title = self.text[pieces[0].start + 1 : pieces[0].end - 1]
            pieces = pieces[1:]
        return tree.Module(title, tuple(self._declarations(pieces)))

    # ---- declarations ----

    def _declarations(self, pieces: list[Piece]) -> Iterator[tree.Statement]:
        """The declarations that could be parsed.

        Deeper lines behind a broken declaration are taken for its body, and those before a `}` too many for the body of
        the declaration that ended early: they are left out, and the cause is reported once.
        """
        head: Piece | None = None
        broken = False
        followers: list[tree.Statement] = []
        for piece in pieces:
            if piece.stray:
                if not broken:
                    self._explain_stray(piece, head if followers else None)
                broken, followers = broken or bool(followers), []
                continue
            follows = head is not None and piece.indent > head.indent
            if follows and broken:
                continue
            statement = self._declaration(piece)
            if follows:
                broken = statement is None
                followers += [statement] if statement is not None else []
                continue
            yield from followers
            head, broken, followers = piece, statement is None, []
            if statement is not None:
                yield statement
            if self.faults.full:
                return
        yield from followers

    def _explain_stray(self, stray: Piece, early: Piece | None) -> None:
        if early is None or early.closing < 0:
            self.faults.add("stray-brace", "this `}` closes nothing", (stray.start, stray.end), "remove it")
            return
        place = (early.closing, early.closing + 1)
        notes = (("this `}` then closes nothing", (stray.start, stray.end)),)
        self.faults.add("stray-brace", "this `}` ends the declaration before its last lines", place, "remove it", notes)

    def _declaration(self, piece: Piece) -> tree.Statement | None:
        if not _tainted(piece):
            try:
                return cast("tree.Statement", self.engine.parse(self.text, piece.start, piece.end, "declaration"))
            except Failure as failure:
                if piece.opening < 0:
                    self._explain(failure, piece.start, piece.end, "declaration")
                    return None
        if piece.opening < 0:
            return None
        blanks: list[Piece] = []
        if not self._check(piece, "declaration", blanks):
            return None
        for _ in range(_MAX_REPAIRS):
            try:
                return self._mended(piece, blanks)
            except Failure as failure:
                self._explain(failure, piece.start, piece.end, "declaration")
                guilty = [inner for inner in piece.inner if inner.start <= failure.position < inner.end]
                if not guilty or guilty[0] in blanks:
                    return None
                blanks.append(guilty[0])
        return None

    def _mended(self, piece: Piece, blanks: list[Piece]) -> tree.Statement:
        """The declaration without its bad statements."""
        parts, position = [self.text[: piece.start]], piece.start
        for blank in sorted(blanks, key=lambda blank: blank.start):
            if blank.start < position:  # inside one that is blank already
                continue
            parts += [self.text[position : blank.start], " " * (blank.end - blank.start)]
            position = blank.end
        missing = piece.missing - max((blank.missing for blank in blanks), default=0)
        parts += [self.text[position : piece.end], "\n}" * missing]
        text = Unlined("".join(parts))
        return cast("tree.Statement", self.engine.parse(text, piece.start, len(text), "declaration", piece.end))

    def _check(self, piece: Piece, rule: str, blanks: list[Piece]) -> bool:
        """Reports what is wrong in a statement; `blanks` gets its bad parts. False when it is bad itself."""
        if piece.opening < 0:
            return not piece.bad and self._check_text(piece, self.text[piece.start : piece.end], rule)
        header = self.text[piece.start : piece.opening + 1] + "}"
        good = not piece.bad and self._check_text(piece, header, rule)
        body_rule = self._body_rule(piece, rule)
        for number, inner in enumerate(piece.inner):
            inner_rule = body_rule
            if body_rule == "table":
                inner_rule = self._table_rule(inner, number)
            if inner.opening >= 0 and (piece.doubtful or (piece.missing and rule != "declaration")):
                blanks.append(inner)  # it stands in a body that should have ended before: nothing is known of it
            elif body_rule and not self._check(inner, inner_rule, blanks):
                blanks.append(inner)
                good = good and inner_rule != "heading"  # rows say nothing without their headings
            if self.faults.full:
                break
        return good

    def _check_text(self, piece: Piece, text: str, rule: str) -> bool:
        try:
            self.engine.parse(text, 0, len(text), rule)
        except Failure as failure:
            self._explain(failure.moved(piece.start), piece.start, piece.start + len(text), rule)
            return False
        return True

    def _body_rule(self, piece: Piece, rule: str) -> str:
        """What stands in the body of this statement; empty when its first word does not tell."""
        if rule != "declaration":
            return "statement"
        word = _WORD.match(self.text, piece.start)
        meant = declaration_meant(word[0]) if word else ""
        return _BODY_RULES.get(meant, "")

    def _table_rule(self, piece: Piece, number: int) -> str:
        if _CELL.match(self.text, piece.start):
            return "statement"
        return "row" if number else "heading"

    def _explain(self, failure: Failure, start: int, end: int, rule: str) -> None:
        explain(failure, self.text, start, end, rule, self.faults)

    # ---- formulas ----

    def formula(self, start: int, end: int) -> Interpolation | None:
        """The formula between two offsets of the source, with the unit it is shown in."""
        written = self.text[start:end]
        count = self.faults.count
        layout = split_statements(written, self.faults, start)
        if self.faults.count > count:
            return None
        if not layout.pieces:
            self.faults.add("missing-value", "a formula is missing here", (start, end))
            return None
        first, *others = layout.pieces
        if first.opening >= 0 or others:
            stray = start + (first.opening if first.opening >= 0 else others[0].start)
            self.faults.add("stray-text", "one formula stands here, and nothing else", (stray, stray + 1))
            return None
        if layout.text != written:
            self.faults.add("stray-text", "no comment can stand here", (start + written.index("#"), end))
            return None
        try:
            return cast("Interpolation", self.engine.parse(self.text, start + first.start, start + first.end, "shown"))
        except Failure as failure:
            self._explain(failure, start + first.start, start + first.end, "shown")
            return None


def _tainted(piece: Piece) -> bool:
    """Whether an error in this statement was reported already."""
    return piece.bad or piece.missing > 0 or any(_tainted(inner) for inner in piece.inner)
