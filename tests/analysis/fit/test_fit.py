"""A fit finds the constants that made its data, holds points out, and stands in the spec afterwards."""

from __future__ import annotations

import random
import re
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from memdsl import driver
from memdsl.analysis.fit import Unfit, fitted, written
from memdsl.cli.commands import cli
from memdsl.diagnostics import Source
from memdsl.report import Report

READ, USE, WAIT = 0.8, 0.6, 7.0
HEAD = """param read = 50%   from 10% to 100%    "Share of the bandwidth"
param use  = 50%   from 10% to 100%    "Share of the peak"  from "a guess"
param wait = 2 us  from 0 us to 50 us  "Fixed time"
"""
TABLE = """
table points from "points.csv" {
  measured = column("us") * 1 us
  modelled = max(column("bytes") * 1 B / (read * 100 GB/s), column("work") * 1 MAC / (use * 1 TMAC/s)) + wait
  class    = if column("bytes") > 10_000_000 then "large" else "small"
}
"""
FIT = "fit points.modelled to points.measured for read, use, wait by points.class\n"


def made(folder: Path, noise: float = 0.0, count: int = 60) -> None:
    """Points that follow the constants above, each off by up to `noise`."""
    draw = random.Random(3)
    lines = ["point,bytes,work,us"]
    for i in range(count):
        size, work = 10 ** draw.uniform(4, 9), 10 ** draw.uniform(5, 10)
        time = max(size / (READ * 100e9), work / (USE * 1e12)) * 1e6 + WAIT
        lines.append(f"p{i},{size!r},{work!r},{time * (1 + noise * draw.uniform(-1, 1))!r}")
    (folder / "points.csv").write_text("\n".join(lines), encoding="utf-8")


def build(folder: Path, text: str) -> driver.Model:
    checked = driver.build(Source("spec.mem", text), folder)
    assert [d.message for d in checked.diagnostics] == []
    assert checked.sound is not None
    return checked.sound


@pytest.mark.parametrize("loss", ["", " loss mean", " loss squares"])
def test_the_constants_that_made_the_data_are_found(tmp_path: Path, loss: str) -> None:
    made(tmp_path, noise=0.02)
    model = build(tmp_path, HEAD + TABLE + FIT.rstrip() + loss + "\n")
    found = fitted(model.typed, model.machine, model.values, model.sheet.fits[0])
    assert found.values == pytest.approx((READ, USE, WAIT * 1e-6), rel=0.03)
    assert (found.fitted.count, found.held_out.count, found.all.count) == (40, 20, 60)
    assert found.held_out.median < 0.02 < found.before.median
    assert {group.name for group in found.groups} == {"large", "small"}
    assert sum(group.count for group in found.groups) == 60


def test_what_was_found_stands_in_the_spec_with_the_fit_as_its_source(tmp_path: Path) -> None:
    made(tmp_path)
    spec = tmp_path / "spec.mem"
    spec.write_text(HEAD + TABLE + FIT, encoding="utf-8")
    done = CliRunner().invoke(cli, ["fit", str(spec), "--write"], standalone_mode=False)
    assert done.return_value == 0, done.output
    text = spec.read_text(encoding="utf-8")
    model = build(tmp_path, text)
    assert [model.sheet.inputs[n].formula.text for n in ("read", "use", "wait")] == ["80%", "60%", "7 us"]  # type: ignore[attr-defined]
    assert all("fit to 60 points of points" in model.sheet.inputs[n].source for n in ("read", "use", "wait"))
    assert "a guess" not in text
    assert text.count("from 10% to 100%") == 2
    again = fitted(model.typed, model.machine, model.values, model.sheet.fits[0])
    assert written(model.source, [again]) == text


def test_a_fit_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    made(tmp_path, count=4)
    model = build(tmp_path, HEAD + TABLE + FIT)
    with pytest.raises(Unfit, match="4 rows have a measured value"):
        fitted(model.typed, model.machine, model.values, model.sheet.fits[0])
    made(tmp_path)
    open_ended = HEAD.replace("= 2 us  from 0 us to 50 us", "= 0 us")
    model = build(tmp_path, open_ended + TABLE + FIT)
    with pytest.raises(Unfit, match="`wait` needs a range"):
        fitted(model.typed, model.machine, model.values, model.sheet.fits[0])


def test_without_scipy_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    spec = tmp_path / "spec.mem"
    spec.write_text(HEAD + TABLE + FIT, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(Exception, match=r"memdsl\[fit\]"):
        CliRunner().invoke(cli, ["fit", str(spec)], standalone_mode=False, catch_exceptions=False)


def _told(svg: str) -> list[list[str]]:
    """The lines of the table beside a chart."""
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", svg)
    told = texts[texts.index("90th percentile") + 1 : texts.index("On the line both are equal;")]
    return [told[k : k + 4] for k in range(0, len(told), 4)]


def test_a_chart_tells_what_the_fit_does(tmp_path: Path) -> None:
    made(tmp_path, noise=0.2)
    spec = tmp_path / "spec.mem"
    spec.write_text(HEAD + TABLE + FIT, encoding="utf-8")
    CliRunner().invoke(cli, ["fit", str(spec), "--write"], standalone_mode=False)
    model = build(tmp_path, spec.read_text(encoding="utf-8"))
    found = fitted(model.typed, model.machine, model.values, model.sheet.fits[0])
    charts = Report(model, command="", version="1.2.3", today=date(2026, 1, 1)).charts()
    figure = next(chart for chart in charts.values() if "relative error" in chart.caption)
    shown = {key: [float(part.removesuffix(" %")) for part in parts] for key, *parts in _told(figure.svg)}
    rows = {"all points": found.all, "fitted": found.fitted, "held out": found.held_out}
    rows |= {group.name: group for group in found.groups}
    assert shown == {
        name: [row.count, pytest.approx(100 * row.median, abs=0.051), pytest.approx(100 * row.p90, abs=0.051)]
        for name, row in rows.items()
    }
    hollow = re.findall(r'<circle [^>]*fill="#ffffff" stroke="([^"]*)"', figure.svg)
    assert len(hollow) == found.held_out.count + 1, "each held-out point, and the legend's"
    assert set(hollow) == {"#1b4965", "#e07a1f", "#5c6975"}, "in the colours of both groups"
    assert len(figure.lines) == 61
