"""Every partition of a small network, every choice of what stays, every cut, every number of items together."""

from __future__ import annotations

import copy
import itertools
import math
from dataclasses import dataclass, field

from memdsl.schedule import Goal, Row, Schedule, best_groups, best_tiling
from memdsl.schedule.groups import readers_of
from memdsl.schedule.streaming import Cut, Stream

from .graphs import a_graph, streamed

Kept = dict[int, tuple[int, bool]]
"""A tensor on the chip: the reader up to whose group it stays, and whether DRAM has a copy."""


@dataclass
class Stage:
    """What a group finds and leaves: `cut` is how it streams, all ways where it is not given."""

    first: int
    end: int
    before: frozenset[int]
    kept: frozenset[int]
    written: float
    share: float
    cut: Cut | None = None


@dataclass
class Partitions:
    """What schedules of some rows cost, told group by group in plain loops."""

    rows: list[Row]
    capacity: float
    goal: Goal
    batch: int
    known: dict[tuple[object, ...], float] = field(default_factory=dict)
    best: float = math.inf

    def __post_init__(self) -> None:
        self.readers = readers_of(self.rows)
        self.last = [max(found) if found else -1 for found in self.readers]
        self.first = sum(row.source for row in self.rows)
        self.streams: dict[tuple[int, int], Stream] = {}
        self.shares = [n / self.batch for n in range(1, self.batch + 1) if self.batch % n == 0]

    # ---- one group --------------------------------------------------------------------------------------------------

    def missing(self, first: int, end: int, before: frozenset[int]) -> dict[int, float]:
        """Bytes that a group reads from DRAM, by what it reads them through: a tensor as often as rows or views of
        other groups show it, and no view that only later groups read."""
        rows = self.rows
        read: set[int] = set()
        for m in reversed(range(first, end)):
            if m in read or not rows[m].view:
                read |= {*rows[m].inputs}
        return {
            i: sum(rows[s].size for s in rows[i].stored if s not in before) for i in read if i < first or rows[i].source
        }

    def stream(self, first: int, end: int) -> Stream:
        if (first, end) not in self.streams:
            self.streams[first, end] = Stream(self.rows, first, end)
        return self.streams[first, end]

    def cuts(self, first: int, end: int) -> list[Cut]:
        """Whole, and into every number of strips where strips of the coarsest tensor are strips of each."""
        stream = self.stream(first, end)
        found = stream.whole()
        cut_ways = {way for way in (0.0, 1.0) if stream.strips(way, {})}
        for way, size in ((0.0, stream.wide), (1.0, stream.high)):
            for strips in range(2, int(size) + 1) if way in cut_ways else ():
                strip = math.ceil(size / strips)
                found.append(Cut(way, float(math.ceil(size / strip)), float(strip)))
        return found

    def cost(self, stage: Stage, stated: bool = True) -> float:
        """What a group costs, with the buffer that is stated, or with what a replay holds; infinite where it does not
        fit."""
        s = stage
        known = (s.first, s.end, s.before, s.kept, s.written, s.share, s.cut and (s.cut.way, s.cut.strips), stated)
        if known not in self.known:
            self.known[known] = self._cost(stage, stated)
        return self.known[known]

    def _cost(self, stage: Stage, stated: bool) -> float:
        rows, first, end = self.rows, stage.first, stage.end
        stream = self.stream(first, end)
        missing = self.missing(first, end, stage.before)
        room = self.capacity - sum(rows[t].size for t in stage.before) * stage.share
        kept = sum(rows[t].size for t in stage.kept) * stage.share
        taken = kept
        for t in stage.kept:
            if any(s in rows[t].inputs and stream.overwrites(t, s, self.last) for s in stage.before):
                taken -= rows[t].size * stage.share
        compute = sum(row.compute for row in rows[first:end])
        fixed = sum(row.weights for row in rows[first:end]) / stage.share + stage.written
        best = math.inf
        for cut in [stage.cut] if stage.cut else self.cuts(first, end):
            if self._held(first, end, stage.before, cut, stated) <= room - (taken if cut.strips == 1 else kept) + 1e-6:
                moved = fixed + sum(size * (1 + stream.again(i, cut)) for i, size in missing.items())
                again = {m: stream.again(m, cut) for m in range(first, end)}
                slower = compute + sum(rows[m].compute * share for m, share in again.items())
                spent = sum(rows[m].energy * share for m, share in again.items())
                best = min(best, self.goal.cost(moved, slower, spent))
        layer = rows[first].layer
        if end == first + 1 and layer is not None and (stage.cut is None or stage.cut.strips == 1):
            alone = copy.copy(layer)
            alone.items = layer.items * stage.share
            alone.act = layer.act * sum(missing.values()) / sum(self.missing(first, end, frozenset()).values())
            if first in stage.kept:
                alone.out = alone.sums = 0.0
            moved = best_tiling(alone, room - taken).bytes / stage.share
            best = min(best, self.goal.cost(moved + (stage.written if stage.kept else 0.0), compute, 0.0))
        return best

    def _held(self, first: int, end: int, before: frozenset[int], cut: Cut, stated: bool) -> float:
        stream = self.stream(first, end)
        if not stated:
            return streamed(self.rows, first, end, set(before), int(cut.way), int(cut.strips)).held
        lines = [stream.line(i, cut) for i, size in self.missing(first, end, before).items() if size > 0]
        return stream.buffer_inside(cut) + sum(lines)

    # ---- schedules --------------------------------------------------------------------------------------------------

    def of_schedule(self, found: Schedule, stated: bool) -> float:
        """What a schedule costs, stage by stage, each tensor from the stage that makes it to the last that has it."""
        rows = self.rows
        total = 0.0
        for number in range(1, max(found.stage) + 1):
            members = [i for i in range(self.first, len(rows)) if found.stage[i] == number]
            first, end = members[0], members[-1] + 1
            before = {t for t in range(len(rows)) if 0 < found.stage[t] < number <= found.until[t]}
            kept = {t for t in members if found.until[t] > number}
            written = 0.0
            for t in members:
                later = any(found.stage[reader] > found.until[t] for reader in self.readers[t])
                if not rows[t].view and (rows[t].leaves or later):
                    written += rows[t].size
            stream = self.stream(first, end)
            size = stream.wide if found.way[first] == 0 else stream.high
            cut = Cut(found.way[first], found.strips[first], float(math.ceil(size / found.strips[first])))
            share = found.frames[first] / self.batch
            total += self.cost(Stage(first, end, frozenset(before), frozenset(kept), written, share, cut), stated)
        return total

    def least(self) -> float:
        """Over every partition, and every choice of how long each tensor stays: up to the group of any reader."""
        self.best = math.inf
        self._from(self.first, {}, 0.0, 0.0)
        return self.best

    def _from(self, first: int, there: Kept, share: float, spent: float) -> None:
        """All that can follow behind some groups, with what is on the chip."""
        rows = self.rows
        if spent >= self.best:
            return
        if first == len(rows):
            self.best = spent
            return
        for end in range(first + 1, len(rows) + 1):
            made = [t for t in range(first, end) if not rows[t].view]
            for chosen in itertools.product(*[self._stays(t, end) for t in made]):
                kept = {t: one for t, one in zip(made, chosen, strict=True) if one is not None}
                written = sum(
                    rows[t].size for t in made
                    if rows[t].leaves or (self.last[t] >= end if t not in kept else kept[t][1])
                )  # fmt: skip
                after = {t: one for t, one in {**there, **kept}.items() if one[0] >= end}
                for frames in [share] if there else self.shares:
                    stage = Stage(first, end, frozenset(there), frozenset(kept), written, frames)
                    cost = self.cost(stage)
                    if cost < math.inf:
                        self._from(end, after, frames, spent + cost)

    def _stays(self, t: int, end: int) -> list[tuple[int, bool] | None]:
        later = [r for r in self.readers[t] if r >= end]
        copies = [(r, True) for r in later if r != self.last[t]]
        return [None, *copies, *([(self.last[t], False)] if later else [])]


