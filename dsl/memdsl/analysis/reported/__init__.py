"""What a report asks of sweeps and of uncertainty, as tables for every output and as data for charts."""

from __future__ import annotations

from .points import Scale, fronted, given, gridded, layout_of, shown
from .points_as_tables import NO_VALUE, Measured, Points, point_tables
from .uncertainty_as_tables import SAMPLES, uncertainties_asked, uncertainty_tables

__all__ = [
    "NO_VALUE",
    "SAMPLES",
    "Measured",
    "Points",
    "Scale",
    "fronted",
    "given",
    "gridded",
    "layout_of",
    "point_tables",
    "shown",
    "uncertainties_asked",
    "uncertainty_tables",
]
