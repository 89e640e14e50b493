"""What an input may be: its range, its choices, its step, in the unit in which people type it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from ..diagnostics import Problems
from ..evaluate.bounds import admitted, limits_of
from ..sheet.operations import Value
from ..sheet.sheet import Input, Type
from ..units import Unit
from .book import Book
from .scales import in_unit

Sort = OneOf["number", "truth", "text"]
_TYPED = {"number": "ISNUMBER({0})", "truth": "ISLOGICAL({0})", "text": 'AND(ISTEXT({0}),{0}<>"")'}
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Limit:
    """Numbers are in the input's unit; `words` says the range to a person."""

    sort: Sort
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    words: str = ""

    def typed(self, cell: str) -> str:
        """Whether a cell holds a value of the right sort."""
        return _TYPED[self.sort].format(cell)

    def conditions(self, cell: str, low: str, high: str, choices: str, step: str) -> list[str]:
        """What a value in `cell` must meet, over the cells with the ends of the range, the choices and the step."""
        found = []
        if self.choices:
            found.append(f"ISNUMBER(MATCH({cell},{choices},0))")
        if self.low is not None:
            found.append(f"{cell}>={low}")
        if self.high is not None:
            found.append(f"{cell}<={high}")
        if self.step is not None:
            found.append(f"ABS(ROUND({cell}/{step},0)*{step}-{cell})<={_ROUNDING:.0E}*{step}".replace("E-0", "E-"))
        return found

    def admits(self, value: Value) -> bool:
        """Whether a value, in the input's unit, lies inside."""
        if self.choices:
            return value in self.choices
        if isinstance(value, (bool, str)):
            return True
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return False
        return self.step is None or abs(round(value / self.step) * self.step - value) <= _ROUNDING * self.step


def limit_of(book: Book, item: Input, kind: Type, unit: Unit | None, written: Unit | None) -> Limit:
    """What an input may be: numbers in the unit that its cell holds, words in the one that its author wrote."""
    value, bounds = book.declared.input(item.key), item.bounds
    sort: Sort = "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    if bounds is None:
        return Limit(sort, words={"truth": "TRUE or FALSE", "text": "a text", "number": "any number"}[sort])

    limits = limits_of(book.declared, bounds, Problems())
    words = admitted(book.typed, book.declared, bounds, kind, written) or "any number"
    if limits.choices:
        choices = tuple(v if isinstance(v, (bool, str)) else in_unit(v, unit) for v in limits.choices)
        return Limit(sort, choices=choices, words=words)

    def shown(value: float | None) -> float | None:
        return None if value is None else in_unit(value, unit)

    return Limit(sort, shown(limits.low), shown(limits.high), shown(limits.step), (), words)
