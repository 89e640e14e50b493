"""Aggregates over rows for many points at once: what each has met so far, and what it comes to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from .operations import Active, Many, choose, varies


class Tally(ABC):
    """What an aggregate has met so far. `open` are the points at which it still looks for rows."""

    closed = False

    def __init__(self, active: Active) -> None:
        self.active = active
        self.total: Many = 0.0
        self.weights: Many = 0.0
        self.seen: Many = False

    def open(self) -> Many:
        return True

    @abstractmethod
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None: ...

    def result(self) -> Many:
        return self.total

    def _none(self, without: Many) -> None:
        if np.any(without):
            self.active.fault(without)


class _Sum(Tally):
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        part = value * weight if varies(weight) or weight != 1 else value
        self.total = self.total + (np.where(counts, part, 0.0) if varies(counts) else part)


class _Count(Tally):
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        self.total = self.total + (np.where(counts, weight, 0.0) if varies(counts) else weight)


class _Mean(Tally):
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        self.total = self.total + (np.where(counts, value * weight, 0.0) if varies(counts) else value * weight)
        self.weights = self.weights + (np.where(counts, weight, 0.0) if varies(counts) else weight)

    def result(self) -> Many:
        self._none(np.equal(self.weights, 0))
        return np.divide(self.total, self.weights)


class _Largest(Tally):
    pick = staticmethod(np.maximum)

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        known = self.seen
        if not varies(known) and not known:
            self.total = choose(counts, value, np.nan) if varies(counts) else value
        else:
            better = self.pick(self.total, value)
            if varies(known):
                better = choose(known, better, value)
            self.total = choose(counts, better, self.total) if varies(counts) else better
        self.seen = np.logical_or(known, counts) if varies(known) or varies(counts) else True

    def result(self) -> Many:
        self._none(np.logical_not(self.seen))
        return self.total if np.any(self.seen) else np.nan


class _Smallest(_Largest):
    pick = staticmethod(np.minimum)


class _Any(Tally):
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        self.total = np.logical_or(self.total, np.logical_and(counts, value))

    def result(self) -> Many:
        return self.total if varies(self.total) else bool(self.total)


class _Every(Tally):
    def __init__(self, active: Active) -> None:
        super().__init__(active)
        self.total = True

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        self.total = np.logical_and(self.total, np.logical_or(np.logical_not(counts), value))

    def result(self) -> Many:
        return self.total if varies(self.total) else bool(self.total)


class _First(Tally):
    def __init__(self, active: Active) -> None:
        super().__init__(active)
        self.total = -1

    def open(self) -> Many:
        return np.equal(self.total, -1) if varies(self.total) else True

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        if varies(self.total):
            self.total = np.where(np.logical_and(counts, self.total == -1), row, self.total)
            self.closed = bool((self.total >= 0).all())
        elif varies(counts):
            self.total = np.where(counts, row, -1)
        else:
            self.total = row
            self.closed = True

    def result(self) -> Many:
        self._none(np.less(self.total, 0))
        return self.total


class _Argmax(Tally):
    def __init__(self, active: Active) -> None:
        super().__init__(active)
        self.best: Many = -np.inf
        self.total = -1

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        better = np.logical_and(counts, np.logical_or(np.greater(value, self.best), np.less(self.total, 0)))
        self.best = np.where(better, value, self.best)
        self.total = np.where(better, row, self.total)

    def result(self) -> Many:
        self._none(np.less(self.total, 0))
        return self.total if np.ndim(self.total) else int(self.total)


TALLIES: dict[str, Callable[[Active], Tally]] = {
    "sum": _Sum,
    "count": _Count,
    "mean": _Mean,
    "max": _Largest,
    "min": _Smallest,
    "any": _Any,
    "all": _Every,
    "first": _First,
    "argmax": _Argmax,
}
