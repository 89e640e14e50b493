"""The VS Code extension: its grammar by the editor's own tokenizer, its package whole."""

from __future__ import annotations

import json
import subprocess
import zipfile
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


@pytest.mark.usefixtures("_installed")
def test_a_vsix_is_built() -> None:
    run("npm", "run", "package")
    inside = set(zipfile.ZipFile(EXTENSION / "memdsl.vsix").namelist())
    wanted = {"package.json", "readme.md", "LICENSE.txt", "language-configuration.json", "out/extension.js"}
    wanted |= {"syntaxes/mem.tmLanguage.json", "syntaxes/markdown.tmLanguage.json", "snippets/mem.json"}
    assert {f"extension/{name}" for name in wanted} <= inside
    assert not any("node_modules" in name for name in inside)


def test_each_command_is_made() -> None:
    source = (EXTENSION / "src" / "extension.js").read_text(encoding="utf-8")
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    for command in manifest["contributes"]["commands"]:
        assert f'registerCommand("{command["command"]}"' in source
