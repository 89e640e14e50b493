"""JavaScript computes what Python computes: every cell and column of every spec, at inputs drawn at random."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Problems
from memdsl.evaluate import Machine, Values
from memdsl.js import program
from memdsl.presentation import Probe
from memdsl.sheet.formula import Formula
from memdsl.sheet.operations import Value
from memdsl.sheet.sheet import Input
from memdsl.symbolic.searched import rests_on_found

from .node import same, values_at

TESTS = Path(__file__).resolve().parents[1]
SPECS = [*sorted((TESTS.parent / "specs").glob("*.mem")), *sorted((TESTS / "cases" / "good").glob("*.mem"))]
POINTS, SEARCHES = 3, 1
"""How many inputs are drawn, and how many where each of them has a search made again, in both languages."""


def load(path: Path) -> driver.Model:
    source = driver.read(path)
    assert isinstance(source, driver.Source)
    model = driver.build(source, path.parent, path)
    assert model.sound
    return model


def drawn(item: Input, values: Values, dice: random.Random) -> Value:
    """A value that an input admits, near the declared one where its range is open."""
    now, bounds = values.input(item.key), item.bounds
    if isinstance(now, bool):
        return dice.random() < 0.5
    if bounds is not None and bounds.one_of:
        return values.formula(dice.choice(bounds.one_of))
    if isinstance(now, str):
        return now
    low = float(values.formula(bounds.low)) if bounds and bounds.low is not None else 0.0
    high = float(values.formula(bounds.high)) if bounds and bounds.high is not None else 4 * abs(now)
    found = min(max(now * dice.choice((0.25, 0.5, 1.0, 2.0, 3.7)), low), high)
    if bounds is not None and bounds.multiple is not None:
        step = float(values.formula(bounds.multiple))
        return max(round(found / step) * step, step)
    return float(round(found)) if now == int(now) and now > 1 else found


def searches(model: driver.Model) -> bool:
    """Whether what the spec says rests on a search."""
    return any(rests_on_found(model.sheet, cell.formula) for cell in model.sheet.cells.values())


def slots(machine: Machine, values: Values) -> list[object]:
    """Every cell, every column, and the cell of every claim."""
    sheet = machine.sheet
    found: list[object] = [values.cell(cell) for cell in sheet.cells]
    for table in sheet.tables.values():
        found += [list(values.column(table.id, column)) for column in table.columns]
    return found + [value(values, claim.left) for claim in sheet.claims]


def value(values: Values, formula: Formula) -> Value:
    try:
        found = values.formula(formula)
    except (ArithmeticError, ValueError, TypeError):
        return math.nan
    return math.nan if isinstance(found, float) and math.isinf(found) else found


@pytest.mark.parametrize("path", SPECS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_values_agree(path: Path, tmp_path: Path) -> None:
    model = load(path)
    machine = model.machine
    dice = random.Random(path.stem)
    inputs = list(model.sheet.inputs.values())
    points: list[dict[str, Value]] = [{}]
    for _ in range(SEARCHES if searches(model) else POINTS):
        some = dice.sample(inputs, min(len(inputs), dice.randint(1, 4)))
        points.append({**points[-1], **{item.path: drawn(item, model.declared, dice) for item in some}})
    probes = [Probe(claim.left) for claim in model.sheet.claims]
    computed = values_at(program(model.sheet, probes).data, points, tmp_path)
    keys = {item.path: item.key for item in inputs}
    names = [*model.sheet.cells, *(f"{t.id} {c}" for t in model.sheet.tables.values() for c in t.columns)]
    names += [claim.text for claim in model.sheet.claims]
    for point, found in zip(points, computed, strict=True):
        values = machine.at({keys[name]: value for name, value in point.items()}, Problems())
        wrong = [
            name
            for name, here, there in zip(names, found, slots(machine, values), strict=True)
            if not same(here, there)
        ]
        assert wrong == [], point
