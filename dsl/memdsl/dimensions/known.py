"""What a sheet with faults still says: formulas that have one are unknown, and whatever is held by one is left out."""

from __future__ import annotations

from dataclasses import replace

from ..sheet.formula import Formula, Unknown
from ..sheet.input_keys import Entry
from ..sheet.sheet import Circuit, Column, ColumnNode, Input, Sheet, Step, Table


class Faults:
    """Where faults were found: cells, formulas of columns by their `id`, and what else is held or shown by its."""

    def __init__(self) -> None:
        self.cells: set[str] = set()
        self.entries: set[tuple[str, str, int]] = set()
        self.held: set[int] = set()

    def known(self, sheet: Sheet) -> Sheet:
        """The sheet without them. What stands in a circle is in no order, and as unknown."""
        placed: set[Step] = set()
        for step in sheet.order:
            placed |= step.nodes if isinstance(step, Circuit) else {step}
        cells = dict(sheet.cells)
        for cell in sheet.cells.values():
            if cell.id in self.cells or cell.id not in placed:
                cells[cell.id] = replace(cell, formula=Unknown(cell.formula.span), bounds=None, distribution=None)
        tables = {table.id: self._table(table, placed) for table in sheet.tables.values()}
        circles: list[Step] = [cell for cell in cells if cell not in placed]
        for table in tables.values():
            circles += [node for name in table.columns if (node := ColumnNode(table.id, name)) not in placed]

        def sure(item: Input) -> Input:
            return replace(item, distribution=None) if id(item.distribution) in self.held else item

        def stands(formula: Formula, key: object) -> bool:
            if isinstance(key, Entry):
                return (key.table, key.column, id(formula)) not in self.entries
            return key not in self.cells and key in placed

        return replace(
            sheet,
            cells=cells,
            tables=tables,
            inputs={path: sure(item) for path, item in sheet.inputs.items() if stands(item.formula, item.key)},
            checks=tuple(check for check in sheet.checks if id(check) not in self.held),
            domains=tuple(domain for domain in sheet.domains if id(domain) not in self.held),
            claims=tuple(claim for claim in sheet.claims if id(claim) not in self.held),
            report=None if sheet.report is None else tuple(i for i in sheet.report if id(i) not in self.held),
            scenarios={name: one for name, one in sheet.scenarios.items() if id(one) not in self.held},
            order=(*circles, *sheet.order),
        )

    def _table(self, table: Table, placed: set[Step]) -> Table:
        columns = {name: self._column(column, placed) for name, column in table.columns.items()}
        return replace(table, columns=columns)

    def _column(self, column: Column, placed: set[Step]) -> Column:
        if ColumnNode(column.table, column.name) not in placed:
            faulty = {id(formula) for formula in column.formulas}
        else:
            faulty = {known for table, name, known in self.entries if (table, name) == (column.table, column.name)}
        if not faulty:
            return column
        made = {id(f): Unknown(f.span) for f in column.formulas if f is not None and id(f) in faulty}
        return replace(column, formulas=tuple(made.get(id(formula), formula) for formula in column.formulas))
