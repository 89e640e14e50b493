"""What no order of a layer's products can move less than. Portable code.

Cut a run of the layer where each piece moves T bytes, a sum that begins counted as moved when it begins. A piece works
on what the buffer held before it and on what it moved, K + T bytes, and inputs, weights and sums of those sizes make at
most sqrt(reuse * inputs * weights * sums) products (Loomis and Whitney 1949; for convolutions Chen et al., HPCA 2020,
and Demmel and Dinh, PASC 2022: an input serves at most `reuse` = ceil(window / step) positions along each axis). So
there are at least products / F(K + T) pieces, and all but the last move T. An operand is no larger than it is, which
caps F.
"""

from __future__ import annotations

import math

from .tiling import Layer, outputs_of, touched, weights_of

_SEGMENTS = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0, 16.0, 32.0)
"""Bytes of a piece, in buffers: each gives a bound, the largest holds."""


def touched_bytes(layer: Layer) -> float:
    """Every input element that a window touches, every weight and every output, once."""
    return _touched_at_least(layer) * layer.act + weights_of(layer) * layer.wgt + outputs_of(layer) * layer.out


def _touched_at_least(layer: Layer) -> float:
    """Windows with gaps touch the rows of their first and of their last weight, and perhaps others."""
    if layer.spread > 1 or layer.taps == layer.window * layer.window_across:
        return touched(layer)
    rows = _of_ends(layer.rows, layer.window, layer.step, layer.pad, layer.size)
    across = _of_ends(layer.columns, layer.window_across, layer.step_across, layer.pad_across, layer.size_across)
    return layer.items * layer.groups * layer.channels * rows * across


def _of_ends(rows: float, window: float, step: float, pad: float, size: float) -> float:
    """Rows of the input that a first or a last weight of a window meets."""
    apart = (window - 1) / step
    if apart == math.floor(apart) and apart <= rows:
        return _met(rows + apart, step, pad, size)
    return _met(rows, step, pad, size) + _met(rows, step, pad - (window - 1), size)


def _met(rows: float, step: float, pad: float, size: float) -> float:
    """Of `rows` rows, each `step` behind the one before and the first at -`pad`, those of the input."""
    first = max(0.0, math.ceil(pad / step))
    return max(0.0, min(rows, math.ceil((size + pad) / step)) - first)


def least_traffic(layer: Layer, capacity: float) -> float:
    """Bytes that any order of the products moves at least, through `capacity` bytes. The sums count as outputs."""
    least = touched_bytes(layer)
    caps = [touched(layer) * layer.act, weights_of(layer) * layer.wgt, outputs_of(layer) * layer.out]
    if min(caps) <= 0 or capacity <= 0:
        return least
    products = layer.items * layer.rows * layer.columns * weights_of(layer) * _inside(layer)
    reuse = math.ceil(layer.window / layer.step) * math.ceil(layer.window_across / layer.step_across)
    each = layer.act * layer.wgt * layer.out
    for share in _SEGMENTS:
        moved = share * capacity
        most = math.sqrt(reuse * _largest(caps, capacity + moved) / each)
        least = max(least, moved * (math.ceil(products / most - 1e-9) - 1))
    return least


def _inside(layer: Layer) -> float:
    """The share of the products that do not fall into the padding; of dilated windows only whole ones are counted."""
    dense = layer.taps == layer.window * layer.window_across * layer.spread
    down = _real(dense, layer.rows, layer.window, layer.step, layer.pad, layer.size)
    across = _real(dense, layer.columns, layer.window_across, layer.step_across, layer.pad_across, layer.size_across)
    return down * across


def _real(dense: bool, rows: float, window: float, step: float, pad: float, size: float) -> float:
    below = (rows - 1) * step + window - pad - size
    outside = 0.0
    for beyond in (pad, below):
        if beyond > 0:
            windows = math.ceil(beyond / step)
            whole = max(0.0, min(windows, math.floor((beyond - window) / step) + 1.0)) if dense else windows
            parts = windows - whole
            outside = outside + whole * window + parts * beyond - step * parts * (whole + windows - 1) / 2
    return max(0.0, 1.0 - outside / (rows * window))


def _largest(caps: list[float], room: float) -> float:
    """The largest product of three sizes that add up to `room`, none above its cap."""
    product = 1.0
    left = 3
    for cap in sorted(caps):
        size = min(cap, room / left)
        product = product * size
        room = room - size
        left = left - 1
    return product
