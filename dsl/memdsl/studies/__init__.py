"""What a report asks of sweeps and of uncertainty, as tables for every output and as data for charts."""

from __future__ import annotations

from .points import NO_VALUE, Measured, Points, answers, fronted, gridded
from .sure import studied, sure_answers

__all__ = ["NO_VALUE", "Measured", "Points", "answers", "fronted", "gridded", "studied", "sure_answers"]
