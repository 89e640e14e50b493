"""Tiles in two memories: what is found is the least of all pairs, moves what a replay counts, and fits."""

from __future__ import annotations

import copy
import itertools
import math
import random
from collections.abc import Iterator

import pytest

from memdsl.schedule import Layer, Rooms, Tile, best_levels, least_levels, least_time, smallest_levels
from memdsl.schedule.levels import tile_bytes

from .replay import rows_read, tiles
from .test_tiling import a_layer

Block = tuple[range, range, range, range, range]
"""Items, rows, columns, filters and channels."""


ORDERS = {
    0: [(0, 1, 2, 3, 4)],  # channels innermost
    1: [(0, 4, 1, 2, 3), (0, 4, 2, 1, 3)],  # filters innermost, positions along columns or rows
    2: [(3, 4, 0, 1, 2), (3, 4, 0, 2, 1)],  # positions innermost
}


def walk(block: Block, tile: Tile, turn: int) -> Iterator[Block]:
    """The tiles of a block in their order: what does not stay follows innermost."""
    sizes = (tile.items, tile.rows, tile.columns, tile.filters, tile.channels)
    parts = [
        [range(x.start + part.start, x.start + part.stop) for part in tiles(len(x), size)]
        for x, size in zip(block, sizes, strict=True)
    ]
    orders = ORDERS[int(tile.stays)]
    order = orders[turn % len(orders)]
    for chosen in itertools.product(*(parts[axis] for axis in order)):
        items, rows, columns, filters, channels = (chosen[order.index(axis)] for axis in range(5))
        yield items, rows, columns, filters, channels


