"""Models as templates and as instances: the rules and totals of a chain of `extends`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ..diagnostics import Note, Span
from ..records import record
from ..sheet.formula import Formula, Rows
from ..sheet.sheet import Instance, Row
from ..syntax import tree
from .components import ComponentsDraft
from .expressions import elaborate
from .faults import Fault, Reported, close_name, nearest, no_number
from .hardware import HardwareInstance, HardwareTemplate
from .kinds import LayerKind
from .model_drafts import CLASSES, GroupsDraft, ModelDraft, Rule, ScheduleValue
from .network_templates import NetworkInstance, NetworkTemplate, rows_of_network
from .templates import add_check, arguments_of, declare_argument, formal_domains, merged_formals, not_an_instance
from .unknown import picked, unknown_part
from .value_keys import key_of
from .values import CellValue, RowsValue, Scalar
from .workshop import Actual, CellDraft, Scope, Value, Workshop


@record
class ModelInstance(Value):
    name: str
    cells: Mapping[str, Value]
    tables: Mapping[str, tuple[str, ...]]
    what = "a model"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        if name in self.cells:
            return self.cells[name]
        found = self.rows(shop, name)
        if found is not None:
            return found
        known = [*self.cells, "layers", "sources", "rows", *self.tables]
        layers = self.rows(shop, "layers")
        hint = ""
        if isinstance(layers, RowsValue):
            hint = picked(shop, layers.tables, name)
            if not hint and shop.owner_of_column(layers.tables, name) is not None:
                hint = f"it is a column of its layers: `{self.name}.layers.{name}`"
        raise unknown_part(shop, f"model `{self.name}` has no `{name}`", name, known, span, hint)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise no_number(self.what, [*self.cells, *self.tables], span)

    def rows(self, shop: Workshop, name: str) -> RowsValue | None:
        if "rows" in self.tables and name in ("layers", "sources", "rows"):
            return rows_of_network(shop, self.name, self.tables["rows"], name)
        if name in self.tables and name != "rows":
            tables = self.tables[name]
            indices = tuple(range(len(shop.network_rows(tables[0]))))
            return RowsValue(tables, Rows(tables[0], indices, f"{self.name}.{name}"))
        return None


@record
class ModelTemplate(Value):
    node: tree.Model
    scope: Scope
    own_name: str
    what = "a model template"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        formals = self.formals(shop)
        if self.node.formals is not None or any(formal.default is None for formal in formals):
            raise not_an_instance("model", self.node.name, name, formals, span)
        return self.call(shop, (), span, self.own_name).member(shop, name, span)

    def chain(self, shop: Workshop, trail: tuple[ModelTemplate, ...] = ()) -> list[ModelTemplate]:
        """The template and all that it extends, each once and before what it extends, the most derived first."""
        trail = (*trail, self)
        bases: list[ModelTemplate] = []
        for extends in self.node.extends:
            base = elaborate(shop, extends, self.scope)
            where = self.scope.span(extends.span)
            if not isinstance(base, ModelTemplate):
                raise Fault("wrong-base", f"a model extends a model template, and this is {base.what}", where)
            if base in trail:
                raise shop.extends_itself([t.node for t in trail[trail.index(base) :]], where)
            bases.append(base)
        queues = [*(base.chain(shop, trail) for base in bases), bases]
        found = [self]
        while queues := [queue for queue in queues if queue]:
            heads = [queue[0] for queue in queues]
            first = next((head for head in heads if not any(head in queue[1:] for queue in queues)), None)
            if first is None:
                where = self.scope.span((self.node.extends[0].span[0], self.node.extends[-1].span[1]))
                message = "a template stands behind one that it extends, so neither can count first"
                raise Fault("wrong-base", message, where, "put each template before what it extends")
            found.append(first)
            queues = [queue[1:] if queue[0] == first else queue for queue in queues]
        return found

    def names(self) -> Iterator[str]:
        """The arguments and totals that the template itself declares."""
        yield from (formal.name for formal in self.node.formals or ())
        yield from (cell.name for cell in self.node.body if isinstance(cell, tree.Cell))

    def formals(self, shop: Workshop) -> list[tree.Formal]:
        return merged_formals([template.node.formals for template in self.chain(shop)])

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        chain, formals = self.chain(shop), self.formals(shop)
        given = arguments_of(shop, self.node.name, formals, actuals, span, _instance)
        key = f"model {id(self.node)} " + " ".join(f"{n}={key_of(shop, v)}" for n, v in given.items())
        return shop.share(
            key, span, lambda: self._build(shop, shop.unique_name(name or self.node.name), chain, given, span), name
        )

    def _build(
        self, shop: Workshop, name: str, chain: Sequence[ModelTemplate], given: Mapping[str, Value], span: Span
    ) -> ModelInstance:
        label = next((t.node.label for t in chain if t.node.label), "")
        cells: dict[str, Value] = {}
        tables: dict[str, tuple[str, ...]] = {}
        inside = ModelInstance(name, cells, tables)

        def scope_for(template: ModelTemplate) -> Scope:
            own = {name for part in template.chain(shop) for name in part.names()}

            def find(wanted: str) -> Value | None:
                if wanted == "self":
                    return inside
                return (cells.get(wanted) if wanted in own else None) or inside.rows(shop, wanted)

            return Scope(template.scope.source, find, lambda: [*own, "layers", "rows", *tables], template.scope)

        scopes = [scope_for(template) for template in chain]
        shop.instances[name] = Instance(name, "model", self.node.name, label, None, (), None, span)
        domains = formal_domains([(t.node.formals, scope) for t, scope in zip(chain, scopes, strict=True)])
        for template, scope in zip(chain, scopes, strict=True):
            for formal in template.node.formals or ():
                declare_argument(shop, name, formal, given.get(formal.name), scope, span, cells, domains)
        drafts = self._tables(shop, name, label, chain, scopes, cells, tables, span)
        self._totals(shop, name, chain, scopes, cells)
        network = next((d.parent for d in drafts if d.id == name), None)
        ids = tuple(draft.id for draft in drafts)
        table = name if network is not None else None
        shop.instances[name] = Instance(name, "model", self.node.name, label, table, ids, network, span)
        return inside

    def _tables(
        self,
        shop: Workshop,
        name: str,
        label: str,
        chain: Sequence[ModelTemplate],
        scopes: Sequence[Scope],
        cells: Mapping[str, Value],
        tables: dict[str, tuple[str, ...]],
        span: Span,
    ) -> list[ModelDraft]:
        """Gathers the rules of each table that the model adds columns to, and makes the tables."""
        rules: dict[str, list[Rule]] = {}
        parents: dict[str, tuple[str, str]] = {}
        schedule = next((v for v in cells.values() if isinstance(v, ScheduleValue)), None)
        statements = [
            (depth, node)
            for depth in reversed(range(len(chain)))
            for node in chain[depth].node.body
            if isinstance(node, tree.Each)
        ]
        network: NetworkInstance | None = None

        def gather(order: int, node: tree.Each, depth: int) -> None:
            nonlocal network
            scope = scopes[depth]
            where = scope.span(node.within.span)
            over = elaborate(shop, node.within, scope)
            if isinstance(over, (NetworkTemplate, HardwareTemplate)):
                over = over.instance(shop, where)
            if isinstance(over, NetworkInstance) and node.target == "group":
                key, parent, part = f"{name}.groups", f"{name}.group_names", "groups"
            elif isinstance(over, NetworkInstance):
                if network is not None and network.name != over.name:
                    raise Fault("two-networks", "a model speaks of one network", where)
                network = over
                key, parent, part = name, over.table, "rows"
            elif isinstance(over, HardwareInstance):
                component = _component_table(shop, over, node, scope)
                key, parent, part = f"{name}.{component.kind.node.name}", component.id, component.kind.node.name
            else:
                raise Fault("wrong-each", f"`each … in` needs a network or a hardware, and this is {over.what}", where)
            own: dict[str, tree.Cell] = {}
            for cell in node.body:
                if isinstance(cell, tree.Cell):
                    own.setdefault(cell.name, cell)
            parents[key] = (parent, part)
            sees = frozenset(chain.index(part) for part in chain[depth].chain(shop))
            target = None if node.target in CLASSES else scope.find(node.target)
            kind = target.node if isinstance(target, LayerKind) else None
            rules.setdefault(key, []).append(Rule(depth, order, node, own, scope, sees, kind))

        shop.all_of([partial(gather, order, node, depth) for order, (depth, node) in enumerate(statements)])
        drafts = []
        if f"{name}.groups" in parents or (schedule is not None and network is not None):
            if network is None:
                raise Fault("no-network", "groups are rows of a network: add `each layer in net`", span)
            groups = GroupsDraft(name, span, (name, network.table))
            shop.add_table(groups)
            _fill_groups(shop, groups, schedule, network)
        for key, (parent, part) in parents.items():
            draft = ModelDraft(shop, key, name, label, span, parent, rules[key])
            shop.all_of([partial(_check_target, shop, draft, rule) for rule in rules[key]])
            shop.add_table(draft)
            tables[part] = (key, parent)
            drafts.append(draft)
            for rule in rules[key]:
                self._row_checks(shop, draft, rule)
        if schedule is not None and network is not None:
            grouped = shop.tables[f"{name}.group_names"].relations()["members"]
            names = [row.name for row in shop.tables[f"{name}.group_names"].rows]
            rows_draft = next(d for d in drafts if d.id == name)
            rows_draft.groups = {i: names[g] for g, members in enumerate(grouped) for i in members}
        return drafts

    def _row_checks(self, shop: Workshop, draft: ModelDraft, rule: Rule) -> None:
        indices = None
        for statement in rule.node.body:
            if isinstance(statement, tree.Require):
                if indices is None:
                    indices = tuple(i for i in range(len(draft.rows)) if draft._rank(rule, i) >= 0)
                add_check(shop, statement, draft.row_scope(rule), draft.owner, draft.id, indices)

    def _totals(
        self,
        shop: Workshop,
        name: str,
        chain: Sequence[ModelTemplate],
        scopes: Sequence[Scope],
        cells: dict[str, Value],
    ) -> None:
        """Cells of the model; a derived one takes the place of the base's, which `base.x` still names."""
        made = {formal.name: depth for depth, base in enumerate(chain) for formal in base.node.formals or ()}
        for depth in reversed(range(len(chain))):
            scope = scopes[depth]
            for statement in chain[depth].node.body:
                if isinstance(statement, tree.Require):
                    add_check(shop, statement, scope, name)
                if not isinstance(statement, tree.Cell):
                    continue
                span = scope.span(statement.name_span)
                known = cells.get(statement.name)
                cell_id = f"{name}.{statement.name}"
                if known is None and statement.keyword == "override":
                    message = f"`{statement.name}` is not defined before"
                    shop.report(Fault("nothing-to-override", message, span, "leave `override` out"))
                if known is not None and statement.keyword != "override":
                    if made[statement.name] != depth:  # else two in one body, which `check_distinct` reports
                        message = f"`{statement.name}` is already defined in what this model extends"
                        hint = f"write `override {statement.name} = …` to replace it"
                        notes = (Note("defined here first", shop.cells[cell_id].span),) if cell_id in shop.cells else ()
                        shop.report(Fault("duplicate-name", message, span, hint, notes))
                    continue
                made[statement.name] = depth
                inner = _with_base(shop, scope, statement.name, known)
                shop.declare_cell(cell_id, name, "cell", inner, span, statement.value, statement.clauses)
                cells[statement.name] = CellValue(cell_id)
                shop.pending.append(cell_id)


