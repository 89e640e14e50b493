"""The command line: arguments in, text or JSON out; every answer comes from the driver."""

from __future__ import annotations

from .main import main, program

__all__ = ["main", "program"]
