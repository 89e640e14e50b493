"""What a report asks of sweeps and of uncertainty, as tables for every output and as data for charts."""

from __future__ import annotations

from .listed import NO_VALUE, Measured, Points, answers
from .points import Scale, fronted, given, gridded, layout_of, shown
from .sure import SAMPLES, studied, sure_answers

__all__ = [
    "NO_VALUE",
    "SAMPLES",
    "Measured",
    "Points",
    "Scale",
    "answers",
    "fronted",
    "given",
    "gridded",
    "layout_of",
    "shown",
    "studied",
    "sure_answers",
]
