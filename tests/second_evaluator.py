"""A second opinion on a workbook: the `formulas` package computes every cell, and must find what the file holds.

It needs an environment of its own, which `.ci/workbooks` makes:

    python3 -m venv /tmp/second && /tmp/second/bin/pip install -r .ci/requirements-second.lock
    /tmp/second/bin/python tests/second_evaluator.py reports/resnet50.xlsx

What-if tables are taken as they stand: the package does not know them.
"""

from __future__ import annotations

import logging
import math
import sys
import tempfile
import warnings
from pathlib import Path

import formulas
from openpyxl import load_workbook
from openpyxl.worksheet.formula import DataTableFormula

EXACT = 1e-9


def without_tables(book: Path, target: Path) -> None:
    """A copy of the book with numbers in place of what-if tables."""
    held, workbook = load_workbook(book, data_only=True), load_workbook(book)
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, DataTableFormula):
                    cell.value = held[sheet.title][cell.coordinate].value
    workbook.save(target)


def same(wanted: object, got: object) -> bool:
    if wanted in (None, "") or got in (None, ""):
        return wanted in (None, "") and got in (None, "")
    try:
        a, b = float(wanted), float(got)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        # An error is a class of the package's own, which writes itself as Excel does.
        return str(wanted) == str(got)
    # What is left of 1 - 1 in the last bit is 0 for some and not for others.
    return math.isclose(a, b, rel_tol=EXACT) or ((a == 0 or b == 0) and max(abs(a), abs(b)) <= 1e-15)


def main(book: Path) -> int:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "book.xlsx"
        without_tables(book, copy)
        found = formulas.ExcelModel().loads(str(copy)).finish().calculate()
        held, workbook = load_workbook(book, data_only=True), load_workbook(copy)
    count, differing = 0, []
    for sheet in workbook.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            value = found.get(f"'[book.xlsx]{sheet.title.upper()}'!{cell.coordinate}")
            got = value.value[0, 0] if value is not None else None
            wanted = held[sheet.title][cell.coordinate].value
            count += 1
            if not same(wanted, got):
                differing.append(f"{sheet.title}!{cell.coordinate}: {got!r} instead of {wanted!r}: {cell.value}")
    print(f"{book}: {count:,} formulas, {len(differing)} differ")
    print("\n".join(differing[:20]))
    return 1 if differing or not count else 0


if __name__ == "__main__":
    raise SystemExit(max(main(Path(book)) for book in sys.argv[1:]))
