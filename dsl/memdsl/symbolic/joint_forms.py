"""Several formulas in one normal form: what they share has one number, for whoever computes them at many points."""

from __future__ import annotations

from collections.abc import Mapping

from ..evaluate import Values
from ..sheet.formula import Formula
from ..sheet.input_keys import InputKey
from ..sheet.sheet import Check, TypedSheet
from ..sheet.uses import NOWHERE
from .domain import Domain
from .errors import SymbolicError
from .expand import Expander
from .forms import Truth
from .needs import needs_of
from .space import Space
from .terms import ALWAYS, ONE, Poly, Symbol


class JointForms:
    """Normal forms of formulas in the same symbols, every other input at its value."""

    def __init__(self, typed: TypedSheet, values: Values, symbols: Mapping[InputKey, Symbol]) -> None:
        self.needs = needs_of(typed)
        self.space = Space()
        atoms: dict[InputKey, Poly] = {key: self.space.symbol(symbol) for key, symbol in symbols.items()}
        self.chosen = 0
        for node in atoms:
            self.chosen |= self.needs.bits[node]
        self.expander = Expander(typed, values, self.needs, self.space, atoms, self.chosen)
        self.domain = Domain(self.expander)

    def form(self, formula: Formula) -> Poly:
        """The sum that a formula over cells is; a condition is 1 where it holds.

        SymbolicError when there is none, or when it does not tell where the formula has no value.
        """
        self.space.work = 0
        form = self.expander.expand(formula)
        if self.domain.of(formula) != ALWAYS:
            raise SymbolicError("undefined", "this has no value at some points")
        if isinstance(form, Truth):
            return self.space.under(ONE, form.condition)
        if not isinstance(form, Poly):
            raise SymbolicError("not-a-number", "this is not a number")
        return self.space.settled(form)

    def requirement(self, check: Check, row: int) -> int:
        """The condition, by number, under which a requirement holds (in a row, for one of a table)."""
        self.space.work = 0
        form = self.expander.expand(check.condition, _here(check, row))
        if self.domain.of(check.condition, _here(check, row)) != ALWAYS:
            raise SymbolicError("undefined", "this has no value at some points")
        assert isinstance(form, Truth)
        return form.condition

    def below(self, check: Check, row: int) -> int:
        """The inputs that a requirement rests on, as bits."""
        return self.needs.of(check.condition, _here(check, row))


def _here(check: Check, row: int) -> tuple[str, int]:
    return (check.table, row) if check.table is not None else NOWHERE
