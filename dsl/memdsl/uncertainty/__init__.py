"""How sure a cell is when its inputs are not: Monte Carlo, intervals, and what each input contributes."""

from __future__ import annotations

from .frames import contributions, study_of, summary
from .study import PERCENTILES, SAMPLES, SEED, Estimate, Interval, Share, Study, study, uncertain_inputs

__all__ = [
    "PERCENTILES",
    "SAMPLES",
    "SEED",
    "Estimate",
    "Interval",
    "Share",
    "Study",
    "contributions",
    "study",
    "study_of",
    "summary",
    "uncertain_inputs",
]
