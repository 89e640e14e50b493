"""What every pass says about a spec: one record for the terminal, for JSON and for an editor.

A pass never raises for a fault of the spec: it adds a `Diagnostic` to the `Problems` that it was given and goes on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from .records import compared, record

Severity = Literal["error", "warning"]


@record
class Source:
    """A text and the name it is shown under (a path as the user wrote it, or `<stdin>`)."""

    name: str
    text: str

    @cached_property
    def line_starts(self) -> list[int]:
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1), without its line end."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


@compared
class Span:
    """Characters `start` to `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int


LIBRARY = "std."
"""How the names of the sources of the library begin."""
BUILT_IN = "built in"
"""The name of the source of what the language itself says."""


def of_library(span: Span) -> bool:
    """Whether a place lies in the standard library, or in no text at all."""
    return span.source.name.startswith(LIBRARY) or span.source.name == BUILT_IN


@compared
class Note:
    """A second place that explains the first: `span` may be None for a remark without a place."""

    message: str
    span: Span | None = None


@compared
class Diagnostic:
    """One fault: a stable `code` (`unknown-name`), what is wrong in the user's terms, where, what to write instead."""

    code: str
    message: str
    span: Span
    hint: str = ""
    notes: tuple[Note, ...] = ()
    severity: Severity = "error"


def _at_home(diagnostic: Diagnostic) -> Diagnostic:
    """The fault where the author can mend it: a place in the library stands beneath the place in the spec.

    One without a place in the spec stays where it is.
    """
    if not of_library(diagnostic.span):
        return diagnostic
    own = next((note for note in diagnostic.notes if note.span is not None and not of_library(note.span)), None)
    if own is None or own.span is None:
        return diagnostic
    notes = [note for note in diagnostic.notes if note is not own]
    if diagnostic.span.source.name != BUILT_IN:
        notes.insert(0, Note("from here in the library", diagnostic.span))
    return replace(diagnostic, span=own.span, notes=tuple(notes))


@dataclass
class Problems:
    """Collects diagnostics; the same fault at the same place is kept once."""

    found: list[Diagnostic] = field(default_factory=list)
    _seen: set[tuple[str, str, int, int, str]] = field(default_factory=set)

    def add(self, diagnostic: Diagnostic) -> None:
        diagnostic = _at_home(diagnostic)
        span = diagnostic.span
        key = (diagnostic.code, span.source.name, span.start, span.end, diagnostic.message)
        if key not in self._seen:
            self._seen.add(key)
            self.found.append(diagnostic)

    def error(self, code: str, message: str, span: Span, hint: str = "", notes: tuple[Note, ...] = ()) -> None:
        self.add(Diagnostic(code, message, span, hint, notes))

    def warning(self, code: str, message: str, span: Span, hint: str = "", notes: tuple[Note, ...] = ()) -> None:
        self.add(Diagnostic(code, message, span, hint, notes, "warning"))

    @property
    def failed(self) -> bool:
        return any(d.severity == "error" for d in self.found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(self.found, key=lambda d: (d.span.source.name, d.span.start)))
