"""A Rust engine beside Python: `python tests/excel/engines.py` computes the book of every spec by both."""

from __future__ import annotations

import io
import math
import re
import sys
import tempfile
from pathlib import Path

import formualizer
from openpyxl import load_workbook
from workbooks import BOOKS, SPECS, Made, made

from memdsl.excel.names import letter

SHOWING_TABLES = ("Sensitivity", "Scenarios")
"""Sheets that show what is in the what-if tables: programs without such tables do not fill them."""
COLUMNS = {letter(number): number for number in range(1, 2_000)}


def formulas(file: bytes) -> list[tuple[str, str, str]]:
    return [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in load_workbook(io.BytesIO(file)).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" and isinstance(cell.value, str)
    ]


def differing(found: Made, path: Path) -> tuple[int, list[str]]:
    """How many cells of a saved book were compared, and those that the engine computes otherwise."""
    engine = formualizer.Workbook.from_path(str(path))
    engine.evaluate_all()
    texts = {(sheet, place): text for sheet, place, text in formulas(path.read_bytes())}
    count, wrong = 0, []
    for sheet, place, wanted in found.layout.expected(found.model.values):
        text = texts.get((sheet, place), "")
        if not text or sheet in SHOWING_TABLES or (isinstance(wanted, float) and math.isnan(wanted)):
            continue
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", place).groups()  # type: ignore[union-attr]
        got = engine.get_value(sheet, int(row), COLUMNS[column])
        if wanted in (None, ""):
            same = got in (None, "")
        elif isinstance(wanted, (bool, str)):
            same = got == wanted
        else:
            same = isinstance(got, (int, float)) and abs(got - wanted) <= 1e-9 * abs(wanted) + 1e-15
        if not same:
            wrong.append(f"{sheet}!{place}: {got!r} instead of {wanted!r} by {text[:90]}")
        count += 1
    return count, wrong


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for spec in (*SPECS, *BOOKS):
            found, path = made(spec), Path(folder) / "book.xlsx"
            found.layout.save(path)
            count, wrong = differing(found, path)
            print(f"{spec.stem:20} {count:8,} formulas, {len(wrong)} different", *wrong[:3], sep="\n  ", flush=True)
            failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
