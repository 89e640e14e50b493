"""Points that a spec writes down and refuses: of claims, and of scenarios."""

from __future__ import annotations

from ..diagnostics import Note, Problems
from ..sheet.sheet import Check, TypedSheet
from .bounds import value_of
from .machine import Machine, Values


def broken(typed: TypedSheet, values: Values) -> Check | None:
    """The first requirement, domains among them, that does not hold at a point."""
    for check in typed.sheet.checks:
        for row in check.rows if check.table is not None else (0,):
            try:
                if not values.formula(check.condition, check.table or "", row):
                    return check
            except (ArithmeticError, ValueError, TypeError):
                return check
    return None


def refused_scenarios(typed: TypedSheet, machine: Machine, problems: Problems) -> None:
    """Reports each scenario that takes a value out of its domain. What it requires else is told when it is chosen."""
    asked = [
        (check, (check.condition, check.table or "", row))
        for check in typed.sheet.checks
        if check.domain is not None
        for row in (check.rows if check.table is not None else (0,))
    ]
    for scenario in typed.sheet.scenarios.values() if asked else ():
        settings = {key: value_of(machine.declared(problems), formula, problems) for key, formula in scenario.settings}
        chosen = {key: value for key, value in settings.items() if value is not None}
        found = machine.placed([place for _, place in asked], chosen)
        for (check, _), holds in zip(asked, found, strict=True):
            if holds is False:
                message = f"scenario `{scenario.name}` takes a value out of what it may be: {check.message}"
                notes = (Note("this value", check.span),)
                problems.error("out-of-range", message, scenario.span, notes=notes)
                break
