"""What `memdsl explain` has found out about a cell, for the terminal, LaTeX and JSON."""

from __future__ import annotations

import math

from .. import driver
from ..evaluate.show import unit_written
from ..records import record
from ..sheet.sheet import Type
from ..symbolic import Breakpoint, ClosedForm, Growth, Link
from ..units import Unit


@record
class Explained:
    """Everything that is said of a cell; `growth` for large values of each input that it rests on."""

    model: driver.Model
    cell: str
    form: ClosedForm
    growth: tuple[Growth | None, ...]
    links: tuple[Link, ...]

    def input_type(self, path: str) -> Type:
        key = self.model.sheet.inputs[path].key
        typed = self.model.typed
        return typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]

    def input_unit(self, path: str) -> Unit | None:
        item = self.model.sheet.inputs[path]
        return item.shown or unit_written(item.formula)

    def belongs_below(self, point: Breakpoint) -> bool:
        """Whether the value at a breakpoint itself is the one below it."""
        key = self.model.sheet.inputs[point.input].key
        value = self.model.machine.value(self.model.queries[0].formula, {**self.model.overrides, key: point.at})
        return math.isclose(float(value), point.below, rel_tol=1e-12) and point.below != point.above
