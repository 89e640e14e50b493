"""Which rows of a network run together, and what stays on the chip between them: the least cost. Portable code.

Rows stand in the order in which they run, groups are runs of them. A state is a place between two rows and the tensors
that are on the chip there, with or without a copy in DRAM; a step is a group. The cheapest way from the first row to
the last is the best schedule of contiguous groups in this order: every group and every choice of what stays is a step.

All that is on the chip at one time shares one buffer: line buffers, rows that wait for a skip, the weights of the
group, and every tensor kept. A row alone may instead be tiled in what is left.
"""

from __future__ import annotations

import math

from ..records import record
from .streaming import NEAR, Row, Stream
from .tiling import Layer, best_tiling, touched, weights_of

_MOST_CHOICES = 729
MOST_STATES = 20000
"""States that are followed in the order of what they come to; beyond, the result is a schedule that is not proven."""


@record
class Schedule:
    """`stage` numbers the groups from 1 in the order in which they run (0 for a source); `until` is the last stage in
    which a row's output is on the chip (its own stage where it is not kept). `cost` is infinite when nothing fits, and
    `lacking` then names a row that fits in no way."""

    cost: float
    stage: list[int]
    until: list[int]
    proven: bool
    lacking: int


class _State:
    """A place between two rows: `chip` and `both` are on the chip there, without and with a copy in DRAM."""

    def __init__(
        self, key: str, cost: float, least: float, chip: list[int], both: list[int], size: float,
        before: _State | None, place: int,
    ) -> None:  # fmt: skip
        self.key = key
        self.cost = cost
        self.least = least
        self.chip = chip
        self.both = both
        self.held = [*chip, *both]
        self.size = size
        self.before = before
        self.place = place

    def sooner(self, other: _State) -> bool:
        """Of two that come to the same, the one that is further."""
        if self.least == other.least:
            return self.place > other.place
        return self.least < other.least


class _Tiles:
    """Tilings of rows that run alone, each asked once."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.known: dict[str, float] = {}

    def bytes(self, index: int, room: float, arriving: float, out: bool) -> float:
        """Bytes that a row moves alone in `room`: `arriving` is the share of its input that is not on the chip."""
        layer = self.rows[index].layer
        if layer is None or room < 0:
            return math.inf
        act = layer.act * arriving
        written = layer.out if out else 0.0
        sums = layer.sums if out else 0.0
        key = f"{_shape(layer)} {act} {written} {room}"
        if key not in self.known:
            asked = Layer(
                layer.items, layer.groups, layer.filters, layer.channels, layer.rows, layer.columns, layer.window,
                layer.step, layer.pad, layer.size, layer.window_across, layer.step_across, layer.pad_across,
                layer.size_across, layer.taps, layer.spread, act, layer.wgt, written, sums, layer.twice,
            )  # fmt: skip
            self.known[key] = best_tiling(asked, room).bytes
        return self.known[key]


def _shape(layer: Layer) -> str:
    numbers = [
        layer.items, layer.groups, layer.filters, layer.channels, layer.rows, layer.columns, layer.window, layer.step,
        layer.pad, layer.size, layer.window_across, layer.step_across, layer.pad_across, layer.size_across,
        layer.taps, layer.spread, layer.wgt, layer.sums, layer.twice,
    ]  # fmt: skip
    return " ".join([str(number) for number in numbers])


def readers_of(rows: list[Row]) -> list[list[int]]:
    """The rows that read each row's output, through views too."""
    found: list[list[int]] = [[] for _ in rows]
    for index in range(len(rows)):
        if not rows[index].view:
            for source in rows[index].inputs:
                for stored in rows[source].stored:
                    if index not in found[stored]:
                        found[stored].append(index)
    return found


@record
class _Choice:
    """Tensors kept on the chip only, and there and in DRAM; those of them that may take an operand's bytes; the bytes
    of all, and those that are written to DRAM."""

    only: list[int]
    copied: list[int]
    taking: list[int]
    size: float
    written: float


