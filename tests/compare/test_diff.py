"""What differs between two specs: said with units, of what the command names, and of nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.compare import changes
from memdsl.diagnostics import Source

ROOT = Path(__file__).parent.parent.parent
SPEC = """"A small one"
use std.layers
use std.traffic
use std.hardware
param width = 64 px multiple of 32 from 32 px to 512 px "Width"
param sram = 8 kB from 0 B to 1 GB "SRAM"
option wide = false
network tiny(image[h, w, c]) {
  a = image -> conv(8)
  b = a -> conv(if wide then 32 else 16, stride = 2)
}
hardware chip = edge(sram = sram)
model one = traffic(tiny([width, width, 3]), chip)
share = one.weight_bytes / one.dram_bytes in %  "Share of the weights"
bounding = one.layers["b"].bound
scenario large { width = 128 px }
claim one.weight_bytes = 1_368 B from "a count by hand"
"""


def model(text: str, settings: dict[str, str] | None = None, scenario: str | None = None) -> driver.Model:
    made = driver.build(Source("x.mem", text), ROOT, None, list((settings or {}).items()), scenario)
    assert made.diagnostics == []
    return made


def run(*arguments: str, cwd: Path = ROOT, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "memdsl", "diff", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")},
    )


def test_a_spec_does_not_differ_from_itself() -> None:
    assert changes(model(SPEC), model(SPEC.replace("8 kB", "8_000 B"))).none


def test_ranges_uncertainties_and_scenarios_are_differences() -> None:
    before = SPEC.replace("from 0 B to 1 GB", "from 0 B to 1 MB ± 10%")
    after = SPEC.replace("scenario large { width = 128 px }", "scenario large { width = 96 px }")
    assert {
        (part.what, part.name): (part.before, part.after) for part in changes(model(before), model(after)).structure
    } == {
        ("what is allowed of", "sram"): ("from 0 B to 1 MB", "from 0 B to 1 GB"),
        ("how sure is", "sram"): ("± 10%", "exact"),
        ("scenario", "large"): ("width = 128", "width = 96"),
    }


def test_a_scenario_changes_its_inputs_and_what_follows() -> None:
    found = changes(model(SPEC), model(SPEC, scenario="large"))
    assert [(c.name, c.before.text, c.after.text, c.relative) for c in found.inputs] == [
        ("width", "64 px", "128 px", 1)
    ]
    results = {c.name: c for c in found.results}
    assert results["one.work"].relative == 3
    assert results["one.work"].before.unit == "MAC"
    assert "one.weight_bytes" not in results
    assert found.structure == ()
    assert found.claims == ()
    rows = {c.name: c for c in found.columns}
    assert (rows["one.rows.out_bytes"].differ, rows["one.rows.out_bytes"].rows) == (3, 3)
    assert rows["one.rows.out_bytes"].most.name == "a"
    # What both sides compute is what evaluation gives.
    larger = model(SPEC, scenario="large")
    assert results["one.dram_bytes"].after.value == larger.values.cell("one.dram_bytes")


def test_an_option_changes_rows_and_claims() -> None:
    found = changes(model(SPEC), model(SPEC.replace("wide = false", "wide = true").replace("1_368", "2_520")))
    assert [(c.name, c.before.text, c.after.text) for c in found.inputs] == [("wide", "false", "true")]
    (row,) = [s for s in found.structure if s.what.startswith("row")]
    assert (row.change, row.name) == ("changed", "b")
    assert "filters = 16" in row.before
    assert "filters = 32" in row.after
    assert [(c.before.text, c.after.text) for c in found.claims] == [("holds (1,368 B)", ""), ("", "holds (2,520 B)")]


def test_rows_and_formulas_that_came_and_went() -> None:
    other = SPEC.replace("  b = a", "  c = a -> conv(8)\n  b = c").replace(
        "share = one.weight_bytes", "share = 2 * one.weight_bytes"
    )
    found = changes(model(SPEC.replace("claim", "# claim")), model(other.replace("claim", "# claim")))
    told = {(s.change, s.what, s.name) for s in found.structure}
    assert told == {
        ("added", "row of tiny", "c"),
        ("changed", "row of tiny", "b"),
        ("changed", "formula", "share"),
    }


def test_a_hardware_part_that_changed_is_an_input() -> None:
    found = changes(model(SPEC), model(SPEC, {"chip.dram.energy": "100 pJ/B"}))
    assert [(c.name, c.before.text, c.after.text) for c in found.inputs] == [
        ("chip.dram.energy", "162.5 pJ/B", "100 pJ/B")
    ]
    assert "one.energy" in {c.name for c in found.results}


def test_values_of_other_units_have_no_percentage() -> None:
    found = changes(model("x = 1 MB"), model("x = 2 s"))
    assert [(c.before.text, c.after.text, c.relative) for c in found.inputs] == [("1 MB", "2 s", None)]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("x = 25 % in %", "x = 50 % in %", "x  25 % -> 50 %  +25 points"),
        ("x = 8 MiB", "x = 2 MiB", "x  8 MiB -> 2 MiB  -75 %"),
        ("x = 1 s", "x = 46 s", "x  1 s -> 46 s  ×46"),
        ("x = 0 B", "x = 1 B", "x  0 B -> 1 B"),
        ('x = "a"', 'x = "b"', "x  a -> b"),
        ("y = 1", "y = 1\nx = 3 B", "x  (not there) -> 3 B"),
        ("x = unlimited", "x = 3 B", "x  unlimited -> 3 B"),
    ],
)
def test_a_change_reads(tmp_path: Path, before: str, after: str, line: str) -> None:
    (tmp_path / "a.mem").write_text(before + "\n")
    (tmp_path / "b.mem").write_text(after + "\n")
    done = run("a.mem", "b.mem", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["a.mem  ->  b.mem", "Inputs", f"  {line}"]


def test_json_holds_base_units(tmp_path: Path) -> None:
    (tmp_path / "a.mem").write_text(SPEC)
    done = run("a.mem", "--set", "sram=1 MB", "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert (found["a"], found["b"]) == ("a.mem", "a.mem --set sram=1 MB")
    (sram,) = found["inputs"]
    assert (sram["name"], sram["before"], sram["after"], sram["unit"]) == ("sram", 8e3, 1e6, "B")
    assert {"inputs", "structure", "results", "rows", "claims"} <= found.keys()


def test_two_scenarios_and_standard_input(tmp_path: Path) -> None:
    text = SPEC + "scenario small { width = 32 px }\n"
    (tmp_path / "a.mem").write_text(text)
    done = run("a.mem", "--scenario", "small", "--scenario", "large", cwd=tmp_path)
    assert "width  32 px -> 128 px  +300 %" in done.stdout
    assert "no difference" in run("a.mem", "-", cwd=tmp_path, given=text).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("a.mem",), 2, "in no commit"),
        (("a.mem", "--scenario", "x", "--scenario", "y", "--scenario", "z"), 2, "two scenarios"),
        (("a.mem", "none.mem"), 1, "none.mem"),
        (("a.mem", "--scenario", "none"), 1, "no scenario `none`"),
        (("a.mem", "HEAD:a.mem"), 2, "no revision HEAD"),
        (("a.mem", "--exec:a.mem"), 2, "No such option"),
    ],
)
def test_wrong_use_is_said(tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    (tmp_path / "a.mem").write_text(SPEC)
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits of a spec that uses a file beside it, and settings that would run programs."""

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    inside = tmp_path / "specs" / "parts"
    inside.mkdir(parents=True)
    (tmp_path / ".gitattributes").write_text("*.mem diff=evil filter=evil\n")
    for key in ("diff.evil.textconv", "filter.evil.smudge", "core.fsmonitor", "core.pager", "alias.cat-file"):
        git("config", key, f"touch {tmp_path / 'ran'} #")
    (inside / "one.mem").write_text("inner = 2 B\n")
    (tmp_path / "specs" / "a.mem").write_text('use "parts/one.mem"\nx = 3 * inner\n')
    git("add", ".")
    git("commit", "-q", "-m", "one")
    (inside / "one.mem").write_text("inner = 5 B\n")
    git("commit", "-q", "-a", "-m", "two")
    (tmp_path / "ran").unlink(missing_ok=True)
    return tmp_path


