"""The loop in C that sweeps are measured against: the closed forms that `explain` prints, written out as C.

`nested` loops over the axes, and computes outside the innermost loop what does not rest on it, as one would by hand;
`points` computes every point from its own inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from memdsl.symbolic import ClosedForm
from memdsl.symbolic.space import Space
from memdsl.symbolic.terms import (
    ALWAYS,
    Compare,
    Cut,
    Extreme,
    Function,
    Group,
    Joined,
    Key,
    Poly,
    Symbol,
    Whole,
    negative,
    scale,
)

_HEAD = """#include <math.h>
#include <stddef.h>
static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double smaller(double a, double b) { return a < b ? a : b; }
"""


class Writer:
    """Writes normal forms as C; `names` are the variables of the inputs."""

    def __init__(self, space: Space, names: Mapping[str, str]) -> None:
        self.space = space
        self.names = names

    def sum(self, poly: Poly) -> str:
        guards: dict[int, list[str]] = {}
        for (guard, powers), c in poly.terms.items():
            factors = [repr(float(c))] + [self.power(atom, exponent) for atom, exponent in powers]
            guards.setdefault(guard, []).append(" * ".join(factors))
        parts = []
        for guard, terms in guards.items():
            inner = " + ".join(terms)
            parts.append(inner if guard == ALWAYS else f"({self.condition(guard)} ? {inner} : 0)")
        return f"({' + '.join(parts) or '0'})"

    def power(self, atom: int, exponent: int) -> str:
        text = " * ".join([self.atom(atom)] * abs(exponent))
        return text if exponent > 0 else f"(1 / ({text}))"

    def atom(self, number: int) -> str:
        atom = self.space.atoms[number]
        match atom:
            case Symbol():
                return self.names[atom.path]
            case Extreme():
                text = self.sum(atom.args[0])
                for arg in atom.args[1:]:
                    text = f"{'larger' if atom.op == 'max' else 'smaller'}({text}, {self.sum(arg)})"
                return text
            case Whole():
                return f"{atom.op}({self.sum(atom.inner)})"
            case Group() | Cut():
                return self.sum(atom.inner)
            case Function():
                name = "pow" if atom.op == "^" else atom.op
                return f"{name}({', '.join(map(self.sum, atom.args))})"
        raise AssertionError(atom)

    def condition(self, number: int) -> str:
        made = self.space.conditions[number]
        if isinstance(made, Joined):
            return "(" + (" && " if made.op == "and" else " || ").join(map(self.condition, made.parts)) + ")"
        assert isinstance(made, Compare)
        whole = scale(made.poly, Fraction(lcm(*(c.denominator for c in made.poly.terms.values()))))
        left = Poly({key: c for key, c in whole.terms.items() if c > 0})
        right = negative(Poly({key: c for key, c in whole.terms.items() if c < 0}))
        return f"{self.sum(left)} {made.op} {self.sum(right)}"


def source(forms: Sequence[ClosedForm], inputs: Sequence[str]) -> str:
    """The C text. Functions take, for `nested`, each axis and its length, then the results; for `points`, the number of
    points, each input, then the results."""
    names = {path: f"x{i}" for i, path in enumerate(inputs)}
    results = [f"r{i}" for i in range(len(forms))]
    outs = ", ".join(f"double *restrict {name}" for name in results)
    each = [
        f"        {name}[i] = {Writer(form.space, {p: f'{n}[i]' for p, n in names.items()}).sum(form.poly)};"
        for name, form in zip(results, forms, strict=True)
    ]
    flat = ", ".join(f"const double *x{i}" for i in range(len(inputs)))
    points = [
        f"void points(size_t count, {flat}, {outs})", "{", "#pragma omp parallel for",
        "    for (size_t i = 0; i < count; i++) {", *each, "    }", "}",
    ]  # fmt: skip
    return "\n".join([_HEAD, *points, *_nested(forms, inputs, results, outs)]) + "\n"


def _nested(forms: Sequence[ClosedForm], inputs: Sequence[str], results: Sequence[str], outs: str) -> list[str]:
    names = {path: f"v{i}" for i, path in enumerate(inputs)}
    last = len(inputs) - 1
    axes = ", ".join(f"const double *x{i}, size_t n{i}" for i in range(len(inputs)))
    lines = [f"void nested({axes}, {outs})", "{", "#pragma omp parallel for"]
    inner = []
    at_depth: dict[int, list[str]] = {}
    for number, (form, result) in enumerate(zip(forms, results, strict=True)):
        writer = Writer(form.space, names)
        parts = _by_power(form, inputs[last])
        depth = max((inputs.index(path) for path in form.inputs if path != inputs[last]), default=0)
        for power, poly in parts.items():
            at_depth.setdefault(depth, []).append(f"const double t{number}_{power} = {writer.sum(poly)};")
        value = " + ".join(" * ".join([f"t{number}_{power}"] + [f"v{last}"] * power) for power in parts)
        inner.append(f"{result}[at + i{last}] = {value};")
    for k in range(len(inputs)):
        pad = "    " * (k + 1)
        lines.append(f"{pad}for (size_t i{k} = 0; i{k} < n{k}; i{k}++) {{")
        lines.append(f"{pad}    const double v{k} = x{k}[i{k}];")
        lines += [f"{pad}    {line}" for line in at_depth.get(k, ())]
        if k == last - 1:
            index = "i0"
            for j in range(1, last):
                index = f"({index} * n{j} + i{j})"
            lines.append(f"{pad}    const size_t at = {index} * n{last};")
    lines += ["    " * (len(inputs) + 1) + line for line in inner]
    return [*lines, *("    " * (k + 1) + "}" for k in reversed(range(len(inputs)))), "}"]


def _by_power(form: ClosedForm, path: str) -> dict[int, Poly]:
    """A form that is a polynomial of one input, by the powers of it."""
    atom = next((n for n, a in enumerate(form.space.atoms) if isinstance(a, Symbol) and a.path == path), -1)
    parts: dict[int, dict[Key, Fraction]] = {}
    for (guard, powers), c in form.poly.terms.items():
        rest = tuple(p for p in powers if p[0] != atom)
        parts.setdefault(dict(powers).get(atom, 0), {})[guard, rest] = c
    return {power: Poly(terms) for power, terms in sorted(parts.items())}
