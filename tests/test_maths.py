"""The functions of std.maths, at values that were worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("log10(1000)", 3.0),
        ("ln(exp(2.5))", 2.5),
        ("round_up(100 B, 64 B)", 128.0),
        ("round_up(128 B, 64 B)", 128.0),
        ("round_down(0.3, 0.1)", 0.3),
        ("round_down(-1, 64)", -64.0),
        ("sign(-3 B)", -1.0),
        ("sign(0)", 0.0),
        ("mod(7, 3)", 1.0),
        ("mod(-7, 3)", 2.0),
        ("mod(100 B, 64 B)", 36.0),
    ],
)
def test_a_function_gives(formula: str, value: float) -> None:
    model = driver.build(Source("maths", f"use std.maths\nx = {formula}\n"), Path())
    assert [found.message for found in model.problems] == []
    assert isinstance(model, driver.Model)
    assert model.values.cell("x") == pytest.approx(value, rel=1e-12)
