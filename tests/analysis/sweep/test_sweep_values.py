"""A sweep has the values of the evaluator at every point: shipped specs, good cases, random inputs, every cell."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweeps import ROOT, asked, at, computed, model_in, numeric, random_sweep

from memdsl import driver
from memdsl.analysis.sweep import Sweep
from memdsl.analysis.sweep.engine import Sheeted
from memdsl.analysis.sweep.vector import VectorMachine
from memdsl.sheet.sheet import RowOf

SHIPPED = sorted((ROOT / "specs").glob("*.mem"))
GOOD = sorted((ROOT / "tests" / "cases" / "good").glob("*.mem"))
SPECS = [*SHIPPED[::8], *GOOD]


class Arrays(VectorMachine):
    """All points at once, as a long sweep computes them."""

    at = VectorMachine.arrays


def through_the_sheet(model: driver.Model, found: Sweep) -> Sweep:
    """The same sweep without a closed form: every cell from the sheet's own formulas."""
    cells = asked(model, [column.text for column in found.columns])
    nodes = [
        Sheeted(column.axes, Arrays(model.sheet, model.values, [(cell.formula, "", 0)]))
        for column, cell in zip(found.columns, cells, strict=True)
    ]
    return Sweep(found.grid, found.columns, tuple(nodes), found.required, None, ())


def agrees(model: driver.Model, found: Sweep, seed: int, points: int = 6) -> None:
    """Random points of a sweep against the evaluator."""
    declared = [model.values.cell(column.text) for column in found.columns]
    scale = [abs(v) if isinstance(v, float) and abs(v) < 1e290 else 0.0 for v in declared]
    random_ = random.Random(seed)
    results = [(block, found.compute(block)) for block in found.grid.blocks(random_.choice([1, 3, 7, 1 << 16]))]
    for _ in range(points):
        number = random_.randrange(found.grid.size)
        point = at(model, found, number)
        if point is None:
            continue
        wanted, admitted = point
        block, values = next((b, v) for b, v in results if b.start <= number < b.start + b.size)
        for column, want, value, size in zip(found.columns, wanted, values, scale, strict=True):
            got = np.broadcast_to(value, block.shape).reshape(-1)[number - block.start]
            where = f"{column.text} at {found.grid.point(number)}"
            if not admitted and (got is None or np.isnan(got)):
                continue  # a requirement that is broken by rounding alone is met by the closed form
            if isinstance(column.type, RowOf) and isinstance(got, str):
                want = model.sheet.tables[column.type.table].rows[int(want)].name
            if isinstance(want, str):
                assert got == want, where
            else:
                assert float(got) == pytest.approx(float(want), rel=1e-12, abs=1e-13 * size), where


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_closed_forms_over_a_grid(path: Path, seed: int) -> None:
    model = model_in(path)
    cells = computed(model)
    if not (cells and numeric(model)):
        return  # nothing to compute, or nothing to sweep
    agrees(model, random_sweep(model, seed, random.Random(seed).sample(cells, min(8, len(cells)))), seed)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_the_sheet_itself_over_a_grid(path: Path, seed: int) -> None:
    model = model_in(path)
    cells = computed(model)
    if not (cells and numeric(model)):
        return  # nothing to compute, or nothing to sweep
    found = random_sweep(model, seed, random.Random(seed).sample(cells, min(8, len(cells))))
    agrees(model, through_the_sheet(model, found), seed)
