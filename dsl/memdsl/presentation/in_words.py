"""What a person calls cells and inputs: their labels, told apart by their models where labels are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..sheet.formula import CellRef, Formula
from ..sheet.report import Shown
from ..sheet.sheet import Input, Sheet


def called(sheet: Sheet, cells: Sequence[Shown]) -> tuple[str, tuple[str, ...]]:
    """What several cells have in common, empty where nothing, and a name for each.

    One figure of several models: `DRAM traffic`, and the models. Others have their labels; what labels cannot tell
    apart has its code.
    """
    labels = [label_of(sheet, cell.formula) or cell.text for cell in cells]
    owners = [owner_of(sheet, cell.formula) for cell in cells]
    (common, times) = Counter(labels).most_common(1)[0]
    own = [owner for label, owner in zip(labels, owners, strict=True) if label == common]
    if times < 2 or not all(own) or len(set(own)) < times:
        common = ""
    names = [owner if label == common else label for label, owner in zip(labels, owners, strict=True)]
    again = Counter(names)
    return common, tuple(cell.text if again[name] > 1 else name for cell, name in zip(cells, names, strict=True))


def alone(sheet: Sheet, cell: Shown) -> str:
    """A cell that stands by itself: its label, with its model where other models have one of that label."""
    label = label_of(sheet, cell.formula)
    alike = sum(other.label == label and other.owner in sheet.instances for other in sheet.cells.values())
    owner = owner_of(sheet, cell.formula)
    return f"{label} ({owner})" if label and owner and alike > 1 else label or cell.text


def label_of(sheet: Sheet, formula: Formula) -> str:
    found = sheet.cells.get(formula.cell) if isinstance(formula, CellRef) else None
    return found.label if found is not None else ""


def owner_of(sheet: Sheet, formula: Formula) -> str:
    """The model that a cell belongs to, as its author calls it."""
    found = sheet.cells.get(formula.cell) if isinstance(formula, CellRef) else None
    owner = sheet.instances.get(found.owner) if found is not None else None
    return (owner.title or owner.name) if owner is not None else ""


def input_called(item: Input) -> str:
    """The label of an input; a figure of a chip's part is told by its path, since many have its label."""
    return item.label if item.label and item.role != "component" else item.path
