"""The page carries out an analysis as the report does: its tables at inputs drawn at random, text by text."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Problems
from memdsl.evaluate import failed_checks
from memdsl.js import analyses, program, runtime
from memdsl.report.analyses import blocks
from memdsl.report.compose import compose
from memdsl.report.document import Block, Figure, Grid, Remark, said
from memdsl.report.script import drawing_script
from memdsl.report.subject import Subject
from memdsl.sheet.report import ANALYSES

from .node import run
from .test_agreement import SPECS, drawn, load
from .test_views import alike

DRIVE = """
const unit = ({ text, scale, up, down }) => new Measure(text, scale, up, down);
const task = JSON.parse(require("fs").readFileSync(0, "utf8"), (key, value) =>
  value !== null && typeof value === "object" && "up" in value ? unit(value) : value);
const machine = new Machine(task.program);
const bench = new Bench(machine);
const result = (analysis) => {
  for (;;) {
    const { done, value } = analysis.next();
    if (done) return value;
  }
};
const told = (part) => {
  if ("svg" in part) return [["figure", part.caption, part.svg]];
  if (!part.columns.length) return WORDS.remarks(part).map((text) => ["remark", text]);
  const { caption, headings, lines, note } = WORDS.listing(part);
  return [["grid", caption, headings.map(([name, unit]) => [name, unit]), lines, note]];
};
console.log(JSON.stringify(task.points.map((point) => {
  machine.set(point);
  return task.analyses.map(([kind, ask]) => {
    try {
      return result(ANALYSES[kind](ask, bench)).flatMap(told);
    } catch (error) {
      if (error instanceof TooMuch) return null;  // the page says so, and keeps what the report says
      throw error;
    }
  });
})));
"""

GRIDS = """
use std.layers
use std.traffic
use std.hardware
param width = 640 px  multiple of 32  from 32 px to 4096 px  ± 20%
param sram = 64 kB  from 0 B to 1 GB
param joule = 100 pJ/B  ~ lognormal(2)
param wide = true
network tiny(image[h, w, c]) {
  a = image -> conv(8)
  b = a -> conv(16, stride = 2)
}
hardware chip = edge(sram = sram)
model one = traffic(tiny([width, width, 3]), chip)
moved = one.dram_bytes * joule
gain = if wide then 1 MB / one.dram_bytes else one.dram_bytes / (sram - 64 kB)
report {
  grid one.dram_bytes, one.time over sram = 64 kB..8 MB times 2
  grid one.dram_bytes, gain over sram = 1 MB..4 MB step 1 MB, width = [320, 640, 1280]
  pareto one.time, sram over sram = 64 kB..8 MB times 2, width = [320, 640]
  pareto one.time, sram, one.dram_bytes over sram = 64 kB..8 MB times 2, width = [320, 640]
  grid one.dram_bytes over sram = [64 kB, 1 MB], width = [320, 640], wide = [true, false]
  sensitivity of one.dram_bytes, moved, gain
  sensitivity of one.time, moved to sram, width by 25%
  solve one.dram_bytes <= 5 MB for sram
  solve one.dram_bytes <= 5 MB for width
  solve gain > 0.05 for wide
  solve one.dram_bytes <= 1 GB for sram
  solve one.time <= 1 ms and one.dram_bytes > 5 MB for width
}
"""

LINES = """
param x = 3 from 0 to 10
param y = 2 from 1 to 10
param z = 2
param w = 16 multiple of 4 from 4 to 100
param bits = 8 bit one of 1 bit, 2 bit, 4 bit, 8 bit
tent = min(x, 6 - x) + y
bent = max(x^2, 4 * y) / (1 + z)
steps = floor(x * y / 2) + ceil(w / 8) + round(z)
curve = sqrt(x * y) + 2^(z / 3) + log2(1 + x) + exp(-y)
sized = if x > y then (w / 4)^2 * bits / 1 bit else abs(x - 2 * y) * w
held = clamp(x * y, 2, 12) - 7
hole = 1 / (x - y)
report {
  sensitivity of tent, bent, curve, sized, held, steps, hole
  sensitivity of steps to w, bits
  solve tent > 3 for x
  solve bent <= 4 for y
  solve bent <= 4 for z
  solve curve < 5 for x
  solve sized > 30 and tent < 6 for w
  solve held == 5 for x
  solve steps >= 5 for w
  solve sized > 30 for bits
  solve hole > 2 for x
  solve x^2 - 2 * x <= 0 - 2 for x
  solve z + 1 / (z + 1) < 0.5 for z
}
"""


UNSURE = """
param a = 10 ± 20%
param b = 5 ~ uniform(2, 8)
param c = 3 ~ normal(10%)
param d = 2 J ~ lognormal(2)
param e = 4 ~ one of 2, 4, 8
param f = 64 ± 50%  multiple of 16  from 32 to 512
param g = 7
param tail = 1 ~ normal(2) from 0 to 3
param cost = 3 J ± 50% ~ lognormal(1.5)
large = d * c * e + cost
bent = (a - 10)^2 + g
rows = ceil(f / 16) * e + tail
root = sqrt(b - 5)
report {
  uncertainty of large, bent
  uncertainty of rows, root
  sensitivity of large, rows
}
"""


def tables(found: list[Block]) -> Iterator[list[object]]:
    for block in found:
        if isinstance(block, Figure):
            yield ["figure", block.caption, str(block.svg)]
        elif isinstance(block, Remark):
            yield ["remark", block.text]
        elif isinstance(block, Grid):
            headings = [[heading.text, heading.unit] for heading in block.headings]
            lines = [[said(cell) for cell in line.cells] for line in block.lines]
            yield ["grid", block.caption, headings, lines, block.note]


BRACKETED = " found by bracketing, as no exact way applies: the ends are rounded, and a pair of them may be missed."


REFUSED = re.compile(r" refused at .*$")


def without_proof(part: object) -> object:
    """A text without what algebra adds: the page says how ends were found as the report did, and proves no interval.

    Nor does it say which requirement ended a solution.
    """
    return REFUSED.sub("", part).removesuffix(BRACKETED).removesuffix(" *") if isinstance(part, str) else part


def unlike(one: object, other: object) -> Iterator[tuple[object, object]]:
    """The parts that differ: of lists their entries, of drawings their marks."""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for here, there in zip(one, other, strict=True):
            yield from unlike(here, there)
    elif not alike(without_proof(one), without_proof(other)):
        if isinstance(one, str) and one.startswith("<svg"):
            marks = zip(one.split("<"), str(other).split("<"), strict=False)
            yield from [(here, there) for here, there in marks if here != there][:4]
        else:
            yield one, other


def compare(model: driver.Model, turns: int, folder: Path, seed: str) -> int:
    machine = model.machine
    subject = Subject(model.typed, machine, model.values, model.claims)
    compose(subject, "", "", "", "")
    inputs = list(model.sheet.inputs.values())
    keys = {item.path: item.key for item in model.sheet.inputs.values()}
    dice = random.Random(seed)
    asked = [item for item in model.sheet.report or () if type(item) in ANALYSES]
    points, wanted = [], []
    for turn in range(turns):
        some = dice.sample(inputs, min(len(inputs), turn))
        values = {item.path: drawn(item, model.declared, dice) for item in some}
        problems = Problems()
        at = machine.at({keys[name]: value for name, value in values.items()}, problems)
        failed_checks(model.typed, at, problems)
        if problems.failed:  # no report is made there
            continue
        there = replace(subject, values=at)
        found = [blocks(there, item) for item in asked]
        points.append({**{i.path: model.declared.input(i.key) for i in model.sheet.inputs.values()}, **values})
        wanted.append([list(tables(list(made))) for made, analysis in found if analysis is not None])
    given = {
        "program": program(model.sheet, subject.views.probes).data,
        "analyses": subject.views.analyses[: len(wanted[0])],
        "points": points,
    }
    page = run(runtime() + drawing_script() + analyses() + DRIVE, given, folder)
    assert isinstance(page, list)
    compared = given_up = 0
    for point, here, there_all in zip(points, wanted, page, strict=True):
        for python, shown in zip(here, there_all, strict=True):
            if shown is None:
                given_up += 1
                continue
            assert list(unlike(python, shown)) == [], point
            compared += len(shown)
    return compared or given_up


@pytest.mark.parametrize("text", [GRIDS, LINES, UNSURE], ids=["grids", "lines", "unsure"])
def test_analyses_of_a_small_spec(text: str, tmp_path: Path) -> None:
    path = tmp_path / "small.mem"
    path.write_text(text, encoding="utf-8")
    assert compare(load(path), 12 if text != UNSURE else 3, tmp_path, "small") > 20


ANALYSED = [path for path in SPECS if any(f"  {word} " in path.read_text("utf-8") for word in ANALYSES.values())]


@pytest.mark.parametrize("path", ANALYSED, ids=lambda p: p.stem)
def test_analyses_of_shipped_specs(path: Path, tmp_path: Path) -> None:
    assert compare(load(path), 4, tmp_path, path.stem)
