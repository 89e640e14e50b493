"""Rows that stand for several count as several: what any output shows adds up to the cell that it shows."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest

import memdsl
from memdsl import driver
from memdsl.cli.main import main
from memdsl.diagnostics import Diagnostic
from memdsl.presentation import Point
from memdsl.presentation.charts import Bars, Histogram, Timeline, charts_of
from memdsl.presentation.defaults import charts as default_charts
from memdsl.presentation.defaults import defaults
from memdsl.presentation.energy import energy_shares
from memdsl.report import Report
from memdsl.sheet.report import ChartItem

SPECS = sorted(Path(__file__).parents[2].glob("specs/*.mem"))

REPEATED = """"A repeated block, as a param and as an option"
use std.layers
use std.traffic
use std.hardware
param  times_p = 10  multiple of 1  from 2 to 64
option times_o = 10
block two(x) { out = x -> dense(x.c) -> dense(x.c) }
network by_param(x[n, c])  { out = x -> dense(x.c) -> times_p * two() -> dense(x.c) }
network by_option(x[n, c]) { out = x -> dense(x.c) -> times_o * two() -> dense(x.c) }
hardware chip = edge
network p = by_param([1, 1024])
network o = by_option([1, 1024])
model mp = traffic(p, chip)
model mo = traffic(o, chip)
report {
  chart energy mp
  chart energy mo
  chart timeline mp
  chart timeline mo
  chart stack mp.layers.dram_bytes by layer
  chart stack mo.layers.dram_bytes by layer
  chart bar mp.layers.work by kind
  chart bar mo.layers.work by kind
  chart bar mp.layers.out_bytes by layer
  chart bar mo.layers.out_bytes by layer
  chart roofline mp
  chart roofline mo
  chart histogram mp.layers.wgt_bytes
  chart histogram mo.layers.wgt_bytes
  table mp.layers: name, dram_bytes, time
  table mo.layers: name, dram_bytes, time
}
"""


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("copies") / "repeated.mem"
    path.write_text(REPEATED, encoding="utf-8")
    return path


def build(path: Path) -> driver.Model:
    source = driver.read(path)
    assert not isinstance(source, Diagnostic)
    return driver.build(source, path.parent, path)


def point_of(model: driver.Model) -> Point:
    return Point(model.typed, model.machine, model.values, model.claims)


def report_of(model: driver.Model) -> Report:
    return Report(model)


def run(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0


def column(lines: tuple[tuple[str | float, ...], ...], heading: str) -> float:
    at = lines[0].index(heading)
    return sum(float(line[at]) for line in lines[1:])


def shown(lines: tuple[tuple[str | float, ...], ...]) -> list[tuple[str, float]]:
    """What the columns of numbers of a chart's data add up to."""
    headings = [str(h) for h in lines[0][1:] if h not in ("copies", "start (s)", "end (s)")]
    if "attained (MAC/s)" in headings:
        headings = ["time (s)"]
    return [(heading, column(lines, heading)) for heading in headings]


def test_a_network_repeated_by_a_param_is_the_one_repeated_by_an_option_chart_by_chart(repeated: Path) -> None:
    charts = [chart.lines for chart in report_of(build(repeated)).charts().values()]
    assert len(charts) == 14
    for by_param, by_option in zip(charts[::2], charts[1::2], strict=True):
        ours, theirs = shown(by_param), shown(by_option)
        assert [h for h, _ in ours] == [h for h, _ in theirs]
        assert [v for _, v in ours] == pytest.approx([v for _, v in theirs], rel=1e-12)
        assert any(v > 0 for _, v in ours)


def test_lists_count_copies(repeated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = memdsl.load(repeated)
    frames = [spec.table("mp.layers"), spec.table("mo.layers")]
    for name in ("dram_bytes", "time", "energy", "work"):
        totals = [(frame[name] * frame.copies).sum() for frame in frames]
        assert totals == pytest.approx([spec[f"mp.{name}"]] * 2, rel=1e-12)
        assert [frame.attrs["totals"][name] for frame in frames] == pytest.approx(totals, rel=1e-12)
    assert "peak" not in str(frames[0].attrs["totals"])

    run(["eval", str(repeated), "mp.layers.dram_bytes", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["cells"]["mp.layers.dram_bytes"]
    pairs = zip(found["values"], found["copies"], strict=True)
    assert sum(value * count for value, count in pairs) == pytest.approx(spec["mp.dram_bytes"])

    run(["eval", str(repeated), "mp.layers.dram_bytes", "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sum(float(r["value"]) * float(r["copies"]) for r in rows) == pytest.approx(spec["mp.dram_bytes"])


def test_tables_of_the_report_say_the_count_and_foot(repeated: Path) -> None:
    html = report_of(build(repeated)).paper()
    assert html.count('<tr class="total"><td class="t">total</td>') == 2
    assert html.count(">copies<") == 1, "rows that are one each need no count"


def sums(point: Point, chart: Bars | Timeline) -> float:
    """What a drawing shows, all together, as the spec's cells count it."""
    probes = [s.probe for s in chart.series] if isinstance(chart, Bars) else [chart.probes[2]]
    masks = [s.mask for s in chart.series] if isinstance(chart, Bars) else [()]
    copies = point.values_of(chart.copies) if chart.copies is not None else None
    total = 0.0
    for probe, mask in zip(probes, masks, strict=True):
        assert probe is not None
        values = point.values_of(probe)
        assert isinstance(values, list)
        for i, value in enumerate(values):
            count = copies[i] if isinstance(copies, list) else 1.0
            if isinstance(value, float) and (not mask or mask[i]):
                total += value * float(count or 0)
    return total


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_charts_of_every_spec_add_up_to_their_cells(path: Path) -> None:
    model = build(path)
    point = point_of(model)
    asked = [item for item in model.sheet.report or () if isinstance(item, ChartItem)]
    for item in [*asked, *default_charts(point, defaults(point))]:
        for chart in charts_of(point, item):
            if isinstance(chart, Timeline):
                assert sums(point, chart) == pytest.approx(model.values.cell(f"{item.model}.time"), rel=1e-9)
            elif isinstance(chart, Histogram):
                probe = chart.probe
                assert chart.copies is None or chart.copies.rows == probe.rows
            elif isinstance(chart, Bars) and item.columns and chart.stacked and len(item.columns) == 1:
                whole = item.columns[0]
                values = point.over(whole.columns[0].formula, whole.row_variable, whole.rows.indices)  # type: ignore[union-attr]
                copies = point.values_of(chart.copies) if chart.copies is not None else [1.0] * len(values)
                assert isinstance(copies, list)
                total = math.fsum(float(v or 0) * float(c or 0) for v, c in zip(values, copies, strict=True))
                assert sums(point, chart) == pytest.approx(total, rel=1e-9)
    for instance in point.models:
        shares = energy_shares(point, instance)
        if shares:
            total = math.fsum(float(point.value(share.formula) or 0) for share in shares)
            assert total == pytest.approx(model.values.cell(f"{instance.name}.energy"), rel=1e-9)
