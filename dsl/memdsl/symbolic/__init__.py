"""Kept symbols: closed forms of cells in chosen inputs, their breakpoints, and the chain of formulas below a cell."""

from __future__ import annotations

from .breakpoints import Breakpoint
from .chain import Link, chain
from .closed import ClosedForm, CutForm, closed_form
from .errors import SymbolicError
from .needs import depends_on

__all__ = [
    "Breakpoint",
    "ClosedForm",
    "CutForm",
    "Link",
    "SymbolicError",
    "chain",
    "closed_form",
    "depends_on",
]
