"""Formulas over cells: trees in the shape that the author wrote, every name resolved to one cell.

Numbers are in base units (`B`, `MAC`, `s`, `J`, `m`, `usd`). A formula of a column is shared by all rows that it
serves; which row it speaks of is said by a `RowRef`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Span
from ..records import compared, record
from ..units import Dimension

UNLIMITED = 1e300
"""What `unlimited` is worth: a number above every quantity, the same in Python, Excel and JavaScript."""


# ---- which row ------------------------------------------------------------------------------------------------------


@compared
class Here:
    """The row whose formula this is."""


@compared
class At:
    """A fixed row of the table (its position, from 0)."""

    index: int


@compared
class Slot:
    """The row passed to the k-th tensor argument of the row here."""

    number: int


@compared
class Var:
    """The row that an enclosing `Reduce` runs over."""

    name: str


@record
class Pick:
    """The row whose position (from 0) a formula computes, as `first(…)` and `argmax(…)` do."""

    formula: Formula


RowRef = Here | At | Slot | Var | Pick


# ---- which rows -----------------------------------------------------------------------------------------------------


@compared
class Rows:
    """Fixed rows of a table, in order. `text` is how a person calls them (`today.layers`)."""

    table: str
    indices: tuple[int, ...]
    text: str


@compared
class Related:
    """The rows related to a row: `relation` is a key of `Table.relations` of the table `of_table`.

    The related rows are rows of `table`.
    """

    table: str
    relation: str
    of: RowRef
    of_table: str


RowSet = Rows | Related


# ---- formulas -------------------------------------------------------------------------------------------------------


@record
class Formula:
    span: Span


@record
class Called:
    """A formula that a call of a `fn` made: the call, and the function as it is defined (`half(v)`, `v / 2`)."""

    formula: Formula
    call: Span
    name: str
    signature: str
    body: Span


@record
class Literal(Formula):
    """A value as written: `text` is `8 MiB`, `value` 8388608.0. `dimension` is None for `unlimited`, text and truth."""

    value: float | bool | str
    dimension: Dimension | None
    text: str


@record
class Unknown(Formula):
    """What a fault keeps from being known; the fault was told, and nothing that rests on it has a value."""


@record
class CellRef(Formula):
    """The value of a cell, by its identifier (`today.dram_bytes`)."""

    cell: str


@record
class Field(Formula):
    """The value of a column in one row; `table` is the table that owns the column."""

    row: RowRef
    table: str
    column: str


@record
class Apply(Formula):
    """An operation of `operations.OPERATIONS` on formulas (`+`, `<=`, `if`, `floor`, …)."""

    op: str
    args: tuple[Formula, ...]


@record
class Reduce(Formula):
    """An aggregate: `op` is one of `sum max min mean count any all argmax first`.

    `body` is None for `count` and `first`. `weight` counts copies of a row (`sum`, `count`, `mean`). `argmax` and
    `first` give the position of a row in `rows.table`, from 0.
    """

    op: str
    rows: RowSet
    var: Var
    body: Formula | None
    where: Formula | None
    weight: Formula | None = None


@record
class Found(Formula):
    """A value that is found: `choose(part, by = method)`, or `choose(minimising = goal)` for the input `part`.

    A method reads `given`, one number each, and `listed`: columns over the rows of a network, each a sum that stands
    for all its values. A search reads `given` through what lies between its input and the goal; `domain` is what the
    input may be.
    """

    method: str
    part: str
    given: tuple[Formula, ...] = ()
    listed: tuple[Reduce, ...] = ()
    goal: Formula | None = None
    domain: tuple[Formula, ...] = ()


SEARCH = "search"
"""The method of a `Found` that tries what its input may be."""


def is_share(formula: Formula) -> bool:
    """Whether a number is written as a share: `20%`."""
    return any(isinstance(part, Literal) and part.text.endswith("%") for part in walk(formula))


def children(formula: Formula) -> tuple[Formula, ...]:
    """The formulas directly inside a formula, those inside row references included."""
    if isinstance(formula, Apply):
        return formula.args
    if isinstance(formula, Field):
        return (formula.row.formula,) if isinstance(formula.row, Pick) else ()
    if isinstance(formula, Found):
        return (*formula.domain, *formula.given, *formula.listed)
    if isinstance(formula, Reduce):
        inside = tuple(f for f in (formula.body, formula.where, formula.weight) if f is not None)
        of = formula.rows.of if isinstance(formula.rows, Related) else None
        return (*inside, of.formula) if isinstance(of, Pick) else inside
    return ()


def walk(formula: Formula) -> Iterator[Formula]:
    """The formula and everything inside it, outermost first."""
    stack = [formula]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(children(top)))
