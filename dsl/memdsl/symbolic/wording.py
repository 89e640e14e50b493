"""A closed form in words: its units, and which writer writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ..evaluate.show import unit_written
from ..sheet.sheet import Input, Quantity, Type, TypedSheet
from ..units import NONE, Dimension, Unit, base_unit, parse_unit, readable
from .forms import Repeats
from .layout import BARE, FormLayout, Units, Weighed
from .numerals import exact_text
from .numeric import Point
from .shapes import Measure, Number, Shape, Sum
from .space import Space
from .terms import ALWAYS, Cut, Extreme, Group, Poly, Symbol, exact
from .writers import LatexWriter, TextWriter, Writer

_LINE = 100
_SHORT = 7
_BESIDE = 13
_WRITTEN = 11
_COARSEST = 4096
_DATA = ("B", "KiB", "MiB", "GiB", "TiB", "kB", "MB", "GB", "TB")


def text_writer() -> Writer:
    return TextWriter()


def latex_writer() -> Writer:
    return LatexWriter()


@dataclass(frozen=True, eq=False)
class Wording:
    """How one closed form is written; `point` is the current point, which orders its terms."""

    typed: TypedSheet
    space: Space
    repeats: Repeats
    inputs: Mapping[str, Input]
    type: Type
    point: Mapping[str, float]

    @cached_property
    def layout(self) -> FormLayout:
        at = {i: exact(self.point[atom.path]) for i, atom in enumerate(self.space.atoms) if isinstance(atom, Symbol)}
        return FormLayout(self.space, self.repeats, Point(self.space, at), self._measure, self._unit)

    def shape(self, poly: Poly, condition: int | None) -> Shape:
        return self.layout.condition(condition) if condition is not None else self.layout.sum(poly, self._units(poly))

    def terms(self, poly: Poly) -> list[Weighed]:
        return self.layout.terms(poly, self._units(poly))

    def form(self, writer: Writer, shape: Shape) -> str:
        text = writer.write(shape)
        if len(text) <= _LINE:
            return text
        return writer.lines(shape if isinstance(shape, Sum) else Sum(((False, shape),)))

    def cut(self, writer: Writer, cut: Cut) -> str:
        return writer.write(self.layout.sum(cut.inner))

    def is_choice(self, path: str) -> bool:
        """Whether an input is one of a few values."""
        bounds = self.inputs[path].bounds
        return bounds is not None and bool(bounds.one_of)

    # ---- units ------------------------------------------------------------------------------------------------------

    def _units(self, poly: Poly) -> Units:
        dimension = self.type.dimension if isinstance(self.type, Quantity) else None
        return BARE if dimension is None or dimension == NONE else _Chosen(self, dimension, poly)

    def plain(self, poly: Poly) -> bool:
        """Whether no input with a dimension is a factor in a sum: its coefficients then carry the whole unit."""
        for number in poly.atoms:
            atom = self.space.atoms[number]
            match atom:
                case Symbol():
                    if self._dimension(atom.path) != NONE:
                        return False
                case Extreme():
                    if not all(self.plain(arg) for arg in atom.args):
                        return False
                case Group():
                    return False
        return True

    def _dimension(self, path: str) -> Dimension:
        key = self.inputs[path].key
        kind = self.typed.cell_types[key] if isinstance(key, str) else self.typed.column_types[key.table, key.column]
        return kind.dimension or NONE if isinstance(kind, Quantity) else NONE

    def _unit(self, path: str) -> str:
        """The unit of what is compared with an input, when that input has a dimension."""
        dimension = self._dimension(path)
        return base_unit(dimension) if dimension != NONE else ""

    def _measure(self, value: Fraction, path: str) -> Shape | None:
        """A constant as the input's author would write it: `64 MiB`, `1,024 px`."""
        item = self.inputs[path]
        unit = unit_written(item.formula) or item.shown
        if value < 0:
            return None
        if unit is not None:
            number = Number(value / unit.scale)
            if len(exact_text(number.value) or "far too long") <= _WRITTEN:
                return Measure(number, unit.text)
        dimension = self._dimension(path)
        return constant(value, dimension) if dimension != NONE else None


