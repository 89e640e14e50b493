"""Where the traffic of a model goes: a total with the parts that add up to it, and what a buffer removes of each."""

from __future__ import annotations

import math

from ..records import record
from ..sheet.formula import Apply, CellRef, Field, Formula, Literal, Reduce
from ..sheet.sheet import Cell, Instance, Quantity, Sheet
from ..units import DATA
from .energy import Share, shares_of, summed
from .point import Point
from .words import cut, quoted

TOTAL, FETCHED, INPUT = "dram_bytes", "fetched", "input_bytes"
"""What the library calls the traffic of a pass, what a row reads of activations, and the input of the network."""
NETWORK_INPUT = "Network input, read once"
_TITLE, _SAME = 60, 1e-9


@record
class Footing:
    """Models whose totals have the same parts: of each model the formulas of the parts, in their order."""

    label: str
    models: tuple[Instance, ...]
    totals: tuple[Cell, ...]
    parts: tuple[str, ...]
    formulas: tuple[tuple[Formula, ...], ...]


@record
class Bridge:
    """From a total to a smaller one: what falls away of each part, and of those not named, as formulas."""

    label: str
    first: str
    last: str
    totals: tuple[CellRef, CellRef]
    steps: tuple[Share, ...]


def footing(point: Point, lead: Instance | None) -> Footing | None:
    """The parts that the traffic of a model adds up, beside those of other models of the same network."""
    shares = _shares(point, lead) if lead is not None else []
    if lead is None or not shares:
        return None
    titles = [share.title for share in shares]  # names: what an author calls a column may differ from model to model
    found = [(lead, shares)]
    for model in point.spokesmen:
        if model.name != lead.name and model.network == lead.network:
            others = _shares(point, model)
            if [share.title for share in others] == titles:
                found.append((model, others))
    order = {model.name: k for k, model in enumerate(point.models)}
    found.sort(key=lambda entry: order[entry[0].name])
    totals = tuple(point.sheet.cells[f"{model.name}.{TOTAL}"] for model, _ in found)
    label = next((cell.label for cell in totals if cell.label), TOTAL)
    formulas = tuple(tuple(share.formula for share in of) for _, of in found)
    words = tuple(_words(point.sheet, share) for share in shares)
    return Footing(cut(label, _TITLE), tuple(model for model, _ in found), totals, words, formulas)


def bridge(point: Point, found: Footing, lead: Instance) -> Bridge | None:
    """From the model that moves most to the one that leads; None where none moves more."""
    names = [model.name for model in found.models]
    values = [point.value(cell.formula) for cell in found.totals]
    sizes = [float(v) if isinstance(v, (int, float)) else 0.0 for v in values]
    last = names.index(lead.name)
    first = max(range(len(names)), key=lambda k: sizes[k])
    if sizes[first] <= sizes[last] * (1 + _SAME):
        return None
    steps, rest = [], list[Formula]()
    for title, a, b in zip(found.parts, found.formulas[first], found.formulas[last], strict=True):
        falls = Apply(a.span, "-", (a, b))
        if abs(_number(point, falls)) > _SAME * sizes[first]:
            steps.append(Share(title, falls))
        else:
            rest.append(falls)
    if rest and steps:
        steps.append(Share("all else", summed(rest)))
    ends = tuple(point.reference(found.totals[k].id) for k in (first, last))
    titles = [cut(found.models[k].title or names[k], _TITLE) for k in (first, last)]
    return Bridge(found.label, titles[0], titles[1], (ends[0], ends[1]), tuple(steps)) if steps else None


def _shares(point: Point, model: Instance) -> list[Share]:
    cell = point.sheet.cells.get(f"{model.name}.{TOTAL}")
    if cell is None or point.typed.cell_types[cell.id] != Quantity(DATA):
        return []
    shares = _with_input(point, model, shares_of(point.sheet, cell.formula, _column))
    total = point.value(cell.formula)
    if len(shares) < 2 or not isinstance(total, float):
        return []
    numbers = [_number(point, share.formula) for share in shares]
    return shares if math.isclose(sum(numbers), total, rel_tol=_SAME) and min(numbers) >= 0 else []


def _with_input(point: Point, model: Instance, shares: list[Share]) -> list[Share]:
    """What is read of activations without the input of the network, and that input beside it."""
    cell = point.sheet.cells.get(f"{model.name}.{INPUT}")
    at = next((k for k, share in enumerate(shares) if _is_fetched(share.formula)), None)
    if cell is None or at is None or point.typed.cell_types[cell.id] != Quantity(DATA):
        return shares
    once, read = point.reference(cell.id), shares[at]
    if not 0 < _number(point, once) <= _number(point, read.formula):
        return shares
    again = Share(read.title, Apply(read.formula.span, "-", (read.formula, once)))
    return [*shares[:at], again, *shares[at + 1 :], Share(INPUT, once)]


def _is_fetched(formula: Formula) -> bool:
    return isinstance(formula, Reduce) and isinstance(formula.body, Field) and formula.body.column == FETCHED


def _number(point: Point, formula: Formula) -> float:
    value = point.value(formula)
    return float(value) if isinstance(value, (int, float)) and value == value else math.nan


def _column(sheet: Sheet, term: Formula) -> str:
    """A term by the name of the column or the cell that it reads."""
    if isinstance(term, Reduce) and term.body is not None:
        return _column(sheet, term.body)
    if isinstance(term, Field):
        return term.column
    if isinstance(term, CellRef):
        return term.cell.removeprefix(f"{sheet.cells[term.cell].owner}.")
    return quoted(term.span, _TITLE)


def _words(sheet: Sheet, share: Share) -> str:
    """A part by what its author calls the column or the cell."""
    formula = share.formula
    if share.title == INPUT:
        return NETWORK_INPUT
    if share.title == FETCHED and isinstance(formula, Apply):
        return f"{_words(sheet, Share(share.title, formula.args[0]))}, but for the input"
    body = formula.body if isinstance(formula, Reduce) else formula
    if isinstance(body, Field):
        return cut(sheet.tables[body.table].columns[body.column].label or share.title, _TITLE)
    if isinstance(body, CellRef):
        return cut(sheet.cells[body.cell].label or share.title, _TITLE)
    return share.title


def nothing(formula: Formula) -> Formula:
    """0, where a series of a chart has no bar."""
    return Literal(formula.span, 0.0, DATA, "0 B")


def carried(bridge: Bridge) -> list[tuple[Formula, Formula, Formula]]:
    """Of each step what stays below it, what it removes and what it adds."""
    found: list[tuple[Formula, Formula, Formula]] = []
    level: Formula = bridge.totals[0]
    for step in bridge.steps:
        span, zero = step.formula.span, nothing(step.formula)
        after = Apply(span, "-", (level, step.formula))
        low = Apply(span, "min", (level, after))
        removed = Apply(span, "max", (step.formula, zero))
        found.append((low, removed, Apply(span, "-", (removed, step.formula))))
        level = after
    return found
