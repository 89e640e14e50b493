"""The errors of a text that changes at every key: only the declarations that changed are looked at again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from ..diagnostics import Diagnostic, Note, Problems, Source, Span
from . import memory, parse, tree
from .faults import Faults
from .parser import parse_module
from .signs import DECLARATION_LINE

MAX_CHUNKS: Final = 20_000
_PROSE = re.compile(r'"""(?:[^"]|"{1,2}(?!"))*"""|"[^"\n]*"|#[^\n]*')

_known: dict[str, tuple[tree.Module, tuple[Diagnostic, ...]]] = {}


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


def chunk_starts(text: str) -> list[int]:
    """Where the parts of a text begin that are parsed each by itself."""
    return [0, *_starts(text)]


def parse_chunks(source: Source, base: int, text: str) -> tuple[list[tuple[tree.Statement, int]], list[Diagnostic]]:
    """The statements of whole chunks of a source that begin at `base`, each with how far it is to be moved."""
    statements: list[tuple[tree.Statement, int]] = []
    faults: list[Diagnostic] = []
    starts = [*chunk_starts(text), len(text)]
    alone = len(starts) <= 2 and len(text) == len(source.text)
    for start, end in pairwise(starts):
        module, found = _of_chunk(text[start:end])
        statements += [(statement, base + start) for statement in module.statements]
        for diagnostic in found:
            if alone or diagnostic.code != "empty-file":
                faults.append(_moved(diagnostic, source, base + start))
    return statements, faults


def _starts(text: str) -> Iterator[int]:
    """Where declarations begin: whatever is open before them is closed there."""
    prose = [match.span() for match in _PROSE.finditer(text) if match[0].startswith('"""')] if '"""' in text else []
    for match in DECLARATION_LINE.finditer(text):
        if match.start() and not any(start < match.start() < end for start, end in prose):
            yield match.start()


def _of_chunk(chunk: str) -> tuple[tree.Module, tuple[Diagnostic, ...]]:
    known = _known.get(chunk)
    if known is None:
        if len(_known) >= MAX_CHUNKS:
            _known.clear()
        problems = Problems()
        source = Source("", chunk)
        with memory.LOCK:
            module = parse_module(source, Faults(source, problems))
        known = _known[chunk] = module, tuple(problems)
    return known


def _moved(diagnostic: Diagnostic, source: Source, by: int) -> Diagnostic:
    def moved(span: Span) -> Span:
        return Span(source, span.start + by, span.end + by)

    notes = tuple(Note(note.message, moved(note.span) if note.span is not None else None) for note in diagnostic.notes)
    return Diagnostic(
        diagnostic.code, diagnostic.message, moved(diagnostic.span), diagnostic.hint, notes, diagnostic.severity
    )
