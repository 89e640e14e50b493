"""Work of a stranger's text inside this process: it ends in bounded time and memory, or is ended."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import TypeVar

from ..cancellation import Cancelled, cancelling

_STEP = 0.1
_STACK = 256 * 2**20
"""Bytes in which a recursion as deep as Python allows it here has room, generators and its compiler included."""
_STARTING = threading.Lock()
T = TypeVar("T")


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


def with_deep_stack(work: Callable[[], T]) -> T:
    """What a work comes to in a thread of its own, in which a recursion without end is a RecursionError.

    On the stack of the caller, whatever its size, it might end the process.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=copy_context().run, args=(run,), daemon=True)
    with _STARTING:
        before = threading.stack_size(_STACK)
        try:
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    if failed:
        raise failed[0]
    return done[0]
