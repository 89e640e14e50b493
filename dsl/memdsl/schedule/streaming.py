"""What a group of rows needs while it streams, one row of its coarsest tensor at a time. Portable code.

A step makes `work` new rows of each tensor, as many as it has for one row of the coarsest, and all that later rows of
the group ask of it: `lead` is how many rows beyond its share of the steps so far a tensor is ahead, told from the last
row back. A tensor waits until its latest reader is past it: rows, and of the rows in work some columns (Alwani et al.,
MICRO 2016, keep K - S of each). What a step makes and uses up is in the compute unit.
"""

from __future__ import annotations

import math

from ..records import record
from .tiling import Layer

NEAR = 1e-6
"""Rows are whole, or halves behind an upsampling: what is nearer to a whole number was rounded."""


@record
class Row:
    """A row of a network. `size` is what its output takes in bytes, `point` one column of one row of it, all channels.

    A view stores nothing and stands for `stored`, the rows whose outputs it shows; of any other row that is the row
    itself. `inputs` are positions of rows. A source has `source` set: its output lies in DRAM. `leaves` says that the
    output is an output of the network. `layer` is set where a row may be tiled when it runs alone.
    """

    source: bool
    view: bool
    in_place: bool
    leaves: bool
    inputs: list[int]
    stored: list[int]
    weights: float
    size: float
    point: float
    height: float
    width: float
    window: float
    step: float
    pad: float
    window_across: float
    step_across: float
    pad_across: float
    compute: float
    layer: Layer | None


class Ahead:
    """How a tensor runs through a group, along rows or along columns."""

    def __init__(self, work: float) -> None:
        self.work = work
        self.lead = -math.inf
        self.low = math.inf
        self.wide = 0.0

    def ask(self, work: float, lead: float, window: float, step: float, pad: float) -> None:
        """A reader that is so far itself asks for the rows of its windows."""
        newest = math.floor((work - 1 + lead) * step + window - 1 - pad + NEAR)
        self.lead = max(self.lead, newest - self.work + 1)
        self.low = min(self.low, math.floor(lead * step - pad + NEAR))

    def settle(self) -> None:
        """What no row of the group reads leaves it as it is made."""
        if self.lead == -math.inf:
            self.lead = 0.0

    @property
    def waiting(self) -> float:
        """Rows that wait between two steps."""
        return max(0.0, math.ceil(self.lead - self.low - NEAR)) if self.low < math.inf else 0.0


class Stream:
    """Rows `first` to `end` (not included), running together."""

    def __init__(self, rows: list[Row], first: int, end: int) -> None:
        self.rows = rows
        self.first = first
        self.end = end
        members = list(range(first, end))
        # A view reads nothing by itself: what it shows is read where a row of the group reads the view.
        reading = [False for _ in members]
        for index in reversed(members):
            reading[index - first] = reading[index - first] or not rows[index].view
            if reading[index - first]:
                for source in rows[index].inputs:
                    if source >= first:
                        reading[source - first] = True
        self.outside: list[int] = []
        beside: list[int] = []
        for index in members:
            for source in rows[index].inputs:
                if source < first or rows[source].source:
                    beside.append(source)
                    if reading[index - first] and source not in self.outside:
                        self.outside.append(source)
        every = [rows[index] for index in [*beside, *members]]
        high = min([row.height for row in every])
        wide = min([row.width for row in every])
        self.down: dict[int, Ahead] = {}
        self.along: dict[int, Ahead] = {}
        for index in [*beside, *members]:
            self.down[index] = Ahead(max(1.0, rows[index].height / high))
            self.along[index] = Ahead(max(1.0, rows[index].width / wide))
        for index in reversed(members):
            self._run(index)

    def _run(self, index: int) -> None:
        """A row asks its inputs for what it needs."""
        row = self.rows[index]
        down = self.down[index]
        along = self.along[index]
        down.settle()
        along.settle()
        read = (row.width - 1) * row.step_across + row.window_across
        for source in row.inputs:
            self.down[source].ask(down.work, down.lead, row.window, row.step, row.pad)
            self.along[source].ask(along.work, along.lead, row.window_across, row.step_across, row.pad_across)
            if row.window_across > 1:
                self.down[source].wide = max(self.down[source].wide, read)

    def line(self, index: int) -> float:
        """Bytes of a tensor that wait: whole rows, and columns of the rows in work.

        A tensor that lags behind its share makes what is left in the last step, more rows than in any other.
        """
        row = self.rows[index]
        down = self.down[index]
        rows = down.waiting * max(down.wide, row.width)
        return (rows + self.along[index].waiting * (down.work + max(0.0, -down.lead))) * row.point

    def buffer_inside(self) -> float:
        """Bytes of line buffers between the rows of the group, and of its weights."""
        found = 0.0
        for index in range(self.first, self.end):
            found = found + self.line(index) + self.rows[index].weights
        return found

    def overwrites(self, index: int, operand: int, last: list[int]) -> bool:
        """Whether a row made in place may take the bytes of an operand on the chip that nobody reads after it."""
        row = self.rows[index]
        given = self.rows[operand]
        if not row.in_place or operand not in row.inputs or last[operand] != index or given.size != row.size:
            return False
        if given.view or given.source:
            return False
        for other in range(self.first, self.end):
            if other != index and operand in self.rows[other].inputs:
                reader = self.rows[other]
                low = math.floor(self.down[other].lead * reader.step - reader.pad + NEAR)
                left = math.floor(self.along[other].lead * reader.step_across - reader.pad_across + NEAR)
                if reader.view or low < self.down[index].lead or left < self.along[index].lead:
                    return False
        return True
