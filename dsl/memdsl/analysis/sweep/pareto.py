"""The Pareto front of a sweep: the points at which no cell can be better without another being worse."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .grid import Array, Block, SweepError
from .sinks import Flat, ResultColumns, presented

if TYPE_CHECKING:
    import pandas

LARGEST_FRONT = 100_000
_MANY = 1 << 12
_WAITING = 1 << 16
"""Points of a block that are compared among themselves first, and points that wait to be joined to the front."""
_PIVOTS = 64
"""Points of the front that a block is compared with first: they beat most of it."""
_PREFIXES = {"max:": -1.0, "min:": 1.0}


@dataclass(frozen=True)
class Goal:
    """A cell that should be small (`sign` 1) or large (-1)."""

    cell: str
    sign: float


def goal_of(text: str) -> Goal:
    """`today.dram_bytes`, `min:today.dram_bytes` or `max:today.rate`."""
    for prefix, sign in _PREFIXES.items():
        if text.startswith(prefix):
            return Goal(text.removeprefix(prefix).strip(), sign)
    return Goal(text, 1.0)


class ParetoSink:
    """Keeps the front while the points go by. Of points that are equal in all goals the first is kept."""

    def __init__(self, layout: ResultColumns, goals: Sequence[Goal]) -> None:
        self.layout = layout
        self.points = 0
        names = [column.text for column in layout.sweep.columns]
        self.goals = [(names.index(goal.cell), goal.sign) for goal in goals]
        for number, _ in self.goals:
            if not layout.sweep.columns[number].numeric:
                raise SweepError(f"`{names[number]}` is not a number: it cannot be better or worse")
        self.front = np.empty((0, len(goals)))
        self.rows: list[Flat] | None = None
        self.waiting: list[tuple[Array, list[Flat]]] = []

    def write(self, block: Block, values: Sequence[Array]) -> None:
        self.points += block.size
        # Along an axis that no goal rests on all points are equal.
        shape = np.broadcast_shapes(*(values[number].shape for number, _ in self.goals))
        goals = np.stack([sign * _spread(values[number], shape) for number, sign in self.goals], axis=1)
        kept = np.flatnonzero(~np.isnan(goals).any(axis=1))
        for pivot in self.front[:: max(1, len(self.front) // _PIVOTS)]:
            kept = kept[(goals[kept] < pivot).any(axis=1)]
        kept = kept[nondominated(goals[kept])] if len(kept) > _MANY else kept
        if not len(kept):
            return
        index = np.unravel_index(kept, shape)
        rows = self._inputs(block, index)
        for number in self.layout.numbers:
            column, value = self.layout.sweep.columns[number], values[number]
            at = tuple(np.where(n == 1, 0, i) for n, i in zip(value.shape, index, strict=True))
            rows.append(presented(column, value[at]))
        self.waiting.append((goals[kept], rows))
        if sum(len(found) for found, _ in self.waiting) > _WAITING:
            self.close()

    def close(self) -> None:
        """Joins what waits to the front."""
        if not self.waiting:
            return
        parts = [(self.front, self.rows)] if self.rows is not None else []
        parts += self.waiting
        self.waiting = []
        both = np.concatenate([goals for goals, _ in parts])
        best = nondominated(both)
        if len(best) > LARGEST_FRONT:
            raise SweepError(f"the front has more than {LARGEST_FRONT:,} points: ask for fewer goals")
        self.front = both[best]
        self.rows = [np.concatenate(column)[best] for column in zip(*(rows for _, rows in parts), strict=True)]

    def _inputs(self, block: Block, index: Sequence[npt.NDArray[np.intp]]) -> list[Flat]:
        rows: list[Flat] = []
        for axis, low, i in zip(self.layout.sweep.grid.axes, block.low, index, strict=True):
            rows += [track.values[low + i] for track in axis.tracks]
        return rows

    @property
    def frame(self) -> pandas.DataFrame:
        """The front, by the first goal; `attrs["units"]` gives each column's unit."""
        import pandas

        names = self.layout.names
        rows = self.rows if self.rows is not None else [np.empty(0) for _ in names]
        order = np.argsort(self.front[:, 0], kind="stable")
        frame = pandas.DataFrame({name: row[order] for name, row in zip(names, rows, strict=True)})
        frame.attrs["units"] = self.layout.units
        return frame


def _spread(value: Array, shape: tuple[int, ...]) -> Array:
    return np.asarray(np.broadcast_to(value, shape), dtype=np.float64).reshape(-1)


def nondominated(goals: Array) -> npt.NDArray[np.intp]:
    """The positions, in order, of the points (rows) that no other is at least as small as in all goals."""
    match goals.shape[1]:
        case 2:
            return _of_two(goals)
        case 3:
            return _of_three(goals)
    order = np.argsort(goals.sum(axis=1), kind="stable")
    left = goals[order]
    current = 0
    while current < len(left):
        keep = (left < left[current]).any(axis=1)
        keep[current] = True
        left, order = left[keep], order[keep]
        current = int(keep[:current].sum()) + 1
    return np.sort(order)


def _of_two(goals: Array) -> npt.NDArray[np.intp]:
    """By the first goal, each point that is smaller in the second than all before it."""
    order = np.lexsort((goals[:, 1], goals[:, 0]))
    second = goals[order, 1]
    front = np.ones(len(order), dtype=bool)
    front[1:] = second[1:] < np.minimum.accumulate(second)[:-1]
    return np.sort(order[front])


def _of_three(goals: Array) -> npt.NDArray[np.intp]:
    """By the first goal, each point that is outside the staircase of the second and the third of those before it."""
    order = np.lexsort((goals[:, 2], goals[:, 1], goals[:, 0]))
    seconds: list[float] = []
    thirds: list[float] = []  # falls as the second rises
    front = []
    for position, (second, third) in zip(order.tolist(), goals[order, 1:].tolist(), strict=True):
        at = bisect_right(seconds, second)
        if at and thirds[at - 1] <= third:
            continue
        front.append(position)
        start = at - 1 if at and seconds[at - 1] == second else at
        end = at
        while end < len(thirds) and thirds[end] >= third:
            end += 1
        seconds[start:end] = [second]
        thirds[start:end] = [third]
    return np.array(sorted(front), dtype=np.intp)
