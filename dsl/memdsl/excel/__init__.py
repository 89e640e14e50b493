"""The typed sheet as an Excel workbook: a live model, with the evaluator's values beside its formulas."""

from __future__ import annotations

from .formulas import TooLong
from .volume import MAXIMUM_BOOKS, book_names, free_names
from .workbook import FilePlaces, Part, build_book, write_workbook

__all__ = ["MAXIMUM_BOOKS", "FilePlaces", "Part", "TooLong", "book_names", "build_book", "free_names", "write_workbook"]
