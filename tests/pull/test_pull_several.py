"""A workbook of several specs, changed and pulled back: into the right spec, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from office import edit
from workbooks import made

from memdsl.cli.main import main
from memdsl.excel import FilePlaces, Part, book_names, build_book
from memdsl.sheet.operations import Value

FIRST = "param a = 1 MB from 0 B to 9 MB   # stays\nparam b = 2 kB\nc = a + b\nscenario big { a = 3 MB }\n"
SECOND = "param a = 4 MB\nparam rate = 1 GB/s\nd = a / rate\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "first.mem").write_text(FIRST)
    (tmp_path / "second.mem").write_text(SECOND)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bound(listed: list[tuple[str, str | None]]) -> FilePlaces:
    names = book_names([(Path(spec).stem, scenario) for spec, scenario in listed])
    parts = []
    for name, (spec, scenario) in zip(names, listed, strict=True):
        model = made(Path(spec), scenario=scenario).model
        parts.append(Part(model, scenario=scenario, name=name))
    layout = build_book(parts)
    layout.save(Path("both.xlsx"))
    return layout


TWO: list[tuple[str, str | None]] = [("first.mem", None), ("second.mem", None)]
SAME: list[tuple[str, str | None]] = [("first.mem", None), ("first.mem", "big")]


def typed(layout: FilePlaces, sheet: str, cells: dict[str, Value | None]) -> None:
    edit(Path("both.xlsx"), Path("typed.xlsx"), layout, cells, sheet)
    Path("typed.xlsx").replace("both.xlsx")


def pull(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["pull", "both.xlsx", *arguments])
    return int(end.value.code or 0)


def texts() -> tuple[str, str]:
    return Path("first.mem").read_text(), Path("second.mem").read_text()


@pytest.mark.usefixtures("folder")
def test_a_file_as_it_was_made_changes_not_a_byte() -> None:
    for listed in (TWO, SAME):
        bound(listed)
        assert pull() == 0
        assert texts() == (FIRST, SECOND)


@pytest.mark.usefixtures("folder")
def test_each_spec_gets_what_was_typed_into_its_book() -> None:
    layout = bound(TWO)
    typed(layout, "first Inputs", {"E8": 5.0})
    typed(layout, "first Scenarios", {"E9": 7.0})
    typed(layout, "second Inputs", {"E8": 6.0})
    assert pull("--into", "second.mem") == 0
    assert texts() == (FIRST, SECOND.replace("4 MB", "6 MB"))
    Path("second.mem").write_text(SECOND)
    assert pull() == 0
    first = FIRST.replace("1 MB", "5 MB").replace("a = 3 MB }", "a = 3 MB; b = 7 kB }")
    assert texts() == (first, SECOND.replace("4 MB", "6 MB"))


@pytest.mark.usefixtures("folder")
def test_nothing_is_written_when_one_book_is_faulty(capsys: pytest.CaptureFixture[str]) -> None:
    layout = bound(TWO)
    typed(layout, "first Inputs", {"E8": 5.0})
    typed(layout, "second Inputs", {"E8": "much"})
    assert pull() == 1
    assert texts() == (FIRST, SECOND)
    said = capsys.readouterr().err
    assert "second Inputs!E8" in said
    assert "nothing was written" in said


@pytest.mark.usefixtures("folder")
def test_books_of_one_spec_must_not_contradict_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    layout = bound([("first.mem", "big"), ("first.mem", None)])
    typed(layout, "big Inputs", {"E8": 5.0})
    typed(layout, "first Inputs", {"E9": 8.0})
    assert pull("--dry-run") == 0
    typed(layout, "first Inputs", {"E8": 6.0})
    assert pull() == 1
    assert texts() == (FIRST, SECOND)
    assert "another value here than in big Inputs!E8" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_scale_of_all_books_that_was_changed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    layout = bound(TWO)
    rows = {row[0].value: row[1].coordinate for row in layout.volume.workbook["Units"].iter_rows(min_row=5)}
    typed(layout, "Units", {rows["GB/s"]: 5.0})
    assert pull("--into", "first.mem") == 0
    assert pull() == 1
    assert f"Units!{rows['GB/s']}" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_spec_that_no_book_was_made_from(capsys: pytest.CaptureFixture[str]) -> None:
    bound(TWO)
    Path("third.mem").write_text("param a = 5\n")
    assert pull("--into", "third.mem") == 1
    assert "made from first.mem and second.mem" in capsys.readouterr().err
    Path("second.mem").write_text(SECOND + "# edited since\n")
    assert pull("--into", "first.mem") == 0
    assert pull() == 1
    assert "second.mem has changed since" in capsys.readouterr().err
