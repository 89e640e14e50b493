"""Random values of the inputs that are not sure: admissible ones, the same for the same seed."""

from __future__ import annotations

import numpy as np

from ..evaluate import Values
from ..evaluate.spread import Spread
from ..sheet.sheet import Input
from ..sweep import Array, SweepError

_DRAWS = 100
"""Times that values outside what an input admits are drawn again."""


class Admissible:
    """What an input admits: ends and multiples, in base units."""

    def __init__(self, values: Values, item: Input, spread: Spread) -> None:
        bounds = item.bounds

        def number(name: str) -> float | None:
            formula = getattr(bounds, name, None)
            return None if formula is None else float(values.formula(formula))

        ends = ((spread.low, number("low")), (spread.high, number("high")))
        lows, highs = ([end for end in pair if end is not None] for pair in ends)
        self.item = item
        self.spread = spread
        self.low = max(lows, default=-np.inf)
        self.high = min(highs, default=np.inf)
        self.step = number("multiple") or 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """Between which the input lies, on its multiples; without ends, its 5th and its 95th percentile."""
        low, high = self.spread.ends
        low, high = max(low, self.low), min(high, self.high)
        if not self.step:
            return low, high
        inner = np.ceil(low / self.step) * self.step, np.floor(high / self.step) * self.step
        return (float(inner[0]), float(inner[1])) if inner[0] <= inner[1] else (self.spread.value, self.spread.value)

    @property
    def ended(self) -> bool:
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    def draw(self, random: np.random.Generator, count: int) -> Array:
        """Independent values. Raises SweepError when hardly any is admissible."""
        found = self._draw(random, count)
        for _ in range(_DRAWS):
            outside = np.flatnonzero((found < self.low) | (found > self.high))
            if not len(outside):
                return found
            found[outside] = self._draw(random, len(outside))
        raise SweepError(f"hardly any value that `{self.item.path}` may take lies in its range")

    def _draw(self, random: np.random.Generator, count: int) -> Array:
        spread = self.spread
        match spread.kind:
            case "one of":
                return np.array(spread.choices, dtype=float)[random.integers(len(spread.choices), size=count)]
            case "normal":
                found = spread.value + spread.scale * random.standard_normal(count)
            case "lognormal":
                found = spread.value * spread.scale ** random.standard_normal(count)
            case "uniform":
                found = random.uniform(self.low, self.high, count)
        return np.rint(found / self.step) * self.step if self.step else found