class _Group:
    """A run of rows, whatever is on the chip: `lines` and `columns` without those of tensors from outside."""

    def __init__(
        self, stream: Stream, buffer: float, rows: list[Row], readers: list[list[int]], last: list[int], capacity: float
    ) -> None:
        self.end = stream.end
        self.alone = stream.end == stream.first + 1
        self.compute = sum([row.compute for row in rows[stream.first : stream.end]])
        self.weights = sum([row.weights for row in rows[stream.first : stream.end]])
        self.buffer = buffer
        self.outside = [(index, stream.line(index)) for index in stream.outside]
        index = self.end - 1
        made = [row for row in range(stream.first, self.end) if not rows[row].view]
        self.crossing = [row for row in made if last[row] > index]
        self.leaving = sum([rows[row].size for row in made if rows[row].leaves])
        self.overwrites: dict[int, list[int]] = {}
        for row in self.crossing:
            self.overwrites[row] = [given for given in rows[row].inputs if stream.overwrites(row, given, last)]
        out = [row for row in self.crossing if not rows[row].leaves]
        self.choices = [_Choice([], [], [], 0.0, self.leaving + _sizes(rows, out))]
        self.every = True
        for row in self.crossing:
            self._keep(row, rows, readers, capacity)

    def _keep(self, row: int, rows: list[Row], readers: list[list[int]], capacity: float) -> None:
        """With each choice so far a row may stay as well, on the chip only or, if it is read later again, in DRAM too;
        never more than the buffer holds."""
        taking = len(self.overwrites[row]) > 0
        size = rows[row].size
        later = len([reader for reader in readers[row] if reader >= self.end])
        more: list[_Choice] = []
        for choice in self.choices:
            if len(self.choices) + len(more) > _MOST_CHOICES:
                self.every = False
                break
            takers = [*choice.taking, row] if taking else choice.taking
            total = choice.size + size
            if total - _sizes(rows, takers) > capacity + NEAR:
                continue
            only = [*choice.only, row]
            saved = 0.0 if rows[row].leaves else size
            more.append(_Choice(only, choice.copied, takers, total, choice.written - saved))
            if later > 1:
                more.append(_Choice(choice.only, [*choice.copied, row], takers, total, choice.written))
        self.choices = [*self.choices, *more]


def best_groups(rows: list[Row], capacity: float, bandwidth: float = 0.0) -> Schedule:
    """The schedule that moves the fewest bytes; with a `bandwidth`, the one that takes the least time.

    Time is, group by group, the longer of its transfers and its compute. Sources stand first. States are followed in
    the order of what they come to at least (A*), so that the first that reaches the end is the best.
    """
    search = _Search(rows, capacity, bandwidth)
    return search.run()


