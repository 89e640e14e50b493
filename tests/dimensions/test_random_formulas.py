"""Formulas drawn at random: their value, their unit, or that they have none, by a second reading of the rules."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.sheet.sheet import Quantity, Text, Truth
from memdsl.units import Dimension

COUNT, DATA, TIME, WORK = Dimension(), Dimension(data=1), Dimension(time=1), Dimension(work=1)
PARAMS: dict[str, tuple[str, float, Dimension]] = {
    "n": ("7", 7.0, COUNT),
    "half": ("0.5", 0.5, COUNT),
    "size": ("3 kB", 3000.0, DATA),
    "span": ("2 ms", 0.002, TIME),
    "work": ("5 kMAC", 5000.0, WORK),
}
Kind = Dimension | str


class Mismatch(Exception):
    """What the second reading finds wrong."""


Reading = tuple[str, float | bool | str, Kind]
"""A formula's text, its value, and its unit: a dimension, `truth` or `text`."""


def leaf() -> st.SearchStrategy[str]:
    return st.sampled_from([*PARAMS, "2", "-3", "0.25", "4 MB", "10 s", "true", '"a"'])


def formulas() -> st.SearchStrategy[object]:
    """Trees: a text, or an operation with its operands."""
    return st.recursive(
        leaf(),
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(("+", "-", "*", "/", "min", "max", "<", "==")), inner, inner),
            st.tuples(st.sampled_from(("floor", "abs", "neg", "not")), inner),
            st.tuples(st.just("if"), inner, inner, inner),
        ),
        max_leaves=8,
    )


LEAVES: dict[str, Reading] = {
    **{name: (name, value, kind) for name, (_, value, kind) in PARAMS.items()},
    "2": ("2", 2.0, COUNT),
    "-3": ("(-3)", -3.0, COUNT),
    "0.25": ("0.25", 0.25, COUNT),
    "4 MB": ("4 MB", 4e6, DATA),
    "10 s": ("10 s", 10.0, TIME),
    "true": ("true", True, "truth"),
    '"a"': ('"a"', "a", "text"),
}


def text_of(tree: object) -> str:
    if isinstance(tree, str):
        return LEAVES[tree][0]
    assert isinstance(tree, tuple)
    op, *operands = tree
    inside = [text_of(operand) for operand in operands]
    if op == "if":
        return f"(if {inside[0]} then {inside[1]} else {inside[2]})"
    if op == "neg":
        return f"(-{inside[0]})"
    if op == "not":
        return f"(not {inside[0]})"
    if op in ("min", "max", "floor", "abs"):
        return f"{op}({', '.join(inside)})"
    return f"({inside[0]} {op} {inside[1]})"


def rests_on_inputs(tree: object) -> bool:
    return tree in PARAMS if isinstance(tree, str) else any(map(rests_on_inputs, tree[1:]))  # type: ignore[index]


def read(tree: object) -> tuple[float | bool | str, Kind]:
    """Value and unit by the rules of the language; raises Mismatch or ZeroDivisionError."""
    if isinstance(tree, str):
        return LEAVES[tree][1:]
    assert isinstance(tree, tuple)
    op, *operands = tree
    if op == "if" and not rests_on_inputs(operands[0]):  # folded: the other branch is not part of the sheet
        test, kind = read(operands[0])
        if kind != "truth":
            raise Mismatch
        return read(operands[1 if test else 2])
    values, kinds = zip(*map(read, operands), strict=True)
    a, b = values[0], values[-1]
    number = all(isinstance(kind, Dimension) for kind in kinds)
    if op == "if":
        if kinds[0] != "truth" or kinds[1] != kinds[2]:
            raise Mismatch
        return (values[1] if a else values[2]), kinds[1]
    if op == "not":
        if kinds[0] != "truth":
            raise Mismatch
        return not a, "truth"
    if op == "==":
        if kinds[0] != kinds[1]:
            raise Mismatch
        return a == b, "truth"
    if not number or (op in ("+", "-", "min", "max", "<") and kinds[0] != kinds[1]):
        raise Mismatch
    assert isinstance(a, float)
    assert isinstance(b, float)
    if op == "floor":
        if kinds[0] != COUNT:
            raise Mismatch
        return float(math.floor(a)), COUNT
    if op in ("*", "/"):
        sign = 1 if op == "*" else -1
        if op == "/" and b == 0:
            raise ZeroDivisionError
        kind = Dimension(*(int(x + sign * y) for x, y in zip(kinds[0], kinds[1], strict=True)))
        return (a * b if op == "*" else a / b), kind
    if op == "<":
        return a < b, "truth"
    simple = {"+": a + b, "-": a - b, "min": min(a, b), "max": max(a, b), "abs": abs(a), "neg": -a}
    return simple[op], kinds[0]


@example(("if", ("/", "2", ("not", "2")), "n", "n"))
@given(formulas())
@settings(max_examples=300)
def test_a_formula_has_the_unit_and_the_value_that_its_parts_give_it(tree: object) -> None:
    declared = "\n".join(f"param {name} = {text}" for name, (text, _, _) in PARAMS.items())
    model = driver.build(Source("drawn", f"{declared}\nx = {text_of(tree)}\n"), Path())
    codes = {found.code for found in model.diagnostics if found.severity == "error"}
    try:
        value, kind = read(tree)
    except Mismatch:
        assert codes
        assert codes <= {"unit-mismatch", "wrong-type"}
        return
    except ZeroDivisionError:
        # A branch that is not taken is checked for units alone; here every part was computed.
        assert codes <= {"division-by-zero", "bad-value"}
        return
    assert not codes
    found = model.typed.cell_types["x"]
    assert found == {"truth": Truth(), "text": Text()}.get(kind, Quantity(kind))  # type: ignore[arg-type]
    assert model.values.cell("x") == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)
