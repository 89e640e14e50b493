"""Inputs, scenarios and what the book says of them, as LibreOffice recalculates it."""

from __future__ import annotations

import math

import pytest
from office import Cells, edit, read, recalculate
from workbooks import Made, made

from memdsl.excel.inputs import OUTSIDE, WRONG
from memdsl.sheet.operations import Value

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

SPEC = """
"A book with inputs of every kind"
param side = 64 px  multiple of 32  from 32 px to 512 px  "Side"
param sram = 8 MiB  from 0 B to 64 MiB
param bits = 8  one of 4, 8, 16
param mode = "fast"  one of "fast", "slow"
param on = true
rate = if on and mode == "fast" then 2 else 1
bytes = side^2 * bits * 1 bit
fits = bytes <= sram
scenario large "A large image" { side = 512 px; bits = 16 }
scenario slow { mode = "slow"; on = false; sram = 0 B }
"""
EDITS: dict[str, dict[str, Value]] = {
    "as made": {},
    "scenario": {"B4": "large"},
    "yours wins": {"B4": "large", "E8": 96.0},
    "other kinds": {"B4": "slow"},
    "yours of every kind": {"B4": "slow", "E10": 4.0, "E11": "fast", "E12": True},
    "beyond the range": {"E8": 1024.0},
    "not a multiple": {"E8": 33.0, "E9": -1.0},
    "no choice": {"E10": 5.0, "E11": "FAST"},
    "a text": {"E8": "big"},
}


@pytest.fixture(scope="module")
def book() -> Made:
    return made(SPEC)


@pytest.fixture(scope="module")
def found(book: Made, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cells]:
    folder = tmp_path_factory.mktemp("inputs")
    book.layout.save(folder / "book.xlsx")
    targets = []
    for number, cells in enumerate(EDITS.values()):
        targets.append(folder / f"{number}.xlsx")
        edit(folder / "book.xlsx", targets[-1], book.layout, cells)
    return dict(zip(EDITS, map(read, recalculate(targets, folder)), strict=True))


def used(cells: Cells) -> list[object]:
    return [cells.values.get(("Inputs", f"F{row}")) for row in range(8, 13)]


def results(cells: Cells) -> list[object]:
    return [cells.values.get(("Results", f"E{row}")) for row in (5, 6, 7)]


@pytest.mark.parametrize(
    ("edit", "inputs", "outcome"),
    [
        ("as made", [64, 8, 8, "fast", True], [2, 4096, True]),
        ("scenario", [512, 8, 16, "fast", True], [2, 524288, True]),
        ("yours wins", [96, 8, 16, "fast", True], [2, 18432, True]),
        ("other kinds", [64, 0, 8, "slow", False], [1, 4096, False]),
        ("yours of every kind", [64, 0, 4, "fast", True], [2, 2048, False]),
        ("a text", [64, 8, 8, "fast", True], [2, 4096, True]),
    ],
)
def test_the_book_follows(found: dict[str, Cells], edit: str, inputs: list[object], outcome: list[object]) -> None:
    assert used(found[edit]) == inputs
    assert results(found[edit]) == outcome


@pytest.mark.parametrize(
    ("edit", "marks", "banner"),
    [
        ("as made", {}, None),
        ("scenario", {8: "changed", 10: "changed"}, None),
        ("beyond the range", {8: OUTSIDE}, "1 input out of range: see Inputs"),
        ("not a multiple", {8: OUTSIDE, 9: OUTSIDE}, "2 inputs out of range: see Inputs"),
        ("no choice", {10: OUTSIDE}, "1 input out of range: see Inputs"),  # FAST is fast, as for Excel
        ("a text", {8: WRONG}, "1 input out of range: see Inputs"),
    ],
)
def test_what_is_changed_or_out_of_range_is_said_on_every_sheet(
    book: Made, found: dict[str, Cells], edit: str, marks: dict[int, str], banner: str | None
) -> None:
    values = found[edit].values
    said = {row: values.get(("Inputs", f"H{row}")) for row in range(8, 13)}
    assert {row: text for row, text in said.items() if text} == marks
    assert {values.get((sheet, "A3")) for sheet in book.layout.book.pages} == {banner}


def same(a: object, b: Value) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-12)
    return a == b


def test_a_scenario_chosen_when_the_book_is_made_gives_the_same_book(book: Made, found: dict[str, Cells]) -> None:
    chosen = made(SPEC, scenario="large", settings=[("side", "96 px")])
    differing = [
        (sheet, coordinate)
        for sheet, coordinate, value in chosen.layout.expected(chosen.model.values)
        if not same(found["yours wins"].values.get((sheet, coordinate)) or "", value or "")
    ]
    assert differing == []


def test_validation_says_the_range(book: Made) -> None:
    said = {str(rule.sqref): rule.error for rule in book.layout.book.workbook["Inputs"].data_validations.dataValidation}
    assert said["E8"] == "Allowed: a multiple of 32 px from 32 px to 512 px"
    assert said["E11"] == "Allowed: one of fast, slow"
