"""Closed forms with known answers."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from symbolic_specs import COUNTED, FREE, SMALL, TIERS, YOLO, ask, model_of

from memdsl.symbolic import SymbolicError, chain, depends_on, growth
from memdsl.symbolic.conditions import LARGEST_WORK

# ---- YOLOv3 ---------------------------------------------------------------------------------------------------------


def test_the_macs_of_yolov3_are_exact() -> None:
    form = ask(YOLO, "sum(today.layers.macs)", "width", "height")
    assert form.expression == 190297 * form.symbols["width"] * form.symbols["height"]
    assert form.text() == "190,297·height·width MAC"
    assert form.latex() == r"190{,}297\,\mathrm{height}\,\mathrm{width}\,\mathrm{MAC}"
    assert form.inputs == ("width", "height")
    assert form.independent == ()
    assert not form.cuts


def test_the_activations_of_yolov3() -> None:
    form = ask(YOLO, "sum(naive.layers.spilled)", "height", "width")
    assert form.expression == sympy.Rational(231915, 1024) * form.symbols["width"] * form.symbols["height"]
    assert form.text() == "226.4794921875·height·width B"


def test_the_traffic_of_yolov3_is_a_sum_of_eleven_steps() -> None:
    form = ask(YOLO, "today.dram_bytes", "width", "height", "sram")
    assert len(form.expression.atoms(sympy.Piecewise)) == 11
    lines = form.text().splitlines()
    assert lines[:5] == [
        "  2 × (32·height·width B if sram < 32·height·width B else 0 B)",
        "+ 4 × (16·height·width B if sram < 16·height·width B else 0 B)",
        "+ 8 × (8·height·width B if sram < 8·height·width B else 0 B)",
        "+ 61,895,776 B",
        "+ 3·height·width B",
    ]
    assert len(lines) == 13
    assert form.evaluate({}) == 470_840_416
    assert form.evaluate({"sram": 0}) == 1_018_111_072


def test_in_sram_alone_the_steps_have_sizes() -> None:
    text = ask(YOLO, "today.dram_bytes", "sram").text()
    assert "2 × (64 MiB if sram < 64 MiB else 0 MiB)" in text
    assert "+ 4 × (32 MiB if sram < 32 MiB else 0 MiB)" in text
    assert "+ 65.02841 MiB" in text
    assert "+ (15.9375 MiB if sram < 7.96875 MiB else 0 MiB)" in text
    assert "KiB" not in text


def test_terms_are_worth_what_the_cell_is() -> None:
    form = ask(YOLO, "today.dram_bytes", "sram")
    lines = [line[2:].removeprefix("(").removesuffix(")") for line in form.text().split("\n")]
    assert lines == [term.text.removesuffix(")") for term in form.terms]
    assert sum(term.value for term in form.terms) == form.modelled
    assert [term.value for term in form.terms[:4]] == [2**27, 2**27, 2**27, 68_187_232]
    (whole,) = ask(SMALL, "-x", "x").terms
    assert (whole.text, whole.latex, whole.value) == ("-x", r"-\mathrm{x}", -2)


# ---- large values ---------------------------------------------------------------------------------------------------


def grows(text: str, asked: str, path: str) -> tuple[float, float, bool] | None:
    model = model_of(text, asked)
    found = growth(model.typed, model.values, model.queries[0].formula, path)
    return (found.coefficient, found.exponent, found.reached) if found is not None else None


@pytest.mark.parametrize(
    ("text", "asked", "path", "found"),
    [
        (YOLO, "sum(today.layers.macs)", "width", (190297 * 1024, 1, True)),
        # Beyond the range of `width` every tensor spills, as without SRAM.
        (YOLO, "today.dram_bytes", "width", (455.958984375 * 1024, 1, False)),
        (YOLO, "today.dram_bytes", "sram", (68_187_232, 0, True)),
        (YOLO, "saved", "width", (0, 0, False)),
        (FREE, "sum(today.layers.macs)", "width", (26_376, 1, False)),
        (SMALL, "square", "x", (1, 2, False)),
        (SMALL, "quotient", "x", (1, 0, False)),
        (SMALL, "limited", "x", (1, 1, False)),
        (SMALL, "sqrt(x * 4) + 1 / x", "x", (2, 0.5, False)),
        (SMALL, "min(1 / x, 3 / x^2)", "x", (3, -2, True)),
        (SMALL, "max(-x, -2 * x)", "x", (-1, 1, True)),
        (SMALL, "floor(7 / 2 - 1 / x)", "x", (3, 0, True)),
        (SMALL, "ceil(1 / x)", "x", (1, 0, True)),
        (SMALL, "if x > 100 then 3 * x else x^9", "x", (3, 1, True)),
        (SMALL, "far_time", "box.far.bandwidth", (1e-9, 0, False)),
        (SMALL, "exp(x)", "x", None),
        (SMALL, "grown", "n", None),
    ],
)
def test_large_values(text: str, asked: str, path: str, found: tuple[float, float, bool] | None) -> None:
    assert grows(text, asked, path) == (pytest.approx(found, rel=1e-12) if found is not None else None)


def test_a_share_stands_over_one_denominator() -> None:
    text = ask(YOLO, "saved", "width", "height", "sram").text()
    assert text.splitlines()[:2] == ["  1", "- ("]
    assert text.splitlines()[-1] == "  ) / (455.958984375·height·width + 61,895,776)"


def test_a_maximum_drops_what_loses() -> None:
    assert ask(YOLO, "today.largest_activation", "width", "height").text() == "32·height·width B"
    assert ask(YOLO, "today.peak_in_out", "width", "height").text() == "48·height·width B"


def test_a_cell_that_does_not_depend_says_so() -> None:
    form = ask(YOLO, "sum(today.layers.macs)", "sram", "width")
    assert (form.inputs, form.independent) == (("width",), ("sram",))
    assert form.text() == "194,864,128·width MAC"


def test_what_a_cell_rests_on() -> None:
    model = model_of(YOLO, "today.weight_bytes", "today.time", 'today.layers["stem"].out_bytes')
    weights, time, stem = (depends_on(model.typed, query.formula) for query in model.queries)
    assert weights == ("today.wgt",)
    assert stem == ("width", "height", "today.act", "today.batch")
    assert "chip.dram.bandwidth" in time
    assert "chip.buffer.energy" not in time


def test_yolov3_takes_little_work() -> None:
    assert ask(YOLO, "today.time", "width", "height", "sram").space.work < LARGEST_WORK / 100


def test_sympy_is_imported_when_it_is_asked_for() -> None:
    here, source = Path(__file__).parent, Path(__file__).parents[2] / "dsl"
    program = (
        f"import sys; sys.path[:0] = [{str(here)!r}, {str(source)!r}]\n"
        "from symbolic_specs import YOLO, ask\n"
        "form = ask(YOLO, 'today.dram_bytes', 'width', 'sram')\n"
        "form.text(), form.latex(), form.breakpoints, form.evaluate({}), form.cuts\n"
        "assert 'sympy' not in sys.modules\n"
        "form.expression\n"
        "assert 'sympy' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# ---- numbers --------------------------------------------------------------------------------------------------------


def test_decimals_are_exact() -> None:
    form = ask(SMALL, "noise", "t")
    assert form.expression == form.symbols["t"] + sympy.Rational(3, 10)
    assert ask(SMALL, "far_energy", "x").expression == sympy.Rational(3, 10**13)


def test_computed_inputs_are_exact_too() -> None:
    form = ask(SMALL, "far_time * x", "x")
    wanted = Fraction(10**6, 34 * 10**9) + Fraction(1, 10**9)
    assert form.expression == sympy.Rational(wanted.numerator, wanted.denominator) * form.symbols["x"]


def test_nothing_is_left_of_what_vanishes() -> None:
    form = ask(SMALL, "vanishes", "x", "y")
    assert form.expression == 7
    assert form.independent == ("x", "y")


def test_unlimited_swallows() -> None:
    assert ask(SMALL, "endless", "x").expression == 5


def test_known_factors_of_whole_numbers_leave_the_rounding() -> None:
    assert ask(SMALL, "floor(7 * n) + ceil(n - 0.5)", "n").text() == "8·n"
    assert ask(SMALL, "floor(n / 7 + n + 0.5)", "n").text() == "n + floor((2·n + 7)/14)"
    assert ask(SMALL, "floor((floor((n - 1) / 2) + 1 - 1) / 2) + 1", "n").text() == "floor((n + 3)/4)"


@pytest.mark.parametrize(
    ("asked", "inputs", "text"),
    [
        ("square", "x y", "2·x·y + y^2 + x^2"),
        ("x * 4 / 9", "x", "4/9·x"),
        ("x / 3", "x", "x/3"),
        ("1 - x", "x", "1 - x"),
        ("x - 1", "x", "x - 1"),
        ("1 / (x + 1)", "x", "1/(x + 1)"),
        ("if x > 1 then 2 else 5", "x", "2 if x > 1 else 5"),
        ("min(x, y, 100)", "x y", "min(x, y)"),
        ("max(x, 2 * x)", "x", "2·x"),
        ("sqrt(x * 4) * 0.25 + 2^n", "x n", "2^n + 0.25·sqrt(4·x)"),
        ("far_time", "box.far.bandwidth", "1,000,000/box.far.bandwidth s + 1 ns"),
        ("both", "x y", "x > 1 and y > 0"),
        ("not both", "x y", "x <= 1 or y <= 0"),
        ("x * 1000000", "x", "1,000,000·x"),
        ("x / 1000000", "x", "1e-6·x"),
        ("-x", "x", "-x"),
    ],
)
def test_how_it_reads(asked: str, inputs: str, text: str) -> None:
    assert ask(SMALL, asked, *inputs.split()).text() == text


# ---- rows -----------------------------------------------------------------------------------------------------------


def test_copies_are_weights() -> None:
    form = ask(COUNTED, "step.weight_bytes", "layers")
    assert form.text() == "218,103,808·layers B + 525,336,576 B"
    assert ask(COUNTED, "step.row_count", "layers").text() == "13·layers + 2"
    cache = ask(COUNTED, "step.cache_bytes", "layers", "context", "kv_bits", "batch")
    assert cache.text() == "2,048·batch·context·kv_bits·layers B"


def test_a_tier_is_picked_by_cases() -> None:
    form = ask(TIERS, 'placed.layers["a.conv[1]"].tier.bandwidth', "near", "side")
    assert form.evaluate({}) == 64e9
    assert form.evaluate({"near": 4096 - 1}) == 16e9
    assert form.evaluate({"side": 64}) == 4e9
    steps = [point for point in form.breakpoints if point.input == "near"]
    assert [(point.at, point.below, point.above) for point in steps] == [(4096, 16e9, 64e9)]


def test_texts_compare_by_cases() -> None:
    assert ask(TIERS, 'placed.layers["a.conv[1]"].home == "l1"', "near").text() == "near >= 4 KiB"
    assert ask(SMALL, "slow", "x").expression.subs({"x": 0}) == 3


def test_a_row_is_picked_by_its_value() -> None:
    form = ask(SMALL, "first_reach", "x")
    assert form.evaluate({"x": 3}) == 20e6
    assert form.evaluate({"x": 0.2}) == 8e6
    with pytest.raises(ArithmeticError):
        form.evaluate({"x": 0})


# ---- cuts -----------------------------------------------------------------------------------------------------------


def test_shapes_without_divisibility_are_cuts() -> None:
    form = ask(FREE, "sum(today.layers.macs)", "width", "height")
    assert [str(cut) for cut in form.cuts.values()][:4] == [
        "h[stem] = floor((height + 1)/2)",
        "w[stem] = floor((width + 1)/2)",
        "h[s1.conv] = floor((height + 3)/4)",
        "w[s1.conv] = floor((width + 3)/4)",
    ]
    assert "14,848·h[s2.conv]·w[s2.conv] MAC" in form.text()
    cut = form.cuts["h[stem]"]
    assert cut.symbol in form.expression.free_symbols
    assert cut.expression == sympy.floor((form.symbols["height"] + 1) / 2)
    assert form.evaluate({}) == 2_619_360


def test_a_column_that_recurs_through_a_condition_is_a_cut() -> None:
    form = ask(FREE, "today.odder", "gain")
    assert len(form.cuts) == 17
    assert len(form.text()) < 2000
    assert str(form.cuts["odd[s1.residual[1].conv[1]]"]) == (
        "odd[s1.residual[1].conv[1]] = odd[s1.conv] - 2 if odd[s1.conv] > 5 else 2·odd[s1.conv] + gain"
    )


def test_a_column_that_recurs_without_one_is_expanded() -> None:
    assert ask(FREE, "today.done", "gain").text() == "2.834312 us + 2.04332·gain us"


# ---- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "inputs", "code", "said"),
    [
        ("square", "z", "unknown-input", "no input `z`"),
        ("square", "wide", "option-as-symbol", "decides the structure"),
        ("square", "noise", "not-an-input", "is computed"),
        ("square", "open", "not-a-number", "a truth value"),
        ("square", "name", "not-a-number", "is text"),
        ("text", "x", "not-a-number", "is text"),
        ("((x + y + 1)^9)^64", "x y", "closed-form-too-large", "power above"),
    ],
)
def test_what_has_no_closed_form(asked: str, inputs: str, code: str, said: str) -> None:
    with pytest.raises(SymbolicError) as caught:
        ask(SMALL, asked, *inputs.split())
    assert caught.value.code == code
    assert said in caught.value.message


def test_a_near_miss_is_named() -> None:
    with pytest.raises(SymbolicError) as caught:
        ask(YOLO, "today.dram_bytes", "chip.dram.bandwith")
    assert caught.value.hint == "did you mean `chip.dram.bandwidth`?"


def test_a_computed_cell_says_what_it_rests_on() -> None:
    with pytest.raises(SymbolicError) as caught:
        ask(SMALL, "square", "vanishes")
    assert caught.value.hint == "it rests on `x`, `y`, `n`"


def test_a_point_names_only_inputs_of_the_form() -> None:
    form = ask(SMALL, "square", "x")
    with pytest.raises(SymbolicError):
        form.evaluate({"y": 1})


# ---- the chain ------------------------------------------------------------------------------------------------------


def test_a_function_is_shown_as_it_is_called_and_as_it_is_defined() -> None:
    text = "fn half(v, of = 2) = v / of\nfn quarter(v) = half(half(v))\nparam n = 20\na = quarter(n)\nb = half(a) + 1\n"
    model = model_of(text, "b")
    found = [(link.name, link.formula) for link in chain(model.typed, model.values, model.queries[0].formula)]
    assert found == [
        ("b", "half(a) + 1"),
        ("fn half(v, of = 2)", "v / of"),
        ("a", "quarter(n)"),
        ("fn quarter(v)", "half(half(v))"),
        ("n", "20"),
    ]
