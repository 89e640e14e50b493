"""The VS Code extension: its grammar by the editor's own tokenizer; `.ci/extension` builds its package."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXTENSION = ROOT / "dsl" / "editors" / "vscode"
TEXTS = sorted([*(ROOT / "specs").glob("*.mem"), *(ROOT / "dsl/memdsl/library").glob("*.mem")])


def run(*command: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=EXTENSION, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def _installed() -> None:
    """What the extension is built with, as its lock file says."""
    lock, mark = EXTENSION / "package-lock.json", EXTENSION / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        run("npm", "ci", "--no-audit", "--no-fund")


@pytest.mark.usefixtures("_installed")
def test_the_grammar_gives_the_expected_scopes() -> None:
    done = run("node", "tests/grammar.mjs", *map(str, TEXTS))
    assert " 0 failures" in done.stdout


def test_each_command_is_made() -> None:
    source = (EXTENSION / "src" / "extension.js").read_text(encoding="utf-8")
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    for command in manifest["contributes"]["commands"]:
        assert f'registerCommand("{command["command"]}"' in source
