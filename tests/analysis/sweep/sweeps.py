"""Sweeps for the tests: random axes over a spec's inputs, and what the evaluator gives at one point."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from memdsl import driver
from memdsl.analysis.sweep import Axis, Grid, Sweep, Target, Track, sweep_of
from memdsl.diagnostics import Problems, Source
from memdsl.evaluate import failed_checks
from memdsl.sheet.formula import CellRef
from memdsl.sheet.operations import Value
from memdsl.sheet.sheet import Input

ROOT = Path(__file__).parents[3]


@lru_cache
def model_in(path: Path) -> driver.Model:
    source = driver.read(path)
    assert isinstance(source, Source)
    model = driver.build(source, path.parent, path)
    assert model.sound, [d.message for d in model.problems]
    return model


def model_of(text: str) -> driver.Model:
    model = driver.build(Source("spec.mem", text), Path())
    assert model.sound, [d.message for d in model.problems]
    return model


def asked(model: driver.Model, cells: Sequence[str]) -> list[Target]:
    found = []
    for cell in cells:
        formula = CellRef(model.sheet.cells[cell].formula.span, cell)
        found.append(Target(cell, formula, model.typed.cell_types[cell]))
    return found


def computed(model: driver.Model) -> list[str]:
    """Every cell that is no input."""
    return [name for name in model.sheet.cells if name not in model.sheet.inputs]


def axis(model: driver.Model, path: str, values: Sequence[float]) -> Axis:
    return Axis((Track(path, model.sheet.inputs[path].key, np.array(values, dtype=float)),))


def sweep(model: driver.Model, axes: Sequence[Axis], cells: Sequence[str]) -> Sweep:
    return sweep_of(model.typed, model.values, Grid(tuple(axes)), asked(model, cells))


def drawn(model: driver.Model, item: Input, random_: random.Random, count: int) -> list[float]:
    """Admissible values of an input: ends, the declared value and its halves and doubles, and others."""

    def bound(name: str) -> float | None:
        formula = getattr(item.bounds, name, None)
        return None if formula is None else float(model.values.formula(formula))

    current = float(model.values.input(item.key))
    if item.bounds is not None and item.bounds.one_of:
        choices = [float(model.values.formula(choice)) for choice in item.bounds.one_of]
        return [random_.choice(choices) for _ in range(count)]
    low, high, multiple = bound("low"), bound("high"), bound("multiple")
    low = 0.0 if low is None and current >= 0 else low if low is not None else 4 * current
    high = (4 * abs(current) or 10.0) if high is None else high
    if high > 1e290:
        return [random_.choice([current, 1e6, 3.5, low]) for _ in range(count)]
    if multiple is not None:
        steps = range(math.ceil(low / multiple), math.floor(high / multiple) + 1)
        return [multiple * random_.choice(steps) for _ in range(count)]
    near = [v for v in (low, high, current, current / 2, current * 2, current * 4) if low <= v <= high]
    return [
        random_.choice([random_.uniform(low, high), float(math.floor(random_.uniform(low, high))), *near])
        for _ in range(count)
    ]


def numeric(model: driver.Model) -> list[str]:
    """The inputs that are numbers."""
    values = {path: model.values.input(item.key) for path, item in model.sheet.inputs.items()}
    return [path for path, value in values.items() if not isinstance(value, bool | str)]


def random_sweep(model: driver.Model, seed: int, cells: Sequence[str]) -> Sweep:
    """A sweep of one to three inputs of any role."""
    random_ = random.Random(seed)
    numbers = numeric(model)
    params = [path for path in numbers if model.sheet.inputs[path].role == "param"] or numbers
    paths = [*random_.sample(numbers, min(len(numbers), random_.randint(1, 2))), random_.choice(params)]
    axes = []
    for path in dict.fromkeys(paths):
        values = drawn(model, model.sheet.inputs[path], random_, random_.randint(1, 5))
        low = [v for v in values if v >= 0 or path not in params]
        axes.append(axis(model, path, low or values))
    return sweep(model, axes, cells)


def at(model: driver.Model, found: Sweep, number: int) -> tuple[list[Value], bool] | None:
    """The evaluator's values at one point, and whether it meets what is required; None where `eval` gives up."""
    problems = Problems()
    values = model.machine.at(found.grid.point(number), problems)
    if problems.failed:
        return None
    wanted = [values.cell(column.text) for column in found.columns]
    failed_checks(model.typed, values, problems)
    return wanted, not problems.failed
