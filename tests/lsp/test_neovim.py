"""A second real client: Neovim, without a screen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from test_features import TEXT

from memdsl.format import formatted

ROOT = Path(__file__).parent.parent.parent


def test_neovim_edits_a_spec(tmp_path: Path) -> None:
    spec, result = tmp_path / "sizes.mem", tmp_path / "result.json"
    text = TEXT.replace("1_000 B", "1_448 B")
    spec.write_text(text, encoding="utf-8")
    (tmp_path / "beside.mem").write_text("more = 3 B\n", encoding="utf-8")
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "dsl"),
        "MEMDSL_SPEC": str(spec),
        "MEMDSL_RESULT": str(result),
        "MEMDSL_COMMAND": json.dumps([sys.executable, "-m", "memdsl", "lsp"]),
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
    }
    script = Path(__file__).parent / "nvim.lua"
    done = subprocess.run(
        ["nvim", "--headless", "-u", "NONE", "-n", "-c", f"luafile {script}"],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = json.loads(result.read_text(encoding="utf-8"))
    assert "fault" not in found, found["fault"] + done.stderr
    assert found["settled"]
    assert found["errors"] == 0
    assert "**64 KiB**" in found["hover"]
    assert found["definition"] == "hardware.mem"
    assert found["renamed"].count("cache") == 5
    assert "(sram = cache)" in found["renamed"]
    assert found["errors_after_rename"] == 0
    assert {"dram_bytes", "layers"} <= set(found["completed"])
    assert [0, 0] in [place[:2] for place in found["places"]]
    assert found["formatted"] + "\n" == formatted(found["renamed"] + "\nshare   = cache / today.dram_bytes\n")


def test_the_notes_for_neovim_start_it(tmp_path: Path) -> None:
    notes = (ROOT / "dsl" / "editors" / "README.md").read_text(encoding="utf-8")
    oldest = re.findall(r"```lua\n(.*?)```", notes, re.DOTALL)[-1]
    (tmp_path / "init.lua").write_text(oldest, encoding="utf-8")
    (tmp_path / "broken.mem").write_text("x = (1\n", encoding="utf-8")
    program = tmp_path / "memdsl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m memdsl "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    result = tmp_path / "result.txt"
    wait = "vim.wait(30000, function() return #vim.diagnostic.get(0) > 0 end, 10)"
    write = f"vim.fn.writefile({{ vim.diagnostic.get(0)[1].message }}, '{result}')"
    start = ["nvim", "--headless", "-n", "-u", str(tmp_path / "init.lua"), str(tmp_path / "broken.mem")]
    subprocess.run(
        [*start, "-c", f"lua {wait} {write} vim.cmd('qall!')"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "dsl"), "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert result.read_text(encoding="utf-8").startswith("missing `)`")
