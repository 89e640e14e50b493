"""Charts: each kind draws, marks what it should, and stays light."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

import memdsl
from memdsl.presentation.agreement import GROUPS
from memdsl.presentation.in_words import called
from memdsl.report import svg_file, write_png
from memdsl.report.numbers import Form, binary_measures, measures
from memdsl.report.portable import drawing
from memdsl.report.portable.bars import HistogramAsk, draw_histogram
from memdsl.sheet.report import ChartItem
from memdsl.units import DATA, NONE

from .conftest import HEAD, html_of, make, report_of

CHARTS = {
    "stack today.layers.dram_bytes by layer": "DRAM traffic of today, layer by layer (today.layers.dram_bytes)",
    "stack today.layers.wgt_bytes, today.layers.spilled": "output bytes written to DRAM of today, layer by layer",
    "bar today.layers.macs by kind": "by kind (today.layers.macs)",
    "bar today.layers.out_bytes, today.layers.wgt_bytes": "(out_bytes and wgt_bytes of today.layers)",
    "histogram today.layers.out_bytes": "How many rows have which",
    "histogram today.layers.kernel": "How many rows have which",
    "staircase today.dram_bytes over sram": "DRAM traffic of one pass against On-chip SRAM (today.dram",
    "staircase today.time, naive.time over width": "against Width of the image",
    "staircase today.time over chip.dram.bandwidth": "against chip.dram.bandwidth",
    "line today.time over chip.dram.bandwidth = 4 GB/s..64 GB/s": "the dot marks the point of this report",
    "line today.dram_bytes over sram = 64 kB..1 MB": "s On-chip SRAM = 16\u00a0kB is outside",
    "compare today.dram_bytes, naive.dram_bytes": "DRAM traffic of one pass (today.dram_bytes and naive.dram_bytes)",
    "roofline today": "Roofline of today",
    "roofline kernels.intensity, kernels.reached, kernels.roof": "Roofline of kernels: the rate that each row attains",
    "timeline today": "Time line of today: compute waits for transfers",
    "energy today": "Energy by the part that spends it",
    "fit kernels.roof, kernels.reached": "kernels.roof against kernels.reached: relative error 179.0 % in the median",
    "pareto today.layers.time, today.layers.dram_bytes": "the line joins rows that no other beats in both",
}


def drawn(statement: str) -> str:
    html = html_of(make(HEAD + f"report {{\n  {statement}\n}}\n"))
    found = re.search(r"<figure>(.*?)</figure>", html, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("chart", CHARTS)
def test_every_kind_draws(chart: str) -> None:
    figure = drawn(f"chart {chart}")
    assert CHARTS[chart] in figure
    svg = ET.fromstring(figure[: figure.index("</svg>") + 6])
    assert svg.find("{*}title") is not None, "an alternative text"
    assert len(list(svg.iter())) < 200, "a light drawing"
    height = float(svg.attrib["height"])
    for text in svg.iter("{http://www.w3.org/2000/svg}text"):
        assert -1 <= float(text.attrib["x"]) <= drawing.WIDTH + 1
        assert 0 <= float(text.attrib["y"]) <= height, text.text


def test_a_sum_is_stacked_by_its_terms() -> None:
    figure = drawn("chart stack today.layers.dram_bytes")
    assert "Bytes of the weights" in figure
    assert "Output bytes written to DRAM" in figure


def test_steps_are_steps_and_the_point_is_marked() -> None:
    figure = drawn("chart staircase today.dram_bytes over sram")
    line = re.search(r'd="(M[^"]*)" fill="none" stroke="#1b4965"', figure)
    assert line
    points = [tuple(map(float, p.split())) for p in re.split("[ML]", line[1])[1:]]
    assert all(abs(a[0] - b[0]) < 0.2 or abs(a[1] - b[1]) < 0.2 for a, b in pairwise(points))
    assert "16\u00a0kB: " in figure
    assert drawing.MARK in figure


def test_a_line_goes_from_end_to_end_and_units_do_not_mix() -> None:
    model = make(HEAD + "report { chart line today.time, today.dram_bytes, naive.time over width = 64 px..512 px }\n")
    charts = report_of(model).charts()
    assert [chart.lines[0] for chart in charts.values()] == [
        ("width", "today.time (s)", "naive.time (s)"),
        ("width", "today.dram_bytes (B)"),
    ]
    for chart in charts.values():
        widths = [line[0] for line in chart.lines[1:]]
        assert (widths[0], widths[-1]) == (64, 512)
        for width, *values in chart.lines[1:]:
            there = make(HEAD, ("width", f"{width:g} px")).values
            names = [str(head).split()[0] for head in chart.lines[0][1:]]
            assert values == pytest.approx([there.cell(name) for name in names], rel=1e-12)


def test_a_grid_joins_nothing_and_a_front_steps() -> None:
    asked = "grid today.dram_bytes over sram = 1 kB..64 kB {}, width = [64 px, 128 px]"
    few, many, front = (
        drawn(statement)
        for statement in (
            asked.format("times 2"),
            asked.format("step 1 kB"),
            "pareto sram, today.dram_bytes over sram = 1 kB..64 kB times 2",
        )
    )
    assert len(re.findall(r"M[\d. ]+h[\d.]+v", few)) == 16, "a bar for each value and width, and the legend"
    assert many.count("<circle") == 128, "a point for each"
    for figure in (few, many):
        assert 'stroke="#1b4965"' not in figure, "no line from one to the next"
    line = re.search(rf'd="M([^"]*)" fill="none" stroke="{drawing.INK}" stroke-width="1.2"', front)
    assert line
    points = [tuple(map(float, p.split())) for p in line[1].split("L")]
    assert all(abs(a[0] - b[0]) < 0.2 or abs(a[1] - b[1]) < 0.2 for a, b in pairwise(points))


def test_a_grid_over_two_inputs_is_a_heat_table() -> None:
    html = html_of(
        make(HEAD + "report { grid today.dram_bytes over sram = 1 kB..64 kB times 2, width = [64, 128, 256] }\n")
    )
    shades = re.findall(r'<td class="h(\d)">([\d.,]+)<', html)
    assert max(shades, key=lambda entry: float(entry[1]))[0] == "5"
    assert sorted(shades, key=lambda entry: float(entry[1])) == sorted(
        shades, key=lambda entry: (entry[0], float(entry[1]))
    ), "the larger, the darker"


def test_a_histogram_counts_to_the_nearest_power_of_two() -> None:
    mib = 2.0**20
    sizes = HistogramAsk("out_bytes", "out_bytes", Form("number", measures(DATA, None)), binary_measures(DATA))
    figure = draw_histogram(sizes, [[64 * mib, 15.9 * mib, 16 * mib, 0.5 * mib]])
    assert figure.alt == "Histogram of out_bytes: 1 at 0.5 MiB, 2 at 16 MiB, 1 at 64 MiB"
    counts = HistogramAsk("kernel", "kernel", Form("number", measures(NONE, None)))
    assert "1 at 1–" in draw_histogram(counts, [[1.0, 2.0, 2.0, 3.0]]).alt


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0, 134, [0, 50, 100, 150]), (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 7, [-4, -2, 0, 2, 4, 6, 8])],
)
def test_axes_have_round_ticks(low: float, high: float, wanted: list[float]) -> None:
    assert drawing.linear_ticks(low, high) == pytest.approx(wanted)


def test_logarithmic_axes_have_powers() -> None:
    assert drawing.log_ticks(0.3, 130, binary=True) == [0.5, 1, 2, 4, 8, 16, 32, 64, 128]
    assert drawing.log_ticks(0.3, 30) == pytest.approx([0.5, 1, 2, 5, 10, 20])
    assert drawing.log_ticks(1, 1e6) == pytest.approx([10.0**e for e in range(7)])


def test_labels_of_a_roofline_do_not_overlap() -> None:
    figure = drawn("chart roofline today")
    boxes = []
    for x, y, text in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*font-size="9.5"[^>]*>([^<]*)<', figure):
        boxes.append((float(x), float(y) - 9, float(x) + drawing.text_width(text, 9.5), float(y) + 2))
    assert boxes
    for i, a in enumerate(boxes):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[i + 1 :])


def test_a_chart_is_a_file_of_its_own(tmp_path: Path) -> None:
    from PIL import Image

    charts = report_of(
        make(HEAD + "report { chart staircase today.dram_bytes, naive.dram_bytes over sram }\n")
    ).charts()
    name, chart = next(iter(charts.items()))
    assert name == "dram-traffic-of-one-pass-against-on-chip-sram"
    drawing = ET.fromstring(svg_file(chart))
    assert {node.tag.rpartition("}")[2] for node in drawing.iter()} <= {"svg", "title", "path", "text", "circle"}
    assert not any("href" in key or key.startswith("on") for node in drawing.iter() for key in node.attrib)
    write_png(chart, tmp_path / "chart.png")
    with Image.open(tmp_path / "chart.png") as picture:
        width, height = (float(part) for part in drawing.attrib["viewBox"].split()[2:])
        assert (picture.width, picture.height) == (3 * width, 3 * height)
        assert len(set(picture.convert("RGB").getdata())) > 20, "something is drawn"


def test_more_groups_than_colours_are_none() -> None:
    rows = "".join(f'  "{k}" | {k + 1} | {k % GROUPS} | {k}\n' for k in range(2 * GROUPS))
    table = f"table points {{\n  name | seen | few | many\n{rows}  made = seen * 1.1\n}}\n"
    few, many = (
        html_of(make(HEAD + table + f"report {{ chart fit points.made, points.seen by {by} }}\n"))
        for by in ("few", "many")
    )
    assert f">{GROUPS - 1}</text>" in few
    assert many.count("<circle") == 2 * GROUPS + 1, "a point for each row, and the legend's"


def test_curves_of_several_models_are_called_in_words() -> None:
    """One figure of several models by their titles, other figures by their labels; codes stand in the caption."""
    sheet = memdsl.load(Path(__file__).parents[2] / "specs" / "best_schedule.mem").model.typed.sheet
    items = [item for item in sheet.report or () if isinstance(item, ChartItem)]
    what, names = called(sheet, items[0].cells)
    assert what == "DRAM traffic of one pass"
    assert names[2:] == ("YOLOv3, articles' convention", "Weights, inputs and outputs once: no schedule moves less")
    rows = drawing.legend_rows(names, 600)
    assert [sum(at) for at in zip(*rows, strict=True)] == [1] * 4, "each name on one line"
    assert len(rows) > 1
