"""`fused` and the placements on small random networks, beside plain loops that stream pixels and hold tensors."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.evaluate import Model

from .graphs import a_graph, streamed

SEEDS = range(25)
HEAD = "use std.layers\nuse std.traffic\nuse std.fusion\nuse std.placement\nuse std.hardware\n"


class Net:
    """A random network as rows and as a spec, cut into runs of rows; `group` has the run of each row."""

    def __init__(self, seed: int) -> None:
        pick = random.Random(seed)
        self.rows = a_graph(seed, 8)
        self.group = [0]
        for _ in self.rows[1:]:
            self.group.append(self.group[-1] + (pick.random() < 0.5 or self.group[-1] == 0))
        sizes = sorted(row.size for row in self.rows)
        self.capacity = pick.choice((sizes[len(sizes) // 2], 2 * sizes[-1], 4 * sizes[-1])) + 600

    def runs(self) -> list[list[int]]:
        return [[i for i, group in enumerate(self.group) if group == g] for g in range(1, self.group[-1] + 1)]

    def text(self) -> str:
        lines = []
        for index, row in enumerate(self.rows[1:], 1):
            first, *more = [f"r{i}" if i else "image" for i in row.inputs]
            if row.layer is not None:
                size = f"{row.layer.filters}, kernel = {int(row.window)}, stride = {int(row.step)}, bias = false"
                lines.append(f"  r{index} = {first} -> conv({size})")
            elif row.view:
                lines.append(f"  r{index} = " + (f"concat({first}, {more[0]})" if more else f"{first} -> upsample(2)"))
            else:
                lines.append(f"  r{index} = add({first}, {more[0]})")
        h, w, c = (int(n) for n in (self.rows[0].height, self.rows[0].width, self.rows[0].point))
        groups = [run for run in self.runs() if len(run) > 1]
        plan = [f"  g{k} = [" + ", ".join(f'"r{i}"' for i in run) + "]" for k, run in enumerate(groups)]
        return "\n".join([
            HEAD + "network n(image[h, w, c]) {", *lines, "}",
            f"network net = n([{h}, {w}, {c}])",
            f"hardware chip = edge(sram = {self.capacity:g} B)",
            "schedule plan for net {", *plan, "}",
            "model together = fused(net, chip, schedule = plan)",
            "model kept = resident(net, chip)",
            "model sums = accumulated(net, chip)",
        ])  # fmt: skip

    def ending(self, index: int) -> int:
        """The operand whose bytes a sum made in place takes over."""
        return max(self.rows[index].inputs)

    def behind(self, index: int) -> set[int]:
        """The tensors that a row shows: its own, those behind a view, the operand that a sum took over."""
        row = self.rows[index]
        if row.source:
            return set()
        if row.in_place:
            return self.behind(self.ending(index))
        return set().union(*(self.behind(i) for i in row.inputs)) if row.view else {index}

    def viewed(self, index: int) -> set[int]:
        """The rows behind a view."""
        row = self.rows[index]
        return set().union(*(self.viewed(i) for i in row.inputs)) if row.view else {index}

    def lives(self, tensor: int, group: list[int]) -> tuple[int, int]:
        """The first and the last group in which a tensor is needed."""
        rows = range(len(self.rows))
        shown = [i for i in rows if tensor in self.behind(i)]
        reading = [m for m in rows if any(i in shown for i in self.rows[m].inputs)]
        return group[tensor], max(group[i] for i in [*shown, *reading])

    def inner(self, index: int) -> bool:
        """Whether a row is read in its own group only, also through views."""
        if self.group.count(self.group[index]) == 1:
            return False
        readers = [m for m, row in enumerate(self.rows) if index in row.inputs]
        for m in readers:
            row = self.rows[m]
            passes = row.view or (row.in_place and self.ending(m) == index)
            if self.group[m] != self.group[index] or (passes and not self.inner(m)):
                return False
        return bool(readers)

    def moved(self, stays: set[int]) -> float:
        """Bytes moved when these tensors stay: others are written once, and read once by the first row that does."""
        waiting, moved = {0: self.rows[0].size}, 0.0
        read = {i for row in self.rows for i in row.inputs}
        for index, row in enumerate(self.rows[1:], 1):
            arriving = sum(waiting.pop(i, 0.0) for i in set(row.inputs))
            if row.view or row.in_place:
                if index in read:
                    waiting[index] = arriving
                else:
                    moved += arriving
            else:
                written = 0.0 if index in stays or self.inner(index) else row.size
                waiting[index] = written
                moved += arriving + row.weights + written
        return moved


def made(net: Net) -> Model:
    model = driver.build(Source("net.mem", net.text()), Path())
    assert isinstance(model, Model), [d.message for d in model.problems]
    return model


def column(model: Model, name: str, of: str) -> list[float]:
    table = model.sheet.instances[of].table
    assert table is not None
    return [float(v or 0) for v in model.values.column(table, name)]


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_hold_and_move_what_a_replay_does(seed: int) -> None:
    net = Net(seed)
    model = made(net)
    size = [0.0 if row.source or row.view or row.in_place else row.size for row in net.rows]
    alive = {t: net.lives(t, net.group) for t, bytes_ in enumerate(size) if bytes_ and not net.inner(t)}
    streams = [0.0]
    for run in net.runs():
        streams.append(streamed(net.rows, run[0], run[-1] + 1, set()).held if len(run) > 1 else 0.0)
    said = column(model, "streaming", "together")

    def held(group: int, tensors: set[int], lines: float) -> float:
        return lines + sum(size[t] for t in tensors if alive[t][0] <= group <= alive[t][1])

    lines = [0.0, *(said[run[0]] for run in net.runs())]
    stays = set()
    for tensor, (first, last) in alive.items():
        smaller = {t for t in alive if size[t] <= size[tensor]}
        if all(held(g, smaller, lines[g]) <= net.capacity for g in range(first, last + 1)):
            stays.add(tensor)
    assert {t for t, bytes_ in enumerate(column(model, "stays", "together")) if bytes_} == stays
    on_chip = column(model, "on_chip", "together")
    fits = True
    for run in net.runs():
        group = net.group[run[0]]
        assert streams[group] <= lines[group] + 1e-9
        assert on_chip[run[0]] == pytest.approx(held(group, stays, lines[group]))
        fits = fits and lines[group] <= net.capacity
    assert model.values.cell("together.dram_bytes") == pytest.approx(net.moved(stays))
    assert fits == (not any("share" in d.message or "buffer" in d.message for d in model.problems))


@pytest.mark.parametrize("seed", SEEDS)
def test_placements_hold_what_a_replay_does(seed: int) -> None:
    net = Net(seed)
    model = made(net)
    step, rows = list(range(len(net.rows))), net.rows
    size = [0.0 if r.source or r.view or r.in_place or r.size > net.capacity else r.size for r in rows]
    alive = {t: net.lives(t, step) for t, bytes_ in enumerate(size) if bytes_}
    held = column(model, "held", "kept")
    for now in step[1:]:
        assert held[now] == sum(size[t] for t, (first, last) in alive.items() if first <= now <= last)
    outs = [float(row.height * row.width * row.point) for row in rows]
    readers = [[m for m in step if i in rows[m].inputs] for i in step]
    joins = {i for i in step for m in readers[i] if rows[m].in_place and net.ending(m) == i}
    lives = column(model, "lives", "sums")
    for now in step[1:]:
        before = {t for i in step[:now] for t in net.viewed(i) if any(m >= now for m in readers[i])}
        before |= {t for i in step[now:] for t in net.viewed(i) if t < now and readers[i]}
        own = 0.0 if rows[now].in_place or rows[now].view or now in joins else outs[now]
        assert lives[now] == sum(outs[t] for t in before if t not in joins) + own
