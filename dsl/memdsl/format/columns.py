"""Neighbouring statements of one form stand in columns: names, `=`, stages of a network, clauses, labels, entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final
from unicodedata import east_asian_width

from ..syntax.place import DECLARATIONS, RESERVED
from .lines import Line
from .spacing import separator
from .tokens import Token

GAP: Final = "  "

# The kinds of columns, from left to right, and the widest place of each that other lines follow.
KEYWORD, NAME, STAGE, CLAUSE, LABEL, COMMENT = range(6)
_WIDEST: Final = {KEYWORD: 40, NAME: 40, STAGE: 72, CLAUSE: 72, LABEL: 80, COMMENT: 100}
_MARKS: Final = frozenset({"param", "option", "override"})
_INSTANCES: Final = frozenset({"network", "hardware", "model"})
_MIDDLE: Final = frozenset({"in", "from", "whole", "multiple", "one", "±", "+/-", "~"})


@dataclass(slots=True)
class Cut:
    """A column that begins at a token of a line.

    `rank` is its kind and its number among those of the kind. Lines share it when their `key` is the same and nothing
    stands between them: for clauses and labels, no line that has one; for the others, no line at all.
    """

    index: int
    rank: tuple[int, int]
    key: object
    gap: str = " "


@dataclass(slots=True)
class _Row:
    line: Line
    cuts: list[Cut]
    texts: list[str]
    pads: list[int]

    def place(self, number: int) -> int:
        """The column at which cut `number` would stand now."""
        width = self.line.indent
        for index in range(number + 1):
            width += _width(self.texts[index])
            if index:
                width += len(self.cuts[index - 1].gap) + self.pads[index - 1]
        return width + len(self.cuts[number].gap)

    def text(self) -> str:
        parts = [" " * self.line.indent, self.texts[0]]
        for cut, pad, text in zip(self.cuts, self.pads, self.texts[1:], strict=True):
            parts += [cut.gap, " " * pad, text]
        return "".join(parts)


def aligned(lines: Sequence[Line]) -> list[str]:
    """The text of each line."""
    rows = [_row(line) for line in lines]
    statements = [row for row in rows if row.line.opens and row.line.tokens[0].kind != "comment"]
    for rank in sorted({cut.rank for row in rows for cut in row.cuts}):
        for group in _groups(rows if rank[0] == COMMENT else statements, rank):
            _align(group, _WIDEST[rank[0]])
    return [row.text() for row in rows]


def _groups(rows: Sequence[_Row], rank: tuple[int, int]) -> Iterator[list[tuple[_Row, int]]]:
    """The lines that share a column of this rank, each with the number of its cut."""
    found: list[tuple[object, _Row, int]] = []
    for row in rows:
        number = next((n for n, cut in enumerate(row.cuts) if cut.rank == rank), -1)
        if number >= 0:
            key = row.cuts[number].key
            found.append((key if isinstance(key, _Entry) else (row.line.section, key), row, number))
        elif rank[0] < CLAUSE:
            found.append((None, row, number))
    for key, group in groupby(found, key=lambda item: item[0]):
        if key is not None:
            yield [(row, number) for _, row, number in group]


def _align(group: Sequence[tuple[_Row, int]], widest: int) -> None:
    places = [row.place(number) for row, number in group]
    row, number = group[0]
    whole = isinstance(row.cuts[number].key, _Entry)
    column = max((place for place in places if whole or place <= widest), default=0)
    for (row, number), place in zip(group, places, strict=True):
        row.pads[number] = max(column - place, 0)


def _row(line: Line) -> _Row:
    tokens = line.tokens
    cuts = _cuts(line) if line.opens and tokens[0].kind != "comment" else []
    if line.comment is not None:
        tokens = [*tokens, line.comment]
        cuts.append(Cut(len(tokens) - 1, (COMMENT, 0), None, GAP))
    texts, start = [], 0
    for end in [*(cut.index for cut in cuts), len(tokens)]:
        texts.append(_text(tokens, start, end))
        start = end
    return _Row(line, cuts, texts, [0] * len(cuts))


def _text(tokens: Sequence[Token], start: int, end: int) -> str:
    parts = [tokens[start].text] if start < end else []
    for index in range(start + 1, end):
        parts += [separator(tokens, index), tokens[index].text]
    return "".join(parts)


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


# ---- where the columns of a statement begin -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    """The column of a literal table: every row of the table shares it."""

    body: int
    number: int


def _cuts(line: Line) -> list[Cut]:
    tokens = line.tokens
    levels = _levels(tokens)
    first = tokens[0]
    opening = next((i for i, token in enumerate(tokens) if token.text == "{"), -1)
    if opening >= 0:
        return list(_of_body(tokens, opening)) if tokens[-1].text == "}" else []
    if any(token.text == ";" for token in tokens):
        return []
    bars = [i for i, token in enumerate(tokens) if token.text == "|" and levels[i] == 0]
    if bars:
        return [Cut(i, (STAGE, number), _Entry(line.body, number)) for number, i in enumerate(bars)]
    if first.text == "claim":
        return list(_of_claim(tokens, levels))
    if first.text == "require" and len(tokens) > 2 and tokens[-1].kind == "string" and tokens[-2].ends_value:
        return [Cut(len(tokens) - 1, (LABEL, 0), None, GAP)]
    equal = next((i for i, token in enumerate(tokens) if token.text == "=" and levels[i] == 0), -1)
    if equal < 1 or first.text in ("require", "chart", "grid"):
        return []
    return [*_of_head(tokens, equal), *_of_value(tokens, levels, equal)]


def _levels(tokens: Sequence[Token]) -> list[int]:
    """How many brackets are open before each token."""
    found, level = [], 0
    for token in tokens:
        if token.text in (")", "]", "}"):
            level -= 1
        found.append(level)
        if token.text in ("(", "[", "{"):
            level += 1
    return found


def _of_claim(tokens: Sequence[Token], levels: Sequence[int]) -> Iterator[Cut]:
    """The relation, below that of a claim about the same thing; the source, or why it is disputed."""
    relation = 0
    for index in range(2, len(tokens) - 1):
        token = tokens[index]
        if levels[index] or not tokens[index - 1].ends_value:
            continue
        if not relation and token.text in ("=", "==", "!=", "<", "<=", ">", ">=", "in"):
            relation = index
            of = tuple(t.text if t.kind in ("word", "sign") else t.kind for t in tokens[1:index])
            if any(t.kind == "word" for t in tokens[1:index]):
                yield Cut(index, (NAME, 0), ("claim", of))
        elif token.text in ("from", "disputed") and tokens[index + 1].kind == "string":
            yield Cut(index, (LABEL, 0), None, GAP)
            return


def _of_head(tokens: Sequence[Token], equal: int) -> list[Cut]:
    word = tokens[0].text
    if equal == 1:
        return [Cut(1, (NAME, 0), "cell")]
    if equal == 2 and word in _INSTANCES:
        return [Cut(1, (KEYWORD, 0), "instance"), Cut(2, (NAME, 0), "instance")]
    if (equal == 2 and word in _MARKS) or word == "fn":
        return [Cut(equal, (NAME, 0), word)]
    return []


def _of_value(tokens: Sequence[Token], levels: Sequence[int], equal: int) -> Iterator[Cut]:
    """Stages of a network, then clauses, then label and source."""
    clauses = labels = 0
    yield from _stages(tokens, levels, equal)
    for index in range(equal + 2, len(tokens)):
        if levels[index] or not _begins_clause(tokens, index):
            continue
        follows = tokens[index + 1].kind if index + 1 < len(tokens) else ""
        if labels or tokens[index].kind == "string" or (tokens[index].text == "from" and follows == "string"):
            yield Cut(index, (LABEL, labels), None, GAP)
            labels += 1
        else:
            yield Cut(index, (CLAUSE, clauses), None, GAP)
            clauses += 1


def _begins_clause(tokens: Sequence[Token], index: int) -> bool:
    token, before = tokens[index], tokens[index - 1]
    if not before.ends_value or (token.kind == "string" and before.text in ("from", "of")):
        return False
    return token.kind == "string" or token.text in _MIDDLE


def _stages(tokens: Sequence[Token], levels: Sequence[int], equal: int) -> Iterator[Cut]:
    """Each `->` behind a name; a later one below those of lines that pass through the same kinds."""
    arrows = [i for i in range(equal, len(tokens)) if tokens[i].text == "->" and levels[i] == 0]
    head = tokens[equal + 1 : arrows[0]] if arrows else ()
    if not head or any(token.text in RESERVED or token.kind not in ("word", "sign") for token in head):
        return
    if any(token.kind == "sign" and token.text != "." for token in head):
        return
    yield Cut(arrows[0], (STAGE, 0), "from")
    chain = []
    for number, (start, end) in enumerate(pairwise(arrows), 1):
        chain.append(next((tokens[i - 1].text for i in range(start, end) if tokens[i].text == "("), ""))
        yield Cut(end, (STAGE, number), tuple(chain))


def _of_body(tokens: Sequence[Token], opening: int) -> Iterator[Cut]:
    """A declaration with its body in one line: its name, its `{`, the cells inside."""
    word = tokens[0].text
    word = word if word in DECLARATIONS else "component"
    if word == "component" and opening > 1:
        yield Cut(1, (KEYWORD, 0), word)
    if word in ("component", "scenario") and opening > 2:
        yield Cut(2, (NAME, 0), word)
    yield Cut(opening, (STAGE, 0), word)
    levels = _levels(tokens)
    shape: list[str] = []
    for index in range(opening + 2, len(tokens) - 1):
        begins = tokens[index - 1].text == ";"
        if begins or (levels[index] == 1 and _begins_clause(tokens, index)):
            shape.append(tokens[index].text if begins else "")
            yield Cut(index, (STAGE, len(shape)), (word, tokens[opening + 1].text, *shape), " " if begins else GAP)
