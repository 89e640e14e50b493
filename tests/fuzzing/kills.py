"""Commands that write are ended by force: every file is the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .commands import SMALL, Command, changed_book
from .damage import TESTS

SAVE = """
import sys
from pathlib import Path
from memdsl.server import Desk
desk = Desk(Path(sys.argv[1]), (), None, "")
desk.save(desk.state.text.replace("64 px", "96 px"))
"""
KILLS = (
    ("-m", "memdsl", "report", "small.mem", "--format", "xlsx,html", "-o", "out"),
    ("-m", "memdsl", "fmt", "small.mem"),
    ("-m", "memdsl", "pull", "b.xlsx", "--into", "small.mem"),
    ("-c", SAVE, "small.mem"),
)


class Folder:
    """A spec behind a link, with a mode of its own, and a workbook in which an input was changed."""

    def __init__(self, place: str, command: Command) -> None:
        self.path = Path(place)
        (self.path / "kept").mkdir()
        (self.path / "out").mkdir()
        self.spec = self.path / "kept" / "small.mem"
        text = SMALL.replace("param on", "param   on") if "fmt" in command else SMALL
        self.spec.write_text(text, encoding="utf-8")
        self.spec.chmod(0o640)
        (self.path / "small.mem").symlink_to("kept/small.mem")
        (self.path / "b.xlsx").write_bytes(changed_book())
        self.old = self.spec.read_bytes()

    def run(self, command: Command, seconds: float | None) -> None:
        """Runs a command, to its end or until it is ended by force."""
        process = subprocess.Popen(
            [sys.executable, *command], cwd=self.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(TESTS.parent / "dsl")},
        )  # fmt: skip
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
        process.wait()

    def drafts(self) -> list[str]:
        return [path.name for path in self.path.rglob(".*")]

    def faults(self, whole: bytes) -> Iterator[str]:
        """What is not as it was, nor as `whole` run leaves it."""
        if not (self.path / "small.mem").is_symlink():
            yield "the link is gone"
        if self.spec.read_bytes() not in (self.old, whole):
            yield "the spec is half written"
        if self.spec.stat().st_mode & 0o777 != 0o640:
            yield "the mode changed"
        if (self.path / "b.xlsx").read_bytes() != changed_book():
            yield "the workbook that was read changed"
        for path in (self.path / "out").glob("[!.]*"):
            try:
                good = (
                    zipfile.ZipFile(path).testzip() is None
                    if path.suffix == ".xlsx"
                    else b"</html>" in path.read_bytes()
                )
            except zipfile.BadZipFile:
                good = False
            if not good:
                yield f"{path.name} is half written"


def killed(moments: int, seed: int = 0) -> Iterator[tuple[int, Command, str]]:
    """Commands that write are ended by force at random moments of the time that they take: every file is the old one or
    the new one, whole; and the next run leaves no draft of the ended one behind."""
    chance = random.Random(seed)
    whole: dict[Command, tuple[bytes, float]] = {}
    for moment in range(moments):
        command = KILLS[moment % len(KILLS)]
        with tempfile.TemporaryDirectory() as place:
            folder = Folder(place, command)
            if command not in whole:
                start = time.perf_counter()
                folder.run(command, None)
                whole[command] = folder.spec.read_bytes(), time.perf_counter() - start
                if command[-1] != "out" and whole[command][0] == folder.old:
                    yield (moment, command, "a whole run writes nothing")
                continue
            content, seconds = whole[command]
            folder.run(command, chance.uniform(0.2, 1.05) * seconds)
            for what in folder.faults(content):
                yield (moment, command, what)
            if folder.drafts():
                folder.run(command, None)
                if folder.drafts():
                    yield (moment, command, f"{folder.drafts()} are left")
