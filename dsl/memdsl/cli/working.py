"""A line on the terminal that says what takes so long: written after a second, erased at the end."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TextIO

AFTER = 1.0
EVERY = 0.25
"""Seconds."""


class Working:
    """`with Working("net.onnx", sys.stderr) as work: work.step("reading it")`. Silent where nobody looks on."""

    def __init__(self, what: str, stream: TextIO, after: float = AFTER) -> None:
        self.what = what
        self.stream = stream
        self.after = after
        self.now = ""
        self.started = time.monotonic()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._show, daemon=True) if stream.isatty() else None

    def step(self, text: str) -> None:
        self.now = text

    def __enter__(self) -> Working:
        if self.thread is not None:
            self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        if self.thread is not None:
            self.thread.join()

    def _show(self) -> None:
        if self.ended.wait(self.after):
            return
        while True:
            seconds = time.monotonic() - self.started
            self.stream.write(f"\r{self.what}: {self.now}, {seconds:.0f} s\x1b[K")
            self.stream.flush()
            if self.ended.wait(EVERY):
                break
        self.stream.write("\r\x1b[K")
        self.stream.flush()
