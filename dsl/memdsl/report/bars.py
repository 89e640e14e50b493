"""Bars: standing for many rows, lying with names for few, and counted (a histogram)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..units import DATA, Dimension, Unit, format_number, parse_unit
from .document import Figure, Html
from .drawing import (
    BAND,
    INK,
    PALETTE,
    QUIET,
    RULE,
    SIZE,
    WIDTH,
    Drawing,
    Scale,
    legend,
    linear_ticks,
    text_width,
    tick_text,
    value_axis,
)
from .numbers import common_unit, sign
from .words import cut_middle


@dataclass(frozen=True)
class Bars:
    """A name a bar, and series of one length each, in base units."""

    names: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True)
class Measure:
    """The unit of an axis, and what turns a value in base units into it."""

    unit: str
    of: Callable[[float], float]


def _colours(count: int) -> list[str]:
    return [PALETTE[i % len(PALETTE)] for i in range(count)]


def profile(bars: Bars, measure: Measure, stacked: bool, alt: str) -> Html:
    """One standing bar a row, with the stages of the network under them."""
    left, right, top, bottom = 46.0, WIDTH - 2, 28.0, 164.0
    drawing = Drawing(bottom + 20)
    series = [[measure.of(v) for v in values] for _, values in bars.series]
    heights = [sum(c) if stacked else max(c) for c in zip(*series, strict=True)]
    lows = [min(0.0, *c) for c in zip(*series, strict=True)]
    ticks = linear_ticks(min(lows), max(heights))
    y = Scale(ticks[0], ticks[-1], bottom, top)
    pitch = (right - left) / len(bars.names)
    _stages(drawing, bars.names, left, pitch, top, bottom)
    value_axis(drawing, y, ticks, left, right, measure.unit)
    colours = _colours(len(series))
    base = [0.0] * len(heights)
    inner = max(pitch * 0.86, pitch - 1.5) / (1 if stacked else len(series))
    for number, (values, colour) in enumerate(zip(series, colours, strict=True)):
        shift = left + pitch * 0.07 + (0 if stacked else number * inner)
        boxes = []
        for i, value in enumerate(values):
            a, b = y(base[i]), y(base[i] + value)
            boxes.append((shift + i * pitch, min(a, b), inner, abs(a - b)))
            if stacked:
                base[i] += value
        drawing.bars(boxes, colour)
    if len(series) > 1:
        legend(drawing, [(name, c) for (name, _), c in zip(bars.series, colours, strict=True)], right, 12)
    return drawing.svg(alt)


def _stages(drawing: Drawing, names: Sequence[str], left: float, pitch: float, top: float, bottom: float) -> None:
    """Bands under the bars of one stage (what stands before the first dot of a name), named where there is room."""
    groups: list[tuple[str, int, int]] = []
    for i, name in enumerate(names):
        stage = name.partition(".")[0].partition("[")[0]
        if groups and groups[-1][0] == stage:
            groups[-1] = (stage, groups[-1][1], i + 1)
        else:
            groups.append((stage, i, i + 1))
    taken = [-math.inf, -math.inf]
    for number, (stage, first, last) in enumerate(groups):
        x1, x2 = left + first * pitch, left + last * pitch
        if number % 2:
            drawing.bars([(x1, top, x2 - x1, bottom - top)], BAND)
        text = cut_middle(stage, 20)
        middle, half = (x1 + x2) / 2, text_width(text, 9.5) / 2
        middle = min(max(middle, half), WIDTH - half)
        line = next((k for k in (0, 1) if middle - half > taken[k] + 4), None)
        drawing.line(x1, bottom, x1, bottom + 4, INK, 0.7)
        if line is not None:
            taken[line] = middle + half
            drawing.height = max(drawing.height, bottom + 20 + 12 * line)
            drawing.text(middle, bottom + 14 + 12 * line, text, anchor="middle", fill=QUIET, size=9.5)


def ranked(bars: Bars, measure: Measure, stacked: bool, alt: str) -> Html:
    """A lying bar for each name, with its value at its end."""
    several = len(bars.series) > 1
    names = [cut_middle(name, 34) for name in bars.names]
    left = min(max(text_width(name) for name in names) + 10, 240.0)
    right, top = WIDTH - 66, 26.0 if several else 14.0
    each = 1 if stacked else len(bars.series)
    thick = 15.0 if each == 1 else 11.0
    pitch = thick * each + 8
    drawing = Drawing(top + pitch * len(names) + 16)
    series = [[measure.of(v) for v in values] for _, values in bars.series]
    heights = [sum(c) if stacked else max(c) for c in zip(*series, strict=True)]
    lows = [min(0.0, *c) for c in zip(*series, strict=True)]
    x = Scale(min(lows), max(max(heights), min(lows) + 1e-300), left, right)
    colours = _colours(len(series))
    base = [0.0] * len(names)
    for number, (values, colour) in enumerate(zip(series, colours, strict=True)):
        boxes = []
        for i, value in enumerate(values):
            a, b = x(base[i]), x(base[i] + value)
            line = top + i * pitch + 4 + (0 if stacked else number * thick)
            boxes.append((min(a, b), line, abs(b - a), thick - 1))
            if stacked:
                base[i] += value
            else:
                drawing.text(max(a, b) + 5, line + thick - 4.5, tick_text(value), fill=QUIET, size=9.5)
        drawing.bars(boxes, colour)
    for i, name in enumerate(names):
        middle = top + i * pitch + 4 + thick * each / 2
        drawing.text(left - 7, middle + 3.5, name, anchor="end")
        if stacked:
            drawing.text(x(heights[i]) + 5, middle + 3.5, tick_text(heights[i]), fill=QUIET, size=9.5)
    drawing.line(x(0), top, x(0), top + pitch * len(names), INK, 0.8)
    drawing.text(x(0) if min(lows) == 0 else left, drawing.height - 3, measure.unit, bold=True)
    if several:
        legend(drawing, [(name, c) for (name, _), c in zip(bars.series, colours, strict=True)], WIDTH - 2, 12)
    return drawing.svg(alt)


# ---- histogram ------------------------------------------------------------------------------------------------------


def histogram(values: Sequence[float], dimension: Dimension, unit: Unit | None, title: str) -> Figure:
    """How many rows have which size: by powers of two where sizes span them, else by even steps."""
    positive = [v for v in values if v > 0]
    spread = positive and min(values) >= 0 and max(positive) / min(positive) >= 8
    if unit is None and dimension == DATA and spread:
        unit = parse_unit(next((u for u in ("GiB", "MiB", "KiB") if parse_unit(u).from_base(max(positive)) >= 1), "B"))
    chosen = common_unit(values, dimension, unit)
    scaled = [chosen.from_base(v) if chosen else v for v in values]
    labels, counts = _powers(scaled) if spread else _steps(scaled)
    name = sign(chosen.text) if chosen else ""
    alt = f"Histogram of {title}: " + ", ".join(
        f"{count} at {label}{' ' + name if name else ''}" for label, count in zip(labels, counts, strict=True) if count
    )
    caption = f"How many rows have which {title}" + ("; sizes to the nearest power of two" if spread else "")
    return Figure(_counted(labels, counts, f"{title} ({name})" if name else title, alt), caption, alt)


def _powers(values: Sequence[float]) -> tuple[list[str], list[int]]:
    found = Counter(round(math.log2(v)) for v in values if v > 0)
    zeros = sum(1 for v in values if v == 0)
    exponents = range(min(found), max(found) + 1)
    labels = [format_number(2.0**e, 3) for e in exponents]
    counts = [found[e] for e in exponents]
    return (["0", *labels], [zeros, *counts]) if zeros else (labels, counts)


def _steps(values: Sequence[float]) -> tuple[list[str], list[int]]:
    ticks = linear_ticks(min(values), max(values), 12)
    last = len(ticks) - 2
    found = Counter(min(max(int((v - ticks[0]) / (ticks[1] - ticks[0])), 0), last) for v in values)
    return [f"{tick_text(a)}–{tick_text(b)}" for a, b in pairwise(ticks)], [found[i] for i in range(last + 1)]


def _counted(labels: Sequence[str], counts: Sequence[int], title: str, alt: str) -> Html:
    left, right, top, bottom = 46.0, WIDTH - 2, 26.0, 150.0
    drawing = Drawing(bottom + 36)
    ticks = [t for t in linear_ticks(0, max(max(counts), 1), 4) if t == int(t)]
    y = Scale(0, ticks[-1], bottom, top)
    value_axis(drawing, y, ticks, left, right, "rows")
    pitch = (right - left) / len(labels)
    thick = min(pitch * 0.8, 56.0)
    boxes, last = [], -math.inf
    for i, (label, count) in enumerate(zip(labels, counts, strict=True)):
        middle = left + (i + 0.5) * pitch
        boxes.append((middle - thick / 2, y(count), thick, bottom - y(count)))
        half = text_width(label) / 2
        if middle - half > last + 4:
            drawing.text(middle, bottom + 15, label, anchor="middle", fill=QUIET)
            last = middle + half
        if count and pitch > 14:
            drawing.text(middle, y(count) - 4, str(count), anchor="middle", size=SIZE - 1)
    drawing.bars(boxes, PALETTE[0])
    drawing.line(left, bottom, right, bottom, RULE if not counts else INK, 0.8)
    drawing.text((left + right) / 2, bottom + 31, title, anchor="middle", bold=True)
    return drawing.svg(alt)
