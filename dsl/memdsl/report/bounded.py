"""Work of a stranger's text inside this process: it ends in bounded time and memory, or is ended."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class TookTooLong(Exception):
    """The time was over."""


@contextmanager
def bounded(seconds: float, memory: int) -> Iterator[None]:
    """Ends what runs inside, in whichever thread, after some seconds (TookTooLong), or where it takes more bytes than
    `memory` beyond those in use (MemoryError, where the system can hold a process to it)."""
    with _in_time(seconds), _in_memory(memory):
        yield


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    thread, lock, over = threading.get_ident(), threading.Lock(), False

    def end() -> None:
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TookTooLong))

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True
        timer.cancel()


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
