"""Which rows of a network run together, and what stays on the chip between them: the least cost. Portable code.

Rows stand in the order in which they run, groups are runs of them. A state is a place between two rows and the tensors
that are on the chip there, with or without a copy in DRAM; a step is a group. The cheapest way from the first row to
the last is the best schedule of contiguous groups in this order: every group and every choice of what stays is a step.

All that is on the chip at one time shares one buffer: line buffers, rows that wait for a skip, the weights of the
group, and every tensor kept. A group streams whole, or in strips that make their halo again where line buffers would
not fit. A row alone may instead be tiled in what is left.

Of several items, `frames` go together through a run of groups that hand tensors to each other on the chip: the weights
are read once for all of them, and each tensor kept is there of all of them. Line buffers are there once, as one follows
the other through a group.
"""

from __future__ import annotations

import math

from ..records import record
from .streaming import NEAR, Cut, Row, Stream
from .tiling import Layer, best_tiling, touched, weights_of

_MOST_CHOICES = 729
_MOST_TOGETHER = 12
"""Numbers of items together that are tried, the largest and the smallest, where a batch has many divisors."""
MOST_STATES = 20000
"""States that are followed in the order of what they come to; beyond, the result is a schedule that is not proven."""


@record
class Schedule:
    """`stage` numbers the groups from 1 in the order in which they run (0 for a source); `until` is the last stage in
    which a row's output is on the chip (its own stage where it is not kept); `way` and `strips` are how a row's stage
    streams, `frames` how many items go through it together. `cost` is infinite when nothing fits, and `lacking` then
    names a row that fits in no way."""

    cost: float
    stage: list[int]
    until: list[int]
    way: list[float]
    strips: list[float]
    frames: list[float]
    proven: bool
    lacking: int


@record
class Goal:
    """What is to be the least: bytes; with a `bandwidth` the time, group by group the longer of its transfers and its
    compute; with the energy `far` of a byte of the DRAM what is spent there and on what is made again."""

    bandwidth: float
    far: float

    def cost(self, moved: float, compute: float, energy: float) -> float:
        if self.bandwidth > 0:
            return max(compute, moved / self.bandwidth)
        if self.far > 0:
            return moved * self.far + energy
        return moved


@record
class _Way:
    """A cut of a group, and with it: its buffer without what comes from outside, the line of each tensor from there and
    the share that is read again, the compute, and the energy of what is made again."""

    cut: Cut
    buffer: float
    lines: list[float]
    again: list[float]
    compute: float
    energy: float


class _State:
    """A place between two rows: `chip` and `both` are on the chip there, without and with a copy in DRAM, of `frames`
    items; `way` is how the group before it ran, with `ran` items together."""

    def __init__(
        self, key: str, cost: float, least: float, chip: list[int], both: list[int], size: float, frames: float,
        before: _State | None, place: int, cut: Cut, ran: float,
    ) -> None:  # fmt: skip
        self.key = key
        self.cost = cost
        self.least = least
        self.chip = chip
        self.both = both
        self.held = [*chip, *both]
        self.size = size
        self.frames = frames
        self.before = before
        self.place = place
        self.cut = cut
        self.ran = ran

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

    def bytes(self, index: int, room: float, arriving: float, out: bool, share: float) -> float:
        """Bytes that a row moves alone in `room`: `arriving` is the share of its input that is not on the chip, `share`
        that of the items that are there together."""
        row = self.rows[index]
        layer = row.layer
        if layer is None or room < 0:
            return math.inf
        act = layer.act * arriving
        written = layer.out if out else 0.0
        sums = layer.sums if out else 0.0
        key = f"{_shape(layer)} {act} {written} {share} {row.batched} {room}"
        if key not in self.known:
            items = layer.items * share if row.batched == 0 else layer.items
            positions = layer.rows * share if row.batched == 1 else layer.rows
            high = layer.size * share if row.batched == 1 else layer.size
            groups = layer.groups * share if row.batched == 2 else layer.groups
            asked = Layer(
                items, groups, layer.filters, layer.channels, positions, layer.columns, layer.window, layer.step,
                layer.pad, high, layer.window_across, layer.step_across, layer.pad_across, layer.size_across,
                layer.taps, layer.spread, act, layer.wgt, written, sums, layer.twice,
            )  # fmt: skip
            self.known[key] = best_tiling(asked, room).bytes / share
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
    """A run of rows, whatever is on the chip."""

    def __init__(
        self, stream: Stream, rows: list[Row], readers: list[list[int]], last: list[int], room: float, goal: Goal,
        batch: float, sizes: dict[float, list[float]],
    ) -> None:  # fmt: skip
        self.stream = stream
        self.sizes = sizes
        self.rows = rows
        self.weighed = goal.bandwidth > 0 or goal.far > 0
        self.end = stream.end
        self.alone = stream.end == stream.first + 1
        self.compute = sum([row.compute for row in rows[stream.first : stream.end]])
        self.weights = sum([row.weights for row in rows[stream.first : stream.end]])
        self.outside = stream.outside
        self.whole = [self.way(cut) for cut in stream.whole()]
        self.strips: list[_Strips] = []
        self.cut = False
        self.tileable = self.alone and rows[stream.first].layer is not None
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
            self._keep(row, rows, readers, room * batch)

    def way(self, cut: Cut) -> _Way:
        compute = self.compute
        energy = 0.0
        if self.weighed and cut.strips > 1:
            for index in range(self.stream.first, self.end):
                again = self.stream.again(index, cut)
                compute = compute + self.rows[index].compute * again
                energy = energy + self.rows[index].energy * again
        lines = [self.stream.line(index, cut) for index in self.outside]
        read = [self.stream.again(index, cut) for index in self.outside]
        return _Way(cut, self.stream.buffer_inside(cut), lines, read, compute, energy)

    def fits(self, room: float) -> bool:
        """Whether it fits in some way, with all that comes from outside on the chip."""
        if any(way.buffer <= room for way in self.whole):
            return True
        return any(strips.narrowest().buffer <= room for strips in self.in_strips())

    def in_strips(self) -> list[_Strips]:
        """The ways to cut, along each axis."""
        if not self.cut:
            self.cut = True
            for way in (0.0, 1.0):
                sizes = self.stream.strips(way, self.sizes)
                if len(sizes) > 0:
                    self.strips.append(_Strips(self, way, sizes))
        return self.strips

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