class Level:
    """A memory that holds one tile at a time: what the next one has beside it is fetched, sums leave and come back."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.fetched = [0.0, 0.0, 0.0]
        self.most = [0.0, 0.0, 0.0]
        self.begun: set[tuple[int, ...]] = set()
        self.clear()

    def clear(self) -> None:
        """What is there is given up: the block is done."""
        self.image: set[tuple[int, ...]] = set()
        self.weights: set[tuple[int, ...]] = set()
        self.sums: set[tuple[int, ...]] = set()
        self.block: Block | None = None

    def _follows(self, block: Block) -> bool:
        """The same positions, or the next along one axis: what both share is still there."""
        if self.block is None:
            return False
        old, new = [[*self.block[:3], self.block[4]], [*block[:3], block[4]]]
        moved = [axis for axis in range(4) if old[axis] != new[axis]]
        return not moved or (moved in ([1], [2]) and new[moved[0]].start == old[moved[0]].stop)

    def take(self, block: Block) -> None:
        layer = self.layer
        items, rows, columns, filters, channels = block
        down = rows_read(rows, layer.window, layer.step, layer.pad, layer.size)
        across = rows_read(columns, layer.window_across, layer.step_across, layer.pad_across, layer.size_across)
        image = set(itertools.product(items, channels, down, across))
        weights = set(itertools.product(filters, channels))
        sums = set(itertools.product(items, rows, columns, filters))
        self.fetched[0] += len(image - (self.image if self._follows(block) else set())) * layer.act
        self.fetched[1] += len(weights - self.weights) * layer.taps * layer.wgt
        if sums != self.sums:
            self.fetched[2] += 2 * len(sums & self.begun) * layer.spread * layer.sums  # read now, and written before
            self.begun |= sums
        self.image, self.weights, self.sums, self.block = image, weights, sums, block
        summed = len(sums) * layer.spread * layer.sums
        held = (len(image) * layer.act, len(weights) * layer.taps * layer.wgt, summed)
        self.most = [max(a, b) for a, b in zip(self.most, held, strict=True)]


def replayed(layer: Layer, outer: Tile, inner: Tile) -> tuple[Level, Level]:
    """Both levels, each with the order of positions that is the best for it."""
    axes = (layer.items, layer.rows, layer.columns, layer.filters, layer.channels)
    items, rows, columns, filters, channels = (range(int(size)) for size in axes)
    found = []
    for turn, other in itertools.product(range(2), repeat=2):
        far, near = Level(layer), Level(layer)
        for block in walk((items, rows, columns, filters, channels), outer, turn):
            far.take(block)
            near.clear()
            for part in walk(block, inner, other):
                near.take(part)
        found.append((far, near))
    far = min((f for f, _ in found), key=lambda level: level.fetched[0])
    near = min((n for _, n in found), key=lambda level: level.fetched[0])
    for level in (far, near):
        level.fetched[2] += math.prod(axes[:4]) * layer.spread * layer.out
    return far, near


def fits(layer: Layer, rooms: Rooms, outer: Tile, inner: Tile) -> bool:
    """As stated: at a border of the image a replay may hold less."""
    held = tile_bytes(layer, inner)
    within = all(a <= b for a, b in zip(held, (rooms.inputs, rooms.weights, rooms.sums), strict=True))
    return within and sum(held) <= rooms.registers and sum(tile_bytes(layer, outer)) <= rooms.buffer


def cost(layer: Layer, rooms: Rooms, outer: Tile, inner: Tile) -> float:
    """What is paid as replayed."""
    far, near = replayed(layer, outer, inner)
    for level, tile in ((far, outer), (near, inner)):
        assert all(a <= b for a, b in zip(level.most, tile_bytes(layer, tile), strict=True))
    if rooms.quick:
        return max(sum(far.fetched) / rooms.bandwidth, (sum(far.fetched) + sum(near.fetched)) / rooms.bus)
    paid = (rooms.near_inputs, rooms.near_weights, rooms.near_sums)
    return rooms.far * sum(far.fetched) + sum(a * b for a, b in zip(near.fetched, paid, strict=True))


def every_pair(layer: Layer) -> Iterator[tuple[Tile, Tile]]:
    axes = [int(x) for x in (layer.items, layer.rows, layer.columns, layer.filters, layer.channels)]
    pairs = [
        [
            (outer, inner)
            for inner in range(1, n + 1)
            for outer in range(inner, n + 1)
            if outer % inner == 0 or outer == n
        ]
        for n in axes
    ]
    for sizes in itertools.product(*pairs):
        for a, b in itertools.product((0.0, 1.0, 2.0), repeat=2):
            yield Tile(a, *(float(x) for x, _ in sizes)), Tile(b, *(float(x) for _, x in sizes))


def some_rooms(layer: Layer, seed: int, quick: bool) -> Rooms:
    pick = random.Random(seed)
    least = smallest_levels(layer)
    registers = float(int(least * pick.choice((1, 1.5, 2, 4))))
    part = [float(int(registers * pick.choice((0.7, 1, 1)))) for _ in range(3)]
    buffer = float(int(registers * pick.choice((1, 1.5, 3))))
    paid = [pick.choice((1.0, 1.0, 0.5, 2.0)) for _ in range(3)]
    return Rooms(buffer, registers, *part, 10.0, *paid, 1.0, pick.choice((1.0, 2.0, 3.0, 8.0)), float(quick))


def small(seed: int) -> Layer:
    """A layer of which all pairs of tiles can be tried."""
    pick = random.Random(seed)
    while True:
        layer = a_layer(pick.randint(0, 10**6), 3)
        sizes = (layer.items, layer.rows, layer.columns, layer.filters, layer.channels)
        if math.prod(sizes) <= 24 and layer.groups == 1:  # groups are layers of their own
            return layer


def prove(seed: int, quick: bool = False) -> None:
    layer = small(seed)
    rooms = some_rooms(layer, seed, quick)
    found = best_levels(layer, rooms)
    pairs = [pair for pair in every_pair(layer) if fits(layer, rooms, *pair)]
    if not pairs:
        assert found.cost == math.inf
        return
    least = min(cost(layer, rooms, *pair) for pair in pairs)
    assert fits(layer, rooms, found.outer, found.inner)
    assert found.cost == found.least
    assert found.cost == pytest.approx(cost(layer, rooms, found.outer, found.inner))
    assert found.cost <= least * (1 + 1e-9), (least, found)
    floor = least_time(layer, rooms) if quick else least_levels(layer, rooms)
    assert floor <= least * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_the_least_of_all_pairs_of_tiles(seed: int) -> None:
    prove(seed)


@pytest.mark.parametrize("seed", range(10))
def test_the_least_time_of_all_pairs_of_tiles(seed: int) -> None:
    prove(seed, quick=True)


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_loading_the_next_tile_meanwhile_takes_room_in_both_memories(seed: int, quick: bool) -> None:
    layer = small(seed)
    double = copy.copy(layer)
    double.twice = 2.0
    rooms = some_rooms(layer, seed, quick)
    twofold = copy.copy(rooms)
    for name in ("buffer", "registers", "inputs", "weights", "sums"):
        setattr(twofold, name, 2 * getattr(rooms, name))
    found = best_levels(double, twofold)
    # Twice the room holds all of it twice; nothing is better than where it stands once.
    assert best_levels(layer, twofold).cost <= found.cost <= best_levels(layer, rooms).cost
    if found.cost < math.inf:
        assert fits(double, twofold, found.outer, found.inner)
        assert cost(double, twofold, found.outer, found.inner) <= found.cost * (1 + 1e-9)
