"""What was parsed once is not parsed again, and a bad cache does no harm."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from sample import SAMPLE, formula, nodes, shape

from memdsl.diagnostics import Problems, Source
from memdsl.syntax import cache, chunks, parse, parse_expression, parser, tree


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the cache is, before anything was kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("MEMDSL_NO_CACHE")
    return tmp_path / "memdsl"


def read(text: str = SAMPLE) -> tree.Module:
    return parse(Source("-", text), Problems())


def places(module: tree.Module) -> list[tuple[int, int]]:
    return [node.span for node in nodes(module)]


def test_a_kept_tree_is_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = read()
    monkeypatch.setattr(chunks, "parse_chunks", None)
    kept = read()
    assert shape(kept.statements) == shape(parsed.statements)
    assert places(kept) == places(parsed)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_expressions_are_kept_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for patch in (None, parser):
        if patch:
            monkeypatch.setattr(parser, "parse_formula", None)
        expression = parse_expression(Source("-", "a + b"), Problems())
        assert formula(expression) == "(a + b)"


def test_a_hit_imports_no_lark(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from memdsl.diagnostics import Problems, Source; from memdsl.syntax import parse;"
        "parse(Source('-', sys.stdin.read()), Problems()); print('lark' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def run() -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, input=SAMPLE, env=environment, capture_output=True, text=True, check=True).stdout

    assert [run().strip(), run().strip()] == ["True", "False"]


def test_a_text_with_errors_is_not_kept(folder: Path) -> None:
    for _ in range(2):
        problems = Problems()
        parse(Source("-", "x = "), problems)
        assert len(problems.found) == 1
    assert list(folder.glob("*.module")) == []


@pytest.mark.parametrize("junk", [b"", b"junk", pickle.dumps(1)[:-1], b"cno_such_module\nx\n."])
def test_a_damaged_entry_is_made_anew(folder: Path, junk: bytes) -> None:
    read()
    (entry,) = folder.glob("*.module")
    entry.write_bytes(junk)
    assert len(read().statements) > 1
    assert entry.read_bytes() != junk


def test_a_folder_that_others_may_write_to_is_not_read(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    read()
    assert list(folder.iterdir()) == []


def test_no_cache_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEMDSL_NO_CACHE")
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(read().statements) > 1


def test_it_can_be_switched_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMDSL_NO_CACHE", "1")
    read()
    assert not folder.exists()


def test_the_oldest_entries_are_dropped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_ENTRIES", 3)
    for number in range(5):
        read(f"x = {number}")
        for entry in folder.iterdir():
            os.utime(entry, (entry.stat().st_atime - 10, entry.stat().st_mtime - 10))
        read("x = 0")  # used, and so young again
    assert len(list(folder.iterdir())) == 3
    assert folder / cache.entry_name("module", "x = 0") in folder.iterdir()
