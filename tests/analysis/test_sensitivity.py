"""How far cells follow inputs: by hand, and against values of the sheet beside the point."""

from __future__ import annotations

import math

import pytest
from asking import SMALL, model_of, moved

from memdsl.analysis import Effect, sensitivity_table
from memdsl.diagnostics import Problems


def one(cell: str, path: str, by: float | None = None, spec: str = SMALL) -> Effect:
    (effect,) = moved(spec, cell, path, by=by).effects
    return effect


@pytest.mark.parametrize(
    ("cell", "path", "elasticity"),
    [
        ("3 * x", "x", 1),
        ("x^3", "x", 3),
        ("1 / x", "x", -1),
        ("x + 2", "x", 0.5),
        ("sqrt(x) * 7", "x", 0.5),
        ("log2(x)", "x", 1 / math.log(2)),
        ("exp(x)", "x", 2),
        ("x^0.3", "x", 0.3),
        ("2^x", "x", 2 * math.log(2)),
        ("(x + y) / (x * y + 1)", "x", 2 / 5 - 6 / 7),
        ("max(x, y)", "y", 1),
        ("max(x, y)", "x", 0),
        ("if x > 1 then x^2 else 9", "x", 2),
        ("floor(x / 3) + 1", "x", 0),
    ],
)
def test_elasticities_by_hand(cell: str, path: str, elasticity: float) -> None:
    effect = one(cell, path)
    assert effect.exact
    assert effect.slopes.smooth
    assert effect.elasticity == pytest.approx((elasticity, elasticity), rel=1e-12, abs=1e-15)


def test_a_kink_and_a_step_have_two_sides() -> None:
    kink = one("max(x, 2) * 3 + min(x, 2)", "x")
    assert kink.elasticity == pytest.approx((0.25, 0.75))
    assert not kink.slopes.smooth
    step = one("step", "b")
    assert step.slopes.jumps
    assert (step.before is not None, step.after is not None) == (True, True)
    assert step.before is not None
    assert step.after is not None
    assert (step.before.at, step.before.change) == (3, 3)
    assert (step.after.at, step.after.change) == (5, -4)
    assert one("x", "x").before is None


def test_ends_of_a_range_have_one_side() -> None:
    model = "param x = 0 from 0 to 3\na = 2 * x + 1"
    assert one("a", "x", spec=model).slopes.below is None
    assert one("a", "x", spec=model).slopes.above == 2


@pytest.mark.parametrize(
    ("path", "by", "ends", "source"),
    [
        ("x", None, (1.8, 2.2), "±10 %"),
        ("x", 0.25, (1.5, 2.5), "±25 %"),
        ("x", 0.9, (0.2, 3), "±90 %"),
        ("n", None, (6, 8), "±10 %"),
        ("n", 0.5, (4, 10), "±50 %"),
        ("bits", None, (0.5, 2), "the next of its values"),
        ("deep", None, (40, 60), "its uncertainty"),
        ("deep", 0.1, (45, 55), "±10 %"),
        ("odd", None, (100 / 2**1.6448536269514722, 100 * 2**1.6448536269514722), "5 % to 95 % of its distribution"),
    ],
)
def test_how_far_an_input_is_changed(path: str, by: float | None, ends: tuple[float, float], source: str) -> None:
    effect = one(f"{path} * 3", path, by)
    assert (effect.low, effect.high) == pytest.approx(ends)
    assert (effect.at_low, effect.at_high) == pytest.approx((3 * ends[0], 3 * ends[1]))
    assert effect.source == source


def test_the_ranking_and_what_is_left_out() -> None:
    found = moved(SMALL, "if open then x + 10 * deep + 0 * z else 0")
    assert [effect.input.path for effect in found.effects] == ["deep", "x", "z"]
    assert found.skipped == ("open",)
    assert moved(SMALL, "x * 2", "x", "y").independent == ("y",)
    notes = sensitivity_table(model_of(SMALL, "x * 2").typed, moved(SMALL, "x * 2", "x", "y")).notes
    assert "It does not depend on y." in notes


SHIPPED = [
    ("yolov3.mem", "today.dram_bytes"),
    ("yolov3.mem", "today.energy"),
    ("yolov3.mem", "today.time"),
    ("yolov3.mem", "saved"),
    ("resnet50.mem", "today.energy"),
    ("alexnet.mem", "today.time"),
    ("mobilenet_v2.mem", "today.dram_bytes"),
]


@pytest.mark.parametrize(("spec", "cell"), SHIPPED)
def test_derivatives_and_steps_are_those_of_the_sheet(spec: str, cell: str) -> None:
    model, found = model_of(spec, cell), moved(spec, cell)
    machine, formula = model.machine, model.queries[0].formula
    assert any(effect.swing > 0 for effect in found.effects)

    for effect in found.effects:

        def value(x: float, key: object = effect.input.key) -> float:
            return float(machine.at({key: x}, Problems()).formula(formula))  # type: ignore[dict-item]

        assert effect.exact, effect.input.path
        assert (effect.at_low, effect.at_high) == (value(effect.low), value(effect.high))
        if effect.input.bounds is not None and effect.input.bounds.multiple is not None:
            continue
        here = effect.value
        for side, slope in ((-1, effect.slopes.below), (1, effect.slopes.above)):
            if slope is None:
                continue
            near, far = value(here * (1 + side * 1e-7)), value(here * (1 + side * 3e-6))
            measured = (far - near) / (here * side * 2.9e-6) if here else 0.0
            if here:
                assert measured == pytest.approx(slope, rel=1e-4, abs=abs(found.base / here) * 1e-7), effect.input.path
        for step in (effect.before, effect.after):
            if step is None or not step.at:
                continue
            away = math.copysign(1e-7, step.at - here) if step.at != here else math.nan
            if math.isnan(away):
                continue
            change = value(step.at * (1 + away)) - value(step.at * (1 - away))
            assert change == pytest.approx(step.change, rel=1e-3, abs=found.base * 1e-5), effect.input.path
