"""The file itself: what openpyxl wrote, with the rows of the bands and a value beside every formula.

openpyxl writes formulas without values; until Excel recalculates, previewers, pandas and Protected View would show
nothing. It writes no alternative texts of charts either.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from openpyxl import Workbook
from openpyxl.utils import range_boundaries
from openpyxl.writer.excel import ExcelWriter

from ..evaluate import Values
from ..files import write_whole
from ..sheet.operations import Value
from .alternatives import alternatives, with_alternatives
from .formulas import escaped
from .names import clean, letter
from .page import Band, Page

MAXIMUM_EMPTY = 2_000
"""Up to so many rows, a band has its lines in cells without content too."""

_FORMULA_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f>(.*?)</f><v\s*(?:/>|></v>)</c>', re.DOTALL)
_TRIED = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f t="dataTable"[^>]*>(?:</f>)?)<v\s*(?:/>|></v>)</c>')
_ROW = re.compile(r'<row r="([0-9]+)"')
_FONT = re.compile(r"<font>(.*?)</font>", re.DOTALL)
_FONT_PART = re.compile(r"<(\w+)[^>]*?(?:/>|></\1>)")
_FONT_ORDER = ("b", "i", "strike", "u", "vertAlign", "sz", "color", "name", "family", "charset", "scheme")
_NO_ROWS = re.compile(r"<sheetData\s*/>")
_DIMENSION = re.compile(r'<dimension ref="([^"]*)"\s*(?:/>|></dimension>)')


def save(workbook: Workbook, pages: Sequence[tuple[Page, Values]], target: Path | BinaryIO) -> None:
    """Writes the book, whole or not at all: each sheet with its formulas' values at a point."""
    for page, _ in pages:
        for column in (column for band in page.bands for column in band.columns):
            page.styles.number(page.worksheet, column.look)  # before openpyxl writes the list of styles
    written = io.BytesIO()
    workbook.properties.modified = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    ExcelWriter(workbook, ZipFile(written, "w", ZIP_STORED)).save()  # compressed once, when it is whole
    paths = {page.worksheet.path.lstrip("/"): (page, values) for page, values in pages}
    texts = alternatives(workbook)
    if not isinstance(target, Path):
        _rewrite(written, target, paths, texts)
        return

    def write(draft: Path) -> None:
        with draft.open("wb") as file:
            _rewrite(written, file, paths, texts)

    write_whole(target, write)


def _rewrite(
    written: io.BytesIO, target: BinaryIO, paths: dict[str, tuple[Page, Values]], texts: dict[str, list[str]]
) -> None:
    with ZipFile(written) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for item in source.infolist():
            content = source.read(item)
            found = paths.get(item.filename)
            if item.filename == "xl/styles.xml":
                content = _FONT.sub(_in_order, content.decode("utf-8")).encode("utf-8")
            if item.filename in texts:
                content = with_alternatives(content.decode("utf-8"), texts[item.filename]).encode("utf-8")
            if found is None:
                archive.writestr(item, content, ZIP_DEFLATED)
                continue
            with archive.open(item.filename, "w") as file:
                for text in _sheet(content.decode("utf-8"), *found):
                    file.write(text.encode("utf-8"))


def _in_order(match: re.Match[str]) -> str:
    """A font with its parts in the order that the format prescribes; openpyxl's is another."""
    parts = {part[1]: part[0] for part in _FONT_PART.finditer(match[1])}
    if not parts.keys() <= set(_FONT_ORDER):
        return match[0]
    return "<font>" + "".join(parts[name] for name in _FONT_ORDER if name in parts) + "</font>"