def _instance(shop: Workshop, value: Value, span: Span) -> Value:
    """A template of a network or a hardware that is given to a model is made."""
    return value.instance(shop, span) if isinstance(value, (NetworkTemplate, HardwareTemplate)) else value


@record
class BaseTotal(Value):
    """`base.x` in a total that overrides `x`."""

    name: str
    earlier: CellDraft | None
    what = "the formula of the base"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        if name != self.name:
            meant = f"`base.{self.name}`"
            hint = f"did you mean {meant}?" if close_name(name, [self.name]) else f"write `{name}`"
            raise Fault("wrong-base", f"`base.{name}` stands inside `{self.name}`", span, hint)
        if self.earlier is None:
            raise Fault("nothing-to-override", f"there is no earlier `{name}`", span)
        return Scalar(shop.cell_formula(self.earlier))


def _with_base(shop: Workshop, scope: Scope, name: str, known: Value | None) -> Scope:
    """A scope in which `base.name` is the formula that the total had before."""
    base = BaseTotal(name, shop.cells[known.id] if isinstance(known, CellValue) else None)
    return Scope(scope.source, lambda n: base if n == "base" else None, lambda: ("base",), scope)


def _component_table(shop: Workshop, over: HardwareInstance, node: tree.Each, scope: Scope) -> ComponentsDraft:
    for table in over.components.values():
        draft = shop.table(table)
        if isinstance(draft, ComponentsDraft) and draft.kind.node.component == node.target:
            return draft
    words = [shop.table(t).rows[0].kind for t in over.components.values() if shop.table(t).rows]
    hint = nearest(node.target, words)
    if not hint and node.target not in shop.component_words:
        message = f"`each` of rows needs a network, and `{over.name}` is a hardware"
        raise Fault("wrong-each", message, scope.span(node.within.span))
    hint = hint or (f"it has {', '.join(words)}" if words else "")
    raise Fault(
        "unknown-component", f"hardware `{over.name}` has no `{node.target}`", scope.span(node.target_span), hint
    )


