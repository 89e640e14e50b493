"""The errors of a text that changes at every key: only the declarations that changed are looked at again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ..diagnostics import Diagnostic, Note, Problems, Source, Span
from . import memory, parse, tree
from .faults import Faults
from .move import moved
from .parser import parse_module
from .signs import DECLARATION_LINE

MAX_CHUNKS: Final = 20_000
_PROSE = re.compile(r'"""(?:[^"]|"{1,2}(?!"))*"""|"[^"\n]*"|#[^\n]*')


@dataclass(eq=False, slots=True)
class Chunk:
    """A chunk parsed by itself; `placed` are its statements at `place`, where it stood last."""

    module: tree.Module
    faults: tuple[Diagnostic, ...]
    placed: tuple[tree.Statement, ...]
    place: int = 0

    def at(self, place: int) -> tuple[tree.Statement, ...]:
        with memory.LOCK:
            if self.place != place:
                self.placed = moved(self.placed, place - self.place)
                self.place = place
            return self.placed


_known: dict[str, Chunk] = {}


def find_faults(source: Source) -> Problems:
    """What parsing the text finds wrong with it."""
    problems = Problems()
    text = source.text
    if text.count('"""') % 2 or "/*" in text:  # what does not end may take declarations with it
        parse(source, problems)
        return problems
    for diagnostic in parse_chunks(source, 0, text)[1]:
        problems.add(diagnostic)
    return problems


def parse_again(source: Source) -> tree.Module | None:
    """The tree of a text without a fault, from the chunks that were parsed before; None for any other text."""
    text = source.text
    if text.count('"""') % 2 or "/*" in text:
        return None
    chunks, faults = parse_chunks(source, 0, text)
    if faults:
        return None
    statements = [statement for chunk, place in chunks for statement in chunk.at(place)]
    return tree.Module(chunks[0][0].module.title, tuple(statements))


def chunk_starts(text: str) -> list[int]:
    """Where the parts of a text begin that are parsed each by itself."""
    return [0, *_starts(text)]


def parse_chunks(source: Source, base: int, text: str) -> tuple[list[tuple[Chunk, int]], list[Diagnostic]]:
    """The chunks of a part of a source that begins at `base`, with their places; what is wrong with them."""
    chunks: list[tuple[Chunk, int]] = []
    faults: list[Diagnostic] = []
    starts = [*chunk_starts(text), len(text)]
    alone = len(starts) <= 2 and len(text) == len(source.text)
    for start, end in pairwise(starts):
        chunk = _of_chunk(text[start:end])
        chunks.append((chunk, base + start))
        for diagnostic in chunk.faults:
            if alone or diagnostic.code != "empty-file":
                faults.append(_moved(diagnostic, source, base + start))
    return chunks, faults


def _starts(text: str) -> Iterator[int]:
    """Where declarations begin: whatever is open before them is closed there."""
    prose = [match.span() for match in _PROSE.finditer(text) if match[0].startswith('"""')] if '"""' in text else []
    for match in DECLARATION_LINE.finditer(text):
        if match.start() and not any(start < match.start() < end for start, end in prose):
            yield match.start()


def _of_chunk(chunk: str) -> Chunk:
    known = _known.get(chunk)
    if known is None:
        if len(_known) >= MAX_CHUNKS:
            _known.clear()
        problems = Problems()
        source = Source("", chunk)
        with memory.LOCK:
            module = parse_module(source, Faults(source, problems))
        known = _known[chunk] = Chunk(module, tuple(problems), module.statements)
    return known


def _moved(diagnostic: Diagnostic, source: Source, by: int) -> Diagnostic:
    def moved(span: Span) -> Span:
        return Span(source, span.start + by, span.end + by)

    notes = tuple(Note(note.message, moved(note.span) if note.span is not None else None) for note in diagnostic.notes)
    return Diagnostic(
        diagnostic.code, diagnostic.message, moved(diagnostic.span), diagnostic.hint, notes, diagnostic.severity
    )
