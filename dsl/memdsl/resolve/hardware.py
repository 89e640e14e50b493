"""Hardware: tables of components (memories, compute units) and cells over them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ..diagnostics import Note, Span
from ..records import record
from ..sheet.formula import At, Formula, Rows
from ..sheet.sheet import Instance
from ..syntax import tree
from .components import ComponentKind, ComponentsDraft, Part
from .expressions import elaborate
from .faults import Fault, Reported, close_name, nearest, no_number
from .templates import (
    add_check,
    arguments_of,
    declare_argument,
    declare_total,
    formal_domains,
    merged_formals,
    not_an_instance,
)
from .unknown import unknown_part
from .value_keys import key_of
from .values import RowsValue, RowValue
from .workshop import Actual, Scope, Value, Workshop

_LIBRARY_WORDS = ("memory", "compute")


@record
class HardwareInstance(Value):
    name: str
    cells: Mapping[str, Value]
    rows: Mapping[str, RowValue]
    components: Mapping[str, str]
    what = "a hardware"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        if name in self.rows:
            return self.rows[name]
        if name in self.cells:
            return self.cells[name]
        if name in self.components:
            table = self.components[name]
            indices = tuple(range(len(shop.table(table).rows)))
            return RowsValue((table,), Rows(table, indices, table))
        known = [*self.rows, *self.cells, *self.components]
        raise unknown_part(shop, f"hardware `{self.name}` has no `{name}`", name, known, span)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise no_number(self.what, [*self.rows, *self.cells], span)


@record
class HardwareTemplate(Value):
    node: tree.Hardware
    scope: Scope
    own_name: str
    what = "a hardware template"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        formals = self.formals(shop)
        if self.node.formals is not None or any(formal.default is None for formal in formals):
            raise not_an_instance("hardware", self.node.name, name, formals, span)
        return self.call(shop, (), span, self.own_name).member(shop, name, span)

    def instance(self, shop: Workshop, span: Span) -> Value:
        """What the name of the template means where a hardware is needed; one without arguments is that hardware."""
        return self.call(shop, (), span, self.own_name if self.node.formals is None else "")

    def chain(self, shop: Workshop) -> list[HardwareTemplate]:
        """The template and what it extends, the base last."""
        found = [self]
        while (extends := found[-1].node.extends) is not None:
            scope = found[-1].scope
            base = elaborate(shop, extends, scope)
            if not isinstance(base, HardwareTemplate):
                raise Fault(
                    "wrong-base", f"a hardware extends a hardware, and this is {base.what}", scope.span(extends.span)
                )
            if base in found:
                raise shop.extends_itself([t.node for t in found[found.index(base) :]], scope.span(extends.span))
            found.append(base)
        return found

    def names(self) -> Iterator[str]:
        """The arguments, components and figures that the template itself declares."""
        yield from (formal.name for formal in self.node.formals or ())
        yield from (node.name for node in self.node.body if not isinstance(node, tree.Require))

    def formals(self, shop: Workshop) -> list[tree.Formal]:
        return merged_formals([template.node.formals for template in self.chain(shop)])

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        formals = self.formals(shop)
        given = arguments_of(shop, self.node.name, formals, actuals, span)
        key = f"hardware {id(self.node)} " + " ".join(f"{n}={key_of(shop, v)}" for n, v in given.items())
        return shop.share(
            key, span, lambda: self._build(shop, shop.unique_name(name or self.node.name), formals, given, span), name
        )

    def _build(
        self, shop: Workshop, name: str, formals: Sequence[tree.Formal], given: Mapping[str, Value], span: Span
    ) -> HardwareInstance:
        chain = self.chain(shop)
        cells: dict[str, Value] = {}
        rows: dict[str, RowValue] = {}
        components: dict[str, str] = {}
        inside = HardwareInstance(name, cells, rows, components)

        def scope_for(template: HardwareTemplate) -> Scope:
            own = {name for part in template.chain(shop) for name in part.names()}

            def find(wanted: str) -> Value | None:
                if wanted == "self":
                    return inside
                return (rows.get(wanted) or cells.get(wanted)) if wanted in own else None

            return Scope(template.scope.source, find, lambda: own, template.scope)

        scopes = {id(t): scope_for(t) for t in chain}
        _check_parts(shop, chain)
        shop.instances[name] = Instance(name, "hardware", self.node.name, self.node.label, None, (), None, span)
        domains = formal_domains([(template.node.formals, scopes[id(template)]) for template in chain])
        for template in chain:
            for formal in template.node.formals or ():
                declare_argument(shop, name, formal, given.get(formal.name), scopes[id(template)], span, cells, domains)
        # The base says in which order the components stand; what is derived comes first within each of them.
        parts: dict[str, list[tuple[tree.Component, Scope]]] = {
            statement.name: []
            for template in reversed(chain)
            for statement in template.node.body
            if isinstance(statement, tree.Component)
        }
        for template in chain:
            for statement in template.node.body:
                if isinstance(statement, tree.Component):
                    parts[statement.name].append((statement, scopes[id(template)]))
        sees = {id(scopes[id(t)]): [scopes[id(part)] for part in t.chain(shop)] for t in chain}
        tables = self._component_tables(shop, name, parts, span, sees)
        totals: dict[str, tuple[tree.Cell, Scope]] = {}
        for template in chain:
            scope = scopes[id(template)]
            for statement in template.node.body:
                if isinstance(statement, tree.Cell):
                    if statement.name not in cells:
                        declare_total(shop, name, statement, scope, cells)
                    _replaced(shop, totals, statement, scope)
                elif isinstance(statement, tree.Require):
                    add_check(shop, statement, scope, name)
        _lone_overrides(shop, totals, ())
        for draft in tables:
            shop.add_table(draft)
            components[draft.kind.node.name] = draft.id
            for index, part in enumerate(draft.parts):
                rows[part.name] = RowValue((draft.id,), At(index))
        ids = tuple(draft.id for draft in tables)
        shop.instances[name] = Instance(name, "hardware", self.node.name, self.node.label, None, ids, None, span)
        return inside

    def _component_tables(
        self,
        shop: Workshop,
        name: str,
        parts: Mapping[str, list[tuple[tree.Component, Scope]]],
        span: Span,
        sees: Mapping[int, Sequence[Scope]],
    ) -> list[ComponentsDraft]:
        grouped: dict[int, tuple[ComponentKind, list[Part]]] = {}
        broken = False
        for part_name, statements in parts.items():
            component, scope = statements[0]
            # What is extended says which kind it is; the words of kinds need not be known where it is extended.
            first, first_scope = statements[-1]
            kind = first_scope.find(f"component {first.component}")
            if not isinstance(kind, ComponentKind):
                unused = first.component in _LIBRARY_WORDS  # then a missing `use` is the one mistake
                if not (unused and broken):
                    shop.report(_unknown_component(shop, first, first_scope))
                broken = True
                continue
            for statement, outer in statements:
                if outer is not first_scope and statement.component != first.component:
                    shop.report(_another_component(statement, outer, first))
                    broken = True
            defaults = {cell.name for cell in kind.node.body if isinstance(cell, tree.Cell)}
            own: dict[str, tuple[tree.Cell, Scope]] = {}
            replaced: dict[str, tuple[tree.Cell, Scope]] = {}
            for statement, outer in statements:
                for cell in statement.body:
                    if isinstance(cell, tree.Cell):
                        own.setdefault(cell.name, (cell, outer))
                        _replaced(shop, replaced, cell, outer)
            _lone_overrides(shop, replaced, defaults)
            _warn_of_slips(shop, component.component, own, defaults)
            where = scope.span(component.span)
            grouped.setdefault(id(kind.node), (kind, []))[1].append(Part(part_name, kind, component.label, own, where))
        if broken:
            raise Reported
        declared: dict[int, set[str]] = {}
        for statement, outer in (pair for found in parts.values() for pair in found):
            declared.setdefault(id(outer), set()).update(c.name for c in statement.body if isinstance(c, tree.Cell))
        seen = {key: {n for scope in found for n in declared.get(id(scope), ())} for key, found in sees.items()}
        return [ComponentsDraft(shop, name, kind, found, span, seen) for kind, found in grouped.values()]


def _check_parts(shop: Workshop, chain: Sequence[HardwareTemplate]) -> None:
    """A component and a figure of one name: whoever names it may mean either."""
    places: dict[str, tuple[bool, Span]] = {}
    failed = False
    for template in reversed(chain):
        for node in template.node.body:
            if isinstance(node, tree.Require):
                continue
            part, span = isinstance(node, tree.Component), template.scope.span(node.name_span)
            known = places.setdefault(node.name, (part, span))
            if known[0] != part:
                message = f"`{node.name}` is a {'figure' if part else 'component'} of what this hardware extends"
                notes = (Note("defined here first", known[1]),)
                shop.report(Fault("duplicate-name", message, span, "choose another name", notes))
                failed = True
    if failed:
        raise Reported


Definitions = dict[str, tuple[tree.Cell, Scope]]


def _replaced(shop: Workshop, seen: Definitions, cell: tree.Cell, scope: Scope) -> None:
    """What a derived hardware defines anew says `override`; the derived one comes first."""
    derived = seen.get(cell.name)
    seen[cell.name] = (cell, scope)
    if derived is not None and derived[1] is not scope and derived[0].keyword != "override":
        notes = (Note("defined here first", scope.span(cell.name_span)),)
        hint = f"write `override {cell.name} = …` to replace it"
        message = f"`{cell.name}` is already defined in what this hardware extends"
        shop.report(Fault("duplicate-name", message, derived[1].span(derived[0].name_span), hint, notes))


def _lone_overrides(shop: Workshop, seen: Definitions, known: Collection[str]) -> None:
    for name, (cell, scope) in seen.items():
        if cell.keyword == "override" and name not in known:
            message = f"`{name}` is not defined before"
            shop.report(Fault("nothing-to-override", message, scope.span(cell.name_span), "leave `override` out"))


def _unknown_component(shop: Workshop, component: tree.Component, scope: Scope) -> Fault:
    word = component.component
    place = scope.span((component.span[0], component.span[0] + len(word)))
    known = [other for other in shop.component_words if scope.find(f"component {other}") is not None]
    hint = nearest(word, known) or (
        f"the kinds are {', '.join(f'`{other}`' for other in known)}"
        if known
        else "`use std.hardware` brings `memory` and `compute`"
    )
    return Fault("unknown-component", f"`{word}` is not a kind of component", place, hint)


def _another_component(component: tree.Component, scope: Scope, first: tree.Component) -> Fault:
    word = component.component
    place = scope.span((component.span[0], component.span[0] + len(word)))
    message = f"`{component.name}` is a `{first.component}` in what this hardware extends"
    return Fault("wrong-component", message, place, f"write `{first.component} {component.name} {{ … }}`")


def _warn_of_slips(
    shop: Workshop, word: str, own: Mapping[str, tuple[tree.Cell, Scope]], known: Collection[str]
) -> None:
    """A new column that is almost one of the kind's is a slip, more often than not."""
    for name, (cell, scope) in own.items():
        if name in known:
            continue
        meant = close_name(name, [column for column in known if column not in own], 0.8)
        if meant:
            message = f"`{name}` is a new column, which no `{word}` has otherwise"
            shop.problems.warning("near-name", message, scope.span(cell.name_span), f"did you mean `{meant}`?")
