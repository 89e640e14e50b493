"""The points of a fit: those that its search sees, and the third that is held out."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from ...evaluate import Values
from ...sheet.sheet import Fit, Fitted

_HELD_OUT = 3
_SEED = 1


class Unfit(Exception):
    """A fit that cannot be made, and why."""


def measured_rows(values: Values, fit: Fit) -> list[int]:
    """The rows of the table whose measured value is above 0. Raises Unfit where one cannot be computed."""
    found = column(values, fit.measured, fit.rows)
    return [row for row, value in zip(fit.rows, found, strict=True) if value is not None and value > 0]


def held_out(rows: Sequence[int]) -> frozenset[int]:
    """Every third of some rows, drawn by one seed."""
    return frozenset(random.Random(_SEED).sample(rows, len(rows) // _HELD_OUT))


def column(values: Values, asked: Fitted, rows: Sequence[int]) -> list[float | None]:
    """Numbers of a column; None where a row has none."""
    try:
        found = values.over(asked.formula, asked.var, rows)
    except ArithmeticError as error:
        raise Unfit(f"a row has no value: {error}") from None
    return [float(v) if isinstance(v, float) and math.isfinite(v) else None for v in found]
