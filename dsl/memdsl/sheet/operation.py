"""What a room may ask of an operation or an aggregate of the language: one record of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from typing import Literal as OneOf

from ..records import record
from .intervals import Range

Value = float | bool | str

Units = OneOf[
    "alike", "any", "product", "quotient", "power", "root", "plain", "whole", "equal", "ordered", "truth", "choice"
]
"""The rule for units. `alike`: operands of one unit give it; `any`: one operand gives its own; `plain`: a plain number
gives one; `whole`: likewise, a count of something; `equal` and `ordered`: operands alike give a truth; `truth`: truths
give one; `choice`: a truth and two alike give what these are."""


class Calls(Protocol):
    """How a room carries out an operation on its own operands, numbers of Python among them."""

    def __call__(self, name: str, *operands: Any) -> Any: ...


@record
class Operation:
    """An operation on values. A meaning that is None does not exist, and the room that needs it refuses by name.

    `signature` is how a formula calls a function (empty for an operator), `says` one sentence of documentation, `least`
    and `most` the numbers of operands (`most` None: as many as wanted).

    `number` raises ArithmeticError where there is no value; `defined` says in the language where there is one. `many`
    computes arrays: NumPy comes first. `range` is what is known of the value between which operands lie; `slopes` are
    the derivatives in each operand, `inverse` the operand that gives a value. `lowered` says it by other operations.

    `excel` and `javascript` are texts: in Excel `a`, `b`, `c` and `...` stand for operands; in JavaScript operands are
    closures of a row `i`, `all` is the list of them, and `helper` defines what the text calls. `latex` has `…` for the
    operands, and so has `line`, which is mathematics on one line; `sympy` is given SymPy first.
    """

    name: str
    says: str
    least: int
    most: int | None
    units: Units
    number: Callable[..., Value]
    excel: str
    javascript: str
    signature: str = ""
    helper: str = ""
    excel_ranges: bool = False
    """Whether Excel applies it to whole ranges inside SUMPRODUCT."""
    excel_text: str = ""
    """How it is written for texts, where that differs."""
    swallows: bool = False
    """Whether it may give a value although an operand is too large to be a number."""
    many: Callable[..., Any] | None = None
    defined: Callable[..., Any] | None = None
    range: Callable[..., Range] | None = None
    slopes: tuple[Callable[..., Any], ...] | None = None
    inverse: Callable[[float], float] | None = None
    lowered: Callable[..., Any] | None = None
    sympy: Callable[..., Any] | None = None
    latex: str = ""
    line: str = ""

    @property
    def partial(self) -> bool:
        """Whether it has no value for some operands."""
        return self.defined is not None


@record
class Aggregate:
    """An aggregate over the rows that a condition left: `number` and `javascript` are given what each row brought."""

    name: str
    signature: str
    says: str
    number: Callable[[Chosen], Value]
    javascript: str
    excel: str = ""
    """The function of Excel that takes the values themselves; empty where there is none."""


Chosen = Sequence[tuple[int, Value, float]]
"""The rows that an aggregate chose: their positions, values and numbers of copies."""


class Undefined(ArithmeticError):
    """A formula asks for a value that there is not; why not was told where it first arose."""


class NoRow(ArithmeticError):
    """An aggregate found no row to answer with."""


class NoMeaning(Exception):
    """A room has no meaning for an operation."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"`{name}` has no {what}")
        self.name = name
