"""The page draws and writes what the report does: every view of every spec, at inputs drawn at random."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from memdsl.diagnostics import Problems
from memdsl.excel.found import with_what_was_found
from memdsl.js import program, runtime
from memdsl.report.compose import compose
from memdsl.report.live import FUNCTIONS, plain_json
from memdsl.report.portable.staircase import Curves
from memdsl.report.script import drawing_script
from memdsl.report.subject import Subject

from .node import run
from .test_agreement import SPECS, drawn, load

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

DRIVE = """
const unit = ({ text, scale, up, down }) => new Measure(text, scale, up, down);
const task = JSON.parse(require("fs").readFileSync(0, "utf8"), (key, value) =>
  value !== null && typeof value === "object" && "up" in value ? unit(value) : value);
const machine = new Machine(task.program);
const [asks, shows] = task.views;
const tidy = (value) => value === null || typeof value !== "object" ? value : Array.isArray(value) ? value.map(tidy)
  : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, tidy(part)]));
console.log(JSON.stringify(task.points.map(({ values, along }) => {
  machine.set(values);
  return shows.map(([name, ask, probes, over], k) => {
    if (!over) return tidy(FUNCTIONS[name](asks[ask], probes.map((probe) => machine.probe(probe))));
    const places = along[k];
    const lines = machine.along(probes, over, (at) => places.map(at));
    const here = probes.map((probe) => machine.probe(probe));
    const curves = new Curves(machine.input(over), here, places, probes.map((_, p) => lines.map((line) => line[p])));
    return tidy(FUNCTIONS[name](asks[ask], curves));
  });
})));
"""


def tidy(value: object) -> object:
    """A result as JSON reads it."""
    return json.loads(json.dumps(plain_json(value)))


def alike(a: object, b: object) -> bool:
    """Equal, but that the data of a chart may differ by rounding, and a coordinate by its last digit."""
    if isinstance(a, str) and a.startswith("<svg") and isinstance(b, str):
        here, there = (_NUMBER.split(text) for text in (a, b))
        marks = zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=False)
        return here == there and all(abs(float(x) - float(y)) < 0.15 for x, y in marks)
    if isinstance(a, float) and isinstance(b, (int, float)):
        return a == b or abs(a - b) <= 1e-9 * max(abs(a), abs(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    return a == b


@pytest.mark.parametrize("path", SPECS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_page_shows_what_a_report_at_those_inputs_shows(path: Path, tmp_path: Path) -> None:
    model = load(path)
    if path.parent.name == "specs":  # small specs search again in the page too, and `test_agreement` holds all searches
        model = with_what_was_found(model)
    machine = model.machine
    subject = Subject(model.typed, machine, model.values, model.claims)
    compose(subject, "", "", "", "")
    dice = random.Random(path.stem)
    inputs = list(model.sheet.inputs.values())
    keys = {item.path: item.key for item in inputs}
    points, wanted = [], []
    for turn in range(3):
        some = dice.sample(inputs, min(len(inputs), turn))
        values = {item.path: drawn(item, model.declared, dice) for item in some}
        problems = Problems()
        at = machine.at({keys[name]: value for name, value in values.items()}, problems)
        if problems.failed:
            continue
        there = replace(subject, values=at)
        expected: list[object] = []
        along: dict[int, list[float]] = {}
        for number, shows in enumerate(subject.views.shows):
            probes = [subject.views.probes[k] for k in shows.probes]
            found: object = [there.values_of(probe) for probe in probes]
            if shows.over:
                low, high = shows.ask.low, shows.ask.high  # type: ignore[attr-defined]
                places = sorted(low + (high - low) * dice.random() for _ in range(5))
                lines = there.curves([probe.formula for probe in probes], keys[shows.over], places)
                along[number] = places
                found = Curves(at.input(keys[shows.over]), tuple(found), tuple(places), tuple(map(tuple, lines)))  # type: ignore[arg-type]
            expected.append(tidy(FUNCTIONS[shows.function](shows.ask, found)))
        points.append({"values": {**{i.path: model.declared.input(i.key) for i in inputs}, **values}, "along": along})
        wanted.append(expected)
    given = {
        "program": program(model.sheet, subject.views.probes).data,
        "views": subject.views.data(),
        "points": points,
    }
    found_all = run(runtime() + drawing_script() + DRIVE, given, tmp_path)
    assert isinstance(found_all, list)
    for point, here, there_all in zip(points, wanted, found_all, strict=True):
        for shows, python, page in zip(subject.views.shows, here, there_all, strict=True):
            assert alike(python, page), (point["values"], shows.function, python, page)