class _Strips:
    """Cuts of a group along one axis, the fewest strips first: each takes less than the one before, and makes more."""

    def __init__(self, group: _Group, way: float, sizes: list[float]) -> None:
        self.group = group
        self.way = way
        self.sizes = sizes
        self.known: dict[int, _Way] = {}

    def at(self, number: int) -> _Way:
        if number not in self.known:
            self.known[number] = self.group.way(self.group.stream.cut(self.way, self.sizes[number]))
        return self.known[number]

    def narrowest(self) -> _Way:
        return self.at(len(self.sizes) - 1)

    def widest(self, read: list[float], room: float) -> _Way | None:
        """The fewest strips that fit."""
        if _taken(self.narrowest(), read) > room:
            return None
        low = 0
        high = len(self.sizes) - 1
        while low < high:
            middle = (low + high) // 2
            if _taken(self.at(middle), read) <= room:
                high = middle
            else:
                low = middle + 1
        return self.at(low)


def best_groups(rows: list[Row], capacity: float, goal: Goal | None = None, batch: float = 1.0) -> Schedule:
    """The schedule of the fewest bytes, or of the least that a goal says, for `batch` items of all of which `size` is.

    Sources stand first. States are followed in the order of what they come to at least (A*), so that the first that
    reaches the end is the best.
    """
    search = _Search(rows, capacity, goal or Goal(0.0, 0.0), batch)
    return search.run()


def divisors(count: float) -> list[float]:
    """Numbers of items that go together: those that divide them all, all of them first."""
    found: list[float] = []
    part = 1.0
    while part * part <= count:
        if count % part == 0:
            found.append(part)
            if part * part < count:
                found.append(count / part)
        part = part + 1
    return sorted(found, key=lambda one: -one) if len(found) > 0 else [count]


