"""Where a file comes from: properties of the document, by which `pull` knows the specs of its books again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.child import INVALID_TITLE_REGEX

from ..version import VERSION
from .book import Book
from .inputs import InputPlace
from .names import clean
from .scales import in_unit
from .volume import MAXIMUM_BOOKS, MAXIMUM_NAME, Volume

MAXIMUM_PROPERTY = 250
VERSION_OF_BOOK, BOOK = "memdsl version", "memdsl book"
SPEC, SHA256, SET = "spec", "spec sha256", "set "
"""Parts of the names of properties; `SET` begins the one of each input that was set when the book was made."""


@dataclass(frozen=True)
class Origin:
    """What one book of a file was made from. `given` is what stood in its yellow cells then, by input.

    `name` is empty in a file of one book.
    """

    name: str
    spec: str
    sha256: str
    given: Mapping[str, str] = field(default_factory=dict)

    def properties(self) -> dict[str, str]:
        start = _start(self.name)
        given = {f"{start}{SET}{path}": value for path, value in self.given.items()}
        return {f"{start}{SPEC}": self.spec, f"{start}{SHA256}": self.sha256, **given}


def _start(name: str) -> str:
    return f"memdsl {name} " if name else "memdsl "


def origins(properties: Mapping[str, str]) -> list[Origin]:
    """The origins of the books of a file; none where it is no file of ours."""
    names = [properties.get(f"{BOOK} {number}", "") for number in range(1, MAXIMUM_BOOKS + 1)]
    found = []
    for name in [name for name in names if name] or [""]:
        start = _start(name)
        spec, mark = properties.get(start + SPEC), properties.get(start + SHA256)
        if spec is None or mark is None:
            return []
        given = {
            key.removeprefix(start + SET): value for key, value in properties.items() if key.startswith(start + SET)
        }
        found.append(Origin(name, spec, mark, given))
    return found


def is_book_name(name: str) -> bool:
    """Whether the sheets of a book can begin with a name; a file of one book has none."""
    return len(name) <= MAXIMUM_NAME and not INVALID_TITLE_REGEX.search(name) and name == clean(name)


def fingerprint(text: str) -> str:
    """What a spec's text is known by."""
    return sha256(text.encode("utf-8")).hexdigest()


def origin_of(book: Book, places: Iterable[InputPlace]) -> Origin:
    given = {place.path: _typed(book, place) for place in places if place.key in book.yours}
    return Origin(book.name, clean(book.file)[:MAXIMUM_PROPERTY], fingerprint(book.sheet.source.text), given)


def sign(volume: Volume, title: str, subject: str, found: Sequence[Origin]) -> None:
    """Title and maker as Excel shows them, and the properties that no sheet shows."""
    workbook = volume.workbook
    workbook.calculation.fullCalcOnLoad = True
    workbook.properties.title = clean(title)[:MAXIMUM_PROPERTY]
    workbook.properties.creator = f"memdsl {VERSION}"
    workbook.properties.subject = clean(subject)[:MAXIMUM_PROPERTY]
    workbook.active = 0
    properties = {VERSION_OF_BOOK: VERSION}
    for number, origin in enumerate(found, 1):
        if origin.name:
            properties[f"{BOOK} {number}"] = origin.name
        properties |= origin.properties()
    for name, value in properties.items():
        workbook.custom_doc_props.append(StringProperty(name=name, value=value))  # type: ignore[attr-defined]


def _typed(book: Book, place: InputPlace) -> str:
    """What stands in a yellow cell when the book is made."""
    value = book.yours[place.key]
    return str(value) if isinstance(value, (bool, str)) else repr(in_unit(value, place.unit))
