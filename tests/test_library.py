"""The models of the library give what a computation by hand gives, on the shipped networks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source

HERE = Path(__file__).parent


def test_every_model_of_the_library_gives_its_check_values() -> None:
    text = (HERE / "library" / "check_values.mem").read_text(encoding="utf-8")
    model = driver.build(Source("check_values.mem", text), HERE.parent / "specs")
    assert [d.message for d in model.diagnostics] == []
    assert len(model.claims) > 40
    assert [r.claim.text for r in model.claims if r.status != "holds"] == []


@pytest.mark.parametrize(
    "model", ["winograd_tiled", "mixed", "split", "inference", "winograd", "tiled", "best_schedule"]
)
def test_a_model_has_rules_for_kinds_that_a_network_lacks(model: str) -> None:
    text = f"""
use std.layers
use std.algorithms
use std.parallel
use std.quantised
use std.serving
use std.schedules
use std.tiling
use std.traffic
use std.chips
network plain(x[n, c]) {{ a = x -> dense(64) }}
model m = {model}(plain([16, 64]), h100)
claim m.work = 65536 MAC from "16 * 64 * 64"
"""
    built = driver.build(Source("plain", text), Path())
    assert [claim.status for claim in built.claims] == ["holds"]
    assert [problem.message for problem in built.problems] == []


def test_what_windows_touch_is_never_more_than_they_do() -> None:
    """Positions that windows meet, one by one; all of them without dilation or padding wider than a step."""
    dice, lines, drawn = random.Random(7), ["use std.layers"], []
    while len(drawn) < 120:
        kernel, stride, dilation = dice.randint(1, 5), dice.randint(1, 5), dice.choice((1, 1, 1, 2, 3))
        before, after, size = dice.randint(0, 3), dice.randint(0, 3), dice.randint(1, 30)
        span = dilation * (kernel - 1) + 1
        if size + before + after < span:
            continue
        starts = range(-before, size + after - span + 1, stride)
        touched = {start + tap * dilation for start in starts for tap in range(kernel)} & set(range(size))
        drawn.append((len(touched), size, dilation == 1 and max(before, after) < stride))
        number = len(drawn)
        lines.append(
            f"network n{number}(x[n, c]) {{ a = x -> conv(1, kernel = {kernel}, stride = {stride}, "
            f"dilation = {dilation}, pad_before = {before}, pad_after = {after}) }}\n"
            f"network m{number} = n{number}([{size}, 2])"
        )
    queries = [f"m{number}.a.touched_share" for number in range(1, len(drawn) + 1)]
    model = driver.build(Source("windows", "\n".join(lines)), Path(), queries=queries)
    assert isinstance(model, driver.Model)
    for (touched, size, plain), query in zip(drawn, model.queries, strict=True):
        found = float(model.values.formula(query.formula)) * size
        assert found <= touched + 1e-9, query.text
        assert not plain or found == pytest.approx(touched), query.text
