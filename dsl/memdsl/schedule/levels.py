"""The tiling of one layer through two memories that costs the least: tiles in a buffer, tiles of those in registers.

Portable code. A tile has items, rows, columns, filters and channels; its memory holds the input, the weights and the
sums of it at one time. An inner tile divides its outer one, but for the last. What stays while the next tile comes says
what is fetched again:

- `outputs`: the channels of a tile of sums follow one another, each with its inputs and weights
- `inputs`: the filters follow one another; what a tile shares with the one before along one axis is not fetched again
- `weights`: the positions follow one another

Each outer tile is worked on by itself. Moving a byte costs what its two memories cost; products cost the same in every
order and are left out. What inner tiles of some sizes come to when nothing hinders them, and what the outer level comes
to with what it makes the inner one cost, are together a bound that puts most pairs of tiles aside.
"""

from __future__ import annotations

import math

from ..records import record
from .bounds import least_traffic
from .tiling import Layer, fetched, outputs_of, parts_of, span, touched, weights_of

LEVEL_STAYS = ["outputs", "inputs", "weights"]
MOST_TRIED = 3000
"""Inner tiles that are tried in the order of what all costs at least with them; beyond, the result is not proven."""


@record
class Rooms:
    """Bytes of the buffer and of the registers: of all together, and of those for inputs, weights and sums.

    Joules (or any other cost) of a byte between DRAM and the buffer, and between the buffer and the registers of each.
    Bytes a second of the DRAM, and of the buffer, which both levels share. `quick` is 1 for the least time, where both
    run at once, and 0 for the least energy, which is a sum.
    """

    buffer: float
    registers: float
    inputs: float
    weights: float
    sums: float
    far: float
    near_inputs: float
    near_weights: float
    near_sums: float
    bandwidth: float
    bus: float
    quick: float


@record
class Tile:
    """Sizes in work; `stays` is a place in LEVEL_STAYS."""

    stays: float
    items: float
    rows: float
    columns: float
    filters: float
    channels: float


@record
class Levels:
    """The least cost of moving, and its tiles; without limit where nothing fits.

    No other pair of tiles costs less than `least`: the cost itself, unless too many had to be tried.
    """

    cost: float
    least: float
    outer: Tile
    inner: Tile


