"""Faults of a spec on their way to the statement that reports them, and the log of those that were told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from ..diagnostics import Note, Problems, Source, Span
from ..syntax import tree

CALLED = "called here"


class Fault(Exception):
    """A fault of the spec, on its way to the statement that reports it."""

    def __init__(self, code: str, message: str, span: Span, hint: str = "", notes: tuple[Note, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint
        self.notes = notes


class Reported(Exception):
    """Raised where a fault that was reported elsewhere makes a value unknowable."""


_LONGEST_NAME = 60


def close_name(name: str, known: Iterable[str], least: float = 0.6) -> str:
    """The nearest known name, or an empty string when none is near."""
    from difflib import get_close_matches  # only a fault needs it

    if len(name) > _LONGEST_NAME:
        return ""
    names = list(known)
    close = get_close_matches(name, names, 1, least)
    longer = [n for n in names if len(name) > 2 and n.startswith(name)]
    return next(iter((*close, *longer)), "")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or an empty string."""
    close = close_name(name, known)
    return f"did you mean `{close}`?" if close else ""


def no_number(what: str, parts: Iterable[str], span: Span) -> Fault:
    """Something stands where a number is needed; the hint names its parts."""
    names = list(parts)
    more = ", …" if len(names) > 6 else ""
    hint = f"name a part of it: {', '.join(names[:6])}{more}" if names else ""
    return Fault("not-a-number", f"a number is needed here, and this is {what}", span, hint)


class FaultLog:
    """Tells faults, each once. `torn` are the texts with statements that could not be read."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.spec: Source | None = None
        self.spans: list[Span] = []
        self.made_at: Span | None = None
        self.torn: list[Source] = []
        self.told: set[str] = set()
        self.circles: set[frozenset[int]] = set()

    def report(self, fault: Fault) -> None:
        """Tells a fault; the same one in several formulas of the library is one fault of what was given to it."""
        if fault.span.source.name.startswith("std."):
            if fault.message in self.told:
                return
            self.told.add(fault.message)
        self.problems.error(fault.code, fault.message, fault.span, fault.hint, self.with_place(fault))

    def guarded(self, work: Callable[[], None]) -> None:
        """Runs a piece of work whose faults are reported and end only that piece."""
        try:
            work()
        except Fault as fault:
            self.report(fault)
        except Reported:
            return

    def all_of(self, works: Iterable[Callable[[], None]]) -> None:
        """Runs all pieces of a work and reports the fault of each; Reported when one had a fault."""
        failed = False
        for work in works:
            try:
                work()
            except Fault as fault:
                self.report(fault)
                failed = True
            except Reported:
                failed = True
        if failed:
            raise Reported

    def lost(self, name: str) -> bool:
        """Whether a text defines a name in a statement that could not be read: that fault is told already."""
        defines = re.compile(rf"(?m)(?:^|[;{{(|,])[ \t]*(?:\w+[ \t]+){{0,2}}{re.escape(name)}\b")
        return any(defines.search(source.text) for source in self.torn)

    def extends_itself(self, chain: Sequence[tree.Declaration], span: Span) -> Fault | Reported:
        """A circle of templates is told once, wherever it was entered."""
        circle = frozenset(id(node) for node in chain)
        if circle in self.circles:
            return Reported()
        self.circles.add(circle)
        path = " → ".join(f"`{node.name}`" for node in [*chain, chain[0]])
        return Fault("circular", f"`{chain[0].name}` extends itself" + (f": {path}" if len(chain) > 1 else ""), span)

    def with_place(self, fault: Fault) -> tuple[Note, ...]:
        """The notes of a fault; one in the library or a used file says where the spec called it."""
        place = next((span for span in reversed(self.spans) if span.source is self.spec), self.made_at)
        if fault.span.source is self.spec or place is None or any(note.message == CALLED for note in fault.notes):
            return fault.notes
        return (*fault.notes, Note(CALLED, place))
