"""What the passes of this package report through: a bounded number of errors for a file, in offsets of its text."""

from __future__ import annotations

from typing import Final

from ..diagnostics import Note, Problems, Source, Span
from .tree import Offsets

MAX_ERRORS: Final = 100


class Faults:
    """Adds errors to `problems`, at most `MAX_ERRORS`; then one more that says so."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.count = 0
        self._problems = problems

    @property
    def full(self) -> bool:
        return self.count >= MAX_ERRORS

    def add(
        self, code: str, message: str, span: Offsets, hint: str = "", notes: tuple[tuple[str, Offsets], ...] = ()
    ) -> None:
        if self.full:
            return
        self.count += 1
        places = tuple(Note(text, Span(self.source, *place)) for text, place in notes)
        self._problems.error(code, message, Span(self.source, *span), hint, places)
        if self.count == MAX_ERRORS:
            self._problems.error(
                "too-many-errors",
                f"there are more than {MAX_ERRORS} syntax errors; the rest is not shown",
                Span(self.source, *span),
                "mend the first ones and run this again",
            )
