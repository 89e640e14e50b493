"""The PDF: text that can be searched, an outline, tags, few pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import Destination, DictionaryObject, IndirectObject


@pytest.fixture(scope="module")
def reader(yolo_pdf: Path) -> PdfReader:
    return PdfReader(yolo_pdf)


@pytest.fixture(scope="module")
def texts(reader: PdfReader) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_it_is_short(reader: PdfReader) -> None:
    assert len(reader.pages) <= 8


def test_its_text_has_the_key_figures(texts: list[str]) -> None:
    first = texts[0]
    for wanted in (
        "YOLOv3 at two megapixels",
        "470.84 MB",
        "1,018.1 MB",
        "53.754 %",
        "117.95 ms",
    ):
        assert wanted in first.replace("\u00a0", " ").replace("\u2009", " "), wanted
    whole = " ".join(texts)
    assert "peak 3.8216 TMAC/s" in whole.replace("\u00a0", " ").replace("\u2009", " ")
    assert "s4.residual[8].conv[2]" in whole
    assert "two digits changed places" in whole


def test_pages_are_numbered_and_carry_the_title(texts: list[str]) -> None:
    for number, text in enumerate(texts, 1):
        assert f"{number} / {len(texts)}" in text
        assert "YOLOv3 at two megapixels" in text


def test_headings_of_tables_are_repeated(texts: list[str]) -> None:
    assert sum("dram_bytes" in text and "out_bytes" in text and "bound" in text for text in texts) >= 2


def test_it_has_an_outline_and_tags(reader: PdfReader) -> None:
    names = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    inner = [e.title for entry in reader.outline if isinstance(entry, list) for e in entry if not isinstance(e, list)]
    assert {"Assumptions", "Inputs", "Results", "Glossary"} <= {*names, *inner}
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert [reader.get_destination_page_number(e) for e in _entries(reader.outline)] == sorted(
        reader.get_destination_page_number(e) for e in _entries(reader.outline)
    ), "in the order of the pages"


def test_every_chart_has_an_alternative_text_and_every_table_its_headings(reader: PdfReader, yolo_html: str) -> None:
    elements = list(_elements(reader.trailer["/Root"]["/StructTreeRoot"]))  # type: ignore[index]
    figures = [str(element.get("/Alt", "")) for element in elements if element.get("/S") == "/Figure"]
    titles = [escape(text) for text in figures]
    for title in re.findall(r"<svg[^>]*class=\"chart\"[^>]*><title>(.*?)</title>", yolo_html):
        assert title in titles, title
    assert all(figures), "no figure without an alternative text"
    kinds = Counter(str(element.get("/S")) for element in elements)
    assert kinds["/Table"] >= yolo_html.count("<table"), "a part on each page"
    assert kinds["/TH"] >= yolo_html.count('<th scope="col"')
    assert kinds["/H1"] == 1


def _entries(outline: list[object]) -> Iterator[Destination]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _entries(entry)
        elif isinstance(entry, Destination):
            yield entry


def _elements(node: object) -> Iterator[DictionaryObject]:
    """The elements of a structure, each before those inside it."""
    if isinstance(node, IndirectObject):
        node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, DictionaryObject):
        yield node
        yield from _elements(node.get("/K"))


def test_fonts_are_embedded(reader: PdfReader) -> None:
    fonts = {str(f.get_object()["/BaseFont"]) for page in reader.pages for f in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert any("Memdsl" in name for name in fonts), fonts
