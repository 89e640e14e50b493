"""`memdsl sensitivity`: how far cells follow their inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from .. import driver
from ..analysis import Effect, Next, Sensitivity, sensitivity, sensitivity_table
from ..evaluate import value_of
from ..sheet.sheet import Input, Quantity
from ..symbolic import SymbolicError, find_input
from ..units import NONE, format_number
from .columns import columns
from .common import Chosen, complain, no_answer, single, unit_text


def run(spec: str, cells: Sequence[str], to: str, by: str | None, chosen: Chosen, form: str) -> int:
    asked = [*cells, by] if by is not None else [*cells]
    model = single(spec, chosen, asked)
    found = None
    if model is not None and len(model.queries) == len(asked):
        found = _found(model, cells, to, by)
    if model is None or found is None:
        return no_answer(form, spec=spec, cells={})
    if form == "json":
        print(json.dumps({"spec": spec, "cells": {one.cell: _json(model, one) for one in found}}, indent=2))
    else:
        print("\n\n".join("\n".join(_text(model, one)) for one in found))
    return 0


def _found(model: driver.Model, cells: Sequence[str], to: str, by: str | None) -> list[Sensitivity] | None:
    share: float | None = None
    try:
        inputs = [find_input(model.typed, name.strip()) for name in to.split(",") if name.strip()]
        if by is not None:
            value = value_of(model.values, model.queries[-1].formula, model.problems)
            kind = model.typed.type_of(model.queries[-1].formula)
            plain = isinstance(kind, Quantity) and kind.dimension == NONE
            if isinstance(value, (bool, str)) or value is None or not plain or not 0 < value < 1:
                raise SymbolicError("bad-change", f"`--by {by}` is no share between 0 and 1", "write `--by 10%`")
            share = float(value)
        return [_one(model, cell, i, inputs, share) for i, cell in enumerate(cells)]
    except SymbolicError as error:
        complain(error.code, error.message, error.hint)
    except ArithmeticError as error:
        complain("no-value", f"this has no value: {error}")
    return None


def _one(model: driver.Model, cell: str, number: int, inputs: list[Input], share: float | None) -> Sensitivity:
    query = model.queries[number]
    if query.rows is not None:
        raise SymbolicError("column-needed", f"`{cell}` is a column", "name one row, or wrap it in `sum(…)`")
    if not isinstance(model.typed.type_of(query.formula), Quantity):
        raise SymbolicError("not-a-number", f"`{cell}` is no number, so nothing moves it")
    return sensitivity(model.typed, model.machine, model.values, query.formula, cell, inputs, share)


def _text(model: driver.Model, found: Sensitivity) -> Iterator[str]:
    table = sensitivity_table(model.typed, found)
    yield table.title
    headings = [f"{column.title} {column.unit}".strip() for column in table.columns]
    rows = [[cell if isinstance(cell, str) else format_number(cell, 5) for cell in row] for row in table.rows]
    if rows:
        yield from (f"  {line}" for line in columns(headings, rows, left=(0, 8)))
    yield from (f"  {note}" for note in table.notes)


def _json(model: driver.Model, found: Sensitivity) -> dict[str, object]:
    return {
        "value": found.base,
        "unit": unit_text(model.typed.type_of(found.formula)),
        "effects": [_effect(model, effect) for effect in found.effects],
        "independent": list(found.independent),
        "skipped": list(found.skipped),
    }


def _effect(model: driver.Model, effect: Effect) -> dict[str, object]:
    key = effect.input.key
    typed = model.typed
    kind = typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]
    return {
        "input": effect.input.path,
        "unit": unit_text(kind),
        "value": effect.value,
        "low": effect.low,
        "high": effect.high,
        "at_low": effect.at_low,
        "at_high": effect.at_high,
        "swing": effect.swing,
        "changed_by": effect.source,
        "elasticity": {"below": effect.elasticity[0], "above": effect.elasticity[1]},
        "derivative": {"below": effect.slopes.below, "above": effect.slopes.above},
        "exact": effect.exact,
        "step_below": _next(effect.before),
        "step_above": _next(effect.after),
    }


def _next(found: Next | None) -> dict[str, float] | None:
    return {"at": found.at, "change": found.change} if found is not None else None
