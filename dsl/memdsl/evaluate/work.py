"""How much there is to compute, known before anything is: a small text may ask for hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..diagnostics import Problems, Span
from ..sheet.formula import Apply, At, Field, Formula, Pick, Reduce, Related, Rows, RowSet
from ..sheet.rows import related_rows
from ..sheet.sheet import Sheet, Table

MAX_STEPS = 100_000_000
"""Operations that a spec may take at one point and for its claims: some seconds."""
MAX_ENTRIES = 3_000_000
"""Entries of all columns together: some hundred megabytes."""


def too_much_work(sheet: Sheet, problems: Problems) -> bool:
    """Whether a spec asks for more than its limits; the place that takes most is told."""
    entries = {table.id: len(table.rows) * len(table.columns) for table in sheet.tables.values()}
    total = sum(entries.values())
    if total > MAX_ENTRIES:
        largest = sheet.tables[max(entries, key=lambda table: entries[table])]
        message = f"the tables of this spec have {total:,} entries, more than the {MAX_ENTRIES:,} that one may have"
        message += f"; `{largest.id}` has {len(largest.columns):,} columns for {len(largest.rows):,} rows"
        problems.error("too-large", message, largest.span, "leave out columns that nothing reads, or take fewer rows")
        return True
    steps = dict(_steps(sheet))
    points = 1 + sum(bool(claim.at) for claim in sheet.claims)
    total = sum(count for count, _ in steps.values()) * points
    if total <= MAX_STEPS:
        return False
    name, (count, span) = max(steps.items(), key=lambda item: item[1][0])
    message = f"this spec takes {_said(total)} operations, more than the {_said(MAX_STEPS)} that one may take"
    message += f"; `{name}` takes {_said(count)}" + (f", and claims ask for {points} points" if points > 1 else "")
    hint = "give an aggregate inside another a column of its own, or let it run over fewer rows"
    problems.error("too-much-work", message, span, hint)
    return True


def _said(count: int) -> str:
    if count < 10**12:
        return f"{count / 1e6:,.0f} million"
    return f"10^{len(str(count)) - 1}"


def _steps(sheet: Sheet) -> Iterable[tuple[str, tuple[int, Span]]]:
    """The operations of each cell, column, requirement, claim and question, with its place."""
    costs = _Costs(sheet.tables)
    for cell in sheet.cells.values():
        yield cell.id, (costs.of(cell.formula), cell.formula.span)
    for table in sheet.tables.values():
        for column in table.columns.values():
            groups = [(costs.of(formula) * len(rows), formula.span) for formula, rows in column.groups]
            if groups:
                count = sum(cost for cost, _ in groups)
                yield f"{table.id}.{column.name}", (count, max(groups, key=lambda group: group[0])[1])
    for number, check in enumerate(sheet.checks):
        yield f"requirement {number + 1}", (costs.of(check.condition) * max(1, len(check.rows)), check.span)
    for number, claim in enumerate(sheet.claims):
        yield f"claim {number + 1}", (costs.of(claim.left) + costs.of(claim.right), claim.span)
    for query in sheet.queries:
        rows = costs.rows(query.rows) if query.rows is not None else 1
        yield query.text, (costs.of(query.formula) * rows, query.formula.span)


class _Costs:
    """Operations that one evaluation of a formula takes; rows that a row decides count as many as on average."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self.known: dict[int, tuple[Formula, int]] = {}
        self.related: dict[tuple[str, str], int] = {}

    def of(self, formula: Formula) -> int:
        found = self.known.get(id(formula))
        if found is None:
            found = self.known[id(formula)] = formula, self._count(formula)
        return found[1]

    def _count(self, formula: Formula) -> int:
        if isinstance(formula, Apply):
            return 1 + sum(map(self.of, formula.args))
        if isinstance(formula, Field):
            return 1 + (self.of(formula.row.formula) if isinstance(formula.row, Pick) else 0)
        if isinstance(formula, Reduce):
            inside = [part for part in (formula.body, formula.where, formula.weight) if part is not None]
            of = formula.rows.of if isinstance(formula.rows, Related) else None
            found = self.of(of.formula) if isinstance(of, Pick) else 0
            return 1 + found + self.rows(formula.rows) * (1 + sum(map(self.of, inside)))
        return 1

    def rows(self, rows: RowSet) -> int:
        if isinstance(rows, Rows):
            return len(rows.indices)
        if isinstance(rows.of, At):
            return len(related_rows(self.tables, rows, rows.of.index))
        key = rows.of_table, rows.relation
        if key not in self.related:
            of = self.tables[rows.of_table].rows
            slot = int(rows.relation[4:]) if rows.relation.startswith("slot") else -1
            having = [index for index, row in enumerate(of) if slot < len(row.slots)]
            total = sum(len(related_rows(self.tables, rows, index)) for index in having)
            self.related[key] = -(-total // max(1, len(having)))
        return self.related[key]
