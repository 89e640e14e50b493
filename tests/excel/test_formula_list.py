"""The sheet of formulas: every one once, as mathematics and as the cell has it, with a way to the cell."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from test_formulas_in_excel import ARITHMETIC
from workbooks import HERE, SPECS, made

from memdsl.excel.mathematics import mathematics
from memdsl.sheet.formula import Literal


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a + b * c", "a + b·c"),
        ("(a + b) * c - -a", "(a + b)·c - (-a)"),
        ("a / (b / c)", "a/(b/c)"),
        ("floor(a / b) + ceil(c)", "⌊a/b⌋ + ⌈c⌉"),
        ("sqrt(abs(a - b))^2", "√(|a - b|)^2"),
        ("if a <= b then a else if on then b else c", "{ a if a ≤ b; b if on; c otherwise }"),
        ('if mode != "fast" and not on then 1 else 2.5', '{ 1 if mode ≠ "fast" and not on; 2.5 otherwise }'),
        ("sram + 4 KiB", "sram + 4 KiB"),
        ("clamp(a, 0, max(b, c))", "clamp(a, 0, max(b, c))"),
        ("sum(t.v where t.v > 1)", "Σ(t.v where t.v > 1)"),
        ("sum(r in t where r.v > 1, r.v * 2)", "Σ(r in t where r.v > 1, r.v·2)"),
        ("count(t)", "count(t)"),
        ("half(a) * 2", "half(a)·2"),
    ],
)
def test_a_formula_as_mathematics(text: str, written: str) -> None:
    rows = 'table t {\n name | v\n "x" | 1\n "y" | 2\n}\nfn half(v) = v / 2\n'
    sheet = made(f"{ARITHMETIC}{rows}result = {text}\n").model.sheet
    assert mathematics(sheet, sheet.cells["result"].formula) == written


@pytest.mark.parametrize("path", [HERE / "books" / "tiers.mem", *(p for p in SPECS if p.stem == "yolov3")])
def test_every_formula_stands_there_once_as_its_cell_has_it(path: object) -> None:
    book = made(path)  # type: ignore[arg-type]
    target = io.BytesIO()
    book.layout.save(target)
    workbook = load_workbook(target)
    listed = list(workbook["Formulas"].iter_rows(min_row=5))
    assert len({(*(cell.value for cell in row[:3]), row[7].value) for row in listed}) == len(listed)
    for row in listed:
        assert row[4].data_type == "s"
        sheet, _, place = row[1].hyperlink.location.rpartition("!")
        value = workbook[sheet.strip("'")][place].value
        shown = row[4].value.removeprefix("=").partition(" … (")[0]
        assert str(value).removeprefix("=").startswith(shown) or (shown in ("TRUE", "FALSE") and str(value) == shown)
        assert row[3].value
    names = {(row[0].value or "", row[1].value) for row in listed}
    for cell in book.model.sheet.cells.values():
        if cell.id not in book.model.sheet.inputs and not isinstance(cell.formula, Literal):
            assert (cell.owner, cell.id.removeprefix(cell.owner + ".")) in names
    for table in book.model.sheet.tables.values():
        for column in table.columns.values():
            if column.role in ("column", "axis") and not all(isinstance(f, Literal) for f in column.formulas if f):
                assert (table.owner or table.id, column.name) in names
