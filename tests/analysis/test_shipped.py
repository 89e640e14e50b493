"""Every shipped spec: closed forms, breakpoints, solutions and derivatives against the sheet at random points."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from random import Random

import pytest
from asking import SPECS

from memdsl import driver
from memdsl.analysis import sensitivity, solve
from memdsl.diagnostics import Problems
from memdsl.evaluate import Values, failed_checks
from memdsl.excel.found import with_what_was_found
from memdsl.sheet.formula import UNLIMITED, Apply, CellRef, Literal
from memdsl.sheet.sheet import Input, Quantity
from memdsl.symbolic import SymbolicError, closed_form, depends_on
from memdsl.symbolic.searched import rests_on_found

PATHS = sorted(SPECS.glob("*.mem"))
WANTED = ("dram_bytes", "energy", "time", "peak_live")
POINTS = 6


@cache
def spec_of(path: Path) -> driver.Model:
    """A spec, where what was found stays: no cell asked for rests on it, and searching takes long."""
    return with_what_was_found(searching(path))


@cache
def searching(path: Path) -> driver.Model:
    source = driver.read(path)
    assert not isinstance(source, driver.Diagnostic)
    model = driver.build(source, path.parent, path)
    assert model.sound
    return model


@cache
def cells_in(path: Path) -> list[str]:
    """A few totals of the first model that has them, which rest on numbers that a person may change.

    What a search finds has no closed form: `tests/schedule` holds it.
    """
    model = searching(path)
    typed = model.typed
    for instance in model.sheet.instances.values():
        found = [f"{instance.name}.{name}" for name in WANTED if f"{instance.name}.{name}" in model.sheet.cells]
        found = [c for c in found if isinstance(typed.cell_types[c], Quantity)]
        found = [c for c in found if not rests_on_found(model.sheet, model.sheet.cells[c].formula)]
        if instance.kind == "model" and found:
            return found[:3]
    return []


def numbers_below(model: driver.Model, cell: str) -> list[Input]:
    """The parameters of a cell that are numbers with a range, and one figure of the hardware."""
    below = [model.sheet.inputs[path] for path in depends_on(model.typed, model.sheet.cells[cell].formula)]
    numbers = [i for i in below if not isinstance(model.values.input(i.key), (bool, str))]
    numbers = [i for i in numbers if float(model.values.input(i.key)) < UNLIMITED / 10]
    ranged = [i for i in numbers if i.role == "param" and i.bounds is not None and not i.bounds.one_of]
    return [*ranged[:3], *[i for i in numbers if i.role == "component"][:1]]


def some_value(model: driver.Model, item: Input, random: Random) -> float:
    """An admissible value of an input, of any size that its range has."""
    here = float(model.values.input(item.key))
    bounds = item.bounds
    low = float(model.values.formula(bounds.low)) if bounds is not None and bounds.low is not None else here / 8
    high = float(model.values.formula(bounds.high)) if bounds is not None and bounds.high is not None else here * 8
    high = min(high, max(here, 1.0) * 64)
    value = low + (high - low) * random.random() ** 3
    if bounds is not None and bounds.multiple is not None:
        step = float(model.values.formula(bounds.multiple))
        return max(round(value / step), math.ceil(low / step)) * step
    return value


def at(model: driver.Model, settings: dict[str, float]) -> Values:
    return model.machine.at({model.sheet.inputs[path].key: value for path, value in settings.items()}, Problems())


def refused(model: driver.Model, values: Values) -> bool:
    """Whether the spec requires something that does not hold at these values."""
    problems = Problems()
    failed_checks(model.typed, values, problems)
    return problems.failed


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_closed_forms_are_the_sheet(path: Path) -> None:
    model, random = spec_of(path), Random(path.stem)
    forms = {}
    for cell in cells_in(path):
        formula, names = model.sheet.cells[cell].formula, [item.path for item in numbers_below(model, cell)]
        forms[cell] = closed_form(model.typed, model.machine, model.values, formula, names, cell)
    inputs = {item.path: item for cell in forms for item in numbers_below(model, cell)}
    for _ in range(POINTS):
        point = {name: some_value(model, item, random) for name, item in inputs.items()}
        values = at(model, point)
        for cell, form in forms.items():
            asked = {name: x for name, x in point.items() if name in form.point}
            others = all(name in form.point for name in point)
            wanted = values.cell(cell) if others else at(model, asked).cell(cell)
            assert form.evaluate(asked) == pytest.approx(wanted, rel=1e-9), (cell, point)
    for cell, form in forms.items():
        assert sum(term.value for term in form.terms) == pytest.approx(form.modelled, rel=1e-9)
        changes = [point for point in form.breakpoints if point.at > 0]
        for change in random.sample(changes, min(POINTS, len(changes))):
            item = inputs[change.input]
            near = change.at * 1e-9
            if item.bounds is not None and item.bounds.multiple is not None:
                near = float(model.values.formula(item.bounds.multiple))
            below = at(model, {change.input: change.at - near}).cell(cell)
            assert below == pytest.approx(change.below, rel=1e-6), (change.input, change.at)


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_solutions_are_where_the_sheet_says(path: Path) -> None:
    """A cell is held against about one of its own values, so that the condition changes inside the range."""
    model, random = spec_of(path), Random(path.stem)
    for cell in cells_in(path)[:1]:
        for item in numbers_below(model, cell)[:2]:
            limit = float(at(model, {item.path: some_value(model, item, random)}).cell(cell)) * 1.0137
            span, kind = model.sheet.cells[cell].span, model.typed.cell_types[cell]
            assert isinstance(kind, Quantity)
            condition = Apply(span, "<=", (CellRef(span, cell), Literal(span, limit, kind.dimension, repr(limit))))
            try:
                found = solve(model.typed, model.machine, model.values, condition, item, cell)
            except SymbolicError as error:
                assert error.code in ("too-many-points", "closed-form-too-large")  # noqa: PT017 - no answer: told, why
                continue
            for _ in range(POINTS):
                x = some_value(model, item, random)
                if any(math.isclose(x, change, rel_tol=1e-8) for change in found.changes):
                    continue
                inside = any(
                    i.low < x < i.high or (x == i.low and i.low_included) or (x == i.high and i.high_included)
                    for i in found.intervals
                ) or any(run.low <= x <= run.high for run in found.runs)
                there = at(model, {item.path: x})
                assert inside == (not refused(model, there) and float(there.cell(cell)) <= limit), (cell, item.path, x)


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_slopes_are_those_of_the_sheet(path: Path) -> None:
    model = spec_of(path)
    for cell in cells_in(path):
        inputs = numbers_below(model, cell)
        ref = CellRef(model.sheet.cells[cell].span, cell)
        found = sensitivity(model.typed, model.machine, model.values, ref, cell, inputs)
        for effect in found.effects:
            for end, there in ((effect.low, effect.at_low), (effect.high, effect.at_high)):
                values = at(model, {effect.input.path: end})
                assert there == (None if refused(model, values) else values.cell(cell)), (effect.input.path, end)
            here = effect.value
            if effect.slopes.above is None or not here or effect.slopes.jumps:
                continue
            if effect.input.bounds is not None and effect.input.bounds.multiple is not None:
                continue
            one, other = (float(at(model, {effect.input.path: here * (1 + d)}).cell(cell)) for d in (1e-7, 3e-6))
            measured = (other - one) / (here * 2.9e-6)
            assert measured == pytest.approx(effect.slopes.above, rel=1e-4, abs=abs(found.base / here) * 1e-7)
