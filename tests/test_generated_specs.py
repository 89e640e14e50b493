"""Specs drawn at random have one meaning: Python, arrays, closed forms, JavaScript and a recalculated workbook agree.

Where a cell has no value, it has none in any of them.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from generated_specs import CHOICES, Drawing, points
from js.node import same, values_at
from memdsl import driver
from memdsl.analysis.sweep.vector import VectorMachine
from memdsl.diagnostics import Problems, Source
from memdsl.evaluate import Values
from memdsl.js import program
from memdsl.sheet.formula import CellRef
from memdsl.sheet.operations import Value
from memdsl.symbolic import SymbolicError, closed_form

sys.path.append(str(Path(__file__).parent / "excel"))

SEEDS = range(24)
BOOKS = range(8)


def model_of(seed: int) -> driver.Model:
    model = driver.build(Source(f"seed {seed}", Drawing(seed).spec()), Path())
    assert isinstance(model, driver.Model)
    return model


def number(value: object) -> object:
    """A truth of an array, which may be a number there, as it is compared."""
    if isinstance(value, np.generic):
        value = value.item()
    return math.nan if value is None else value


def alike(wanted: Value, got: object) -> bool:
    if isinstance(wanted, bool) and isinstance(got, float) and not math.isnan(got):
        return wanted == bool(got)
    return same(wanted, number(got))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_meaning_gives_the_same_values(seed: int, tmp_path: Path) -> None:
    model = model_of(seed)
    cells = [cell for cell in model.sheet.cells if cell not in CHOICES]
    drawn = points(seed, 5)
    at = [model.machine.at(dict(point), Problems()) for point in drawn]
    scripts = values_at(program(model.sheet).data, drawn, tmp_path)
    formulas = [(model.sheet.cells[cell].formula, "", 0) for cell in cells]
    given = {name: np.array([point[name] for point in drawn]) for name in CHOICES}
    arrays = VectorMachine(model.sheet, model.declared, formulas).at(given, len(drawn))
    for k, (values, script) in enumerate(zip(at, scripts, strict=True)):
        in_script = dict(zip(model.sheet.cells, script, strict=False))
        for cell, array in zip(cells, arrays, strict=True):
            wanted = values.cell(cell)
            assert same(wanted, in_script[cell]), (cell, drawn[k])
            assert alike(wanted, np.broadcast_to(np.asarray(array), (len(drawn),))[k]), (cell, drawn[k])
    for cell in cells:
        _closed_form_agrees(model, cell, drawn, at)


def _closed_form_agrees(model: driver.Model, cell: str, drawn: list[dict[str, float]], at: list[Values]) -> None:
    formula = CellRef(model.sheet.cells[cell].formula.span, cell)
    try:
        form = closed_form(model.typed, model.machine, model.declared, formula, list(CHOICES), cell)
    except SymbolicError as error:
        if error.code not in ("no-value", "no-row"):
            raise
        assert all(values.cell(cell) != values.cell(cell) for values in at)
        return
    form.text()
    form.latex()
    for point, values in zip(drawn, at, strict=True):
        try:
            found = form.evaluate(point)
        except ArithmeticError:
            found = math.nan
        wanted = float(values.cell(cell))
        together = math.isnan(wanted) and math.isnan(found)
        assert together or math.isclose(wanted, found, rel_tol=1e-9, abs_tol=1e-12), (cell, point, form.text())


def test_a_recalculated_workbook_agrees(tmp_path: Path) -> None:
    """What each cell and column comes to, in one run of LibreOffice; an error where there is no value."""
    from office import change, read, recalculate
    from workbooks import made

    runs = []
    for seed in BOOKS:
        book = made(Drawing(seed).spec())
        book.layout.save(tmp_path / "book.xlsx")
        for k, point in enumerate(points(seed, 2)):
            target = tmp_path / f"{seed}-{k}.xlsx"
            change(tmp_path / "book.xlsx", target, book.layout, point)  # type: ignore[arg-type]
            runs.append((book, point, target))
    different = []
    for (book, point, target), result in zip(runs, recalculate([run[2] for run in runs], tmp_path), strict=True):
        cells = read(result).values
        expected = book.layout.expected(book.model.machine.at(dict(point), Problems()))
        for sheet, place, wanted in expected:
            if sheet in ("Results", "T") and wanted is not None and not _in_book(wanted, cells.get((sheet, place))):
                different.append((target.name, sheet, place, wanted, cells.get((sheet, place)), point))
    assert different == []


def _in_book(wanted: Value, got: object) -> bool:
    if isinstance(wanted, float) and math.isnan(wanted):
        return isinstance(got, str) and got.startswith("#")
    if isinstance(wanted, (bool, str)):
        return got == wanted or (wanted == "" and got is None)
    # What is left of 1 - 1 in the last bit is 0 in a spreadsheet.
    return isinstance(got, (int, float)) and math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-12)
