"""A cell as a closed form in chosen inputs: the question, and the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, isclose, nan
from typing import Any

from ..evaluate import Machine, Values
from ..sheet.formula import UNLIMITED, Formula
from ..sheet.operations import Value
from ..sheet.sheet import Input, RowOf, Text, Type, TypedSheet
from .algebra import Algebra
from .breakpoints import Breakpoint, find_breakpoints
from .domain import Domain, hidden_part
from .errors import SymbolicError
from .expand import Expander
from .forms import Truth
from .growth import Growth, leading_power
from .needs import needs_of
from .numeric import Point, as_float
from .parts import atoms_inside, written_size
from .shapes import Shape
from .space import Space
from .terms import ALWAYS, NEVER, ONE, Cut, Poly, Symbol, exact
from .wording import Wording, latex_writer, text_writer

Expr = Any

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class CutForm:
    """A column in one row that the closed form names and does not expand. It may name cuts that come before it."""

    name: str
    text: str
    latex: str
    algebra: Algebra
    number: int

    @property
    def symbol(self) -> Expr:
        """The symbol that stands for it in expressions."""
        return self.algebra.atom(self.number)

    @property
    def expression(self) -> Expr:
        """What it is worth, as SymPy writes it."""
        return self.algebra.definition(self.number)

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


@dataclass(frozen=True, eq=False)
class Term:
    """A term of a closed form as it is written, and what it is worth at the current point, in base units.

    A term behind a condition that does not hold there is worth nothing.
    """

    text: str
    latex: str
    value: float


@dataclass(frozen=True, eq=False, repr=False)
class ClosedForm:
    """A cell in chosen inputs, in base units, every other input at its value.

    `text_of` is what was asked, `inputs` what it rests on of the inputs asked for, `independent` the others; `point`
    is where the inputs stand, `domain` the condition under which it has a value. What takes time (breakpoints, SymPy)
    is found when it is asked for.
    """

    text_of: str
    type: Type
    inputs: tuple[str, ...]
    independent: tuple[str, ...]
    point: Mapping[str, float]
    modelled: float
    poly: Poly
    condition: int | None
    domain: int
    space: Space
    wording: Wording

    @property
    def breakpoints(self) -> tuple[Breakpoint, ...]:
        """Where it steps or kinks in each of its inputs, the others at their values."""
        return self._found[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know beside it."""
        return self._found[1]

    @cached_property
    def _found(self) -> tuple[tuple[Breakpoint, ...], tuple[str, ...]]:
        notes: list[str] = []
        try:
            here = self.evaluate({})
        except ArithmeticError:
            here = self.modelled
        if not isclose(here, self.modelled, rel_tol=_SAME, abs_tol=_SAME * _SAME):
            notes.append(f"the sheet has {self.modelled!r} where this has {here!r}: rounding decides a comparison")
        point = {path: exact(value) for path, value in self.point.items()}
        lines = [path for path in self.inputs if not self.wording.is_choice(path)]
        found = find_breakpoints(self.wording.typed, self.space, self.poly, point, lines, notes)
        return found, tuple(notes)

    @cached_property
    def algebra(self) -> Algebra:
        return Algebra(self.space)

    @cached_property
    def expression(self) -> Expr:
        """The SymPy expression, in the symbols of `symbols` and of `cuts`."""
        if self.condition is not None:
            return self.algebra.condition(self.condition)
        return self.algebra.poly(self.poly)

    @cached_property
    def symbols(self) -> Mapping[str, Expr]:
        return {path: self.algebra.symbols[path] for path in self.inputs}

    @cached_property
    def cuts(self) -> Mapping[str, CutForm]:
        found: dict[str, CutForm] = {}
        for number in sorted(atoms_inside(self.space, self.poly)):
            atom = self.space.atoms[number]
            if isinstance(atom, Cut):
                text, latex = (self.wording.cut(w, atom) for w in (text_writer(), latex_writer()))
                found[atom.name] = CutForm(atom.name, text, latex, self.algebra, number)
        return found

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The terms of the sum that it is, the heaviest first; none for a condition."""
        if self.condition is not None:
            return ()
        text, latex = text_writer(), latex_writer()
        found = []
        for term in self.wording.terms(self.poly):
            value = Fraction(0) if term.asleep else -term.weight if term.minus else term.weight
            sign = "-" if term.minus else ""
            found.append(Term(sign + text.write(term.shape), sign + latex.write(term.shape), as_float(value)))
        return tuple(found)

    @cached_property
    def shape(self) -> Shape:
        """The form as it is written, for a writer of another kind."""
        return self.wording.shape(self.poly, self.condition)

    def __repr__(self) -> str:
        return f"<ClosedForm of {self.text_of} in {', '.join(self.inputs) or 'nothing'}: {self.text()}>"

    def text(self) -> str:
        """The closed form for a terminal."""
        writer = text_writer()
        where = self._where
        return self.wording.form(writer, self.shape) + (f"  where {writer.write(where)}" if where is not None else "")

    def latex(self) -> str:
        writer = latex_writer()
        where = self._where
        beside = rf" \quad \text{{where }} {writer.write(where)}" if where is not None else ""
        return self.wording.form(writer, self.shape) + beside

    @cached_property
    def _where(self) -> Shape | None:
        """Where it has a value, as far as its denominators do not say so; None for everywhere."""
        if self.condition is not None:
            return None  # a condition says it itself
        hidden = hidden_part(self.space, self.poly, self.domain)
        return self.wording.layout.condition(hidden) if hidden != ALWAYS else None

    def _repr_latex_(self) -> str:
        """For a notebook."""
        return f"$$\\displaystyle {self.latex()}$$"

    def evaluate(self, point: Mapping[str, float]) -> float:
        """The value at a point in base units; inputs that it does not name keep their values.

        ArithmeticError where it has none.
        """
        unknown = [path for path in point if path not in self.point]
        if unknown:
            raise SymbolicError("unknown-input", f"`{unknown[0]}` is not an input of this closed form")
        values = {**self.point, **point}
        at = {
            number: exact(float(values[atom.path]))
            for number, atom in enumerate(self.space.atoms)
            if isinstance(atom, Symbol)
        }
        found = Point(self.space, at)
        if not found.holds(self.domain):
            raise ArithmeticError("there is no value at this point")
        return as_float(found.value(self.poly))


MAX_WRITTEN = 100_000
"""Parts of a closed form, those inside its conditions counted wherever they stand."""


def closed_form(
    typed: TypedSheet, machine: Machine, values: Values, formula: Formula, inputs: Sequence[str], text: str = ""
) -> ClosedForm:
    """The closed form of a formula over cells. Inputs not named are at their values; SymbolicError says why not."""
    chosen = [_input(typed, values, path) for path in dict.fromkeys(inputs)]
    kind = typed.type_of(formula)
    if isinstance(kind, Text | RowOf):
        what = "text" if isinstance(kind, Text) else "a row"
        raise SymbolicError("not-a-number", f"`{text or 'this'}` is {what}, which has no closed form")
    space, symbols = Space(), {}
    for item in chosen:
        symbols[item] = space.symbol(_symbol(values, item))
    expander = _expander(typed, values, space, symbols)
    form = expander.expand(formula)
    domain = Domain(expander).of(formula)
    if domain == NEVER:
        raise SymbolicError("no-value", f"`{text or 'this'}` has no value, whatever {_any_of(inputs)} is")
    condition = None
    if isinstance(form, Truth):
        condition = space.both(domain, form.condition)
        poly = space.under(ONE, condition)
    else:
        assert isinstance(form, Poly)
        poly = space.settled(form)
    size = written_size(space, poly)
    if size > MAX_WRITTEN:
        what = f"the closed form of `{text or 'this'}`"
        message = f"{what} is too large: {size:,} parts, and at most {MAX_WRITTEN:,} are written"
        hint = "ask for a cell that it rests on: conditions that stand in conditions multiply"
        raise SymbolicError("closed-form-too-large", message, hint)
    names = {number: atom.path for number, atom in enumerate(space.atoms) if isinstance(atom, Symbol)}
    inside = atoms_inside(space, poly) | atoms_inside(space, space.under(ONE, domain))
    found = {names[number] for number in inside if number in names}
    point = {item.path: float(values.input(item.key)) for item in chosen}
    return ClosedForm(
        text,
        kind,
        tuple(item.path for item in chosen if item.path in found),
        tuple(item.path for item in chosen if item.path not in found),
        point,
        _modelled(values, formula),
        poly,
        condition,
        domain,
        space,
        Wording(typed, space, expander.aggregates.repeats, {item.path: item for item in chosen}, kind, point),
    )


def _any_of(inputs: Sequence[str]) -> str:
    return f"`{inputs[0]}`" if len(inputs) == 1 else "any input"


def _expander(typed: TypedSheet, values: Values, space: Space, symbols: Mapping[Input, Poly]) -> Expander:
    needs = needs_of(typed)
    bits = 0
    for item in symbols:
        bits |= needs.bits[item.key]
    return Expander(typed, values, needs, space, {item.key: poly for item, poly in symbols.items()}, bits)


def growth(typed: TypedSheet, values: Values, formula: Formula, path: str) -> Growth | None:
    """How a number behaves for large values of an input, whatever its range, the others at their values.

    None where no power of the input says it.
    """
    item = _input(typed, values, path)
    known = _symbol(values, item)
    space = Space()
    symbols = {item: space.symbol(Symbol(path, max(known.low, Fraction(0)), inf, known.grain))}
    try:
        form = _expander(typed, values, space, symbols).expand(formula)
        return leading_power(space, form, path) if isinstance(form, Poly) else None
    except SymbolicError:
        return None


def _modelled(values: Values, formula: Formula) -> float:
    """The sheet's own value at the point."""
    try:
        return float(values.formula(formula))
    except ArithmeticError:
        return nan


