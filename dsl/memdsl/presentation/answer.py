"""The answer of a spec in one look: its main figures in a sentence, the rows that matter, the next steps."""

from __future__ import annotations

from ..records import record
from ..sheet.input_keys import InputKey
from ..sheet.sheet import Cell, Instance, Quantity, Table
from ..symbolic import ClosedForm
from ..units import DATA, ENERGY, TIME, Dimension
from .copies import adds
from .defaults import Defaults, capacity
from .point import Point
from .probe import Probe

_NAMED = ("dram_bytes", "time", "energy")
_MENDING = {"spilled": DATA, "out_bytes": DATA, "wgt_bytes": DATA, "compute": TIME, "memory": TIME}
"""What says why a row costs: the columns that the library's models have."""


@record
class Ranked:
    """Columns of a model that add up over its rows, the one that ranks them first."""

    model: Instance
    table: Table
    columns: tuple[str, ...]
    probes: tuple[Probe, ...]
    copies: Probe | None
    reasons: tuple[Probe, ...]


def main_cells(point: Point, lead: Instance) -> list[Cell]:
    """The totals of a model that a sentence tells: traffic, time and energy of a pass."""
    wanted: dict[str, Dimension] = dict(zip(_NAMED, (DATA, TIME, ENERGY), strict=True))
    found = {point.short(cell): cell for cell in point.totals.get(lead.name, [])}
    return [
        found[name]
        for name, dimension in wanted.items()
        if name in found and point.typed.cell_types[found[name].id] == Quantity(dimension)
    ]


def ranked(point: Point, lead: Instance) -> Ranked | None:
    """The rows of a model by what they cost; None for one without rows or costs."""
    if lead.table is None:
        return None
    table = point.sheet.tables[lead.table]
    columns = tuple(
        name for name in _NAMED if name in table.columns and adds(point.whole(table.id, name).formula, point.summed)
    )
    if not columns or len(table.rows) < 2:
        return None
    known = all(point.typed.column_types.get((table.id, name)) == Quantity(d) for name, d in _MENDING.items())
    reasons = tuple(point.whole(table.id, name) for name in _MENDING) if known else ()
    probes = tuple(point.whole(table.id, name) for name in columns)
    return Ranked(lead, table, columns, probes, point.copies(table.id), reasons)


@record
class Step:
    """Where a total is on its staircase over a capacity, in base units.

    `on` says that the capacity stands exactly on a step; `below` is the total just below it. The next step is at `at`,
    where the total becomes `then`.
    """

    total: Cell
    over: InputKey
    now: float
    value: float
    on: bool
    below: float
    at: float | None
    then: float


def next_step(point: Point, found: Defaults) -> Step | None:
    """The next larger capacity that changes the main total, from its closed form; None where there is none."""
    over = capacity(point, found) if found.total is not None else None
    if found.total is None or over is None:
        return None
    value = point.values.input(over)
    kind = point.input_type(over)
    if isinstance(value, (bool, str)) or not isinstance(kind, Quantity) or kind.dimension != DATA:
        return None
    reference = point.reference(found.total.id)
    form = point.closed(reference, (point.path(over),), found.total.id)
    total = point.value(reference)
    if not isinstance(form, ClosedForm) or isinstance(total, (bool, str)) or total is None:
        return None
    steps = [p for p in form.breakpoints if abs(p.above - p.below) > 1e-9 * max(abs(p.above), abs(p.below))]
    here = next((p for p in steps if p.at == value), None)
    after = next((p for p in sorted(steps, key=lambda p: p.at) if p.at > value), None)
    if here is None and after is None:
        return None
    return Step(
        found.total,
        over,
        float(value),
        float(total),
        here is not None,
        here.below if here is not None else float(total),
        after.at if after is not None else None,
        after.above if after is not None else float(total),
    )
