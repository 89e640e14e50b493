"""What `solve` answers: where a condition holds over the range of an input."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..records import record
from ..sheet.formula import Formula
from ..sheet.sheet import Input
from .extent import Extent


@record
class Interval:
    """Values of an input, in base units; an end that is not `included` is open, one may be infinite."""

    low: float
    high: float
    low_included: bool
    high_included: bool

    def __repr__(self) -> str:
        """`[33554432, 1073741824]`; a round bracket stands at an open end."""
        return f"{'(['[self.low_included]}{self.low:.15g}, {self.high:.15g}{')]'[self.high_included]}"


@record
class Run:
    """`count` admissible values from `low` to `high`, one multiple after the other; endless ones are infinite."""

    low: float
    high: float
    count: float


@record
class Side:
    """A side of a comparison and between which values it lies over the input's range; `text` as it is written."""

    text: str
    formula: Formula
    extent: Extent | None


@record
class Ended:
    """A value of the input at which the condition would hold, and what the spec requires that does not hold there."""

    at: float | bool | str
    requirement: str


@record
class Solution:
    """Where a condition holds over the range of an input.

    `intervals` holds for an input that may have any value of its range, `runs` for one of multiples, `choices` for one
    of a few values. `domain` is the range that was looked at, and `changes` are the values at which the truth changes.
    `depends` is False when the input does not matter. `numeric`: some of the ends were found by trial. What the spec
    refuses is no solution: `ended` says where it would go on.
    """

    condition: str
    input: Input
    now: bool
    depends: bool
    domain: Interval
    step: float | None
    intervals: tuple[Interval, ...]
    runs: tuple[Run, ...]
    choices: tuple[float | bool | str, ...] | None
    changes: tuple[float, ...]
    always: bool
    never: bool
    numeric: bool
    sides: tuple[Side, ...]
    ended: tuple[Ended, ...]


def beyond(
    domain: Interval, step: float | None, intervals: Sequence[Interval], runs: Sequence[Run]
) -> list[float | bool | str]:
    """Values just outside of what was found, inside the range; without anything found, the ends of the range."""
    parts = [(part.low, part.high) for part in intervals] + [(run.low, run.high) for run in runs]
    ends = [end for low, high in parts for end in ((low, -1), (high, 1))]
    if not ends:
        ends = [(domain.low, 0), (domain.high, 0)]
    found: list[float | bool | str] = []
    for end, side in ends:
        if not math.isfinite(end):
            continue
        value = end + side * (step if step is not None else 1e-9 * max(1.0, abs(end)))
        if domain.low <= value <= domain.high:
            found.append(value)
    return found