def _check_target(shop: Workshop, draft: ModelDraft, rule: Rule) -> None:
    """A target that is neither a class of rows nor a known kind is a slip; a known kind without rows is not."""
    network = shop.tables[draft.parent or ""]
    target = rule.node.target
    if network.role != "network" or target in CLASSES or any(row.kind == target for row in draft.rows):
        return
    if rule.scope.find(target) is None:
        kinds = sorted({row.kind for row in draft.rows} | set(CLASSES))
        message = f"`each {target}`: there is no layer kind `{target}`"
        raise unknown_part(shop, message, target, kinds, rule.scope.span(rule.node.target_span))


def _fill_groups(shop: Workshop, groups: GroupsDraft, schedule: ScheduleValue | None, network: NetworkInstance) -> None:
    if schedule is None:
        return
    positions = {row.name: i for i, row in enumerate(shop.network_rows(network.table))}
    taken: dict[int, str] = {}

    def place(group: str, member: str, span: Span, indices: list[int]) -> None:
        if member not in positions:
            if network.table in shop.torn_tables:
                raise Reported
            hint = nearest(member, positions)
            raise Fault("unknown-row", f"network `{network.name}` has no row `{member}`", span, hint)
        index = positions[member]
        if index in taken:
            twice = "twice in" if taken[index] == group else f"in `{taken[index]}` and in"
            raise Fault("duplicate-name", f"`{member}` stands {twice} `{group}`", span, "a row is in one group at most")
        taken[index] = group
        indices.append(index)

    found: dict[str, list[int]] = {group: [] for group in schedule.groups}
    every = [(group, member, span) for group, members in schedule.groups.items() for member, span in members]
    shop.all_of([partial(place, group, member, span, found[group]) for group, member, span in every])
    for group, indices in found.items():
        shop.add_row(groups, Row(group, "group", "row", schedule.spans[group]))
        groups.members.append(tuple(indices))
