"""What differs between two models: inputs, structure, results, claims."""

from __future__ import annotations

from .changes import changes
from .structure import StructureChange
from .text import Change, Changes, ColumnChange, lines, summary, to_json

__all__ = ["Change", "Changes", "ColumnChange", "StructureChange", "changes", "lines", "summary", "to_json"]
