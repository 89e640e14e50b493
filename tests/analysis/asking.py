"""How the tests of this room ask, and the specs that they ask."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from memdsl import driver
from memdsl.analysis import Sensitivity, Solution, sensitivity, solve
from memdsl.diagnostics import Source
from memdsl.symbolic import find_input

SPECS = Path(__file__).parents[2] / "specs"

SMALL = """
option wide = true
param x = 2 from 0 to 3
param y = 3 from -5 to 5
param z = 4
param b = 3 B from 0 B to 10 B
param n = 7 multiple of 1 from 1 to 60
param even = 4 multiple of 2
param bits = 8 bit one of 4 bit, 8 bit, 16 bit
param mode = "left" one of "left", "right"
param open = true
param deep = 50 ± 20%
param odd  = 100 ~ lognormal(2)
step  = if b < 3 B then 9 else if b <= 5 B then 6 else 2
tent  = if x < 1 then x else 2 - x
count = floor((n + 3) / 4)
same  = if mode == "left" and open then 1 else 2
wavy  = exp(y) - 3 * y
"""


@lru_cache(maxsize=256)
def model_of(spec: str, asked: str) -> driver.Model:
    """The model of a text, or of a shipped spec by its file's name."""
    path = SPECS / spec
    source = driver.read(path) if spec.endswith(".mem") else Source("small.mem", spec)
    assert isinstance(source, Source)
    model = driver.build(source, SPECS, queries=[asked])
    assert model.sound, [d.message for d in model.diagnostics]
    assert model.queries
    return model


def solved(spec: str, condition: str, path: str) -> Solution:
    model = model_of(spec, condition)
    item = find_input(model.typed, path)
    return solve(model.typed, model.machine, model.values, model.queries[0].formula, item, condition)


def moved(spec: str, cell: str, *paths: str, by: float | None = None) -> Sensitivity:
    model = model_of(spec, cell)
    inputs = [find_input(model.typed, path) for path in paths]
    return sensitivity(model.typed, model.machine, model.values, model.queries[0].formula, cell, inputs, by)
