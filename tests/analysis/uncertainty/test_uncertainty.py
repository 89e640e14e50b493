"""Uncertainty against what is known without sampling: means, percentiles, intervals, shares of the variance."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from memdsl import driver
from memdsl.analysis.sweep import SweepError, Target
from memdsl.analysis.uncertainty import CellUncertainty, Estimate, uncertainties
from memdsl.analysis.uncertainty.sampling import Admissible
from memdsl.diagnostics import Source
from memdsl.evaluate.spread import spread_of
from memdsl.sheet.formula import CellRef

ROOT = Path(__file__).parents[3]
SPEC = """
param a = 10 ± 20%
param b = 5 ~ uniform(2, 8)
param c = 3 ~ normal(10%)
param d = 2 J ~ lognormal(2)
param e = 4 ~ one of 2, 4, 8
param f = 64 ± 50%  multiple of 16  from 32 to 512
param g = 7
param tail = 1 ~ normal(2) from 0 to 3
linear = a + 2 * b
large = d * c * e
bent = (a - 10)^2
rows = ceil(f / 16) * e
steps = if b > 5 then 1 else 0
sure = 2 * g
name = if b > 5 then "many" else "few"
root = sqrt(b - 5)
"""


@pytest.fixture(scope="module")
def model() -> driver.Model:
    built = driver.build(Source("spec.mem", SPEC), Path())
    assert built.sound, [d.message for d in built.problems]
    return built


def asked(model: driver.Model, cell: str) -> Target:
    return Target(cell, CellRef(model.sheet.cells[cell].formula.span, cell), model.typed.cell_types[cell])


def of(model: driver.Model, cell: str, samples: int = 1 << 15, seed: int = 1) -> CellUncertainty:
    (found,) = uncertainties(model.typed, model.values, [asked(model, cell)], samples, seed)
    return found


def near(found: Estimate, wanted: float, errors: float = 5) -> bool:
    """Within some standard errors, and the error says something."""
    return abs(found.value - wanted) <= errors * found.error + 1e-12 and found.error < 0.1 * abs(wanted) + 0.05


def test_a_sum_of_uniform_inputs(model: driver.Model) -> None:
    found = of(model, "linear")
    variance = 4**2 / 12 + 4 * 6**2 / 12
    assert found.declared == 20
    assert near(found.mean, 20)
    assert found.deviation == pytest.approx(math.sqrt(variance), rel=0.02)
    assert found.mean.error == pytest.approx(math.sqrt(variance / (1 << 16)), rel=0.02)
    assert (found.interval.low, found.interval.high) == (12, 28)
    assert found.interval.proved
    assert found.interval.ended
    shares = {share.input.path: share for share in found.shares}
    assert list(shares) == ["b", "a"]
    for share, wanted in ((shares["b"], 12 / variance), (shares["a"], 4**2 / 12 / variance)):
        assert near(share.first, wanted)
        assert near(share.total, wanted)


def test_a_product_of_unlike_inputs(model: driver.Model) -> None:
    found = of(model, "large", 1 << 16)
    sigma = math.log(2)
    mean = 2 * math.exp(sigma**2 / 2) * 3 * (2 + 4 + 8) / 3
    assert near(found.mean, mean)
    parts = (math.exp(sigma**2) - 1, 0.1**2, (4 + 16 + 64) / 3 / (14 / 3) ** 2 - 1)
    whole = math.prod(1 + part for part in parts) - 1
    shares = {share.input.path: share for share in found.shares}
    for path, part in zip("dce", parts, strict=True):
        assert near(shares[path].first, part / whole)
        assert near(shares[path].total, part * (1 + whole) / (1 + part) / whole)
    # Half of the values of a lognormal are below its median, whatever multiplies it.
    assert not found.interval.ended


def test_percentiles_of_one_monotone_input_are_its_own(model: driver.Model) -> None:
    found = of(model, "linear")
    single = driver.build(Source("spec.mem", "param d = 2 ~ lognormal(2)\ncost = 3 * d"), Path())
    found = of(single, "cost")
    for (percent, estimate), z in zip(found.percentiles, (-1.6448536, 0, 1.6448536), strict=True):
        assert percent in (5, 50, 95)
        assert near(estimate, 6 * 2**z)
    assert found.interval.proved
    assert found.interval.low == pytest.approx(6 * 2**-1.6448536)
    assert found.interval.high == pytest.approx(6 * 2**1.6448536)


def test_an_interval_is_exact_only_where_that_is_proved(model: driver.Model) -> None:
    bent = of(model, "bent").interval
    assert not bent.proved
    assert bent.low == pytest.approx(0, abs=1e-4)
    assert bent.high == pytest.approx(4)
    rows = of(model, "rows").interval
    assert (rows.low, rows.high, rows.proved) == (2 * 2, 6 * 8, True)
    steps = of(model, "steps")
    assert (steps.interval.low, steps.interval.high, steps.interval.proved) == (0, 1, True)
    assert near(steps.mean, 0.5)


def test_samples_are_admissible(model: driver.Model) -> None:
    for path in ("f", "tail", "e", "a"):
        item = model.sheet.inputs[path]
        spread = spread_of(model.values, item)
        assert spread is not None
        found = Admissible(model.values, item, spread).draw(np.random.RandomState(3).random_sample(10_000))
        if path == "f":
            assert set(found) == {32.0, 48.0, 64.0, 80.0, 96.0}
        elif path == "e":
            assert set(found) == {2.0, 4.0, 8.0}
        else:
            low, high = (0.0, 3.0) if path == "tail" else (8.0, 12.0)
            assert low <= found.min() < low + 0.05
            assert high - 0.05 < found.max() <= high


def test_a_seed_gives_the_same_numbers_and_another_seed_others_within_the_error(model: driver.Model) -> None:
    one, again, other = of(model, "large"), of(model, "large"), of(model, "large", seed=2)
    assert one.mean.value == again.mean.value
    assert [s.first.value for s in one.shares] == [s.first.value for s in again.shares]
    assert one.mean.value != other.mean.value
    assert abs(one.mean.value - other.mean.value) < 6 * one.mean.error


def test_points_without_a_value_are_counted(model: driver.Model) -> None:
    found = of(model, "root")
    assert found.samples + found.missing == 1 << 16
    assert found.missing == pytest.approx(1 << 15, rel=0.05)
    assert not found.interval.proved


@pytest.mark.parametrize(("cell", "said"), [("sure", "± 20%"), ("name", "is not a number")])
def test_what_has_no_uncertainty_is_said(model: driver.Model, cell: str, said: str) -> None:
    with pytest.raises(SweepError, match=said):
        of(model, cell)


def test_the_command(tmp_path: Path) -> None:
    spec = tmp_path / "spec.mem"
    spec.write_text(SPEC)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "memdsl", "uncertainty", str(spec), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")},
        )

    found = json.loads(run("linear", "large", "--format", "json", "--samples", "1000").stdout)
    assert found["cells"]["large"]["unit"] == "J"
    assert found["cells"]["linear"]["interval"] == {"low": 12, "high": 28, "exact": True, "inputs_have_ends": True}
    assert found["cells"]["linear"]["contributions"][0]["input"] == "b"
    text = run("linear").stdout
    assert text.startswith("linear  20 at the inputs' own values\n  mean  20.0")
    assert "from 12 to 28 while the inputs are between their ends: exact\n" in text
    assert "first-order Sobol index" in text
    wrong = run("sure")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "no input that `sure` rests on has an uncertainty" in wrong.stderr
    assert run("nosuch").returncode == 1
