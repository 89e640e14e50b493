"""Numbers as a report prints them: one unit for a column or a row, decimals that stand under each other.

Plain code: the page's JavaScript is translated from it (`memdsl.js.translate`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...sheet.operations import Value
from ...units import UNLIMITED, fitting, format_number

NONE = "–"
"""A row has no such value."""

HARD_SPACE = "\u00a0"
_POINT_SPACE = "\u2008"
_FIGURE_SPACES = "\u2007\u2007\u2007\u2007"
_MOST_DECIMALS = 4
_MOST_DIGITS = 8
_CLOSE = 1000.0
_LONGEST = 160
_BETWEEN = " ·/²³()"
"""What stands beside a sign of a unit."""


@dataclass(frozen=True)
class Measure:
    """A unit as it is printed; a value in base units, times `down` and divided by `up`, is in this unit."""

    text: str
    scale: float
    up: float
    down: float

    def from_base(self, value: float) -> float:
        return value * self.down / self.up


@dataclass(frozen=True)
class Form:
    """How a value is written: a `number` in the unit that fits of `units`, a `row` by its name, a `truth`, a `text`.

    `base` is the unit that values are computed in, for tables of data.
    """

    kind: str
    units: tuple[Measure, ...] = ()
    names: tuple[str, ...] = ()
    digits: int = 5
    base: str = ""


@dataclass(frozen=True)
class Texts:
    """Values of a column or a row: their unit, and the texts, all with the same number of decimals."""

    unit: str
    texts: tuple[str, ...]
    numeric: bool


def value_text(form: Form, value: Value | None) -> str:
    """A value with its unit, for a line of text; it does not break between the two."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    if form.kind == "row" and not math.isnan(value):
        return form.names[int(value)]
    if not form.units or math.isnan(value) or abs(value) >= UNLIMITED / 10:
        return format_number(value, form.digits)
    unit = fitting(value, form.units)
    number = format_number(unit.from_base(value), form.digits)
    return f"{number}{HARD_SPACE}{unit.text}" if unit.text else number


def sign(unit: str) -> str:
    """A unit as it is printed: `mm²`, `µs`, `MAC·s`."""
    raised = unit.replace("^2", "²").replace("^3", "³").replace("*", "·")
    for at in range(len(raised) - 1):
        before = raised[at - 1] if at > 0 else " "
        after = raised[at + 2] if at + 2 < len(raised) else " "
        if raised[at] == "u" and raised[at + 1] in "sJWm" and before in _BETWEEN and after in _BETWEEN:
            raised = f"{raised[:at]}µ{raised[at + 1 :]}"
    return raised


def apart(text: str) -> tuple[str, str]:
    """The number and the unit of a written quantity."""
    number, _, unit = text.partition(HARD_SPACE)
    return number, unit


# What a view shows: `values` are those of its probes.


def say(form: Form, values: Sequence[Value | None]) -> str:
    return value_text(form, values[0])


def say_shared(form: Form, values: Sequence[Value | None]) -> str:
    """The value of several places while they are equal."""
    return value_text(form, values[0]) if all(value == values[0] for value in values) else "each its own"


def key_figure(form: Form, values: Sequence[Value | None]) -> tuple[str, str]:
    """The number and the unit of a value."""
    return apart(value_text(form, values[0]))


@dataclass(frozen=True)
class KeyAsk:
    """A large figure: how it is written, and what it is at the inputs that the spec declares."""

    form: Form
    before: Value


def key_cells(ask: KeyAsk, values: Sequence[Value | None]) -> tuple[str, str, str]:
    """The number and the unit of a value, and how far it is from what it was: `−28.5 %, was 470.84 MB`."""
    number, unit = key_figure(ask.form, values)
    now, before = values[0], ask.before
    if now is None or isinstance(now, (bool, str)) or isinstance(before, (bool, str)):
        return number, unit, ""
    if math.isnan(now) or abs(now - before) <= 1e-9 * abs(before):
        return number, unit, ""
    was = f"was {value_text(ask.form, before)}"
    if ask.form.units and ask.form.units[0].text == "%":
        return number, unit, f"{points_text(now, before, ask.form.units[0])}, {was}"
    return number, unit, f"{change_text(now, before)}, {was}" if before != 0 else was


