"""Files are whole, a person's own keep their mode and their link, and nothing in a CSV file runs."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from memdsl.files import inert, rewrite_whole, write_whole


def test_a_persons_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.mem", tmp_path / "link.mem"
    real.write_text("x = 1\n")
    real.chmod(0o640)
    link.symlink_to("real.mem")
    rewrite_whole(link, b"x = 2\n")
    assert link.is_symlink()
    assert real.read_text() == "x = 2\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_drafts_of_ended_runs_go_away_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    old, living, other = (
        tmp_path / f".a.draft-{ended.pid}-x1.pdf",
        tmp_path / f".a.draft-{os.getpid()}-x2.pdf",
        tmp_path / f".ab.draft-{ended.pid}-x3.pdf",
    )
    for path in (old, living, other):
        path.write_text("half")
    write_whole(tmp_path / "a.pdf", lambda draft: draft.touch())
    assert sorted(tmp_path.iterdir()) == sorted([living, other, tmp_path / "a.pdf"])


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def half(draft: Path) -> None:
        draft.write_text("new, ha")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_whole(target, half)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no ordinary file"):
        write_whole(pipe, lambda draft: draft.touch())
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("text", ["=1+1", "+2+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_would_run_is_inert(text: str) -> None:
    assert inert(text) == "'" + text


@pytest.mark.parametrize("value", ["-3.5", "+1e9", "a=b", "", -3.5, None])
def test_other_values_stay_as_they_are(value: object) -> None:
    assert inert(value) == value
