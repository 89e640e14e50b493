"""Where closed forms step and kink: known places, and every one of them looked at by the evaluator."""

from __future__ import annotations

import math

import pytest
from symbolic_specs import FREE, SMALL, TEXTS, TIERS, YOLO, ask, model_of

from memdsl.diagnostics import Problems
from memdsl.symbolic import Breakpoint, ClosedForm

MIB = 2**20


def in_input(form: ClosedForm, path: str) -> list[Breakpoint]:
    return [point for point in form.breakpoints if point.input == path]


def test_the_steps_of_yolov3_in_sram() -> None:
    points = in_input(ask(YOLO, "today.dram_bytes", "sram"), "sram")
    assert [(p.at / MIB, len(p.rows)) for p in reversed(points)] == [
        (64, 1), (32, 2), (16, 4), (8, 14), (7.96875, 1), (4, 23),
        (2, 19), (1.9921875, 1), (1, 8), (0.5, 1), (510 / 1024, 1),
    ]  # fmt: skip
    assert {p.kind for p in points} == {"step"}
    last = points[-1]
    assert (last.below, last.above, last.rows) == (202_404_960, 68_187_232, ("stem",))
    assert points[0].below == 1_018_111_072


def test_the_classes_of_yolov3_in_sram() -> None:
    """The published classes of output sizes, the detections (255 channels) counted with the class above."""
    classes: dict[float, int] = {}
    for point in in_input(ask(YOLO, "today.dram_bytes", "sram"), "sram"):
        size = 2.0 ** math.ceil(math.log2(point.at / MIB))
        classes[size] = classes.get(size, 0) + len(point.rows)
    assert classes == {64: 1, 32: 2, 16: 4, 8: 15, 4: 23, 2: 20, 1: 8, 0.5: 2}


def test_an_input_of_multiples_steps_at_admissible_values() -> None:
    points = in_input(ask(YOLO, "today.dram_bytes", "width", "height", "sram"), "width")
    assert [p.at for p in points] == [544, 1056, 2080]
    model = model_of(YOLO, "today.dram_bytes")
    for point in points:
        values = [
            model.machine.at({"width": w}, Problems()).cell("today.dram_bytes") for w in (point.at - 32, point.at)
        ]
        assert values == [point.below, point.above]


def test_a_step_is_right_where_the_condition_says() -> None:
    """At the capacity itself a tensor fits: the step is at the size, not behind it."""
    (point,) = in_input(ask(TIERS, 'placed.layers["b.conv"].energy', "near"), "near")
    assert point.at == 4 * 4 * 64
    form = ask(TIERS, 'placed.layers["b.conv"].energy', "near")
    assert form.evaluate({"near": point.at}) == pytest.approx(point.above, rel=1e-12)
    assert form.evaluate({"near": point.at - 1}) == pytest.approx(point.below, rel=1e-12)


def test_kinks_and_steps_are_told_apart() -> None:
    kinked = in_input(ask(SMALL, "kinked", "x"), "x")
    assert [(p.at, p.kind) for p in kinked] == [(1.0, "kink")]
    assert kinked[0].below == kinked[0].above == 4
    mixed = ask(SMALL, "mixed", "x", "y")
    assert [(p.input, p.at, p.kind) for p in mixed.breakpoints] == [("x", 2.0, "step"), ("y", 3.0, "step")]


def test_an_isolated_value_is_a_step() -> None:
    (point,) = ask(SMALL, "if x == 2 then 7 else x", "x").breakpoints
    assert (point.at, point.below, point.above, point.kind) == (2, 2, 7, "step")


def test_what_changes_at_an_end_of_the_range() -> None:
    """The range of `x` is 0 to 3, that of `n` 1 to 60."""
    (first,) = ask(SMALL, "if x > 0 then 7 else x", "x").breakpoints
    assert (first.at, first.below, first.above, first.kind) == (0, 0, 7, "step")
    (last,) = ask(SMALL, "if x < 3 then 7 else x", "x").breakpoints
    assert (last.at, last.below, last.above) == (3, 7, 3)
    assert ask(SMALL, "if x >= 0 then x else 7", "x").breakpoints == ()
    (second,) = ask(SMALL, "if n > 1 then 7 else 0", "n").breakpoints
    assert (second.at, second.below, second.above) == (2, 0, 7)
    (highest,) = ask(SMALL, "if n < 60 then 7 else 0", "n").breakpoints
    assert (highest.at, highest.below, highest.above) == (60, 7, 0)


def test_a_root_of_a_square_is_found() -> None:
    (point,) = ask(SMALL, "max(x^2, 2)", "x").breakpoints
    assert point.at == pytest.approx(math.sqrt(2), rel=1e-15)
    assert point.kind == "kink"


def test_a_root_of_a_function_is_found() -> None:
    (point,) = ask(SMALL, "max(exp(x), 5)", "x").breakpoints
    assert point.at == pytest.approx(math.log(5), rel=1e-12)


def test_a_smooth_form_has_none() -> None:
    assert ask(SMALL, "square", "x", "y").breakpoints == ()
    assert ask(SMALL, "if x * x >= 0 then x else 1", "x").breakpoints == ()


def test_too_many_are_counted_and_not_listed() -> None:
    form = ask(FREE, "sum(today.layers.macs)", "width")
    assert form.breakpoints == ()
    assert form.notes == ("`width` has 192 breakpoints, where values are rounded: they are not listed",)
    form = ask(SMALL, "floor(x * 1000)", "x")
    assert form.breakpoints == ()
    assert "more than 512" in form.notes[0]


CASES = [
    ("yolo", "today.dram_bytes", "sram width height chip.dram.bandwidth"),
    ("yolo", "today.time", "sram chip.dram.bandwidth today.batch"),
    ("yolo", "today.memory_bound", "sram width chip.array.macs"),
    ("yolo", "saved", "sram"),
    ("tiers", "placed.energy", "near side scale"),
    ("tiers", "placed.time", "near side scale"),
    ("tiers", 'placed.memories["l1"].held', "near scale"),
    ("free", "today.dram_bytes", "sram"),
    ("free", "today.odder", "gain"),
    ("small", "limited", "x y"),
    ("small", "rounded", "n y"),
    ("small", "slow", "x"),
]


@pytest.mark.parametrize(("spec", "asked", "inputs"), CASES)
def test_every_breakpoint_is_where_the_evaluator_changes(spec: str, asked: str, inputs: str) -> None:
    model = model_of(TEXTS[spec], asked)
    (query,) = model.queries
    form = ask(TEXTS[spec], asked, *inputs.split())
    assert form.breakpoints

    for point in form.breakpoints:
        item = model.sheet.inputs[point.input]
        grained = item.bounds is not None and item.bounds.multiple is not None

        def value(x: float, key: object = item.key) -> float:
            return float(model.machine.at({key: x}, Problems()).formula(query.formula))  # type: ignore[union-attr,dict-item]

        if grained:
            assert item.bounds is not None
            assert item.bounds.multiple is not None
            step = float(model.values.formula(item.bounds.multiple))
            assert value(point.at - step) == pytest.approx(point.below, rel=1e-12)
            assert value(point.at) == pytest.approx(point.above, rel=1e-12)
            continue
        near = abs(point.at) * 1e-10
        below, above = value(point.at - near), value(point.at + near)
        assert below == pytest.approx(point.below, rel=1e-7)
        assert point.above == pytest.approx(above, rel=1e-7) or point.above == pytest.approx(value(point.at), rel=1e-7)
        assert point.kind == ("kink" if point.below == pytest.approx(point.above, rel=1e-9) else "step")
