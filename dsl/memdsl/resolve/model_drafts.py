"""The columns that a model adds to the rows of a table: which rule counts for which row."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from ..diagnostics import Note, Source, Span
from ..records import record
from ..sheet.formula import Field, Formula, Here, Literal, Unknown, walk
from ..syntax import tree
from .constant import demand
from .expressions import formula_of, unit_of
from .faults import Fault, Reported, close_name
from .kinds import KindRules, slot_rows
from .row_relations import RELATIONS
from .values import OwnColumn, Scalar, TwoThings, column_of, relation_of
from .workshop import ColumnInfo, Said, Scope, TableDraft, Value, Workshop


@record
class ScheduleValue(Value):
    """Named groups of rows of a network."""

    name: str
    groups: Mapping[str, tuple[tuple[str, Span], ...]]
    spans: Mapping[str, Span]
    what = "a schedule"


@record
class Rule:
    """`each TARGET in net where … { … }` of one template of an `extends` chain. `depth` 0 is the most derived.

    `sees` are the depths of the template and of what it extends; `kind` is the layer kind that the target names.
    """

    depth: int
    order: int
    node: tree.Each
    cells: Mapping[str, tree.Cell]
    scope: Scope
    sees: frozenset[int]
    kind: tree.LayerKind | None

    def specificity(self, rank: int) -> tuple[int, int, int]:
        return (self.depth, -rank, -self.order)


@runtime_checkable
class NetworkRows(Protocol):
    """What a model asks of the rows of a network."""

    def every_row_has(self, column: str, reader: Source) -> bool: ...

    def seen(self, column: str, reader: Source) -> bool: ...


CLASSES = {"layer": 0, "input": 0, "row": 0}


class ModelDraft(TableDraft):
    """Columns of a model over rows of one table (a network's rows, a hardware's components, groups)."""

    def __init__(
        self, shop: Workshop, table_id: str, owner: str, label: str, span: Span, parent: str, rules: Sequence[Rule]
    ) -> None:
        super().__init__(table_id, "model", owner, label, span, parent)
        self.shop = shop
        self.rules = rules
        self.rows = shop.tables[parent].rows
        self.columns: dict[str, ColumnInfo] = {}
        self.groups: Mapping[int, str] | None = None
        self._gather_columns()
        self.ranks: dict[int, tuple[int, ...]] = {}
        self.conditions: dict[int, Formula] = {}
        self.unknown: set[int] = set()
        self.chosen: dict[tuple[str, tuple[int, ...]], list[Rule]] = {}
        self.made: dict[tuple[str, tuple[int, ...]], Formula | None] = {}
        self.group_texts: dict[str, Formula] = {}

    def _gather_columns(self) -> None:
        """How each column is shown: what the first rule says that says something, a derived model before its base."""
        names = [name for rule in sorted(self.rules, key=lambda r: -r.depth) for name in rule.cells]
        for name in dict.fromkeys(names):
            said = [
                (rule.cells[name], rule.scope)
                for rule in sorted(self.rules, key=lambda r: r.depth)
                if name in rule.cells
            ]
            unit = next(((c.clauses.shown, scope) for c, scope in said if c.clauses.shown is not None), None)
            shown = unit_of(*unit) if unit is not None else None
            label = next((cell.clauses.label for cell, _ in said if cell.clauses.label), "")
            cell, scope = said[0]
            self.columns[name] = ColumnInfo(scope.span(cell.name_span), shown, label, "column")

    def definitions(self, column: str, row: int | None) -> Iterator[Span]:
        chosen = self.candidates(column, row) if row is not None else [r for r in self.rules if column in r.cells]
        for rule in chosen[:1] if row is not None else chosen:
            yield rule.scope.span(rule.cells[column].name_span)

    def knows(self, column: str) -> bool:
        return column in self.columns or (column == "group" and self.groups is not None)

    def names(self) -> Iterable[str]:
        return [*(["group"] if self.groups is not None else []), *self.columns]

    def info(self, column: str) -> ColumnInfo:
        if column == "group":
            return ColumnInfo(self.span, None, "Group of the schedule", "structure")
        return self.columns[column]

    def group_of(self, index: int) -> tuple[int, ...]:
        """How closely each rule names a row."""
        if index not in self.ranks:
            self.ranks[index] = tuple(self._rank(rule, index) for rule in self.rules)
        return self.ranks[index]

    def own_columns(self) -> Container[str]:
        return ("group",)

    def candidates(self, column: str, index: int) -> list[Rule]:
        """The rules that define a column for a row, the one that counts first."""
        ranks = self.group_of(index)
        key = (column, ranks)
        if key not in self.chosen:
            found = [
                (rule, rank) for rule, rank in zip(self.rules, ranks, strict=True) if rank >= 0 and column in rule.cells
            ]
            found.sort(key=lambda pair: pair[0].specificity(pair[1]))
            self.chosen[key] = [rule for rule, _ in found]
        return self.chosen[key]

    def _rank(self, rule: Rule, index: int) -> int:
        """How closely a rule names a row: -1 not at all, 0 by class, 1 by kind, 2 by kind and condition."""
        row = self.rows[index]
        target = rule.node.target
        if target in ("row", row.role) or (target in ("memory", "compute", "group") and row.role == "row"):
            rank = 0
        elif self._is_of_kind(rule, index):
            rank = 1
        else:
            return -1
        if rule.node.where is None:
            return rank
        return rank + 1 if self._holds(rule, index) else -1

    def _is_of_kind(self, rule: Rule, index: int) -> bool:
        """Whether a row is of the kind that a rule names: a kind of this name of another text is another kind."""
        if rule.node.target != self.rows[index].kind:
            return False
        plans = getattr(self.shop.tables[self.parent or ""], "plans", None)
        rules = plans[index].rules if plans is not None else None
        return rule.kind is None or rules is None or rules.kind.node is rule.kind

    def _holds(self, rule: Rule, index: int) -> bool:
        node = rule.node
        assert node.where is not None
        if rule.order in self.unknown:
            return False
        what = f"which rows `each {node.target} … where` speaks of"
        try:
            if rule.order not in self.conditions:
                self.conditions[rule.order] = self._condition(rule, node.where)
            return bool(demand(self.shop, self.conditions[rule.order], what, (self.parent or "", index)))
        except (Fault, Reported) as fault:
            self.unknown.add(rule.order)
            if isinstance(fault, Fault):
                self.shop.report(fault)
            return False

    def _condition(self, rule: Rule, where: tree.Expression) -> Formula:
        """Which rows a rule speaks of is known before the model's own columns are."""
        condition = formula_of(self.shop, where, self.row_scope(rule))
        own = next((part for part in walk(condition) if isinstance(part, Field) and part.table == self.id), None)
        if own is not None:
            message = f"`{own.column}` is a column of this model, and `where` decides which columns it has"
            raise Fault("circular", message, own.span, "name columns of the network only, or write `if` in the formula")
        self.shop.conditions.append(condition)
        return condition

    def row_scope(self, rule: Rule, base: Value | None = None) -> Scope:
        """Names inside `each … { }`, innermost first.

        Columns of the model; what every row has; arguments and totals of the model; columns of kinds and axes that the
        text sees; what the module names; any other column. So no name that one text gives its own things changes what
        a formula of another means.
        """
        shop, parent, reader = self.shop, self.parent or self.id, rule.scope.source
        tables, network = (self.id, parent), self.shop.tables[parent]
        kind = self._kind(rule)
        own = {name for other in self.rules if other.depth in rule.sees for name in other.cells}

        def column(name: str) -> Value | None:
            if kind is not None and name in kind.slots:
                families = kind.variant.families
                return slot_rows(self.id, kind.slots[name], tables, name in kind.variadic, parent, families)
            return of_network(name) if network.knows(name) else None

        def of_network(name: str) -> Value:
            return column_of(shop, parent, name, lambda n: OwnColumn(parent, n))

        def find(name: str) -> Value | None:
            if name == "base":
                return base
            if name in own or (name == "group" and self.groups is not None):
                return OwnColumn(self.id, name)
            if not isinstance(network, NetworkRows):
                return column(name) or relation_of(shop, tables, Here(), name)
            if network.every_row_has(name, reader):
                return of_network(name)
            relation = relation_of(shop, tables, Here(), name)
            if relation is not None:
                return relation
            of_model = rule.scope.lookup(name)
            of_kind = kind is not None and (name in kind.slots or kind.formula(name) is not None)
            if of_model is not None and of_kind and name != "self":
                message = f"`{name}` is a name of this model, and a column of `{rule.node.target}`"
                return TwoThings(message, f"write `self.{name}` for the model's, or rename one of them")
            if of_model is not None:
                return of_model
            if of_kind or network.seen(name, reader):
                return column(name)
            return None if rule.scope.find(name) is not None else column(name)

        def known() -> list[str]:
            columns = [*own, *network.names()]
            return [*columns, *RELATIONS, *(kind.slots if kind is not None else ())]

        return Scope(reader, find, known, rule.scope)

    def _kind(self, rule: Rule) -> KindRules | None:
        kinds: Mapping[object, KindRules] = getattr(self.shop.tables[self.parent or ""], "kinds", {})
        target = rule.node.target
        named = [rules for rules in kinds.values() if rules.kind.node.name == target]
        return next((rules for rules in named if rule.kind in (None, rules.kind.node)), None)

    def formula_at(self, column: str, index: int) -> Formula | None:
        if column == "group" and self.groups is not None:
            name = self.groups.get(index, self.rows[index].name)
            return self.group_texts.setdefault(name, Literal(self.span, name, None, f'"{name}"'))
        return self._formula(column, self.candidates(column, index))

    def _formula(self, column: str, rules: list[Rule]) -> Formula | None:
        if not rules:
            return None
        key = (column, tuple(rule.order for rule in rules))
        if key not in self.made:
            self.made[key] = None
            self.made[key] = self._make(column, rules)
        return self.made[key]

    def _make(self, column: str, rules: list[Rule]) -> Formula | None:
        rule, rest = rules[0], rules[1:]
        cell = rule.cells[column]
        span = rule.scope.span(cell.name_span)
        if rest and cell.keyword != "override":
            notes = (Note("defined here first", rest[0].scope.span(rest[0].cells[column].name_span)),)
            message, hint = (
                f"`{column}` is already defined for these rows",
                f"write `override {column} = …` to replace it",
            )
            self.shop.report(Fault("duplicate-name", message, span, hint, notes))
        if not rest and cell.keyword == "override":
            message = f"`{column}` is not defined before for these rows"
            self.shop.report(Fault("nothing-to-override", message, span, "leave `override` out"))
        base = BaseColumns(self, column, tuple(rest))
        try:
            return formula_of(self.shop, cell.value, self.row_scope(rule, base))
        except Fault as fault:
            self.shop.report(fault)
        except Reported:
            pass
        return Unknown(span)

    def relations(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        return self.shop.tables[self.parent or ""].relations()

    def said(self) -> Iterable[Said]:
        """Domains of the columns; a formula that overrides another keeps its domain unless it has one itself."""
        holding = [name for name in self.columns if any(_domain(rule, name) for rule in self.rules)]
        for name in holding:
            rows: dict[int, list[int]] = {}
            for index in range(len(self.rows)):
                first = next((rule for rule in self.candidates(name, index) if _domain(rule, name)), None)
                if first is not None:
                    rows.setdefault(first.order, []).append(index)
            for rule in self.rules:
                if rule.order in rows:
                    clauses = rule.cells[name].clauses
                    yield Said(name, rows[rule.order], clauses, rule.scope, f"`{name}`", "column")


def _domain(rule: Rule, column: str) -> bool:
    cell = rule.cells.get(column)
    return cell is not None and cell.clauses.domain_span is not None


class GroupsDraft(TableDraft):
    """The groups of a schedule as rows; `members` are rows of the model's network."""

    def __init__(self, owner: str, span: Span, member_tables: tuple[str, ...]) -> None:
        super().__init__(f"{owner}.group_names", "groups", owner, "Groups of the schedule", span)
        self.member_tables = member_tables
        self.members: list[tuple[int, ...]] = []

    def knows(self, column: str) -> bool:
        return column == "name"

    def names(self) -> Iterable[str]:
        return ("name",)

    def info(self, column: str) -> ColumnInfo:
        return ColumnInfo(self.span, None, "", "structure")

    def formula_at(self, column: str, index: int) -> Formula | None:
        name = self.rows[index].name
        return Literal(self.span, name, None, f'"{name}"')

    def relations(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        return {"members": tuple(self.members)}


@record
class BaseColumns(Value):
    """`base.x`: the formula that an override replaces; other columns of the base are the columns themselves."""

    draft: ModelDraft
    column: str
    rules: tuple[Rule, ...]
    what = "the formulas of the base"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        if name != self.column:
            meant = f"`base.{self.column}`"
            hint = f"did you mean {meant}?" if close_name(name, [self.column]) else f"write `{name}` or {meant}"
            raise Fault("wrong-base", f"`base.{name}` stands inside `{self.column}`", span, hint)
        formula = self.draft._formula(name, list(self.rules))
        if formula is None:
            raise Fault("nothing-to-override", f"there is no earlier `{name}`", span)
        return Scalar(formula)
