"""What a report speaks of: a spec at a point, and the texts that the page keeps up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..evaluate.show import shown_unit
from ..presentation import Point, Probe
from ..sheet.formula import Formula
from ..sheet.report import Shown
from ..units import Unit
from .document import Live
from .live import Views
from .numbers import Form, form
from .portable.writing import say, say_shared, value_text


@dataclass(frozen=True, eq=False)
class Subject(Point):
    views: Views = field(default_factory=Views)

    def say(self, item: Shown) -> Live:
        """A value inside a text."""
        return self.live(item.formula, item.unit)

    def form_of(self, formula: Formula, unit: Unit | None = None, digits: int = 5) -> Form:
        """How the values of a formula are written, in the unit given or that of its cell."""
        return form(self.typed, self.typed.type_of(formula), unit or shown_unit(self.typed, formula), digits)

    def live(self, formula: Formula, unit: Unit | None = None, digits: int = 5) -> Live:
        """A value as a text, which the page keeps up to date."""
        return self.live_in(formula, self.form_of(formula, unit, digits))

    def live_in(self, formula: Formula, form: Form) -> Live:
        probe = Probe(formula)
        found = self.values_of(probe)
        assert not isinstance(found, list)
        return Live(value_text(form, found), self.views.add(say, form, [probe]))

    def live_of(self, formulas: Sequence[Formula], form: Form) -> Live:
        """The value that formulas share, or that they share none."""
        probes = [Probe(formula) for formula in formulas]
        values = [self.values_of(probe) for probe in probes]
        return Live(say_shared(form, values), self.views.add(say_shared, form, probes))  # type: ignore[arg-type]
