"""The operations of the language, each once: what every room knows of them stands here."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .intervals import (
    Range,
    add_ranges,
    largest,
    multiply_ranges,
    negate_range,
    power_range,
    raise_range,
    rising,
    smallest,
)
from .operation import Aggregate, Chosen, NoRow, Operation, Undefined, Value

__all__ = ["AGGREGATES", "FUNCTIONS", "OPERATIONS", "Aggregate", "Chosen", "NoRow", "Operation", "Undefined", "Value"]

NEAR = 2.0**-50
"""A number this near to a whole one, relative to itself, differs from it by the rounding of a few steps."""
_FRACTIONS = 2.0**41
"""From here on, what is left of a number behind the point is no rounding."""


# ---- numbers --------------------------------------------------------------------------------------------------------


def _power(a: float, b: float) -> float:
    if a < 0 and b != int(b):
        raise ArithmeticError("a negative number to a power that is not whole")
    if a == 0 and b < 0:
        raise ZeroDivisionError("division by zero")
    return float(a**b)


def _square_root(a: float) -> float:
    if a < 0:
        raise ArithmeticError("the square root of a negative number")
    return math.sqrt(a)


def _log2(a: float) -> float:
    if a <= 0:
        raise ArithmeticError("the logarithm of a number that is not positive")
    return math.log2(a)


def floor(a: float) -> float:
    """The whole number below; what rounding leaves just under one counts as it: `0.3 / 0.1` is 3, as in fractions."""
    whole = math.floor(a)
    if abs(a) < _FRACTIONS and a - whole > 1 - abs(a) * NEAR:
        whole += 1
    return float(whole) if isinstance(a, float) else whole


def _ceil(a: float) -> float:
    return 0 - floor(-a)


def _round(a: float) -> float:
    """Half away from zero, as spreadsheets do, which take what rounding leaves just under `1.5` for it, too."""
    whole = math.trunc(a)
    rest = abs(a - whole)
    if rest >= 0.5 or (whole and rest >= 0.5 - abs(a) * NEAR and abs(a) < _FRACTIONS):
        whole += 1 if a > 0 else -1
    return float(whole)


def _squared(value: float) -> float:
    if value < 0:
        raise ValueError("no square root is negative")
    return value * value


def _clamp(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def _lcm(*values: float) -> float:
    if not all(value >= 0 and value == int(value) for value in values):
        raise ArithmeticError("a common multiple is one of whole numbers that are not negative")
    found = float(math.lcm(*map(int, values)))
    if found > 2.0**53:
        raise OverflowError("too large")
    return found


def _is_count(f: Any, a: Any) -> Any:
    return f("and", f(">=", a, 0), f("==", a, f("floor", a)))


# ---- arrays: NumPy comes first --------------------------------------------------------------------------------------


def _folded(name: str) -> Callable[..., Any]:
    def run(np: Any, first: Any, *rest: Any) -> Any:
        for value in rest:
            first = getattr(np, name)(first, value)
        return first

    return run


def _floors(np: Any, a: Any) -> Any:
    whole = np.floor(a)
    return whole + ((a - whole > 1 - np.abs(a) * NEAR) & (np.abs(a) < _FRACTIONS))


def _rounds(np: Any, a: Any) -> Any:
    whole = np.trunc(a)
    rest = np.abs(a - whole)
    near = (whole != 0) & (rest >= 0.5 - np.abs(a) * NEAR) & (np.abs(a) < _FRACTIONS)
    return np.where((rest >= 0.5) | near, whole + np.copysign(1.0, a), whole)


def _lcms(np: Any, a: Any, b: Any) -> Any:
    counts = [np.where((x >= 0) & (x == np.floor(x)), x, 0).astype(np.int64) for x in (a, b)]
    return np.lcm(*counts).astype(float)


def _equal(np: Any, a: Any, b: Any) -> Any:
    return a == b if not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray) else np.asarray(a == b)


def _divides(np: Any, a: Any, b: Any) -> Any:
    return np.divide(a, b) if isinstance(a, np.ndarray) or isinstance(b, np.ndarray) or not b else a / b


# ---- the records ----------------------------------------------------------------------------------------------------


def _infix(sign: str, says: str, units: Any, number: Callable[..., Value], **more: Any) -> Operation:
    """An operator of two operands that is written alike in Excel, but for its sign."""
    excel = f"a{more.pop('in_excel', sign)}b"
    script = more.pop("javascript", f"a(i) {sign} b(i)")
    return Operation(sign, says, 2, 2, units, number, excel, script, excel_ranges=True, **more)


def _compared(sign: str, says: str, number: Callable[..., bool], numpy: str, sympy: str) -> Operation:
    return _infix(
        sign,
        says,
        "ordered",
        number,
        swallows=True,
        javascript=f"finite(a(i)) {sign} finite(b(i))",
        many=lambda np, a, b: getattr(np, numpy)(a, b),
        sympy=lambda sp, a, b: getattr(sp, sympy)(a, b),
    )


def _negative_range(a: Range, b: Range) -> Range:
    return add_ranges(a, negate_range(b))


def _quotient_range(a: Range, b: Range) -> Range:
    return multiply_ranges(a, power_range(b, -1))


_ARITHMETIC = (
    _infix(
        "+",
        "sum, of one unit",
        "alike",
        operator.add,
        many=lambda np, a, b: a + b,
        range=add_ranges,
        slopes=(lambda f, a, b: 1, lambda f, a, b: 1),
        sympy=lambda sp, a, b: a + b,
    ),
    _infix(
        "-",
        "difference, of one unit",
        "alike",
        operator.sub,
        many=lambda np, a, b: a - b,
        range=_negative_range,
        slopes=(lambda f, a, b: 1, lambda f, a, b: -1),
        sympy=lambda sp, a, b: a - b,
    ),
    _infix(
        "*",
        "product",
        "product",
        operator.mul,
        many=lambda np, a, b: a * b,
        range=multiply_ranges,
        slopes=(lambda f, a, b: b, lambda f, a, b: a),
        sympy=lambda sp, a, b: a * b,
    ),
    _infix(
        "/",
        "quotient",
        "quotient",
        operator.truediv,
        javascript="a(i) / finite(b(i))",
        swallows=True,
        many=_divides,
        defined=lambda f, a, b: f("!=", b, 0),
        range=_quotient_range,
        slopes=(lambda f, a, b: f("/", 1, b), lambda f, a, b: f("neg", f("/", f("/", a, b), b))),
        sympy=lambda sp, a, b: a / b,
    ),
    _infix(
        "^",
        "power: the exponent is a plain number; `0 ^ 0` is 1",
        "power",
        _power,
        javascript="finite(a(i)) ** finite(b(i))",
        swallows=True,
        many=lambda np, a, b: np.power(np.asarray(a, dtype=float), np.asarray(b, dtype=float))[()],
        defined=lambda f, a, b: f(
            "and",
            f("or", f(">=", a, 0), f("==", b, f("floor", b))),
            f("or", f("!=", a, 0), f(">=", b, 0)),
        ),
        range=raise_range,
        slopes=(
            lambda f, a, b: f("*", b, f("^", a, f("-", b, 1))),
            lambda f, a, b: f("*", f("*", f("log2", a), math.log(2)), f("^", a, b)),
        ),
        sympy=lambda sp, a, b: sp.Pow(a, b),
    ),
    Operation(
        "neg",
        "`-x`",
        1,
        1,
        "any",
        operator.neg,
        "-a",
        "-a(i)",
        excel_ranges=True,
        many=lambda np, a: -a,
        range=negate_range,
        slopes=(lambda f, a: -1,),
        sympy=lambda sp, a: -a,
    ),
)

_CONDITIONS = (
    _infix(
        "==",
        "equal",
        "equal",
        operator.eq,
        in_excel="=",
        excel_text="EXACT(a,b)",
        javascript="finite(a(i)) === finite(b(i))",
        swallows=True,
        many=_equal,
        sympy=lambda sp, a, b: sp.Eq(a, b),
    ),
    _infix(
        "!=",
        "not equal",
        "equal",
        operator.ne,
        in_excel="<>",
        excel_text="NOT(EXACT(a,b))",
        javascript="finite(a(i)) !== finite(b(i))",
        swallows=True,
        many=lambda np, a, b: np.logical_not(_equal(np, a, b)),
        sympy=lambda sp, a, b: sp.Ne(a, b),
    ),
    _compared("<", "less", operator.lt, "less", "Lt"),
    _compared("<=", "at most", operator.le, "less_equal", "Le"),
    _compared(">", "more", operator.gt, "greater", "Gt"),
    _compared(">=", "at least", operator.ge, "greater_equal", "Ge"),
    Operation(
        "and",
        "both hold; the second is not asked where the first does not hold",
        2,
        None,
        "truth",
        lambda *truths: all(truths),
        "AND(...)",
        "a(i) && b(i)",
        many=_folded("logical_and"),
        sympy=lambda sp, *truths: sp.And(*truths),
    ),
    Operation(
        "or",
        "one of both holds; the second is not asked where the first holds",
        2,
        None,
        "truth",
        lambda *truths: any(truths),
        "OR(...)",
        "a(i) || b(i)",
        many=_folded("logical_or"),
        sympy=lambda sp, *truths: sp.Or(*truths),
    ),
    Operation(
        "not",
        "does not hold",
        1,
        1,
        "truth",
        operator.not_,
        "NOT(a)",
        "!a(i)",
        many=lambda np, a: not a if isinstance(a, bool) else np.logical_not(a),
        sympy=lambda sp, a: sp.Not(a),
    ),
    Operation(
        "if",
        "`if c then a else b`: a where c holds, else b, of one unit; the other is not asked",
        3,
        3,
        "choice",
        lambda c, a, b: a if c else b,
        "IF(a,b,c)",
        "a(i) ? b(i) : c(i)",
        many=lambda np, c, a, b: np.where(c, a, b),
        sympy=lambda sp, c, a, b: sp.Piecewise((a, c), (b, True)),
    ),
)

_CALLED = (
    Operation(
        "min",
        "the least of its arguments",
        2,
        None,
        "alike",
        min,
        "MIN(...)",
        "all.map((part) => finite(part(i))).reduce((x, y) => (y < x ? y : x))",
        signature="min(a, b, …)",
        swallows=True,
        many=_folded("minimum"),
        range=smallest,
        sympy=lambda sp, *values: sp.Min(*values),
        latex=r"\min \left( … \right)",
    ),
    Operation(
        "max",
        "the greatest of its arguments",
        2,
        None,
        "alike",
        max,
        "MAX(...)",
        "all.map((part) => finite(part(i))).reduce((x, y) => (y > x ? y : x))",
        signature="max(a, b, …)",
        swallows=True,
        many=_folded("maximum"),
        range=largest,
        sympy=lambda sp, *values: sp.Max(*values),
        latex=r"\max \left( … \right)",
    ),
    Operation(
        "floor",
        "the whole number below",
        1,
        1,
        "whole",
        floor,
        "INT(a)",
        "floor(a(i))",
        signature="floor(x)",
        helper=f"""const floor = (a) => {{
  const whole = Math.floor(a);
  return a - whole > 1 - Math.abs(a) * {NEAR!r} && Math.abs(a) < {_FRACTIONS!r} ? whole + 1 : whole;
}};""",
        excel_ranges=True,
        many=_floors,
        range=rising(floor, exact=True),
        sympy=lambda sp, a: sp.floor(a),
        latex=r"\left\lfloor … \right\rfloor",
        line="⌊…⌋",
    ),
    Operation(
        "ceil",
        "the whole number above",
        1,
        1,
        "whole",
        _ceil,
        "-INT(-a)",
        "0 - floor(-a(i))",
        signature="ceil(x)",
        excel_ranges=True,
        many=lambda np, a: 0.0 - _floors(np, -a),
        range=rising(_ceil, exact=True),
        lowered=lambda f, a: f("neg", f("floor", f("neg", a))),
        sympy=lambda sp, a: sp.ceiling(a),
        latex=r"\left\lceil … \right\rceil",
        line="⌈…⌉",
    ),
    Operation(
        "round",
        "the nearest whole number, halves away from zero",
        1,
        1,
        "whole",
        _round,
        "ROUND(a,0)",
        "round(a(i))",
        signature="round(x)",
        helper=f"""const round = (a) => {{
  const [whole, size] = [Math.trunc(a), Math.abs(a)];
  const rest = Math.abs(a - whole);
  const near = whole !== 0 && rest >= 0.5 - size * {NEAR!r} && size < {_FRACTIONS!r};
  return rest >= 0.5 || near ? whole + Math.sign(a) : whole;
}};""",
        excel_ranges=True,
        many=_rounds,
        range=rising(_round, exact=True),
        lowered=lambda f, a: f("if", f(">=", a, 0), f("floor", f("+", a, 0.5)), f("neg", f("floor", f("-", 0.5, a)))),
        sympy=lambda sp, a: sp.Piecewise(
            (sp.floor(a + sp.Rational(1, 2)), a >= 0), (sp.ceiling(a - sp.Rational(1, 2)), True)
        ),
    ),
    Operation(
        "sqrt",
        "the square root, of the unit too",
        1,
        1,
        "root",
        _square_root,
        "SQRT(a)",
        "Math.sqrt(a(i))",
        signature="sqrt(x)",
        excel_ranges=True,
        many=lambda np, a: np.sqrt(a),
        defined=lambda f, a: f(">=", a, 0),
        range=rising(math.sqrt, 0),
        slopes=(lambda f, a: f("/", 0.5, f("sqrt", a)),),
        inverse=_squared,
        sympy=lambda sp, a: sp.sqrt(a),
        latex=r"\sqrt{…}",
        line="√(…)",
    ),
    Operation(
        "log2",
        "the logarithm to base 2 of a plain number",
        1,
        1,
        "plain",
        _log2,
        "LOG(a,2)",
        "Math.log2(a(i))",
        signature="log2(x)",
        excel_ranges=True,
        many=lambda np, a: np.log2(a),
        defined=lambda f, a: f(">", a, 0),
        range=rising(_log2, 0),
        slopes=(lambda f, a: f("/", 1 / math.log(2), a),),
        inverse=lambda value: 2.0**value,
        sympy=lambda sp, a: sp.log(a) / sp.log(2),
        latex=r"\log_2 \left( … \right)",
    ),
    Operation(
        "exp",
        "e to a plain number",
        1,
        1,
        "plain",
        math.exp,
        "EXP(a)",
        "Math.exp(finite(a(i)))",
        signature="exp(x)",
        excel_ranges=True,
        swallows=True,
        many=lambda np, a: np.exp(a),
        range=rising(math.exp),
        slopes=(lambda f, a: f("exp", a),),
        inverse=math.log,
        sympy=lambda sp, a: sp.exp(a),
        latex=r"\exp \left( … \right)",
    ),
    Operation(
        "abs",
        "the value without its sign",
        1,
        1,
        "any",
        abs,
        "ABS(a)",
        "Math.abs(a(i))",
        signature="abs(x)",
        excel_ranges=True,
        many=lambda np, a: np.abs(a),
        range=lambda a: largest(a, negate_range(a)),
        lowered=lambda f, a: f("max", a, f("neg", a)),
        sympy=lambda sp, a: sp.Abs(a),
        latex=r"\left| … \right|",
        line="|…|",
    ),
    Operation(
        "clamp",
        "x, but not outside low to high",
        3,
        3,
        "alike",
        _clamp,
        "MIN(MAX(a,b),c)",
        "[finite(a(i)), finite(b(i)), finite(c(i))].reduce((x, y, k) => (k === 1 ? (y > x ? y : x) : y < x ? y : x))",
        signature="clamp(x, low, high)",
        swallows=True,
        many=lambda np, x, low, high: np.minimum(np.maximum(x, low), high),
        range=lambda x, low, high: smallest(largest(x, low), high),
        lowered=lambda f, x, low, high: f("min", f("max", x, low), high),
        sympy=lambda sp, x, low, high: sp.Min(sp.Max(x, low), high),
    ),
    Operation(
        "lcm",
        "the least common multiple of whole numbers",
        2,
        2,
        "plain",
        _lcm,
        "IF(AND(a=INT(a),b=INT(b)),LCM(a,b),NA())",
        "multiple(a(i), b(i))",
        signature="lcm(a, b)",
        helper="""const multiple = (a, b) => {
  if (!(a >= 0 && b >= 0 && Number.isInteger(a) && Number.isInteger(b))) throw new NoValue("no whole numbers");
  let [x, y] = [a, b];
  while (y) [x, y] = [y, x % y];
  const found = a && b ? (a / x) * b : 0;
  if (found > 2 ** 53) throw new NoValue("too large");
  return found;
};""",
        many=_lcms,
        defined=lambda f, a, b: f("and", _is_count(f, a), _is_count(f, b)),
        range=lambda a, b: (Fraction(0), math.inf),
    ),
)

OPERATIONS = {operation.name: operation for operation in (*_ARITHMETIC, *_CONDITIONS, *_CALLED)}
"""Every operation by the name that formulas hold."""

FUNCTIONS = {operation.name: operation for operation in OPERATIONS.values() if operation.signature}
"""Those that a spec calls by name."""


# ---- aggregates -----------------------------------------------------------------------------------------------------


def some(chosen: Chosen) -> Chosen:
    """The rows, of which there has to be one."""
    if not chosen:
        raise NoRow("there is no row to choose from")
    return chosen


def _sum(chosen: Chosen) -> float:
    return float(sum(float(value) * copies for _, value, copies in chosen))


def _count(chosen: Chosen) -> float:
    return float(sum(copies for _, _, copies in chosen))


def _mean(chosen: Chosen) -> float:
    count = _count(chosen)
    return _sum(chosen) / count if count else _sum(some(()))


def _first(chosen: Chosen) -> int:
    if not chosen:
        raise NoRow("no row meets the condition")
    return chosen[0][0]


AGGREGATES = {
    aggregate.name: aggregate
    for aggregate in (
        Aggregate("sum", "sum(T.x where …)", "the values added up", _sum, "total(chosen)", "SUM"),
        Aggregate(
            "max",
            "max(T.x where …)",
            "the greatest value",
            lambda chosen: max(value for _, value, _ in some(chosen)),
            "extreme(chosen, 1)",
            "MAX",
        ),
        Aggregate(
            "min",
            "min(T.x where …)",
            "the least value",
            lambda chosen: min(value for _, value, _ in some(chosen)),
            "extreme(chosen, -1)",
            "MIN",
        ),
        Aggregate("mean", "mean(T.x where …)", "the mean of the values", _mean, "mean(chosen)", "AVERAGE"),
        Aggregate("count", "count(T where …)", "how many rows", _count, "copies(chosen)"),
        Aggregate(
            "argmax",
            "argmax(T.x)",
            "the row with the greatest value: `.name` and its other columns follow a dot",
            lambda chosen: max(some(chosen), key=lambda entry: entry[1])[0],
            "argmax(chosen)",
        ),
        Aggregate(
            "any",
            "any(T.condition)",
            "whether a condition holds in some row",
            lambda chosen: any(value for _, value, _ in chosen),
            "chosen.values.some(Boolean)",
            "OR",
        ),
        Aggregate(
            "all",
            "all(T.condition)",
            "whether a condition holds in every row",
            lambda chosen: all(value for _, value, _ in chosen),
            "chosen.values.every(Boolean)",
            "AND",
        ),
        Aggregate("first", "first(r in T where …)", "the first row that meets the condition", _first, "first(chosen)"),
    )
}
