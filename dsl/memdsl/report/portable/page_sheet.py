"""What stands for the sheet where an analysis is put in words in a page: portable code, for the page alone.

The functions have the names and the arguments of those of `evaluate.show` and `sheet.formula`, which the translated
words call. A `Formula` is its type and its unit, or, where the language wants a constant, its value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...sheet.operations import Value
from ...units import UNLIMITED, fitting, format_number
from .writing import Form, Measure


@dataclass(frozen=True)
class Formula:
    kind: Form
    shown: Measure | None


@dataclass(frozen=True)
class Constant:
    value: float
    share: bool


class Typed:
    """In the place of the typed sheet."""

    def type_of(self, formula: Formula) -> Form:
        return formula.kind


@dataclass(frozen=True)
class Now:
    """In the place of the values of the sheet: constants, and the inputs by path."""

    inputs: dict[str, float]

    def formula(self, formula: Constant) -> float:
        return formula.value

    def input(self, path: str) -> float:
        return self.inputs[path]


@dataclass(frozen=True)
class Bounds:
    low: Constant | None
    high: Constant | None
    multiple: Constant | None
    one_of: Sequence[Constant]


@dataclass(frozen=True)
class Distribution:
    spread: Constant | None
    kind: str
    arguments: Sequence[Constant]
    text: str


@dataclass(frozen=True)
class Input:
    """`key` is its path; `formula` is there as a sheet has one. `exact` says whether its slopes have a closed form."""

    path: str
    key: str
    kind: Form
    shown: Measure | None
    bounds: Bounds | None
    distribution: Distribution | None
    exact: bool = True
    formula: None = None


def input_type(typed: Typed, item: Input) -> Form:
    return item.kind


def unit_written(formula: None) -> Measure | None:
    return None


def shown_unit(typed: Typed, formula: Formula) -> Measure | None:
    return formula.shown


def readable_unit(kind: Form, value: float) -> Measure | None:
    return fitting(value, kind.units) if kind.units else None


def is_share(formula: Constant) -> bool:
    return formula.share


def show_distribution(said: Distribution | None) -> str:
    return said.text if said is not None else ""


def show(typed: Typed, value: Value | None, kind: Form, unit: Measure | None = None, digits: int = 5) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if kind.kind == "row":
        return kind.names[int(value)]
    if not kind.units or math.isnan(value) or abs(value) >= UNLIMITED / 10:
        return format_number(value, digits)
    shown = unit if unit is not None else fitting(value, kind.units)
    number = format_number(shown.from_base(value), digits)
    return f"{number} {shown.text}" if shown.text else number


def to_even(value: float) -> float:
    """The nearest whole number; of two, the even one."""
    return round(value)
