"""What each operation of the language computes for many points at once, and where it has no value.

A value is a number, a truth value or a text for all points, or an array with one for each. `Active` carries the points
at which what is computed counts: a division by zero in a branch that is not taken is no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from ...sheet.operation import NoMeaning
from ...sheet.operation import Operation as Record
from ...sheet.operations import OPERATIONS as RECORDS
from .grid import Mask

Many = Any
"""float, bool or str, or an array of them with one entry a point."""


class Active:
    """The points at which what is computed counts, and those found to have no value."""

    def __init__(self) -> None:
        self.count = 0
        self.mask: Mask | None = None
        self.bad: Mask | None = None

    def begin(self, count: int) -> None:
        self.count, self.mask, self.bad = count, None, None

    def fault(self, where: Many) -> None:
        """Points (or, for True, all that count) at which there is no value."""
        found = np.broadcast_to(np.asarray(where, dtype=bool), (self.count,))
        if self.mask is not None:
            found = found & self.mask
        if found.any():
            self.bad = found.copy() if self.bad is None else self.bad | found

    @contextmanager
    def only(self, where: Many) -> Iterator[None]:
        """Narrows the points that count."""
        outer = self.mask
        inner = np.broadcast_to(np.asarray(where, dtype=bool), (self.count,))
        self.mask = inner if outer is None else outer & inner
        try:
            yield
        finally:
            self.mask = outer


def varies(value: Many) -> bool:
    """Whether a value differs by point."""
    return isinstance(value, np.ndarray)


def choose(condition: Many, yes: Many, no: Many) -> Many:
    """`yes` where a condition holds, `no` elsewhere."""
    if isinstance(yes, str) or isinstance(no, str) or _is_text(yes) or _is_text(no):
        return np.where(condition, np.asarray(yes, dtype=object), np.asarray(no, dtype=object))
    return np.where(condition, yes, no)


def _is_text(value: Many) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == object


def select(cases: Sequence[Many], index: npt.NDArray[np.intp]) -> Many:
    """For each point the case that its index names."""
    text = any(isinstance(case, str) or _is_text(case) for case in cases)
    found = np.empty(len(index), dtype=object if text else np.float64)
    for number in np.unique(index):
        if 0 <= number < len(cases) and cases[number] is not None:
            at = index == number
            found[at] = np.broadcast_to(np.asarray(cases[number]), index.shape)[at]
        else:
            found[index == number] = None if text else np.nan
    return found


Operation = Callable[..., Many]


def operations(active: Active) -> dict[str, Operation]:
    """The operations by sign or name, those excepted that compute only some of their arguments (`if and or`)."""

    def checked(value: Many, *without: Many) -> Many:
        for where in without:
            if np.any(where):
                active.fault(where)
        return value

    def wrapped(record: Record) -> Operation:
        many, defined, swallows = record.many, record.defined, record.swallows
        if many is None:
            raise NoMeaning(record.name, "meaning over arrays")

        def run(*args: Many) -> Many:
            if swallows:
                for side in args:
                    if isinstance(side, float) or (isinstance(side, np.ndarray) and side.dtype == np.float64):
                        checked(None, np.logical_not(np.isfinite(side)))
            if defined is not None:
                checked(None, np.logical_not(defined(plain, *args)))
            return _plain(many(np, *args))

        return run

    def plain(name: str, *operands: Many) -> Many:
        many = RECORDS[name].many
        assert many is not None
        return many(np, *operands)

    return {name: wrapped(record) for name, record in RECORDS.items() if name not in ("if", "and", "or")}


def _plain(value: Many) -> Many:
    """A truth value or number for all points as Python's own."""
    return value.item() if isinstance(value, np.generic | np.ndarray) and not value.ndim else value
