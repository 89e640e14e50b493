"""What a page needs to carry out the analyses of a report again: plain records of numbers, units and names."""

from __future__ import annotations

from collections.abc import Sequence

from ..analysis import Sensitivity, Solution
from ..analysis.reported import SAMPLES, Points, Scale, given, layout_of, shown
from ..analysis.requirements import checks_on, over_cells, required_of, said
from ..analysis.sweep import SweepError
from ..analysis.uncertainty import SEED, CellUncertainty, uncertain_inputs
from ..evaluate.show import show_distribution, shown_unit, unit_written
from ..js.program import Json
from ..presentation import Probe
from ..presentation.in_words import alone
from ..sheet import formula as sheet
from ..sheet.input_keys import InputKey
from ..sheet.report import GridItem, ParetoItem, SensitivityItem, Shown, UncertaintyItem
from ..sheet.sheet import Bounds, Distribution, Input, Quantity, Type
from ..units import Unit, ladder
from .live import plain_json
from .numbers import form
from .portable.page_sheet import Bounds as PlainBounds
from .portable.page_sheet import Constant, Formula
from .portable.page_sheet import Distribution as PlainDistribution
from .portable.page_sheet import Input as PlainInput
from .portable.writing import Form, Measure
from .subject import Subject

MOST_POINTS = 100_000
"""Points of a grid that a page computes."""


def grid(subject: Subject, item: GridItem | ParetoItem, found: Points) -> Json:
    """The points and the cells of a grid; None for one that has none, or too many for a page."""
    try:
        layout = layout_of(subject.typed, subject.values, item.cells, item.axes)
    except SweepError:
        return None
    if layout.sweep.grid.size > MOST_POINTS:
        return None
    axes: list[Json] = [
        {"path": track.path, "values": list(track.values.tolist()), "scale": _scale(given(subject.typed, axis))}
        for axis, track in zip(item.axes, layout.tracks, strict=True)
    ]
    cells: list[Json] = [_scale(shown(subject.typed, cell)) for cell in item.cells]
    sizes: list[Json] = list(layout.sweep.grid.shape)
    probes, required = _probes(subject, item.cells), _required(subject, [track.key for track in layout.tracks])
    called: list[Json] = [alone(subject.sheet, cell) for cell in item.cells]
    return {
        "title": found.title, "axes": axes, "cells": cells, "called": called, "sizes": sizes, "probes": probes,
        "required": required,
    }  # fmt: skip


def _required(subject: Subject, keys: Sequence[InputKey], *conditions: sheet.Formula) -> Json:
    """The number of the condition that the spec asks of points of some inputs; None where it asks nothing."""
    condition = required_of(subject.typed.sheet, keys, *conditions)
    return None if condition is None else subject.views.number(Probe(condition))


def sensitivity(subject: Subject, item: SensitivityItem, found: Sequence[Sensitivity | None]) -> Json:
    """The cells, and the inputs that are changed; None where a cell has no value."""
    by = float(subject.values.formula(item.by)) if item.by is not None else None
    cells: list[Json] = []
    for cell, one in zip(item.cells, found, strict=True):
        if one is None:
            return None
        trial = {effect.input.path for effect in one.effects if not effect.exact}
        inputs: list[Json] = [plain_json(_input(subject, i, i.path not in trial)) for i in one.inputs]
        required = [_required(subject, [i.key]) for i in one.inputs]
        cells.append(
            {**_cell(subject, cell), "inputs": inputs, "required": required, "independent": list(one.independent)}
        )
    return {"cells": cells, "by": by}


def solution(subject: Subject, condition: Shown, found: Solution) -> Json:
    """The condition, the input and the values that it may have."""
    sides: list[Json] = []
    for side in found.sides:
        number = subject.views.number(Probe(side.formula))
        sides.append({"text": side.text, "formula": plain_json(_formula(subject, side.formula)), "probe": number})
    bounds = found.input.bounds
    choices = [subject.declared.formula(choice) for choice in bounds.one_of] if bounds is not None else []
    whole = subject.typed.sheet
    requirements: list[Json] = [
        {"said": said(check), "probe": subject.views.number(Probe(over_cells(whole, check)))}
        for check in checks_on(whole, [found.input.key])
    ]
    if isinstance(subject.declared.input(found.input.key), bool):
        choices = [False, True]
    return {
        "condition": found.condition,
        "probe": _required(subject, [found.input.key], condition.formula),
        "itself": subject.views.number(Probe(condition.formula)),
        "requirements": requirements,
        "input": plain_json(_input(subject, found.input, True)),
        "choices": list(choices),
        "domain": [_end(found.domain.low), _end(found.domain.high)],
        "step": found.step,
        "depends": found.depends,
        "numeric": found.numeric,
        "sides": sides,
    }


