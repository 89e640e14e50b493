"""What a search found, in a workbook: the cost of that schedule at any setting, and a flag where it was another."""

from __future__ import annotations

from pathlib import Path

import pytest
from office import change, read, recalculate
from workbooks import made

from memdsl.diagnostics import Problems
from memdsl.sheet.sheet import Check

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

GOOD = Path(__file__).resolve().parents[1] / "cases" / "good"
SETTINGS = {
    "schedules": ("sram", [1536.0, 1024.0, 3 * 1024.0, 4096.0, 65536.0]),
    "choices": ("total", [4 * 2.0**20, 2.0**21, 2.0**23, 2.0**24, 2.0**25]),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_was_found_holds_or_the_flag_is_up(name: str, tmp_path: Path) -> None:
    book = made(GOOD / f"{name}.mem")
    path, values = SETTINGS[name]
    key = book.model.sheet.inputs[path].key
    shown = book.layout.book
    file = tmp_path / "book.xlsx"
    book.layout.save(file)
    targets = []
    for number, value in enumerate(values):
        targets.append(tmp_path / f"{number}.xlsx")
        change(file, targets[-1], book.layout, {key: value} if number else {})
    flags = [check for check in shown.sheet.checks if isinstance(check, Check) and "was found for" in check.message]
    assert flags
    for number, (value, result) in enumerate(zip(values, recalculate(targets, tmp_path), strict=True)):
        cells = read(result)
        setting = {key: value} if number else {}
        # The book computes the cost of what it holds, whatever the inputs.
        expected = shown.machine.at(setting, Problems())
        wrong = [
            (page, place, cells.values.get((page, place)), wanted)
            for page, place, wanted in book.layout.expected(expected)
            if isinstance(wanted, float)
            and cells.values.get((page, place)) != pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True)
        ]
        assert wrong == [], setting
        # A flag for each search that rests on the input that was changed.
        assert all(expected.formula(check.condition) for check in flags) is (number == 0)
        # Where the flag is not up, that is what a search finds.
        again = book.model.machine.at(setting, Problems())
        if number == 0:
            for cell in book.model.sheet.cells:
                assert again.cell(cell) == pytest.approx(expected.cell(cell), nan_ok=True)