def change_text(now: float, before: float) -> str:
    """`−28.5 %`, `+4.1 %`, `3.2 times`."""
    if now / before >= 10:
        return f"{format_number(now / before, 3)} times"
    share = 100 * (now / before - 1)
    text = f"{abs(share):.1f}" if abs(share) >= 0.05 else "<0.1"
    return f"{'+' if share > 0 else '−'}{text}{HARD_SPACE}%"


def compare_cells(form: Form, values: Sequence[Value | None]) -> tuple[str, str, str, str]:
    """Two values beside each other in one unit, their difference, and how many times the first the second is.

    `1,018.1 MB`, `470.84 MB`, `−547.3 MB, −53.8 %`, `0.462 ×`.
    """
    a, b = values[0], values[1]
    if a is None or b is None:
        return value_text(form, a), value_text(form, b), NONE, NONE
    if form.kind != "number" or isinstance(a, (bool, str)) or isinstance(b, (bool, str)):
        return value_text(form, a), value_text(form, b), "the same" if a == b else "differ", ""
    unit = close([a, b], form.units) if form.units else None
    texts = [measured_text(value, unit, form.digits) for value in (a, b)]
    known = size(a) != 0 and size(b) != 0
    ratio = f"{format_number(b / a, 3)}{HARD_SPACE}×" if known else NONE
    if math.isnan(a) or math.isnan(b) or max(abs(a), abs(b)) >= UNLIMITED / 10:
        return texts[0], texts[1], "" if a == b else NONE, NONE
    if abs(b - a) <= 1e-9 * max(abs(a), abs(b)):
        return texts[0], texts[1], "the same", ratio
    difference = f"{'+' if b > a else '−'}{value_text(form, abs(b - a))}"
    if unit is not None and unit.text == "%":
        difference = points_text(b, a, unit)
    elif known and b / a < 10 and b / a > 0:
        difference = f"{difference}, {change_text(b, a)}"
    return texts[0], texts[1], difference, ratio


def measured_text(value: float, unit: Measure | None, digits: int) -> str:
    """A value in a unit that was chosen for it."""
    number = format_number(scaled(value, unit), digits)
    return f"{number}{HARD_SPACE}{unit.text}" if unit is not None and unit.text else number


def points_text(now: float, before: float, percent: Measure) -> str:
    """How far a share is from what it was: `+21.8 points`; a percentage of a percentage would be misread."""
    moved = percent.from_base(now - before)
    return f"{'+' if moved > 0 else '−'}{format_number(abs(moved), 3)}{HARD_SPACE}points"


@dataclass(frozen=True)
class RankAsk:
    """The `place`-th of the rows of a model by the first of its columns, and what it and its neighbours cost.

    `forms` are how the columns are written; `counted` says that the first values are how many rows each stands for, and
    `reasons` that the last five are its `spilled`, `out_bytes`, `wgt_bytes`, `compute` and `memory`.
    """

    place: int
    names: tuple[str, ...]
    forms: tuple[Form, ...]
    counted: bool
    reasons: bool


def rank_cells(ask: RankAsk, values: Sequence[Sequence[Value | None]]) -> tuple[str, ...]:
    """The name of a row, its cost, its share of each cost, and what would mend it."""
    copies = sizes(values[0]) if ask.counted else [1.0 for _ in ask.names]
    first = 1 if ask.counted else 0
    costs = [[v * copies[i] for i, v in enumerate(sizes(column))] for column in values[first : first + len(ask.forms)]]
    order = sorted(range(len(ask.names)), key=lambda i: costs[0][i], reverse=True)
    row = order[ask.place]
    several = f"{format_number(copies[row])} × " if copies[row] != 1 else ""
    shares: list[str] = []
    for column in costs:
        total = sum(column)
        shares.append(f"{100 * column[row] / total:.1f}{HARD_SPACE}%" if total > 0 else NONE)
    made = [f"{several}{ask.names[row]}", value_text(ask.forms[0], costs[0][row]), *shares]
    if ask.reasons:
        made.append(mending(ask, [sizes(column)[row] for column in values[len(values) - 5 :]]))
    return tuple(made)


