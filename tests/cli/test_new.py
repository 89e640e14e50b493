"""`memdsl new`: every starter is a spec worth starting from, and nothing is written over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.cli.new import STARTERS, names

ROOT = Path(__file__).parent.parent.parent


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "memdsl", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_starters() -> None:
    assert names() == ["cnn", "compare", "layer", "llm", "roofline"]


@pytest.mark.parametrize("name", names())
def test_a_starter_is_sound_holds_its_claims_and_has_a_report(name: str) -> None:
    path = STARTERS / f"{name}.mem"
    source = driver.read(path)
    assert isinstance(source, driver.Source)
    model = driver.build(source, STARTERS, path)
    claims = model.claims
    assert [d.message for d in model.problems] == []
    assert len(claims) >= 2
    assert {c.status for c in claims} == {"holds"}
    assert model.sheet.report
    assert model.sheet.title


@pytest.mark.parametrize("name", names())
def test_a_starter_stands_in_the_canonical_layout(name: str) -> None:
    assert run("fmt", "--check", str(STARTERS / f"{name}.mem"), cwd=ROOT).returncode == 0


@pytest.mark.parametrize("name", names())
def test_a_starter_becomes_all_reports(name: str, tmp_path: Path) -> None:
    assert run("new", "mine", "--starter", name, cwd=tmp_path).returncode == 0
    done = run("report", "mine.mem", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"mine.xlsx", "mine.pdf", "mine.html"}


def test_names(tmp_path: Path) -> None:
    listed = run("new", cwd=tmp_path)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == names()
    assert list(tmp_path.iterdir()) == []
    assert run("new", "my_chip", cwd=tmp_path).stdout.startswith(
        "my_chip.mem  A convolutional network on an edge chip\n"
    )
    assert run("new", "roofline.mem", cwd=tmp_path).returncode == 0
    assert (tmp_path / "roofline.mem").read_bytes() == (STARTERS / "roofline.mem").read_bytes()
    assert (tmp_path / "my_chip.mem").read_bytes() == (STARTERS / "cnn.mem").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("there",), 2, "there.mem exists already"),
        (("x", "--starter", "none"), 2, "there is no starter none; there are cnn"),
        (("no/where",), 3, "cannot be written"),
        (("..",), 2, "no name for a spec"),
        (("a b",), 2, "no name for a spec"),
    ],
)
def test_wrong_use_is_said_and_nothing_is_lost(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "there.mem").write_text("x = 1\n")
    done = run("new", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert (tmp_path / "there.mem").read_text() == "x = 1\n"
    assert len(list(tmp_path.iterdir())) == 1
