"""What goes where when something is wrong: JSON that stays JSON, colours for a terminal alone, the other specs done."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GOOD = "use std.layers\nnetwork net(image[h, w, c]) { a = image -> conv(8) -> conv(4) }\nnetwork n = net([8, 8, 3])\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "dsl")}


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "memdsl", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=False, env=ENVIRONMENT)


@pytest.mark.parametrize(
    "arguments",
    [
        ("eval", "good.mem", "nothing"),
        ("eval", "good.mem", "1 / 0"),
        ("eval", "good.mem", "max(n.layers.h where n.layers.h > 99)"),
        ("eval", "good.mem", "n.layers"),
        ("eval", "bad.mem"),
        ("eval", "missing.mem", "a"),
        ("check", "bad.mem"),
        ("check", "missing.mem"),
        ("check", "latin.mem", "good.mem"),
        ("explain", "bad.mem", "a"),
        ("explain", "good.mem", "n.layers.h"),
        ("explain", "good.mem", "sum(n.layers.h)", "--in", "nothing"),
        ("explain", "missing.mem", "a"),
    ],
)
def test_json_is_one_object_whatever_is_wrong(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "good.mem").write_text(GOOD)
    (tmp_path / "bad.mem").write_text(GOOD + "a = nothing\nb = 3 MB + 1 s\n")
    (tmp_path / "latin.mem").write_bytes(b"a = 1 \xe4\n")
    monkeypatch.chdir(tmp_path)
    done = run(*arguments, "--format", "json")
    assert done.returncode == 1
    assert isinstance(json.loads(done.stdout), dict)
    assert b"Traceback" not in done.stderr
    if arguments[0] != "check":
        assert done.stderr


def test_the_rows_related_to_a_row_are_a_column(tmp_path: Path) -> None:
    (tmp_path / "good.mem").write_text(GOOD)
    done = run("eval", str(tmp_path / "good.mem"), 'n.layers["a.conv[2]"].inputs.c', "--format", "json")
    cell = json.loads(done.stdout)["cells"]['n.layers["a.conv[2]"].inputs.c']
    assert cell == {"rows": ["a.conv[1]"], "values": [8], "unit": ""}


def test_a_spec_that_cannot_be_read_leaves_the_others_their_reports(tmp_path: Path) -> None:
    (tmp_path / "good.mem").write_text(GOOD)
    specs = [str(tmp_path / "missing.mem"), str(tmp_path / "good.mem")]
    done = run("report", *specs, "-o", str(tmp_path / "out"), "--format", "html")
    assert done.returncode == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.html"]


@pytest.mark.parametrize(
    ("given", "code"), [(b"a = 1 \xff", b"not-utf8"), (b"", b"empty-file"), (b"a = b", b"unknown-name")]
)
def test_standard_input_that_is_no_sound_spec(given: bytes, code: bytes) -> None:
    done = run("eval", "-", "a", given=given)
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"error[" + code + b"]" in done.stderr
    assert b"<stdin>:1:" in done.stderr


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours_are_for_a_terminal_that_wants_them(variables: dict[str, str], coloured: bool, tmp_path: Path) -> None:
    (tmp_path / "bad.mem").write_text("a = nothing\n")
    reader, writer = pty.openpty()
    plain = {name: value for name, value in ENVIRONMENT.items() if name != "NO_COLOR"}
    command = [sys.executable, "-m", "memdsl", "check", str(tmp_path / "bad.mem")]
    subprocess.run(
        command, stderr=writer, stdout=subprocess.DEVNULL, check=False, env={**plain, "TERM": "xterm", **variables}
    )
    os.close(writer)
    shown = os.read(reader, 10_000)
    os.close(reader)
    assert b"unknown-name" in shown
    assert (b"\x1b[" in shown) == coloured
