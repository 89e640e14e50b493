"""`memdsl explain`: the closed form of a cell, its breakpoints, and its formulas down to the inputs."""

from __future__ import annotations

import json
import sys

from .. import driver
from ..diagnostics import Problems
from ..evaluate.show import show, unit_written
from ..sheet.formula import Formula
from ..sheet.operations import Value
from ..sheet.sheet import Input, Type
from ..symbolic import Breakpoint, ClosedForm, Link, SymbolicError, chain, closed_form, depends_on
from .common import Chosen, plain, single, unit_text


def run(spec: str, cell: str, inputs: str, chosen: Chosen, form: str) -> int:
    code = _explain(spec, cell, inputs, chosen, form)
    if code and form == "json":
        print(json.dumps({"spec": spec, "cell": cell}))
    return code


def _explain(spec: str, cell: str, inputs: str, chosen: Chosen, form: str) -> int:
    model = single(spec, chosen, [cell])
    if model is None or not model.sound or not model.queries:
        return 1
    query = model.queries[0]
    if query.rows is not None:
        print(f"memdsl: `{cell}` is a column; name one row or wrap it in `sum(…)`", file=sys.stderr)
        return 1
    assert model.machine is not None
    names = [name.strip() for name in inputs.split(",") if name.strip()]
    if not names:
        used = depends_on(model.typed, query.formula)
        names = [name for name in used if model.sheet.inputs[name].role == "param"]
    try:
        found = closed_form(model.typed, model.machine, model.values, query.formula, names, cell)
        links = chain(model.typed, model.values, query.formula)
    except SymbolicError as error:
        print(f"memdsl: {error.message}" + (f"\n  help: {error.hint}" if error.hint else ""), file=sys.stderr)
        return 1
    if form == "json":
        print(json.dumps(_json(spec, model, cell, found, links), indent=2))
    elif form == "latex":
        print(found.latex())
    else:
        _text(model, cell, found, links)
    return 0


def _kind(model: driver.Model, item: Input) -> Type:
    key = item.key
    return model.typed.cell_types[key] if isinstance(key, str) else model.typed.column_types[key.table, key.column]


def _text(model: driver.Model, cell: str, found: ClosedForm, links: tuple[Link, ...]) -> None:
    text = found.text()
    print(f"{cell} =\n{text}" if "\n" in text else f"{cell} = {text}")
    for name in found.independent:
        print(f"  (it does not depend on {name})")
    if found.breakpoints:
        print("\nBreakpoints")
        for point in found.breakpoints:
            print("  " + _breakpoint(model, model.queries[0].formula, point, found.type))
    print("\nFormulas")
    for link in links:
        value = show(model.typed, link.value, link.type)
        source = f"   from {link.source}" if link.source else ""
        place = ""
        if link.span.source.text:
            line, _ = link.span.source.position(link.span.start)
            place = f"   ({link.span.source.name}:{line})"
        formula = " ".join(link.formula.split())
        print(f"  {'  ' * link.depth}{link.name} = {formula}" + (f"   [{value}]" if value else "") + source + place)


def _breakpoint(model: driver.Model, formula: Formula, point: Breakpoint, kind: Type) -> str:
    item = model.sheet.inputs[point.input]
    at = show(model.typed, point.at, _kind(model, item), item.shown or unit_written(item.formula))
    below, above = show(model.typed, point.below, kind), show(model.typed, point.above, kind)
    rows = ", ".join(point.rows[:4]) + (f" and {len(point.rows) - 4} more" if len(point.rows) > 4 else "")
    change = show(model.typed, point.above - point.below, kind)
    here = _value_at(model, formula, point)
    sides = f"{below} up to there, {above} above" if here == point.below else f"{below} below, {above} from there on"
    cause = f"; {len(point.rows)}: {rows}" if point.rows else ""
    return f"{point.input} = {at}: {sides} ({change}{cause})"


def _value_at(model: driver.Model, formula: Formula, point: Breakpoint) -> Value:
    """The value at a breakpoint itself, which may belong to either side."""
    assert model.machine is not None
    key = model.sheet.inputs[point.input].key
    return model.machine.at({**model.overrides, key: point.at}, Problems()).formula(formula)


def _json(spec: str, model: driver.Model, cell: str, found: ClosedForm, links: tuple[Link, ...]) -> dict[str, object]:
    return {
        "spec": spec,
        "cell": cell,
        "unit": unit_text(found.type),
        "inputs": list(found.inputs),
        "independent": list(found.independent),
        "expression": str(found.expression),
        "text": found.text(),
        "latex": found.latex(),
        "cuts": {name: str(cut) for name, cut in found.cuts.items()},
        "breakpoints": [
            {
                "input": point.input,
                "at": point.at,
                "unit": unit_text(_kind(model, model.sheet.inputs[point.input])),
                "below": point.below,
                "above": point.above,
                "rows": list(point.rows),
                "kind": point.kind,
            }
            for point in found.breakpoints
        ],
        "formulas": [
            {
                "name": link.name,
                "formula": link.formula,
                "value": plain(model.typed, link.value, link.type),
                "unit": unit_text(link.type),
                "source": link.source,
                "file": link.span.source.name,
                "line": link.span.source.position(link.span.start)[0],
                "depth": link.depth,
            }
            for link in links
        ],
    }
