"""A tornado: how far each input moves a cell, the one that moves it most on top. Portable code."""

from __future__ import annotations

from ...analysis import Effect, Sensitivity, cell_unit, say_input
from ...presentation.words import cut
from ...sheet.sheet import TypedSheet
from ...units import format_number
from .drawing import (
    INK,
    PALETTE,
    QUIET,
    RULE,
    WIDTH,
    Drawing,
    Picture,
    Scale,
    legend,
    linear_ticks,
    shorten,
    text_width,
)
from .listing import quantities
from .writing import sign

_MOST = 16
_THICK, _PITCH = 15.0, 23.0
_LOWER, _HIGHER = PALETTE[2], PALETTE[0]


def draw_tornado(typed: TypedSheet, found: Sensitivity, called: str) -> Picture | None:
    """The effects that move the cell at all, as bars on both sides of its value. `called` is the cell in words."""
    shown = [effect for effect in found.effects if effect.swing > 0][:_MOST]
    if not shown:
        return None
    unit = cell_unit(typed, found)
    word = sign(unit.text) if unit is not None else ""

    def scaled(value: float | None) -> float:
        value = found.base if value is None else value
        return unit.from_base(value) if unit is not None else value

    base = scaled(found.base)
    bars = [(effect, scaled(effect.at_low), scaled(effect.at_high)) for effect in shown]
    ends = [base, *[end for _, low, high in bars for end in (low, high)]]
    ticks = linear_ticks(min(ends), max(ends), 6)
    name = cut(found.cell, 60)
    alt = (
        f"What moves {cut(called, 100)}, which is {format_number(base, 5)} {word}: "
        f"{shown[0].input.path} moves it most, by {format_number(scaled(shown[0].swing), 4)} {word}."
    )
    svg = _draw(typed, bars, base, ticks, word, alt)
    unit_text = f" ({unit.text})" if unit is not None and unit.text else ""
    table: list[tuple[str | float, ...]] = [
        ("input", f"{name} at the low end{unit_text}", f"{name} at the high end{unit_text}")
    ]
    for effect, low, high in bars:
        table.append((effect.input.path, low, high))
    code = f" ({name})" if called != found.cell else ""
    caption = f"What moves {cut(called, 100)}, input by input{code}"
    return Picture(svg, caption, alt, tuple(table))


def _draw(
    typed: TypedSheet, bars: list[tuple[Effect, float, float]], base: float, ticks: list[float], unit: str, alt: str
) -> str:
    names = [shorten(effect.input.path, 30) for effect, *_ in bars]
    ranges = [quantities(_ends(typed, effect)) for effect, *_ in bars]
    left = max(text_width(name) for name in names) + 12
    right = WIDTH - max(text_width(text, 9.5) for text in ranges) - 14
    top = 30.0
    bottom = top + _PITCH * len(bars)
    drawing = Drawing(bottom + 36)
    x = Scale(ticks[0], ticks[-1], left, right)
    for tick in ticks:
        drawing.line(x.at(tick), top, x.at(tick), bottom, RULE, 0.8)
        drawing.text(x.at(tick), bottom + 14, format_number(tick, 4), anchor="middle", fill=QUIET)
    for lower, colour in ((True, _LOWER), (False, _HIGHER)):
        boxes: list[tuple[float, float, float, float]] = []
        for i, (_, low, high) in enumerate(bars):
            a, b = sorted([x.at(base), x.at(low if lower else high)])
            boxes.append((a, top + i * _PITCH + (_PITCH - _THICK) / 2, b - a, _THICK))
        drawing.bars(boxes, colour)
    for i, (name, text) in enumerate(zip(names, ranges, strict=True)):
        middle = top + i * _PITCH + _PITCH / 2 + 3.5
        drawing.text(left - 8, middle, name, anchor="end")
        drawing.text(WIDTH, middle, text, anchor="end", fill=QUIET, size=9.5)
    drawing.line(x.at(base), top - 4, x.at(base), bottom, INK, 1)
    drawing.text(x.at(base), top - 8, f"{format_number(base, 5)} {unit}".strip(), anchor="middle", bold=True)
    drawing.text((left + right) / 2, bottom + 30, unit, anchor="middle", bold=True)
    legend(drawing, [("input lower", _LOWER), ("input higher", _HIGHER)], WIDTH, 12)
    return drawing.svg(alt)


def _ends(typed: TypedSheet, effect: Effect) -> str:
    """From where to where an input goes: `7.2 to 8.8 MiB`."""
    low, high = [say_input(typed, effect.input, end) for end in (effect.low, effect.high)]
    number, _, unit = low.partition(" ")
    return f"{number} to {high}" if unit and high.endswith(f" {unit}") else f"{low} to {high}"
