"""What a spreadsheet lets things be called: sheet titles, defined names, texts; and how a formula refers to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from openpyxl.utils import get_column_letter

MAXIMUM_TITLE = 31
MAXIMUM_NAME = 200
MAXIMUM_TEXT = 32_000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_FORBIDDEN_IN_TITLES = re.compile(r"[\[\]:*?/\\\"']+")
_CELL_LIKE = re.compile(r"[A-Za-z]{1,3}[0-9]+_*|[rR]?[cC]|[rR]")
"""Names that Excel, LibreOffice or another program takes for a cell, with what is put behind them too."""
_ROW_LIKE = re.compile(r"[rRcC][0-9]")
"""Names that begin like a reference to a row or a column by its number (`R1_total`): Excel refuses some of them."""
_RESERVED_NAMES = {"true", "false", "print_area", "print_titles", "_xlnm"}


def clean(text: str) -> str:
    """A text that an XML file can hold: without control characters, within the length of a cell."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:MAXIMUM_TEXT]


def looks_like_formula(text: str) -> bool:
    """Whether a person who edits the cell would turn the text into a formula."""
    return text[:1] in ("=", "+", "-", "@")


class Titles:
    """Sheet titles: legal, at most 31 characters, each once (Excel does not tell upper from lower case)."""

    def __init__(self, reserved: Iterable[str], start: str = "") -> None:
        self._reserved = tuple(reserved)
        self._start = start
        self._taken = {f"{start}{title}".casefold() for title in self._reserved} | {"history"}

    def within(self, start: str) -> Titles:
        """The titles of one book of the file, each of which begins with its name."""
        found = Titles(self._reserved, f"{start} " if start else "")
        self._taken |= found._taken
        found._taken = self._taken
        return found

    def title(self, wanted: str) -> str:
        """A free title near the one wanted: `compare["yolo/mid"].run` is `compare yolo-mid run`."""
        text = clean(wanted).replace("/", "-").replace("].", " ").replace("\n", " ")
        text = self._start + (" ".join(_FORBIDDEN_IN_TITLES.sub(" ", text).split()) or "Sheet")
        found, number = text[:MAXIMUM_TITLE].strip(), 1
        while found.casefold() in self._taken:
            number += 1
            suffix = f" ({number})"
            found = text[: MAXIMUM_TITLE - len(suffix)].strip() + suffix
        self._taken.add(found.casefold())
        return found


class DefinedNames:
    """Defined names: legal, unlike any cell reference, each once."""

    def __init__(self, start: str = "") -> None:
        self._taken: set[str] = set()
        self._start = start

    def within(self, start: str) -> DefinedNames:
        """The names of one book of the file, each of which begins with the book's."""
        found = DefinedNames(f"{start}_" if start else "")
        found._taken = self._taken
        return found

    def name(self, wanted: str) -> str:
        """A free name near the one wanted: `chip.dram.energy` is `chip_dram_energy`, `a1` is `_a1`."""
        text = self._start + (re.sub(r"[^A-Za-z0-9_]+", "_", wanted).strip("_") or "value")
        if text[0].isdigit():
            text = "_" + text
        text = text[:MAXIMUM_NAME]
        if _CELL_LIKE.fullmatch(text) or _ROW_LIKE.match(text) or text.casefold() in _RESERVED_NAMES:
            text = "_" + text
        found, number = text, 1
        while found.casefold() in self._taken:
            number += 1
            found = f"{text}_{number}"
        self._taken.add(found.casefold())
        return found


@lru_cache(maxsize=4096)
def letter(column: int) -> str:
    """`AB` for column 28."""
    return get_column_letter(column)


@lru_cache(maxsize=4096)
def sheet_prefix(title: str) -> str:
    """How a formula on another sheet begins a reference: `today!`, `'a sheet'!`."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", title)
    if (
        plain
        and not _CELL_LIKE.fullmatch(title)
        and not _ROW_LIKE.match(title)
        and title.casefold() not in _RESERVED_NAMES
    ):
        return f"{title}!"
    return "'" + title.replace("'", "''") + "'!"


def quoted(text: str) -> str:
    """A text as a formula writes it. Excel allows 255 characters in one literal: a longer one is joined."""
    chunks = [text[i : i + 250] for i in range(0, len(text), 250)] or [""]
    return "&".join('"' + chunk.replace('"', '""') + '"' for chunk in chunks)
