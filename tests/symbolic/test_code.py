"""A closed form as code gives the numbers of the closed form: compiled and run, in Python and in C."""

from __future__ import annotations

import ctypes
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sympy
from symbolic_specs import YOLO, ask, model_of

from memdsl.symbolic import ClosedForm, SymbolicError, closed_form
from memdsl.symbolic.code import LANGUAGES, as_code

sys.path.append(str(Path(__file__).parents[1]))
from generated_specs import CHOICES, Drawing, points


def forms() -> list[tuple[ClosedForm, list[dict[str, float]]]]:
    """Closed forms of generated specs, with points at which to compare, and one of a network."""
    found = []
    for seed in range(30, 35):
        model = model_of(Drawing(seed).spec())
        for cell in model.sheet.cells:
            try:
                formula = model.sheet.cells[cell].formula
                form = closed_form(model.typed, model.machine, model.declared, formula, list(CHOICES), f"{cell}_{seed}")
            except SymbolicError:
                continue
            if form.inputs:
                found.append((form, points(seed, 5)))
    network = ask(YOLO, "today.dram_bytes", "width", "height", "sram")
    sizes = [{"width": 64.0 * k, "height": 32.0 * k + 320, "sram": 2.0**k * 1000} for k in range(6, 20)]
    return [*found, (network, sizes)]


FORMS = forms()


def wanted(form: ClosedForm, point: dict[str, float]) -> float:
    try:
        return form.evaluate(point)
    except ArithmeticError:
        return math.nan


def check(form: ClosedForm, point: dict[str, float], found: float) -> None:
    value = wanted(form, point)
    if form.condition is not None and math.isnan(value):
        return  # a condition without a value does not hold
    together = math.isnan(value) and math.isnan(found)
    assert together or math.isclose(value, found, rel_tol=1e-9, abs_tol=1e-12), (form.text_of, point)


def name_of(code: str, word: str) -> str:
    return next(line for line in code.splitlines() if word in line).split("(")[0].split()[-1]


def test_python_gives_the_same_numbers() -> None:
    for form, drawn in FORMS:
        code = as_code(form, "python")
        scope: dict[str, Any] = {}
        exec(code, scope)
        for point in drawn:
            try:
                found = float(scope[name_of(code, "def ")](*[point[path] for path in form.inputs]))
            except (ArithmeticError, ValueError):
                found = math.nan
            check(form, point, found)


def test_c_gives_the_same_numbers(tmp_path: Path) -> None:
    codes = [as_code(form, "c") for form, _ in FORMS]
    (tmp_path / "forms.c").write_text("\n".join(codes))
    command = ["gcc", "-shared", "-fPIC", "-Wall", "-o", str(tmp_path / "forms.so"), str(tmp_path / "forms.c"), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    library = ctypes.CDLL(str(tmp_path / "forms.so"))
    for (form, drawn), code in zip(FORMS, codes, strict=True):
        function = library[name_of(code, "double " if form.condition is None else "int ")]
        function.restype = ctypes.c_double if form.condition is None else ctypes.c_int
        for point in drawn:
            check(form, point, float(function(*[ctypes.c_double(point[path]) for path in form.inputs])))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_can_be_written(language: str) -> None:
    for form, _ in FORMS:
        assert as_code(form, language)


def test_what_sympy_reads_back_is_the_form() -> None:
    form, drawn = FORMS[-1]
    expression = sympy.sympify(as_code(form, "sympy"))
    for point in drawn[:3]:
        given = {sympy.Symbol(path): sympy.Rational(point[path]) for path in form.inputs}
        assert math.isclose(float(expression.xreplace(given)), form.evaluate(point), rel_tol=1e-12)


def test_rust_is_rust() -> None:
    """What rustc needs: methods and constants of f64, whole powers by `powi` with a whole number."""
    for form, _ in FORMS:
        code = as_code(form, "rust")
        assert not re.search(r"(?<!f64::)\b(?:max|min|INFINITY|NAN)\b|powi\([^)]*\.", code), code
