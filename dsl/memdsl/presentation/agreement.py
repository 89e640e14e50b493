"""What was measured beside what is modelled: the points of a fit, its groups, and those that its search did not see."""

from __future__ import annotations

from ..analysis.fit import held_out, measured_rows
from ..records import record
from ..sheet.formula import Field, Formula
from ..sheet.report import ChartItem
from ..sheet.sheet import Fit, Fitted, Quantity, Table, Type
from ..units import Unit
from .point import Point, row_indices
from .probe import Probe
from .words import NAME, cut

GROUPS = 7
"""Groups that colours tell apart."""


@record
class Keys:
    """Values by which rows are told apart, and the name of their column."""

    name: str
    probe: Probe
    type: Type


@record
class Agreement:
    """The rows of a table as modelled and as measured, in one unit; `held` are those that a fit did not see."""

    table: str
    names: tuple[str, ...]
    modelled: Probe
    measured: Probe
    titles: tuple[str, str]
    type: Type
    unit: Unit | None
    held: tuple[bool, ...]
    keys: Keys | None


def agreement(point: Point, item: ChartItem) -> list[Agreement]:
    """Two columns as `fit` compares them; where a fit of the spec has both, with its groups and what it held out."""
    table, rows = paired(point, item)
    modelled, measured = (column.columns[0].formula for column in item.columns)
    kind = point.typed.type_of(measured)
    if not isinstance(kind, Quantity) or not rows:
        return []
    fit = next((f for f in point.sheet.fits if _same(f.modelled, modelled) and _same(f.measured, measured)), None)
    out = held_out(measured_rows(point.declared, fit)) if fit is not None else frozenset()
    probes = [Probe(column.columns[0].formula, column.row_variable, rows) for column in item.columns]
    names = tuple(cut(table.rows[i].name, NAME) for i in rows)
    titles = cut(item.columns[0].title, 60), cut(item.columns[1].title, 60)
    unit = item.columns[1].columns[0].unit or point.unit(measured)
    held = tuple(i in out for i in rows)
    keys = _keys(point, table, rows, item.by, fit)
    return [Agreement(cut(table.id, 60), names, probes[0], probes[1], titles, kind, unit, held, keys)]


def paired(point: Point, item: ChartItem) -> tuple[Table, tuple[int, ...]]:
    """The table of two columns, and the rows in which both stand: none where they differ."""
    sets = [column.rows for column in item.columns]
    same = len(sets) == 2 and sets[0].table == sets[1].table and row_indices(sets[0]) == row_indices(sets[1])
    return point.sheet.tables[sets[0].table], row_indices(sets[0]) if same else ()


def _keys(point: Point, table: Table, rows: tuple[int, ...], by: str, fit: Fit | None) -> Keys | None:
    """What tells rows apart, where colours can: the column that the chart asks for, else the one that the fit does."""
    keys = _asked(point, table, rows, by, fit)
    found = point.at(point.declared).values_of(keys.probe) if keys is not None else []
    return keys if isinstance(found, list) and len(set(found)) <= GROUPS else None


def _asked(point: Point, table: Table, rows: tuple[int, ...], by: str, fit: Fit | None) -> Keys | None:
    owner = point.owner(table, by) if by else None
    if owner is not None:
        return Keys(by, point.whole(owner.id, by, rows), point.typed.column_types[owner.id, by])
    if fit is None or fit.by is None:
        return None
    formula = fit.by.formula
    name = formula.column if isinstance(formula, Field) else "group"
    return Keys(name, Probe(formula, fit.by.var, rows), point.typed.type_of(formula))


def _same(side: Fitted, formula: Formula) -> bool:
    """A side of a fit and a formula are one column."""
    return (
        isinstance(side.formula, Field)
        and isinstance(formula, Field)
        and (side.formula.table, side.formula.column) == (formula.table, formula.column)
    )
