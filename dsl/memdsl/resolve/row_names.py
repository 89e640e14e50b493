"""The names of rows, from the cells and blocks that made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..sheet.sheet import Row


@dataclass(eq=False)
class Frame:
    """What one cell or one block made: rows and inner frames, from which row names are built."""

    label: str
    parts: list[Frame | int] = field(default_factory=list)
    cell: bool = True
    numbered: bool = False


def name_rows(frame: Frame, prefix: str, rows: Sequence[Row], names: dict[int, str]) -> None:
    parts: list[Frame | int] = []
    for part in frame.parts:
        if isinstance(part, Frame) and part.cell and part.label == "out":
            parts.extend(part.parts)
        else:
            parts.append(part)
    if frame.cell and len(parts) == 1 and isinstance(parts[0], int):
        names[parts[0]] = prefix
        return
    labels = [rows[p].kind if isinstance(p, int) else p.label for p in parts]
    counts: dict[str, int] = {}
    for part, label in zip(parts, labels, strict=True):
        counts[label] = counts.get(label, 0) + 1
        many = labels.count(label) > 1 or (isinstance(part, Frame) and part.numbered)
        name = f"{label}[{counts[label]}]" if many else label
        full = f"{prefix}.{name}" if prefix else name
        if isinstance(part, int):
            names[part] = full
        else:
            name_rows(part, full, rows, names)