def mending(ask: RankAsk, reasons: Sequence[float]) -> str:
    """What would make a row cheaper: room on the chip, bandwidth, smaller weights, a faster compute unit."""
    spilled, stored, weights, compute, memory = reasons
    if spilled > 0:
        return f"{value_text(ask.forms[0], stored)} of buffer keep its output on the chip"
    if memory > compute:
        if weights > stored:
            return "weights: fewer bits, more items a pass"
        return f"{format_number(memory / compute, 3)} times the bandwidth" if compute > 0 else "more bandwidth"
    return "compute-bound: a faster or better filled compute unit" if compute > 0 else NONE


def shared_figure(form: Form, values: Sequence[Value | None]) -> tuple[str, str]:
    """The number and the unit of inputs that share a line while they are equal."""
    if all(value == values[0] for value in values):
        return key_figure(form, values)
    return "differ", ""


@dataclass(frozen=True)
class ClaimAsk:
    """A claim: how its cell is written, its value at the published point, and the verdict there."""

    form: Form
    modelled: Value
    verdict: str


def claim_cells(ask: ClaimAsk, values: Sequence[Value | None]) -> tuple[str, str]:
    """The cell of a claim at the inputs of the page; a claim holds at the published point alone."""
    now, there = values[0], ask.modelled
    same = now == there
    if isinstance(now, float) and isinstance(there, float):
        same = abs(now - there) <= 1e-9 * abs(there)
    return value_text(ask.form, now), ask.verdict if same else "not at the published point"


def row_cells(form: Form, values: Sequence[Value | None]) -> tuple[str, ...]:
    """The unit of values that stand beside each other, and their texts."""
    found = row_texts(form, values)
    return (found.unit, *found.texts)


def shape_texts(form: Form, values: Sequence[Sequence[Value | None]]) -> Texts:
    """The axes of each row as one text: `512 × 1,024 × 64`."""
    texts: list[str] = []
    for i in range(len(values[0])):
        axes = [column[i] for column in values]
        text = " × ".join(f"{round(v):,}" for v in axes if v is not None and not isinstance(v, (bool, str)))
        texts.append(text or NONE)
    return Texts("", tuple(texts), False)


# ---- one unit for several values ------------------------------------------------------------------------------------


def size(value: Value | None) -> float:
    """A value as the length of a mark: nothing where there is none."""
    if value is None or isinstance(value, (bool, str)) or math.isnan(value) or abs(value) >= UNLIMITED / 10:
        return 0.0
    return float(value)


def sizes(values: Sequence[Value | None]) -> list[float]:
    return [size(value) for value in values]


def common(values: Sequence[Value | None], units: Sequence[Measure]) -> Measure:
    """The unit in which the largest of some values reads well."""
    return fitting(max([abs(s) for s in sizes(values)], default=0.0), units)


def close(values: Sequence[Value | None], units: Sequence[Measure]) -> Measure:
    """The unit in which the smallest value reads well: `470.84` beside `1,018.1` and not `0.47` beside `1`."""
    found = [abs(s) for s in sizes(values) if s != 0]
    if found and max(found) / min(found) < _CLOSE:
        return fitting(min(found), units)
    return common(values, units)


def axis_measure(largest: float, units: Sequence[Measure]) -> Measure:
    """The unit of an axis: its end has one digit more than a single number would, `1,250 MB` rather than `1.25 GB`."""
    return fitting(largest / 2, units)