def uncertainty(subject: Subject, item: UncertaintyItem, found: Sequence[CellUncertainty]) -> Json:
    """The cells and the inputs below them that are not sure; None where there is nothing to show."""
    if not found:
        return None
    below = [[i.path for i in uncertain_inputs(subject.typed, subject.values, c.formula)] for c in item.cells]
    paths = {path for names in below for path in names}
    inputs: list[Json] = [
        plain_json(_input(subject, i, True)) for i in subject.sheet.inputs.values() if i.path in paths
    ]
    cells: list[Json] = [
        {**_cell(subject, cell), "below": list(names), "proved": one.interval.proved}
        for cell, names, one in zip(item.cells, below, found, strict=True)
    ]
    keys = [i.key for i in subject.sheet.inputs.values() if i.path in paths]
    required = _required(subject, keys)
    return {"cells": cells, "inputs": inputs, "samples": SAMPLES, "seed": SEED, "required": required}


def _end(value: float) -> Json:
    """An end of a range; None for one that it does not have."""
    return None if value in (float("inf"), float("-inf")) else value


def _probes(subject: Subject, cells: Sequence[Shown]) -> list[Json]:
    return [subject.views.number(Probe(cell.formula)) for cell in cells]


def _cell(subject: Subject, cell: Shown) -> dict[str, Json]:
    formula = plain_json(_formula(subject, cell.formula))
    called = alone(subject.sheet, cell)
    return {"text": cell.text, "called": called, "formula": formula, "probe": subject.views.number(Probe(cell.formula))}


def _scale(scale: Scale) -> Json:
    unit = plain_json(_measure(scale.unit)) if scale.unit is not None else None
    units: list[Json] = [plain_json(_measure(one)) for one in scale.units]
    return {"name": scale.name, "numeric": scale.numeric, "unit": unit, "units": units}


def _measure(unit: Unit) -> Measure:
    """A unit as the spec writes it, and not as a report prints it."""
    up, down = unit.scale.numerator, unit.scale.denominator
    return Measure(unit.text, 1 if unit.scale == 1 else up / down, up, down)


def _form(subject: Subject, kind: Type) -> Form:
    made = form(subject.typed, kind)
    dimension = kind.dimension if isinstance(kind, Quantity) else None
    units = tuple(_measure(unit) for unit in ladder(dimension)) if dimension is not None else ()
    return Form(made.kind, units, made.names)


def _formula(subject: Subject, formula: sheet.Formula) -> Formula:
    unit = shown_unit(subject.typed, formula)
    return Formula(_form(subject, subject.typed.type_of(formula)), _measure(unit) if unit is not None else None)


def _input(subject: Subject, item: Input, exact: bool) -> PlainInput:
    unit = item.shown or unit_written(item.formula)
    return PlainInput(
        item.path,
        item.path,
        _form(subject, subject.input_type(item.key)),
        _measure(unit) if unit is not None else None,
        _bounds(subject, item.bounds),
        _distribution(subject, item.distribution),
        exact,
    )


def _bounds(subject: Subject, bounds: Bounds | None) -> PlainBounds | None:
    if bounds is None:
        return None
    low, high, multiple = (_constant(subject, part) for part in (bounds.low, bounds.high, bounds.multiple))
    choices = [subject.declared.formula(choice) for choice in bounds.one_of]
    numbers = tuple(Constant(float(choice), False) for choice in choices if not isinstance(choice, str))
    return PlainBounds(low, high, multiple, numbers)


def _distribution(subject: Subject, said: Distribution | None) -> PlainDistribution | None:
    if said is None:
        return None
    arguments = [_constant(subject, part) for part in said.arguments]
    known = tuple(part for part in arguments if part is not None)
    return PlainDistribution(_constant(subject, said.spread), said.kind, known, show_distribution(said))


def _constant(subject: Subject, formula: sheet.Formula | None) -> Constant | None:
    if formula is None:
        return None
    return Constant(float(subject.declared.formula(formula)), sheet.is_share(formula))
