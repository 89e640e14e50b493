"""Paper, a template and a logo of one's own, and what a report leaves out or explains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from memdsl.report import Look, Report, TemplateFault

from .conftest import DAY, HEAD, html_of, make

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="http://evil.example/x.png"/></svg>'


def report(look: Look) -> Report:
    model = make(HEAD)
    return Report(model, today=DAY, look=look)


@pytest.mark.parametrize(("paper", "size"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_paper(paper: str, size: tuple[int, int], tmp_path: Path) -> None:
    report(Look(None, paper)).write_pdf(tmp_path / "report.pdf")  # type: ignore[arg-type]
    box = PdfReader(tmp_path / "report.pdf").pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_a_project_brings_what_it_wants_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(LOGO, encoding="utf-8")
    (tmp_path / "extra.css").write_text("h1 { color: #123456 }", encoding="utf-8")
    made = report(Look(tmp_path))
    html = made.paper()
    assert '<img class="logo" src="data:image/svg+xml;base64,' in html
    assert "h1 { color: #123456 }" in html
    assert "Layer by layer" in html
    made.write_pdf(tmp_path / "report.pdf")
    assert PdfReader(tmp_path / "report.pdf").pages
    own = tmp_path / "own"
    own.mkdir()
    (own / "report.html").write_text("<p>{{ document.title }} by us</p>", encoding="utf-8")
    assert report(Look(own)).paper() == "<p>A small spec by us</p>"


@pytest.mark.parametrize(
    "template", ["{% for %}", "{{ nothing.at.all }}", "{{ ''.__class__.__mro__[1].__subclasses__() }}"]
)
def test_a_template_that_does_not_work_says_where(template: str, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(template, encoding="utf-8")
    with pytest.raises(TemplateFault, match=r"line"):
        report(Look(tmp_path)).paper()


def test_a_table_that_was_asked_for_stands_once() -> None:
    table = 'table apps { name | size in MB\n "a" | 1\n "b" | 2\n}\n'
    captions = re.findall(r"<caption>apps", html_of(make(f"{table}report {{ table apps: name, size }}\n")))
    assert len(captions) == 1
    assert len(re.findall(r"<caption>apps", html_of(make(table)))) == 1


def test_brackets_of_an_equation_are_explained() -> None:
    html = html_of(make(HEAD + "report { equation today.dram_bytes in sram }\n"))
    assert "A term counts where the condition in the brackets after it holds" in html
    assert "in the brackets after" not in html_of(make(HEAD + "report { equation today.weight_bytes in width }\n"))


def test_inputs_that_nothing_rests_on_are_left_out() -> None:
    html = html_of(make(HEAD))
    assert "chip.dram.energy" in html
    assert "chip.array.area" not in html
    assert "that no figure of this report rests on" in html


def test_what_is_assumed_is_listed() -> None:
    html = html_of(make(HEAD))
    assumed = re.search(r"No source, assumed by the library</dt> <dd>(.*?)</dd>", html)
    assert assumed
    assert "array.clock" in assumed[1]
    assert "dram.energy" not in assumed[1], "it has a source"
