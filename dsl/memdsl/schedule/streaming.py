"""What a group of rows needs while it streams, one row of its coarsest tensor at a time. Portable code.

A step makes `work` new rows of each tensor, as many as it has for one row of the coarsest, and all that later rows of
the group ask of it: `lead` is how many rows beyond its share of the steps so far a tensor is ahead, told from the last
row back. A tensor waits until its latest reader is past it: rows, and of the rows in work some columns (Alwani et al.,
MICRO 2016, keep K - S of each). What a step makes and uses up is in the compute unit.

Steps go row by row, or column by column; and the other axis may be cut into strips, one after the other. What two
strips share, the halo, is made again in each (DeFiNES, HPCA 2023, calls it recomputed) and read again from DRAM; a
strip that is narrow keeps less. `start` is how far before its share a tensor begins in a strip, told like `lead`.
"""

from __future__ import annotations

import math

from ..records import record
from .tiling import Layer, parts_of

NEAR = 1e-6
"""Rows are whole, or halves behind an upsampling: what is nearer to a whole number was rounded."""


@record
class Row:
    """A row of a network. `size` is what its output takes in bytes, `point` one column of one row of it, all channels.

    A view stores nothing and stands for `stored`, the rows whose outputs it shows; of any other row that is the row
    itself. `inputs` are positions of rows. A source has `source` set: its output lies in DRAM. `leaves` says that the
    output is an output of the network. `layer` is set where a row may be tiled when it runs alone. `compute` and
    `energy` are what the row takes and spends beside the DRAM, and as much again of what is made again. Of several
    items the layer has `batched` 0: items, 1: more rows, 2: more groups.
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
    energy: float
    batched: float
    layer: Layer | None


@record
class Cut:
    """How a group streams: row by row (`way` 0) through strips of columns, or column by column (`way` 1) through strips
    of rows; `strip` columns or rows of its coarsest tensor in each of `strips`."""

    way: float
    strips: float
    strip: float


class Ahead:
    """How a tensor of `size` rows, or columns, runs through a group along them."""

    def __init__(self, work: float, size: float) -> None:
        self.work = work
        self.size = size
        self.lead = -math.inf
        self.low = math.inf
        self.start = math.inf
        self.span = size
        self.waiting = 0.0  # rows that wait between two steps
        self.at_once = work  # rows in work; one that lags behind its share makes what is left in the last step

    def ask(self, reader: Ahead, window: float, step: float, pad: float) -> None:
        """A reader that is so far itself asks for the rows of its windows."""
        newest = math.floor((reader.work - 1 + reader.lead) * step + window - 1 - pad + NEAR)
        self.lead = max(self.lead, newest - self.work + 1)
        self.low = min(self.low, math.floor(reader.lead * step - pad + NEAR))
        self.start = min(self.start, math.floor(reader.start * step - pad + NEAR))
        if window > 1:
            self.span = max(self.span, (reader.size - 1) * step + window)

    def settle(self) -> None:
        """What no row of the group reads leaves it as it is made; strips follow each other without a gap."""
        if self.lead == -math.inf:
            self.lead = 0.0
        self.start = min(0.0, self.start, self.lead)
        if self.low < math.inf:
            self.waiting = max(0.0, float(math.ceil(self.lead - self.low - NEAR)))
        self.at_once = self.work + max(0.0, -self.lead)

    def extent(self, cut: Cut) -> float:
        """Rows in a strip, those of the padding too."""
        if cut.strips == 1:
            return self.span
        return min(self.span, cut.strip * self.work + max(0.0, self.lead) - self.start)

    def again(self, cut: Cut) -> float:
        """The share of the rows that strips make again: at each cut those that both sides need, at the ends of the
        tensor perhaps fewer."""
        return (cut.strips - 1) * min(self.size, self.lead - self.start) / self.size


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
        self.used = [*beside, *members]
        self.high = min([rows[index].height for index in self.used])
        self.wide = min([rows[index].width for index in self.used])
        self.down: dict[int, Ahead] = {}
        self.along: dict[int, Ahead] = {}
        for index in self.used:
            self.down[index] = Ahead(max(1.0, rows[index].height / self.high), rows[index].height)
            self.along[index] = Ahead(max(1.0, rows[index].width / self.wide), rows[index].width)
        for index in reversed(members):
            self._run(index)
        for index in beside:
            self.down[index].settle()
            self.along[index].settle()

    def _run(self, index: int) -> None:
        """A row asks its inputs for what it needs."""
        row = self.rows[index]
        down = self.down[index]
        along = self.along[index]
        down.settle()
        along.settle()
        for source in row.inputs:
            self.down[source].ask(down, row.window, row.step, row.pad)
            self.along[source].ask(along, row.window_across, row.step_across, row.pad_across)

    def whole(self) -> list[Cut]:
        """Both ways without a cut: nothing is made again."""
        return [Cut(0.0, 1.0, self.wide), Cut(1.0, 1.0, self.high)]

    def strips(self, way: float, known: dict[float, list[float]]) -> list[float]:
        """The sizes of strips that matter: the least for each number of strips, the fewest first; none where the group
        is not cut. `known` keeps them for other groups."""
        across = way == 0
        if not self._divides(self.along if across else self.down, across):
            return []
        size = self.wide if across else self.high
        if size not in known:
            known[size] = parts_of(size)[1:]
        return known[size]

    def cut(self, way: float, strip: float) -> Cut:
        return Cut(way, float(math.ceil((self.wide if way == 0 else self.high) / strip)), strip)

    def _divides(self, ahead: dict[int, Ahead], across: bool) -> bool:
        """Whether strips of the coarsest tensor are strips of each: windows slide over all of an input, and the sizes
        are multiples of the least."""
        for index in self.used:
            work = ahead[index].work
            if work != math.floor(work):
                return False
            for shown in self.rows[index].stored if index < self.first else []:
                if (self.rows[shown].width if across else self.rows[shown].height) != ahead[index].size:
                    return False
        for index in range(self.first, self.end):
            row = self.rows[index]
            window = row.window_across if across else row.window
            step = row.step_across if across else row.step
            for source in row.inputs:
                size = ahead[source].size
                if size != ahead[index].size * step or (window > 1 and window >= size):
                    return False
        return True

    def line(self, index: int, cut: Cut) -> float:
        """Bytes of a tensor that wait: whole rows of a strip, and columns of the rows in work; or the other way."""
        down = self.down[index]
        along = self.along[index]
        if cut.way == 0:
            return (down.waiting * along.extent(cut) + along.waiting * down.at_once) * self.rows[index].point
        return (along.waiting * down.extent(cut) + down.waiting * along.at_once) * self.rows[index].point

    def again(self, index: int, cut: Cut) -> float:
        """The share of a tensor that strips make, or read, again."""
        return self.along[index].again(cut) if cut.way == 0 else self.down[index].again(cut)

    def buffer_inside(self, cut: Cut) -> float:
        """Bytes of line buffers between the rows of the group, and of its weights."""
        found = 0.0
        for index in range(self.first, self.end):
            found = found + self.line(index, cut) + self.rows[index].weights
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
