"""What a spec is written from: rows, and calls of blocks that stand for several of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .kinds import fixed, numeric
from .rows import Row
from .sizes import Size


@dataclass
class Part:
    """A row, or a call of a block (`block` is set): what it reads by part, its numbers, the rows that it stands for."""

    kind: str
    numbers: dict[str, Size]
    structure: tuple[tuple[str, object], ...]
    inputs: list[Part]
    rows: list[int]
    axes: dict[str, Size]
    channels: Size
    """The channels of its first input, which formulas call `x.c`."""
    block: Block | None = None
    count: int = 1
    shares: Part | None = None
    """The part whose weights it reads."""

    @property
    def shape(self) -> tuple[object, ...]:
        """What has to be equal for two parts to be one place of a block."""
        return self.kind, self.structure, tuple(sorted(self.numbers))


@dataclass
class Block:
    """A block: its parts (of the first place where it stands), and what each number of theirs is."""

    name: str
    parts: list[Part]
    formulas: list[dict[str, str]]
    """For each part, its numbers as formulas over `x.c` and the parameters."""
    parameters: list[str]
    entry: Part
    tensors: dict[int, str] = field(default_factory=dict)
    """The arguments that are tensors, by the parts (by identity) that they are there; only `x` where empty."""
    out: int = 0
    """The part that is `out` where it is not the last one."""
    results: dict[int, str] = field(default_factory=dict)
    """Other parts that are read from outside, and what they are called."""


def part_of(row: Row, made: Mapping[int, Part]) -> Part:
    inputs = [made[index] for index in row.inputs]
    channels = inputs[0].axes.get("c", 1) if inputs else 1
    return Part(row.kind, numeric(row), fixed(row), inputs, [row.index], row.axes, channels)
