"""`memdsl solve`: the values of an input at which a condition holds."""

from __future__ import annotations

import json
import math

from .. import driver
from ..analysis import Solution, say_solution, solve
from ..sheet.sheet import Input, Truth, Type
from ..symbolic import SymbolicError, find_input
from .common import Chosen, complain, no_answer, single, unit_text


def run(spec: str, condition: str, name: str, chosen: Chosen, form: str) -> int:
    model = single(spec, chosen, [condition])
    found = _found(model, condition, name) if model is not None and model.queries else None
    if model is None or found is None:
        return no_answer(form, spec=spec, condition=condition)
    if form == "json":
        print(json.dumps(_json(spec, model, found), indent=2))
    else:
        print("\n".join(say_solution(model.typed, found)))
    return 0


def _found(model: driver.Model, condition: str, name: str) -> Solution | None:
    query = model.queries[0]
    if query.rows is not None:
        complain("column-needed", f"`{condition}` is a column", "compare one row or an aggregate of it")
        return None
    if not isinstance(model.typed.type_of(query.formula), Truth):
        complain("wrong-type", f"`{condition}` is no condition", f"compare it: `{condition} <= …`")
        return None
    try:
        item = find_input(model.typed, name)
        return solve(model.typed, model.machine, model.values, query.formula, item, condition)
    except SymbolicError as error:
        complain(error.code, error.message, error.hint)
    return None


def _json(spec: str, model: driver.Model, found: Solution) -> dict[str, object]:
    return {
        "spec": spec,
        "condition": found.condition,
        "input": found.input.path,
        "unit": unit_text(_kind(model, found.input)),
        "holds": "always" if found.always else "never" if found.never else "sometimes",
        "holds_now": found.now,
        "depends": found.depends,
        "range": [_number(found.domain.low), _number(found.domain.high)],
        "step": found.step,
        "intervals": [
            {
                "low": _number(part.low),
                "high": _number(part.high),
                "low_included": part.low_included,
                "high_included": part.high_included,
            }
            for part in found.intervals
        ],
        "runs": [{"low": _number(r.low), "high": _number(r.high), "count": _number(r.count)} for r in found.runs],
        "choices": list(found.choices) if found.choices is not None else None,
        "changes": list(found.changes),
        "exact": not found.numeric,
        "refused": [{"at": one.at, "requirement": one.requirement} for one in found.ended],
        "sides": [
            {"text": side.text, "low": _number(side.extent.low), "high": _number(side.extent.high)}
            for side in found.sides
            if side.extent is not None
        ],
    }


def _kind(model: driver.Model, item: Input) -> Type:
    key = item.key
    return model.typed.cell_types[key] if isinstance(key, str) else model.typed.column_types[key.table, key.column]


def _number(value: float) -> float | None:
    """A number of JSON; none where there is no bound."""
    return value if math.isfinite(value) else None
