"""No text of a spec, a table or a file's name reaches a terminal as anything but text; nothing in a CSV runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl.cli.common import complain
from memdsl.cli.main import main
from memdsl.cli.terminal import neutral

EVIL = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e"
SPEC = f'''"Title {EVIL}"
use std.layers
use std.traffic
use std.hardware
param sram = 8 MiB from 0 B to 128 MiB "label {EVIL}" from "source {EVIL}"
param mode = "a{EVIL}" one of "a{EVIL}", "b{EVIL}"
param p = 5 ± 20% "{EVIL}"
network net(image[h, w, c]) "n {EVIL}" {{ a = image -> conv(8) "l {EVIL}" }}
hardware chip = edge(sram = sram)
model today = traffic(net([64, 64, 3]), chip) "m {EVIL}"
table T "t {EVIL}" {{
  name | x | g
  "r{EVIL}" | 1 from "s {EVIL}" | "=q{EVIL}"
  "s" | 2 | "z"
}}
z = p * sum(T.x) "z {EVIL}"
named = mode
claim z = 15 from "{EVIL}"
claim z = 16 from "{EVIL}" disputed "{EVIL}"
scenario s "{EVIL}" {{ p = 4 }}
require z > 1 "{EVIL}"
'''
COMMANDS = [
    ["check", "{}"],
    ["check", "{}", "--format", "json"],
    ["eval", "{}"],
    ["eval", "{}", "T.g", "named", "--format", "csv"],
    ["explain", "{}", "z"],
    ["explain", "{}", "today.dram_bytes", "--in", "sram"],
    ["solve", "{}", "z > 3", "--for", "p"],
    ["sensitivity", "{}", "z"],
    ["uncertainty", "{}", "z"],
    ["sweep", "{}", "--over", "p=1,2", "--cells", "z,named"],
    ["sweep", "{}", "--over", "p=1,2", "--cells", "z,named", "--format", "csv"],
    ["diff", "{}", "--scenario", "s"],
    ["fmt", "{}", "--diff"],
    ["eval", "{}", "nothing"],
    ["report", "{}", "--format", "html"],
    ["check", "no such"],
    ["import", "no such"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_lets_it_through(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = Path("evil\x1b[31m.mem")
    spec.write_text(SPEC, encoding="utf-8")
    with pytest.raises(SystemExit):
        main([part.format(spec) for part in command])
    said = "".join(capsys.readouterr())
    assert said
    assert said == neutral(said)
    assert not any(line.startswith("=") or ",=" in line for line in said.splitlines() if "csv" in command)


def test_our_own_texts_pass() -> None:
    text = "a  b\tµJ ± 5 %\r\nMAC·s → 2×3 … “x” 日本\n"
    assert neutral(text) == text
    assert neutral("a\rb\x1bc") == "a\\u{d}b\\u{1b}c"


def test_a_reason_is_one_line_whatever_names_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    complain("missing", "there is no `a\r\nerror: all is well`")
    assert capsys.readouterr().err == "memdsl: there is no `a\\u{d}\\nerror: all is well`\n"
