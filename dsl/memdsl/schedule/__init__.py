"""Best schedules, found exactly: tilings of one layer, groups of layers, two levels. Pure algorithms over numbers.

What they find is read by the library's own formulas, which say what it costs: nothing is believed because it was found.
"""

from __future__ import annotations

from .bounds import least_traffic, touched_bytes
from .groups import Schedule, best_groups
from .methods import METHODS, Method, found_groups, found_tiling
from .streaming import Row
from .tiling import STAYS, Layer, Tiling, best_tiling, smallest_buffer

__all__ = [
    "METHODS",
    "STAYS",
    "Layer",
    "Method",
    "Row",
    "Schedule",
    "Tiling",
    "best_groups",
    "best_tiling",
    "found_groups",
    "found_tiling",
    "least_traffic",
    "smallest_buffer",
    "touched_bytes",
]
