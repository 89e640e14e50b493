"""The real page in Chromium: every input of every shipped spec moved, and all that is shown compared with Python."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from memdsl import driver
from memdsl.diagnostics import Problems
from memdsl.evaluate.show import show
from memdsl.report import Report
from memdsl.report.analyses import blocks
from memdsl.report.document import Figure, Grid, Remark, said
from memdsl.report.live import FUNCTIONS, Views
from memdsl.report.portable.writing import Texts
from memdsl.report.subject import Subject
from memdsl.sheet.formula import CellRef
from memdsl.sheet.report import ANALYSES

from .node import same
from .test_agreement import SPECS, load, slots

SHIPPED = [path for path in SPECS if path.parent.name == "specs"]
MOST_SLIDERS = 60
"""Of hundreds of inputs, a spread."""

SHOWN = """() => [...document.querySelectorAll("[data-view]")].map((element) => {
  const kind = element.dataset.as ?? "text";
  const column = () => [...element.closest("table").tBodies[0].rows]
    .filter((row) => !row.classList.contains("group")).map((row) => row.cells[element.cellIndex].textContent);
  const texts = kind === "cells" ? [...element.cells].slice(Number(element.dataset.start)).map((c) => c.textContent)
    : kind === "column" ? column() : kind === "figure" ? [element.querySelector("figcaption span").textContent]
    : kind === "key" ? [element.textContent, element.nextElementSibling.textContent] : [element.textContent];
  return [Number(element.dataset.view), kind, texts];
})"""


class Watched:
    """A page of a report, and everything that it should not do."""

    def __init__(self, browser: Browser, html: str, folder: Path, **context: object) -> None:
        file = folder / "report.html"
        file.write_text(html, encoding="utf-8")
        self.page: Page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
        self.faults: list[str] = []
        self.page.on("console", lambda message: self.faults.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.faults.append(request.url))
        self.page.goto(file.as_uri())
        assert self.faults == [file.as_uri()], "only the file itself is loaded"
        self.faults.clear()

    def shown(self) -> list[tuple[int, str, list[str]]]:
        self.page.evaluate("memdsl.settle()")
        found = self.page.evaluate(SHOWN)
        assert isinstance(found, list)
        return found


def field(page: Page, path: str) -> Locator:
    """What an input is typed or chosen in."""
    row = page.locator(".input").filter(has=page.locator(f"code:text-is('{path}')"))
    return row.locator("input[type=number], select, input[type=checkbox]")


def report_of(model: driver.Model) -> Report:
    return Report(model, version="1")


def expected(report: Report, number: int, kind: str) -> list[str] | None:
    """What Python writes at that place; None where the text is no view's."""
    subject = report.subject
    shows = subject.views.shows[number]
    if shows.over:
        return None
    made = FUNCTIONS[shows.function](shows.ask, [subject.values_of(subject.views.probes[k]) for k in shows.probes])
    if isinstance(made, Texts):
        return [t if len(t) <= 34 else f"{t[:17]}…{t[-16:]}" for t in made.texts]
    if kind == "figure":
        return [made.caption]  # type: ignore[attr-defined]
    if kind == "key":
        number, unit, was = made  # type: ignore[misc]
        return [" ".join(part for part in (number, unit) if part), was]
    return [made] if isinstance(made, str) else list(made)  # type: ignore[call-overload]


