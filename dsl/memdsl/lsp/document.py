"""An open text: its state of now, the newest state that was analysed, the newest that has values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol.types import Diagnostic as Shown
from lsprotocol.types import (
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    Location,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
)
from pygls.uris import from_fs_path

from ..diagnostics import Diagnostic, Source, Span
from ..resolve.texts import LIBRARY
from ..syntax import syntax_faults
from .snapshot import Snapshot
from .text import Drift, Offsets, Text


@dataclass(eq=False)
class Document:
    uri: str
    path: Path
    version: int
    text: Text
    snapshot: Snapshot | None = None
    good: Snapshot | None = None
    _drifts: dict[int, Drift] = field(default_factory=dict)

    def change(self, changes: Sequence[TextDocumentContentChangeEvent], version: int) -> None:
        """Takes edits, each of the text that the one before it left."""
        self.version = version
        for change in changes:
            text = change.text
            if isinstance(change, TextDocumentContentChangePartial):
                start, end = self.text.offset(change.range.start), self.text.offset(change.range.end)
                text = self.text.text[:start] + text + self.text.text[end:]
            if text != self.text.text:
                self.text = Text(text)
                self._drifts = {}

    def take(self, snapshot: Snapshot) -> None:
        """A finished snapshot, of this state or of one before it."""
        self.snapshot = snapshot
        if snapshot.valued:
            self.good = snapshot
        self._drifts = {}

    def drift(self, snapshot: Snapshot) -> Drift:
        """What was edited since a snapshot."""
        known = self._drifts.get(id(snapshot))
        if known is None:
            known = Drift.between(snapshot.source.text, self.text.text)
            self._drifts[id(snapshot)] = known
        return known

    @property
    def settled(self) -> bool:
        return self.snapshot is not None and self.snapshot.source.text == self.text.text

    # ---- diagnostics ------------------------------------------------------------------------------------------------

    def diagnostics(self) -> list[Shown]:
        """All that is known to be wrong: with a statement that does not parse, the rest as it stood before."""
        found: dict[tuple[int, int, str], Shown] = {}

        def add(diagnostic: Diagnostic, span: Offsets, drift: Drift) -> None:
            key = (*span, diagnostic.message)
            if key not in found:
                found[key] = self._shown(diagnostic, span, drift)

        still = Drift((0, 0), (0, 0))
        if not self.settled:
            for diagnostic in syntax_faults(Source(str(self.path), self.text.text)):
                add(diagnostic, (diagnostic.span.start, diagnostic.span.end), still)
        broken = bool(found)
        if self.snapshot is not None:
            self._add_all(self.snapshot, add)
            broken = broken or self.good is not self.snapshot
        if self.good is not None and broken:
            self._add_all(self.good, add)
        return list(found.values())

    def _add_all(self, snapshot: Snapshot, add: Callable[[Diagnostic, Offsets, Drift], None]) -> None:
        """What a snapshot found, where the text was not edited since; of its syntax, only while it is the newest."""
        drift = self.drift(snapshot)
        syntax = set() if self.settled or snapshot is not self.snapshot else snapshot.syntax
        for diagnostic in snapshot.problems:
            span = drift.forward(self._place(diagnostic, snapshot.source))
            if span is not None and id(diagnostic) not in syntax:
                add(diagnostic, span, drift)

    def _place(self, diagnostic: Diagnostic, source: Source) -> Offsets:
        """Where a fault is shown in this text: one of another file, where this one uses it."""
        if diagnostic.span.source is source:
            return diagnostic.span.start, diagnostic.span.end
        for note in diagnostic.notes:
            if note.span is not None and note.span.source is source:
                return note.span.start, note.span.end
        return 0, 0

    def _shown(self, diagnostic: Diagnostic, span: Offsets, drift: Drift) -> Shown:
        related = []
        for note in diagnostic.notes:
            location = self.location(note.span, drift) if note.span is not None else None
            if location is not None:
                related.append(DiagnosticRelatedInformation(location, note.message))
        message = diagnostic.message + (f"\nhelp: {diagnostic.hint}" if diagnostic.hint else "")
        severity = DiagnosticSeverity.Error if diagnostic.severity == "error" else DiagnosticSeverity.Warning
        return Shown(
            self.text.range(span),
            message,
            severity,
            code=diagnostic.code,
            source="memdsl",
            related_information=related or None,
        )

    def location(self, span: Span, drift: Drift) -> Location | None:
        """A place in any text, as an editor opens it."""
        if span.source.name == str(self.path):
            at = drift.forward((span.start, span.end))
            return Location(self.uri, self.text.range(at)) if at is not None else None
        path = file_of(span.source, self.path.parent)
        if path is None:
            return None
        uri = from_fs_path(str(path))
        return Location(uri, Text(span.source.text).range((span.start, span.end))) if uri is not None else None


def file_of(source: Source, folder: Path) -> Path | None:
    """The file that a source was read from; None for a text that stands in no file."""
    if source.name.startswith("std."):
        return LIBRARY / f"{source.name.removeprefix('std.')}.mem"
    path = folder / source.name
    return path if path.is_file() else None
