"""Every operation has a meaning in every room, the same in all: the matrix of both, its holes named."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from js.node import run, same, values_at
from memdsl import driver
from memdsl.analysis.sweep.tallies import TALLIES
from memdsl.analysis.sweep.vector import VectorMachine
from memdsl.excel.operations import OPERATIONS as IN_EXCEL
from memdsl.excel.pieces import atom
from memdsl.highlight import MemLexer
from memdsl.js import program, runtime
from memdsl.lsp.words import FUNCTIONS as IN_EDITOR
from memdsl.sheet.operations import AGGREGATES, FUNCTIONS, OPERATIONS, Operation
from memdsl.symbolic import SymbolicError, closed_form
from memdsl.symbolic.functions import _OWN, Lowered, apply
from memdsl.symbolic.numeric import Point
from memdsl.symbolic.space import Space
from memdsl.symbolic.terms import Poly, Symbol, number
from memdsl.syntax.place import RESERVED

CONDITIONS = {name for name, record in OPERATIONS.items() if record.units in ("equal", "ordered", "truth", "choice")}
ROWS = ("argmax", "first")
STEPS = {"min", "max", "floor", "ceil", "round", "abs", "clamp"}
MEANINGS: dict[str, Callable[[Operation], object]] = {
    "array": lambda record: record.many,
    "range": lambda record: record.range,
    "slope": lambda record: record.slopes,
    "inverse": lambda record: record.inverse,
    "form": lambda record: record.name in CONDITIONS or record.name in _OWN or record.lowered or record.slopes,
    "sympy": lambda record: record.sympy,
    "excel": lambda record: record.name in IN_EXCEL and record.excel,
    "javascript": lambda record: record.javascript,
    "sentence": lambda record: record.says,
}
# What does not exist: a truth has no range and no slope, what steps or bends has no slope, only a function of one
# operand that never turns has an inverse, and a common multiple is another at each number, which no sum can say.
HOLES = {
    "range": CONDITIONS,
    "slope": CONDITIONS | STEPS | {"lcm"},
    "form": {"lcm"},
    "sympy": {"lcm"},
    "inverse": OPERATIONS.keys() - {"sqrt", "log2", "exp"},
}


@pytest.mark.parametrize("meaning", MEANINGS)
def test_an_operation_has_every_meaning_but_those_that_do_not_exist(meaning: str) -> None:
    assert {name for name, record in OPERATIONS.items() if not MEANINGS[meaning](record)} == HOLES.get(meaning, set())


def test_an_aggregate_has_every_meaning(tmp_path: Path) -> None:
    """Over rows that follow a parameter: the value, arrays, the closed form and JavaScript."""
    lines = ["param p = 2 from 1 to 9", "table T {", "  name | x | ok", '  "a" | 3 | true', '  "b" | -1 | false']
    lines += ['  "c" | 5 | true', "  y = x * p", "  z = y > 4 and ok", "}"]
    for name, record in AGGREGATES.items():
        body = {"count": "T where T.z", "first": "r in T where r.z", "any": "T.z", "all": "T.z"}.get(name, "T.y")
        lines.append(f"{name}_ = {record.signature.partition('(')[0]}({body}){'.x' if name in ROWS else ''}")
    model = driver.build(driver.Source("aggregates", "\n".join(lines)), tmp_path)
    assert [found.message for found in model.problems] == []
    found = values_at(program(model.sheet).data, [{}], tmp_path)[0]
    for place, cell in enumerate(model.sheet.cells):
        wanted = model.values.cell(cell)
        assert same(wanted, found[place])
        if cell == "p":
            continue
        assert AGGREGATES[cell.removesuffix("_")].says
        formula = model.sheet.cells[cell].formula
        form = closed_form(model.typed, model.machine, model.values, formula, ["p"], cell)
        assert form.evaluate({}) == wanted
        arrays = VectorMachine(model.sheet, model.values, [(formula, "", 0)]).arrays({"p": np.array([2.0, 2.0])}, 2)
        assert same(wanted, np.asarray(arrays[0])[1].item())
    assert TALLIES.keys() == AGGREGATES.keys()


def test_words_of_the_language_are_read_from_the_records() -> None:
    names = FUNCTIONS.keys() | AGGREGATES.keys()
    assert IN_EDITOR.keys() == names
    for name in names:
        ((_, kind, _),) = [t for t in MemLexer().get_tokens_unprocessed(f"x = {name}(3)") if t[2] == name]
        assert "Builtin" in str(kind)
    assert {name for name in OPERATIONS if name.isalpha()} - FUNCTIONS.keys() - {"neg"} <= RESERVED


# ---- the same value everywhere --------------------------------------------------------------------------------------

NUMBERS = (0.0, 1.0, 2.0, 3.0, -1.0, -2.5, 0.5, 7.25, 0.3, 1e-3, 12.0, 2.9999999999999996, 0.49999999999999994)
NUMERIC = [name for name in OPERATIONS if name not in CONDITIONS]


def operands(record: Operation) -> st.SearchStrategy[list[float]]:
    count = record.least if record.most is not None else record.least + 1
    return st.lists(st.one_of(st.sampled_from(NUMBERS), st.floats(-50, 50)), min_size=count, max_size=count)


def value_of(record: Operation, given: Sequence[Any]) -> float:
    try:
        return float(record.number(*given))
    except (ArithmeticError, ValueError):
        return math.nan


def over_numbers(name: str, *given: Any) -> Any:
    return OPERATIONS[name].number(*given)


@pytest.mark.parametrize("name", NUMERIC)
@settings(max_examples=60)
@given(data=st.data())
def test_numbers_arrays_ranges_and_forms_agree(name: str, data: st.DataObject) -> None:
    record = OPERATIONS[name]
    given_ = data.draw(operands(record))
    wanted = value_of(record, given_)
    if math.isnan(wanted) or abs(wanted) > 1e290:
        return
    assert record.many is not None
    with np.errstate(all="ignore"):
        together = record.many(np, *[np.array([x, 1.0]) for x in given_])
    assert same(wanted, float(together[0]))
    assert record.range is not None
    low, high = record.range(*[(Fraction(x) - data.draw(WIDTHS), Fraction(x) + data.draw(WIDTHS)) for x in given_])
    rounding = Fraction(1, 10**13) * max(1, *[abs(Fraction(x)) for x in (wanted, *given_)])
    assert low - rounding <= wanted <= high + rounding
    space = Space()
    if name in HOLES["form"]:
        with pytest.raises(SymbolicError, match=f"`{name}` has no closed form"):
            apply(space, name, [space.symbol(Symbol("x", 0, 9, None))] * record.least)
        return
    symbols = [space.symbol(Symbol(f"x{i}", -math.inf, math.inf, None)) for i in range(len(given_))]
    at = {i: Fraction(x) for i, x in enumerate(given_)}
    if name == "^" and given_[1] == int(given_[1]):
        symbols[1] = number(int(given_[1]))
    if name == "round" and abs(given_[0]) == NUMBERS[-1]:
        return  # under a half by its last bit: in fractions it stays so, and the sum with a half is near to 1
    found = Point(space, at).value(apply(space, name, symbols))
    assert math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-12)
    if record.lowered is not None:
        lowered = record.lowered(Lowered(space), *symbols)
        assert isinstance(lowered, Poly)
        assert math.isclose(Point(space, at).value(lowered), wanted, rel_tol=1e-9, abs_tol=1e-12)
    assert record.sympy is not None
    if record.units == "whole" and 0 < abs(2 * given_[0] - round(2 * given_[0])) < 1e-9:
        return  # SymPy takes a number just beside a whole one as it is
    expression = record.sympy(sympy, *[sympy.Rational(Fraction(x)) for x in given_])
    assert math.isclose(float(expression), wanted, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize("name", [name for name, record in OPERATIONS.items() if record.defined is not None])
def test_an_operation_is_defined_where_it_has_a_value(name: str) -> None:
    record = OPERATIONS[name]
    assert record.defined is not None
    for operands_ in product(NUMBERS, repeat=record.least):
        wanted = value_of(record, operands_)
        assert bool(record.defined(over_numbers, *operands_)) == (not math.isnan(wanted)), operands_


WIDTHS = st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(2), Fraction(40)])


@pytest.mark.parametrize("name", [name for name in NUMERIC if OPERATIONS[name].slopes is not None])
@settings(max_examples=40)
@given(data=st.data())
def test_a_slope_is_the_limit_of_a_difference(name: str, data: st.DataObject) -> None:
    record = OPERATIONS[name]
    assert record.slopes is not None
    at = data.draw(st.lists(st.floats(0.5, 9), min_size=record.least, max_size=record.least))
    for k, slope in enumerate(record.slopes):
        near = [[x + way * 1e-6 if i == k else x for i, x in enumerate(at)] for way in (-1, 1)]
        below, above = (value_of(record, point) for point in near)
        wanted = (above - below) / 2e-6
        assert math.isclose(slope(over_numbers, *at), wanted, rel_tol=1e-4, abs_tol=1e-4 + 1e-9 * abs(above))


@pytest.mark.parametrize("name", ["sqrt", "log2", "exp"])
@given(at=st.floats(0.01, 30))
def test_an_inverse_leads_back(name: str, at: float) -> None:
    record = OPERATIONS[name]
    assert record.inverse is not None
    assert math.isclose(record.inverse(float(record.number(at))), at, rel_tol=1e-9)


DRIVE = """
const [cases] = [JSON.parse(require("fs").readFileSync(0, "utf8"))];
const plain = (v) => typeof v === "number" && !Number.isFinite(v) ? "NaN" : v;
console.log(JSON.stringify(cases.map(([op, given]) => {
  const operands = given.map((value) => () => (value === "large" ? Infinity : value === "small" ? -Infinity : value));
  try { return plain(OPERATIONS[op](operands)(0)); } catch { return "NaN"; }
})));
"""


def test_javascript_computes_what_python_computes(tmp_path: Path) -> None:
    cases: list[tuple[str, list[object]]] = []
    for name, record in OPERATIONS.items():
        for a in NUMBERS:
            for b in NUMBERS:
                values: list[object] = [a, b, 2.0][: max(record.least, 2 if record.most is None else 0)]
                if record.units == "truth":
                    values = [bool(value) for value in values]
                elif record.units == "choice":
                    values[0] = bool(a)
                cases.append((name, values))
    found = run(runtime() + DRIVE, cases, tmp_path)
    assert isinstance(found, list)
    for (name, values), here in zip(cases, found, strict=True):
        wanted = OPERATIONS[name].number(*values) if name in CONDITIONS else value_of(OPERATIONS[name], values)
        assert same(wanted, here), (name, values, here, wanted)


def test_javascript_hides_no_operand_that_is_too_large(tmp_path: Path) -> None:
    cases: list[tuple[str, list[object]]] = []
    for name, record in OPERATIONS.items():
        for at in range(record.least if record.swallows else 0):
            for far in ("large", "small"):
                cases.append((name, [far if k == at else 2.0 for k in range(record.least)]))
    assert len(cases) > 16
    found = run(runtime() + DRIVE, cases, tmp_path)
    assert isinstance(found, list)
    assert [case for case, here in zip(cases, found, strict=True) if here != "NaN"] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_excel_writes_every_operand(name: str) -> None:
    record = OPERATIONS[name]
    cells = [atom(f"Q{i}") for i in range(record.most or record.least + 2)]
    text = IN_EXCEL[name](cells).text
    assert [cell.text for cell in cells if cell.text not in text] == []
    assert re.fullmatch(r"[A-Z0-9(),+\-*/^<>=]+", text)
