"""Parsing again what hardly changed, as an editor does at every key: what was parsed before is moved to its new place.

`remember` switches it on for the process. Nothing of it touches the cache on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Final

from . import engine
from .engine import Engine, Failure
from .move import moved
from .tree import Module

MAX_PIECES: Final = 60_000
MAX_MODULES: Final = 64

_modules: dict[str, Module] | None = None
LOCK: Final = RLock()


def remember() -> None:
    """From now on this process keeps what it parses in memory."""
    global _modules
    with LOCK:
        if _modules is None:
            engine.use(Memory())
            _modules = {}


def remembers() -> bool:
    return _modules is not None


def recalled(text: str, make: Callable[[], tuple[Module, bool]]) -> Module:
    """The tree of a whole text; one without a fault is made once. One thread at a time parses."""
    assert _modules is not None
    with LOCK:
        known = _modules.get(text)
        if known is None:
            known, good = make()
            if good:
                if len(_modules) >= MAX_MODULES:
                    _modules.clear()
                _modules[text] = known
        return known


class Memory(Engine):
    """Knows the tree, or the failure, of each piece that it parsed, and where the piece stood then."""

    by_parts = True

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, str, int], tuple[object, int]] = {}

    def parse(self, text: str, start: int, end: int, rule: str, written: int | None = None) -> object:
        piece = text[start:end]
        key = (rule, piece, (end if written is None else written) - start)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MAX_PIECES:
                self._known.clear()
            known = self._made(text, start, end, rule, written), start
            self._known[key] = known
        found, place = known
        if place != start:
            found = found.moved(start - place) if isinstance(found, Failure) else moved(found, start - place)
            self._known[key] = found, start
        if isinstance(found, Failure):
            raise found
        return found

    def _made(self, text: str, start: int, end: int, rule: str, written: int | None) -> object:
        try:
            return super().parse(text, start, end, rule, written)
        except Failure as failure:
            return failure.with_traceback(None)
