"""The real page in Firefox ESR: inputs moved as by hand, and what is shown compared with Python."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.evaluate.show import show
from memdsl.sheet.formula import CellRef

from .firefox import NAMES, Firefox
from .test_agreement import load
from .test_browser import ANALYSED, SHIPPED, analysed, report_of, shown_analyses

MOVE = """(() => {
  const [label, value] = %s;
  const rows = [...document.querySelectorAll("#panel .input")];
  const field = rows.find((row) => row.querySelector("code").textContent === label);
  const number = field.querySelector("input[type=number]");
  number.value = value;
  number.dispatchEvent(new Event("input", { bubbles: true }));
})()"""


RESTED = """new Promise((done) => {
  const look = () => (document.querySelector(".waiting") ? setTimeout(look, 50) : done(true));
  look();
})"""
LEAK = "http://127.0.0.1:49151/leak.png"


@pytest.mark.parametrize(("name", "path", "value"), [("yolov3", "sram", "16 MiB"), ("resnet50", "sram", "3 MB")])
def test_a_page_in_firefox(name: str, path: str, value: str, tmp_path: Path) -> None:
    program = next((found for one in NAMES if (found := shutil.which(one))), None)
    assert program is not None, "the tests need Firefox: .ci/system-libraries test"
    spec = next(one for one in SHIPPED if one.stem == name)
    report = report_of(load(spec))
    page = tmp_path / "report.html"
    page.write_text(report.page(), encoding="utf-8")
    source = driver.read(spec)
    assert isinstance(source, driver.Source)
    at = driver.build(source, spec.parent, spec, [(path, value)])
    with Firefox(program, tmp_path) as firefox:
        leaking = tmp_path / "leaking.html"
        leaking.write_text(f"<!doctype html><img src={LEAK}>", encoding="utf-8")
        firefox.open(leaking.as_uri())
        assert firefox.faults == [LEAK], "what leaves a page is seen"
        firefox.faults.clear()
        firefox.open(page.as_uri())
        firefox.evaluate("[...document.querySelectorAll('details')].forEach((one) => (one.open = true))")
        firefox.evaluate(MOVE % [path, value.split()[0]])
        assert firefox.evaluate(RESTED)
        keys = firefox.evaluate("[...document.querySelectorAll('.key')].map((one) => one.textContent)")
        wanted = []
        for key in report.document.keys:
            cell = at.sheet.cells[key.cell]
            unit = at.typed.type_of(CellRef(cell.span, cell.id))
            wanted.append(show(at.typed, at.values.cell(cell.id), unit, cell.shown))
        assert [str(text).replace("\u00a0", " ") for text in keys] == wanted  # type: ignore[attr-defined]
        assert analysed(firefox.evaluate(f"({ANALYSED})()")) == shown_analyses(report_of(at).subject)
        assert firefox.faults == []
