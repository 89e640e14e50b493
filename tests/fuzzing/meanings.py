"""Specs drawn at random have one meaning: Python, arrays, closed forms, JavaScript and a recalculated workbook agree.

Where a cell has no value, it has none in any of them.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from generated_specs import CHOICES, Drawing, points
from js.node import program_values, same
from memdsl import driver
from memdsl.analysis.sweep.vector import VectorMachine
from memdsl.diagnostics import Problems, Source
from memdsl.evaluate import Values
from memdsl.js import program
from memdsl.sheet.formula import CellRef
from memdsl.sheet.operations import Value
from memdsl.symbolic import SymbolicError, closed_form

from .damage import TESTS

sys.path.append(str(TESTS / "excel"))

AT_ONCE = 50
"""Specs whose scripts run in one process, and whose books one LibreOffice recalculates."""


def model_of(seed: int) -> driver.Model | None:
    """None where a condition of constants has no value: such a spec is refused."""
    model = driver.build(Source(f"seed {seed}", Drawing(seed).spec()), Path())
    return model if isinstance(model, driver.Model) else None


def number(value: object) -> object:
    """A truth of an array, which may be a number there, as it is compared."""
    if isinstance(value, np.generic):
        value = value.item()
    return math.nan if value is None else value


def alike(wanted: Value, got: object) -> bool:
    if isinstance(wanted, bool) and isinstance(got, float) and not math.isnan(got):
        return wanted == bool(got)
    return same(wanted, number(got))


def differences(seeds: Sequence[int]) -> Iterator[str]:
    """What differs between any two of the meanings."""
    with tempfile.TemporaryDirectory() as place:
        yield from of_formulas(seeds, Path(place))
        yield from of_books(seeds, Path(place), count=1)


def of_formulas(seeds: Sequence[int], folder: Path, count: int = 5) -> Iterator[str]:
    """What differs between the evaluator and arrays, scripts and closed forms."""
    models = {seed: model for seed in seeds if (model := model_of(seed)) is not None}
    tasks = [(program(model.sheet).data, points(seed, count)) for seed, model in models.items()]
    scripts = program_values(tasks, folder)
    for (seed, model), script in zip(models.items(), scripts, strict=True):
        for what in _of_model(model, points(seed, count), script):
            yield f"seed {seed}: {what}"


def _of_model(model: driver.Model, drawn: list[dict[str, float]], scripts: list[list[object]]) -> Iterator[str]:
    cells = [cell for cell in model.sheet.cells if cell not in CHOICES]
    at = [model.machine.at(dict(point), Problems()) for point in drawn]
    formulas = [(model.sheet.cells[cell].formula, "", 0) for cell in cells]
    given = {name: np.array([point[name] for point in drawn]) for name in CHOICES}
    arrays = VectorMachine(model.sheet, model.declared, formulas).arrays(given, len(drawn))
    for k, (values, script) in enumerate(zip(at, scripts, strict=True)):
        in_script = dict(zip(model.sheet.cells, script, strict=False))
        for cell, array in zip(cells, arrays, strict=True):
            wanted = values.cell(cell)
            if not same(wanted, in_script[cell]):
                yield f"script: {cell} at {drawn[k]}: {wanted} and {in_script[cell]}"
            in_array = np.broadcast_to(np.asarray(array), (len(drawn),))[k]
            if not alike(wanted, in_array):
                yield f"arrays: {cell} at {drawn[k]}: {wanted} and {in_array}"
    for cell in cells:
        yield from _of_closed_form(model, cell, drawn, at)


def _of_closed_form(model: driver.Model, cell: str, drawn: list[dict[str, float]], at: list[Values]) -> Iterator[str]:
    formula = CellRef(model.sheet.cells[cell].formula.span, cell)
    try:
        form = closed_form(model.typed, model.machine, model.declared, formula, list(CHOICES), cell)
    except SymbolicError as error:
        if error.code == "closed-form-too-large":  # a limit, and said
            return
        if error.code not in ("no-value", "no-row"):
            yield f"closed form: {cell}: {error.code}"
        elif any(values.cell(cell) == values.cell(cell) for values in at):
            yield f"closed form: {cell} has none, and has values"
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
        alike = together or math.isclose(wanted, found, rel_tol=1e-9, abs_tol=1e-12)
        if not alike and not _rounded(model, cell, point, wanted):
            yield f"closed form: {cell} at {point}: {wanted} and {found}"


def _rounded(model: driver.Model, cell: str, point: dict[str, float], wanted: float) -> bool:
    """Whether the last bits of the inputs decide a value: what is left of `sqrt(n)^2 - n` is the order of the steps."""
    for name, value in point.items():
        for nudged in (value * (1 - 1e-13), value * (1 + 1e-13)):
            found = float(model.machine.at({**point, name: nudged}, Problems()).cell(cell))
            if not math.isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-9):
                return True
    return False


def of_books(seeds: Sequence[int], folder: Path, count: int = 2) -> Iterator[str]:
    """What each cell and column comes to, in one run of LibreOffice; an error where there is no value."""
    from office import change, read, recalculate
    from workbooks import made

    runs = []
    for seed in seeds:
        if model_of(seed) is None:
            continue
        book = made(Drawing(seed).spec())
        book.layout.save(folder / "book.xlsx")
        for k, point in enumerate(points(seed, count)):
            target = folder / f"{seed}-{k}.xlsx"
            change(folder / "book.xlsx", target, book.layout, point, trials=False)
            runs.append((book, point, target))
    for (book, point, target), result in zip(runs, recalculate([run[2] for run in runs], folder), strict=True):
        cells = read(result).values
        expected = book.layout.expected(book.model.machine.at(dict(point), Problems()))
        for sheet, place, wanted in expected:
            if sheet in ("Results", "T") and wanted is not None and not _in_book(wanted, cells.get((sheet, place))):
                yield f"book {target.stem}: {sheet} {place} at {point}: {wanted} and {cells.get((sheet, place))}"


def _in_book(wanted: Value, got: object) -> bool:
    if isinstance(wanted, float) and math.isnan(wanted):
        return isinstance(got, str) and got.startswith("#")
    if isinstance(wanted, (bool, str)):
        return got == wanted or (wanted == "" and got is None)
    # What is left of 1 - 1 in the last bit is 0 in a spreadsheet.
    return isinstance(got, (int, float)) and math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-12)
