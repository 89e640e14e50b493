"""`memdsl fit`: inputs found from measured data, shown with their errors, or written into the spec."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .. import driver
from ..analysis.fit import Errors, Found, Missing, Unfit, fitted, written
from ..evaluate.show import show, unit_written
from ..sheet.sheet import Quantity
from .common import Chosen, Outside, complain, no_answer, single
from .report import rewritten


def run(spec: str, chosen: Chosen, write: bool, form: str) -> int:
    model = single(spec, chosen, [])
    if model is None:
        return no_answer(form, spec=spec)
    if not model.sheet.fits:
        complain("no-answer", f"{spec} has no fit", "`fit points.modelled to points.measured for some_input, another`")
        return no_answer(form, spec=spec)
    found = []
    try:
        for fit in model.sheet.fits:
            found.append(fitted(model.typed, model.machine, model.values, fit))
        text = written(model.source, found) if write else ""
    except Missing:
        raise Outside("fitting needs SciPy: pip install 'memdsl[fit]'") from None
    except Unfit as why:
        complain("no-answer", f"{spec}: {why}")
        return no_answer(form, spec=spec)
    if form == "json":
        print(json.dumps([_json(one) for one in found], indent=2))
    else:
        print("\n\n".join(_text(model, one) for one in found))
    if write:
        rewritten(Path(spec), text.encode("utf-8"))
        print(f"{spec}: {sum(len(one.values) for one in found)} inputs written", file=sys.stderr)
    return 0


def _text(model: driver.Model, found: Found) -> str:
    lines = [found.fit.text]
    for item, value in zip(found.inputs, found.values, strict=True):
        key = item.key
        types = model.typed.cell_types, model.typed.column_types
        kind = types[0][key] if isinstance(key, str) else types[1][key.table, key.column]
        unit = unit_written(item.formula) or item.shown
        if isinstance(kind, Quantity):
            lines.append(f"  {item.path} = {show(model.typed, value, kind, unit)}")
    rows = [found.fitted, found.held_out, *found.groups, found.before]
    width = max(len(row.name) for row in rows)
    lines += [f"  {row.name:<{width}}  {_errors(row)}" for row in rows]
    return "\n".join(lines)


def _errors(row: Errors) -> str:
    return f"{row.count:>5} points   median {row.median:7.2%}   90th percentile {row.p90:7.2%}"


def _json(found: Found) -> dict[str, object]:
    rows = [found.fitted, found.held_out, found.all, found.before, *found.groups]
    return {
        "fit": found.fit.text,
        "inputs": {item.path: value for item, value in zip(found.inputs, found.values, strict=True)},
        "errors": [{"rows": r.name, "count": r.count, "median": r.median, "p90": r.p90} for r in rows],
    }
