"""What `pull` refuses: it says why, and the spec stays as it is."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from office import edit
from workbooks import Made, made

from fuzzing.commands import SMALL
from memdsl import pull as room
from memdsl.pull import archive
from memdsl.sheet.operations import Value

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("faults") / "small.mem"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="module")
def book(spec: Path) -> Made:
    found = made(spec)
    found.layout.save(spec.with_suffix(".xlsx"))
    return found


def memdsl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "dsl")}
    command = [sys.executable, "-m", "memdsl", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def codes(file: Path, spec: Path) -> dict[str, str]:
    found = room.pull(file, spec)
    assert isinstance(found, room.Pulled)
    assert found.content == spec.read_bytes() or found.faults == []
    return {fault.place: fault.code for fault in found.faults}


@pytest.mark.parametrize(
    ("sheet", "cells", "faults"),
    [
        ("Inputs", {"E8": 100.0}, {"Inputs!E8": "out-of-range"}),
        ("Inputs", {"E8": 1024.0, "E9": -1.0}, {"Inputs!E8": "out-of-range", "Inputs!E9": "out-of-range"}),
        ("Inputs", {"E8": "64 px"}, {"Inputs!E8": "wrong-kind"}),
        ("Inputs", {"E8": True, "E11": 1.0}, {"Inputs!E8": "wrong-kind", "Inputs!E11": "wrong-kind"}),
        ("Inputs", {"E10": "FAST"}, {"Inputs!E10": "out-of-range"}),
        ("Inputs", {"E7": "mine"}, {"Inputs!E7": "no-input"}),
        ("Inputs", {"C8": 96.0}, {"Inputs!C8": "figure-changed"}),
        ("Inputs", {"F8": 96.0}, {"Inputs!F8": "formula-changed"}),
        ("Inputs", {"G9": "GiB"}, {"Inputs!G9": "figure-changed"}),
        ("Results", {"E5": 3.0}, {"Results!E5": "formula-changed"}),
        ("Units", {"B5": 3.0}, {"Units!B5": "figure-changed"}),
        ("Scenarios", {"E8": 33.0}, {"Scenarios!E8": "out-of-range"}),
    ],
)
def test_what_is_wrong_is_named_by_its_cell(
    book: Made, spec: Path, tmp_path: Path, sheet: str, cells: dict[str, Value], faults: dict[str, str]
) -> None:
    edit(spec.with_suffix(".xlsx"), tmp_path / "book.xlsx", book.layout, cells, sheet)
    assert codes(tmp_path / "book.xlsx", spec) == faults


def test_the_command_writes_the_spec_whole_and_says_what_it_did(book: Made, spec: Path, tmp_path: Path) -> None:
    own = tmp_path / "small.mem"
    own.write_bytes(spec.read_bytes())
    edit(spec.with_suffix(".xlsx"), tmp_path / "book.xlsx", book.layout, {"E9": 16.0})
    dry = memdsl("pull", tmp_path / "book.xlsx", "--into", own, "--dry-run")
    assert (dry.returncode, own.read_text()) == (0, SMALL)
    assert "-param sram = 8 MiB" in dry.stdout
    assert "+param sram = 16 MiB" in dry.stdout
    done = memdsl("pull", tmp_path / "book.xlsx")  # the spec that it names stands beside it
    assert (done.returncode, done.stdout) == (0, dry.stdout)
    assert own.read_text() == SMALL.replace("8 MiB", "16 MiB")
    again = memdsl("pull", tmp_path / "book.xlsx", "--into", own)
    assert again.returncode == 1
    assert "has changed since the book was made" in again.stderr


def test_faults_end_the_command_and_leave_the_spec(book: Made, spec: Path, tmp_path: Path) -> None:
    edit(spec.with_suffix(".xlsx"), tmp_path / "book.xlsx", book.layout, {"E8": 100.0})
    done = memdsl("pull", tmp_path / "book.xlsx", "--into", spec)
    assert (done.returncode, done.stdout, spec.read_text()) == (1, "", SMALL)
    assert "error[out-of-range]: `side` = 100 px is not allowed" in done.stderr
    assert "book.xlsx, Inputs!E8" in done.stderr
    assert "allowed: a multiple of 32 px from 32 px to 512 px" in done.stderr


def test_a_book_of_another_spec_or_none(book: Made, spec: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mem"
    other.write_text(SMALL + "d = 1\n")
    done = memdsl("pull", spec.with_suffix(".xlsx"), "--into", other)
    assert (done.returncode, "was made from small.mem" in done.stderr) == (1, True)
    from openpyxl import Workbook

    Workbook().save(tmp_path / "any.xlsx")
    done = memdsl("pull", tmp_path / "any.xlsx", "--into", spec)
    assert (done.returncode, "no workbook of a spec" in done.stderr) == (1, True)


def test_a_book_of_an_older_version(book: Made, spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memdsl.pull.back.VERSION", "99.0")
    with pytest.raises(room.Refused, match="made by memdsl"):
        room.pull(spec.with_suffix(".xlsx"), spec)


def test_what_was_set_when_the_book_was_made_is_no_change(spec: Path, tmp_path: Path) -> None:
    found = made(spec, settings=[("sram", "12.3 MiB"), ("mode", '"slow"'), ("on", "false")], scenario="large")
    found.layout.save(tmp_path / "book.xlsx")
    pulled = room.pull(tmp_path / "book.xlsx", spec)
    assert isinstance(pulled, room.Pulled)
    assert (pulled.changes, pulled.faults, pulled.content) == (0, [], spec.read_bytes())


# ---- files from strangers -------------------------------------------------------------------------------------------

Parts = dict[str, bytes]


def _with(name: str, content: bytes) -> Callable[[Parts], None]:
    return lambda parts: parts.__setitem__(name, content)


def _entities(parts: Parts) -> None:
    text = parts["xl/workbook.xml"]
    at = text.index(b"<workbook")
    parts["xl/workbook.xml"] = text[:at] + b'<!DOCTYPE w [<!ENTITY a "aaaa">]>' + text[at:]


def _other_encoding(parts: Parts) -> None:
    text = parts["xl/workbook.xml"].decode().removeprefix("<?xml version='1.0' encoding='UTF-8'?>")
    parts["xl/workbook.xml"] = ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode("utf-16")


def _into_sheet(what: bytes) -> Callable[[Parts], None]:
    def put(parts: Parts) -> None:
        name = "xl/worksheets/sheet1.xml"
        parts[name] = parts[name].replace(b"</sheetData>", b"</sheetData>" + what)

    return put


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_with("xl/vbaProject.bin", b"x"), "macros"),
        (_with("xl/externalLinks/externalLink1.xml", b"<a/>"), "links to other workbooks"),
        (_with("xl/connections.xml", b"<a/>"), "connections"),
        (_with("xl/embeddings/oleObject1.bin", b"x"), "embedded objects"),
        (_entities, "XML entities"),
        (_other_encoding, "not in UTF-8"),
        (_with("xl/worksheets/sheet1.xml", b"<worksheet"), "damaged"),
        (_with("xl/bomb.xml", b"0" * 5_000_000), "larger than"),
        (_with("xl/cells.xml", b"<c r" * 2_000), "cells"),
        (_into_sheet(b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "merged ranges"),
        (_into_sheet(b"<mergeCells><mergeCell  ref = 'AA1:&#65;A900'/></mergeCells>"), "merged ranges"),
        (_with("xl/names.xml", b'<x:definedName name="a"/>' * 60_000), "names"),
        (_with("xl/styles.xml", b"<xf/>" * 450_000), "styles are larger"),
        (lambda parts: parts.pop("xl/workbook.xml"), "no Excel workbook"),
    ],
)
def test_hostile_books(
    book: Made,
    spec: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Parts], object],
    said: str,
) -> None:
    monkeypatch.setattr(archive, "MAXIMUM_CONTENT", 4_000_000)
    monkeypatch.setattr(archive, "MAXIMUM_CELLS", 1_500)
    target = damaged(spec, damage, tmp_path / "hostile.xlsx")
    with pytest.raises(room.Unreadable, match=said):
        room.pull(target, spec)


def damaged(spec: Path, damage: Callable[[Parts], object], target: Path) -> Path:
    with zipfile.ZipFile(spec.with_suffix(".xlsx")) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    damage(parts)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made_of:
        for name, content in parts.items():
            made_of.writestr(name, content)
    return target


def test_a_cell_far_out_is_one_cell(book: Made, spec: Path, tmp_path: Path) -> None:
    def put(parts: Parts) -> None:
        name, far = "xl/worksheets/sheet1.xml", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        parts[name] = parts[name].replace(b"</sheetData>", far)

    found = room.pull(damaged(spec, put, tmp_path / "far.xlsx"), spec)
    assert isinstance(found, room.Pulled)
    assert (found.changes, found.faults) == (0, [])


@pytest.mark.parametrize("name", ["a[b]", "a/b", "a:b", "x" * 17, "a\x1fb"])
def test_a_book_with_a_name_that_no_sheet_can_have(book: Made, spec: Path, tmp_path: Path, name: str) -> None:
    def rename(parts: Parts) -> None:
        text = parts["docProps/custom.xml"].decode()
        text = text.replace('name="memdsl spec', f'name="memdsl {name} spec')
        one = text[text.index("<property ") : text.index("</property>") + len("</property>")]
        named = re.sub(r'name="[^"]*"', 'name="memdsl book 1"', re.sub(r">[^<>]*</vt", f">{name}</vt", one))
        text = text.replace(one, one + named.replace('pid="2"', 'pid="99"'))
        parts["docProps/custom.xml"] = text.encode()

    target = damaged(spec, rename, tmp_path / "named.xlsx")
    with pytest.raises((room.Refused, room.Unreadable)):
        room.pull(target, spec)


def test_a_property_that_is_no_number(spec: Path, tmp_path: Path) -> None:
    found = made(spec, settings=[("sram", "12 MiB")])
    found.layout.save(spec.with_suffix(".xlsx"))

    def put(parts: Parts) -> None:
        text = parts["docProps/custom.xml"]
        parts["docProps/custom.xml"] = text.replace(b">12.0<", b">abc<")
        assert parts["docProps/custom.xml"] != text

    pulled = room.pull(damaged(spec, put, tmp_path / "set.xlsx"), spec)
    assert isinstance(pulled, room.Pulled)
    assert (pulled.changes, pulled.faults) == (1, [])


def test_a_zip_bomb_that_lies_about_its_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spec: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", b"<a/>")
        bomb.writestr("xl/workbook.xml", b" " * 50_000_000)
    data = bytearray(content.getvalue())
    size = (50_000_000).to_bytes(4, "little")
    small = (1_000).to_bytes(4, "little")
    (tmp_path / "bomb.xlsx").write_bytes(bytes(data).replace(size, small))
    monkeypatch.setattr(archive, "MAXIMUM_CONTENT", 10_000_000)
    with pytest.raises(room.Unreadable):
        room.pull(tmp_path / "bomb.xlsx", spec)


@pytest.mark.parametrize("length", [0, 4, 1_000, -10_000, -30])
def test_books_cut_off(book: Made, spec: Path, tmp_path: Path, length: int) -> None:
    whole = spec.with_suffix(".xlsx").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[:length])
    with pytest.raises(room.Unreadable, match="not a whole"):
        room.pull(tmp_path / "cut.xlsx", spec)


def test_a_missing_book_and_a_spec_that_cannot_be_written(book: Made, spec: Path, tmp_path: Path) -> None:
    assert memdsl("pull", tmp_path / "none.xlsx", "--into", spec).returncode == 3
    assert memdsl("pull", spec.with_suffix(".xlsx"), "--into", tmp_path / "none.mem").returncode == 1
    assert memdsl("pull", spec, "--into", spec).returncode == 3
