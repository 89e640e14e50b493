"""Books for any program and any analyst: another engine computes the same, and an auditor finds what he expects."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from engines import differing, formulas
from openpyxl import load_workbook
from workbooks import SPECS, Made, made

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


def test_another_engine_computes_the_same(book: tuple[Made, bytes], tmp_path: Path) -> None:
    found, file = book
    path = tmp_path / "book.xlsx"
    path.write_bytes(file)
    count, wrong = differing(found, path)
    assert wrong == []
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
