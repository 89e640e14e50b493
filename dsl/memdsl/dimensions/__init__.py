"""Every formula checked before anything is evaluated: each cell gets its type, or its author a diagnostic."""

from __future__ import annotations

from .check import check, check_edited

__all__ = ["check", "check_edited"]
