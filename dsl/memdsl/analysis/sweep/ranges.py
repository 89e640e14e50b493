"""What a sweep runs over, as a person writes it: `A..B:STEP`, `A..B*FACTOR`, `A,B,C`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal as OneOf

import numpy as np

from ...symbolic.terms import exact
from .grid import SweepError

_EXACTLY = 100_000
"""Values of a range that are computed in fractions, so that `0..1:0.1` has 0.3 and not 0.30000000000000004."""
_ROUNDING = 1e-9
"""Factors by which the end of a range may be missed and is still met."""

Kind = OneOf["step", "factor", "list"]


@dataclass(frozen=True)
class RangeText:
    """The parts of a range, each a value as `.mem` writes it: begin, end and step (or factor), or the values listed."""

    name: str
    kind: Kind
    parts: tuple[str, ...]


def read_range(text: str) -> RangeText:
    """`sram=1 MiB..64 MiB*2` taken apart. Raises SweepError."""
    name, equals, values = text.partition("=")
    name, values = name.strip(), values.strip()
    if not equals or not name or not values:
        raise SweepError(f"write NAME=A..B:STEP, NAME=A..B*FACTOR or NAME=A,B,C, not {text!r}")
    return range_of(name, values)


def range_of(name: str, values: str) -> RangeText:
    """The range of an input. Raises SweepError."""
    low, dots, rest = values.partition("..")
    if not dots:
        parts = tuple(part.strip() for part in split(values, ","))
        if not all(parts):
            raise SweepError(f"`{name}={values}`: a value is missing between two commas")
        return RangeText(name, "list", parts)
    for sign, kind in ((":", "step"), ("*", "factor")):
        high, *by = split(rest, sign)
        if by:
            parts = (low.strip(), high.strip(), sign.join(by).strip())
            if not all(parts):
                raise SweepError(f"`{name}={values}`: write `A..B{sign}{kind.upper()}`, such as `1..8{sign}2`")
            return RangeText(name, "step" if sign == ":" else "factor", parts)
    raise SweepError(f"`{name}={values}` needs a step or a factor: `{values}:STEP` or `{values}*FACTOR`")


def split(text: str, sign: str) -> list[str]:
    """A text at a sign, but not inside brackets or strings."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif not quoted and c in "([{":
            depth += 1
        elif not quoted and c in ")]}":
            depth -= 1
        elif c == sign and not quoted and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


def count(kind: Kind, numbers: Sequence[float], name: str) -> int:
    """How many values a range has. Raises SweepError for one that is empty or endless."""
    if kind == "list":
        return len(numbers)
    low, high, by = numbers
    if not all(map(math.isfinite, numbers)) or max(map(abs, numbers)) >= 1e299:
        raise SweepError(f"the range of `{name}` has no end")
    if kind == "step":
        if by == 0:
            raise SweepError(f"the step of `{name}` is 0: it never gets from one end to the other")
        if (high - low) * by < 0:
            way = "down" if high < low else "up"
            sign = "negative" if high < low else "positive"
            raise SweepError(
                f"the range of `{name}` is empty: it runs {way}, and its step does not;"
                f" give a {sign} step, or swap the ends"
            )
        return (exact(high) - exact(low)) // exact(by) + 1
    if low <= 0 or high <= 0 or by <= 0:
        raise SweepError(f"the range of `{name}` runs by a factor, so its ends and its factor have to be above 0")
    if by == 1:
        raise SweepError(f"the factor of `{name}` is 1: it never gets from one end to the other")
    if (high < low) != (by < 1) and high != low:
        way, side = ("down", "below") if high < low else ("up", "above")
        raise SweepError(
            f"the range of `{name}` is empty: it runs {way}, and its factor does not;"
            f" give a factor {side} 1, or swap the ends"
        )
    steps = math.log(high / low) / math.log(by)
    return math.floor(steps + _ROUNDING) + 1


def values(kind: Kind, numbers: Sequence[float], name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The values of a range, in order, both ends included. Raises SweepError."""
    if kind == "list":
        return np.array(numbers, dtype=np.float64)
    steps = count(kind, numbers, name)
    low, by = exact(numbers[0]), exact(numbers[2])
    if kind == "factor":
        return np.array([float(low * by**i) for i in range(steps)])
    if steps <= _EXACTLY:
        return np.array([float(low + by * i) for i in range(steps)])
    return numbers[0] + numbers[2] * np.arange(steps, dtype=np.float64)
