"""The search of a fit: which values of its inputs make the errors small, and how large these are.

A third of the rows is held out, drawn by one seed: the search does not see them, and their errors are reported apart.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from ...diagnostics import Problems
from ...evaluate import Machine, Values
from ...records import record
from ...sheet.formula import UNLIMITED
from ...sheet.input_keys import InputKey
from ...sheet.sheet import Fit, Input, TypedSheet
from .points import Unfit, column, held_out, measured_rows

_AROUND = 10.0
_FEWEST = 6
_SEED = 1


class Missing(Exception):
    """SciPy is not installed."""


@record
class Errors:
    """Relative errors of some rows: how many, their median and 90th percentile."""

    name: str
    count: int
    median: float
    p90: float


@record
class Found:
    """The values of the inputs, in base units, and the errors of the rows fitted, held out, and of each group.

    `before` has the errors of all rows at the values that the spec declares.
    """

    fit: Fit
    inputs: tuple[Input, ...]
    values: tuple[float, ...]
    fitted: Errors
    held_out: Errors
    all: Errors
    before: Errors
    groups: tuple[Errors, ...]


def fitted(typed: TypedSheet, machine: Machine, values: Values, fit: Fit) -> Found:
    """Finds the inputs of a fit. Raises Unfit, and Missing without SciPy."""
    try:
        from scipy import optimize
    except ImportError:
        raise Missing from None
    known = {item.key: item for item in typed.sheet.inputs.values()}
    items = tuple(known[key] for key in fit.inputs)
    limits = [_limits(values, item) for item in items]
    rows = measured_rows(values, fit)
    if len(rows) < _FEWEST:
        raise Unfit(f"{len(rows)} rows have a measured value above 0, and a fit needs at least {_FEWEST}")
    measured = dict(zip(rows, column(values, fit.measured, rows), strict=True))
    out = held_out(rows)
    learnt = [row for row in rows if row not in out]

    def errors(point: Sequence[float], chosen: Sequence[int]) -> list[float]:
        at = machine.at({**values.overrides, **_overrides(items, limits, point)}, Problems())
        modelled = column(at, fit.modelled, chosen)
        return [_error(made, measured[row]) for row, made in zip(chosen, modelled, strict=True)]

    loss = _LOSSES[fit.loss]
    box = [(0.0, 1.0)] * len(items)
    start = [_share(float(values.input(item.key)), limit) for item, limit in zip(items, limits, strict=True)]
    found = optimize.differential_evolution(
        lambda point: loss(errors(point, learnt)), box, x0=start, seed=_SEED, popsize=12, maxiter=60, tol=1e-6,
        polish=False,
    )  # fmt: skip
    near = optimize.minimize(
        lambda point: loss(errors([min(1.0, max(0.0, x)) for x in point], learnt)), found.x, method="Nelder-Mead",
        options={"maxiter": 400, "xatol": 1e-5, "fatol": 1e-7},
    )  # fmt: skip
    best = [min(1.0, max(0.0, float(x))) for x in (near.x if near.fun <= found.fun else found.x)]
    rounded = [_rounded(_value(x, limit)) for x, limit in zip(best, limits, strict=True)]
    best = [_share(value, limit) for value, limit in zip(rounded, limits, strict=True)]
    groups = _groups(values, fit, rows)
    return Found(
        fit, items, tuple(_value(x, limit) for x, limit in zip(best, limits, strict=True)),
        _errors("fitted", errors(best, learnt)), _errors("held out", errors(best, sorted(out))),
        _errors("all", errors(best, rows)), _errors("before", errors(start, rows)),
        tuple(_errors(name, errors(best, chosen)) for name, chosen in groups.items()),
    )  # fmt: skip


def _overrides(
    items: Sequence[Input], limits: Sequence[tuple[float, float]], point: Sequence[float]
) -> dict[InputKey, float]:
    return {item.key: _value(x, limit) for item, limit, x in zip(items, limits, point, strict=True)}


def _limits(values: Values, item: Input) -> tuple[float, float]:
    """Between which values an input is looked for: its range, else a tenth to ten times what it is."""
    now = values.input(item.key)
    if isinstance(now, (bool, str)):
        raise Unfit(f"`{item.path}` is no number")
    low = high = None
    if item.bounds is not None:
        low = float(values.formula(item.bounds.low)) if item.bounds.low is not None else None
        high = float(values.formula(item.bounds.high)) if item.bounds.high is not None else None
    if low is None or high is None:
        if not 0 < now < UNLIMITED / 10:
            raise Unfit(f"`{item.path}` needs a range to be looked for in: `from … to …`")
        low = now / _AROUND if low is None else low
        high = now * _AROUND if high is None else high
    if not low < high:
        raise Unfit(f"the range of `{item.path}` has no length")
    return low, high


def _value(share: float, limit: tuple[float, float]) -> float:
    low, high = limit
    return low * (high / low) ** share if low > 0 and high / low > 100 else low + (high - low) * share


def _share(value: float, limit: tuple[float, float]) -> float:
    low, high = limit
    value = min(high, max(low, value))
    return (
        math.log(value / low) / math.log(high / low) if low > 0 and high / low > 100 else (value - low) / (high - low)
    )


def _rounded(value: float) -> float:
    """To three digits: a fit knows no more."""
    return float(f"{value:.3g}")


def _groups(values: Values, fit: Fit, rows: Sequence[int]) -> dict[str, list[int]]:
    if fit.by is None:
        return {}
    found: dict[str, list[int]] = {}
    names = values.over(fit.by.formula, fit.by.var, rows)
    for row, name in zip(rows, names, strict=True):
        found.setdefault(f"{name:g}" if isinstance(name, float) else str(name), []).append(row)
    return found


def _error(modelled: float | None, measured: float | None) -> float:
    if modelled is None or measured is None:
        return math.inf
    return modelled / measured - 1


def _median(errors: Sequence[float]) -> float:
    """The median, and a little of the mean: a median alone has steps on which a search stands still."""
    sizes = [abs(error) for error in errors]
    return statistics.median(sizes) + 0.1 * min(10.0, statistics.fmean(sizes))


def _mean(errors: Sequence[float]) -> float:
    return statistics.fmean(abs(error) for error in errors)


def _squares(errors: Sequence[float]) -> float:
    return statistics.fmean(math.log(1 + error) ** 2 if error > -1 else math.inf for error in errors)


_LOSSES: dict[str, Callable[[Sequence[float]], float]] = {"median": _median, "mean": _mean, "squares": _squares}


def _errors(name: str, errors: Sequence[float]) -> Errors:
    sizes = sorted(abs(error) for error in errors)
    place = 0.9 * (len(sizes) - 1)
    low = math.floor(place)
    high = min(low + 1, len(sizes) - 1)
    return Errors(name, len(sizes), statistics.median(sizes), sizes[low] + (place - low) * (sizes[high] - sizes[low]))
