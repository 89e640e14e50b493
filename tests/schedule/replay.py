"""Layers and groups replayed element by element in plain loops: what is fetched, written, and held at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memdsl.schedule import Layer, Tiling


@dataclass
class Count:
    """Bytes moved, and the most that the buffer held."""

    moved: float = 0.0
    held: float = 0.0

    def hold(self, size: float) -> None:
        self.held = max(self.held, size)


def tiles(size: float, tile: float) -> Iterator[range]:
    for start in range(0, int(size), int(tile)):
        yield range(start, min(int(size), start + int(tile)))


def rows_read(outputs: Sequence[int], window: float, step: float, pad: float, size: float) -> set[int]:
    found = {int(o * step + k - pad) for o in outputs for k in range(int(window))}
    return {row for row in found if 0 <= row < size}


def replay(layer: Layer, tiling: Tiling) -> Count:
    """Everything that a tiling moves, all groups."""
    count = Count()
    for _ in range(int(layer.groups)):
        run = (_outputs_stay, _inputs_stay, _weights_down, _weights_along)[int(tiling.stays)]
        run(layer, tiling, count)
    return count


def _down(layer: Layer, rows: Sequence[int]) -> set[int]:
    return rows_read(rows, layer.window, layer.step, layer.pad, layer.size)


def _across(layer: Layer, columns: Sequence[int]) -> set[int]:
    return rows_read(columns, layer.window_across, layer.step_across, layer.pad_across, layer.size_across)


def _outputs_stay(layer: Layer, t: Tiling, count: Count) -> None:
    for items in tiles(layer.items, t.items):
        for rows in tiles(layer.rows, t.rows):
            for columns in tiles(layer.columns, t.columns):
                area = {(r, c) for r in _down(layer, rows) for c in _across(layer, columns)}
                for filters in tiles(layer.filters, t.filters):
                    sums = len(items) * len(rows) * len(columns) * len(filters) * layer.spread
                    for _channel in range(int(layer.channels)):
                        image = len(items) * len(area) * layer.act
                        count.moved += image
                        for _filter in filters:
                            count.moved += layer.taps * layer.wgt
                            count.hold(image + layer.taps * layer.wgt + sums * layer.sums)
                    count.moved += sums * layer.out


def _inputs_stay(layer: Layer, t: Tiling, count: Count) -> None:
    blocks = list(tiles(layer.channels, t.channels))
    whole, whole_across = len(_down(layer, range(int(layer.rows)))), len(_across(layer, range(int(layer.columns))))
    halo_down = whole_across * sum(len(_down(layer, rows)) for rows in tiles(layer.rows, t.rows))
    halo_along = whole * sum(len(_across(layer, c)) for c in tiles(layer.columns, t.columns))
    for number, channels in enumerate(blocks):
        for items in tiles(layer.items, t.items):
            walk = [(r, c) for r in tiles(layer.rows, t.rows) for c in tiles(layer.columns, t.columns)]
            if halo_along < halo_down:  # the shared rows are kept: down a strip of columns, then the next strip
                walk = [(r, c) for c in tiles(layer.columns, t.columns) for r in tiles(layer.rows, t.rows)]
            before: set[tuple[int, int]] = set()
            strip = range(0)
            for rows, columns in walk:
                along = columns if halo_along < halo_down else rows
                before, strip = (before if along == strip else set()), along
                area = {(r, c) for r in _down(layer, rows) for c in _across(layer, columns)}
                count.moved += len(area - before) * len(items) * len(channels) * layer.act
                before = area
                for _filter in range(int(layer.filters)):
                    sums = len(items) * len(rows) * len(columns) * layer.spread
                    if number:
                        count.moved += sums * layer.sums
                    for _channel in channels:
                        count.moved += layer.taps * layer.wgt
                        image = len(area) * len(items) * len(channels) * layer.act
                        count.hold(image + layer.taps * layer.wgt + sums * layer.sums)
                    count.moved += sums * (layer.out if number == len(blocks) - 1 else layer.sums)


def _weights_down(layer: Layer, t: Tiling, count: Count) -> None:
    strips = [(columns, _across(layer, columns)) for columns in tiles(layer.columns, t.columns)]
    passes = []
    for columns, _ in strips:
        passes.append([(y, x) for y in range(int(layer.rows)) for x in columns])
    _weights_stay(layer, t, count, passes)


def _weights_along(layer: Layer, t: Tiling, count: Count) -> None:
    passes = []
    for rows in tiles(layer.rows, t.rows):
        passes.append([(y, x) for x in range(int(layer.columns)) for y in rows])
    _weights_stay(layer, t, count, passes)


def _weights_stay(layer: Layer, t: Tiling, count: Count, passes: list[list[tuple[int, int]]]) -> None:
    blocks = list(tiles(layer.channels, t.channels))
    for filters in tiles(layer.filters, t.filters):
        for number, channels in enumerate(blocks):
            weights = len(filters) * len(channels) * layer.taps * layer.wgt
            count.moved += weights
            for _item in range(int(layer.items)):
                for positions in passes:
                    _stream(layer, positions, filters, channels, weights, number, len(blocks), count)


def _stream(
    layer: Layer,
    positions: list[tuple[int, int]],
    filters: range,
    channels: range,
    weights: float,
    number: int,
    blocks: int,
    count: Count,
) -> None:
    windows = [{(r, c) for r in _down(layer, [y]) for c in _across(layer, [x])} for y, x in positions]
    last: dict[tuple[int, int], int] = {}
    for when, window in enumerate(windows):
        for element in window:
            last[element] = when
    held: set[tuple[int, int]] = set()
    for when, window in enumerate(windows):
        count.moved += len(window - held) * len(channels) * layer.act
        held |= window
        for _filter in filters:
            if number:
                count.moved += layer.spread * layer.sums
            count.hold(len(held) * len(channels) * layer.act + weights + layer.spread * layer.sums)
            count.moved += layer.spread * (layer.out if number == blocks - 1 else layer.sums)
        held = {element for element in held if last[element] > when}
