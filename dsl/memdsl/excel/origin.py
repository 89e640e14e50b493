"""Where a book comes from: properties of the document, by which `pull` knows its spec again."""

from __future__ import annotations

from hashlib import sha256

from openpyxl.packaging.custom import StringProperty

from ..version import VERSION
from .book import Book
from .names import clean

MAXIMUM_PROPERTY = 250


def fingerprint(text: str) -> str:
    """What a spec's text is known by."""
    return sha256(text.encode("utf-8")).hexdigest()


def file_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def sign(book: Book) -> None:
    """Title and maker as Excel shows them, and the properties that no sheet shows."""
    workbook, source = book.workbook, book.sheet.source
    workbook.calculation.fullCalcOnLoad = True
    workbook.properties.title = clean(book.sheet.title or source.name)[:MAXIMUM_PROPERTY]
    workbook.properties.creator = f"memdsl {VERSION}"
    workbook.properties.subject = f"Live model of {clean(file_name(source.name))}"[:MAXIMUM_PROPERTY]
    workbook.active = 0
    for name, value in (
        ("memdsl version", VERSION),
        ("memdsl spec", clean(file_name(source.name))[:MAXIMUM_PROPERTY]),
        ("memdsl spec sha256", fingerprint(source.text)),
        ("memdsl scenario", book.scenario or ""),
    ):
        workbook.custom_doc_props.append(StringProperty(name=name, value=value))  # type: ignore[attr-defined]
