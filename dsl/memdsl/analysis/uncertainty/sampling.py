"""Random values of the inputs that are not sure: admissible ones, the same for the same seed."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from ...evaluate import Values
from ...evaluate.spread import Spread
from ...sheet.sheet import Input
from ..sweep import Array, SweepError
from .normal_distribution import share_below

_HARDLY = 1e-12
"""The least share of a distribution that has to be admissible."""
_LEAST = 1e-300
_quantile = NormalDist().inv_cdf


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

    def draw(self, shares: Array) -> Array:
        """The values below which such shares of all that is admissible lie. Raises SweepError when hardly any is."""
        spread = self.spread
        if spread.kind == "one of":
            choices: Array = np.array([choice for choice in spread.choices if self.low <= choice <= self.high])
            self._some(float(len(choices)))
            return np.take(choices, (shares * len(choices)).astype(int))
        low, high = self._outermost
        if spread.kind == "uniform":
            found = max(low, self.low) + shares * (min(high, self.high) - max(low, self.low))
        else:
            ends = [share_below(self._deviations(end)) for end in (low, high)]
            self._some(ends[1] - ends[0])
            inside = np.clip(ends[0] + shares * (ends[1] - ends[0]), _LEAST, 1 - 2**-53)
            normal = np.array([_quantile(share) for share in inside.tolist()])
            found = (
                spread.value * spread.scale**normal
                if spread.kind == "lognormal"
                else spread.value + spread.scale * normal
            )
        return np.rint(found / self.step) * self.step if self.step else found

    @property
    def _outermost(self) -> tuple[float, float]:
        """Between which a value lies that is admissible once it is put on its multiple."""
        if not self.step:
            return self.low, self.high
        first, last = np.ceil(self.low / self.step), np.floor(self.high / self.step)
        self._some(float(last - first + 1))
        return float((first - 0.5) * self.step), float((last + 0.5) * self.step)

    def _deviations(self, value: float) -> float:
        """How many standard deviations a value lies above the middle."""
        spread = self.spread
        if math.isinf(value):
            return value
        if spread.kind == "normal":
            return (value - spread.value) / spread.scale
        return math.log(value / spread.value) / math.log(spread.scale) if value > 0 else -math.inf

    def _some(self, share: float) -> None:
        if share < _HARDLY:
            raise SweepError(f"hardly any value that `{self.item.path}` may take lies in its range")
