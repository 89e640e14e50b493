"""Best schedules, found exactly: tilings of one layer, groups of layers, two levels. Pure algorithms over numbers.

What they find is read by the library's own formulas, which say what it costs: nothing is believed because it was found.
"""

from __future__ import annotations

from .answers import found_in_row, found_in_rows, lacking_in_rows
from .bounds import least_traffic, touched_bytes
from .groups import Goal, Schedule, best_groups
from .levels import LEVEL_STAYS, Levels, Rooms, Tile, best_levels, least_levels, least_time, smallest_levels
from .methods import METHODS, Method, found_groups
from .streaming import Row
from .tiling import STAYS, Layer, Tiling, best_tiling, smallest_buffer

__all__ = [
    "LEVEL_STAYS",
    "METHODS",
    "STAYS",
    "Goal",
    "Layer",
    "Levels",
    "Method",
    "Rooms",
    "Row",
    "Schedule",
    "Tile",
    "Tiling",
    "best_groups",
    "best_levels",
    "best_tiling",
    "found_groups",
    "found_in_row",
    "found_in_rows",
    "lacking_in_rows",
    "least_levels",
    "least_time",
    "least_traffic",
    "smallest_buffer",
    "smallest_levels",
    "touched_bytes",
]
