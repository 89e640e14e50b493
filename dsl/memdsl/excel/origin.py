"""Where a book comes from: properties of the document, by which `pull` knows its spec again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from openpyxl.packaging.custom import StringProperty

from ..version import VERSION
from .book import Book
from .inputs import InputPlace
from .names import clean
from .scales import in_unit

MAXIMUM_PROPERTY = 250
VERSION_OF_BOOK, SPEC, SHA256, SET = "memdsl version", "memdsl spec", "memdsl spec sha256", "memdsl set "
"""Names of properties; `SET` begins the name of one for each input that was set when the book was made."""


def fingerprint(text: str) -> str:
    """What a spec's text is known by."""
    return sha256(text.encode("utf-8")).hexdigest()


def file_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def sign(book: Book, places: Iterable[InputPlace]) -> None:
    """Title and maker as Excel shows them, and the properties that no sheet shows."""
    workbook, source = book.workbook, book.sheet.source
    workbook.calculation.fullCalcOnLoad = True
    workbook.properties.title = clean(book.sheet.title or source.name)[:MAXIMUM_PROPERTY]
    workbook.properties.creator = f"memdsl {VERSION}"
    workbook.properties.subject = f"Live model of {clean(file_name(source.name))}"[:MAXIMUM_PROPERTY]
    workbook.active = 0
    properties = {
        VERSION_OF_BOOK: VERSION,
        SPEC: clean(file_name(source.name))[:MAXIMUM_PROPERTY],
        SHA256: fingerprint(source.text),
        **{SET + place.path: _typed(book, place) for place in places if place.key in book.yours},
    }
    for name, value in properties.items():
        workbook.custom_doc_props.append(StringProperty(name=name, value=value))  # type: ignore[attr-defined]


def _typed(book: Book, place: InputPlace) -> str:
    """What stands in a yellow cell when the book is made."""
    value = book.yours[place.key]
    return str(value) if isinstance(value, (bool, str)) else repr(in_unit(value, place.unit))
