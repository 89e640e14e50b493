"""How sure cells are: Monte Carlo over the inputs that are not, intervals, and what each input contributes.

The share of an input is its first-order Sobol index: the part of the variance that would go if the input were known;
its total index is the part that would stay if all others were. Both are estimated from pairs of samples in which one
input is exchanged (Saltelli 2010; Jansen 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...evaluate import Values
from ...evaluate.spread import spread_of
from ...records import record
from ...sheet.formula import Formula
from ...sheet.sheet import Input, Quantity, Truth, TypedSheet
from ...symbolic import SymbolicError
from ...symbolic.joint_forms import JointForms
from ...symbolic.needs import needs_of
from ...symbolic.terms import Symbol, exact
from ..sweep import BLOCK, Array, Axis, Grid, SweepError, Target, Track, sweep_of
from .sampling import Admissible

SAMPLES = 1 << 15
SEED = 1
PERCENTILES = (5, 50, 95)
_MOST_CORNERS = 12
_SAME = 1e-9


@record
class Estimate:
    """A number from samples, and its standard error."""

    value: float
    error: float


@record
class Share:
    """What an input contributes to the variance of a cell: alone, and together with others."""

    input: Input
    first: Estimate
    total: Estimate


@record
class Interval:
    """Between which a cell lies while its inputs lie between their ends.

    `proved`: the ends are reached and nothing lies beyond. Otherwise they are only the outermost values that were met.
    `ended`: every input has ends; else 5th and 95th percentiles stand in for them.
    """

    low: float
    high: float
    proved: bool
    ended: bool


@record
class CellUncertainty:
    """A cell under the uncertainty of its inputs, in base units. `declared` is its value at the inputs' own values.

    `samples` have a value, `missing` have none. `shares` are ranked; empty when the cell does not vary.
    """

    cell: Target
    declared: float
    mean: Estimate
    deviation: float
    percentiles: tuple[tuple[int, Estimate], ...]
    interval: Interval
    shares: tuple[Share, ...]
    samples: int
    missing: int


def uncertain_inputs(typed: TypedSheet, values: Values, formula: Formula) -> list[Input]:
    """The inputs below a formula that have a distribution, in the order of the sheet."""
    needs = needs_of(typed)
    below = set(needs.names(needs.of(formula)))
    found = []
    for path, item in typed.sheet.inputs.items():
        if path in below and item.distribution is not None and spread_of(values, item) is not None:
            found.append(item)
    return found


def uncertainties(
    typed: TypedSheet, values: Values, cells: Sequence[Target], samples: int = SAMPLES, seed: int = SEED
) -> list[CellUncertainty]:
    """Each cell under the uncertainty of the inputs below it. Raises SweepError where nothing is uncertain."""
    by_cell = [uncertain_inputs(typed, values, cell.formula) for cell in cells]
    for cell, found in zip(cells, by_cell, strict=True):
        if not isinstance(cell.type, Quantity | Truth):
            raise SweepError(f"`{cell.text}` is not a number: it has no mean")
        if not found:
            below = needs_of(typed)
            names = ", ".join(below.names(below.of(cell.formula))[:4])
            hint = f": say how sure one is, such as `{names.split(', ')[0]} = … ± 20%`" if names else ""
            raise SweepError(f"no input that `{cell.text}` rests on has an uncertainty{hint}")
    paths = {item.path for found in by_cell for item in found}
    inputs = [_admissible(values, item) for path, item in typed.sheet.inputs.items() if path in paths]
    if samples < 100:
        raise SweepError(f"{samples:,} samples are too few to say anything: take 100 or more")
    # The old generator: its numbers never change, and a page draws the same.
    random = np.random.RandomState(seed % 2**32)
    one, other = ([item.draw(random.random_sample(samples)) for item in inputs] for _ in range(2))
    tracks = []
    for number, item in enumerate(inputs):
        parts = [one[number], other[number]]
        parts += [other[number] if exchanged == number else one[number] for exchanged in range(len(inputs))]
        tracks.append(Track(item.item.path, item.item.key, np.concatenate(parts)))
    found_values = _computed(typed, values, cells, Grid((Axis(tuple(tracks)),)))
    intervals = _intervals(typed, values, cells, by_cell, inputs)
    return [
        _study(typed, values, cell, below, inputs, column.reshape(-1, samples), interval)
        for cell, below, column, interval in zip(cells, by_cell, found_values, intervals, strict=True)
    ]


def _admissible(values: Values, item: Input) -> Admissible:
    spread = spread_of(values, item)
    assert spread is not None
    return Admissible(values, item, spread)


def _computed(typed: TypedSheet, values: Values, cells: Sequence[Target], grid: Grid) -> list[Array]:
    """Each cell at every point."""
    sweep = sweep_of(typed, values, grid, cells)
    parts: list[list[Array]] = [[] for _ in cells]
    for block, found in sweep.run(BLOCK):
        for part, value in zip(parts, found, strict=True):
            part.append(np.broadcast_to(np.asarray(value, dtype=float), block.shape).reshape(-1))
    return [np.concatenate(part) for part in parts]


def _study(
    typed: TypedSheet,
    values: Values,
    cell: Target,
    below: Sequence[Input],
    inputs: Sequence[Admissible],
    rows: Array,
    interval: Interval,
) -> CellUncertainty:
    """`rows` are the values for the first sample, the second, and the first with each input exchanged."""
    both = rows[:2].reshape(-1)
    known = both[~np.isnan(both)]
    missing = len(both) - len(known)
    if len(known) < 2:
        raise SweepError(f"`{cell.text}` has no value at any sample")
    if not interval.proved:
        met = (interval.low, interval.high, float(known.min()), float(known.max()))
        interval = Interval(float(np.nanmin(met)), float(np.nanmax(met)), False, interval.ended)
    deviation = float(known.std(ddof=1))
    mean = Estimate(float(known.mean()), deviation / math.sqrt(len(known)))
    ordered = np.sort(known)
    percentiles = tuple((p, _percentile(ordered, p / 100)) for p in PERCENTILES)
    paths = {item.path for item in below}
    shares = []
    if deviation > _SAME * abs(mean.value):
        for number, item in enumerate(inputs):
            if item.item.path in paths:
                shares.append(_share(item.item, rows[0], rows[1], rows[2 + number]))
    shares.sort(key=lambda share: -share.total.value)
    declared = float(values.formula(cell.formula))
    return CellUncertainty(cell, declared, mean, deviation, percentiles, interval, tuple(shares), len(known), missing)


def _percentile(ordered: Array, share: float) -> Estimate:
    """A percentile; its error from the values one standard error of its rank away on both sides."""
    count = len(ordered)
    apart = math.sqrt(count * share * (1 - share))
    low = ordered[max(0, math.floor(count * share - apart))]
    high = ordered[min(count - 1, math.ceil(count * share + apart))]
    return Estimate(float(np.quantile(ordered, share)), float(high - low) / 2)


def _share(item: Input, one: Array, other: Array, exchanged: Array) -> Share:
    whole = ~(np.isnan(one) | np.isnan(other) | np.isnan(exchanged))
    a, b, c = one[whole], other[whole], exchanged[whole]
    middle = (a.mean() + b.mean()) / 2
    variance = float(np.concatenate([a, b]).var())
    if not len(a) or not variance:
        return Share(item, Estimate(0.0, 0.0), Estimate(0.0, 0.0))
    return Share(item, _mean((b - middle) * (c - a) / variance), _mean((a - c) ** 2 / (2 * variance)))


def _mean(values: Array) -> Estimate:
    return Estimate(float(values.mean()), float(values.std()) / math.sqrt(len(values)))


# ---- intervals ------------------------------------------------------------------------------------------------------


def _intervals(
    typed: TypedSheet,
    values: Values,
    cells: Sequence[Target],
    by_cell: Sequence[Sequence[Input]],
    inputs: Sequence[Admissible],
) -> list[Interval]:
    """What is reached where every input is at one of its ends, and, from the closed form, what is never passed."""
    without_ends = {item.item.path for item in inputs if not item.ended}
    ended = [all(item.path not in without_ends for item in below) for below in by_cell]
    if len(inputs) > _MOST_CORNERS:
        return [Interval(math.nan, math.nan, False, has_ends) for has_ends in ended]
    axes = [Axis((Track(item.item.path, item.item.key, np.unique(item.ends)),)) for item in inputs]
    corners = _computed(typed, values, cells, Grid(tuple(axes)))
    symbols = {}
    for item in inputs:
        ends = [exact(end) for end in item.ends]
        symbols[item.item.key] = Symbol(item.item.path, ends[0], ends[1], exact(item.step) if item.step else None)
    together = JointForms(typed, values, symbols)
    found = []
    for cell, column, has_ends in zip(cells, corners, ended, strict=True):
        known = column[~np.isnan(column)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (math.nan, math.nan)
        try:
            least, most = map(float, together.space.known.range(together.form(cell.formula)))
        except (SymbolicError, OverflowError):
            least, most = -math.inf, math.inf
        size = max(abs(low), abs(high))
        proved = all(
            math.isclose(end, bound, rel_tol=_SAME, abs_tol=_SAME * size) for end, bound in ((low, least), (high, most))
        )
        found.append(Interval(low, high, proved and len(known) == len(column), has_ends))
    return found
