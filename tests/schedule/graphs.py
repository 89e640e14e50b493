"""Small random networks as rows, and groups of them replayed pixel by pixel."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass

from memdsl.schedule import Layer, Row

Pixel = tuple[int, int]


@dataclass
class Streamed:
    """The most bytes that wait behind any step, with the weights; how often each tensor is made, or read, in all."""

    held: float
    times: dict[int, float]


def a_graph(seed: int, most: int, oblong: bool = False) -> list[Row]:
    pick = random.Random(seed)
    side = pick.choice((4, 6, 8))
    wide = random.Random(seed + 1_000_000).choice((4, 8, 10, 12)) if oblong else side
    shapes = [(side, wide, pick.randint(1, 3))]
    rows = [_row(True, False, False, [], [0], 0, shapes[0], 1, 1.0, 0, None)]
    while len(rows) < most:
        index = len(rows)
        source = index - 1 if pick.random() < 0.7 else pick.randrange(max(0, index - 4), index)
        h, w, c = shapes[source]
        same = [i for i, shape in enumerate(shapes) if shape == shapes[source] and i != source]
        level = [i for i, shape in enumerate(shapes) if shape[:2] == (h, w) and i != source]
        kind = pick.random()
        if kind < 0.25 and same:
            other = pick.choice(same)
            rows.append(_row(False, False, True, sorted((source, other)), [index], 0, (h, w, c), 1, 1.0, 0, None))
            shapes.append((h, w, c))
        elif kind < 0.35 and level:
            other = pick.choice(level)
            stored = sorted({*rows[source].stored, *rows[other].stored})
            shape = (h, w, c + shapes[other][2])
            rows.append(_row(False, True, False, [source, other], stored, 0, shape, 1, 1.0, 0, None))
            shapes.append(shape)
        elif kind < 0.42 and h <= 4 and not rows[source].view:
            rows.append(
                _row(False, True, False, [source], list(rows[source].stored), 0, (2 * h, 2 * w, c), 1, 0.5, 0, None)
            )
            shapes.append((2 * h, 2 * w, c))
        else:
            window = pick.choice((1, 3, 3))
            step = 2 if h % 2 == 0 and h > 2 and w % 2 == 0 and w > 2 and pick.random() < 0.25 else 1
            pad = window // 2
            shape = ((h + 2 * pad - window) // step + 1, (w + 2 * pad - window) // step + 1, pick.randint(1, 4))
            layer = Layer(
                1, 1, shape[2], c, shape[0], shape[1], window, step, pad, h, window, step, pad, w, window * window, 1,
                1, 1, 1, 1, 1,
            )  # fmt: skip
            weights = shape[2] * c * window * window
            rows.append(_row(False, False, False, [source], [index], weights, shape, window, step, pad, layer))
            shapes.append(shape)
    read = {i for row in rows for i in row.inputs}
    seen = {s for i, row in enumerate(rows) if i not in read for s in row.stored}
    for index in seen:
        rows[index].leaves = True
    return rows


def _row(
    source: bool, view: bool, in_place: bool, inputs: list[int], stored: list[int], weights: float,
    shape: tuple[int, int, int], window: float, step: float, pad: float, layer: Layer | None,
) -> Row:  # fmt: skip
    h, w, c = shape
    size = 0.0 if view else float(h * w * c)
    return Row(
        source, view, in_place, False, inputs, stored, weights, size, float(c), h, w, window, step, pad, window, step,
        pad, weights * h * w / 7, (weights + size) * h * w / 3, 0, layer,
    )  # fmt: skip


def windows(row: Row, length: int, size: float) -> list[list[int]]:
    """The rows of an input of `size` rows behind each row of an output, along either axis (windows are square)."""
    found = []
    for out in range(length):
        low = math.floor(out * row.step - row.pad + 1e-9)
        found.append([r for r in range(low, low + int(row.window)) if 0 <= r < size])
    return found


def streamed(rows: list[Row], first: int, end: int, on_chip: set[int], way: int = 0, strips: int = 1) -> Streamed:
    """A group, strip by strip, pixel by pixel.

    Steps go over the pixels of the coarsest tensor, row by row through strips of columns, or the other way. What leaves
    the group is made evenly, step by step; every other pixel is made, in order, in the step that first asks for it,
    again in each strip that does. What a step makes and uses up is in the compute unit.
    """
    members = range(first, end)
    outside = sorted({i for m in members for i in rows[m].inputs if i < first or rows[i].source})
    used = [*outside, *members]
    readers = {index: [m for m in members if index in rows[m].inputs] for index in used}
    sizes = {index: (int(rows[index].height), int(rows[index].width))[:: 1 if way == 0 else -1] for index in used}
    steps = min(size for size, _ in sizes.values()), min(size for _, size in sizes.values())
    strip = math.ceil(steps[1] / strips)
    begun: dict[int, int] = {}
    along = _lines(rows, used, readers, {i: size for i, (size, _) in sizes.items()}, steps[0], 0, steps[0], {})
    most = 0.0
    times = dict.fromkeys(used, 0.0)
    for begin in range(0, steps[1], strip):
        across = _lines(
            rows, used, readers, {i: size for i, (_, size) in sizes.items()}, steps[1], begin, begin + strip, begun
        )
        last: dict[int, dict[Pixel, Pixel]] = {index: {} for index in used}
        for index in used:
            times[index] += len(across[index]) / sizes[index][1]
            begun[index] = max([*across[index], begun.get(index, 0) - 1]) + 1
        for index in members:
            for source in rows[index].inputs:
                tall, wide = (windows(rows[index], sizes[index][axis], sizes[source][axis]) for axis in (0, 1))
                for (y, down), (x, right) in itertools.product(along[index].items(), across[index].items()):
                    for pixel in itertools.product(tall[y], wide[x]):
                        last[source][pixel] = max(last[source].get(pixel, (down, right)), (down, right))
        changes: dict[Pixel, float] = {}
        for index, uses in last.items():
            if index in outside and all(stored in on_chip for stored in rows[index].stored):
                continue
            for (r, c), until in uses.items():
                made = (along[index][r], across[index][c])
                assert made <= until, "a pixel is read before it is made"
                if until > made:
                    changes[made] = changes.get(made, 0.0) + rows[index].point
                    changes[until] = changes.get(until, 0.0) - rows[index].point
        held = 0.0
        for when in sorted(changes):
            held += changes[when]
            most = max(most, held)
    return Streamed(most + sum(rows[m].weights for m in members), times)


def _lines(
    rows: list[Row], used: list[int], readers: dict[int, list[int]], sizes: dict[int, int], steps: int, begin: int,
    end: int, begun: dict[int, int],
) -> dict[int, dict[int, int]]:  # fmt: skip
    """The lines of each tensor, along one axis, that the steps `begin` to `end` make, and the step that makes each.

    That is when any reader first asks for it, or for a line behind it, else the last step. `begun` are the lines made
    before."""
    end = min(end, steps)
    made: dict[int, dict[int, int]] = {}
    for index in reversed(used):
        size = sizes[index]
        if not readers[index]:
            when = {line: int(line * steps / size + 1e-9) for line in range(size)}
            made[index] = {line: step for line, step in when.items() if begin <= step < end}
            continue
        asked: dict[int, int] = {}
        for m in readers[index]:
            behind = windows(rows[m], sizes[m], size)
            for line, step in made[m].items():
                for read in behind[line]:
                    asked[read] = min(asked.get(read, step), step)
        low = min([*asked, begun.get(index, 0)])
        high = size if end == steps else max([*asked, begun.get(index, 0) - 1]) + 1
        later, found = end - 1, {}
        for line in reversed(range(low, high)):
            later = found[line] = min(later, asked.get(line, later))
        made[index] = found
    return made
