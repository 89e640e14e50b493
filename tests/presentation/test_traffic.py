"""What a total is the sum of, and what falls away between two models."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl.presentation.defaults import defaults
from memdsl.presentation.traffic import bridge, carried, footing

from .test_copies import build, point_of

SPECS = Path(__file__).parents[2] / "specs"


def test_parts_add_up_and_the_bridge_leads_from_one_total_to_the_other() -> None:
    point = point_of(build(SPECS / "yolov3.mem"))
    lead = defaults(point).lead
    found = footing(point, lead)
    assert lead is not None
    assert found is not None
    assert [model.name for model in found.models] == ["naive", "today", "careful_today", "fast"]
    for total, formulas in zip(found.totals, found.formulas, strict=True):
        parts = [point.values.formula(formula) for formula in formulas]
        assert sum(float(part) for part in parts) == pytest.approx(point.values.cell(total.id), rel=1e-12)
    falls = bridge(point, found, lead)
    assert falls is not None
    first, last = (float(point.values.formula(end)) for end in falls.totals)
    removed = [float(point.values.formula(step.formula)) for step in falls.steps]
    assert first - sum(removed) == pytest.approx(last, rel=1e-12)
    level = first
    for low, less, more in carried(falls):
        level += float(point.values.formula(more)) - float(point.values.formula(less))
        assert float(point.values.formula(low)) <= level
    assert level == pytest.approx(last, rel=1e-12)
