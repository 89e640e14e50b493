"""Which rows are related to a row: the one place that reads `Table.relations`."""

from __future__ import annotations

from collections.abc import Mapping

from .formula import At, Here, Related, RowRef, Rows, RowSet, Slot, Var
from .sheet import Table


def related_rows(tables: Mapping[str, Table], rows: Related, index: int) -> tuple[int, ...]:
    """The positions of the rows related to row `index` of `rows.of_table`, in order."""
    if rows.relation.startswith("slot"):
        return tables[rows.of_table].rows[index].slots[int(rows.relation[4:])]
    table = tables[rows.of_table]
    if table.parent is not None and rows.relation not in table.relations:
        table = tables[table.parent]
    return table.relations[rows.relation][index]


def possible_rows(
    tables: Mapping[str, Table], row: RowRef, table: str, here: tuple[str, int], bound: Mapping[str, tuple[int, ...]]
) -> tuple[int, ...]:
    """The rows that a row reference may mean: one, or several under an aggregate or a pick."""
    match row:
        case Here():
            return (here[1],)
        case At():
            return (row.index,)
        case Slot():
            return (tables[tables[here[0]].parent or here[0]].rows[here[1]].slots[row.number][0],)
        case Var():
            return bound.get(row.name, ())
        case _:
            return tuple(range(len(tables[table].rows)))


def possible_row_set(
    tables: Mapping[str, Table], rows: RowSet, here: tuple[str, int], bound: Mapping[str, tuple[int, ...]]
) -> tuple[int, ...]:
    """The rows that a row set may mean, each once."""
    if isinstance(rows, Rows):
        return rows.indices
    of = possible_rows(tables, rows.of, rows.of_table, here, bound)
    return tuple(dict.fromkeys(i for o in of for i in related_rows(tables, rows, o)))
