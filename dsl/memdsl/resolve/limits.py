"""What a spec may ask for: each limit, and what is counted against it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..cancellation import checkpoint
from ..diagnostics import Problems, Span
from ..sheet.formula import Apply, Formula, children
from ..sheet.sheet import Row
from .faults import Fault, FaultLog, Reported

MAX_ROWS = 40_000
MAX_CROSSED = 250_000
MAX_DEPTH = 150
MAX_HINTS = 200
MAX_CALLS = {"function": 20_000, "block": 250_000}
MAX_PARTS = 200_000
FEWER_ROWS = "repeat less often, or by a `param`: one copy of the rows then stands for all"


class Limits(FaultLog):
    """Counts rows, calls and their nesting, and the parts of formulas."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.total_rows = 0
        self.too_deep = False
        self.calls = {"function": 0, "block": 0}
        self.parts: dict[int, tuple[Formula, int]] = {}

    def count_row(self, row: Row) -> None:
        checkpoint()
        self.total_rows += 1
        if self.total_rows > MAX_ROWS:
            raise Fault("too-many-rows", f"the spec makes more than {MAX_ROWS:,} rows", row.span, FEWER_ROWS)

    @contextmanager
    def calling(self, span: Span, kind: str = "block") -> Iterator[None]:
        """Counts calls and their nesting: one that calls itself ends here. A fault inside tells where it was called."""
        self._count(span, kind)
        self.spans.append(span)
        try:
            yield
        except Fault as fault:
            fault.notes = self.with_place(fault)
            raise
        finally:
            self.spans.pop()

    def _count(self, span: Span, kind: str) -> None:
        if not self.spans:
            self.too_deep = False
        if self.too_deep:  # what else this one calls is no better
            raise Reported
        self.calls[kind] += 1
        if len(self.spans) >= MAX_DEPTH:
            self.too_deep = True
            message = f"calls are nested more than {MAX_DEPTH} deep"
            raise Fault("too-deep", message, span, "does a template call itself?")
        if self.calls[kind] == MAX_CALLS[kind]:
            message = f"a {kind} is called more than {MAX_CALLS[kind]:,} times"
            raise Fault("too-many-calls", message, span, f"does a {kind} call itself several times?")
        if self.calls[kind] > MAX_CALLS[kind]:
            raise Reported

    def bounded(self, formula: Apply) -> Apply:
        """The formula itself: a function that uses its argument twice doubles it, and one of those the next."""
        if self._size(formula) > MAX_PARTS:
            message = f"this formula has more than {MAX_PARTS:,} parts"
            raise Fault("too-large", message, formula.span, "give a part of it a cell of its own")
        return formula

    def _size(self, formula: Formula) -> int:
        known = self.parts.get(id(formula))
        if known is not None:
            return known[1]
        inside = children(formula)
        if not inside:
            return 1
        size = 1 + sum([self._size(part) for part in inside])
        self.parts[id(formula)] = (formula, size)
        return size
