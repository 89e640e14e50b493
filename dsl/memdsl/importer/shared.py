"""Stored tensors that several rows read: the row that reads one first has it, the others share its weights."""

from __future__ import annotations

from collections.abc import Sequence

from .fold import Folding
from .kinds import RECURRENT
from .parts import Part
from .rows import Row


def share(folding: Folding, rows: Sequence[Row]) -> set[int]:
    """Says of the parts whose weights they share (`Part.shares`); the rows that have none of their own."""
    _apart(folding, rows)
    owners: dict[str, Part] = {}
    tied: set[int] = set()
    for part in folding.parts:
        names = [name for name in _stored(part, rows) if name]
        owner = owners.get(names[0]) if names else None
        if owner is not None and _alike(part, owner, rows):
            part.shares = owner
            tied.update(index for index in part.rows if rows[index].stored)
        for name in names:
            owners.setdefault(name, part)
    return tied


def _stored(part: Part, rows: Sequence[Row]) -> list[str]:
    return [rows[index].stored for index in part.rows]


def _alike(part: Part, owner: Part, rows: Sequence[Row]) -> bool:
    """Whether all that one reads is what the other reads, row by row (and copy by copy where both are repeated)."""
    times = part.count if owner.count == 1 else 1
    if part.block is not owner.block or _stored(part, rows) != _stored(owner, rows) * times:
        return False
    if part.block is not None or part.kind in RECURRENT or owner.kind in RECURRENT:
        return part.kind == owner.kind
    return True


def _apart(folding: Folding, rows: Sequence[Row]) -> None:
    """Copies of a block that are one layer applied again: the first alone, and the others that share its weights."""
    found: list[Part] = []
    for part in folding.parts:
        found.append(part)
        if part.count < 2:
            continue
        length = len(part.rows) // part.count
        copies = [part.rows[start : start + length] for start in range(0, len(part.rows), length)]
        stored = [[rows[index].stored for index in copy] for copy in copies]
        if not any(stored[0]) or any(one != stored[0] for one in stored):
            continue
        first = Part(
            part.kind, part.numbers, part.structure, part.inputs, copies[0], part.axes, part.channels, part.block
        )
        found.insert(len(found) - 1, first)
        part.inputs, part.rows, part.count = [first], part.rows[length:], part.count - 1
    folding.parts = found