class _Chosen:
    """Units for the terms of one closed form.

    Terms whose coefficients are large or small numbers share the unit in which the largest reads well; all others are
    in the base unit. Constants are in the same unit beside such terms, else in one that suits them all.
    """

    def __init__(self, wording: Wording, dimension: Dimension, poly: Poly) -> None:
        self.wording = wording
        self.dimension = dimension
        self.base = Unit(base_unit(dimension), dimension, Fraction(1))
        self.common = self.base
        sizes = self._sizes(poly)
        self.beside = bool(sizes)
        common = readable(float(max(sizes)), dimension) if sizes else self.base
        # Half as many digits, as of `128 GB/s`, tell as much.
        shorter = all(2 * _length(c, common) <= _length(c, self.base) for c in sizes)
        if shorter or any(c.denominator > _COARSEST for c in sizes):
            self.common = common
        constants = [abs(c) for (_, powers), c in poly.terms.items() if not powers]
        self.shared = _shared_unit(constants, dimension) if len(constants) > 1 and not sizes else None

    def _sizes(self, poly: Poly) -> list[Fraction]:
        """The coefficients that a unit is chosen for; those inside an extreme instead of the number of its copies."""
        space = self.wording.space
        found: list[Fraction] = []
        for (_, powers), c in poly.terms.items():
            atom = space.atoms[powers[0][0]] if powers else None
            if isinstance(atom, Extreme):
                for arg in atom.args:
                    found.extend(self._sizes(arg) or [abs(arg.constant or Fraction(0))])
            elif powers and self.wording.plain(Poly({(ALWAYS, powers): c})):
                found.append(abs(c))
        return [c for c in found if c]

    def _unit(self, part: Poly) -> Unit:
        return self.common if self.wording.plain(part) else self.base

    def factor(self, part: Poly) -> Fraction:
        return 1 / self._unit(part).scale

    def wrap(self, part: Poly, shape: Shape) -> Shape:
        unit = self._unit(part)
        if isinstance(shape, Number):
            value = shape.value * unit.scale
            beside = exact_text(value / self.common.scale) if self.beside else None
            if beside is not None and len(beside) <= _BESIDE:
                return Measure(Number(value / self.common.scale), self.common.text)
            if self.shared is not None:
                return Measure(Number(value / self.shared.scale), self.shared.text)
            return constant(value, self.dimension)
        return Measure(shape, unit.text)


def _length(value: Fraction, unit: Unit) -> int:
    """How long a value is in a unit."""
    return len(exact_text(value / unit.scale) or "far too long")


def _shared_unit(values: Sequence[Fraction], dimension: Dimension) -> Unit:
    """The unit in which several quantities read best together."""
    if base_unit(dimension) != "B":
        return readable(float(max(values)), dimension)
    units = [parse_unit(text) for text in _DATA]
    return min(units, key=lambda unit: sum(len(exact_text(v / unit.scale) or "far too long") for v in values))


def constant(value: Fraction, dimension: Dimension) -> Shape:
    """A quantity in the unit in which it reads best: data exactly, `61,895,776 B` or `64 MiB`."""
    unit = readable(float(value), dimension)
    if base_unit(dimension) == "B" and value.denominator == 1:
        texts = {text: exact_text(value / parse_unit(text).scale) for text in _DATA}
        short = {text: len(exactly) for text, exactly in texts.items() if exactly and len(exactly) <= _SHORT}
        unit = parse_unit(min(short, key=lambda text: short[text]) if short else "B")
    elif exact_text(value) is not None and exact_text(value / unit.scale) is None:
        unit = Unit(base_unit(dimension), dimension, Fraction(1))
    return Measure(Number(value / unit.scale), unit.text)
