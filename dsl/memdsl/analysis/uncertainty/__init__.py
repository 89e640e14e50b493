"""How sure a cell is when its inputs are not: Monte Carlo, intervals, and what each input contributes."""

from __future__ import annotations

from .frames import contributions, summary, uncertainties_of
from .monte_carlo import (
    PERCENTILES,
    SAMPLES,
    SEED,
    CellUncertainty,
    Estimate,
    Interval,
    Share,
    uncertain_inputs,
    uncertainties,
)

__all__ = [
    "PERCENTILES",
    "SAMPLES",
    "SEED",
    "CellUncertainty",
    "Estimate",
    "Interval",
    "Share",
    "contributions",
    "summary",
    "uncertain_inputs",
    "uncertainties",
    "uncertainties_of",
]
