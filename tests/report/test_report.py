"""What a report holds: every section, in the author's order, with the numbers that `eval` shows."""

from __future__ import annotations

import re
from html import unescape
from typing import get_args

import pytest

from memdsl import driver
from memdsl.evaluate.show import show
from memdsl.sheet.report import CHARTS, ChartItem, ReportItem

from .conftest import HEAD, SPECS, html_of, load, make

ALWAYS = ("What matters", "Assumptions", "Inputs", "Results", "Sources", "Glossary")
DEFAULT = (
    "What matters",
    "Assumptions",
    "Inputs",
    "Results",
    "Charts",
    "Layer by layer",
    "Closed form",
    "Claims",
    "Sources",
    "Glossary",
)


def titles(html: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", html)


def text_of(html: str) -> str:
    """What a reader sees, on one line."""
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).replace("\u00a0", " ").split())


def table(html: str, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins so."""
    found = re.search(rf"<caption>{re.escape(caption)}.*?</table>", html, re.DOTALL)
    assert found, caption
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found[0].replace("<wbr>", ""), re.DOTALL)
    return [[text_of(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)] for row in rows]


def said(model: driver.Model, cell: str) -> str:
    """A cell as `eval` shows it."""
    found = model.sheet.cells[cell]
    return show(model.typed, model.values.cell(cell), model.typed.cell_types[cell], found.shown)


# ---- the report of YOLOv3 -------------------------------------------------------------------------------------------


def test_the_author_comes_first_and_nothing_is_missing(yolo_html: str) -> None:
    assert titles(yolo_html) == list(ALWAYS)
    order = [
        "Without on-chip memory",
        "<svg",
        'class="equation"',
        "<caption>today.layers",
        "<caption>Published against modelled",
        "<h2>Assumptions",
    ]
    places = [yolo_html.index(part) for part in order]
    assert places == sorted(places)
    assert yolo_html.count("<svg") == 4
    assert yolo_html.count("<caption>Published against modelled") == 1


def test_numbers_are_those_of_eval(yolo: driver.Model, yolo_html: str) -> None:
    text = text_of(yolo_html)
    for cell in ("saved", "today.dram_bytes", "today.time", "today.energy"):
        number, unit = said(yolo, cell).split(" ")
        assert f"{number} {unit}" in text, cell
    assert "1,018.1 MB" in text
    assert "61.896 MB" in text


def test_totals_stand_side_by_side(yolo: driver.Model, yolo_html: str) -> None:
    rows = {row[1]: row for row in table(yolo_html, "Totals of the models") if len(row) > 1}
    assert rows["Cell"][3:] == ["naive", "today", "careful_today", "fast"]
    assert rows["dram_bytes"][:4] == ["DRAM traffic of one pass", "dram_bytes", "MB", "1,018.1"]
    for at, model in enumerate(rows["Cell"][3:], 3):
        assert f"{rows['time'][at]} ms" == said(yolo, f"{model}.time")
        assert rows["memory_bound"][at] == said(yolo, f"{model}.memory_bound")


def test_every_layer_has_a_row_with_its_numbers(yolo: driver.Model, yolo_html: str) -> None:
    rows = table(yolo_html, "today.layers")
    assert rows[0][:5] == ["name", "h", "w", "c", "weights"]
    assert "dram_bytes MB" in rows[0]
    layers = [r for r in yolo.sheet.tables["today"].rows if r.role == "layer"]
    assert [row[0] for row in rows[1:-1]] == [layer.name for layer in layers]
    assert rows[-1][0] == "total"
    stem = next(row for row in rows if row[0] == "stem")
    assert stem[1:5] == ["1,024", "2,048", "32", "864"]
    assert stem[7] == "73.401"
    decimals = {len(row[7].partition(".")[2]) for row in rows[1:] if row[7] != "0"}
    assert decimals == {3}, "decimals stand under each other"


def test_claims_are_a_ledger(yolo: driver.Model, yolo_html: str) -> None:
    rows = table(yolo_html, "Published against modelled")[1:]
    assert len(rows) == len(yolo.claims)
    disputed = [row for row in rows if row[4] == "disputed"]
    assert len(disputed) == sum(c.status == "disputed" for c in yolo.claims)
    wrong = next(row for row in disputed if row[0] == "naive.dram_bytes")
    assert wrong[1:4] == ["1,108 MB", "1,018.111 MB", "−8.1 %"]
    assert "two digits changed places" in wrong[5]


def test_inputs_say_where_they_come_from(yolo_html: str) -> None:
    rows = {row[0]: row for row in table(yolo_html, "What may be changed")}
    assert rows["sram"][1:5] == ["8", "MiB", "0 B to 1 GiB", "On-chip SRAM for activations"]
    assert rows["width"][3].endswith("multiple of 32")
    assert "Horowitz" in rows["chip.dram.energy"][5]
    assert rows["chip.array.clock"][5] == "assumed"
    assert rows["naive.act"][4] == "Bits of an activation; also today, careful_today and fast"


def test_assumptions_name_the_convention_in_words(yolo_html: str) -> None:
    assert "naive and today by traffic: articles’ convention" in text_of(yolo_html).replace("'", "’")
    rows = {row[0]: row for row in table(yolo_html, "Models")}
    assert rows["today"][1:4] == ["With the SRAM", "yolo", "chip"]
    assert "act = 8 bit" in rows["today"][4]
    assert "capacity = 8 MiB" in rows["today"][4]


def test_the_closed_form_is_typeset_with_its_breakpoints(yolo_html: str) -> None:
    equations = re.findall(r'<div class="equation">(.*?)</div>\s*(?=<|$)', yolo_html, re.DOTALL)
    assert equations
    text = text_of(yolo_html)
    assert "190,297 · height · width MAC" in text
    assert "[ sram < 64 MiB]" in text
    rows = table(yolo_html, "Where today.dram_bytes changes")
    assert rows[-1][:3] == ["64.000", "202.4", "68.2"]
    assert rows[-1][3] == "stem"


def test_the_glossary_writes_formulas_as_the_spec_does(yolo_html: str) -> None:
    rows = {row[0]: row for row in table(yolo_html, "Columns and totals") if len(row) == 4}
    assert rows["out_bytes"][3] == "batch * act * elements"
    assert rows["weights"][3].startswith("if bias then operand + filters else operand; ")
    assert rows["elements"][3] == "h * w * c", "what nobody wrote is written out"
    assert rows["saved"][3] if "saved" in rows else True


def test_how_it_was_made_is_told(yolo_html: str) -> None:
    text = text_of(yolo_html)
    assert "Made by memdsl 1.2.3 on 2026-01-02 from yolov3.mem, SHA-256 " in text
    assert "memdsl report specs/yolov3.mem" in text


# ---- other points and other specs -----------------------------------------------------------------------------------


def test_a_spec_without_a_report_block_gets_a_whole_report() -> None:
    html = html_of(make(HEAD + 'claim saved > 1 % from "FTM: printed"\n'))
    assert titles(html) == list(DEFAULT)
    assert html.count("<svg") == 5
    assert "today, row by row" in html, "the model that rests on the most parameters leads"


def test_what_the_author_asked_for_is_not_repeated() -> None:
    html = html_of(make(HEAD + "report {\n  chart roofline today\n  table naive.layers: name, time\n}\n"))
    assert titles(html) == ["What matters", "Assumptions", "Inputs", "Results", "Closed form", "Sources", "Glossary"]


def test_changed_inputs_are_told() -> None:
    model = make(HEAD + "claim naive.dram_bytes > 1 B\n", ("sram", "1 MB"))
    text = text_of(html_of(model))
    assert "Inputs changed for this report: sram = 1,000 kB (declared 16 kB)" in text
    assert "This report was made at other inputs" in text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'table apps {\n  name | rate in GB/s\n  "A" | 2\n  "B" | 12.5\n  twice = 2 * rate in GB/s\n}\n',
            "A 2.0 4 B 12.5 25",
        ),
        ("a = 3 MB + 1 B in MB\n", "3.000001 MB"),
        ("option deep = true\nx = if deep then 1 else 2\n", "Options"),
        ('"Only a title"\n', "Only a title"),
    ],
)
def test_specs_of_any_kind_have_a_report(text: str, wanted: str) -> None:
    assert wanted in text_of(html_of(make(text)))


def test_many_rows_are_cut_to_the_largest() -> None:
    layers = "\n".join(f"  a{i} = a{i - 1} -> conv(8)" for i in range(1, 400))
    text = HEAD.replace(" s1 = stem", "\n  a0 = stem -> conv(8)\n" + layers + "\n  s1 = stem")
    html = html_of(make(text))
    rows = table(html, "today, row by row")
    assert len(rows) == 251
    assert "The 250 rows with the most dram_bytes, of 404" in html
    assert "each bar adds up 3 rows" in html


def test_crossed_tables_name_their_models_shortly() -> None:
    spec = (
        HEAD
        + "hardware large = edge(sram = 1 MiB)\n"
        + (
            "table compare for hw in [chip, large] {\n  run = traffic(net([width, width, 3]), hw)\n"
            "  dram = run.dram_bytes in kB\n}\n"
        )
    )
    html = html_of(make(spec))
    assert table(html, "compare")[1][0] == "chip"


def test_the_runs_of_a_crossed_table_are_told_once() -> None:
    chips = "".join(f"hardware chip{i} = edge(sram = {i} kB)\n" for i in range(1, 9))
    names = ", ".join(f"chip{i}" for i in range(1, 9))
    html = html_of(
        make(
            f"{HEAD}{chips}table compare for hw in [{names}] {{\n"
            "  run = traffic(net([width, width, 3]), hw, batch = 2)\n  dram = run.dram_bytes in kB\n}\n"
        )
    )
    assert len(table(html, "compare")) == 9, "runs are rows of their table"
    assert [line[0] for line in table(html, "Models")[1:]] == ["naive", "today", "compare.run"]
    run = table(html, "Models")[3]
    assert run[1] == "8 runs, one a row of compare"
    assert "batch = 2" in run[4]
    assert "capacity = each its own" in run[4]
    assert table(html, "Totals of the models")[0][3:] == ["naive", "today"]
    assert "The runs of compare are rows of their table" in html
    assert 'compare["chip' not in html, "no formula, layer or argument is told run by run"
    parts = [line[0] for line in table(html, "Hardware")]
    assert parts.count("buffer") == 1, "what is alike is told once"
    assert [line[2] for line in table(html, "Hardware") if line[0] == "chip3"] == ["buffer capacity 3 kB"]


def test_every_statement_of_a_report_shows_something() -> None:
    path = SPECS.parent / "tests" / "cases" / "good" / "report_statements.mem"
    model = driver.build(driver.Source(path.name, path.read_text(encoding="utf-8")), path.parent, path)
    items = model.sheet.report or ()
    assert {item.kind for item in items if isinstance(item, ChartItem)} == set(CHARTS)
    assert {type(item) for item in items} == set(get_args(ReportItem))
    html = html_of(model)
    assert "nothing to show" not in html
    assert html.count('<svg xmlns="http://www.w3.org/2000/svg" class="chart"') >= len(CHARTS) + 8
    for prose in ("<strong>256\u00a0KiB</strong>", "<em>68.089\u00a0%</em>", "<ol>", "<ul>", "<blockquote>", "<h4>"):
        assert prose in re.sub("<span[^>]*>(.*?)</span>", r"\1", html), prose


def test_the_second_spec_has_its_report() -> None:
    html = html_of(load("resnet50.mem"))
    assert titles(html) == list(ALWAYS)
