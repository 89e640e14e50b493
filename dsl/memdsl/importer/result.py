"""What a person asks of an import, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..records import record


@record
class Options:
    """What the person asked for: a batch, sizes by name, a chip of `std.chips`."""

    batch: int | None = None
    settings: Mapping[str, int] = field(default_factory=dict)
    chip: str = ""


@record
class Expected:
    """A row as the file has it: what the spec has to say of it, and the file's own nodes behind it."""

    kind: str
    elements: int
    macs: int
    weights: int
    nodes: tuple[str, ...]


@dataclass
class Imported:
    """A spec made from a network file. `plainer` makes one that says the same with less folded."""

    text: str
    form: str
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    folded: list[tuple[str, str, str]] = field(default_factory=list)
    """Nodes without a row of their own, what became of each, and the node (or kind) of the row that it is a part of."""
    rows: list[Expected] | None = None
    plainer: Callable[[], Imported] | None = None
