"""The typed sheet as an Excel workbook: a live model, with the evaluator's values beside its formulas."""

from __future__ import annotations

from .formulas import TooLong
from .workbook import Layout, build_book, write_workbook

__all__ = ["Layout", "TooLong", "build_book", "write_workbook"]
