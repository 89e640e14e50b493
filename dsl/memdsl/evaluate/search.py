"""`choose(minimising = goal)`: every value that an input may have is tried; of those chosen together, all pairs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..records import record
from ..sheet.formula import SEARCH, Formula, Found
from ..sheet.input_keys import InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Bounds
from .compile import Closure, NothingFits

if TYPE_CHECKING:
    from .machine import Machine

MOST_CHOICES = 20_000
"""Combinations that one search tries."""
_NEAR = 1e-9


@record
class Plan:
    """Cells chosen together, what each may be, the steps from them to the goal, the goal, and what must hold."""

    cells: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    steps: tuple[int, ...]
    goal: Closure
    required: tuple[tuple[Closure, int], ...]


class Search:
    """Searches of one sheet. `best` gives the value of one cell; the cells found before it stand."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.plans: dict[tuple[str, ...], Plan] = {}

    def best(self, cell: str, overrides: Mapping[InputKey, Value]) -> Value:
        """The value with which the goal is the least; of equal ones the first. NothingFits where none is admitted."""
        machine = self.machine
        data, slots = machine.data, machine.compiler.cell_slots
        plan = self._plan(self._open(cell, overrides))
        if math.prod(len(values) for values in plan.values) > MOST_CHOICES:
            raise NothingFits(f"more than {MOST_CHOICES:,} combinations: choose in larger steps, or fewer at a time")
        least, found = math.inf, None
        for chosen in itertools.product(*plan.values):
            for name, value in zip(plan.cells, chosen, strict=True):
                data[slots[name]] = value
            machine.run_quietly(plan.steps, overrides)
            try:
                goal = plan.goal(0)
                if isinstance(goal, (int, float)) and goal < least and all(holds(row) for holds, row in plan.required):
                    least, found = goal, chosen[0]
            except (ArithmeticError, ValueError, TypeError):
                continue
        if found is None:
            raise NothingFits("no value that it may have meets what the spec requires")
        return found

    def _open(self, cell: str, overrides: Mapping[InputKey, Value]) -> tuple[str, ...]:
        """A cell and those chosen with it that are neither set nor found yet."""
        cells = self.machine.sheet.cells
        goal = _goal(cells[cell].formula)
        order = [step for step in self.machine.sheet.order if isinstance(step, str) and step in cells]
        later = order[order.index(cell) :]
        return tuple(name for name in later if name not in overrides and _goal(cells[name].formula) == goal)

    def _plan(self, cells: tuple[str, ...]) -> Plan:
        if cells not in self.plans:
            machine, sheet = self.machine, self.machine.sheet
            compiler = machine.compiler
            formula = sheet.cells[cells[0]].formula
            assert isinstance(formula, Found)
            assert formula.goal is not None
            goal, wanted = compiler.closure(formula.goal, "")
            # What rests on those found before, or set, is computed anew too: nothing has told it of them yet.
            together = [name for name, cell in sheet.cells.items() if _goal(cell.formula) == formula.part]
            slots = [compiler.cell_slots[name] for name in together]
            below = set(machine.steps_between(slots, range(len(machine.data))))
            moved = {*slots, *(slot for step in below for slot in machine.makes(step))}
            required = []
            needed = set(wanted)
            for check in sheet.checks:
                holds, uses = compiler.closure(check.condition, check.table or "")
                if not moved.isdisjoint(uses):
                    needed |= uses
                    required += [(holds, row) for row in (check.rows if check.table is not None else (0,))]
            between = machine.steps_between(slots, needed)
            steps = tuple(step for step in between if sheet.order[step] not in together)
            values = tuple(choices(machine, sheet.cells[name].bounds) for name in cells)
            self.plans[cells] = Plan(cells, values, steps, goal, tuple(required))
        return self.plans[cells]


def _goal(formula: Formula) -> str:
    """A text for what a search minimises; empty for what is no search."""
    return formula.part if isinstance(formula, Found) and formula.method == SEARCH else ""


def choices(machine: Machine, bounds: Bounds | None) -> tuple[Value, ...]:
    """What an input may be, in order: the values listed, or multiples in a range (whole numbers where none is said)."""
    if bounds is None:
        return ()

    def value(formula: Formula) -> float:
        found = machine.compiler.closure(formula, "")[0](0)
        assert isinstance(found, (int, float))
        return float(found)

    if bounds.one_of:
        return tuple(machine.compiler.closure(formula, "")[0](0) for formula in bounds.one_of)
    if bounds.low is None or bounds.high is None:
        return ()
    step = value(bounds.multiple) if bounds.multiple is not None else 1.0
    low, high = math.ceil(value(bounds.low) / step - _NEAR), math.floor(value(bounds.high) / step + _NEAR)
    return tuple(step * number for number in range(low, min(high, low + MOST_CHOICES) + 1))
