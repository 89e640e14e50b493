"""What is modelled against what was measured, on one logarithmic scale both ways. Portable code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...sheet.operations import Value
from ...units import fitting, format_number
from .drawing import (
    INK,
    PALETTE,
    PAPER,
    QUIET,
    RULE,
    WIDTH,
    Box,
    Drawing,
    Picture,
    Scale,
    along,
    input_axis,
    label,
    log_ticks,
    shorten,
    tick_text,
)
from .writing import Form, plain, sizes

_SIDE = 280.0
_OFF = 2.0
_WORST = 3
_COLOURS = (0, 1, 3, 5, 2, 4, 6)
"""The palette, its light colours last: dots are small."""


@dataclass(frozen=True)
class AgreementAsk:
    """The rows of a table by name; values are its modelled and its measured column, and, `by` a name, keys of rows.

    `held` are the rows that a fit did not see.
    """

    table: str
    names: tuple[str, ...]
    modelled: str
    measured: str
    form: Form
    held: tuple[bool, ...]
    by: str
    keys: Form


@dataclass(frozen=True)
class Sample:
    """A row with both values above 0, in base units, its key and its relative error."""

    name: str
    modelled: float
    measured: float
    key: str
    held: bool

    @property
    def error(self) -> float:
        return abs(self.modelled / self.measured - 1)


def draw_agreement(ask: AgreementAsk, values: Sequence[Sequence[Value | None]]) -> Picture:
    modelled, measured = sizes(values[0]), sizes(values[1])
    keys = [plain(ask.keys, value) for value in values[2]] if ask.by else ["" for _ in ask.names]
    samples = [
        Sample(ask.names[i], modelled[i], measured[i], keys[i], ask.held[i])
        for i in range(len(ask.names))
        if modelled[i] > 0 and measured[i] > 0
    ]
    if not samples:
        said = f"{ask.modelled} against {ask.measured}: no row has both"
        return Picture(Drawing(20).svg(said), said, said, (("name",),))
    classes = classes_of(ask, samples)
    every = classes[0]
    said = f"relative error {said_error(every.median)} in the median, {said_error(every.p90)} at the 90th percentile"
    alt = f"{ask.modelled} against {ask.measured} of {len(samples)} rows: {said}."
    for found in classes[1:]:
        alt += f" {found.name}: {found.count} rows, {said_error(found.median)} and {said_error(found.p90)}."
    caption = f"{ask.modelled} against {ask.measured}: {said}"
    if any(sample.held for sample in samples):
        caption += "; hollow points were held out of the fit"
    table: list[tuple[str | float, ...]] = [
        (
            "name",
            f"{ask.measured} ({ask.form.base})",
            f"{ask.modelled} ({ask.form.base})",
            "relative error",
            "held out",
            ask.by,
        )
    ]
    for s in samples:
        table.append((s.name, s.measured, s.modelled, s.modelled / s.measured - 1, "yes" if s.held else "no", s.key))
    return Picture(_draw(ask, samples, classes, alt), caption, alt, tuple(table))


@dataclass(frozen=True)
class Errors:
    """Relative errors of some rows: how many, their median and 90th percentile. `colour` is empty for no mark."""

    name: str
    count: int
    median: float
    p90: float
    colour: str
    hollow: bool = False


def classes_of(ask: AgreementAsk, samples: Sequence[Sample]) -> list[Errors]:
    """All rows; those of each key; those that a fit saw, and those held out."""
    colours = colours_of(samples)
    found = [errors_of("all points", samples, "" if ask.by else PALETTE[0], False)]
    for key in colours if ask.by else []:
        found.append(errors_of(key, [s for s in samples if s.key == key], colours[key], False))
    if any(s.held for s in samples):
        found.append(errors_of("fitted", [s for s in samples if not s.held], QUIET, False))
        found.append(errors_of("held out", [s for s in samples if s.held], QUIET, True))
    return [errors for errors in found if errors.count > 0]


def colours_of(samples: Sequence[Sample]) -> dict[str, str]:
    """A colour for each key, the most frequent first; those past the palette share its last."""
    counts: dict[str, int] = {}
    for sample in samples:
        counts[sample.key] = counts.get(sample.key, 0) + 1
    order = sorted(counts, key=lambda key: (-counts[key], key))
    return {order[k]: PALETTE[_COLOURS[min(k, len(_COLOURS) - 1)]] for k in range(len(order))}


def errors_of(name: str, samples: Sequence[Sample], colour: str, hollow: bool) -> Errors:
    found = sorted([sample.error for sample in samples])
    return Errors(name, len(found), share_of(found, 0.5), share_of(found, 0.9), colour, hollow)


def share_of(found: Sequence[float], share: float) -> float:
    """The value below which a share of sorted values lies, on the line between its neighbours."""
    if not found:
        return 0.0
    place = share * (len(found) - 1)
    low = math.floor(place)
    high = min(low + 1, len(found) - 1)
    return found[low] + (place - low) * (found[high] - found[low])


def said_error(share: float) -> str:
    return f"{100 * share:.1f} %"


def _draw(ask: AgreementAsk, samples: Sequence[Sample], classes: Sequence[Errors], alt: str) -> str:
    left, top = 52.0, 24.0
    right, bottom = left + _SIDE, top + _SIDE
    drawing = Drawing(bottom + 38)
    every = [s.modelled for s in samples] + [s.measured for s in samples]
    unit = fitting(math.sqrt(min(every) * max(every)), ask.form.units)
    low, high = unit.from_base(min(every)) / 1.4, unit.from_base(max(every)) * 1.4
    x, y = Scale(low, high, left, right, True), Scale(low, high, bottom, top, True)
    ticks = log_ticks(low, high)
    for tick in ticks:
        drawing.line(left, y.at(tick), right, y.at(tick), RULE, 0.8)
        drawing.line(x.at(tick), top, x.at(tick), bottom, RULE, 0.8)
        drawing.text(left - 6, y.at(tick) + 3.5, tick_text(tick), anchor="end", fill=QUIET)
    titled = f" ({unit.text})" if unit.text else ""
    drawing.text(0, top - 11, f"{ask.modelled}{titled}", bold=True)
    input_axis(drawing, x, ticks, bottom, f"{ask.measured}{titled}")
    diagonal = [(left, bottom), (right, top)]
    if high / low > _OFF:
        drawing.line(x.at(low * _OFF), bottom, right, y.at(high / _OFF), QUIET, 0.8, "3 3")
        drawing.line(left, y.at(low * _OFF), x.at(high / _OFF), top, QUIET, 0.8, "3 3")
    drawing.line(left, bottom, right, top, INK, 1.2)
    colours = colours_of(samples)
    radius = 3.4 if len(samples) < 100 else 2.8
    places = [(x.at(unit.from_base(s.measured)), y.at(unit.from_base(s.modelled))) for s in samples]
    for held in (False, True):
        for sample, (a, b) in zip(samples, places, strict=True):
            if sample.held == held:
                colour = colours[sample.key]
                drawing.dot(a, b, radius, PAPER if held else colour, colour if held else PAPER)
    taken: list[Box] = [*[(a - 3, b - 3, a + 3, b + 3) for a, b in places], *along(diagonal)]
    worst = sorted(range(len(samples)), key=lambda k: -abs(math.log(samples[k].modelled / samples[k].measured)))
    for k in worst[:_WORST]:
        if samples[k].error > 0.1:
            label(drawing, shorten(samples[k].name, 26), places[k], radius, (left, top, right, bottom), taken)
    _errors(drawing, classes, right + 34, top + 20)
    drawing.text(right + 34, bottom - 22, "On the line both are equal;", fill=QUIET)
    drawing.text(right + 34, bottom - 8, "beyond the dashed ones they differ by more than twice.", fill=QUIET)
    return drawing.svg(alt)


def _errors(drawing: Drawing, classes: Sequence[Errors], left: float, top: float) -> None:
    """Medians and 90th percentiles, class by class, with the marks of each."""
    ends = (WIDTH - 150, WIDTH - 84, WIDTH - 2)
    for end, head in zip(ends, ("points", "median error", "90th percentile"), strict=True):
        drawing.text(end, top, head, anchor="end", fill=QUIET)
    drawing.line(left, top + 6, WIDTH, top + 6, INK, 0.8)
    for k in range(len(classes)):
        found = classes[k]
        at = top + 21 + 16 * k
        if found.colour:
            drawing.dot(
                left + 4,
                at - 3.5,
                3.4,
                PAPER if found.hollow else found.colour,
                found.colour if found.hollow else PAPER,
            )
        drawing.text(left + 13, at, shorten(found.name, 18))
        texts = (format_number(found.count), said_error(found.median), said_error(found.p90))
        for end, text in zip(ends, texts, strict=True):
            drawing.text(end, at, text, anchor="end")
