"""Constants found from measured data: inputs by which one column of a table comes close to another."""

from __future__ import annotations

from .edits import written
from .points import Unfit, held_out, measured_rows
from .search import Errors, Found, Missing, fitted

__all__ = ["Errors", "Found", "Missing", "Unfit", "fitted", "held_out", "measured_rows", "written"]
