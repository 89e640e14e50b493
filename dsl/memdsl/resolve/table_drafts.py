"""Tables while they are built: who knows which columns, and the formula of a column in a row, made when asked for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal as OneOf

from ..diagnostics import BUILT_IN, Source, Span
from ..records import record
from ..sheet.formula import Formula
from ..sheet.sheet import CellRole, Row
from ..syntax import tree
from ..units import Unit
from .scope import Scope


@record
class ColumnInfo:
    """How a column is shown."""

    span: Span
    shown: Unit | None
    label: str
    role: str
    source: str = ""


def built_in(text: str) -> Span:
    """The place of a formula that the language itself gives a column."""
    return Span(Source(BUILT_IN, text), 0, len(text))


@record
class Said:
    """Clauses that say what a column may be in some rows; an axis without any has the domain of every axis."""

    column: str
    rows: Sequence[int]
    clauses: tree.Clauses
    scope: Scope | None
    name: str
    role: OneOf["argument", "axis", "column"]


class TableDraft:
    """A table being built. Subclasses say where formulas come from.

    `along` gives, for a column that differs along the axes of some row, the axes beside the first that have a column of
    their own (`kernel` and `kernel_w`).
    """

    along: Mapping[str, Iterable[str]] = {}

    def __init__(self, table_id: str, role: str, owner: str, label: str, span: Span, parent: str | None = None) -> None:
        self.id = table_id
        self.role = role
        self.owner = owner
        self.label = label
        self.span = span
        self.parent = parent
        self.rows: list[Row] = []

    def knows(self, column: str) -> bool:
        raise NotImplementedError

    def names(self) -> Iterable[str]:
        """The names of all columns, in the order in which they are shown."""
        raise NotImplementedError

    def formula_at(self, column: str, index: int) -> Formula | None:
        raise NotImplementedError

    def group_of(self, index: int) -> object:
        """Rows of one group have the same formula in every column that is not their own; None for a row by itself."""
        return None

    def own_columns(self) -> Container[str]:
        """Columns whose formula differs from row to row."""
        return ()

    def info(self, column: str) -> ColumnInfo:
        raise NotImplementedError

    def sources(self, column: str) -> tuple[str, ...]:
        """The source written beside each entry; empty when no entry has one."""
        return ()

    def like(self, column: str) -> Formula | None:
        """A formula whose unit every entry of the column must have."""
        return None

    def said(self) -> Iterable[Said]:
        """What is said of the values of columns."""
        return ()

    def settable(self, column: str, index: int) -> bool:
        """Whether an entry is a constant that a person may set."""
        return False

    def is_apart(self, column: str, index: int) -> bool:
        """Whether a row has a value of its own in a column along an axis."""
        return False

    def relations(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        return {}


@dataclass(eq=False)
class CellDraft:
    """A cell being built. `formula` is None until it was asked for.

    `like` is the default of an argument that was given a value, which must have the default's unit. `shared`: other
    statements rest on how it is written and not on its value alone, or it made more than its formula. `settable`:
    others rest on its being a constant. `domain`: the clauses that say what an argument may be, where they are not its
    own.
    """

    id: str
    owner: str
    role: CellRole
    span: Span
    expression: tree.Expression | None
    scope: Scope
    clauses: tree.Clauses
    formula: Formula | None = None
    like: Formula | None = None
    domain: tuple[tree.Clauses, Scope] | None = None
    busy: bool = False
    settable: bool = False


def unique_rows(indices: Iterable[int]) -> tuple[int, ...]:
    """The indices in order, each once."""
    return tuple(dict.fromkeys(indices))


RELATIONS = ("inputs", "fresh", "consumers", "live", "origins", "lenders", "tensors")
"""Relations of a network's row.

`fresh` are the inputs that no earlier row reads, `origins` the rows that hold what lies behind the inputs, `lenders`
those whose weights it reads, `tensors` the rows whose outputs are read where this one is: itself, or those behind it.
"""


def live_rows(consumers: Sequence[Sequence[int]], views: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """For each row: what is held while it is computed, itself and earlier rows that are read at or after it.

    A view holds nothing; what lies behind it is held as long as the view is read.
    """
    last = list(range(len(consumers)))
    for index in reversed(last):
        for reader in consumers[index]:
            last[index] = max(last[index], last[reader] if views[reader] else reader)
    live: list[int] = []
    result = []
    for index in range(len(last)):
        live = [j for j in live if last[j] >= index]
        if not views[index]:
            live.append(index)
        result.append(tuple(live))
    return tuple(result)


def origins(inputs: Sequence[Sequence[int]], views: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """For each row: the rows that hold its inputs, through views, each once."""
    held: list[tuple[int, ...]] = []
    result = []
    for index, given in enumerate(inputs):
        found = unique_rows(row for one in given for row in held[one])
        held.append(found if views[index] else (index,))
        result.append(found)
    return tuple(result)