def find_input(typed: TypedSheet, path: str) -> Input:
    """The input of a path; SymbolicError says why there is none."""
    from difflib import get_close_matches

    sheet = typed.sheet
    item = sheet.inputs.get(path)
    if item is None:
        head, dot, rest = path.partition(".")
        item = sheet.inputs.get(sheet.aliases.get(head, head) + dot + rest)
    if item is None:
        cell = sheet.cells.get(path)
        if cell is not None and cell.role == "option":
            raise SymbolicError(
                "option-as-symbol",
                f"`{path}` is an option: it decides the structure, and has no symbol",
                "name a parameter, or change the option with `--set`",
            )
        if cell is not None:
            below = needs_of(typed)
            rests = below.names(below.of(cell.formula))[:4]
            hint = "it rests on " + ", ".join(f"`{name}`" for name in rests) if rests else ""
            raise SymbolicError("not-an-input", f"`{path}` is computed, so it cannot be chosen as an input", hint)
        near = get_close_matches(path, list(sheet.inputs), n=1)
        raise SymbolicError(
            "unknown-input", f"there is no input `{path}`", f"did you mean `{near[0]}`?" if near else ""
        )
    return item


def _input(typed: TypedSheet, values: Values, path: str) -> Input:
    """The input of a path; a number that may be kept as a symbol."""
    item = find_input(typed, path)
    value = values.input(item.key)
    if isinstance(value, (bool, str)):
        kind = "a truth value" if isinstance(value, bool) else "text"
        raise SymbolicError("not-a-number", f"`{path}` is {kind}, which cannot be kept as a symbol", "name a number")
    return item


def _symbol(values: Values, item: Input) -> Symbol:
    """What is known of an input: its range, and what it is a multiple of.

    An input that declares no range is taken to be at least 0 when its value is.
    """
    current = float(values.input(item.key))

    def bound(formula: Formula) -> Value:
        return values.formula(formula)

    low: Fraction | float = Fraction(0) if current >= 0 else -inf
    high: Fraction | float = inf
    grain: Fraction | None = None
    if item.bounds is not None:
        if item.bounds.one_of:
            choices = [float(bound(choice)) for choice in item.bounds.one_of]
            low, high = exact(min(choices)), exact(max(choices))
        if item.bounds.low is not None:
            low = _end(float(bound(item.bounds.low)))
        if item.bounds.high is not None:
            high = _end(float(bound(item.bounds.high)))
        if item.bounds.multiple is not None:
            grain = exact(float(bound(item.bounds.multiple))) or None
    return Symbol(item.path, low, high, grain)


def _end(value: float) -> Fraction | float:
    if abs(value) >= UNLIMITED / 10:
        return inf if value > 0 else -inf
    return exact(value)
