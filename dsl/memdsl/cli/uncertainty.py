"""`memdsl uncertainty`: how sure cells are, given how sure the inputs are."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from .. import driver
from ..analysis.sweep import SweepError, Target
from ..analysis.uncertainty import CellUncertainty, Estimate, uncertainties
from ..diagnostics import Problems
from ..evaluate.show import show, show_distribution, shown_unit
from .common import Chosen, Usage, no_answer, say, single, unit_text

MEASURE = "first-order Sobol index, and the total index, of the variance"


def run(spec: str, cells: Sequence[str], samples: int, seed: int, chosen: Chosen, form: str) -> int:
    model = single(spec, chosen, cells)
    problems = Problems()
    asked = []
    for query in model.queries if model is not None else ():
        if query.rows is not None:
            message = f"`{query.text}` is a column; an uncertainty is that of one value"
            problems.error("column-needed", message, query.formula.span, "aggregate it: `sum(…)`, `max(…)`")
        assert model is not None
        asked.append(Target(query.text, query.formula, model.typed.type_of(query.formula)))
    if model is None or problems.failed:
        say(problems)
        return no_answer(form, spec=spec, cells={})
    try:
        found = uncertainties(model.typed, model.values, asked, samples, seed)
    except SweepError as wrong:
        raise Usage(str(wrong)) from None
    if form == "json":
        print(json.dumps(_json(spec, found, seed), indent=2))
    else:
        print("\n\n".join(_text(model, one, seed) for one in found))
    return 0


def _text(model: driver.Model, one: CellUncertainty, seed: int) -> str:
    kind, unit = one.cell.type, shown_unit(model.typed, one.cell.formula)

    def said(value: float) -> str:
        return show(model.typed, value, kind, unit)

    def estimated(found: Estimate) -> str:
        return f"{said(found.value)} ± {show(model.typed, found.error, kind, unit, 2)}"

    lines = [f"{one.cell.text}  {said(one.declared)} at the inputs' own values"]
    lines.append(f"  mean  {estimated(one.mean)}; standard deviation {said(one.deviation)}")
    lines += [f"  {f'P{p}':<4}  {estimated(found)}" for p, found in one.percentiles]
    lines.append(f"  {_interval(one, said)}")
    if one.shares:
        lines.append(f"  what each input contributes ({MEASURE})")
        wide = max(len(share.input.path) for share in one.shares)
        for share in one.shares:
            parts = (f"{f.value:.3f} ± {f.error:.3f}" for f in (share.first, share.total))
            how = show_distribution(share.input.distribution)
            lines.append(f"    {share.input.path:<{wide}}  {',  '.join(parts)}   {how}")
    lines.append(f"  ({one.samples:,} samples, seed {seed}; ± is one standard error)")
    if one.missing:
        lines.append(f"  (no value at {one.missing:,} further samples)")
    return "\n".join(lines)


def _interval(one: CellUncertainty, said: Callable[[float], str]) -> str:
    """`between 90 mJ and 300 mJ, which are reached`."""
    low, high = said(one.interval.low), said(one.interval.high)
    at = "" if one.interval.ended else " (inputs without ends: from their P5 to their P95)"
    if one.interval.proved:
        return f"from {low} to {high} while the inputs are between their ends: exact{at}"
    return f"from {low} to {high} at least: the outermost values met{at}"


def _json(spec: str, found: Sequence[CellUncertainty], seed: int) -> dict[str, object]:
    def estimate(value: Estimate) -> dict[str, float]:
        return {"value": value.value, "standard_error": value.error}

    cells: dict[str, object] = {}
    for one in found:
        cells[one.cell.text] = {
            "unit": unit_text(one.cell.type),
            "declared": one.declared,
            "mean": estimate(one.mean),
            "standard_deviation": one.deviation,
            "percentiles": {f"P{p}": estimate(value) for p, value in one.percentiles},
            "interval": {
                "low": one.interval.low,
                "high": one.interval.high,
                "exact": one.interval.proved,
                "inputs_have_ends": one.interval.ended,
            },
            "contributions": [
                {"input": s.input.path, "first_order_sobol": estimate(s.first), "total_sobol": estimate(s.total)}
                for s in one.shares
            ],
            "samples": one.samples,
            "missing": one.missing,
        }
    return {"spec": spec, "seed": seed, "cells": cells}
