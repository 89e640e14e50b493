"""The PDF: text that can be searched, an outline, tags, few pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader


@pytest.fixture(scope="module")
def reader(yolo_pdf: Path) -> PdfReader:
    return PdfReader(yolo_pdf)


@pytest.fixture(scope="module")
def texts(reader: PdfReader) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_it_is_short(reader: PdfReader) -> None:
    assert len(reader.pages) <= 7


def test_its_text_has_the_key_figures(texts: list[str]) -> None:
    first = texts[0]
    for wanted in (
        "YOLOv3 at two megapixels",
        "470.84 MB",
        "1,018.1 MB",
        "53.754 %",
        "117.95 ms",
        "peak 3.8216 TMAC/s",
    ):
        assert wanted in first.replace("\u00a0", " ").replace("\u2009", " "), wanted
    whole = " ".join(texts)
    assert "s4.residual[8].conv[2]" in whole
    assert "two digits changed places" in whole


def test_pages_are_numbered_and_carry_the_title(texts: list[str]) -> None:
    for number, text in enumerate(texts, 1):
        assert f"{number} / {len(texts)}" in text
        assert "YOLOv3 at two megapixels" in text


def test_headings_of_tables_are_repeated(texts: list[str]) -> None:
    assert sum("dram_bytes" in text and "out_bytes" in text and "bound" in text for text in texts) >= 2


def test_it_has_an_outline_tags_and_alternative_texts(reader: PdfReader) -> None:
    names = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    inner = [e.title for entry in reader.outline if isinstance(entry, list) for e in entry if not isinstance(e, list)]
    assert {"Assumptions", "Inputs", "Results", "Glossary"} <= {*names, *inner}
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "Roofline of today: peak" in _alternatives(root["/StructTreeRoot"])  # type: ignore[index]


def _alternatives(node: object, depth: int = 0) -> str:
    """The alternative texts below a structure element."""
    from pypdf.generic import DictionaryObject, IndirectObject

    if isinstance(node, IndirectObject):
        node = node.get_object()
    if isinstance(node, list):
        return " ".join(_alternatives(child, depth + 1) for child in node)
    if not isinstance(node, DictionaryObject) or depth > 40:
        return ""
    return f"{node.get('/Alt', '')} {_alternatives(node.get('/K'), depth + 1)}"


def test_fonts_are_embedded(reader: PdfReader) -> None:
    fonts = {str(f.get_object()["/BaseFont"]) for page in reader.pages for f in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert any("Memdsl" in name for name in fonts), fonts
