"""Kept symbols: closed forms of cells in chosen inputs, their breakpoints, and the chain of formulas below a cell."""

from __future__ import annotations

from .breakpoints import Breakpoint
from .chain import Link, chain
from .closed import ClosedForm, CutForm, Term, closed_form, find_input, growth
from .errors import SymbolicError
from .growth import Growth
from .needs import depends_on

__all__ = [
    "Breakpoint",
    "ClosedForm",
    "CutForm",
    "Growth",
    "Link",
    "SymbolicError",
    "Term",
    "chain",
    "closed_form",
    "depends_on",
    "find_input",
    "growth",
]
