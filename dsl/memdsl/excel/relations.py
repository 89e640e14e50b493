"""Relations between the rows of a network as whole numbers on the row: which rows feed it, who reads it, until when.

A formula finds the rows by these numbers, so that it reads the same in every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..sheet.formula import Field, Formula, Reduce, Related, Slot, walk
from ..sheet.sheet import Sheet, Table

MAXIMUM_INPUTS = 6
ROW, READERS, FIRST, LAST = "row #", "readers #", "first #", "last #"  # no column of a spec is called so


@dataclass(frozen=True)
class Relation:
    """Positions are counted from 1 at the first row of the network; 0 stands for none."""

    name: str
    label: str
    numbers: Sequence[int]

    @property
    def key(self) -> str:
        return f"#{self.name}"


def input_name(number: int) -> str:
    """The column with the position of the input at `number`, counted from 0: `in #1`."""
    return f"in #{number + 1}"


def inputs_of(table: Table) -> int:
    """How many inputs of a row stand in columns of their own; the few rows with more of them name their cells."""
    counts = [len(rows) for rows in table.relations.get("inputs", ())]
    return max((count for count in counts if count <= MAXIMUM_INPUTS), default=0)


def relations(sheet: Sheet, network: Table, tables: Iterable[Table]) -> list[Relation]:
    """The relations that formulas of these tables need."""
    if "inputs" not in network.relations:
        return []
    needed = _needed(tables)
    inputs, consumers = network.relations["inputs"], network.relations["consumers"]
    found = []
    if needed & {"live", "fresh"}:
        found.append(Relation(ROW, "Position of this row", range(1, len(network.rows) + 1)))
    if needed & {"inputs", "fresh"}:
        for k in range(inputs_of(network)):
            numbers = [rows[k] + 1 if k < len(rows) else 0 for rows in inputs]
            found.append(Relation(input_name(k), f"Position of input {k + 1}", numbers))
    if "consumers" in needed:
        found.append(Relation(READERS, "Rows that read this one", [len(rows) for rows in consumers]))
    if "fresh" in needed:
        numbers = [rows[0] + 1 if rows else 0 for rows in consumers]
        found.append(Relation(FIRST, "First row that reads it", numbers))
    if "live" in needed:
        last = [0] * len(network.rows)  # of a view, which holds nothing, none
        for i, rows in enumerate(network.relations["live"]):
            for row in rows:
                last[row] = i + 1
        found.append(Relation(LAST, "Last row that needs it, through views", last))
    return found


def _needed(tables: Iterable[Table]) -> set[str]:
    needed: set[str] = set()
    seen: set[int] = set()
    for table in tables:
        for column in table.columns.values():
            for formula in column.formulas:
                if formula is not None and id(formula) not in seen:
                    seen.add(id(formula))
                    needed |= _needed_by(formula)
    return needed


def _needed_by(formula: Formula) -> set[str]:
    needed = set()
    for part in walk(formula):
        if isinstance(part, Field) and isinstance(part.row, Slot):
            needed.add("inputs")
        elif isinstance(part, Reduce) and isinstance(part.rows, Related):
            name = part.rows.relation
            needed.add("inputs" if name.startswith("slot") else name)
    return needed
