"""The typed sheet as data that `machine.js` evaluates: slots, formulas shared by structure, and the order of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..presentation.probe import Probe
from ..schedule import METHODS
from ..sheet.formula import (
    SEARCH,
    Apply,
    At,
    CellRef,
    Field,
    Formula,
    Found,
    Here,
    Literal,
    Pick,
    Reduce,
    Related,
    RowRef,
    RowSet,
    Slot,
    Var,
)
from ..sheet.formula import Rows as FixedRows
from ..sheet.input_keys import Entry
from ..sheet.rows import related_rows
from ..sheet.sheet import Circuit, Column, ColumnNode, Sheet

Json = None | bool | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class Program:
    """`data` is plain JSON; the numbers of probes count from 0 in the order in which they were given."""

    data: dict[str, Json]


def program(sheet: Sheet, probes: Sequence[Probe] = ()) -> Program:
    """Everything that a sheet computes, and the formulas asked for beside it."""
    return Program(_Writer(sheet).write(probes))


def runs(indices: Iterable[int]) -> list[Json]:
    """Positions as pairs of a first one and a length: `[0, 3, 7, 1]` is 0, 1, 2 and 7."""
    found: list[int] = []
    for index in indices:
        if found and found[-2] + found[-1] == index:
            found[-1] += 1
        else:
            found += [index, 1]
    return list(found)


class _Writer:
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.cells = {cell: slot for slot, cell in enumerate(sheet.cells)}
        self.columns: dict[tuple[str, str], int] = {}
        for table in sheet.tables.values():
            for column in table.columns:
                self.columns[table.id, column] = len(self.cells) + len(self.columns)
        self.nodes: list[Json] = []
        self.known: dict[tuple[object, ...], int] = {}
        self.made: dict[tuple[int, str], tuple[Formula, int]] = {}
        self.lists: list[Json] = []
        self.searches: list[Json] = []
        self.search_numbers: dict[str, int] = {}
        self.list_numbers: dict[tuple[object, ...], int] = {}
        self.variables: dict[str, int] = {}

    def write(self, probes: Sequence[Probe]) -> dict[str, Json]:
        cells: list[Json] = [self.node(cell.formula, "") for cell in self.sheet.cells.values()]
        columns = [self.column(c) for table in self.sheet.tables.values() for c in table.columns.values()]
        shown: list[Json] = [self.probe(probe) for probe in probes]
        inputs: dict[str, Json] = {}
        for item in self.sheet.inputs.values():
            key = item.key
            place = [self.columns[key.table, key.column], key.row] if isinstance(key, Entry) else [self.cells[key], -1]
            inputs[item.path] = list(place)
        return {
            "cellNames": list(self.cells),
            "columnNames": [f"{table}\t{column}" for table, column in self.columns],
            "cells": cells,
            "columns": columns,
            "steps": [self.step(step) for step in self.sheet.order],
            "nodes": self.nodes,
            "lists": self.lists,
            "searches": self.searches,
            "variables": len(self.variables),
            "inputs": inputs,
            "probes": shown,
        }

    def step(self, step: str | ColumnNode | Circuit) -> Json:
        if isinstance(step, str):
            return self.cells[step]
        if isinstance(step, ColumnNode):
            return self.columns[step.table, step.column]
        places: list[Json] = []
        for entry in step.entries:
            if isinstance(entry, str):
                places += [self.cells[entry], -1]
            else:
                places += [self.columns[entry.table, entry.column], entry.row]
        return places

    def probe(self, probe: Probe) -> Json:
        node = self.node(probe.formula, probe.table)
        if probe.rows is None:
            return [node]
        return [node, self.variable(probe.variable), runs(probe.rows)]

    def column(self, column: Column) -> Json:
        """Rows, constants (runs of rows with one value), and which formula computes which rows."""
        groups: dict[int, list[int]] = {}
        constants: dict[tuple[type, object], list[int]] = {}
        for row, formula in enumerate(column.formulas):
            if formula is None:
                continue
            if isinstance(formula, Literal):
                constants.setdefault((type(formula.value), formula.value), []).append(row)
            else:
                groups.setdefault(self.node(formula, column.table), []).append(row)
        fixed: list[Json] = [[value, runs(rows)] for (_, value), rows in constants.items()]  # type: ignore[list-item]
        computed: list[Json] = [[node, runs(rows)] for node, rows in groups.items()]
        return [len(column.formulas), fixed, computed]

    # ---- formulas ---------------------------------------------------------------------------------------------------

    def node(self, formula: Formula, table: str) -> int:
        """The number of a formula; formulas of one structure share it."""
        key = (id(formula), table)
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = (formula, self._shared(self._node(formula, table)))
        return found[1]

    def _shared(self, node: list[Json]) -> int:
        key = tuple((type(part), tuple(part) if isinstance(part, list) else part) for part in node)
        if key not in self.known:
            self.known[key] = len(self.nodes)
            self.nodes.append(node)
        return self.known[key]

    def _node(self, formula: Formula, table: str) -> list[Json]:
        match formula:
            case Literal():
                return ["k", formula.value]
            case CellRef():
                return ["c", self.cells[formula.cell]]
            case Field():
                return ["f", self.columns[formula.table, formula.column], *self.row(formula.row, table)]
            case Apply():
                return ["a", formula.op, *(self.node(part, table) for part in formula.args)]
            case Reduce():
                parts = (formula.body, formula.where, formula.weight)
                return [
                    "r",
                    formula.op,
                    self.variable(formula.var.name),
                    *(self.node(part, table) if part is not None else -1 for part in parts),
                    *self.rows(formula.rows, table),
                ]
            case Found():
                return self._found(formula, table)
        raise AssertionError(formula)

    def _found(self, formula: Found, table: str) -> list[Json]:
        given: list[Json] = [self.node(part, table) for part in formula.given]
        if formula.method == SEARCH:
            return ["s", self._search(formula), given]
        columns: list[Json] = []
        for column in formula.listed:
            assert isinstance(column.body, Field)
            columns.append(self.columns[column.body.table, column.body.column])
        number = [*METHODS[formula.method].parts].index(formula.part)
        rows = formula.listed[0].rows if formula.listed else None
        inputs = -1 if rows is None else self.relation(Related(rows.table, "inputs", Here(), rows.table))
        return ["m", formula.method, number, given, columns, inputs]

    def _search(self, formula: Found) -> int:
        """Cells chosen together are one search: what each may be, what is minimised, what must hold."""
        if formula.part not in self.search_numbers:
            self.search_numbers[formula.part] = len(self.searches)
            self.searches.append(None)
            chosen = [
                c for c in self.sheet.cells.values() if isinstance(c.formula, Found) and c.formula.part == formula.part
            ]
            order = {step: k for k, step in enumerate(self.sheet.order) if isinstance(step, str)}
            cells: list[Json] = []
            for cell in sorted(chosen, key=lambda cell: order.get(cell.id, -1)):
                bounds = cell.bounds
                ends = (bounds.low, bounds.high, bounds.multiple) if bounds is not None else ()
                cells.append([
                    self.cells[cell.id],
                    [self.node(f, "") if f is not None else -1 for f in ends],
                    [self.node(f, "") for f in (bounds.one_of if bounds is not None else ())],
                ])  # fmt: skip
            assert formula.goal is not None
            checks: list[Json] = []
            for check in self.sheet.checks:
                rows: list[Json] = list(check.rows) if check.table is not None else [0]
                checks.append([self.node(check.condition, check.table or ""), rows])
            self.searches[self.search_numbers[formula.part]] = [cells, self.node(formula.goal, ""), checks]
        return self.search_numbers[formula.part]

    def row(self, row: RowRef, table: str) -> list[Json]:
        match row:
            case Here():
                return ["here", 0]
            case At():
                return ["at", row.index]
            case Slot():
                return ["slot", self.slot(table, row.number)]
            case Var():
                return ["var", self.variable(row.name)]
            case Pick():
                return ["pick", self.node(row.formula, table)]

    def rows(self, rows: RowSet, table: str) -> list[Json]:
        if isinstance(rows, FixedRows):
            return ["rows", self.listed(("rows", rows.indices), lambda: runs(rows.indices))]
        return ["related", self.relation(rows), *self.row(rows.of, table)]

    def relation(self, rows: Related) -> int:
        size = range(len(self.sheet.tables[rows.of_table].rows))
        name = rows.relation
        if name.startswith("slot"):
            parent = self.sheet.tables[rows.of_table].rows
            here = int(name[4:])
            return self.listed(
                ("related", rows.of_table, name),
                lambda: [list(parent[i].slots[here]) if len(parent[i].slots) > here else [] for i in size],
            )
        return self.listed(
            ("related", rows.of_table, name),
            lambda: [list(related_rows(self.sheet.tables, rows, i)) for i in size],
        )

    def slot(self, table: str, number: int) -> int:
        found = self.sheet.tables[table]
        rows = (self.sheet.tables[found.parent] if found.parent is not None else found).rows
        return self.listed(
            ("slot", table, number), lambda: [r.slots[number][0] if len(r.slots) > number else -1 for r in rows]
        )

    def listed(self, key: tuple[object, ...], make: Callable[[], Sequence[Json]]) -> int:
        if key not in self.list_numbers:
            self.list_numbers[key] = len(self.lists)
            self.lists.append(list(make()))
        return self.list_numbers[key]

    def variable(self, name: str) -> int:
        return self.variables.setdefault(name, len(self.variables))
