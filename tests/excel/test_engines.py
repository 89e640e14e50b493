"""Books for any program and any analyst: another engine computes the same, and an auditor finds what he expects."""

from __future__ import annotations

import io
import math
import re
from pathlib import Path

import formualizer
import pytest
from openpyxl import load_workbook
from workbooks import SPECS, Made, made

from memdsl.excel.names import letter

HERE = Path(__file__).parent
QUICK = (
    "alexnet",
    "lenet5",
    "mobilenet_v1",
    "unet",
)
BOOKS = [HERE / "books" / "tiers.mem", *(p for p in SPECS if p.stem in QUICK)]

# What the linter allows, and why, stands in dsl/docs/workbook.md.
ALLOWED_NUMBERS = {1e307, 1e9, 1e-9, 1e-12, 1e300}
VOLATILE = re.compile(r"\b(INDIRECT|OFFSET|NOW|TODAY|RAND|RANDBETWEEN|CELL|INFO)\(")


@pytest.fixture(scope="module", params=BOOKS, ids=lambda path: path.stem)
def book(request: pytest.FixtureRequest) -> tuple[Made, bytes]:
    found = made(request.param)
    content = io.BytesIO()
    found.layout.save(content)
    return found, content.getvalue()


def formulas(file: bytes) -> list[tuple[str, str, str]]:
    return [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in load_workbook(io.BytesIO(file)).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" and isinstance(cell.value, str)
    ]


SHOWING_TABLES = ("Sensitivity", "Scenarios")
"""Sheets that show what is in the what-if tables: programs without such tables do not fill them."""


def test_another_engine_computes_the_same(book: tuple[Made, bytes], tmp_path: Path) -> None:
    found, file = book
    path = tmp_path / "book.xlsx"
    path.write_bytes(file)
    engine = formualizer.Workbook.from_path(str(path))
    engine.evaluate_all()
    texts = {(sheet, place): text for sheet, place, text in formulas(file)}
    count = 0
    for sheet, place, wanted in found.layout.expected(found.model.values):
        text = texts.get((sheet, place), "")
        if not text or sheet in SHOWING_TABLES or (isinstance(wanted, float) and math.isnan(wanted)):
            continue
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", place).groups()  # type: ignore[union-attr]
        at = next(k for k in range(1, 2000) if letter(k) == column)
        got = engine.get_value(sheet, int(row), at)
        if wanted in (None, ""):
            assert got in (None, "")
        elif isinstance(wanted, (bool, str)):
            assert got == wanted, (sheet, place, text)
        else:
            assert got == pytest.approx(wanted, rel=1e-9, abs=1e-300), (sheet, place, text)
        count += 1
    assert count > 300


def test_an_auditor_finds_what_he_expects(book: tuple[Made, bytes]) -> None:
    _, file = book
    workbook = load_workbook(io.BytesIO(file))
    for sheet, place, text in formulas(file):
        where = f"{sheet}!{place}: {text}"
        bare = re.sub(r'"[^"]*"', "", text)
        assert not VOLATILE.search(bare), where
        assert "EXACT(" not in bare, where
        assert "LOG(" not in bare or not re.search(r"LOG\(\d", bare), where
        if sheet == "Inputs" and place.startswith("L"):
            assert "IF(" not in bare, f"an input is what is used, in base units: {where}"
        for number in re.findall(r"(?<![A-Za-z_$.\d])\d+(?:\.\d+)?(?:E[+-]\d+)?(?![\w.!:])", bare):
            digits = number.replace(".", "").strip("0")
            assert float(number) in ALLOWED_NUMBERS or len(digits) <= 4, where
    for sheet in workbook.worksheets:
        assert sheet.sheet_state == "visible", "no hidden state"
        assert not any(d.hidden for d in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))
        assert sheet.sheet_properties.tabColor is not None
    assert not workbook.calculation.iterate
