"""Bars: standing for many rows, lying with names for few, and counted (a histogram). Portable code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...sheet.operations import Value
from ...units import fitting, format_number
from .drawing import (
    BAND,
    INK,
    PALETTE,
    QUIET,
    RULE,
    SIZE,
    WIDTH,
    Drawing,
    Picture,
    Scale,
    Spot,
    legend,
    linear_ticks,
    shorten,
    text_width,
    tick_text,
    value_axis,
)
from .writing import Form, Measure, axis_measure, plain, sizes, value_text

_FEW = 24
"""Up to so many bars lie, each with its name beside it; more stand without."""
_MOST_BARS = 200


@dataclass(frozen=True)
class BarsAsk:
    """Series of one value a row. With `masks`, the values of a series count where its mask is set, and the last list
    of values is the whole, whose rest is the last series. With `grouped`, the last list of values says which bar a row
    belongs to. With `cells`, values come one by one, series after series. With `counted`, the first list of values is
    how many rows each row stands for; where it `adds` up, its values count as often. With `ground`, the first series
    only carries the others; of these the first are totals, the second fall away, the third are added.
    """

    names: tuple[str, ...]
    series: tuple[str, ...]
    form: Form
    stacked: bool
    what: str
    code: str
    masks: tuple[tuple[bool, ...], ...] = ()
    grouped: bool = False
    cells: bool = False
    counted: bool = False
    adds: bool = True
    keys: Form = Form("text")  # noqa: RUF009 - a frozen record
    ground: bool = False


_STANDING = (46.0, WIDTH - 2, 26.0, 150.0)
"""Left, right, top and bottom of the field of standing bars."""
_LINE_END = "\n"


@dataclass(frozen=True)
class Bars:
    """A name a bar, and series of one length each, in base units."""

    names: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


def draw_bars(ask: BarsAsk, values: Sequence[Sequence[Value | None]]) -> Picture:
    copies = sizes(values[0]) if ask.counted else [1.0 for _ in ask.names]
    given = values[1:] if ask.counted else values
    bars = _cells(ask, given) if ask.cells else _masked(ask, given) if ask.masks else _series(ask, given)
    if ask.adds:
        bars = _times(bars, copies)
    if ask.grouped:
        bars = _grouped(bars, [plain(ask.keys, key) for key in given[-1]])
        copies = [1.0 for _ in bars.names]
    table = _table(bars, ask, copies)
    shown, each = _thinned(Bars(counted_names(bars.names, copies), bars.series))
    heights = _heights(shown, ask.stacked)
    unit = axis_measure(max(heights, default=0.0), ask.form.units)
    total = sum(sum(numbers) for _, numbers in bars.series)
    top = max(range(len(bars.names)), key=lambda i: sum(numbers[i] for _, numbers in bars.series), default=0)
    largest = sum(numbers[top] for _, numbers in bars.series) if bars.names else 0.0
    together = f", {value_text(ask.form, total)} together" if ask.adds else ""
    alt = (
        f"Bars of {ask.what}: {len(bars.names)} bars{together}; the largest is "
        f"{bars.names[top] if bars.names else ''} with {value_text(ask.form, largest)}."
    )
    note = f"; each bar adds up {each} rows" if each > 1 else ""
    code = f" ({ask.code})" if ask.code != ask.what else ""
    few = len(shown.names) <= _FEW
    svg = ranked(shown, unit, ask.stacked, alt, ask.ground) if few else profile(shown, unit, ask.stacked, alt)
    places = lying_boxes(shown, ask.stacked) if few else standing_boxes(shown)
    spots = tuple(Spot(places[i], _told(shown, i, ask)) for i in range(len(shown.names)))
    return Picture(svg, f"{ask.what}{note}{code}", alt, table, spots)


def _told(bars: Bars, row: int, ask: BarsAsk) -> str:
    """What a bar says under a pointer: the row, its values, and their sum where they stand on each other."""
    seen = bars.series[1:] if ask.ground else bars.series
    several = len(seen) > 1
    told: list[str] = []
    for title, numbers in seen:
        text = value_text(ask.form, numbers[row])
        told.append(f"{title}: {text}" if several else text)
    total = sum([numbers[row] for _, numbers in seen])
    together = f"\n{value_text(ask.form, total)} together" if several and ask.stacked and not ask.ground else ""
    return f"{bars.names[row]}\n{_LINE_END.join(told)}{together}"


def counted_names(names: Sequence[str], copies: Sequence[float]) -> tuple[str, ...]:
    """The names of rows, with how many each stands for where they are several: `10 × two.dense`."""
    return tuple(name if count == 1 else f"{format_number(count)} × {name}" for name, count in zip(names, copies))  # noqa: B905


def _times(bars: Bars, copies: Sequence[float]) -> Bars:
    """Every value as often as its row stands for."""
    series = tuple(
        (title, tuple(numbers[i] * copies[i] for i in range(len(numbers)))) for title, numbers in bars.series
    )
    return Bars(bars.names, series)


def _series(ask: BarsAsk, values: Sequence[Sequence[Value | None]]) -> Bars:
    return Bars(ask.names, tuple((name, tuple(sizes(numbers))) for name, numbers in zip(ask.series, values)))  # noqa: B905


def _cells(ask: BarsAsk, values: Sequence[Value | Sequence[Value | None] | None]) -> Bars:
    count = len(ask.names)
    numbers = sizes(values)  # type: ignore[arg-type]
    return Bars(
        ask.names,
        tuple((ask.series[k], tuple(numbers[k * count : (k + 1) * count])) for k in range(len(ask.series))),
    )


def _masked(ask: BarsAsk, values: Sequence[Sequence[Value | None]]) -> Bars:
    """A sum taken apart: its terms where a row has them, and what the other rows have."""
    made: list[tuple[str, tuple[float, ...]]] = []
    for k in range(len(ask.masks)):
        numbers = sizes(values[k])
        mask = ask.masks[k]
        made.append((ask.series[k], tuple(numbers[i] if mask[i] else 0.0 for i in range(len(numbers)))))
    return Bars(ask.names, tuple(made))


def _grouped(bars: Bars, keys: Sequence[str]) -> Bars:
    """Rows added up by the value that they have in a column (`kind`, `bound`)."""
    names: list[str] = []
    for key in keys:
        if key not in names:
            names.append(key)
    return Bars(
        tuple(names),
        tuple(
            (title, tuple(sum([v for v, k in zip(numbers, keys, strict=True) if k == name]) for name in names))
            for title, numbers in bars.series
        ),
    )


def _thinned(bars: Bars) -> tuple[Bars, int]:
    """Neighbours added up where there are more rows than a page has room for."""
    count = len(bars.names)
    each = max(1, math.ceil(count / _MOST_BARS))
    if each == 1:
        return bars, 1
    starts = list(range(0, count, each))
    names = tuple(bars.names[i] for i in starts)
    series = tuple((name, tuple(sum(numbers[i : i + each]) for i in starts)) for name, numbers in bars.series)
    return Bars(names, series), each


def _heights(bars: Bars, stacked: bool) -> list[float]:
    found: list[float] = []
    for i in range(len(bars.names)):
        column = [numbers[i] for _, numbers in bars.series]
        found.append(sum(column) if stacked else max(column))
    return found


def _lows(bars: Bars) -> list[float]:
    return [min(0.0, *[numbers[i] for _, numbers in bars.series]) for i in range(len(bars.names))]


def _table(bars: Bars, ask: BarsAsk, copies: Sequence[float]) -> tuple[tuple[str | float, ...], ...]:
    """The data: of a row that stands for several, what they have together."""
    base = base_text(ask.form)
    several = any(count != 1 for count in copies)
    heading: list[str | float] = ["name", "copies"] if several else ["name"]
    for title, _ in bars.series:
        heading.append(f"{title or ask.what}{base}")
    lines: list[tuple[str | float, ...]] = [tuple(heading)]
    for i in range(len(bars.names)):
        line: list[str | float] = [bars.names[i], copies[i]] if several else [bars.names[i]]
        for _, numbers in bars.series:
            line.append(numbers[i])
        lines.append(tuple(line))
    return tuple(lines)


def base_text(form: Form) -> str:
    """The base unit of values, for the heading of a table of data: ` (B)`."""
    return f" ({form.base})" if form.base else ""


def _in_unit(bars: Bars, unit: Measure) -> Bars:
    return Bars(bars.names, tuple((name, tuple(unit.from_base(v) for v in numbers)) for name, numbers in bars.series))


def _colour(k: int) -> str:
    return PALETTE[k % len(PALETTE)]


def _named(bars: Bars) -> list[tuple[str, str]]:
    return [(bars.series[k][0], _colour(k)) for k in range(len(bars.series))]


def profile(base_bars: Bars, unit: Measure, stacked: bool, alt: str) -> str:
    """One standing bar a row, with the stages of the network under them."""
    left, right, top, bottom = _STANDING
    drawing = Drawing(bottom + 20)
    bars = _in_unit(base_bars, unit)
    ticks = linear_ticks(min(_lows(bars), default=0.0), max(_heights(bars, stacked), default=0.0))
    y = Scale(ticks[0], ticks[-1], bottom, top)
    pitch = (right - left) / max(len(bars.names), 1)
    _stages(drawing, bars.names, left, pitch, top, bottom)
    value_axis(drawing, y, ticks, left, right, unit.text)
    base = [0.0 for _ in bars.names]
    inner = max(pitch * 0.86, pitch - 1.5) / (1 if stacked else len(bars.series))
    for k in range(len(bars.series)):
        numbers = bars.series[k][1]
        shift = left + pitch * 0.07 + (0 if stacked else k * inner)
        boxes: list[tuple[float, float, float, float]] = []
        for i in range(len(numbers)):
            a, b = y.at(base[i]), y.at(base[i] + numbers[i])
            boxes.append((shift + i * pitch, min(a, b), inner, abs(a - b)))
            if stacked:
                base[i] += numbers[i]
        drawing.bars(boxes, _colour(k))
    if len(bars.series) > 1:
        legend(drawing, _named(bars), right, 12)
    return drawing.svg(alt)


def standing_boxes(bars: Bars) -> list[tuple[float, float, float, float]]:
    """The column of each bar of `profile`."""
    left, right, top, bottom = _STANDING
    pitch = (right - left) / max(len(bars.names), 1)
    return [(left + i * pitch, top, pitch, bottom - top) for i in range(len(bars.names))]


def lying_boxes(bars: Bars, stacked: bool) -> list[tuple[float, float, float, float]]:
    """The line of each bar of `ranked`."""
    top, thick, each = _lying(bars, stacked)
    pitch = thick * each + 8
    return [(0.0, top + i * pitch, WIDTH, pitch) for i in range(len(bars.names))]


def _lying(bars: Bars, stacked: bool) -> tuple[float, float, int]:
    """Where the bars of `ranked` begin, how thick one is, and how many stand under each other for a name."""
    each = 1 if stacked else len(bars.series)
    return 26.0 if len(bars.series) > 1 else 14.0, 15.0 if each == 1 else 11.0, each


def _stages(drawing: Drawing, names: Sequence[str], left: float, pitch: float, top: float, bottom: float) -> None:
    """Bands under the bars of one stage (what stands before the first dot of a name), named where there is room."""
    groups: list[tuple[str, int, int]] = []
    for i in range(len(names)):
        stage = names[i].partition(".")[0].partition("[")[0]
        if groups and groups[-1][0] == stage:
            groups[-1] = (stage, groups[-1][1], i + 1)
        else:
            groups.append((stage, i, i + 1))
    taken = [-math.inf, -math.inf]
    for k in range(len(groups)):
        stage, first, last = groups[k]
        x1, x2 = left + first * pitch, left + last * pitch
        if k % 2 == 1:
            drawing.bars([(x1, top, x2 - x1, bottom - top)], BAND)
        text = shorten(stage, 20)
        half = text_width(text, 9.5) / 2
        middle = min(max((x1 + x2) / 2, half), WIDTH - half)
        drawing.line(x1, bottom, x1, bottom + 4, INK, 0.7)
        for line in (0, 1):
            if middle - half > taken[line] + 4:
                taken[line] = middle + half
                drawing.height = max(drawing.height, bottom + 20 + 12 * line)
                drawing.text(middle, bottom + 14 + 12 * line, text, anchor="middle", fill=QUIET, size=9.5)
                break


def ranked(base_bars: Bars, unit: Measure, stacked: bool, alt: str, ground: bool) -> str:
    """A lying bar for each name, with its value at its end."""
    bars = _in_unit(base_bars, unit)
    several = len(bars.series) > 1
    names = [shorten(name, 34) for name in bars.names]
    left = min(max([text_width(name) for name in names], default=0.0) + 10, 240.0)
    right = WIDTH - 66
    top, thick, each = _lying(bars, stacked)
    pitch = thick * each + 8
    drawing = Drawing(top + pitch * len(names) + 16)
    heights = _heights(bars, stacked)
    low = min(_lows(bars), default=0.0)
    x = Scale(low, max(max(heights, default=0.0), low + 1e-300), left, right)
    base = [0.0 for _ in names]
    for k in range(len(bars.series)):
        numbers = bars.series[k][1]
        boxes: list[tuple[float, float, float, float]] = []
        for i in range(len(numbers)):
            a, b = x.at(base[i]), x.at(base[i] + numbers[i])
            line = top + i * pitch + 4 + (0 if stacked else k * thick)
            boxes.append((min(a, b), line, abs(b - a), thick - 1))
            if stacked:
                base[i] += numbers[i]
            else:
                drawing.text(max(a, b) + 5, line + thick / 2 + 2.9, tick_text(numbers[i]), fill=QUIET, size=9.5)
        if not ground or k > 0:
            drawing.bars(boxes, _colour(k - 1 if ground else k))
    for i in range(len(names)):
        middle = top + i * pitch + 4 + thick * each / 2
        drawing.text(left - 7, middle + 3.5, names[i], anchor="end")
        if stacked:
            number = heights[i]
            if ground:
                number = bars.series[1][1][i] + bars.series[3][1][i] - bars.series[2][1][i]
            drawing.text(x.at(heights[i]) + 5, middle + 3.5, tick_text(number), fill=QUIET, size=9.5)
    drawing.line(x.at(0), top, x.at(0), top + pitch * len(names), INK, 0.8)
    drawing.text(x.at(0) if low == 0 else left, drawing.height - 3, unit.text, bold=True)
    if several:
        named = _named(Bars(bars.names, bars.series[1:])) if ground else _named(bars)
        legend(drawing, named, WIDTH - 2, 12)
    return drawing.svg(alt)


# ---- histogram ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HistogramAsk:
    """`binary` are the units for sizes that span powers of two, empty where an author chose one or nothing fits.

    With `counted`, the first list of values is how many rows each row stands for.
    """

    title: str
    code: str
    form: Form
    binary: tuple[Measure, ...] = ()
    counted: bool = False


def draw_histogram(ask: HistogramAsk, values: Sequence[Sequence[Value | None]]) -> Picture:
    """How many rows have which size: by powers of two where sizes span them, else by even steps."""
    given = values[-1]
    copies = sizes(values[0]) if ask.counted else [1.0 for _ in given]
    kept = [i for i in range(len(given)) if _is_number(given[i])]
    numbers = sizes([given[i] for i in kept])
    times = [copies[i] for i in kept]
    positive = [v for v in numbers if v > 0]
    spread = len(positive) > 0 and min(numbers) >= 0 and max(positive) / min(positive) >= 8
    units = ask.binary if spread and ask.binary else ask.form.units
    unit = fitting(max([abs(v) for v in numbers], default=0.0), units)
    scaled = [unit.from_base(v) for v in numbers]
    labels, counts = _powers(scaled, times) if spread else _steps(scaled, times)
    several = ", ".join(
        f"{format_number(count)} at {label}{' ' + unit.text if unit.text else ''}"
        for label, count in zip(labels, counts, strict=True)
        if count > 0
    )
    code = f" ({ask.code})" if ask.code != ask.title else ""
    caption = f"How many rows have which size of “{ask.title}”{'; to the nearest power of two' if spread else ''}{code}"
    alt = f"Histogram of {ask.title}: {several}"
    titled = f"{ask.title} ({unit.text})" if unit.text else ask.title
    table: list[tuple[str | float, ...]] = [(titled, "rows")]
    for label, count in zip(labels, counts, strict=True):
        table.append((label, count))
    return Picture(_counted(labels, counts, titled, alt), caption, alt, tuple(table))


def _is_number(value: Value | None) -> bool:
    return value is not None and not isinstance(value, (bool, str)) and not math.isnan(value)


def _powers(values: Sequence[float], times: Sequence[float]) -> tuple[list[str], list[float]]:
    powers = [math.floor(math.log2(v) + 0.5) if v > 0 else 0 for v in values]
    counted = [i for i in range(len(values)) if values[i] > 0]
    zeros = sum([times[i] for i in range(len(values)) if values[i] == 0])
    exponents = range(min([powers[i] for i in counted]), max([powers[i] for i in counted]) + 1)
    labels = [format_number(2.0**e, 3) for e in exponents]
    counts = [sum([times[i] for i in counted if powers[i] == e]) for e in exponents]
    if zeros > 0:
        return ["0", *labels], [zeros, *counts]
    return labels, counts


def _steps(values: Sequence[float], times: Sequence[float]) -> tuple[list[str], list[float]]:
    ticks = linear_ticks(min(values, default=0.0), max(values, default=1.0), 12)
    last = len(ticks) - 2
    places = [min(max(int((v - ticks[0]) / (ticks[1] - ticks[0])), 0), last) for v in values]
    labels = [f"{tick_text(a)}–{tick_text(b)}" for a, b in pairwise(ticks)]
    return labels, [sum([times[k] for k in range(len(places)) if places[k] == i]) for i in range(last + 1)]


def _counted(labels: Sequence[str], counts: Sequence[float], title: str, alt: str) -> str:
    left, right, top, bottom = 46.0, WIDTH - 2, 26.0, 150.0
    drawing = Drawing(bottom + 36)
    ticks = [t for t in linear_ticks(0, max(max(counts, default=1), 1), 4) if t == int(t)]
    y = Scale(0, ticks[-1], bottom, top)
    value_axis(drawing, y, ticks, left, right, "rows")
    pitch = (right - left) / max(len(labels), 1)
    thick = min(pitch * 0.8, 56.0)
    boxes: list[tuple[float, float, float, float]] = []
    last = -math.inf
    for i in range(len(labels)):
        middle = left + (i + 0.5) * pitch
        boxes.append((middle - thick / 2, y.at(counts[i]), thick, bottom - y.at(counts[i])))
        half = text_width(labels[i]) / 2
        if middle - half > last + 4:
            drawing.text(middle, bottom + 15, labels[i], anchor="middle", fill=QUIET)
            last = middle + half
        if counts[i] > 0 and pitch > 14:
            drawing.text(middle, y.at(counts[i]) - 4, format_number(counts[i]), anchor="middle", size=SIZE - 1)
    drawing.bars(boxes, PALETTE[0])
    drawing.line(left, bottom, right, bottom, RULE if not counts else INK, 0.8)
    drawing.text((left + right) / 2, bottom + 31, title, anchor="middle", bold=True)
    return drawing.svg(alt)
