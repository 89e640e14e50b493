"""Each question to a method is answered once in a process: sheets of one spec, its claims and sweeps ask the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from .methods import found_groups, found_levels, found_tiling, lacking_row

_ROW: dict[str, Callable[[list[float]], list[float]]] = {"tiling": found_tiling, "levels": found_levels}
"""Methods that look at one row."""

Numbers = tuple[float, ...]
Positions = tuple[tuple[int, ...], ...]


@lru_cache(maxsize=16384)
def found_in_row(method: str, given: Numbers) -> list[float]:
    """The parts that a method finds for a row."""
    return _ROW[method]([*given])


@lru_cache(maxsize=512)
def found_in_rows(
    given: Numbers, listed: tuple[Numbers, ...], inputs: tuple[tuple[int, ...], ...]
) -> list[list[float]]:
    """The parts that are found for all rows of a network together, from columns and the inputs of each row."""
    return found_groups([*given], [[*column] for column in listed], [[*rows] for rows in inputs])


@lru_cache(maxsize=512)
def lacking_in_rows(
    given: Numbers, listed: tuple[Numbers, ...], inputs: tuple[tuple[int, ...], ...]
) -> tuple[int, float]:
    """Where a network has no schedule: the row that fits in no way, and the buffer in which it alone would."""
    return lacking_row([*given], [[*column] for column in listed], [[*rows] for rows in inputs])
