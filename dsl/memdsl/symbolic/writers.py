"""Two hands for one shape: text for a terminal, LaTeX for a document."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from ..sheet.operations import OPERATIONS
from .numerals import number_text
from .shapes import (
    Call,
    Copies,
    Joined,
    Measure,
    Name,
    Negated,
    Number,
    Over,
    Product,
    Raised,
    Ratio,
    Relation,
    Shape,
    Sum,
    Truth,
    When,
    Words,
)

_WIDE = 80
_LOOSE, _TERM, _FACTOR, _TIGHT = 0, 1, 2, 3
"""How tightly the surroundings hold: what binds less needs brackets."""


class Writer(Protocol):
    def write(self, shape: Shape) -> str: ...

    def lines(self, shape: Sum) -> str: ...


class TextWriter:
    """`61,895,776 B + 2 × (32·height·width B if sram < 16·height·width B else 0 B)`."""

    def write(self, shape: Shape) -> str:
        return self._at(shape, _LOOSE)

    def lines(self, shape: Sum) -> str:
        """A long sum, one term a line; a long numerator is set in."""
        written = []
        for i, (minus, term) in enumerate(shape.terms):
            sign = "- " if minus else "+ " if i else "  "
            inner, unit = (term.value, f" {term.unit}") if isinstance(term, Measure) else (term, "")
            if isinstance(inner, Ratio):
                top, bottom = self._tall(inner.top), self._tall(inner.bottom)
                if "\n" in top + bottom:
                    written.append(f"{sign}{top} / {bottom}{unit}")
                    continue
            written.append(sign + self._at(term, _TERM))
        return "\n".join(written)

    def _tall(self, shape: Shape) -> str:
        """A part of a fraction, on lines of its own when it is long."""
        if not isinstance(shape, Sum) or len(self.write(shape)) < _WIDE:
            return self._at(shape, _TIGHT)
        return "(\n" + "\n".join("    " + line for line in self.lines(shape).splitlines()) + "\n  )"

    def _at(self, shape: Shape, hold: int) -> str:
        match shape:
            case Number():
                text = number_text(shape.value)
                return f"({text})" if "/" in text and hold >= _TIGHT else text
            case Name():
                return shape.text
            case Truth():
                return "true" if shape.value else "false"
            case Measure():
                return self._bracket(f"{self._at(shape.value, _TERM)} {shape.unit}", hold >= _FACTOR)
            case Product():
                return self._bracket("·".join(self._at(f, _FACTOR) for f in shape.factors), hold >= _TIGHT)
            case Sum():
                text = ""
                for i, (minus, term) in enumerate(shape.terms):
                    text += (" - " if minus else " + ") if i else ("-" if minus else "")
                    text += self._at(term, _TERM)
                return self._bracket(text, hold >= _TERM)
            case Ratio():
                return self._bracket(f"{self._at(shape.top, _FACTOR)}/{self._at(shape.bottom, _TIGHT)}", hold >= _TIGHT)
            case Raised():
                return f"{self._at(shape.base, _TIGHT)}^{self._at(shape.exponent, _TIGHT)}"
            case Call():
                return f"{shape.name}({', '.join(self.write(arg) for arg in shape.args)})"
            case Copies():
                return self._bracket(f"{shape.count:,} × {self._at(shape.value, _FACTOR)}", hold >= _FACTOR)
            case When():
                condition = self.write(shape.condition)
                text = f"{self.write(shape.value)} if {condition} else {self.write(shape.otherwise)}"
                return self._bracket(text, hold > _LOOSE)
            case Relation():
                text = f"{self.write(shape.left)} {shape.op} {self.write(shape.right)}"
                return self._bracket(text, hold > _TERM)
            case Joined():
                text = f" {shape.op} ".join(self._bracket(self.write(p), isinstance(p, Joined)) for p in shape.parts)
                return self._bracket(text, hold > _LOOSE)
            case Words():
                return f'"{shape.text}"'
            case Negated():
                return f"not {self._at(shape.value, _TIGHT)}"
            case Over():
                where = f" where {self.write(shape.where)}" if shape.where is not None else ""
                body = self.write(shape.body) if shape.body is not None else ""
                if shape.rows is None:
                    return f"{shape.op}({body}{where})"
                rows = f"{shape.variable} in {self.write(shape.rows)}{where}"
                return f"{shape.op}({rows}, {body})" if body else f"{shape.op}({rows})"

    def _bracket(self, text: str, needed: bool) -> str:
        return f"({text})" if needed else text


_LATEX = {c: "\\" + c for c in "_%&#${}"} | {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim "}
_OVER = {"sum": r"\sum", "max": r"\max", "min": r"\min", "any": r"\exists", "all": r"\forall"}
_RELATIONS = {">": ">", "<": "<", ">=": r"\ge", "<=": r"\le", "==": "=", "!=": r"\ne"}


class LatexWriter:
    """The same with `cases`, `\\max`, `\\lfloor`, `\\lceil` and `\\frac`."""

    def write(self, shape: Shape) -> str:
        return self._at(shape, _LOOSE)

    def _cases(self, shape: When) -> str:
        """One case a line: a condition inside `otherwise` is the next line, not a table inside this one."""
        lines: list[str] = []
        rest: Shape = shape
        while isinstance(rest, When):
            lines.append(rf"{self.write(rest.value)} & \text{{if }} {self.write(rest.condition)}")
            rest = rest.otherwise
        lines.append(rf"{self.write(rest)} & \text{{otherwise}}")
        return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"

    def lines(self, shape: Sum) -> str:
        written = []
        for i, (minus, term) in enumerate(shape.terms):
            sign = "-" if minus else "+" if i else ""
            written.append(f"&{sign} {self._at(term, _TERM)}")
        return r"\begin{aligned}" + r" \\ ".join(written) + r"\end{aligned}"

    def _at(self, shape: Shape, hold: int) -> str:
        match shape:
            case Number():
                return _latex_number(shape.value)
            case Name():
                return _latex_name(shape.text)
            case Truth():
                return r"\mathrm{true}" if shape.value else r"\mathrm{false}"
            case Measure():
                text = rf"{self._at(shape.value, _TERM)}\,{_latex_unit(shape.unit)}"
                return self._bracket(text, hold >= _FACTOR)
            case Product():
                return r"\,".join(self._at(f, _FACTOR) for f in shape.factors)
            case Sum():
                text = ""
                for i, (minus, term) in enumerate(shape.terms):
                    text += (" - " if minus else " + ") if i else ("-" if minus else "")
                    text += self._at(term, _TERM)
                return self._bracket(text, hold >= _TERM)
            case Ratio():
                return rf"\frac{{{self.write(shape.top)}}}{{{self.write(shape.bottom)}}}"
            case Raised():
                simple = isinstance(shape.base, Name | Number)
                base = self.write(shape.base) if simple else self._bracket(self.write(shape.base), True)
                return f"{{{base}}}^{{{self.write(shape.exponent)}}}"
            case Call():
                return self._call(shape)
            case Copies():
                return rf"{shape.count} \times {self._at(shape.value, _FACTOR)}"
            case When():
                return self._cases(shape)
            case Relation():
                return f"{self.write(shape.left)} {_RELATIONS[shape.op]} {self.write(shape.right)}"
            case Joined():
                return rf" \text{{ {shape.op} }} ".join(
                    self._bracket(self.write(p), isinstance(p, Joined)) for p in shape.parts
                )
            case Words():
                return _latex_name(shape.text)
            case Negated():
                return rf"\text{{not }} {self._at(shape.value, _TIGHT)}"
            case Over():
                return self._over(shape)

    def _over(self, shape: Over) -> str:
        rows = rf"{_latex_name(shape.variable)} \in {self.write(shape.rows)}" if shape.rows is not None else ""
        where = self.write(shape.where) if shape.where is not None else ""
        below = r",\;".join(part for part in (rows, where) if part)
        sign = _OVER.get(shape.op)
        if sign is not None and shape.body is not None:
            return (rf"{sign}_{{{below}}}" if below else sign) + f" {self._at(shape.body, _FACTOR)}"
        inside = self.write(shape.body) if shape.body is not None else ""
        if inside and below:
            inside += rf" \;\text{{ where }} {below}"
        return rf"{_latex_name(shape.op)} \left( {inside or below} \right)"

    def _call(self, shape: Call) -> str:
        inside = ", ".join(self.write(arg) for arg in shape.args)
        known = OPERATIONS.get(shape.name)
        if known is not None and known.latex:
            return known.latex.replace("…", inside)
        return rf"{_latex_name(shape.name)} \left( {inside} \right)"

    def _bracket(self, text: str, needed: bool) -> str:
        return rf"\left( {text} \right)" if needed else text


def _latex_number(value: Fraction) -> str:
    text = number_text(value)
    if "/" in text:
        top, bottom = text.split("/")
        return rf"\frac{{{top}}}{{{bottom}}}"
    mantissa, e, exponent = text.partition("e")
    mantissa = mantissa.replace(",", r"{,}")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else mantissa


def _latex_name(text: str) -> str:
    escaped = "".join(_LATEX.get(c, c) for c in text)
    return rf"\mathrm{{{escaped}}}"


def _latex_unit(text: str) -> str:
    return rf"\mathrm{{{text.replace('%', chr(92) + '%').replace('^2', '²').replace('^3', '³')}}}"
