"""The tiling of one layer through one buffer that moves the fewest bytes. Portable code.

A tiling says how many items, rows, columns, filters and channels are in work, and what stays in the buffer meanwhile:

- `outputs`: sums of a tile stay, channels stream by, one at a time, and with them the weights of one filter
- `inputs`: a tile of the input stays, with all or some of its channels, while filters stream by one at a time
- `weights`: the weights of some filters and channels stay, while positions stream by: down a strip of columns, or along
  a strip of rows, through a line buffer of the window's rows less its step

The last size of each is the most that fits; of items, rows and columns only those matter that change a number of tiles:
about sqrt(rows) * sqrt(columns) pairs, most of which a bound on what they can cost puts aside.
"""

from __future__ import annotations

import math

from ..records import record

STAYS = ["outputs", "inputs", "weights down", "weights along"]
"""What stays, as the tilings here name it: weights stay while positions stream down columns or along rows."""

_BEYOND = 1e8

_MOST_CUTS = 64
"""Rows of padding, at either end, of which each way to cut is tried."""


@record
class Layer:
    """A layer as a loop nest: `items` x `groups` x (rows x columns) x filters x channels x window.

    Filters and channels are those of a group. `window`, `step`, `pad` and `size` are of the input's rows, `*_across` of
    its columns. `taps` are the weights of one filter for one channel, `spread` the outputs of one position (1, but for
    transposed convolutions). Bytes are those of one element: input, weight, output, partial sum; an operand of 0 B is
    on the chip already. `twice` counts what streams twice, so that the next tile is loaded meanwhile.
    """

    items: float
    groups: float
    filters: float
    channels: float
    rows: float
    columns: float
    window: float
    step: float
    pad: float
    size: float
    window_across: float
    step_across: float
    pad_across: float
    size_across: float
    taps: float
    spread: float
    act: float
    wgt: float
    out: float
    sums: float
    twice: float


@record
class Tiling:
    """Sizes in work, and the bytes moved; `stays` is a place in STAYS, -1 when the buffer is too small for any."""

    bytes: float
    stays: float
    items: float
    rows: float
    columns: float
    filters: float
    channels: float


def parts_of(size: float) -> list[float]:
    """The sizes of tiles that matter: the least for each number of tiles that there can be, the largest first.

    Of a size beyond all layers the numbers of tiles are told apart to 0.1 %, so that the search ends.
    """
    found: list[float] = []
    count = 1.0
    tile = float(size)
    finer = 1.0 if size < _BEYOND else 1.001
    while True:
        found.append(tile)
        if tile <= 1:
            return found
        count = float(math.ceil(max(size / (tile - 1), count * finer)))
        tile = float(math.ceil(size / count))