@pytest.mark.parametrize("path", SHIPPED[2::3], ids=lambda p: p.stem)  # the program of each: `test_agreement`
def test_every_input_moves_all_that_follows_it(path: Path, browser: Browser, tmp_path: Path) -> None:
    model = load(path)
    report = report_of(model)
    watched = Watched(browser, report.page(), tmp_path, viewport={"width": 1300, "height": 900})
    page, machine, dice = watched.page, model.machine, random.Random(path.stem)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    keys = {item.path: item.key for item in model.sheet.inputs.values()}
    sliders = page.locator("input[type=range]")
    moved = carried_out = 0
    count = sliders.count()
    tried = [*range(0, count, -(-count // MOST_SLIDERS)), count - 1]
    for k in tried:
        slider = sliders.nth(k)
        end = int(slider.get_attribute("max") or 0)
        slider.fill(str(dice.choice([round(end * share) for share in (0.2, 0.4, 0.6, 0.8)])))
        page.evaluate("() => new Promise(requestAnimationFrame)")
        now = dict(page.evaluate("[...memdsl.values]"))
        here = {keys[name]: value for name, value in now.items() if value != model.declared.input(keys[name])}
        values = machine.at({key: float(v) if isinstance(v, int) else v for key, v in here.items()}, Problems())
        cells = slots(machine, values)[: -len(model.sheet.claims) or None]
        assert same(cells, page.evaluate("memdsl.machine.data")), now
        moved += bool(here)
        if k in (0, count - 1):
            carried_out += _compare(report, values, watched)
    for select in page.locator(".input select").all():
        select.select_option(index=select.locator("option").count() - 1)
    assert moved
    assert watched.faults == []
    page.get_by_role("button", name="Reset").click()
    start = {item.path: model.values.input(item.key) for item in model.sheet.inputs.values()}
    assert dict(page.evaluate("[...memdsl.values]")) == start
    carried_out += _compare(report, model.values, watched)
    assert carried_out or not report.subject.views.analyses
    page.context.close()


ANALYSED = """() => [...document.querySelectorAll("[data-analysis]")].map((element) => {
  const text = (one) => (one.querySelector("span") ?? one.firstChild).textContent.trim();
  const cells = (row) => [...row.cells].map((cell) => cell.textContent);
  const [number, stale] = [Number(element.dataset.analysis), element.classList.contains("stale")];
  if (element.tagName === "P") return [number, stale, ["remark", element.textContent]];
  if (element.tagName === "FIGURE") return [number, stale, ["figure", text(element.querySelector("figcaption"))]];
  const table = element.querySelector("table");
  return [number, stale, ["grid", text(table.caption), [...table.tBodies[0].rows].map(cells)]];
})"""


def analysed(elements: Iterable[tuple[int, bool, object]]) -> list[list[object] | None]:
    """What the page shows of each analysis; None where it says that it is not of these inputs."""
    found: dict[int, list[object]] = {}
    left = set()
    for number, stale, block in elements:
        found.setdefault(number, []).append(block)
        if stale:
            left.add(number)
    return [None if number in left else shown for number, shown in found.items()]


def shown_analyses(subject: Subject) -> list[list[object]]:
    """What Python shows of each analysis that the page carries out again."""
    every: list[list[object]] = []
    for item in subject.sheet.report or ():
        if type(item) not in ANALYSES:
            continue
        made, analysis = blocks(subject, item)  # type: ignore[arg-type]
        if analysis is None:
            continue
        found: list[object] = []
        for block in made:
            if isinstance(block, Remark):
                found.append(["remark", block.text])
            elif isinstance(block, Figure):
                found.append(["figure", block.caption])
            elif isinstance(block, Grid):
                caption = f"{block.caption}. {block.note}" if block.note else block.caption
                found.append(["grid", caption, [[said(cell) for cell in line.cells] for line in block.lines]])
        every.append(found)
    return every


def _compare(report: Report, values: object, watched: Watched) -> int:
    """Everything shown against Python; how many analyses were carried out."""
    there = Report.__new__(Report)
    there.subject = replace(report.subject, values=values)  # type: ignore[arg-type]
    watched.page.evaluate("memdsl.settle()")
    wanted_of = shown_analyses(replace(there.subject, views=Views()))
    carried_out = 0
    for found, wanted in zip(analysed(watched.page.evaluate(ANALYSED)), wanted_of, strict=True):
        if found is not None:  # given up, and said so: a condition that changes at too many values
            assert found == wanted
            carried_out += 1
    assert watched.page.locator(".waiting").count() == 0
    compared = 0
    for number, kind, texts in watched.shown():
        written = expected(there, number, kind)
        if written is not None:
            assert texts[: len(written)] == written, report.subject.views.shows[number].function
            compared += len(written)
    assert compared
    return carried_out


def test_key_figures_are_what_eval_prints(browser: Browser, tmp_path: Path) -> None:
    path = next(p for p in SHIPPED if p.stem == "yolov3")
    report = report_of(load(path))
    watched = Watched(browser, report.page(), tmp_path)
    number = field(watched.page, "sram")
    number.fill("16")
    source = driver.read(path)
    assert isinstance(source, driver.Source)
    at = driver.build(source, path.parent, path, [("sram", "16 MiB")])
    keys = watched.page.locator(".keys > div").all()
    assert len(keys) == len(report.document.keys) == 4
    for shown, key in zip(keys, report.document.keys, strict=True):
        cell = at.sheet.cells[key.cell]
        unit = at.typed.type_of(CellRef(cell.span, cell.id))
        wanted = show(at.typed, at.values.cell(cell.id), unit, cell.shown)
        assert shown.locator(".key").inner_text().replace("\u00a0", " ") == wanted
    watched.page.context.close()


def test_an_address_carries_the_inputs(browser: Browser, tmp_path: Path) -> None:
    watched = Watched(browser, report_of(load(next(p for p in SHIPPED if p.stem == "yolov3"))).page(), tmp_path)
    page = watched.page
    field(page, "sram").fill("2")
    expect(page).to_have_url(re.compile("#sram=2097152$"))
    shown = page.locator(".key").all_inner_texts()
    page.goto(page.url)
    page.reload()
    assert page.locator(".key").all_inner_texts() == shown
    field(page, "sram").fill("-3")
    assert field(page, "sram").get_attribute("aria-invalid") == "true"
    assert page.locator(".key").all_inner_texts() == shown, "a value outside its range changes nothing"
    page.get_by_label("Scenario").select_option(index=1)
    assert page.evaluate("memdsl.values.get('sram')") == 64 * 2**20
    page.context.close()


def test_a_chart_gives_its_data(browser: Browser, tmp_path: Path) -> None:
    report = report_of(load(next(p for p in SHIPPED if p.stem == "yolov3")))
    watched = Watched(browser, report.page(), tmp_path, accept_downloads=True)
    with watched.page.expect_download() as saved:
        watched.page.locator("figure button.csv:visible").first.click()
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    name, table = next(iter(report.tables().items()))
    assert saved.value.suggested_filename == f"{name}.csv"
    assert len(text.splitlines()) == len(table.splitlines())
    assert text.splitlines()[0] == table.splitlines()[0]
    watched.page.context.close()


def test_what_a_page_may_do(tmp_path: Path) -> None:
    html = report_of(load(next(p for p in SHIPPED if p.stem == "yolov3"))).page()
    assert len(html.encode()) < 1_500_000
    assert "eval(" not in html
    assert "new Function" not in html
    assert "script-src 'sha256-" in html
    assert json.loads(html.partition('id="data">')[2].partition("</script>")[0])["program"]["nodes"]


SEVERAL = """\
param size = 4 MB from 1 MB to 8 MB
param rate = 2 MB/s from 1 MB/s to 9 MB/s ± 10%
param power = 2 from 0 to 10
time = size / rate
high = floor(power * 1000)
report {
  grid time over size = 1 MB..8 MB times 2
  sensitivity of time to size, rate
  pareto time, size over size = 1 MB..8 MB times 2
  solve time < 3 s for rate
  solve high > 5000 for power
  uncertainty of time
  equation time in size
}
"""


def test_analyses_are_carried_out_again(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "analyses.mem"
    path.write_text(SEVERAL, encoding="utf-8")
    watched = Watched(browser, report_of(load(path)).page(), tmp_path, accept_downloads=True)
    page, waiting = watched.page, watched.page.locator(".waiting")
    kept = page.locator("[data-analysis='0'] td").all_inner_texts()
    first = {str(k): page.locator(f"[data-analysis='{k}']").first.inner_text() for k in range(6)}
    field(page, "size").fill("2")
    assert waiting.count() > 0
    assert page.locator("[data-analysis='0'].waiting").count() == 0, "a grid over the size holds at any size"
    expect(waiting).to_have_count(0)
    assert page.locator("[data-analysis='0'] td").all_inner_texts() == kept
    field(page, "rate").fill("3")
    expect(page.locator("[data-analysis='0'].waiting")).not_to_have_count(0)
    expect(waiting).to_have_count(0)
    model = load(path)
    at = model.machine.at({"size": 2e6, "rate": 3e6}, Problems())
    there = replace(report_of(model).subject, values=at, views=Views())
    proofs = json.dumps(shown_analyses(there)).replace(' *"', '"')  # a page proves nothing
    assert analysed(page.evaluate(ANALYSED)) == json.loads(proofs)
    assert page.locator("[data-analysis='0'] td").all_inner_texts()[:4] == ["1", "0.3333", "2", "0.6667"]
    with page.expect_download() as saved:
        page.locator("[data-analysis='1'] caption button").click()
    assert saved.value.suggested_filename == "what-moves-time.csv"
    text = Path(saved.value.path()).read_text(encoding="utf-8").splitlines()
    assert text[0].startswith("input,low,now,high,at low (ms),at high (ms)")
    assert text[1].startswith("rate,2.7 MB/s,3 MB/s,3.3 MB/s,740.")
    field(page, "power").fill("9")
    expect(page.locator(".stale:not(.equation)")).to_have_attribute(
        "data-why", re.compile("changes at too many values")
    )
    given_up = page.locator(".stale:not(.equation)").get_attribute("data-analysis")
    assert page.locator(f"[data-analysis='{given_up}']").inner_text() == first[str(given_up)].replace("CSV", ""), (
        "the figures of the report"
    )
    equation = page.locator(".equation")
    assert "stale" in (equation.get_attribute("class") or ""), "a closed form holds at the inputs of the report"
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".stale.equation")).to_have_count(0)
    assert watched.faults == []
    page.context.close()


HOSTILE = '''\
"<img src=http://evil.example/a.png onerror=pwned=1><script>pwned=2</script>"
param size = 4 MB from 1 MB to 8 MB "</script><script>pwned=3</script><b>" from "javascript:pwned=4"
param kind = "<i>" one of "<i>", "</option><img src=x onerror=pwned=5>" "a choice"
table t { name | size in MB
 "<svg onload=pwned=6>" | 1
 "]]>" | 2
}
twice = if kind == "<i>" then 2 * size else 3 * size "file:///etc/passwd"
said = if size > 3 MB then "<img src=http://evil.example/b.png>" else "&amp;"
scenario big "</select><script>pwned=7</script>" { size = 8 MB }
report {
  text """![x](http://evil.example/c.png) {said} <script>pwned=8</script>"""
  chart bar t.size by name
  chart compare twice, size
}
'''


def test_a_hostile_spec_runs_and_fetches_nothing(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.mem"
    path.write_text(HOSTILE, encoding="utf-8")
    watched = Watched(browser, report_of(load(path)).page(), tmp_path)
    page = watched.page
    field(page, "kind").select_option(index=1)
    field(page, "size").fill("2")
    page.get_by_label("Scenario").select_option(index=1)
    page.evaluate("memdsl.settle()")
    assert page.locator(".prose .value").inner_text() == "<img src=http://evil.example/b.png>"
    assert page.evaluate("typeof pwned") == "undefined"
    assert page.evaluate("document.querySelectorAll('img, iframe, object, main script').length") == 0
    assert watched.faults == []
    page.context.close()
