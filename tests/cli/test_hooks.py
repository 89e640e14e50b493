"""The hooks for pre-commit: what they run exists, takes files, and changes or refuses them."""

from __future__ import annotations

import re
from pathlib import Path

from test_cli import ROOT, run

HOOKS = dict(
    re.findall(
        r"^- id: (\S+)$(?:.*?)^  entry: memdsl (\w+)$",
        (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)


def test_each_hook_runs(tmp_path: Path) -> None:
    assert HOOKS == {"memdsl-fmt": "fmt", "memdsl-check": "check"}
    tidy, messy = tmp_path / "tidy.mem", tmp_path / "messy.mem"
    tidy.write_text('x = 1\nclaim x = 1  from "by hand"\n')
    messy.write_text("x=1\n")
    assert run(HOOKS["memdsl-fmt"], str(tidy), str(messy)).returncode == 0
    assert messy.read_text() == "x = 1\n"
    assert run(HOOKS["memdsl-check"], str(tidy), str(messy)).returncode == 0
    messy.write_text("x = 1 MB + 1 s\n")
    assert run(HOOKS["memdsl-check"], str(tidy), str(messy)).returncode == 1
