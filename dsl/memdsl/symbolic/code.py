"""A closed form as code that gives the same numbers elsewhere, by SymPy's printers."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .algebra import Algebra
from .closed import ClosedForm
from .errors import SymbolicError
from .terms import ALWAYS

_EXACT_INT = 2**31
_WORDS = """
    double return const static int float void for while do if else switch case break continue struct union enum long
    short signed unsigned auto register extern goto typedef volatile inline fn let mut pub use mod match loop where impl
    trait function end begin module local global max min floor ceil sqrt exp log pow fmax fmin abs math NAN nan E I N O
    Q S pi e
"""
_TAKEN = frozenset(_WORDS.split())


def as_code(form: ClosedForm, language: str) -> str:
    """A function of the inputs of a closed form (`LANGUAGES`), or its expression in a notation.

    Inputs and values are in base units. Where there is no value the function gives NaN, or what its language does with
    a division by zero or the root of a negative number. Raises SymbolicError for what SymPy cannot print.
    """
    try:
        return LANGUAGES[language](form)
    except (TypeError, ValueError) as why:
        # SymPy orders no roots of -1, though no case takes them.
        message = f"`{form.text_of}` cannot be written as {language}: {why}"
        raise SymbolicError("no-closed-form", message, "ask for a part of it") from None


def identifiers(form: ClosedForm) -> Mapping[str, str]:
    """What inputs and cuts are called where a name has no dots."""
    found: dict[str, str] = {}
    for name in (*form.inputs, *form.cuts):
        word = re.sub(r"\W", "_", name)
        while word in found.values() or word in _TAKEN or keyword.iskeyword(word):
            word += "_"
        found[name] = word
    return found


class _Parts:
    """The expressions of a function: its arguments, what is computed first, and what it gives."""

    def __init__(self, form: ClosedForm) -> None:
        names = identifiers(form)
        algebra = Algebra(form.space, names)
        sympy = algebra.sympy
        algebra.undefined = sympy.S.Zero  # whatever it is, the domain keeps it from being asked for
        self.name = re.sub(r"\W+", "_", form.text_of).strip("_") or "value"
        if self.name in names.values() or self.name in _TAKEN or not self.name[0].isalpha():
            self.name = f"cell_{self.name}"
        self.arguments = [names[path] for path in form.inputs]
        self.steps = [(names[name], algebra.definition(cut.number)) for name, cut in form.cuts.items()]
        self.is_truth = form.condition is not None
        if form.condition is not None:
            self.result = algebra.condition(form.condition)
        else:
            self.result = algebra.poly(form.poly)
            if form.domain != ALWAYS:
                pieces = ((self.result, algebra.condition(form.domain)), (sympy.nan, True))
                self.result = sympy.Piecewise(*pieces, evaluate=False)


def _python(form: ClosedForm) -> str:
    from sympy.printing.pycode import PythonCodePrinter

    parts, write = _Parts(form), PythonCodePrinter({"fully_qualified_modules": True, "standard": "python3"}).doprint
    lines = ["import math", "", "", f"def {parts.name}({', '.join(parts.arguments)}):"]
    lines += [f"    {name} = {write(step)}" for name, step in parts.steps]
    return "\n".join([*lines, f"    return {write(parts.result)}"])


def _floats(printer: type[Any]) -> type[Any]:
    """A printer whose whole numbers are those of floating point, which are as exact and have no end so soon."""

    class Printer(printer):  # type: ignore[misc]
        def _print_Integer(self, value: Any) -> str:  # noqa: N802
            return f"{float(int(value))!r}" if abs(int(value)) >= _EXACT_INT else str(int(value))

    return Printer


def _c(form: ClosedForm) -> str:
    from sympy.printing.c import C99CodePrinter

    parts, write = _Parts(form), _floats(C99CodePrinter)().doprint
    arguments = ", ".join(f"double {name}" for name in parts.arguments) or "void"
    lines = ["#include <math.h>", "", f"{'int' if parts.is_truth else 'double'} {parts.name}({arguments}) {{"]
    lines += [f"    const double {name} = {write(step)};" for name, step in parts.steps]
    return "\n".join([*lines, f"    return {write(parts.result)};", "}"])


def _julia(form: ClosedForm) -> str:
    from sympy.printing.julia import JuliaCodePrinter

    parts, write = _Parts(form), _floats(JuliaCodePrinter)({"contract": False, "inline": True}).doprint
    lines = [f"function {parts.name}({', '.join(parts.arguments)})"]
    lines += [f"    {name} = {write(step)}" for name, step in parts.steps]
    return "\n".join([*lines, f"    return {write(parts.result)}", "end"])


def _rust(form: ClosedForm) -> str:
    from sympy.printing.rust import RustCodePrinter

    class Printer(RustCodePrinter):  # type: ignore[misc]
        def _print_Integer(self, value: Any, _type: bool = False) -> str:  # noqa: N802
            return f"{float(int(value))!r}_f64"

        def _print_Rational(self, value: Any) -> str:  # noqa: N802
            return f"({float(value.p)!r}_f64/{float(value.q)!r}_f64)"

        def _print_ceiling(self, value: Any) -> str:
            return f"({self._print(value.args[0])}).ceil()"

        def _print_floor(self, value: Any) -> str:
            return f"({self._print(value.args[0])}).floor()"

        def _print_NaN(self, value: Any) -> str:  # noqa: N802
            return "f64::NAN"

        def _print_Infinity(self, value: Any) -> str:  # noqa: N802
            return "f64::INFINITY"

        def _print_NegativeInfinity(self, value: Any) -> str:  # noqa: N802
            return "f64::NEG_INFINITY"

        def _print_Max(self, value: Any) -> str:  # noqa: N802
            return self._nested("f64::max", value.args)

        def _print_Min(self, value: Any) -> str:  # noqa: N802
            return self._nested("f64::min", value.args)

        def _print_Abs(self, value: Any) -> str:  # noqa: N802
            return f"({self._print(value.args[0])}).abs()"

        def _nested(self, name: str, args: Sequence[Any]) -> str:
            first, *rest = map(self._print, args)
            for other in rest:
                first = f"{name}({first}, {other})"
            return str(first)

        def _print_Pow(self, value: Any, rational: bool = False) -> str:  # noqa: N802
            base, exponent = self._print(value.base), value.exp
            if exponent == -1:
                return f"(1.0_f64/({base}))"
            if exponent.is_Rational and exponent.q == 2 and abs(exponent.p) == 1:
                return f"({base}).sqrt()" if exponent.p == 1 else f"(1.0_f64/({base}).sqrt())"
            if exponent.is_Integer and abs(int(exponent)) < _EXACT_INT:
                return f"({base}).powi({int(exponent)})"
            return f"({base}).powf({self._print(exponent)})"

        def _print_Piecewise(self, value: Any) -> str:  # noqa: N802
            *chosen, last = [(self._print(part), condition) for part, condition in value.args]
            texts = [f"if {self._print(condition)} {{ {part} }} else " for part, condition in chosen]
            return f"({''.join(texts)}{{ {last[0]} }})" if texts else str(last[0])

    parts, write = _Parts(form), Printer().doprint
    arguments = ", ".join(f"{name}: f64" for name in parts.arguments)
    lines = [f"fn {parts.name}({arguments}) -> {'bool' if parts.is_truth else 'f64'} {{"]
    lines += [f"    let {name} = {write(step)};" for name, step in parts.steps]
    return "\n".join([*lines, f"    {write(parts.result)}", "}"])


def _notation(write: Callable[[Any, Any], str], sign: str) -> Callable[[ClosedForm], str]:
    def run(form: ClosedForm) -> str:
        sympy = form.algebra.sympy
        steps = [f"{cut.name} {sign} {write(sympy, cut.expression)}" for cut in form.cuts.values()]
        return "\n".join([*steps, write(sympy, form.expression)])

    return run


LANGUAGES: Mapping[str, Callable[[ClosedForm], str]] = {
    "python": _python,
    "c": _c,
    "julia": _julia,
    "rust": _rust,
    "latex": _notation(lambda sympy, expression: str(sympy.latex(expression)), "="),
    "mathml": _notation(lambda sympy, expression: str(sympy.mathml(expression, printer="presentation")), "="),
    "sympy": _notation(lambda sympy, expression: str(sympy.srepr(expression)), "="),
}
"""How a closed form leaves: functions in four languages, and three notations."""
