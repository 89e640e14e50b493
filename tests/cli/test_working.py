"""Progress: a line on a terminal, which is gone at the end; nothing anywhere else."""

from __future__ import annotations

import io
import threading

from memdsl.cli.working import Working


class Terminal(io.StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        self.written.set()


def test_what_takes_long_is_said_and_erased() -> None:
    terminal = Terminal()
    with Working("net.onnx", terminal, after=0) as work:
        work.step("reading the graph")
        assert terminal.written.wait(60)
    assert terminal.getvalue().startswith("\rnet.onnx: ")
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_nothing_is_said_of_what_is_soon_over_or_where_nobody_looks_on() -> None:
    terminal, file = Terminal(), io.StringIO()
    with Working("net.onnx", terminal, after=60), Working("net.onnx", file, after=0):
        pass
    assert terminal.getvalue() == file.getvalue() == ""
