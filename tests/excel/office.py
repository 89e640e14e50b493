"""LibreOffice as the oracle: changes inputs in a workbook, drops every cached value, recalculates, reads the cells."""

from __future__ import annotations

import math
import os
import re
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import load_workbook

from memdsl.excel import FilePlaces
from memdsl.excel.scales import in_unit
from memdsl.sheet.input_keys import InputKey
from memdsl.sheet.operations import Value

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Calculation">
<prop oor:name="UseThreadedCalculationForFormulaGroups" oor:op="fuse"><value>false</value></prop>
</item>
</oor:items>
"""
"""Recalculate always: otherwise LibreOffice trusts the file's values, and a formula it cannot compute looks fine. Its
threads read cells of what-if tables while another trial stands in them."""

CACHED = re.compile(r"(<f>[^<]*</f>)<v>[^<]*</v>")
TRIALS = re.compile(r'<f t="dataTable"[^>]*/>')
CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)


@dataclass(frozen=True)
class Cells:
    """The values of a book by sheet and coordinate, and those that are errors."""

    values: dict[tuple[str, str], object]
    errors: list[tuple[str, str, object]]


def change(
    book: Path, target: Path, layout: FilePlaces, overrides: Mapping[InputKey, Value], *, trials: bool = True
) -> None:
    """A copy of a book without cached values, its inputs changed as a person would: under `Yours`.

    Without `trials` its what-if tables are left out: where a whole book is computed anew, LibreOffice may leave what a
    trial gave in a column that is read as a range.
    """
    by_key = {place.key: place for place in layout.inputs.values()}
    wanted = {
        by_key[key].value: value if isinstance(value, (bool, str)) else in_unit(float(value), by_key[key].unit)
        for key, value in overrides.items()
    }
    edit(book, target, layout, wanted, trials=trials)


def edit(
    book: Path,
    target: Path,
    layout: FilePlaces,
    wanted: Mapping[str, Value | None],
    sheet: str = "Inputs",
    *,
    trials: bool = True,
) -> None:
    """A copy of a book without cached values, in which cells of a sheet hold something else."""
    left = dict(wanted)
    edited = layout.volume.workbook[sheet].path.lstrip("/")
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in source.infolist():
            content = source.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                text = CACHED.sub(r"\1", content.decode())
                text = text if trials else TRIALS.sub("", text)
                if item.filename == edited:
                    text = CELL.sub(lambda match: _changed(match, left), text)
                    assert not left, f"no cell for {left}"
                content = text.encode()
            archive.writestr(item, content)


def _changed(match: re.Match[str], wanted: dict[str, Value | None]) -> str:
    coordinate, attributes = match[1], re.sub(r' t="[^"]*"', "", match[2])
    if coordinate not in wanted:
        return match[0]
    value = wanted.pop(coordinate)
    if value is None:
        return f'<c r="{coordinate}"{attributes}/>'
    if isinstance(value, bool):
        return f'<c r="{coordinate}"{attributes} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{coordinate}"{attributes} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{coordinate}"{attributes}><v>{value!r}</v></c>'


def recalculate(books: Sequence[Path], folder: Path) -> list[Path]:
    """The books as LibreOffice saves them after a full recalculation, a run for each processor."""
    runs = min(os.cpu_count() or 1, len(books))
    with ThreadPoolExecutor(runs) as pool:
        parts = pool.map(lambda n: _recalculated(books[n::runs], folder / f"run{n}"), range(runs))
        written = {path.name: path for part in parts for path in part}
    return [written[book.name] for book in books]


def _recalculated(books: Sequence[Path], folder: Path) -> list[Path]:
    """One run of LibreOffice with a profile of its own: runs that share one become one."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
    out = folder / "recalculated"
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx"]
    done = subprocess.run(
        [*command, "--outdir", str(out), *map(str, books)], capture_output=True, text=True, timeout=600, check=False
    )
    found = [out / book.name for book in books]
    missing = [path.name for path in found if not path.exists()]
    assert not missing, f"LibreOffice did not write {missing}: {done.stdout}{done.stderr}"
    return found


def read(book: Path) -> Cells:
    workbook = load_workbook(book, data_only=True)
    values: dict[tuple[str, str], object] = {}
    errors: list[tuple[str, str, object]] = []
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == "#N/A" and sheet.title.endswith("Chart data"):
                    values[sheet.title, cell.coordinate] = math.nan  # what a chart leaves out
                elif cell.value is not None:
                    values[sheet.title, cell.coordinate] = cell.value
                    if cell.data_type == "e":
                        errors.append((sheet.title, cell.coordinate, cell.value))
    return Cells(values, errors)
