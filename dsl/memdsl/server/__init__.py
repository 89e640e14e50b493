"""The page of a spec on this machine: its report, what is wrong with it, and an editor that is checked as one types."""

from __future__ import annotations

from .desk import Desk
from .http import serve

__all__ = ["Desk", "serve"]
