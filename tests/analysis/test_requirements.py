"""No analysis gives a point that the spec refuses, and each says which requirement ended its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl import load
from memdsl.spec import Spec, SpecError

CACHE = """
param ctx = 1000  whole from 1 to 100_000
held = ctx * 20 MB
slow = ctx * 5 us
require held <= 80 GB  "the cache must fit"
"""
ROWS = """
use std.layers
use std.traffic
use std.hardware
param side = 64  multiple of 4  from 4 to 256
param bits = 8 bit  one of 2 bit, 4 bit, 8 bit, 16 bit
layer patch(x[h, w, c], size whole from 1) -> [h, w, c] {
  h = x.h / size
  w = floor(x.w / size)
  c = x.c
  require x.h <= 8 * x.c  "a patch has no more rows than channels"
}
network net(image[h, w, c]) { a = image -> conv(16); b = a -> patch(8) -> conv(8) }
hardware chip = edge(sram = 1 MiB)
model today = traffic(net([side, 64, 3]), chip, act = bits)
require today.peak_live <= 128 KiB  "the live set must fit"
"""
ARGUMENT = """
use std.hardware
model pass(hw, batch = 1 whole from 1 to 100, share = 50 % from 0 % to 100 %) {
  moved = batch * share * 1 MB
  require moved <= 20 MB  "no more than this"
}
hardware chip = edge()
model one = pass(chip)
"""


def spec(folder: Path, text: str) -> Spec:
    path = folder / "spec.mem"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_solution_ends_where_a_requirement_ends(tmp_path: Path) -> None:
    found = spec(tmp_path, CACHE).solve("slow <= 40 ms", for_="ctx")
    assert [(run.low, run.high) for run in found.runs] == [(1, 4000)]
    assert [(one.at, one.requirement) for one in found.ended] == [(4001, "the cache must fit")]
    assert spec(tmp_path, CACHE).solve("slow >= 30 ms", for_="ctx").never


def accepted(made: Spec, name: str, condition: str, values: list[float]) -> list[float]:
    """The values at which a spec builds, one by one, and the condition holds."""
    kept = []
    for value in values:
        try:
            if made.at({name: value})[condition]:
                kept.append(value)
        except SpecError:
            continue
    return kept


def test_a_solution_has_every_value_that_the_spec_takes_and_no_other(tmp_path: Path) -> None:
    made = spec(tmp_path, ROWS)
    found = made.solve("today.dram_bytes > 0 B", for_="side")
    values = [float(side) for side in range(4, 260, 4)]
    told = [side for side in values if any(run.low <= side <= run.high for run in found.runs)]
    some = values[::5]
    assert [side for side in told if side in some] == accepted(made, "side", "today.dram_bytes > 0 B", some)
    assert all(side % 8 == 0 and side <= 128 for side in told)
    assert told


def test_a_choice_that_the_spec_refuses_is_none(tmp_path: Path) -> None:
    found = spec(tmp_path, ROWS).solve("today.dram_bytes > 0 B", for_="bits")
    assert found.choices == (0.25, 0.5, 1.0)
    assert [one.requirement for one in found.ended] == ["the live set must fit"]


def test_a_sensitivity_steps_where_the_input_may_be_and_the_spec_takes_it(tmp_path: Path) -> None:
    made = spec(tmp_path, ARGUMENT)
    frame = made.sensitivity("one.moved")
    assert (frame.loc["one.batch", "low"], frame.loc["one.batch", "high"]) == (1, 2)
    assert (frame.loc["one.share", "low"], frame.loc["one.share", "high"]) == pytest.approx((0.45, 0.55))
    frame = made.at({"one.batch": 40}).sensitivity("one.moved", by=0.5)
    assert not frame["at_high"].notna()["one.batch"]
    assert frame.loc["one.batch", "at_low"] == pytest.approx(10e6)


def test_a_sweep_and_a_front_leave_out_what_the_spec_refuses(tmp_path: Path) -> None:
    made = spec(tmp_path, ROWS)
    frame = made.sweep({"side": "60..128:4"}, ["today.dram_bytes"])
    assert [side for side, sound in zip(frame["side"], frame["today.dram_bytes"].notna(), strict=True) if sound] == [
        side for side in frame["side"] if side % 8 == 0 and side <= 104
    ]
    assert set(made.pareto({"side": "60..128:4"}, ["today.dram_bytes"])["side"]) == {64}
