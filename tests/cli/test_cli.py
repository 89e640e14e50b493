"""The command line as a contract: exit codes, what goes to which stream, JSON that other programs read."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
YOLO = str(ROOT / "specs" / "yolov3.mem")
SMALL = """"A small one"
use std.layers
use std.traffic
use std.hardware
param width = 64 px multiple of 32 from 32 px to 512 px "Width"
param sram = 8 kB from 0 B to 1 GB "SRAM"
option twice = false
network tiny(image[h, w, c]) {
  a = image -> conv(8)
  b = if twice then a -> conv(8) else a
  c = b -> conv(16, stride = 2)
}
hardware chip = edge(sram = sram)
model one = traffic(tiny([width, width, 3]), chip)
scenario wide { width = 128 px }
claim one.weight_bytes = 1_368 B from "a count by hand"
"""


def run(*arguments: str, given: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "memdsl", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "dsl"), **env},
    )


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.mem"
    path.write_text(SMALL)
    return str(path)


def test_a_warning_does_not_keep_the_tally_of_claims_back() -> None:
    done = run("check", "-", given="param lonely = 3\n")
    assert "no result depends on `lonely`" in done.stderr
    assert (done.stdout, done.returncode) == ("0 holding, 0 disputed, 0 failing\n", 0)


def test_the_tally_of_claims_tells_errors(tmp_path: Path) -> None:
    spec = tmp_path / "small.mem"
    spec.write_text('param x = 3\nclaim x = 3\nrequire x > 5 "too small"\n')
    assert run("check", str(spec)).stdout.splitlines()[-1] == "1 holding, 0 disputed, 0 failing, 1 error"


@pytest.mark.parametrize(
    "command",
    [
        "check -", "eval - x", "explain - x", "solve - x>2 --for x", "sensitivity - x", "uncertainty - x", "fit -",
        "sweep - --over x=1,2",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("spec", "said"),
    [("param x = y\n", "nothing here is called `y`"), ('param x = 3\nrequire x > 5 "too small"\n', "too small")],
)
def test_as_json_an_error_is_one_object_with_what_is_wrong(command: str, spec: str, said: str) -> None:
    done = run(*command.split(), "--format", "json", given=spec)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert said in "".join(each["message"] for each in found["diagnostics"])


@pytest.mark.parametrize(
    "command", ["eval", "sweep - --over x=1,2 --nothing", "chekc a.mem", "solve - x>2", "check /dev"]
)
def test_as_json_wrong_use_is_one_object_too(command: str) -> None:
    done = run(*command.split(), "--format", "json", given="x = 1\n")
    (found,) = json.loads(done.stdout)["diagnostics"]
    assert (done.returncode, found["code"]) == (2, "wrong-use")
    assert found["message"].splitlines()[0] in done.stderr


def test_check_prints_a_line_a_claim(small: str) -> None:
    done = run("check", small)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("holds     one.weight_bytes = 1,368 B")
    assert done.stderr == ""


def test_check_json(small: str) -> None:
    done = run("check", small, YOLO, "--format", "json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["diagnostics"] == []
    keys = {"cell", "published", "modelled", "difference", "tolerance", "status", "source"}
    assert all(keys <= set(claim) for claim in found["claims"])
    assert {"holds", "disputed"} == {claim["status"] for claim in found["claims"]}
    assert {"spec": small, "cell": "one.weight_bytes", "modelled": 1368, "status": "holds"}.items() <= found["claims"][
        0
    ].items()


def test_errors_are_on_standard_error_and_in_json(small: str) -> None:
    Path(small).write_text(SMALL + "x = sram + 1 s\ny = nothing\n")
    done = run("check", small)
    assert done.returncode == 1
    assert f"{small}:17:10" in done.stderr
    assert "Traceback" not in done.stderr
    as_json = json.loads(run("check", small, "--format", "json").stdout)["diagnostics"]
    keys = {"file", "line", "column", "end_line", "end_column", "severity", "code", "message", "hint"}
    assert [set(d) for d in as_json] == [keys, keys]
    places = {(d["line"], d["column"], d["code"]) for d in as_json}
    assert places == {(17, 10, "unit-mismatch"), (18, 5, "unknown-name")}


def test_a_failing_claim_is_exit_code_1(small: str) -> None:
    Path(small).write_text(SMALL.replace("1_368 B", "1_369 B"))
    done = run("check", small)
    assert done.returncode == 1
    assert "FAILS" in done.stdout
    assert "published 1,369 B, modelled 1,368 B" in done.stderr


def test_eval_values_and_columns(small: str) -> None:
    done = run("eval", small, "one.dram_bytes", "one.layers.out_bytes", "one.layers.bound", "--format", "json")
    cells = json.loads(done.stdout)["cells"]
    assert cells["one.dram_bytes"] == {"value": 12288 + 1368 + 2 * 32768 + 16384, "unit": "B"}
    assert cells["one.layers.out_bytes"] == {"rows": ["a", "c"], "values": [32768, 16384], "unit": "B"}
    assert cells["one.layers.bound"]["unit"] == ""


def test_eval_takes_any_expression(small: str) -> None:
    done = run(
        "eval", small, "sum(one.layers.macs) / 1 MAC", "one.time * 2", "argmax(one.layers.weights)", "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows[0]["value"] == str(27 * 8 * 64 * 64 + 72 * 16 * 32 * 32)
    assert rows[1]["unit"] == "s"
    assert rows[2]["value"] == "c"


def test_eval_without_cells_gives_parameters_and_totals(small: str) -> None:
    cells = json.loads(run("eval", small, "--format", "json").stdout)["cells"]
    assert cells["width"] == {"value": 64, "unit": ""}
    assert cells["one.dram_bytes"]["unit"] == "B"


def test_set_and_scenario(small: str) -> None:
    cell = ("one.input_bytes", "--format", "json")
    values = [
        json.loads(run("eval", small, *cell, *more).stdout)["cells"]["one.input_bytes"]["value"]
        for more in ((), ("--scenario", "wide"), ("--set", "width=96"), ("--scenario", "wide", "--set", "width=96"))
    ]
    assert values == [12288, 49152, 27648, 27648]
    more = run("eval", small, "count(one.layers)", "--set", "twice=true").stdout
    assert more.split() == ["count(one.layers)", "3"]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("width=70", "not-a-multiple"),
        ("width=4096", "out-of-range"),
        ("sram=3", "unit-mismatch"),
        ("one.time=3 s", "computed-cell"),
        ("nothing=3", "unknown-name"),
        ("sram=3 KB", "unknown-unit"),
    ],
)
def test_a_wrong_setting_is_an_error_of_its_own(small: str, settings: str, code: str) -> None:
    done = run("eval", small, "one.time", "--set", settings)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("error[") == 1
    assert f"error[{code}]" in done.stderr


def test_standard_input_and_directories(small: str, tmp_path: Path) -> None:
    assert run("eval", "-", "one.weight_bytes", given=SMALL).stdout.split()[1:] == ["1.368", "kB"]
    assert run("check", str(tmp_path)).returncode == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run("check", str(empty)).returncode == 2


@pytest.mark.parametrize(
    "arguments", [(), ("frobnicate",), ("eval",), ("report", YOLO, "--format", "docx"), ("eval", YOLO, "--set", "sram")]
)
def test_wrong_use_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_explain_json(small: str) -> None:
    done = run("explain", small, "one.dram_bytes", "--in", "sram", "--format", "json")
    found = json.loads(done.stdout)
    assert found["unit"] == "B"
    assert found["inputs"] == ["sram"]
    steps = [(point["at"], point["below"], point["above"], point["rows"]) for point in found["breakpoints"]]
    assert steps == [(16384, 95576, 79192, ["c"]), (32768, 79192, 13656, ["a"])]
    assert {"name", "formula", "value", "unit", "line"} <= set(found["formulas"][0])


def test_explain_latex_and_text(small: str) -> None:
    assert "cases" in run("explain", small, "one.dram_bytes", "--in", "sram", "--format", "latex").stdout
    text = run("explain", small, "sum(one.layers.macs)", "--in", "width").stdout
    assert text.splitlines()[0] == "sum(one.layers.macs) = 504·width^2 MAC"


def test_report_writes_whole_files_and_says_which(small: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("report", small, "-o", str(out), "--format", "xlsx,html")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [str(out / "small.xlsx"), str(out / "small.html")]
    assert sorted(path.name for path in out.iterdir()) == ["small.html", "small.xlsx"]


def test_an_older_report_survives_a_failed_run(small: str, tmp_path: Path) -> None:
    run("report", small, "-o", str(tmp_path), "--format", "html")
    before = (tmp_path / "small.html").read_bytes()
    Path(small).write_text(SMALL + "x = nothing\n")
    assert run("report", small, "-o", str(tmp_path), "--format", "html").returncode == 1
    assert (tmp_path / "small.html").read_bytes() == before


def test_what_cannot_be_written_is_exit_code_3(small: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("report", small, "-o", str(tmp_path / "file"), "--format", "html")
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_colour_where_it_is_not_wanted(small: str) -> None:
    Path(small).write_text(SMALL + "x = nothing\n")
    assert "\x1b[" not in run("check", small).stderr


def test_check_imports_nothing_heavy(small: str) -> None:
    code = (
        "import sys\nfrom memdsl.cli import main\n"
        f"try:\n    main(['check', {small!r}])\nexcept SystemExit:\n    pass\n"
        "heavy = {'sympy', 'pandas', 'numpy', 'matplotlib', 'weasyprint', 'openpyxl', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")},
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_solve_says_where_a_condition_holds(small: str) -> None:
    done = run("solve", small, "one.dram_bytes <= 80 kB", "--for", "sram")
    assert done.stdout.splitlines()[:2] == [
        "`one.dram_bytes <= 80 kB` holds for `sram`",
        "  from 16.384 kB to 1,000,000 kB",
    ]
    found = json.loads(run("solve", small, "one.dram_bytes <= 80 kB", "--for", "sram", "--format", "json").stdout)
    assert found["intervals"] == [{"low": 16384, "high": 1e9, "low_included": True, "high_included": True}]
    assert (found["unit"], found["holds"], found["exact"], found["changes"]) == ("B", "sometimes", True, [16384])


@pytest.mark.parametrize(
    ("condition", "name", "said"),
    [
        ("one.dram_byte <= 3 MB", "sram", "did you mean `dram_bytes`?"),
        ("one.dram_bytes <= 3 s", "sram", "cannot be compared with time (s)"),
        ("one.dram_bytes", "sram", "is no condition"),
        ("one.layers.dram_bytes > 3 B", "sram", "is a column"),
        ("one.dram_bytes <= 3 MB", "srma", "did you mean `sram`?"),
        ("one.dram_bytes <= 3 MB", "one.dram_bytes", "is computed"),
        ("one.dram_bytes = 3 MB", "sram", "a comparison is written `==`"),
    ],
)
def test_solve_says_what_is_wrong(small: str, condition: str, name: str, said: str) -> None:
    done = run("solve", small, condition, "--for", name)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""


def test_sensitivity_ranks(small: str) -> None:
    done = run("sensitivity", small, "one.dram_bytes", "--to", "sram,width", "--by", "20%")
    assert [line.split()[0] for line in done.stdout.splitlines()[2:4]] == ["width", "sram"]
    found = json.loads(run("sensitivity", small, "one.dram_bytes", "--format", "json").stdout)
    effects = found["cells"]["one.dram_bytes"]["effects"]
    assert effects[0]["swing"] == max(effect["swing"] for effect in effects) > 0
    assert effects[0]["exact"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["one.nothing"], "has no `nothing`"),
        (["one.layers.dram_bytes"], "is a column"),
        (["one.dram_bytes", "--to", "srma"], "did you mean `sram`?"),
        (["one.dram_bytes", "--by", "0"], "is no share between 0 and 1"),
        (["one.dram_bytes", "--by", "0.5 B"], "is no share between 0 and 1"),
        (["one.dram_bytes > 3 B"], "is no number"),
    ],
)
def test_sensitivity_says_what_is_wrong(small: str, arguments: list[str], said: str) -> None:
    done = run("sensitivity", small, *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""
