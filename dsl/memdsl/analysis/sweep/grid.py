"""The points of a sweep: axes, their product in order, and the blocks that it is computed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from ...sheet.input_keys import InputKey

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LARGEST_GRID = 10_000_000_000
"""Points of one sweep."""
LONGEST_AXIS = 10_000_000
"""Values of one input."""


class SweepError(ValueError):
    """A grid that cannot be swept: what is wrong, in the user's terms."""


@dataclass(frozen=True, eq=False)
class Track:
    """An input and its values in base units: numbers, or texts and truth values as objects."""

    path: str
    key: InputKey
    values: npt.NDArray[np.float64] | npt.NDArray[np.object_]

    @property
    def numeric(self) -> bool:
        return self.values.dtype != np.object_


@dataclass(frozen=True, eq=False)
class Axis:
    """Inputs that go along together: one, for a grid; all of them, for a list of points."""

    tracks: tuple[Track, ...]

    @property
    def size(self) -> int:
        return len(self.tracks[0].values)


@dataclass(frozen=True)
class Block:
    """A part of the grid that is contiguous in its order: a range on each axis. `start` is its first point."""

    low: tuple[int, ...]
    high: tuple[int, ...]
    start: int

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(high - low for low, high in zip(self.low, self.high, strict=True))

    @property
    def size(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True, eq=False)
class Grid:
    """Every combination of the values of the axes; the last axis moves fastest."""

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        for axis in self.axes:
            if axis.size > LONGEST_AXIS:
                raise SweepError(
                    f"`{axis.tracks[0].path}` takes {axis.size:,} values; one input takes at most {LONGEST_AXIS:,}"
                )
        if self.size > LARGEST_GRID:
            sizes = " x ".join(f"{axis.size:,}" for axis in self.axes)
            raise SweepError(f"the grid has {sizes} = {self.size:,} points; at most {LARGEST_GRID:,} are computed")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(axis.size for axis in self.axes)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def tracks(self) -> tuple[Track, ...]:
        return tuple(track for axis in self.axes for track in axis.tracks)

    def whole(self, axes: int) -> Block:
        """All of the axes in the set `axes` (bit k for axis k), one value of the others."""
        shape = self.shape
        high = tuple(n if axes >> k & 1 else 1 for k, n in enumerate(shape))
        return Block((0,) * len(shape), high, 0)

    def blocks(self, points: int, axes: int = -1) -> Iterator[Block]:
        """The grid in order, in blocks of about so many points; with `axes`, over those axes alone."""
        shape = self.whole(axes).high
        split = len(shape)
        inner = 1
        while split > 0 and inner * shape[split - 1] <= points:
            split -= 1
            inner *= shape[split]
        if split == 0:
            yield Block((0,) * len(shape), shape, 0)
            return
        along = split - 1
        step = max(1, points // inner)
        start = 0
        for outer in np.ndindex(*shape[:along]):
            for low in range(0, shape[along], step):
                high = min(low + step, shape[along])
                tail = len(shape) - split
                block = Block((*outer, low, *(0,) * tail), (*(i + 1 for i in outer), high, *shape[split:]), start)
                yield block
                start += block.size

    def inputs(self, block: Block) -> list[npt.NDArray[Any]]:
        """The values of each track at each point of a block, in order of the points."""
        found: list[npt.NDArray[Any]] = []
        for number, axis in enumerate(self.axes):
            along = tuple(n if k == number else 1 for k, n in enumerate(block.shape))
            for track in axis.tracks:
                part = track.values[block.low[number] : block.high[number]].reshape(along)
                found.append(np.broadcast_to(part, block.shape).reshape(-1))
        return found

    def point(self, number: int) -> dict[InputKey, float | bool | str]:
        """The inputs at one point."""
        found: dict[InputKey, float | bool | str] = {}
        for axis, index in zip(self.axes, np.unravel_index(number, self.shape), strict=True):
            for track in axis.tracks:
                value = track.values[int(index)]
                found[track.key] = float(value) if track.numeric else value
        return found
