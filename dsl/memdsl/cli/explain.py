"""`memdsl explain`: the closed form of a cell, its breakpoints, and its formulas down to the inputs."""

from __future__ import annotations

import json

from ..symbolic import Link, SymbolicError, chain, closed_form, depends_on, growth
from . import explain_latex, explain_text
from .common import Chosen, complain, no_answer, plain, single, unit_text
from .explained import Explained


def run(spec: str, cell: str, inputs: str, chosen: Chosen, form: str, language: str | None = None) -> int:
    found = _explained(spec, cell, inputs, chosen)
    if found is None:
        return no_answer(form, spec=spec, cell=cell)
    if language is not None:
        from ..symbolic.code import as_code

        try:
            print(as_code(found.form, language))
        except SymbolicError as error:
            complain(error.code, error.message, error.hint)
            return no_answer(form, spec=spec, cell=cell)
        return 0
    if form == "json":
        print(json.dumps(_json(spec, found), indent=2))
        return 0
    print("\n".join(explain_latex.lines(found) if form == "latex" else explain_text.lines(found)))
    return 0


def _explained(spec: str, cell: str, inputs: str, chosen: Chosen) -> Explained | None:
    model = single(spec, chosen, [cell])
    if model is None or not model.queries:
        return None
    query = model.queries[0]
    if query.rows is not None:
        complain("column-needed", f"`{cell}` is a column", "name one row or wrap it in `sum(…)`")
        return None
    names = [name.strip() for name in inputs.split(",") if name.strip()]
    if not names:
        used = depends_on(model.typed, query.formula)
        names = [name for name in used if model.sheet.inputs[name].role == "param"]
    try:
        form = closed_form(model.typed, model.machine, model.values, query.formula, names, cell)
        links = chain(model.typed, model.values, query.formula)
    except SymbolicError as error:
        complain(error.code, error.message, error.hint)
        return None
    asked = form.inputs if form.condition is None else ()
    grows = tuple(
        growth(model.typed, model.values, query.formula, path) for path in asked if not form.wording.is_choice(path)
    )
    return Explained(model, cell, form, grows, links)


def _json(spec: str, found: Explained) -> dict[str, object]:
    form = found.form
    return {
        "spec": spec,
        "cell": found.cell,
        "unit": unit_text(form.type),
        "inputs": list(form.inputs),
        "independent": list(form.independent),
        "expression": str(form.expression),
        "text": form.text(),
        "latex": form.latex(),
        "terms": [{"text": term.text, "latex": term.latex, "value": term.value} for term in form.terms],
        "cuts": {name: str(cut) for name, cut in form.cuts.items()},
        "breakpoints": [
            {
                "input": point.input,
                "at": point.at,
                "unit": unit_text(found.input_type(point.input)),
                "below": point.below,
                "above": point.above,
                "change": point.above - point.below,
                "belongs": "below" if found.belongs_below(point) else "above",
                "rows": list(point.rows),
                "kind": point.kind,
            }
            for point in form.breakpoints
        ],
        "growth": [
            {"input": g.input, "coefficient": g.coefficient, "exponent": g.exponent, "reached": g.reached}
            for g in found.growth
            if g is not None
        ],
        "notes": list(form.notes),
        "formulas": [_link(found, link) for link in found.links],
    }


def _link(found: Explained, link: Link) -> dict[str, object]:
    source = link.span.source
    line, column = source.position(link.span.start)
    end_line, end_column = source.position(link.span.end)
    return {
        "name": link.name,
        "formula": link.formula,
        "value": plain(found.model.typed, link.value, link.type),
        "unit": unit_text(link.type),
        "source": link.source,
        "file": source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "depth": link.depth,
    }
