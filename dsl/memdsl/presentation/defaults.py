"""What a report shows when its author asked for nothing: which model leads, which charts and equations suit it."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Span
from ..sheet.formula import CellRef, Field, Rows, Var
from ..sheet.input_keys import InputKey
from ..sheet.report import ChartItem, EquationItem, Shown, ShownColumn, TableItem
from ..sheet.sheet import Cell, Fit, Instance, Quantity
from ..units import DATA, ENERGY, NONE, TIME, WORK, Dimension, power
from .point import Point, has_columns
from .words import NAME, cut

_VARIABLE = "a row of the default report"
_TRAFFIC = ("dram_bytes", "traffic")
# What a reader asks first of a model: bytes moved, time, work, energy.
_ORDER: tuple[Dimension, ...] = (DATA, TIME, ENERGY, WORK, power(TIME, -1))


@dataclass(frozen=True, eq=False)
class Defaults:
    """`lead` is the model that a default report is about, and `total` its main figure."""

    lead: Instance | None
    total: Cell | None
    params: tuple[InputKey, ...]


def defaults(point: Point) -> Defaults:
    """The model whose main figure rests on the most parameters: the one a reader can play with."""
    best: Defaults | None = None
    for model in point.spokesmen:
        total = main_total(point, model)
        if total is None:
            continue
        params = _params(point, total)
        if best is None or len(params) > len(best.params):
            best = Defaults(model, total, params)
    return best or Defaults(point.spokesmen[0] if point.models else None, None, ())


def main_total(point: Point, model: Instance) -> Cell | None:
    """The traffic, else the first total of the kind that is asked for first."""
    cells = sorted(point.totals.get(model.name, []), key=lambda c: point.short(c) not in _TRAFFIC)
    for wanted in _ORDER:
        for cell in cells:
            kind = point.typed.cell_types[cell.id]
            if isinstance(kind, Quantity) and kind.dimension == wanted:
                return cell
    return None


def headline(point: Point, lead: Instance | None, most: int = 4) -> list[Cell]:
    """The figures of the title block: those that the spec computes itself, then one of each kind of the lead."""
    own = [c for c in point.totals.get("", []) if isinstance(point.typed.cell_types[c.id], Quantity)]
    if not own and lead is None:
        own = [c for cells in point.totals.values() for c in cells]
    chosen = own[:3] if lead is not None else own[:most]
    for wanted in _ORDER if lead is not None else ():
        cells = point.totals.get(lead.name, []) if lead is not None else []
        cells = sorted(cells, key=lambda c: point.short(c) not in _TRAFFIC)
        for cell in cells:
            kind = point.typed.cell_types[cell.id]
            if isinstance(kind, Quantity) and kind.dimension == wanted and len(chosen) < most:
                chosen.append(cell)
                break
    return chosen


def charts(point: Point, found: Defaults) -> list[ChartItem]:
    """Where the bytes go, layer by layer; the main figure against a capacity; the roofline."""
    items: list[ChartItem] = []
    model = found.lead
    if model is not None and model.table is not None:
        table = point.sheet.tables[model.table]
        name = next(
            (n for n in ("dram_bytes", *table.columns) if _dimension(point, table.id, n) in (DATA, TIME, ENERGY)),
            None,
        )
        if name is not None:
            items.append(_chart("stack", model.span, columns=(_column(point, table.id, name, model.name),)))
    if found.total is not None:
        over = capacity(point, found)
        if over is not None:
            shown = Shown(cut(found.total.id, NAME), CellRef(found.total.span, found.total.id), None)
            items.append(_chart("staircase", found.total.span, cells=(shown,), over=over))
    items += [_chart("fit", fit.span, columns=_sides(fit), by="") for fit in point.sheet.fits]
    if model is not None and has_columns(point, model.name, "roofline"):
        items.append(_chart("roofline", model.span, model=model.name))
    if model is not None:
        items += [_chart(kind, model.span, model=model.name) for kind in ("timeline", "energy")]
    return items


def equation(point: Point, found: Defaults) -> EquationItem | None:
    """The main figure in the parameters that it rests on."""
    if found.total is None or not found.params:
        return None
    shown = Shown(cut(found.total.id, NAME), CellRef(found.total.span, found.total.id), found.total.shown)
    return EquationItem(shown, found.params)


def _params(point: Point, total: Cell) -> tuple[InputKey, ...]:
    reached = point.reads.inputs_of(total.formula)
    return tuple(item.key for item in point.sheet.inputs.values() if item.role == "param" and item.key in reached)


def capacity(point: Point, found: Defaults) -> InputKey | None:
    """The parameter to draw the main figure against: one in bytes when there is one."""
    numeric: list[tuple[InputKey, Dimension | None]] = []
    for key in found.params:
        kind = point.input_type(key)
        if isinstance(kind, Quantity) and not (point.by_key[key].bounds and point.by_key[key].bounds.one_of):  # type: ignore[union-attr]
            numeric.append((key, kind.dimension))
    ordered = sorted(numeric, key=lambda entry: (entry[1] != DATA, entry[1] == NONE))
    return ordered[0][0] if ordered else None


def _dimension(point: Point, table: str, name: str) -> Dimension | None:
    kind = point.typed.column_types.get((table, name))
    return kind.dimension if isinstance(kind, Quantity) else None


def _column(point: Point, table: str, name: str, title: str) -> TableItem:
    found = point.sheet.tables[table]
    column, variable = found.columns[name], Var(_VARIABLE)
    rows = tuple(i for i, formula in enumerate(column.formulas) if formula is not None)
    formula = Field(column.span, variable, table, name)
    return TableItem(f"{title}.{name}", Rows(table, rows, title), variable.name, (ShownColumn(name, formula, None),))


def _sides(fit: Fit) -> tuple[TableItem, ...]:
    """The modelled and the measured column of a fit."""
    sides = []
    for side in (fit.modelled, fit.measured):
        title = cut(f"{fit.table}.{side.formula.column}" if isinstance(side.formula, Field) else fit.table, NAME)
        shown = (ShownColumn(title, side.formula, None),)
        sides.append(TableItem(title, Rows(fit.table, fit.rows, fit.table), side.var, shown))
    return tuple(sides)


def _chart(
    kind: str, span: Span, *, cells: tuple[Shown, ...] = (), columns: tuple[TableItem, ...] = (),
    model: str | None = None, over: InputKey | None = None, by: str = "layer",
) -> ChartItem:  # fmt: skip
    return ChartItem(kind, cells, columns, model, by, over, span)
