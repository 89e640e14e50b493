"""The look of the charts: ink, palette, scales, axes, written as SVG by hand. Portable code.

A plotting library would take longer to load and to draw three charts than the PDF writer needs for their pages; and the
few marks that a chart has are easier to keep light here: one path a series, text as text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from ...presentation.colours import SERIES
from ...units import format_number

WIDTH = 660.0
FONT = "Memdsl Condensed,DejaVu Sans Condensed,DejaVu Sans,Arial,sans-serif"
SIZE = 10.5

INK, QUIET, RULE, BAND, PAPER = "#1c2733", "#5c6975", "#d9dfe4", "#f4f6f8", "#ffffff"
# Told apart by people who see few colours, and by their lightness on a grey printer; neighbours differ most.
PALETTE = SERIES
MARK = "#b3261e"


def number(value: float) -> str:
    """A coordinate."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


_LEGEND_GAP, LEGEND_LINE = 14.0, 14.0
_NARROW, _WIDE = "ijltfrI.,:;'|!()[]· ", "mwMWGO%@"


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is in the condensed face."""
    return size * sum(0.27 if c in _NARROW else 0.74 if c in _WIDE else 0.52 for c in text)


# ---- scales ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """Where a value lies between `start` and `end`; logarithmic when `log`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        if self.high == self.low:
            return self.start
        if self.log:
            share = math.log(max(value, self.low * 1e-3) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def nice_step(span: float, count: int) -> float:
    """A step of 1, 2, 2.5 or 5 times a power of ten that divides a span into about `count` parts."""
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    return next((m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999), 10.0 * power)


def linear_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values from `low` to at least `high`."""
    if high <= low:
        high = low + 1
    step = nice_step(high - low, count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * i for i in range(first, last + 1)]


def log_ticks(low: float, high: float, binary: bool = False) -> list[float]:
    """Powers of two, or of ten with 2 and 5 between where there are few, inside a range."""
    if binary:
        first, last = math.ceil(math.log2(low) - 1e-9), math.floor(math.log2(high) + 1e-9)
        stride = max(1, math.ceil((last - first + 1) / 11))
        return [2.0**e for e in range(first, last + 1, stride)]
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    parts = (1.0,) if last - first > 3 else (1.0, 2.0, 5.0)
    stride = max(1, (last - first) // 8)
    every = [m * 10.0**e for e in range(first, last + 1, stride) for m in parts]
    return [t for t in every if low * (1 - 1e-9) <= t <= high * (1 + 1e-9)]


# ---- marks ----------------------------------------------------------------------------------------------------------


class Drawing:
    """Marks in the order in which they are painted."""

    def __init__(self, height: float, width: float = WIDTH) -> None:
        self.width = width
        self.height = height
        self.parts: list[str] = []

    def path(
        self,
        d: str,
        *,
        fill: str = "none",
        stroke: str = "none",
        width: float = 1,
        dash: str = "",
        round_: bool = False,
    ) -> None:
        if not d:
            return
        line = f' stroke="{stroke}" stroke-width="{number(width)}"' if stroke != "none" else ""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        joins = ' stroke-linejoin="round"' if round_ else ""
        self.parts.append(f'<path d="{d}" fill="{fill}"{line}{dashes}{joins}/>')

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str = RULE, width: float = 1, dash: str = ""
    ) -> None:
        self.path(f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}", stroke=stroke, width=width, dash=dash)

    def bars(self, boxes: Sequence[tuple[float, float, float, float]], fill: str) -> None:
        """Rectangles (x, y, width, height) of one colour, as one path."""
        self.path(
            "".join(f"M{number(x)} {y:.2f}h{w:.2f}v{h:.2f}h-{w:.2f}z" for x, y, w, h in boxes if h > 0.004 and w > 0),
            fill=fill,
        )

    def dot(self, x: float, y: float, radius: float, fill: str, stroke: str = PAPER) -> None:
        self.parts.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}" stroke="{stroke}"/>'
        )

    def diamond(self, x: float, y: float, radius: float, fill: str) -> None:
        r = number(radius * 1.25)
        self.path(f"M{number(x)} {number(y - radius * 1.25)}l{r} {r}l-{r} {r}l-{r} -{r}z", fill=fill, stroke=PAPER)

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", fill: str = INK, size: float = SIZE,
        bold: bool = False, turned: bool = False,
    ) -> None:  # fmt: skip
        at = f'x="{number(x)}" y="{number(y)}"'
        turn = f' transform="rotate(-90 {number(x)} {number(y)})"' if turned else ""
        weight = ' font-weight="600"' if bold else ""
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(
            f'<text {at}{place}{turn}{weight} font-size="{number(size)}" font-family="{FONT}" fill="{fill}">'
            f"{escape(text)}</text>"
        )

    def svg(self, alt: str) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {number(self.width)} '
            f'{number(self.height)}" width="{number(self.width)}" height="{number(self.height)}">'
            f"<title>{escape(alt)}</title>{''.join(self.parts)}</svg>"
        )


@dataclass(frozen=True)
class Spot:
    """A place of a drawing (left, top, width, height), and what it says."""

    box: tuple[float, float, float, float]
    text: str


@dataclass(frozen=True)
class Picture:
    """A chart: its drawing, caption, what it shows in words, and its data as lines of a table, the heading first.

    `spots` are the places that tell more under a pointer.
    """

    svg: str
    caption: str
    alt: str
    table: tuple[tuple[str | float, ...], ...]
    spots: tuple[Spot, ...] = ()


# ---- axes -----------------------------------------------------------------------------------------------------------


def tick_text(value: float) -> str:
    return format_number(value, 4)


def value_axis(drawing: Drawing, y: Scale, ticks: Sequence[float], left: float, right: float, title: str) -> None:
    """Quiet lines across, their values to the left, and the title with the unit above them."""
    for tick in ticks:
        at = y.at(tick)
        drawing.line(left, at, right, at, INK if tick == y.low and not y.log else RULE, 0.8)
        drawing.text(left - 6, at + 3.5, tick_text(tick), anchor="end", fill=QUIET)
    drawing.text(0, min(y.start, y.end) - 9, title, fill=INK, bold=True)


def input_axis(drawing: Drawing, x: Scale, ticks: Sequence[float], bottom: float, title: str) -> None:
    """Ticks under the plot, as many labels as find room, and the title under them."""
    drawing.line(x.start, bottom, x.end, bottom, INK, 0.8)
    last = -math.inf
    for tick in ticks:
        at, text = x.at(tick), tick_text(tick)
        drawing.line(at, bottom, at, bottom + 4, INK, 0.8)
        half = text_width(text) / 2
        if at - half > last + 5:
            drawing.text(at, bottom + 15, text, anchor="middle", fill=QUIET)
            last = at + half
    drawing.text((x.start + x.end) / 2, bottom + 31, title, anchor="middle", bold=True)


def legend(drawing: Drawing, entries: Sequence[tuple[str, str]], right: float, y: float) -> None:
    """Names and colours on lines that end at `right`, the first at `y`."""
    for number, row in enumerate(legend_rows([name for name, _ in entries], right)):
        line = [entry for entry, at in zip(entries, row, strict=True) if at]
        x = right - sum(_entry_width(name) for name, _ in line) + _LEGEND_GAP
        for name, colour in line:
            drawing.bars([(x, y + number * LEGEND_LINE - 8, 9, 9)], colour)
            drawing.text(x + 13, y + number * LEGEND_LINE, name, fill=INK)
            x += _entry_width(name)


def legend_rows(names: Sequence[str], right: float) -> list[list[bool]]:
    """Which names stand on each line of a legend."""
    rows: list[list[bool]] = [[False for _ in names]]
    used = 0.0
    for k in range(len(names)):
        wide = _entry_width(names[k])
        if used > 0 and used + wide - _LEGEND_GAP > right:
            rows.append([False for _ in names])
            used = 0.0
        rows[len(rows) - 1][k] = True
        used += wide
    return rows


def _entry_width(name: str) -> float:
    return text_width(name) + 30


def shorten(line: str, longest: int) -> str:
    """A name whose beginning and end both tell: `s4.resi…conv[2]`."""
    if len(line) <= longest:
        return line
    tail = (longest - 1) // 2
    return f"{line[: longest - 1 - tail]}…{line[len(line) - tail :]}"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if not names:
        return ""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# ---- places for labels ----------------------------------------------------------------------------------------------

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def label(
    drawing: Drawing, text: str, at: tuple[float, float], radius: float, frame: Box, taken: list[Box], size: float = 9.5
) -> bool:
    """Names a mark where the name covers nothing else; False where there is no such place."""
    a, b = at
    r = radius
    wide = text_width(text, size) + 2
    for dx, dy in (
        (r + 4, 4), (-r - 4, 4), (r + 4, 16), (r + 4, -8), (-r - 4, 16), (-r - 4, -8), (0, r + 14), (0, -r - 8),
        (0, r + 26), (r + 10, 28), (-r - 10, 28), (0, -r - 20), (r + 10, -22), (-r - 10, -22),
    ):  # fmt: skip
        left = a + dx if dx > 0 else a + dx - wide if dx < 0 else a - wide / 2
        box = (left, b + dy - 9, left + wide, b + dy + 2)
        inside = frame[0] <= box[0] and box[2] <= frame[2] and frame[1] <= box[1] and box[3] <= frame[3] - 2
        if inside and not any(overlap(box, other) for other in taken):
            taken.append(box)
            drawing.bars([(box[0], box[1], box[2] - box[0], box[3] - box[1])], PAPER)
            drawing.text(left + 1, b + dy, text, fill=QUIET, size=size)
            return True
    return False


def along(corners: Sequence[tuple[float, float]]) -> list[Box]:
    """Boxes along a line, close enough that a label cannot slip between."""
    found: list[Box] = []
    for (a, b), (c, d) in pairwise(corners):
        steps = max(1, int(math.hypot(c - a, d - b) / 4))
        for i in range(steps + 1):
            x, y = a + (c - a) * i / steps, b + (d - b) * i / steps
            found.append((x - 2, y - 2, x + 2, y + 2))
    return found


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """A path without the points that lie on a line between their neighbours."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if len(kept) > 1 and _on_line(kept[-2], kept[-1], point):
            kept[-1] = point
        else:
            kept.append(point)
    return "M" + "L".join(f"{number(a)} {number(b)}" for a, b in kept) if len(kept) > 1 else ""


def _on_line(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return abs((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])) < 1e-3
