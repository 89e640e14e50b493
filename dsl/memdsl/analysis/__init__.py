"""Questions to the closed forms: where a condition holds, and how far a cell follows its inputs."""

from __future__ import annotations

from .sensitivity import Effect, Next, Sensitivity, Slopes, sensitivity
from .solution import Interval, Run, Side, Solution
from .solve import solve
from .tables import AnalysisTable, Column, sensitivities, sensitivity_table, solved
from .words import cell_unit, say_input, say_parts, say_solution

__all__ = [
    "AnalysisTable",
    "Column",
    "Effect",
    "Interval",
    "Next",
    "Run",
    "Sensitivity",
    "Side",
    "Slopes",
    "Solution",
    "cell_unit",
    "say_input",
    "say_parts",
    "say_solution",
    "sensitivities",
    "sensitivity",
    "sensitivity_table",
    "solve",
    "solved",
]