def column_texts(form: Form, columns: Sequence[Sequence[Value | None]]) -> Texts:
    """The values of a column in one unit."""
    values = columns[0]
    if form.kind != "number":
        return Texts("", tuple(plain(form, value) for value in values), False)
    if not form.units:
        return aligned(values, None)
    return aligned(values, common(values, form.units))


@dataclass(frozen=True)
class TotalAsk:
    """A column and its total at the foot; `counted` says that the values of how many rows each stands for come first.

    A quantity that does not `add` up has no total: `foot` stands there.
    """

    form: Form
    adds: bool
    counted: bool
    foot: str


def totalled_texts(ask: TotalAsk, columns: Sequence[Sequence[Value | None]]) -> Texts:
    """The values of a column in one unit, and at the foot their total."""
    values = columns[-1]
    if not ask.adds:
        found = column_texts(ask.form, [values])
        return Texts(found.unit, (*found.texts, ask.foot), found.numeric)
    copies = sizes(columns[0]) if ask.counted else [1.0 for _ in values]
    counted = sizes(values)
    total = sum([counted[i] * copies[i] for i in range(len(counted))])
    return column_texts(ask.form, [[*values, total]])


def close_texts(form: Form, columns: Sequence[Sequence[Value | None]]) -> Texts:
    """The values of a column of which the smallest tells most, in one unit."""
    values = columns[0]
    return aligned(values, close(values, form.units) if form.units else None)


def aligned(values: Sequence[Value | None], unit: Measure | None) -> Texts:
    numbers = [None if v is None or isinstance(v, (bool, str)) else scaled(v, unit) for v in values]
    decimals = _decimals([n for n in numbers if n is not None])
    return Texts(unit.text if unit is not None else "", tuple(_aligned(n, decimals) for n in numbers), True)


def row_texts(form: Form, values: Sequence[Value | None]) -> Texts:
    """Values that stand beside each other, in one unit, each to the digits that `eval` shows."""
    if form.kind != "number":
        return Texts("", tuple(plain(form, value) for value in values), False)
    unit = close(values, form.units) if form.units else None
    texts = tuple(NONE if v is None or isinstance(v, (bool, str)) else format_number(scaled(v, unit)) for v in values)
    return Texts(unit.text if unit is not None else "", texts, True)


def plain(form: Form, value: Value | None) -> str:
    """A value without a dimension: a text, a truth, a row's name."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or (not isinstance(value, str) and math.isnan(value)):
        return NONE
    return value_text(form, value)


def scaled(value: float, unit: Measure | None) -> float:
    if unit is None or math.isnan(value) or abs(value) >= UNLIMITED / 10:
        return value
    return unit.from_base(value)


def _decimals(numbers: Sequence[float]) -> int:
    """Decimals that show five digits of the largest number, and something of the small ones where there is room."""
    found = sorted([abs(n) for n in numbers if n != 0 and not math.isnan(n) and abs(n) < UNLIMITED / 10])
    if not found or all(n == int(n) and n < 1e15 for n in found):
        return 0
    whole = max(math.floor(math.log10(found[-1])), 0)
    small = found[len(found) // 4]
    wanted = max(4 - whole, 2 - math.floor(math.log10(small)))
    decimals = max(0, min(wanted, _MOST_DECIMALS, _MOST_DIGITS - 1 - whole))
    rounded = [round(n, decimals) for n in found]
    while decimals > 0 and all(r != 0 for r in rounded) and all(round(n, decimals - 1) == n for n in rounded):
        decimals -= 1
    return decimals


def _aligned(number: float | None, decimals: int) -> str:
    if number is None:
        return NONE
    if math.isnan(number) or abs(number) >= UNLIMITED / 10:
        return format_number(number)
    if number == 0:
        return "0" + (_POINT_SPACE + _FIGURE_SPACES[:decimals] if decimals > 0 else "")
    if abs(number) >= 1e15:
        return format_number(number)
    text = f"{number:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return ("<" if number > 0 else ">−") + f"{10**-decimals:.{decimals}f}"
    return text.replace("-", "−")
