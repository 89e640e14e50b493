"""Work in a process beside this one, where the machine has room for two."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Does work in a copy of this process; what is given waits until it is done.

    What fails there is done once more here, so that it is told as ever. Without a second processor, or with threads,
    which a copy of a process would not have, all of it is done here.
    """
    if not hasattr(os, "fork") or (os.cpu_count() or 1) < 2 or threading.active_count() > 1:
        yield work
        return
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _end_with(work)
    waiting = [child]

    def done() -> int:
        return os.waitpid(waiting.pop(), 0)[1] if waiting else 0

    def wait() -> None:
        if done():
            work()

    try:
        yield wait
    finally:
        done()


def _end_with(work: Callable[[], None]) -> None:
    """The whole life of the copy: it says nothing, and leaves nothing of its parent's to be done twice."""
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)
