"""A text in chunks, from the first line of a declaration to that of the next: each is parsed alone, and once a process.

An editor parses at every key: the chunk that changed is parsed again, those behind it move.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from threading import Lock
from typing import Final

from ..diagnostics import Diagnostic, Problems, Source
from ..records import record
from . import tree
from .faults import Faults
from .move import moved
from .parser import parse_declarations
from .signs import DECLARATION_LINE
from .tree import Offsets

MAX_CHUNKS: Final = 20_000
_PROSE = re.compile(r'"""(?:[^"]|"{1,2}(?!"))*"""|"[^"\n]*"|#[^\n]*')


@record
class _Chunk:
    """A chunk that stood at `place` when its statements were last asked for. Its faults are counted from its begin."""

    title: str
    statements: tuple[tree.Statement, ...]
    place: int
    faults: tuple[Diagnostic, ...]

    def at(self, place: int) -> _Chunk:
        by = place - self.place
        return _Chunk(self.title, moved(self.statements, by), place, self.faults) if by else self


_known: dict[str, _Chunk] = {}
_LOCK: Final = Lock()
"""One thread at a time parses: lark's builder, and what is known, are those of the process."""


def parse_chunks(source: Source, faults: Faults) -> tree.Module:
    """The tree of a text; what is wrong with it goes to `faults`."""
    text = source.text
    title = ""
    statements: list[tree.Statement] = []
    with _LOCK:
        for start, end in pairwise([*_starts(text), len(text)]):
            chunk = _chunk(text[start:end], start)
            title = title or chunk.title
            statements += chunk.statements
            for fault in chunk.faults:
                _report(fault, start, faults)
            if faults.full:
                break
    if not statements and not title and not faults.count:
        faults.add("empty-file", "there is nothing in this file", (0, 0), "a first cell: `x = 1`")
    return tree.Module(title, tuple(statements))


def _starts(text: str) -> Iterator[int]:
    """Where declarations begin: whatever is open before them is closed there, but for what may hold any text."""
    yield 0
    if text.count('"""') % 2 or "/*" in text:
        return
    prose = [match.span() for match in _PROSE.finditer(text) if match[0].startswith('"""')] if '"""' in text else []
    for match in DECLARATION_LINE.finditer(text):
        if match.start() and not any(start < match.start() < end for start, end in prose):
            yield match.start()


def _chunk(text: str, place: int) -> _Chunk:
    known = _known.get(text)
    if known is None:
        if len(_known) >= MAX_CHUNKS:
            _known.clear()
        problems = Problems()
        module = parse_declarations(text, Faults(Source("", text), problems))
        known = _Chunk(module.title, module.statements, 0, tuple(problems))
    _known[text] = known = known.at(place)
    return known


def _report(fault: Diagnostic, by: int, faults: Faults) -> None:
    notes = tuple(
        (note.message, (note.span.start + by, note.span.end + by)) for note in fault.notes if note.span is not None
    )
    span: Offsets = (fault.span.start + by, fault.span.end + by)
    faults.add(fault.code, fault.message, span, fault.hint, notes)
