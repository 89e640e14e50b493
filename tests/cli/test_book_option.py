"""`memdsl report --book`: one workbook of several specs, and what cannot be one."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from memdsl.cli.main import main

SPEC = "param a = 2 kB\nb = 2 * a\nscenario big { a = 9 kB }\nscenario small { a = 1 B }\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("one", SPEC), ("two", SPEC.replace("2 *", "3 *")), ("bad", "b = c\n")):
        (tmp_path / f"{name}.mem").write_text(text)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.mem").write_text("param a = 4 kB\n")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "kept.xlsx").write_bytes(b"older")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["report", *arguments])
    return int(end.value.code or 0)


def compared(name: str) -> list[object]:
    """The line of `b`, from its unit on."""
    sheet = load_workbook(name, data_only=True)["Comparison"]
    return next(
        [cell.value for cell in row[2:] if cell.value is not None] for row in sheet.iter_rows() if row[1].value == "b"
    )


def test_specs_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert report("one.mem", "two.mem", "--set", "a=3 kB", "--book", "both.xlsx") == 0
    assert capsys.readouterr().out.startswith("both.xlsx  ")
    assert compared("both.xlsx") == ["kB", 6, 9, 3, 1.5]
    said = [str(cell.value) for row in load_workbook("both.xlsx")["Cover"].iter_rows() for cell in row]
    assert "memdsl report one.mem two.mem --set 'a=3 kB' --book both.xlsx" in said


def test_scenarios_side_by_side() -> None:
    assert report("one.mem", "--scenario", "big", "--scenario", "small", "--book", "rooms.xlsx") == 0
    assert compared("rooms.xlsx") == ["B", 18_000, 2, -17_998, 2 / 18_000]
    assert load_workbook("rooms.xlsx")["big Inputs"]["B4"].value == "big"
    assert report("one.mem", "two.mem", "--scenario", "big", "--scenario", "small", "--book", "four.xlsx") == 0
    assert "two_small Inputs" in load_workbook("four.xlsx").sheetnames


def test_one_spec_is_the_book_that_report_writes() -> None:
    assert report("one.mem", "--book", "one.xlsx") == 0
    assert report("one.mem", "--format", "xlsx", "-o", "usual") == 0
    assert load_workbook("one.xlsx").sheetnames == load_workbook("usual/one.xlsx").sheetnames


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["one.mem", "one.mem", "--book", "x.xlsx"], 2, "one.mem is named twice"),
        (["one.mem", "./one.mem", "--book", "x.xlsx"], 2, "is named twice"),
        (["one.mem", "deep/one.mem", "--book", "x.xlsx"], 2, "would have one name in the book"),
        (["one.mem", "--scenario", "big", "--scenario", "big", "--book", "x.xlsx"], 2, "big is named twice"),
        (["one.mem", "--scenario", "big", "--scenario", "small"], 2, "several scenarios need --book"),
        (["one.mem", "--book", "x.xlsx", "--format", "xlsx,pdf"], 2, "--book is a workbook"),
        (["one.mem", "--book", "x.xls"], 2, "an .xlsx file"),
        (["one.mem", "--book", "x.xlsx", "-o", "out"], 2, "-o names a folder"),
        (["one.mem", "--book", "x.xlsx", "--paper", "letter"], 2, "--paper is for the PDF"),
        (["one.mem", "bad.mem", "--book", "kept.xlsx"], 1, "unknown-name"),
        (["one.mem", "--scenario", "huge", "--book", "kept.xlsx"], 1, "no scenario `huge`"),
        (["one.mem", "two.mem", "--book", "folder.xlsx"], 3, "folder.xlsx cannot be written: Is a directory"),
        (["one.mem", "two.mem", "--book", "one.mem/x.xlsx"], 3, "cannot be written"),
    ],
)
def test_what_cannot_be_a_book(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    before = sorted(folder.rglob("*"))
    assert report(*arguments) == code
    assert said in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before
    assert Path("kept.xlsx").read_bytes() == b"older"


def test_too_many_models() -> None:
    for number in range(13):
        Path(f"deep/n{number}.mem").write_text(SPEC)
    assert report("deep", "--book", "x.xlsx") == 2
