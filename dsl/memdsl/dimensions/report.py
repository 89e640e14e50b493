"""What a report shows: units that fit, numbers where a chart or an analysis needs them."""

from __future__ import annotations

from ..sheet.input_keys import InputKey
from ..sheet.report import (
    ANALYSES,
    MODEL_COLUMNS,
    ROOFLINE,
    Axis,
    ChartItem,
    EquationItem,
    GridItem,
    ParetoItem,
    ProseItem,
    ReportItem,
    SensitivityItem,
    Shown,
    SolveItem,
    TableItem,
    UncertaintyItem,
)
from ..sheet.sheet import Quantity, Truth
from .check import Checker
from .words import ANY, COUNT, say


def check_report(checker: Checker) -> None:
    for item in checker.sheet.report or ():
        with checker.held(item):
            _item(checker, item)


def _item(checker: Checker, item: ReportItem) -> None:
    match item:
        case ProseItem():
            for part in item.parts:
                if not isinstance(part, str):
                    _shown(checker, part)
        case TableItem():
            _table(checker, item)
        case EquationItem():
            _shown(checker, item.cell)
        case ChartItem():
            _chart(checker, item)
        case SensitivityItem() | UncertaintyItem() | GridItem() | ParetoItem():
            for cell in item.cells:
                checker.number(cell.formula, ANALYSES[type(item)])
            if isinstance(item, SensitivityItem) and item.by is not None:
                checker.same(COUNT, item.by, "the change of each input")
            for axis in item.axes if isinstance(item, GridItem | ParetoItem) else ():
                _axis(checker, axis)
        case SolveItem():
            needs = "`solve` needs a condition, which is true or false"
            checker.expect(item.condition.formula, Truth(), needs)


def _shown(checker: Checker, item: Shown) -> None:
    kind = checker.type_of(item.formula)
    if item.unit is not None:
        checker.shown(kind, item.unit, item.formula.span)


def _table(checker: Checker, item: TableItem) -> None:
    for column in item.columns:
        kind = checker.type_of(column.formula)
        if column.unit is not None:
            checker.shown(kind, column.unit, column.formula.span)


def _chart(checker: Checker, item: ChartItem) -> None:
    for table in item.columns:
        checker.number(table.columns[0].formula, f"chart {item.kind}")
    if item.kind == "roofline":
        for table, (what, dimension) in zip(item.columns, ROOFLINE.items(), strict=False):
            checker.same(Quantity(dimension), table.columns[0].formula, f"the {what} of a roofline")
    if item.kind == "fit" and len(item.columns) == 2:
        modelled, measured = (table.columns[0].formula for table in item.columns)
        checker.same(checker.type_of(measured), modelled, "what was measured")
    for cell in item.cells:
        checker.number(cell.formula, f"chart {item.kind}")
    if item.over is not None:
        _along(checker, item, item.over)
    if item.model is not None:
        _model(checker, item, item.model)


def _along(checker: Checker, item: ChartItem, over: InputKey) -> None:
    """The axis of a chart: numbers, and its ends are values of the input."""
    for end in item.ends or ():
        checker.setting(over, end)
    columns = checker.columns
    kind = checker.cells.get(over, ANY) if isinstance(over, str) else columns.get((over.table, over.column), ANY)
    if not isinstance(kind, Quantity):
        hint = "`grid … over … = [a, b]` shows cells at values that are no numbers"
        checker.error("wrong-type", f"an axis needs a number, and this is {say(kind)}", item.span, hint)


def _model(checker: Checker, item: ChartItem, model: str) -> None:
    """The columns that a chart of a model reads."""
    instance = checker.sheet.instances.get(model)
    if instance is None or instance.table is None:
        return
    wanted = {name: Quantity(dimension) for name, dimension in MODEL_COLUMNS[item.kind].items()}
    found = {name: checker.columns.get((instance.table, name)) for name in wanted}
    absent = [name for name, kind in wanted.items() if found[name] not in (kind, ANY)]
    if absent:
        columns = ", ".join(f"`{name}` ({say(wanted[name])})" for name in absent)
        message = f"`chart {item.kind}` reads columns that `{model}` does not have: {columns}"
        hint = "the models of `std.traffic` have them: extend one, or add the columns"
        checker.error("wrong-chart", message, item.span, hint)


def _axis(checker: Checker, axis: Axis) -> None:
    for formula in (axis.low, axis.high, *axis.listed, axis.by if axis.word == "step" else None):
        if formula is not None:
            checker.setting(axis.input, formula)
    if axis.word == "times" and axis.by is not None:
        checker.same(COUNT, axis.by, "a factor")