class _Search:
    def __init__(self, rows: list[Row], capacity: float, bandwidth: float) -> None:
        self.rows = rows
        self.capacity = capacity
        self.bandwidth = bandwidth
        self.readers = readers_of(rows)
        self.last = [max(found) if len(found) > 0 else -1 for found in self.readers]
        self.first = len([row for row in rows if row.source])
        self.tiles = _Tiles(rows)
        self.groups: dict[int, list[_Group]] = {}
        self.known: dict[str, float] = {}
        self.heap: list[_State] = []
        self.every = True  # every choice of what stays was looked at
        self.read = [self.read_at_least(index) for index in range(len(rows))]
        # What is left to do from each row on, whatever the schedule: weights, outputs, compute.
        self.bytes_left = [0.0 for _ in range(len(rows) + 1)]
        self.compute_left = [0.0 for _ in range(len(rows) + 1)]
        for index in reversed(range(len(rows))):
            out = rows[index].size if rows[index].leaves and not rows[index].source else 0.0
            self.bytes_left[index] = self.bytes_left[index + 1] + rows[index].weights + out
            self.compute_left[index] = self.compute_left[index + 1] + rows[index].compute

    def run(self) -> Schedule:
        rows = self.rows
        furthest = self.first
        followed = 0
        self.put(None, 0.0, [], [], self.first)
        while len(self.heap) > 0:
            state = self.pop()
            if state.place == len(rows):
                return _told(rows, self.first, state, followed <= MOST_STATES and self.every)
            if state.cost > self.known[state.key]:
                continue
            furthest = max(furthest, state.place)
            followed = followed + 1
            if followed == MOST_STATES:
                # From here on straight to the end: a schedule, but not proven to be the best.
                self.heap = sorted(self.heap, key=lambda found: (-found.place, found.least))[:1]
            for group in self.groups_from(state.place):
                self.every = self.every and group.every
                self.follow(state, group)
            if followed >= MOST_STATES:
                self.heap = sorted(self.heap, key=lambda found: (-found.place, found.least))[:1]
        return Schedule(math.inf, [], [], False, furthest)

    def groups_from(self, first: int) -> list[_Group]:
        """The groups that begin with a row, as long as the weights and what waits inside fit."""
        if first not in self.groups:
            found: list[_Group] = []
            least = 0.0
            rows_kept = [0.0 for _ in self.rows]
            for end in range(first + 1, len(self.rows) + 1):
                row = self.rows[end - 1]
                least = least + row.weights
                for source in row.inputs:  # at least the window less its step waits, whatever else joins the group
                    given = self.rows[source]
                    waiting = max(0.0, row.window - max(1.0, row.step)) * given.width * given.point
                    if source >= first and not given.source and waiting > rows_kept[source]:
                        least = least + waiting - rows_kept[source]
                        rows_kept[source] = waiting
                if end > first + 1 and least > self.capacity:
                    break
                stream = Stream(self.rows, first, end)
                buffer = stream.buffer_inside()
                if end == first + 1 or buffer <= self.capacity + NEAR:
                    found.append(_Group(stream, buffer, self.rows, self.readers, self.last, self.capacity))
            self.groups[first] = found
        return self.groups[first]

    def read_at_least(self, index: int) -> float:
        """Bytes of a tensor that its last reader reads: tiled alone it may leave out what no window meets."""
        if self.last[index] < 0:
            return 0.0
        reader = self.rows[self.last[index]]
        layer = reader.layer
        total = sum([_sizes(self.rows, self.rows[source].stored) for source in reader.inputs])
        if layer is None or total == 0:
            return self.rows[index].size
        operands = touched(layer) * layer.act + (0.0 if reader.weights > 0 else weights_of(layer) * layer.wgt)
        return self.rows[index].size * min(1.0, operands / total)

    def least(self, cost: float, on_chip: list[int], place: int) -> float:
        """What a state comes to at least: what is not on the chip is read once, weights and outputs move once."""
        moved = self.bytes_left[place]
        for index in range(place):
            if self.last[index] >= place and index not in on_chip:
                moved = moved + self.read[index]
        if self.bandwidth > 0:
            return cost + max(moved / self.bandwidth, self.compute_left[place])
        return cost + moved

    def follow(self, state: _State, group: _Group) -> None:
        """The states behind a group."""
        rows = self.rows
        index = group.end - 1
        before = state.held
        buffer = group.buffer + state.size
        tileable = group.alone and rows[index].layer is not None
        if buffer > self.capacity + NEAR and not tileable:
            return
        read = 0.0
        total = 0.0
        for source, waiting in group.outside:
            missing = [stored for stored in rows[source].stored if stored not in before]
            total = total + _sizes(rows, rows[source].stored)
            if len(missing) > 0:
                buffer = buffer + waiting
                read = read + _sizes(rows, missing)
        both = [row for row in state.both if self.last[row] > index]
        chip = [row for row in state.chip if self.last[row] > index]
        for choice in group.choices:
            more = choice.size
            for row in choice.taking:
                if any(operand in before for operand in group.overwrites[row]):
                    more = more - rows[row].size
            moved = math.inf
            if buffer + more <= self.capacity + NEAR:
                moved = read + group.weights + choice.written
            if tileable and state.size + more <= self.capacity:
                kept = index in choice.only or index in choice.copied
                room = self.capacity - state.size - more
                tiled = self.tiles.bytes(index, room, read / total if total > 0 else 0.0, not kept)
                moved = min(moved, tiled + (choice.written if kept else 0.0))
            if moved < math.inf:
                cost = max(group.compute, moved / self.bandwidth) if self.bandwidth > 0 else moved
                staying = [*both, *choice.copied]
                read_before = [row for row in staying if any(reader <= index for reader in self.readers[row])]
                for dropped in _subsets(read_before):
                    remaining = [row for row in staying if row not in dropped]
                    self.put(state, state.cost + cost, [*chip, *choice.only], remaining, group.end)

    # ---- the states that wait, the one that comes to the least first ------------------------------------------------

    def put(self, before: _State | None, cost: float, chip: list[int], both: list[int], place: int) -> None:
        chip = sorted(chip)
        both = sorted(both)
        key = f"{place}:{','.join([str(row) for row in chip])}|{','.join([str(row) for row in both])}"
        if key in self.known and self.known[key] <= cost:
            return
        self.known[key] = cost
        heap = self.heap
        on_chip = [*chip, *both]
        size = _sizes(self.rows, on_chip)
        heap.append(_State(key, cost, self.least(cost, on_chip, place), chip, both, size, before, place))
        child = len(heap) - 1
        while child > 0:
            parent = (child - 1) // 2
            if not heap[child].sooner(heap[parent]):
                break
            moved = heap[parent]
            heap[parent] = heap[child]
            heap[child] = moved
            child = parent

    def pop(self) -> _State:
        heap = self.heap
        top = heap[0]
        end = heap.pop()
        if len(heap) > 0:
            heap[0] = end
            parent = 0
            while True:
                child = 2 * parent + 1
                if child >= len(heap):
                    break
                if child + 1 < len(heap) and heap[child + 1].sooner(heap[child]):
                    child = child + 1
                if not heap[child].sooner(heap[parent]):
                    break
                moved = heap[parent]
                heap[parent] = heap[child]
                heap[child] = moved
                parent = child
        return top


def _sizes(rows: list[Row], chosen: list[int]) -> float:
    return sum([rows[index].size for index in chosen])


def _subsets(chosen: list[int]) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for row in chosen:
        found = found + [[*subset, row] for subset in found]
    return found


def _told(rows: list[Row], first: int, best: _State, proven: bool) -> Schedule:
    """Stages in the order in which they run, and how long each tensor stays."""
    path: list[_State] = []
    state: _State | None = best
    while state is not None:
        path.append(state)
        state = state.before
    path = list(reversed(path))
    stage = [0 for _ in rows]
    for k in range(1, len(path)):
        for index in range(path[k - 1].place, path[k].place):
            stage[index] = k
    until = [*stage]
    for k in range(1, len(path)):
        for row in [*path[k].chip, *path[k].both]:
            until[row] = k + 1
    return Schedule(best.cost, stage, until, proven, -1)
