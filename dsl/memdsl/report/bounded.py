"""Work of a stranger's text inside this process: it ends in bounded time and memory, or is ended."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..cancellation import Cancelled, cancelling

_STEP = 0.1


class TookTooLong(Exception):
    """The time was over."""


@contextmanager
def bounded(seconds: float, memory: int) -> Iterator[None]:
    """Ends what runs inside, in whichever thread, after some seconds (TookTooLong), when it is cancelled, or where it
    takes more bytes than `memory` beyond those in use (MemoryError, where the system can hold a process to it)."""
    with _in_time(seconds), _in_memory(memory):
        yield


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    thread, lock, over, cancelled = threading.get_ident(), threading.Lock(), threading.Event(), cancelling()
    end = time.monotonic() + seconds

    def watch() -> None:
        why: type[BaseException] | None = None
        while why is None and not over.wait(max(0, min(_STEP, end - time.monotonic()))):
            why = Cancelled if cancelled() else TookTooLong if time.monotonic() >= end else None
        with lock:
            if why is not None and not over.is_set():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(why))

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            over.set()


@contextmanager
def _in_memory(memory: int) -> Iterator[None]:
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        with open("/proc/self/statm", encoding="ascii") as file:
            in_use = int(file.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # a system without them has the limit of time alone
        yield
        return
    most = in_use + memory if hard == resource.RLIM_INFINITY else min(in_use + memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