def strips_of(rows: float, window: float, step: float, pad: float, size: float) -> list[float]:
    """The strips of rows that matter, the largest first: those of `parts_of`, and those that cut within the padding.

    A cut costs `window - step` rows, fetched on both sides; less where some of them are padding.
    """
    found = parts_of(rows)
    if window <= step:
        return found
    before = min(rows, _MOST_CUTS, math.ceil(pad / step))
    behind = min(rows, _MOST_CUTS, math.ceil(((rows - 1) * step + window - pad - size) / step))
    more = [float(cut) for cut in range(1, int(max(before, behind)))]
    for left in range(1, int(behind)):  # the last cut leaves so many rows, which end in the padding
        most = int(rows) - left
        for count in range(2, int(math.sqrt(most)) + 1):
            if most % count == 0:
                more.append(float(count))
                more.append(float(most // count))
        more.append(float(most))
    for strip in more:
        if strip not in found:
            found.append(strip)
    return sorted(found, key=lambda strip: -strip)


def _above_zero(start: float, step: float, count: float) -> float:
    """The sum of what `count` numbers that grow by `step` are above zero."""
    below = min(count, max(0.0, float(math.ceil(-start / step))))
    return (count - below) * start + step * (count * (count - 1) - below * (below - 1)) / 2


def within(start: float, step: float, count: float, size: float) -> float:
    """The sum of `count` places, the first at `start` and each `step` further, each put between 0 and `size`."""
    return _above_zero(start, step, count) - _above_zero(start - size, step, count)


def fetched(rows: float, tile: float, window: float, step: float, pad: float, size: float) -> float:
    """Rows of the input that tiles of `tile` output rows fetch, those that tiles share again, none of the padding.

    A tile reads the rows from where it starts to where its last window ends, each place put between 0 and `size`.
    Windows no longer than their step leave the rows between them out.
    """
    strip = tile if window > step else 1.0
    count = float(math.ceil(rows / strip))
    end = (strip - 1) * step + window - pad
    last = (rows - 1) * step + window - pad
    ends = within(end, strip * step, count - 1, size)
    return ends + min(size, max(0.0, last)) - within(-pad, strip * step, count, size)


def span(tile: float, window: float, step: float, size: float) -> float:
    """Rows of the input in the buffer behind `tile` output rows."""
    return min(size, (tile - 1) * step + window if window > step else tile * window)


def room_for(room: float, each: float) -> float:
    """How many fit."""
    if room < 0:
        return 0.0
    return math.inf if each == 0 else float(math.floor(room / each))


def touched(layer: Layer) -> float:
    """Input elements that windows touch, of all items."""
    rows = fetched(layer.rows, layer.rows, layer.window, layer.step, layer.pad, layer.size)
    across = fetched(
        layer.columns, layer.columns, layer.window_across, layer.step_across, layer.pad_across, layer.size_across
    )
    return layer.items * layer.groups * layer.channels * rows * across


def weights_of(layer: Layer) -> float:
    return layer.groups * layer.filters * layer.channels * layer.taps


def outputs_of(layer: Layer) -> float:
    return layer.items * layer.groups * layer.filters * layer.rows * layer.columns * layer.spread


def line_down(layer: Layer, columns: float) -> float:
    """Elements of one channel that wait while positions stream down a strip of columns."""
    kept = max(0.0, layer.window - layer.step)
    wide = span(columns, layer.window_across, layer.step_across, layer.size_across)
    return kept * wide + min(layer.window, max(1.0, layer.step)) * layer.window_across


def line_along(layer: Layer, rows: float) -> float:
    """Elements of one channel that wait while positions stream along a strip of rows."""
    kept = max(0.0, layer.window_across - layer.step_across)
    high = span(rows, layer.window, layer.step, layer.size)
    return kept * high + min(layer.window_across, max(1.0, layer.step_across)) * layer.window


def best_tiling(layer: Layer, capacity: float) -> Tiling:
    """The tiling of the fewest bytes; `stays` is -1 when `capacity` bytes hold none."""
    best = Tiling(math.inf, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    if capacity < smallest_buffer(layer):
        return best
    window, step, pad, size = layer.window, layer.step, layer.pad, layer.size
    wide, stride, side, width = layer.window_across, layer.step_across, layer.pad_across, layer.size_across
    rows = strips_of(layer.rows, window, step, pad, size)
    columns = strips_of(layer.columns, wide, stride, side, width)
    whole = fetched(layer.rows, layer.rows, window, step, pad, size)
    whole_across = fetched(layer.columns, layer.columns, wide, stride, side, width)
    down = [fetched(layer.rows, p, window, step, pad, size) / max(1.0, whole) for p in rows]
    along = [fetched(layer.columns, q, wide, stride, side, width) / max(1.0, whole_across) for q in columns]
    # The fewest fetches from each strip on: a strip that cuts within the padding may fetch less than a larger one.
    least_down, least_along = _least_from(down), _least_from(along)
    high = [span(p, window, step, size) for p in rows]
    across = [span(q, wide, stride, width) for q in columns]
    inputs = touched(layer) * layer.act
    weights = weights_of(layer) * layer.wgt
    outputs = outputs_of(layer) * layer.out
    again = 2 * outputs_of(layer) * layer.sums
    taps = layer.taps * layer.wgt
    least = inputs + weights + outputs
    # Weights stay: they are fetched once, and so is the input if all filters stay.
    for way in (2.0, 3.0):
        strips = columns if way == 2 else rows
        kept = layer.window - layer.step if way == 2 else layer.window_across - layer.step_across
        if kept <= 0:  # no strip takes less room than the widest
            strips = strips[:1]
        halos = along if way == 2 else down
        least_halos = least_along if way == 2 else least_down
        for k in range(len(strips)):
            strip = strips[k]
            if inputs * least_halos[k] + weights + outputs >= best.bytes:
                break
            line = (line_down(layer, strip) if way == 2 else line_along(layer, strip)) * layer.act * layer.twice
            for filters in parts_of(layer.filters):
                sets = math.ceil(layer.filters / filters)
                if inputs * halos[k] * sets + weights + outputs >= best.bytes:
                    break
                channels = min(layer.channels, room_for(capacity - layer.spread * layer.sums, line + filters * taps))
                if channels < 1:
                    continue
                moved = (
                    inputs * halos[k] * sets + weights + outputs + again * (math.ceil(layer.channels / channels) - 1)
                )
                if moved < best.bytes:
                    p, q = (1.0, strip) if way == 2 else (strip, 1.0)
                    best = Tiling(moved, way, 1.0, p, q, filters, channels)
    # Outputs or inputs stay: the weights are fetched for each tile of positions.
    for items in parts_of(layer.items):
        lots = math.ceil(layer.items / items)
        if inputs + weights * lots + outputs >= best.bytes:
            break
        for a in range(len(rows)):
            tiles = lots * math.ceil(layer.rows / rows[a])
            if inputs + weights * tiles + outputs >= best.bytes:
                break
            for b in range(len(columns)):
                fetches = weights * tiles * math.ceil(layer.columns / columns[b])
                halo = min(down[a], along[b])
                if inputs * min(down[a], least_along[b]) + fetches + outputs >= best.bytes:
                    break
                image = items * high[a] * across[b] * layer.act
                sums = items * rows[a] * columns[b] * layer.spread * layer.sums
                filters = min(layer.filters, room_for(capacity - (image + taps) * layer.twice, sums))
                if filters >= 1:
                    moved = inputs * down[a] * along[b] * math.ceil(layer.filters / filters) + fetches + outputs
                    if moved < best.bytes:
                        best = Tiling(moved, 0.0, items, rows[a], columns[b], filters, 1.0)
                channels = min(layer.channels, room_for(capacity - (taps + sums) * layer.twice, image))
                if channels >= 1:
                    moved = inputs * halo + fetches + outputs + again * (math.ceil(layer.channels / channels) - 1)
                    if moved < best.bytes:
                        best = Tiling(moved, 1.0, items, rows[a], columns[b], 1.0, channels)
                if best.bytes <= least:
                    return best
    return best


def _least_from(numbers: list[float]) -> list[float]:
    """The least of each number and those behind it."""
    found = [*numbers]
    for k in reversed(range(len(found) - 1)):
        found[k] = min(found[k], found[k + 1])
    return found


def smallest_buffer(layer: Layer) -> float:
    """Bytes below which no tiling fits: one position of one channel for one filter."""
    taps = layer.taps * layer.wgt
    sums = layer.spread * layer.sums
    image = span(1.0, layer.window, layer.step, layer.size) * layer.act
    image = image * span(1.0, layer.window_across, layer.step_across, layer.size_across)
    line = min(line_down(layer, 1.0), line_along(layer, 1.0)) * layer.act * layer.twice
    return min(line + taps + sums, image + (taps + sums) * layer.twice, sums + (image + taps) * layer.twice)
