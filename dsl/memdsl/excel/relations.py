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


SOURCES = {"inputs": "in", "origins": "holder"}
"""Relations of which each row has a few rows, in columns of their own: what feeds it, and what holds that."""


def input_name(number: int, relation: str = "inputs") -> str:
    """The column with the position of the source at `number`, counted from 0: `in #1`."""
    return f"{SOURCES[relation]} #{number + 1}"


def inputs_of(table: Table, relation: str = "inputs") -> int:
    """How many sources of a row stand in columns of their own; the few rows with more of them name their cells."""
    counts = [len(rows) for rows in table.relations.get(relation, ())]
    return max((count for count in counts if count <= MAXIMUM_INPUTS), default=0)


def relations(sheet: Sheet, network: Table, tables: Iterable[Table]) -> list[Relation]:
    """The relations that formulas of these tables need."""
    if "inputs" not in network.relations:
        return []
    needed = _needed(tables)
    consumers = network.relations["consumers"]
    found = []
    if needed & {"live", "fresh"}:
        found.append(Relation(ROW, "Position of this row", range(1, len(network.rows) + 1)))
    for relation, label in (("inputs", "Position of input"), ("origins", "Position of what holds input")):
        if relation in needed or (relation == "inputs" and "fresh" in needed):
            for k in range(inputs_of(network, relation)):
                numbers = [rows[k] + 1 if k < len(rows) else 0 for rows in network.relations[relation]]
                found.append(Relation(input_name(k, relation), f"{label} {k + 1}", numbers))
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
