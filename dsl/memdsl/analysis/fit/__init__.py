"""Constants found from measured data: inputs by which one column of a table comes close to another."""

from __future__ import annotations

from .edits import written
from .search import Errors, Found, Missing, Unfit, fitted

__all__ = ["Errors", "Found", "Missing", "Unfit", "fitted", "written"]
