"""The garbage collector, which looks for circles in all that lives each time that much was made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Trees and sheets have next to no circles, and the collector takes up to half of the time to find that out."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
