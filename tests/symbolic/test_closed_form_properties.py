"""A closed form has the value of the sheet, at whatever admissible point: cells, inputs and points drawn at random."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from symbolic_specs import SPECS, TEXTS, model_in, model_of

from memdsl.diagnostics import Problems
from memdsl.driver import Model
from memdsl.sheet.formula import UNLIMITED, CellRef
from memdsl.sheet.input_keys import InputKey
from memdsl.sheet.operations import Value
from memdsl.sheet.sheet import Input, Quantity, Truth
from memdsl.symbolic import ClosedForm, closed_form, depends_on

MOST_CELLS = 24
"""Of the cells of a spec so many are asked for all their inputs: they are spread over its models."""
SHIPPED = sorted(SPECS.glob("*.mem"))


def cells_of(model: Model) -> list[str]:
    """The computed cells that are numbers or conditions and rest on a number."""
    sheet = model.sheet
    cells = [name for name in sheet.cells if name not in sheet.inputs and sheet.cells[name].role != "option"]
    cells = [name for name in cells if isinstance(model.typed.cell_types[name], Quantity | Truth)]
    return [name for name in cells if numbers_below(model, name)]


def numbers_below(model: Model, cell: str) -> list[str]:
    formula = CellRef(model.sheet.cells[cell].formula.span, cell)
    paths = depends_on(model.typed, formula)
    values = {path: model.values.input(model.sheet.inputs[path].key) for path in paths}
    return [p for p, v in values.items() if not isinstance(v, bool | str) and v < UNLIMITED / 10]


def bound(model: Model, item: Input, name: str) -> float | None:
    formula = getattr(item.bounds, name, None)
    return None if formula is None else float(model.values.formula(formula))


def values_of(model: Model, item: Input, form: ClosedForm) -> st.SearchStrategy[float]:
    """Admissible values of an input, its breakpoints and their neighbours among them."""
    current = float(model.values.input(item.key))
    if item.bounds is not None and item.bounds.one_of:
        return st.sampled_from([float(model.values.formula(choice)) for choice in item.bounds.one_of])
    low, high, multiple = (bound(model, item, name) for name in ("low", "high", "multiple"))
    low = 0.0 if low is None else low
    high = (4 * current or 10.0) if high is None else high
    if multiple is not None:
        return st.integers(math.ceil(low / multiple), math.floor(high / multiple)).map(lambda n: n * multiple)
    if high > 1e290:
        return st.sampled_from([current, 1e6, 3.5, low])
    # Where a step lies at a rounded number, rounding decides on which side the sheet is.
    near = [
        p.at for p in form.breakpoints if p.input == item.path and Fraction(p.at).denominator <= 64 and p.at < 2**53
    ]
    strategies = [
        st.floats(low, high, allow_subnormal=False),
        st.integers(math.ceil(low), math.floor(high)).map(float) if high - low >= 1 else st.just(low),
        st.sampled_from([low, high, current]),
    ]
    if near:
        strategies.append(st.sampled_from([x for p in near for x in (p, p * (1 - 1e-9), min(p * (1 + 1e-9), high))]))
    return st.one_of(strategies)


def agrees(model: Model, data: st.DataObject, cell: str) -> None:
    below = numbers_below(model, cell)
    chosen = data.draw(st.lists(st.sampled_from(below), min_size=1, max_size=min(3, len(below)), unique=True), "inputs")
    formula = CellRef(model.sheet.cells[cell].formula.span, cell)
    form = closed_form(model.typed, model.machine, model.values, formula, chosen, cell)
    form.text()
    form.latex()
    for _ in range(4):
        point = {path: data.draw(values_of(model, model.sheet.inputs[path], form), path) for path in chosen}
        settings: dict[InputKey, Value] = {model.sheet.inputs[path].key: value for path, value in point.items()}
        problems = Problems()
        values = model.machine.at(settings, problems)
        wanted = values.cell(cell)
        if problems.failed or abs(float(wanted)) >= UNLIMITED / 10:  # that large, it is unlimited
            continue
        found = form.evaluate(point)
        # What is left of a difference carries the last bits of what it was taken from.
        terms = [values.cell(node) for node in (cell, *model.sheet.uses[cell]) if isinstance(node, str)]
        scale = max(abs(term) for term in (*terms, model.values.cell(cell)) if isinstance(term, (int, float)))
        assert found == pytest.approx(float(wanted), rel=1e-12, abs=1e-13 * scale)


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=40)
@given(data=st.data())
def test_small_specs(name: str, data: st.DataObject) -> None:
    model = model_of(TEXTS[name])
    agrees(model, data, data.draw(st.sampled_from(cells_of(model)), "cell"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@settings(max_examples=8)
@given(data=st.data())
def test_shipped_specs(path: object, data: st.DataObject) -> None:
    model, searched = model_in(path)  # type: ignore[arg-type]
    cells = [cell for cell in cells_of(model) if cell not in searched]
    assume(cells)
    agrees(model, data, data.draw(st.sampled_from(cells), "cell"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_total_of_a_shipped_spec_has_a_closed_form(path: object) -> None:
    model, searched = model_in(path)  # type: ignore[arg-type]
    cells = [cell for cell in cells_of(model) if cell not in searched]  # what a search finds has no formula
    for cell in cells[:: 1 + len(cells) // MOST_CELLS]:
        formula = CellRef(model.sheet.cells[cell].formula.span, cell)
        params = [path for path, item in model.sheet.inputs.items() if item.role == "param"]
        params = [
            path for path in params if not isinstance(model.values.input(model.sheet.inputs[path].key), bool | str)
        ]
        form = closed_form(model.typed, model.machine, model.values, formula, params, cell)
        value, found = float(model.values.cell(cell)), form.evaluate({})
        assert found == pytest.approx(value, rel=1e-12) or min(found, value) >= UNLIMITED / 1e10
        assert set(form.inputs) | set(form.independent) == set(params)
