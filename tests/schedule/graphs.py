"""Small random networks as rows, and groups of them replayed pixel by pixel."""

from __future__ import annotations

import itertools
import math
import random

from memdsl.schedule import Layer, Row

Pixel = tuple[int, int]


def a_graph(seed: int, most: int) -> list[Row]:
    pick = random.Random(seed)
    side = pick.choice((4, 6, 8))
    shapes = [(side, side, pick.randint(1, 3))]
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
            step = 2 if h % 2 == 0 and h > 2 and pick.random() < 0.25 else 1
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
        pad, weights * h * w / 7, layer,
    )  # fmt: skip


def windows(row: Row, length: int, size: float) -> list[list[int]]:
    """The rows of an input of `size` rows behind each row of an output, along either axis (windows are square)."""
    found = []
    for out in range(length):
        low = math.floor(out * row.step - row.pad + 1e-9)
        found.append([r for r in range(low, low + int(row.window)) if 0 <= r < size])
    return found


def streamed(rows: list[Row], first: int, end: int, on_chip: set[int]) -> float:
    """The most bytes of pixels that wait behind any step of a group, and its weights.

    Steps go over the pixels of the coarsest tensor. What leaves the group is made evenly, step by step; every other
    pixel is made, in order, in the step that first asks for it. What a step makes and uses up is in the compute unit.
    """
    members = range(first, end)
    outside = sorted({i for m in members for i in rows[m].inputs if i < first or rows[i].source})
    used = [*outside, *members]
    coarsest = min(rows[i].height for i in used), min(rows[i].width for i in used)
    made: dict[int, tuple[list[int], list[int]]] = {}
    for index in reversed(used):
        row = rows[index]
        readers = [m for m in members if index in rows[m].inputs]
        sizes = int(row.height), int(row.width)
        if readers:
            made[index] = tuple(  # type: ignore[assignment]
                _asked(
                    sizes[axis],
                    int(coarsest[axis]),
                    [(windows(rows[m], len(made[m][axis]), sizes[axis]), made[m][axis]) for m in readers],
                )
                for axis in (0, 1)
            )
        else:
            made[index] = tuple(
                [int(r * coarsest[axis] / sizes[axis] + 1e-9) for r in range(sizes[axis])] for axis in (0, 1)
            )  # type: ignore[assignment]
    last: dict[int, dict[Pixel, Pixel]] = {index: {} for index in used}
    for index in members:
        row, (down, along) = rows[index], made[index]
        for source in row.inputs:
            tall, wide = windows(row, len(down), rows[source].height), windows(row, len(along), rows[source].width)
            for y, x in itertools.product(range(len(down)), range(len(along))):
                when = (down[y], along[x])
                for pixel in itertools.product(tall[y], wide[x]):
                    last[source][pixel] = max(last[source].get(pixel, when), when)
    changes: dict[Pixel, float] = {}
    for index, uses in last.items():
        if index in outside and all(stored in on_chip for stored in rows[index].stored):
            continue
        for (r, c), until in uses.items():
            begun = (made[index][0][r], made[index][1][c])
            assert begun <= until, "a pixel is read before it is made"
            if until > begun:
                changes[begun] = changes.get(begun, 0.0) + rows[index].point
                changes[until] = changes.get(until, 0.0) - rows[index].point
    held = most = 0.0
    for when in sorted(changes):
        held += changes[when]
        most = max(most, held)
    return most + sum(rows[m].weights for m in members)


def _asked(size: int, steps_in_all: int, readers: list[tuple[list[list[int]], list[int]]]) -> list[int]:
    """The step in which each row of a tensor is first asked for, by any reader, or a row behind it is; else the
    last."""
    steps = [math.inf] * size
    for read, made in readers:
        for window, when in zip(read, made, strict=True):
            for row in window:
                steps[row] = min(steps[row], when)
    later = math.inf
    for row in reversed(range(size)):
        later = steps[row] = min(later, steps[row])
    return [int(min(step, steps_in_all - 1)) for step in steps]
