"""Where conditions hold: known answers, ends that belong and ends that do not, and every answer against the sheet."""

from __future__ import annotations

import math
from random import Random

import pytest
from asking import SMALL, model_of, solved

from memdsl.analysis import Solution, say_solution
from memdsl.diagnostics import Problems
from memdsl.symbolic import SymbolicError

MIB = 2**20


def parts(found: Solution) -> list[str]:
    """Intervals as mathematics writes them: `[0, 2)`."""
    return [
        f"{'[' if i.low_included else '('}{i.low:.10g}, {i.high:.10g}{']' if i.high_included else ')'}"
        for i in found.intervals
    ]


@pytest.mark.parametrize(
    ("condition", "path", "expected"),
    [
        ("x <= 1", "x", ["[0, 1]"]),
        ("x < 1", "x", ["[0, 1)"]),
        ("x > 1 and x <= 2", "x", ["(1, 2]"]),
        ("x == 1", "x", ["[1, 1]"]),
        ("x != 1", "x", ["[0, 1)", "(1, 3]"]),
        ("x^2 <= 2", "x", ["[0, 1.414213562]"]),
        ("x^2 < 2", "x", ["[0, 1.414213562)"]),
        ("x^2 == 2", "x", ["[1.414213562, 1.414213562]"]),
        ("(x^2 - 2)^2 <= 0", "x", ["[1.414213562, 1.414213562]"]),
        ("(x - 1)^2 > 0", "x", ["[0, 1)", "(1, 3]"]),
        ("y^3 - 4*y >= 0", "y", ["[-2, 0]", "[2, 5]"]),
        ("y^5 - 5*y^3 + 4*y > 0", "y", ["(-2, -1)", "(0, 1)", "(2, 5]"]),
        ("abs(y) > 2", "y", ["[-5, -2)", "(2, 5]"]),
        ("min(x, 2) == 2", "x", ["[2, 3]"]),
        ("tent > 0.25", "x", ["(0.25, 1.75)"]),
        ("tent == 0.5", "x", ["[0.5, 0.5]", "[1.5, 1.5]"]),
        ("step == 6", "b", ["[3, 5]"]),
        ("step > 5", "b", ["[0, 5]"]),
        ("step < 7", "b", ["[3, 10]"]),
        ("step == 6 and b > 4 B", "b", ["(4, 5]"]),
        ("not step == 6", "b", ["[0, 3)", "(5, 10]"]),
        ("floor(x * 2) == 3", "x", ["[1.5, 2)"]),
        ("ceil(x * 2) == 3", "x", ["(1, 1.5]"]),
        ("floor(x^2) == 2", "x", ["[1.414213562, 1.732050808)"]),
        ("ceil(x^2) == 2", "x", ["(1, 1.414213562]"]),
        ("1 / z < 0.5", "z", ["(2, inf)"]),
        ("1 / y < 0.5", "y", ["[-5, 0)", "(2, 5]"]),
        ("z > 3", "z", ["(3, inf)"]),
        ("sqrt(x + 1) <= 1.5", "x", ["[0, 1.25]"]),
        ("log2(x + 1) < 1", "x", ["[0, 1)"]),
        ("2^x > 4", "x", ["(2, 3]"]),
        ("exp(x) >= 5", "x", ["[1.609437912, 3]"]),
        ("wavy < 0", "y", ["(0.6190612867, 1.512134552)"]),
        ("x < y - 2", "x", ["[0, 1)"]),
    ],
)
def test_intervals(condition: str, path: str, expected: list[str]) -> None:
    found = solved(SMALL, condition, path)
    assert parts(found) == expected
    assert not found.always
    assert not found.never
    assert found.numeric == ("wavy" in condition)


@pytest.mark.parametrize(
    ("condition", "path", "expected"),
    [
        ("n >= 58", "n", [(58, 60, 3)]),
        ("n < 3 or n > 59", "n", [(1, 2, 2), (60, 60, 1)]),
        ("count == 3", "n", [(9, 12, 4)]),
        ("n^2 <= 50", "n", [(1, 7, 7)]),
        ("n / 7 == 3", "n", [(21, 21, 1)]),
        ("even > 5", "even", [(6, math.inf, math.inf)]),
        ("even <= 5", "even", [(0, 4, 3)]),
    ],
)
def test_multiples(condition: str, path: str, expected: list[tuple[float, float, float]]) -> None:
    found = solved(SMALL, condition, path)
    assert [(run.low, run.high, run.count) for run in found.runs] == expected


def test_a_few_values_are_tried() -> None:
    assert solved(SMALL, "bits > 4 bit", "bits").choices == (1.0, 2.0)
    assert solved(SMALL, "same == 1", "mode").choices == ("left",)
    assert solved(SMALL, "same == 1", "open").choices == (True,)


def test_never_always_and_without_effect_are_said() -> None:
    model = model_of(SMALL, "x^2 - 2*x <= 0 - 2")
    never = solved(SMALL, "x^2 - 2*x <= 0 - 2", "x")
    assert never.never
    assert say_solution(model.typed, never) == [
        "`x^2 - 2*x <= 0 - 2` never holds for `x` from 0 to 3",
        "  x^2 - 2*x lies between -1 and 3",
    ]
    always = solved(SMALL, "1 / (x + 1) > 0.2", "x")
    assert always.always
    assert [(side.extent.low, side.extent.high) for side in always.sides if side.extent] == [(0.25, 1)]
    (line,) = say_solution(model.typed, solved(SMALL, "tent > 1", "y"))
    assert line == "`tent > 1` does not depend on `y`: it holds at no value"
    endless = solved(SMALL, "z + 1 / (z + 1) < 0.5", "z")
    assert endless.never
    (side,) = endless.sides
    assert side.extent is not None
    assert (side.extent.low, side.extent.high) == (1, math.inf)


