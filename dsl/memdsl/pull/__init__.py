"""The way back: what a person changed in a workbook, written into the spec that the workbook was made from."""

from __future__ import annotations

from .archive import Unreadable
from .back import Pulled, find_specs, pull
from .faults import BookFault, Refused

__all__ = ["BookFault", "Pulled", "Refused", "Unreadable", "find_specs", "pull"]
