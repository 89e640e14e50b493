"""Whatever the normal form simplifies, it keeps the value: against the formula computed as it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from memdsl.symbolic.algebra import Algebra
from memdsl.symbolic.axis import Axis, TooMany
from memdsl.symbolic.errors import SymbolicError
from memdsl.symbolic.functions import apply
from memdsl.symbolic.numeric import Point
from memdsl.symbolic.restrict import Restriction
from memdsl.symbolic.space import Space
from memdsl.symbolic.terms import ALWAYS, NEVER, Poly, Symbol, negative, number


@dataclass(frozen=True)
class Node:
    """A formula: an operation with its arguments, the name of a symbol, or a number."""

    op: str
    args: tuple[Node, ...] = ()
    value: Fraction = Fraction(0)
    name: str = ""


SYMBOLS = {
    "s": Symbol("s", Fraction(0), inf, None),
    "q": Symbol("q", Fraction(4), Fraction(64), Fraction(4)),
    "r": Symbol("r", Fraction(-3), Fraction(5), None),
}
NUMBERS = [Fraction(n, d) for n, d in ((0, 1), (1, 1), (2, 1), (3, 1), (5, 1), (16, 1), (1, 2), (1, 4), (3, 2), (7, 3))]

leaves = st.one_of(
    st.sampled_from(NUMBERS).map(lambda value: Node("number", value=value)),
    st.sampled_from(list(SYMBOLS)).map(lambda name: Node("symbol", name=name)),
)


def grown(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def of(ops: list[str], count: int) -> st.SearchStrategy[Node]:
        return st.builds(Node, st.sampled_from(ops), st.tuples(*[parts] * count))

    compared = st.builds(Node, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.tuples(parts, parts))
    joined = st.builds(Node, st.sampled_from(["and", "or"]), st.tuples(compared, compared))
    opposite = st.builds(Node, st.just("not"), st.tuples(st.one_of(compared, joined)))
    condition = st.one_of(compared, joined, opposite)
    return st.one_of(
        of(["+", "-", "*", "/"], 2),
        of(["max", "min"], 2),
        of(["max", "min"], 3),
        of(["floor", "ceil", "round", "abs", "neg"], 1),
        st.builds(lambda a, n: Node("^", (a, Node("number", value=Fraction(n)))), parts, st.integers(-2, 3)),
        of(["clamp"], 3),
        st.builds(lambda c, a, b: Node("if", (c, a, b)), condition, parts, parts),
        st.builds(lambda c, a, b: Node("if", (c, a, b)), condition, parts, parts),
    )


LINES = [
    Node("symbol", name="s"),
    Node("symbol", name="r"),
    Node("+", (Node("symbol", name="s"), Node("symbol", name="r"))),
    Node("*", (Node("number", value=Fraction(2)), Node("symbol", name="s"))),
    Node("neg", (Node("symbol", name="s"),)),
    Node("*", (Node("symbol", name="s"), Node("symbol", name="r"))),
]
WHOLE = [Node("number", value=Fraction(n)) for n in (-4, -2, -1, 0, 1, 2, 4)]


@st.composite
def steps(draw: st.DrawFn) -> Node:
    """Sums, products and extremes of steps at few thresholds, so that conditions follow from and exclude each other."""

    def pick(choices: list[str]) -> str:
        return draw(st.sampled_from(choices))

    def test(depth: int) -> Node:
        op = pick(["compare", "compare", "and", "or", "not"]) if depth else "compare"
        if op == "compare":
            sides = draw(st.sampled_from(LINES)), draw(st.sampled_from(WHOLE))
            return Node(pick(["<", "<=", ">", ">=", "==", "!="]), sides)
        return Node(op, tuple(test(depth - 1) for _ in range(1 if op == "not" else 2)))

    def value(depth: int) -> Node:
        op = pick(["if", "if", "+", "*", "-", "max", "min", "/"]) if depth else "side"
        if op == "side":
            return draw(st.sampled_from([*LINES, *WHOLE]))
        if op == "if":
            return Node("if", (test(2), value(depth - 1), value(depth - 1)))
        return Node(op, (value(depth - 1), value(depth - 1)))

    return value(3)


formulas = st.one_of(st.recursive(leaves, grown, max_leaves=14), steps(), steps())
points = st.fixed_dictionaries(
    {
        "s": st.one_of(
            st.sampled_from(NUMBERS), st.integers(0, 5).map(Fraction), st.fractions(0, 40, max_denominator=6)
        ),
        "q": st.integers(1, 16).map(lambda n: Fraction(4 * n)),
        "r": st.one_of(st.integers(-3, 5).map(Fraction), st.fractions(-3, 5, max_denominator=4)),
    }
)


def plainly(node: Node, at: dict[str, Fraction]) -> Fraction | bool:
    """The value of a formula as it stands; only the branch that counts is looked at."""
    if node.op == "number":
        return node.value
    if node.op == "symbol":
        return at[node.name]
    if node.op == "if":
        return plainly(node.args[1] if plainly(node.args[0], at) else node.args[2], at)
    values = [plainly(arg, at) for arg in node.args]
    a, b, c = (*values, Fraction(0), Fraction(0))[:3]
    match node.op:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/":
            return Fraction(a) / b
        case "^":
            return Fraction(a) ** int(b)
        case "neg":
            return -a
        case "abs":
            return abs(a)
        case "max":
            return max(values)
        case "min":
            return min(values)
        case "clamp":
            return min(max(a, b), c)
        case "floor":
            return Fraction(math.floor(a))
        case "ceil":
            return Fraction(math.ceil(a))
        case "round":
            return Fraction(math.floor(abs(a) + Fraction(1, 2)) * (1 if a >= 0 else -1))
        case "and":
            return bool(a and b)
        case "or":
            return bool(a or b)
        case "not":
            return not a
        case _:
            return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b}[node.op]


def condition(space: Space, node: Node) -> int:
    if node.op in ("and", "or"):
        parts = [condition(space, arg) for arg in node.args]
        return space.all_of(parts) if node.op == "and" else space.any_of(parts)
    if node.op == "not":
        return space.opposite(condition(space, node.args[0]))
    a, b = (form(space, arg) for arg in node.args)
    if node.op in ("==", "!="):
        return space.compare("==" if node.op == "==" else "!=", space.add((a, negative(b))))
    if node.op in ("<", "<="):
        a, b = b, a
    return space.compare(">" if node.op in ("<", ">") else ">=", space.add((a, negative(b))))


def form(space: Space, node: Node) -> Poly:
    if node.op == "number":
        return number(node.value)
    if node.op == "symbol":
        return space.symbol(SYMBOLS[node.name])
    if node.op == "if":
        test = condition(space, node.args[0])
        if test in (ALWAYS, NEVER):
            return form(space, node.args[1] if test == ALWAYS else node.args[2])
        return space.choose(test, form(space, node.args[1]), form(space, node.args[2]))
    return apply(space, node.op, [form(space, arg) for arg in node.args])


def at_point(space: Space, at: dict[str, Fraction]) -> Point:
    return Point(space, {i: at[atom.path] for i, atom in enumerate(space.atoms) if isinstance(atom, Symbol)})


@settings(max_examples=400)
@given(formulas, st.lists(points, min_size=1, max_size=6))
def test_the_normal_form_has_the_value_of_the_formula(node: Node, at: list[dict[str, Fraction]]) -> None:
    space = Space()
    try:
        poly = space.settled(form(space, node))
    except SymbolicError:
        assume(False)
    for one in at:
        try:
            wanted = plainly(node, one)
        except ZeroDivisionError:
            continue
        assert at_point(space, one).value(poly) == wanted


@settings(max_examples=150)
@given(formulas, points)
def test_sympy_has_the_value_of_the_normal_form(node: Node, at: dict[str, Fraction]) -> None:
    space = Space()
    poly = form(space, node)
    try:
        wanted = plainly(node, at)
    except ZeroDivisionError:
        assume(False)
    algebra = Algebra(space)
    sympy = algebra.sympy
    values = {
        symbol: sympy.Rational(at[path].numerator, at[path].denominator) for path, symbol in algebra.symbols.items()
    }
    found = algebra.poly(poly).subs(values).doit()
    assert found == sympy.Rational(wanted.numerator, wanted.denominator)


@settings(max_examples=200)
@given(formulas, points, st.sampled_from(list(SYMBOLS)))
def test_a_restriction_keeps_the_value(node: Node, at: dict[str, Fraction], kept: str) -> None:
    space = Space()
    poly = form(space, node)
    try:
        wanted = plainly(node, at)
    except ZeroDivisionError:
        assume(False)
    new = Space()
    x = new.symbol(SYMBOLS[kept])
    inputs = {name: x if name == kept else number(value) for name, value in at.items()}
    line = Restriction(space, new, inputs).poly(poly)
    assert Point(new, {0: at[kept]}).value(line) == wanted


@settings(max_examples=200)
@given(formulas, points, st.lists(st.fractions(0, 40, max_denominator=50), min_size=1, max_size=8))
def test_between_two_points_of_an_axis_there_is_one_smooth_piece(
    node: Node, at: dict[str, Fraction], places: list[Fraction]
) -> None:
    space = Space()
    poly = form(space, node)
    new = Space()
    low, high = Fraction(0), Fraction(40)
    x = new.symbol(Symbol("s", low, high, None))
    inputs = {name: x if name == "s" else number(value) for name, value in at.items()}
    line = Restriction(space, new, inputs).poly(poly)
    axis = Axis(new, 0, low, high, Fraction(1))
    try:
        points = axis.points(line)
    except TooMany:
        assume(False)
    for place in places:
        if place in points:
            continue
        try:
            wanted = plainly(node, {**at, "s": place})
        except ZeroDivisionError:
            continue
        ((below, above),) = [(a, b) for a, b in axis.intervals(points) if a <= place <= b]
        piece = axis.piece(line, axis.middle(below, above))
        assert axis.at(place).value(piece) == pytest.approx(wanted, rel=1e-12)
