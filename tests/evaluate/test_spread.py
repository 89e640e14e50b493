"""How far an input may lie from its value: ends and percentiles, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.evaluate import Spread, spread_of

SPEC = """
use std.hardware
param share  = 8 MB ± 25%
param amount = 8 MB +/- 500 kB
param count  = 100 ± 5
param bell   = 10 ns ~ normal(10%)
param width  = 10 ns ~ normal(2 ns)
param factor = 100 ± 50% ~ lognormal(2)
param free   = 100 ~ lognormal(2)
param flat   = 3 pJ/B ~ uniform(2 pJ/B, 5 pJ/B)
param choice = 8 bit ~ one of 4 bit, 8 bit, 16 bit
param sure   = 3
hardware chip { memory dram { energy = 160 pJ/B ± 25% from "a source" } }
"""


def spread(path: str, **settings: str) -> Spread | None:
    model = driver.build(Source("spread", SPEC), Path(), settings=list(settings.items()))
    assert model.sound, model.diagnostics
    return spread_of(model.values, model.sheet.inputs[path])


@pytest.mark.parametrize(
    ("path", "kind", "low", "high"),
    [
        ("share", "uniform", 6e6, 10e6),
        ("amount", "uniform", 7.5e6, 8.5e6),
        ("count", "uniform", 95, 105),
        ("bell", "normal", 10e-9 - 1.6448536269514722e-9, 10e-9 + 1.6448536269514722e-9),
        ("width", "normal", 10e-9 - 2 * 1.6448536269514722e-9, 10e-9 + 2 * 1.6448536269514722e-9),
        ("factor", "lognormal", 50, 150),
        ("free", "lognormal", 100 / 3.127, 100 * 3.127),
        ("flat", "uniform", 2e-12, 5e-12),
        ("choice", "one of", 0.5, 2),
        ("chip.dram.energy", "uniform", 120e-12, 200e-12),
    ],
)
def test_the_ends(path: str, kind: str, low: float, high: float) -> None:
    found = spread(path)
    assert found is not None
    assert found.kind == kind
    assert found.ends == pytest.approx((low, high), rel=1e-3)


def test_a_share_follows_the_value_and_an_amount_does_not() -> None:
    shared, fixed = spread("share", share="4 MB"), spread("amount", amount="4 MB")
    assert shared is not None
    assert fixed is not None
    assert shared.ends == (3e6, 5e6)
    assert fixed.ends == (3.5e6, 4.5e6)


def test_what_says_nothing_is_sure() -> None:
    assert spread("sure") is None
