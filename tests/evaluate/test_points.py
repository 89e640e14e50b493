"""The evaluator against a computation written out by hand, and a changed input against a fresh build."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memdsl import driver
from memdsl.diagnostics import Problems, Source

SPEC = """
use std.layers
use std.traffic
use std.hardware
param width  = 64 px   multiple of 1 from 8 px to 4096 px
param filters = 16     multiple of 1 from 1 to 512
param stride = 2       one of 1, 2, 3
param sram   = 20 kB   from 0 B to 1 GB
network net(image[h, w, c]) {
  a = image -> conv(filters, stride = stride)
  b = a -> max_pool(2)
  c = add(b, b -> conv(b.c, kernel = 1))
}
hardware chip = edge(sram = sram)
model m = traffic(net([width, width, 3]), chip)
halved = round(m.work / 2 MAC)
"""
POINTS = {
    "width": st.integers(8, 600).map(float),
    "filters": st.integers(1, 64).map(float),
    "stride": st.sampled_from([1.0, 2.0, 3.0]),
    "sram": st.sampled_from([0.0, 999.0, 20e3, 1e6, 1e9]),
}


@pytest.fixture(scope="module")
def model() -> driver.Model:
    built = driver.build(Source("spec.mem", SPEC), Path())
    assert built.sound, [d.message for d in built.problems]
    return built


def by_hand(width: float, filters: float, stride: float, sram: float) -> dict[str, float]:
    side = math.floor((width + 2 - 3) / stride) + 1
    half = math.floor((side - 2) / 2) + 1
    sizes = [side * side * filters, half * half * filters, half * half * filters]
    weights = [27 * filters, 0.0, filters * filters]
    spilled = [size if size > sram else 0.0 for size in sizes]
    read = [spilled[0], spilled[1], spilled[2]]
    macs = weights[0] * side * side + weights[2] * half * half
    return {
        "m.dram_bytes": 3 * width * width + sum(weights) + sum(spilled) + sum(read),
        "m.work": macs,
        "m.largest_activation": max(sizes),
        "halved": math.floor(macs / 2 + 0.5),
    }


@given(st.fixed_dictionaries(POINTS))
@settings(max_examples=200)
def test_any_point_is_what_a_computation_by_hand_gives(model: driver.Model, point: dict[str, float]) -> None:
    values = model.machine.at(point, Problems())
    assert {cell: values.cell(cell) for cell in by_hand(**point)} == by_hand(**point)
    alone = {cell: model.machine.value(model.sheet.cells[cell].formula, point) for cell in by_hand(**point)}
    assert alone == by_hand(**point)


@given(st.fixed_dictionaries({}, optional=POINTS))
@settings(max_examples=25)
def test_changing_inputs_gives_the_sheet_that_a_fresh_build_gives(model: driver.Model, point: dict[str, float]) -> None:
    changed = model.machine.at(point, Problems())
    units = {"sram": " B"}
    fresh = driver.build(
        Source("spec.mem", SPEC), Path(), settings=[(k, f"{v:.0f}{units.get(k, '')}") for k, v in point.items()]
    ).values
    for cell in model.sheet.cells:
        assert changed.cell(cell) == fresh.cell(cell)
    for table in model.sheet.tables.values():
        for column in table.columns:
            assert changed.column(table.id, column) == fresh.column(table.id, column)


def test_a_point_leaves_the_declared_one_as_it_was(model: driver.Model) -> None:
    before = model.declared.cell("m.dram_bytes")
    model.machine.at({"width": 500.0}, Problems())
    assert model.declared.cell("m.dram_bytes") == before
    assert model.declared.formula(model.sheet.cells["m.dram_bytes"].formula) == before
