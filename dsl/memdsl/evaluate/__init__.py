"""The numbers of one point: cells, columns, requirements and claims, in plain floating point."""

from __future__ import annotations

from .bounds import admitted, out_of_bounds, out_of_domain, settings_out_of_bounds, value_of
from .checks import failed_checks
from .claims import ClaimResult, judge_claims
from .machine import Machine, Values
from .mend import mending, mends
from .model import CheckedSpec, Model
from .refused import refused_scenarios
from .spread import Spread, bad_spreads, spread_of
from .work import too_much_work

__all__ = [
    "CheckedSpec",
    "ClaimResult",
    "Machine",
    "Model",
    "Spread",
    "Values",
    "admitted",
    "bad_spreads",
    "failed_checks",
    "judge_claims",
    "mending",
    "mends",
    "out_of_bounds",
    "out_of_domain",
    "refused_scenarios",
    "settings_out_of_bounds",
    "spread_of",
    "too_much_work",
    "value_of",
]