def test_yolov3_knows_its_answers() -> None:
    """The smallest SRAM with at most 192 MiB spilled is 8 MiB; its break-even points are the sizes of its tensors."""
    found = solved("yolov3.mem", "today.spilled_bytes <= 192 MiB", "sram")
    assert parts(found) == [f"[{8 * MIB}, {2**30}]"]
    assert found.changes == (8 * MIB,)
    assert parts(solved("yolov3.mem", "today.dram_bytes <= 300 MB", "sram")) == [f"[{32 * MIB}, {2**30}]"]
    assert parts(solved("yolov3.mem", "today.dram_bytes == 470840416 B", "sram")) == [f"[{8 * MIB}, {16 * MIB})"]
    (run,) = solved("yolov3.mem", "today.dram_bytes <= 300 MB", "width").runs
    assert (run.low, run.high, run.count) == (32, 1184, 37)


def test_resnet50_passes_a_megabyte() -> None:
    """Its largest activation, of 64 channels at half the width and height, is 16 * 224 B a pixel of width."""
    (run,) = solved("resnet50.mem", "max(today.layers.out_bytes) > 1 MB", "width").runs
    first = math.ceil(1e6 / (16 * 224) / 32) * 32
    assert (run.low, run.high) == (first, 8192)


TPU = """
use std.chips
use std.reuse
param batch = 200 multiple of 1 from 1 to 100000
hardware chip = tpu_v1()
rate = attainable(chip.peak, batch * 1 MAC/B, chip.dram.bandwidth)  in Top/s
"""


def test_the_tpu_turns_compute_bound_at_its_ridge() -> None:
    """A dense layer works once for each item of the batch on each byte of weights: 1,349.27 MAC/B is the ridge."""
    (run,) = solved(TPU, "rate == chip.peak", "batch").runs
    assert (run.low, run.high) == (1350, 100_000)
    (interval,) = solved(TPU, "chip.ridge <= 1349 MAC/B", "chip.dram.bandwidth").intervals
    assert interval.low == pytest.approx(65_536 * 700e6 / 1349, rel=1e-12)
    assert interval.low_included
    (interval,) = solved(TPU, "rate < chip.peak", "chip.array.clock").intervals
    assert (interval.low, interval.low_included) == (pytest.approx(200 * 34e9 / 65_536, rel=1e-12), False)


def test_a_spec_without_an_answer_says_why() -> None:
    with pytest.raises(SymbolicError, match="more than"):
        solved(SMALL, "floor(b / 1 B * 1000000) == 3", "b")


# ---- against the sheet ----------------------------------------------------------------------------------------------

CONDITIONS = [
    ("yolov3.mem", "today.dram_bytes <= 300 MB", "sram"),
    ("yolov3.mem", "today.time <= 120 ms and saved >= 40%", "sram"),
    ("yolov3.mem", "today.time > 125 ms", "width"),
    ("yolov3.mem", "saved >= 50%", "height"),
    ("yolov3.mem", "today.energy < 120 mJ", "chip.dram.energy"),
    ("yolov3.mem", "today.time <= 115 ms", "chip.dram.bandwidth"),
    ("yolov3.mem", "today.energy / naive.energy < 0.5", "sram"),
    ("resnet50.mem", "today.dram_bytes > 40 MB", "sram"),
    ("resnet50.mem", "today.time < 2 * today.energy * 1 s/J", "width"),
    ("resnet50.mem", 'count(today.layers where today.layers.bound == "memory") > 10', "chip.dram.bandwidth"),
    (SMALL, "y^5 - 5*y^3 + 4*y > 0 or floor(y^2) == 3", "y"),
    (SMALL, "wavy < 0 and y > 0.9", "y"),
    (SMALL, "round(x^2 * 3) >= ceil(4 / (x + 1)) + 1", "x"),
    (SMALL, "clamp(x * 2, 1, 4) - max(x, tent) < 1.25", "x"),
]


@pytest.mark.parametrize(("spec", "condition", "path"), CONDITIONS)
def test_it_holds_where_the_sheet_says(spec: str, condition: str, path: str) -> None:
    found, model = solved(spec, condition, path), model_of(spec, condition)
    machine, formula = model.machine, model.queries[0].formula

    def truth(x: float) -> bool:
        return bool(machine.at({found.input.key: x}, Problems()).formula(formula))

    random = Random(condition)
    low = found.domain.low
    high = found.domain.high if math.isfinite(found.domain.high) else 20 * max(found.changes, default=1.0)
    points = [random.uniform(low, high) for _ in range(150)]
    points += [change * (1 + 1e-7 * side) for change in found.changes for side in (-1, 1)]
    points += [random.uniform(low, change * 2) for change in found.changes for _ in range(5)]
    if found.step is not None:
        points = [round(x / found.step) * found.step for x in points]
        points += [change + k * found.step for change in found.changes for k in (-1, 0, 1)]
    for x in points:
        if not low <= x <= high:
            continue
        if found.step is None and any(math.isclose(x, c, rel_tol=1e-9, abs_tol=1e-12) for c in found.changes):
            continue
        inside = any(
            (i.low < x < i.high) or (x == i.low and i.low_included) or (x == i.high and i.high_included)
            for i in found.intervals
        ) or any(run.low <= x <= run.high for run in found.runs)
        assert inside == truth(x), x