def test_revisions(repository: Path) -> None:
    done = run("HEAD~1:specs/a.mem", "specs/a.mem", cwd=repository)
    assert done.returncode == 0, done.stderr
    assert "  x  6 B -> 15 B  +150 %" in done.stdout.splitlines()
    assert done.stdout.startswith("HEAD~1:specs/a.mem  ->  specs/a.mem\n")
    inside = run("HEAD~1:./a.mem", "a.mem", cwd=repository / "specs")
    assert inside.stdout.splitlines()[1:] == done.stdout.splitlines()[1:]
    assert not (repository / "ran").exists()


def test_a_spec_against_its_last_commit(repository: Path) -> None:
    assert "no difference" in run("specs/a.mem", cwd=repository).stdout
    (repository / "specs" / "a.mem").write_text('use "parts/one.mem"\nx = 4 * inner\n')
    told = run("specs/a.mem", cwd=repository).stdout
    assert "  ~ formula x: 3 * inner -> 4 * inner" in told.splitlines()
    assert "  x  15 B -> 20 B  +33.3 %" in told.splitlines()
    assert not (repository / "ran").exists()


def test_a_revision_that_is_not_there(repository: Path) -> None:
    for name, said in (
        ("HEAD:specs/none.mem", "no file specs/none.mem"),
        ("nowhere:specs/a.mem", "no revision nowhere"),
    ):
        done = run(name, "specs/a.mem", cwd=repository)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
