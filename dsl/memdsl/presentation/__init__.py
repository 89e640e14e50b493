"""What is shown of a spec, decided once: which charts, parts, groups, figures. Page, PDF and workbook only draw it."""

from __future__ import annotations

from .point import Point
from .probe import Probe

__all__ = ["Point", "Probe"]