NOTHING = Tile(-1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def tile_bytes(layer: Layer, tile: Tile) -> list[float]:
    """Bytes of the input, the weights and the sums of a tile, what streams as often as it stands in the memory."""
    image = tile.items * tile.channels * layer.act * span(tile.rows, layer.window, layer.step, layer.size)
    image = image * span(tile.columns, layer.window_across, layer.step_across, layer.size_across)
    weights = tile.filters * tile.channels * layer.taps * layer.wgt
    sums = tile.items * tile.rows * tile.columns * layer.spread * tile.filters * layer.sums
    return [
        image * (1.0 if tile.stays == 1 else layer.twice),
        weights * (1.0 if tile.stays == 2 else layer.twice),
        sums * (1.0 if tile.stays == 0 else layer.twice),
    ]


def smallest_levels(layer: Layer) -> float:
    """Bytes of either memory below which no tile fits: a position, a filter and a channel."""
    return min([sum(tile_bytes(layer, Tile(stays, 1.0, 1.0, 1.0, 1.0, 1.0))) for stays in (0.0, 1.0, 2.0)])


def best_levels(layer: Layer, rooms: Rooms) -> Levels:
    search = _Levels(layer, rooms)
    return search.run()


def least_levels(layer: Layer, rooms: Rooms) -> float:
    """What no order of the products comes below."""
    near = min(rooms.near_inputs, rooms.near_weights, rooms.near_sums)
    return rooms.far * least_traffic(layer, rooms.buffer) + near * least_traffic(layer, rooms.registers)


def least_time(layer: Layer, rooms: Rooms) -> float:
    """Seconds of moving that no order of the products comes below."""
    outer = least_traffic(layer, rooms.buffer)
    inner = least_traffic(layer, rooms.registers)
    return max(outer * _each(rooms.bandwidth), (outer + inner) * _each(rooms.bus))


def _each(bandwidth: float) -> float:
    """Seconds of a byte; without a bandwidth nothing is said of time."""
    return 1 / bandwidth if bandwidth > 0 else 0.0


def _multiples(size: float, unit: float) -> list[float]:
    """Sizes of outer tiles that matter, of so many units each, the largest first."""
    return [min(size, unit * count) for count in parts_of(math.ceil(size / unit))]


def _most(size: float, unit: float, room: float, each: float) -> float:
    """The largest size of whole units, or all, that fits; 0 where none does."""
    if room < 0:
        return 0.0
    if each == 0 or size * each <= room:
        return size
    return unit * math.floor(room / each / unit)


class _Levels:
    def __init__(self, layer: Layer, rooms: Rooms) -> None:
        self.layer = layer
        self.rooms = rooms
        # What a byte costs: of the outer level, of the inner one for each operand, and of the outer one beside these.
        quick = rooms.quick > 0
        self.far = _each(rooms.bandwidth) if quick else rooms.far
        self.beside = _each(rooms.bus) if quick else 0.0
        self.near_inputs = self.beside if quick else rooms.near_inputs
        self.near_weights = self.beside if quick else rooms.near_weights
        self.near_sums = self.beside if quick else rooms.near_sums
        self.inputs = touched(layer) * layer.act
        self.weights = weights_of(layer) * layer.wgt
        self.outputs = outputs_of(layer) * layer.out
        self.again = 2 * outputs_of(layer) * layer.sums
        self.whole = fetched(layer.rows, layer.rows, layer.window, layer.step, layer.pad, layer.size)
        self.whole_across = self._across(layer.columns)
        self.halos: dict[str, float] = {}
        self.best = Levels(math.inf, math.inf, NOTHING, NOTHING)

    def paid(self, outer: float, inner: float) -> float:
        """The cost of bytes of the outer level and of what those of the inner one cost: a sum, or the longer time."""
        if self.rooms.quick > 0:
            return max(outer * self.far, inner + outer * self.beside)
        return outer * self.far + inner

    def _across(self, columns: float) -> float:
        layer = self.layer
        return fetched(
            layer.columns, columns, layer.window_across, layer.step_across, layer.pad_across, layer.size_across
        )

    def down(self, rows: float) -> float:
        """Times that tiles of so many rows fetch a row of the input."""
        layer = self.layer
        key = f"d{rows}"
        if key not in self.halos:
            self.halos[key] = fetched(layer.rows, rows, layer.window, layer.step, layer.pad, layer.size) / max(
                1.0, self.whole
            )
        return self.halos[key]

    def along(self, columns: float) -> float:
        key = f"a{columns}"
        if key not in self.halos:
            self.halos[key] = self._across(columns) / max(1.0, self.whole_across)
        return self.halos[key]

    def run(self) -> Levels:
        unit = [Tile(stays, 1.0, 1.0, 1.0, 1.0, 1.0) for stays in (0.0, 1.0, 2.0)]
        near = [self.near_sums, self.near_inputs, self.near_weights]
        if self.rooms.quick > 0:
            near = [0.0, 0.0, 0.0]
        # What the outer level costs at least with what it makes the inner one cost, whatever the sizes of inner tiles.
        least = [
            self._outer(unit[0], 0.0, 0.0, near[0], True, math.inf).cost - self.outputs * near[0],
            self._outer(unit[1], near[1], 0.0, 0.0, True, math.inf).cost - self.inputs * near[1],
            self._outer(unit[2], 0.0, near[2], 0.0, True, math.inf).cost - self.weights * near[2],
        ]
        largest = sorted(self._inner_tiles(least, True, math.inf), key=lambda pair: pair[0])
        if len(largest) == 0 or largest[0][0] == math.inf:
            return self.best
        self._try(largest[0][1], math.inf)
        every = self._inner_tiles(least, False, self.best.cost)
        tried = 0
        for cost, tile in sorted(every, key=lambda pair: pair[0]):
            if cost >= self.best.cost * (1 - 1e-12):
                break
            if tried == MOST_TRIED:
                self.best = Levels(self.best.cost, cost, self.best.outer, self.best.inner)
                break
            tried = tried + 1
            self._try(tile, self.best.cost)
        return self.best

    def _try(self, tile: Tile, best: float) -> None:
        found = self._outer(tile, self.near_inputs, self.near_weights, self.near_sums, False, best)
        if found.cost < self.best.cost:
            self.best = found

    def _inner_tiles(self, least: list[float], largest: bool, limit: float) -> list[tuple[float, Tile]]:
        """Tiles that the registers hold with what all costs at least with them: those below a limit, or only the
        largest of each kind."""
        layer = self.layer
        found: list[tuple[float, Tile]] = []
        filters, channels = parts_of(layer.filters), parts_of(layer.channels)
        rows, columns = parts_of(layer.rows), parts_of(layer.columns)
        put = self.outputs * self.near_sums
        more = self.again * self.near_sums
        read = self.inputs * self.near_inputs
        load = self.weights * self.near_weights
        for items in parts_of(layer.items):
            lots = math.ceil(layer.items / items)
            for p in rows:
                for q in columns:
                    count = lots * math.ceil(layer.rows / p) * math.ceil(layer.columns / q)
                    down, along = self.down(p), self.along(q)
                    for m in filters:
                        inner = read * down * along * math.ceil(layer.filters / m) + load * count + put
                        cost = self._with(least[0], inner)
                        if cost >= limit:
                            break
                        tile = Tile(0.0, items, p, q, m, 1.0)
                        if self._fits(tile):
                            found.append((cost, tile))
                            if largest:
                                break
                    for c in channels:
                        parts = math.ceil(layer.channels / c)
                        inner = read * min(down, along) + load * count + put + more * (parts - 1)
                        cost = self._with(least[1], inner)
                        if cost >= limit:
                            break
                        tile = Tile(1.0, items, p, q, 1.0, c)
                        if self._fits(tile):
                            found.append((cost, tile))
                            if largest:
                                break
        strips = [(1.0, 1.0)]
        if layer.window > layer.step or layer.window_across > layer.step_across:
            strips = [(1.0, q) for q in columns] + [(p, 1.0) for p in rows if p > 1]
        for p, q in strips:
            halo = min(self.down(p), self.along(q))
            for m in filters:
                sets = math.ceil(layer.filters / m)
                if self._with(least[2], read * halo * sets + load + put) >= limit:
                    break
                for c in channels:
                    parts = math.ceil(layer.channels / c)
                    cost = self._with(least[2], read * halo * sets + load + put + more * (parts - 1))
                    if cost >= limit:
                        break
                    tile = Tile(2.0, 1.0, p, q, m, c)
                    if self._fits(tile):
                        found.append((cost, tile))
                        if largest:
                            break
        return found

    def _with(self, outer: float, inner: float) -> float:
        """What all costs at least: the outer level with nothing beside it, and the inner one."""
        if self.rooms.quick > 0:
            most = max(self.far, self.beside)
            return max(outer, inner + (outer / most * self.beside if most > 0 else 0.0))
        return outer + inner

    def _fits(self, tile: Tile) -> bool:
        rooms = self.rooms
        inputs, weights, sums = tile_bytes(self.layer, tile)
        if inputs > rooms.inputs or weights > rooms.weights or sums > rooms.sums:
            return False
        return inputs + weights + sums <= rooms.registers

    def _outer(
        self, inner: Tile, near_in: float, near_wgt: float, near_out: float, relaxed: bool, best: float
    ) -> Levels:
        """The outer tile that costs the least with an inner one; `relaxed`: inner tiles share no halos."""
        layer, rooms = self.layer, self.rooms
        down2 = 1.0 if relaxed else self.down(inner.rows)
        along2 = 1.0 if relaxed else self.along(inner.columns)
        sets2 = math.ceil(layer.filters / inner.filters)
        parts2 = math.ceil(layer.channels / inner.channels)
        count2 = math.ceil(layer.items / inner.items) * math.ceil(layer.rows / inner.rows)
        count2 = count2 * math.ceil(layer.columns / inner.columns)
        taps = layer.taps * layer.wgt
        found = Levels(best, best, NOTHING, NOTHING)
        rows, columns = _multiples(layer.rows, inner.rows), _multiples(layer.columns, inner.columns)
        for stays in (0.0, 1.0, 2.0):
            tw_in = 1.0 if stays == 1 else layer.twice
            tw_wgt = 1.0 if stays == 2 else layer.twice
            tw_out = 1.0 if stays == 0 else layer.twice
            by_filters = stays != 1 or inner.stays == 1
            by_channels = stays != 0 or inner.stays == 0
            for items in _multiples(layer.items, inner.items):
                lots = math.ceil(layer.items / items)
                for p in rows:
                    down = self.down(p)
                    for q in columns:
                        along = self.along(q)
                        count = lots * math.ceil(layer.rows / p) * math.ceil(layer.columns / q)
                        read = self.inputs * (down * along if stays == 0 else min(down, along))
                        put = self.outputs + self.weights * (1 if stays == 2 else count)
                        halo = down2 * along2 if inner.stays == 0 or relaxed else min(down * along2, down2 * along)
                        read2 = self.inputs * halo * near_in * (1 if inner.stays == 1 else sets2)
                        load2 = self.weights * near_wgt * (count if inner.stays == 2 else count2)
                        put2 = self.outputs * near_out + load2
                        if inner.stays != 0:
                            put2 = put2 + self.again * (parts2 - 1) * near_out
                        if self.paid(read + put, read2 + put2) >= found.cost:
                            break
                        image = items * layer.act * span(p, layer.window, layer.step, layer.size) * tw_in
                        image = image * span(q, layer.window_across, layer.step_across, layer.size_across)
                        sums = items * p * q * layer.spread * layer.sums * tw_out
                        again = 0.0 if stays == 0 else self.again
                        again2 = self.again * near_out if inner.stays == 0 else 0.0
                        tries = _multiples(layer.filters, inner.filters) if by_filters else [inner.filters]
                        for m in tries:
                            sets = math.ceil(layer.filters / m)
                            moved = put + read * (1 if stays == 1 else sets)
                            moved2 = put2 + read2 * (sets if inner.stays == 1 else 1)
                            if self.paid(moved, moved2) >= found.cost:
                                break
                            each = image + m * taps * tw_wgt
                            c = _most(layer.channels, inner.channels, rooms.buffer - m * sums, each)
                            if c < inner.channels:
                                continue
                            c = c if by_channels else inner.channels
                            more = math.ceil(layer.channels / c) - 1
                            cost = self.paid(moved + again * more, moved2 + again2 * more)
                            if cost < found.cost:
                                found = Levels(cost, cost, Tile(stays, items, p, q, m, c), inner)
                            if not by_channels:
                                break
        if found.outer.stays < 0:
            return Levels(math.inf, math.inf, NOTHING, NOTHING)
        return found