def _sheet(xml: str, page: Page, values: Values) -> Iterator[str]:
    sources = page.sources

    def with_value(match: re.Match[str]) -> str:
        coordinate, attributes, formula = match.groups()
        source = sources.get(coordinate)
        value = source(values) if source is not None else None
        if value is None:
            return f'<c r="{coordinate}"{attributes}><f>{formula}</f></c>'
        kind, text = _value(value)
        return f'<c r="{coordinate}"{attributes}{kind}><f>{formula}</f><v>{text}</v></c>'

    def tried(match: re.Match[str]) -> str:
        source = sources[match[1]]
        _, text = _value(source(values))
        return f'<c r="{match[1]}"{match[2]}>{match[3]}<v>{text}</v></c>'

    xml = _TRIED.sub(tried, xml)
    xml = _DIMENSION.sub(lambda match: f'<dimension ref="{_extent(match[1], page)}"/>', xml, count=1)
    xml = _FORMULA_CELL.sub(with_value, xml)
    position = 0
    for band in sorted(page.bands, key=lambda band: band.first):
        if not band.count:
            continue
        at = next((m.start() for m in _ROW.finditer(xml, position) if int(m[1]) >= band.first), None)
        if at is None:
            at = xml.find("</sheetData>", position)
        if at < 0:
            xml = _NO_ROWS.sub("<sheetData></sheetData>", xml)
            at = xml.find("</sheetData>", position)
        yield xml[position:at]
        yield from _rows(band, page, values)
        position = at
    yield xml[position:]


def _rows(band: Band, page: Page, values: Values) -> Iterator[str]:
    columns = []
    for column in sorted(band.columns, key=lambda column: column.at):
        look = page.styles.number(page.worksheet, column.look)
        found = column.source(values) if column.source is not None else None
        plain = '"><v>%s</v></c>' if column.is_number else ""
        columns.append((letter(column.at), f'" s="{look}', column.texts, found, plain))
    for i in range(band.count):
        row = str(band.first + i)
        level = f' outlineLevel="{band.levels[i]}"' if band.levels and band.levels[i] else ""
        cells = [f'<row r="{row}"{level}>']
        for name, style, texts, found, plain in columns:
            text = texts[i]
            if text is None:
                if band.count <= MAXIMUM_EMPTY:
                    cells.append(f'<c r="{name}{row}{style}"/>')
                continue
            if plain:
                cells.append(f'<c r="{name}{row}{style}{plain % text}')
                continue
            if found is None:
                content = escape(clean(text), quote=False)
                space = ' xml:space="preserve"' if content != content.strip() else ""
                cells.append(f'<c r="{name}{row}{style}" t="inlineStr"><is><t{space}>{content}</t></is></c>')
                continue
            value = found[i]
            if type(value) is float:
                number = repr(value)
                number = number[:-2] if number.endswith(".0") else number
                if value == value:
                    cells.append(f'<c r="{name}{row}{style}"><f>{escaped(text)}</f><v>{number}</v></c>')
                    continue
            kind, shown = _value(value)
            held = f"<v>{shown}</v>" if shown else ""
            cells.append(f'<c r="{name}{row}{style}"{kind}><f>{escaped(text)}</f>{held}</c>')
        cells.append("</row>")
        yield "".join(cells)


def _value(value: Value | None) -> tuple[str, str]:
    """A value as a cell holds it: the attribute that says its type, and its text."""
    if isinstance(value, bool):
        return ' t="b"', "1" if value else "0"
    if isinstance(value, str):
        return ' t="str"', escape(clean(value), quote=False)
    if value is None:
        return "", ""
    if value != value:
        return ' t="e"', "#N/A"
    text = repr(float(value))
    return "", text[:-2] if text.endswith(".0") else text


def _extent(reference: str, page: Page) -> str:
    """The range that the sheet's cells fill, bands included."""
    left, top, right, bottom = range_boundaries(reference)
    assert left is not None
    assert top is not None
    assert right is not None
    assert bottom is not None
    for band in page.bands:
        if band.columns:
            bottom = max(bottom, band.first + band.count - 1)
            right = max(right, *(column.at for column in band.columns))
    return f"{letter(left)}{top}:{letter(right)}{bottom}"
