"""Components of a hardware: their kinds, and the table that those of one kind make."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ..diagnostics import Span
from ..records import record
from ..sheet.formula import Formula, Literal, Unknown
from ..sheet.sheet import Row
from ..syntax import tree
from .constant import is_constant
from .expressions import formula_of, unit_of
from .faults import Fault, Reported
from .values import OwnColumn
from .workshop import NO_CLAUSES, ColumnInfo, Said, Scope, TableDraft, Value, Workshop, mapped


@record
class ComponentKind(Value):
    """`rows memories of memory { … }`: the word, the table that it fills, and its columns with their defaults."""

    node: tree.ComponentTable
    scope: Scope
    what = "a kind of component"


@record
class Part:
    """A component of a hardware: its own columns first, then those of what it extends."""

    name: str
    kind: ComponentKind
    label: str
    cells: Mapping[str, tuple[tree.Cell, Scope]]
    span: Span


class ComponentsDraft(TableDraft):
    """The components of one kind in one hardware."""

    def __init__(
        self, shop: Workshop, owner: str, kind: ComponentKind, parts: Sequence[Part], span: Span,
        seen: Mapping[int, Collection[str]],
    ) -> None:  # fmt: skip
        super().__init__(f"{owner}.{kind.node.name}", "components", owner, kind.node.label, span)
        self.shop = shop
        self.parts = parts
        self.kind = kind
        self.columns: dict[str, ColumnInfo] = {"name": ColumnInfo(span, None, "", "structure")}
        for statement in kind.node.body:
            if isinstance(statement, tree.Cell):
                self.columns[statement.name] = _info(statement, kind.scope)
        for part in parts:
            shop.add_row(self, Row(part.name, kind.node.component, "row", part.span))
            for name, (cell, scope) in part.cells.items():
                if name not in self.columns:
                    self.columns[name] = _info(cell, scope)
        self.seen = seen
        self.made: dict[tuple[str, int], Formula | None] = {}

    def knows(self, column: str) -> bool:
        return column in self.columns

    def names(self) -> Iterable[str]:
        return self.columns

    def info(self, column: str) -> ColumnInfo:
        return self.columns[column]

    def definitions(self, column: str, row: int | None) -> Iterator[Span]:
        parts = [self.parts[row]] if row is not None else self.parts
        own = [part.cells[column] for part in parts if column in part.cells]
        for cell, scope in own:
            yield scope.span(cell.name_span)
        default = self._default(column)
        if default is not None and (not own or row is None):
            yield self.kind.scope.span(default.name_span)

    def sources(self, column: str) -> tuple[str, ...]:
        cells = [part.cells.get(column) for part in self.parts]
        return tuple(cell[0].clauses.source if cell is not None else "" for cell in cells)

    def settable(self, column: str, index: int) -> bool:
        if self.info(column).role == "structure":
            return False
        entry = self.formula_at(column, index)
        return entry is not None and is_constant(entry)

    def clauses(self, column: str, index: int) -> tuple[tree.Clauses, Scope]:
        """What stands behind the formula of an entry, its own or the default of its kind."""
        cell, scope = self._cell(column, self.parts[index]) or (None, self.kind.scope)
        return (cell.clauses if cell is not None else NO_CLAUSES), scope

    def domain(self, column: str, index: int) -> tuple[tree.Clauses, Scope] | None:
        """The clauses that say what an entry may be, its own or those of its kind."""
        own = self.parts[index].cells.get(column)
        if own is not None and own[0].clauses.domain_span is not None:
            return own[0].clauses, own[1]
        default = self._default(column)
        return (default.clauses, self.kind.scope) if default is not None and default.clauses.domain_span else None

    def said(self) -> Iterable[Said]:
        for column in self.columns:
            for index in range(len(self.parts)):
                found = self.domain(column, index)
                if found is not None:
                    yield Said(column, (index,), *found, f"`{column}`", "column")

    def _cell(self, column: str, part: Part) -> tuple[tree.Cell, Scope] | None:
        own = part.cells.get(column)
        if own is not None:
            return own
        default = self._default(column)
        return (default, self.kind.scope) if default is not None else None

    def _default(self, column: str) -> tree.Cell | None:
        return next((c for c in self.kind.node.body if isinstance(c, tree.Cell) and c.name == column), None)

    def formula_at(self, column: str, index: int) -> Formula | None:
        key = (column, index)
        if key not in self.made:
            self.made[key] = None
            self.made[key] = self._make(column, self.parts[index])
        return self.made[key]

    def like(self, column: str) -> Formula | None:
        default = self._default(column)
        return self._formula(column, default, self.kind.scope) if default is not None else None

    def _make(self, column: str, part: Part) -> Formula | None:
        if column == "name":
            return Literal(part.span, part.name, None, f'"{part.name}"')
        found = self._cell(column, part)
        return self._formula(column, *found) if found is not None else None

    def _formula(self, column: str, cell: tree.Cell, scope: Scope) -> Formula:
        """A formula sees the columns of the kind, and those that its own text and what that extends declare."""
        of_kind = (statement.name for statement in self.kind.node.body if isinstance(statement, tree.Cell))
        names = {"name", *of_kind, *self.seen.get(id(scope), ())}
        own: dict[str, Value] = {name: OwnColumn(self.id, name) for name in names & self.columns.keys() - {column}}
        try:
            return formula_of(self.shop, cell.value, mapped(own, scope))
        except Fault as fault:
            self.shop.report(fault)
        except Reported:
            pass
        return Unknown(scope.span(cell.span))


def _info(cell: tree.Cell, scope: Scope) -> ColumnInfo:
    shown = unit_of(cell.clauses.shown, scope) if cell.clauses.shown is not None else None
    return ColumnInfo(scope.span(cell.name_span), shown, cell.clauses.label, "column", cell.clauses.source)
