"""What tables of every making share: rows with entries, columns that the spec computes, requirements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from ..diagnostics import Note
from ..sheet.formula import Formula, Literal, Unknown
from ..syntax import tree
from .constant import is_constant
from .expressions import formula_of, unit_of
from .faults import Fault, Reported
from .templates import add_check
from .values import OwnColumn
from .workshop import ColumnInfo, Said, Scope, TableDraft, Value, Workshop, mapped


class PlainTable(TableDraft):
    """A table of a spec. Computed columns share one formula; in a crossed table each row has its own.

    `file` names the file that holds its rows; it is empty when they stand in the spec.
    """

    file = ""

    def __init__(self, shop: Workshop, node: tree.Table, scope: Scope, table_id: str, role: str = "literal") -> None:
        super().__init__(table_id, role, "", node.label, scope.span(node.name_span))
        self.shop = shop
        self.scope = scope
        self.columns: dict[str, ColumnInfo] = {"name": ColumnInfo(self.span, None, "", "structure")}
        self.entries: dict[tuple[str, int], Formula] = {}
        self.entry_sources: dict[tuple[str, int], str] = {}
        self.computed: dict[str, tree.Cell] = {}
        self.made: dict[str, Formula] = {}

    def declare(self, cell: tree.Cell) -> None:
        if cell.name in self.columns:
            notes = (Note("defined here first", self.columns[cell.name].span),)
            raise Fault(
                "duplicate-name", f"column `{cell.name}` is defined twice", self.scope.span(cell.name_span), notes=notes
            )
        shown = unit_of(cell.clauses.shown, self.scope) if cell.clauses.shown is not None else None
        span = self.scope.span(cell.name_span)
        self.columns[cell.name] = ColumnInfo(span, shown, cell.clauses.label, "column", cell.clauses.source)
        self.computed[cell.name] = cell

    def knows(self, column: str) -> bool:
        return column in self.columns

    def names(self) -> Iterable[str]:
        return self.columns

    def settable(self, column: str, index: int) -> bool:
        if self.role != "literal" or self.file or self.columns[column].role != "argument":
            return False
        entry = self.entries.get((column, index))
        text = isinstance(entry, Literal) and isinstance(entry.value, str)
        return entry is not None and not text and is_constant(entry)

    def known(self) -> dict[str, Value]:
        """What the formulas of the body may name, beside what the spec defines."""
        return {name: OwnColumn(self.id, name) for name in self.columns}

    def info(self, column: str) -> ColumnInfo:
        return self.columns[column]

    def said(self) -> Iterable[Said]:
        for name, cell in self.computed.items():
            if cell.clauses.domain_span is not None:
                yield Said(name, range(len(self.rows)), cell.clauses, self.scope, f"`{name}`", "column")

    def sources(self, column: str) -> tuple[str, ...]:
        return tuple(self.entry_sources.get((column, i), "") for i in range(len(self.rows)))

    def formula_at(self, column: str, index: int) -> Formula | None:
        if column == "name":
            name = self.rows[index].name
            return Literal(self.rows[index].span, name, None, f'"{name}"')
        if (column, index) in self.entries:
            return self.entries[column, index]
        if column not in self.computed:
            return None
        if column not in self.made:
            cell = self.computed[column]
            try:
                self.made[column] = formula_of(self.shop, cell.value, mapped(self.known(), self.scope))
            except (Fault, Reported) as fault:
                if isinstance(fault, Fault):
                    self.shop.report(fault)
                self.made[column] = Unknown(self.columns[column].span)
        return self.made[column]


def add_body(shop: Workshop, draft: PlainTable, body: Sequence[tree.Cell | tree.Require], scope: Scope) -> None:
    """The computed columns and the requirements below the rows."""
    shop.all_of([partial(draft.declare, cell) for cell in body if isinstance(cell, tree.Cell)])
    for statement in body:
        if isinstance(statement, tree.Require):
            rows = tuple(range(len(draft.rows)))
            add_check(shop, statement, mapped(draft.known(), scope), "", draft.id, rows)