def prove(seed: int, most: int, oblong: bool = False, goal: str = "bytes", batch: int = 1) -> int:
    """Compares what is found for a small network, in three buffers, with all schedules; returns how many were cut."""
    rows = a_graph(seed, most, oblong)
    for row in rows:
        row.size = row.size * batch
        if row.layer is not None:
            row.layer.items = float(batch)
    everything = sum(row.size / batch + row.weights for row in rows)
    aims = {"bytes": Goal(0.0, 0.0), "time": Goal(1.0, 0.0), "energy": Goal(0.0, 20.0)}
    cut = 0
    for share in (0.08, 0.25, 0.6):
        capacity = float(int(everything * share))
        found = best_groups(rows, capacity, aims[goal], float(batch))
        every = Partitions(rows, capacity, aims[goal], batch)
        least = every.least()
        where = f"graph {seed} of {most} rows, {capacity} B, {goal}, {batch} items"
        if found.lacking >= 0:
            assert least == math.inf, where
            continue
        assert math.isclose(found.cost, least, rel_tol=1e-9), (where, found.cost, least)
        assert found.proven, where
        # The schedule costs what is said; and its buffers, pixel by pixel, are never exceeded.
        assert math.isclose(every.of_schedule(found, stated=True), found.cost, rel_tol=1e-9), where
        assert every.of_schedule(found, stated=False) <= found.cost * (1 + 1e-9), where
        cut += max(found.strips) > 1
    return cut
