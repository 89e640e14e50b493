"""How sure cells are, for pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...evaluate import Values
from ...sheet.sheet import TypedSheet
from ..sweep import SweepError, Target
from .monte_carlo import CellUncertainty, uncertainties

if TYPE_CHECKING:
    import pandas


def uncertainties_of(typed: TypedSheet, values: Values, samples: int, seed: int) -> list[CellUncertainty]:
    """The cells that the sheet was asked for."""
    asked = []
    for query in typed.sheet.queries:
        if query.rows is not None:
            raise SweepError(f"`{query.text}` is a column; an uncertainty is that of one value")
        asked.append(Target(query.text, query.formula, typed.type_of(query.formula)))
    return uncertainties(typed, values, asked, samples, seed)


def summary(one: CellUncertainty) -> dict[str, float | bool | int]:
    """The numbers of a cell by name."""
    found: dict[str, float | bool | int] = {
        "declared": one.declared,
        "mean": one.mean.value,
        "mean_error": one.mean.error,
        "deviation": one.deviation,
    }
    for percent, estimate in one.percentiles:
        found |= {f"P{percent}": estimate.value, f"P{percent}_error": estimate.error}
    interval = one.interval
    return found | {"low": interval.low, "high": interval.high, "exact": interval.proved, "samples": one.samples}


def contributions(one: CellUncertainty) -> pandas.DataFrame:
    """The Sobol indices of each input, ranked."""
    import pandas

    rows = [(s.input.path, s.first.value, s.first.error, s.total.value, s.total.error) for s in one.shares]
    return pandas.DataFrame(rows, columns=["input", "first", "first_error", "total", "total_error"]).set_index("input")
