"""The rows that a graph comes to, before anything is folded: each a kind of the library with its arguments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ..records import record
from .infer import Shape
from .sizes import Size

Argument: TypeAlias = "Size | str | bool | tuple[Size, ...]"
Entry: TypeAlias = "tuple[str, ...] | None"
"""The axes of a row that one axis of a file's tensor is made of; none for a size of 1; None where it cannot be told."""


@dataclass
class Row:
    """One row, by its index. `axes` are the sizes of its output for one item, in order, the channels last."""

    index: int
    kind: str
    arguments: dict[str, Argument]
    inputs: list[int]
    axes: dict[str, Size]
    macs: Size = 0
    weights: int = 0
    nodes: list[str] = field(default_factory=list)
    stored: str = ""
    """The name of the stored tensor that it multiplies with."""
    makers: int = 1
    """How many of the nodes, the first ones, make the row; the others were folded into it."""


@record
class Seen:
    """A tensor of the file as a row with what a view makes of it: `layout` says which axes of the row each axis holds.

    `cuts` are slices, `pads` rows of zeros, that no row has been made for yet; `repeat` how often each element stands;
    `statistic` names the row whose mean, maximum or the like it is, and `reduced` the axes over which.
    """

    row: int
    shape: Shape
    layout: tuple[Entry, ...]
    cuts: tuple[tuple[str, Size, str], ...] = ()
    pads: tuple[tuple[str, Size, Size], ...] = ()
    repeat: Size = 1
    statistic: int | None = None
    reduced: tuple[str, ...] = ()


@record
class Folded:
    """A node without a row of its own: what became of it, and of which row (by index) it is a part."""

    node: str
    what: str
    row: int | None = None


@dataclass
class Lowered:
    """The rows of a network, and where what has no row went."""

    rows: list[Row]
    outputs: list[tuple[str, int]]
    """Outputs of the file by the rows that make them."""
    folded: list[Folded]
    warnings: list[str]
    unknown: dict[str, list[str]]
    """Operators without a kind, and their nodes."""