class _Search:
    def __init__(self, rows: list[Row], capacity: float, goal: Goal, batch: float) -> None:
        self.rows = rows
        self.capacity = capacity
        self.goal = goal
        self.batch = batch
        self.together = divisors(batch)
        self.readers = readers_of(rows)
        self.last = [max(found) if len(found) > 0 else -1 for found in self.readers]
        self.first = len([row for row in rows if row.source])
        self.tiles = _Tiles(rows)
        self.groups: dict[int, list[_Group]] = {}
        self.sizes: dict[float, list[float]] = {}  # of strips, for each size that is cut
        self.known: dict[str, float] = {}
        self.heap: list[_State] = []
        self.every = True  # every choice of what stays, and of items together, was looked at
        if len(self.together) > 2 * _MOST_TOGETHER:
            self.together = [*self.together[:_MOST_TOGETHER], *self.together[-_MOST_TOGETHER:]]
            self.every = False
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
        self.put(None, 0.0, [], [], self.first, Cut(0.0, 1.0, 1.0), self.batch)
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
        return Schedule(math.inf, [], [], [], [], [], False, furthest)

    def groups_from(self, first: int) -> list[_Group]:
        """The groups that begin with a row, as long as the weights and what waits inside fit."""
        if first not in self.groups:
            found: list[_Group] = []
            least = 0.0
            for end in range(first + 1, len(self.rows) + 1):
                least = least + self.rows[end - 1].weights
                if end > first + 1 and least > self.capacity:
                    break
                stream = Stream(self.rows, first, end)
                group = _Group(
                    stream, self.rows, self.readers, self.last, self.capacity, self.goal, self.batch, self.sizes
                )
                if group.tileable or group.fits(self.capacity + NEAR):
                    found.append(group)
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
        return cost + self.goal.cost(moved, self.compute_left[place], 0.0)

    def follow(self, state: _State, group: _Group) -> None:
        """The states behind a group."""
        before = state.held
        if not group.tileable and not group.fits(self.capacity - state.size * state.frames / self.batch + NEAR):
            return
        read: list[float] = []  # of each tensor from outside, what is not on the chip
        total = 0.0
        for source in group.outside:
            stored = self.rows[source].stored
            read.append(_sizes(self.rows, [given for given in stored if given not in before]))
            total = total + _sizes(self.rows, stored)
        arriving = sum(read) / total if total > 0 else 0.0
        for frames in [state.frames] if len(before) > 0 else self.together:
            for choice in group.choices:
                if len(before) == 0 and choice.size == 0 and frames < self.batch:
                    continue  # nothing is handed on: the weights are read once for all items
                self.run_group(state, group, choice, read, arriving, frames)

    def run_group(
        self, state: _State, group: _Group, choice: _Choice, read: list[float], arriving: float, frames: float
    ) -> None:
        rows = self.rows
        index = group.end - 1
        share = frames / self.batch
        room = self.capacity - state.size * share
        taken = choice.size
        for row in choice.taking:
            if any(operand in state.held for operand in group.overwrites[row]):
                taken = taken - rows[row].size
        fixed = group.weights / share + choice.written
        cost = math.inf
        cut = Cut(0.0, 1.0, 1.0)
        for way in group.whole:
            if cost == math.inf and _taken(way, read) <= room - taken * share + NEAR:
                cost = self.goal.cost(sum(read) + fixed, group.compute, 0.0)
                cut = way.cut
        if group.tileable and room - taken * share >= 0:
            kept = index in choice.only or index in choice.copied
            tiled = self.tiles.bytes(index, room - taken * share, arriving, not kept, share)
            moved = self.goal.cost(tiled + (choice.written if kept else 0.0), group.compute, 0.0)
            if moved < cost:
                cost = moved
                cut = Cut(0.0, 1.0, 1.0)
        if cost > self.goal.cost(sum(read) + fixed, group.compute, 0.0):
            # What is made again may need an operand that a sum in place has taken over: in strips it takes none.
            left = room - choice.size * share + NEAR
            for strips in group.in_strips():
                found = strips.widest(read, left)
                if found is not None:
                    fetched = sum([read[k] * (1 + found.again[k]) for k in range(len(read))])
                    moved = self.goal.cost(fetched + fixed, found.compute, found.energy)
                    if moved < cost:
                        cost = moved
                        cut = found.cut
        if cost == math.inf:
            return
        chip = [*[row for row in state.chip if self.last[row] > index], *choice.only]
        staying = [*[row for row in state.both if self.last[row] > index], *choice.copied]
        read_before = [row for row in staying if any(reader <= index for reader in self.readers[row])]
        for dropped in _subsets(read_before):
            remaining = [row for row in staying if row not in dropped]
            self.put(state, state.cost + cost, chip, remaining, group.end, cut, frames)

    # ---- the states that wait, the one that comes to the least first ------------------------------------------------

    def put(
        self, before: _State | None, cost: float, chip: list[int], both: list[int], place: int, cut: Cut, ran: float
    ) -> None:
        chip = sorted(chip)
        both = sorted(both)
        frames = ran if len(chip) + len(both) > 0 else self.batch
        key = f"{place}:{','.join([str(row) for row in chip])}|{','.join([str(row) for row in both])}|{frames}"
        if key in self.known and self.known[key] <= cost:
            return
        self.known[key] = cost
        heap = self.heap
        on_chip = [*chip, *both]
        size = _sizes(self.rows, on_chip)
        least = self.least(cost, on_chip, place)
        heap.append(_State(key, cost, least, chip, both, size, frames, before, place, cut, ran))
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


def _taken(way: _Way, read: list[float]) -> float:
    """Buffer of a way, with the lines of what is read from DRAM."""
    return way.buffer + sum([way.lines[k] if read[k] > 0 else 0.0 for k in range(len(read))])


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
    way = [0.0 for _ in rows]
    strips = [1.0 for _ in rows]
    frames = [best.frames for _ in rows]
    for k in range(1, len(path)):
        for index in range(path[k - 1].place, path[k].place):
            stage[index] = k
            way[index] = path[k].cut.way
            strips[index] = path[k].cut.strips
            frames[index] = path[k].ran
    until = [*stage]
    for k in range(1, len(path)):
        for row in [*path[k].chip, *path[k].both]:
            until[row] = k + 1
    return Schedule(best.cost, stage, until, way, strips, frames, proven, -1)
