"""What an input may be: its range, its choices, its step, in the unit in which people type it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from ..evaluate.show import show
from ..sheet.formula import UNLIMITED, Formula
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
        if self.choices and self.sort == "text":
            found.append(f"SUMPRODUCT(--EXACT({choices},{cell}))>0")
        elif self.choices:
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


def limit_of(book: Book, item: Input, kind: Type, unit: Unit | None) -> Limit:
    """What an input may be."""
    value, bounds = book.declared.input(item.key), item.bounds
    sort: Sort = "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    if bounds is None:
        return Limit(sort, words={"truth": "TRUE or FALSE", "text": "a text", "number": "any number"}[sort])

    def said(value: Value) -> str:
        if isinstance(value, float) and abs(value) >= UNLIMITED / 10:
            return "unlimited"
        return show(book.typed, value, kind, unit, 9)

    def shown(formula: Formula | None) -> float | None:
        return None if formula is None else float(in_unit(float(book.declared.formula(formula)), unit))

    if bounds.one_of:
        values = [book.declared.formula(choice) for choice in bounds.one_of]
        choices = tuple(v if isinstance(v, (bool, str)) else in_unit(v, unit) for v in values)
        return Limit(sort, choices=choices, words="one of " + ", ".join(said(v) for v in values))
    words = []
    if bounds.multiple is not None:
        step = book.declared.formula(bounds.multiple)
        words.append("a whole number" if bounds.whole and step == 1 else f"a multiple of {said(step)}")
    for formula, word in ((bounds.low, "from"), (bounds.high, "to")):
        if formula is not None:
            words.append(f"{word} {said(book.declared.formula(formula))}")
    return Limit(
        sort, shown(bounds.low), shown(bounds.high), shown(bounds.multiple), (), " ".join(words) or "any number"
    )
