"""Every formula checked before anything is evaluated: each cell gets its type, or its author a diagnostic."""

from __future__ import annotations

from .check import check

__all__ = ["check"]
