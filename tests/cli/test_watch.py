"""`memdsl watch`: what changed at each save, through broken and missing files, until Ctrl-C."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from memdsl.cancellation import checkpoint
from memdsl.cli import watch
from memdsl.cli.common import Chosen

ROOT = Path(__file__).parent.parent.parent
SPEC = 'use "parts.mem"\nparam x = 1 MB "Size"\ny = 2 * x + z "Twice"\nclaim y = 5 MB from "a count by hand"\n'
SECONDS = 20


class Watch:
    def __init__(self, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "memdsl", "watch", "a.mem", *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def until(self, part: str) -> list[str]:
        """The lines up to one that has this part."""
        found: list[str] = []
        while not found or part not in found[-1]:
            try:
                found.append(self.lines.get(timeout=SECONDS))
            except queue.Empty:
                raise AssertionError(f"{part!r} was not said: {found}") from None
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "parts.mem").write_text("z = 3 MB\n")
    (tmp_path / "a.mem").write_text(SPEC)
    return tmp_path


def words(lines: list[str]) -> list[str]:
    """The lines without the blanks that align them."""
    return [" ".join(line.split()) for line in lines]


def test_it_tells_what_a_save_changed_and_survives_a_broken_file(folder: Path) -> None:
    watch = Watch(folder)
    spec = folder / "a.mem"
    try:
        assert "watching a.mem" in watch.until("failing")[0]
        spec.write_text(SPEC.replace("x = 1 MB", "x = 4 MB"))
        told = watch.until("failing")
        assert "x 1 MB -> 4 MB +300 %" in words(told)
        assert "y 5 MB -> 11 MB +120 %" in words(told)
        assert any("holds (5 MB) -> FAILS (11 MB)" in line for line in told)
        assert told[-1] == "  0 holding, 0 disputed, 1 failing"
        spec.write_text("param x = = \n")
        watch.until("1 error")
        spec.unlink()
        watch.until("there is no file")
        spec.write_text(SPEC)
        assert "x 4 MB -> 1 MB -75 %" in words(watch.until("failing"))
        (folder / "parts.mem").write_text("z = 13 MB\n")
        assert "y 5 MB -> 15 MB +200 %" in words(watch.until("failing"))
    finally:
        code = watch.stop()
    assert code == 0
    watch.until("stopped")


def test_it_writes_the_files_that_were_asked_for(folder: Path) -> None:
    (folder / "own").mkdir()
    (folder / "own" / "extra.css").write_text("h1 { color: #123456 }")
    watch = Watch(folder, "--format", "html", "-o", "out", "--set", "x=2 MB", "--template", "own")
    try:
        watch.until("a.html")
        page = folder / "out" / "a.html"
        before = page.read_text(encoding="utf-8")
        (folder / "a.mem").write_text(SPEC.replace('"Twice"', '"Another label"'))
        watch.until("a.html")
        assert "Another label" in page.read_text(encoding="utf-8")
        assert "Another label" not in before
        assert "#123456" in before
        (folder / "own" / "extra.css").write_text("h1 { color: #654321 }")
        watch.until("a.html")
        assert "#654321" in page.read_text(encoding="utf-8")
    finally:
        code = watch.stop()
    assert code == 0


@pytest.mark.parametrize(
    "arguments", [["-"], ["none.mem"], ["."], ["a.mem", "--format", "doc"], ["a.mem", "--template", "."]]
)
def test_what_cannot_be_watched_is_said(folder: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "memdsl", "watch", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_work_on_what_was_saved_over_ends(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def slow(spec: str, chosen: Chosen) -> None:
        looks.append(Path(spec).read_text())
        if len(looks) == 2:
            raise KeyboardInterrupt
        Path(spec).write_text("x = 2\n")
        while True:
            checkpoint()

    monkeypatch.setattr(watch, "load", slow)
    assert watch.run(str(folder / "a.mem"), Chosen(), folder, "") == 0
    assert looks == [SPEC, "x = 2\n"]
