"""Work whose result nobody waits for any more: it ends at its next checkpoint."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Cancelled(BaseException):
    """The result is not wanted any more. No fault: what catches faults of a spec lets it pass."""


class _Work(threading.local):
    cancelled: Callable[[], bool] | None = None


_work = _Work()


@contextmanager
def cancellable(cancelled: Callable[[], bool]) -> Iterator[None]:
    """What this thread does inside raises `Cancelled` at the next checkpoint after `cancelled()` holds."""
    outer, _work.cancelled = _work.cancelled, cancelled
    try:
        yield
    finally:
        _work.cancelled = outer


def cancelling() -> Callable[[], bool]:
    """What says whether the work of this thread is cancelled; other threads may ask it."""
    return _work.cancelled or (lambda: False)


def checkpoint() -> None:
    """A place at which work may end: every loop that can take long passes one several times a second."""
    cancelled = _work.cancelled
    if cancelled is not None and cancelled():
        raise Cancelled
