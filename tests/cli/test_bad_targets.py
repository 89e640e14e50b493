"""Targets that cannot be written, and texts of any length: told, bounded, and nothing that was there is lost."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from memdsl.cli.main import main

LONG = 10_000
SPEC = "param a = 2 kB\nb = 2 * a\n"
OLDER = b"the older report"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "one.mem").write_text(SPEC)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "one.xlsx").write_bytes(OLDER)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    (tmp_path / "out").chmod(0o755)


def report(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["report", *arguments])
    return int(end.value.code or 0)


WAYS = {"folder": ("-o", "out", "--format", "xlsx"), "book": ("--book", "out/one.xlsx")}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return WAYS[request.param]


def test_a_folder_that_cannot_be_written(
    way: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rights of a folder, which the superuser has nothing to fear from, so that the refusal is made here."""
    Path("out").chmod(0o555)
    if os.geteuid() == 0:
        monkeypatch.setattr("tempfile.mkstemp", refused)
    assert report("one.mem", *way) == 3
    assert "out/one.xlsx cannot be written: Permission denied" in capsys.readouterr().err
    assert Path("out/one.xlsx").read_bytes() == OLDER


def refused(*_: object, **__: object) -> tuple[int, str]:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("step", ["write", "replace"])
def test_a_target_that_another_program_holds(
    way: tuple[str, ...], step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Windows refuses to replace a file that is open elsewhere; a full disk refuses to write."""
    if step == "write":
        monkeypatch.setattr("memdsl.excel.cached._rewrite", refused)
    else:
        monkeypatch.setattr(Path, "replace", refused)
    assert report("one.mem", *way) == 3
    said = capsys.readouterr().err
    assert "out/one.xlsx cannot be written: Permission denied" in said
    assert Path("out/one.xlsx").read_bytes() == OLDER
    assert os.listdir("out") == ["one.xlsx"]


def test_a_read_only_file_and_one_open_in_libreoffice_are_replaced_whole(way: tuple[str, ...]) -> None:
    """The lock file of LibreOffice is a hint for LibreOffice: it stays, and what is written is a whole book."""
    Path("out/one.xlsx").chmod(0o444)
    lock = Path("out/.~lock.one.xlsx#")
    lock.write_text(",someone,machine,21.11.2026,file:///home/someone;")
    with Path("out/one.xlsx").open("rb") as held:
        assert report("one.mem", *way) == 0
        assert held.read() == OLDER
    assert load_workbook("out/one.xlsx")["Cover"]["A1"].value == "one"
    assert lock.read_text().startswith(",someone")
    assert stat.S_IMODE(Path("out/one.xlsx").stat().st_mode) & 0o200


def test_a_target_that_is_a_link_into_nowhere_becomes_the_book(way: tuple[str, ...]) -> None:
    """Nothing is written through it."""
    Path("out/one.xlsx").unlink()
    Path("out/one.xlsx").symlink_to("nowhere/one.xlsx")
    assert report("one.mem", *way) == 0
    assert not Path("out/one.xlsx").is_symlink()


def test_texts_and_names_of_ten_thousand_characters() -> None:
    """Every text is in the book as far as a cell takes it; names that Excel has no room for are cut, each once."""
    name = "n" * LONG
    text = "=" + "x" * (LONG - 1)
    row = "r" * LONG
    spec = f'"{text}"\nparam {name} = 3 "{text}"\nparam {name}b = 4 from 0 to 9 "{text}"\n'
    spec += f'total{name} = {name} + {name}b "{text}"\nscenario s{name} "{text}" {{ {name} = 5 }}\n'
    spec += f'table t {{\n  name | v\n  "{row}" | 2\n  w = v * {name}\n}}\n'
    spec += f'claim total{name} = 7 from "{text}"\n'
    Path("long.mem").write_text(spec)
    for way in (("-o", "out", "--format", "xlsx"), ("one.mem", "--book", "out/long.xlsx")):
        assert report("long.mem", *way) == 0
        workbook = load_workbook("out/long.xlsx")
        prefix = "long " if "--book" in way else ""
        assert workbook[f"{prefix}Cover"]["A1"].value == text
        texts = {cell.value for sheet in workbook for line in sheet.iter_rows() for cell in line}
        assert {name, f"{name}b", row} <= texts
        assert all(len(title) <= 31 for title in workbook.sheetnames)
        assert len({n.casefold() for n in workbook.defined_names}) == len(workbook.defined_names)
        assert all(len(n) <= 255 and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", n) for n in workbook.defined_names)
        for sheet in workbook:
            assert all(
                len(rule.prompt) <= 255 and len(rule.formula1) <= 255 for rule in sheet.data_validations.dataValidation
            )
            for line in sheet.iter_rows():
                assert all(not isinstance(cell.value, str) or len(cell.value) <= 32_767 for cell in line)
                assert all(cell.data_type == "s" for cell in line if cell.value == text)
                assert all(cell.comment is None or len(cell.comment.text) <= 32_767 for cell in line)
    held = load_workbook("out/long.xlsx", data_only=True)
    assert any(cell.value == 7 for line in held["long Results"].iter_rows() for cell in line)
    assert Path("out/long.xlsx").stat().st_size < 1_000_000


def test_what_fails_beside_the_pdf_is_told_and_the_rest_is_written() -> None:
    """A process of its own: only one without threads writes the workbook while it lays out pages."""
    Path("out/one.xlsx").unlink()
    Path("out/one.xlsx").mkdir()
    command = [sys.executable, "-m", "memdsl", "report", "one.mem", "-o", "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr == "memdsl: out/one.xlsx cannot be written: Is a directory\n"
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["out/one.html", "out/one.pdf"]
    assert sorted(path.name for path in Path("out").iterdir()) == ["one.html", "one.pdf", "one.xlsx"]
    Path("out/one.xlsx").rmdir()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["out/one.html", "out/one.pdf", "out/one.xlsx"]
    assert [sheet.title for sheet in load_workbook("out/one.xlsx").worksheets][:2] == ["Cover", "Inputs"]
