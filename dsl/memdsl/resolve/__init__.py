"""From the tree to the sheet: modules loaded, names resolved, templates expanded, the order of evaluation found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from ..diagnostics import Problems, Source, Span
from ..records import record
from ..sheet.formula import Formula, Literal, Unknown
from ..sheet.input_keys import InputKey
from ..sheet.report import ReportItem
from ..sheet.sheet import Claim, Column, Fit, Query, Scenario, Sheet, Table
from ..syntax import parse_expression, tree
from .choices import settle_choices
from .claims import claim_of, scenarios_of
from .constant import is_constant
from .domains import domains_of, requirements_of
from .expressions import elaborate, formula_of
from .faults import Fault, Reported
from .fits import fit_of
from .graph import Graph
from .hardware import HardwareTemplate
from .held_parts import hold_parts
from .inputs import cell_of, inputs_of, key_of_path
from .loader import Loader
from .models import ModelTemplate
from .modules import Later, Module
from .networks import NetworkDraft
from .repetition_proof import prove_seams
from .report_items import report_items
from .texts import decode, library_names, read_text
from .trace import Trace, Use
from .unread import formulas_in, warn_of_unread
from .unused import warn_of_unused
from .values import ColumnValue, RowsValue
from .workshop import CellDraft, Scope, TableDraft, Workshop

__all__ = ["Request", "Trace", "Use", "decode", "library_names", "read_text", "resolve"]


@record
class Request:
    """What is asked beside the spec: expressions to evaluate, and inputs or options to set (`name`, `value`).

    `texts` stand for files that the spec uses, by their resolved paths: an editor has them unsaved.
    """

    queries: tuple[Source, ...] = ()
    settings: tuple[tuple[Source, Source], ...] = ()
    texts: Mapping[Path, str] = field(default_factory=dict)


@record
class Resolved:
    """`torn`: some statements could not be read, and what they would have said is not known."""

    sheet: Sheet
    settings: tuple[tuple[InputKey, Formula], ...]
    torn: bool


def resolve(
    source: Source,
    folder: Path,
    path: Path | None,
    request: Request,
    problems: Problems,
    trace: Trace | None = None,
) -> Resolved:
    """The sheet of a spec. Faults go to `problems`; what stands is returned all the same."""
    shop = Workshop(problems, elaborate, trace.note if trace is not None else None)
    loader = Loader(shop, problems, request.texts)
    if trace is not None:
        trace.shop, trace.modules = shop, loader.modules
    shop.library = loader.library
    module = loader.root(source, folder, path)
    values = _option_settings(shop, module, request, problems)
    _instantiate_all(shop, module)
    tables: dict[str, Table] = {}
    _finish(shop, tables)
    claims, scenarios, report = _statements(shop, module, problems)
    queries = tuple(q for text in request.queries if (q := _query(shop, module, text, problems)) is not None)
    fits = _fits(shop, module)
    settings: list[tuple[InputKey, Formula]] = []
    for name, node, value, scope in values:
        shop.guarded(lambda a=(name, node, value, scope): settings.append(_setting(shop, module, *a)))  # type: ignore[misc]
    _finish(shop, tables)
    cells = {draft.id: cell_of(shop, draft) for draft in shop.cells.values() if draft.formula is not None}
    for draft in shop.tables.values():
        if isinstance(draft, NetworkDraft):
            prove_seams(shop, draft, tables, cells, [*formulas_in((claims, report, queries, fits))])
    hold_parts(shop, cells, tables, claims, queries)
    inputs = inputs_of(shop, cells)
    domains = domains_of(shop, cells, tables, inputs)
    graph = Graph(cells, tables)
    settle_choices(cells, tables, shop.checks, graph, problems)
    order = graph.order(problems)
    if not problems.failed:
        beside = [check.condition for check in shop.checks]
        beside += [side.formula for fit in fits for side in (fit.modelled, fit.measured, fit.by) if side is not None]
        beside += [f for claim in claims for f in (claim.left, claim.right, claim.high) if f is not None]
        warn_of_unused(source, graph, beside, problems)
        warn_of_unread(shop, module, graph, (beside, report, queries), problems)
    sheet = Sheet(
        source,
        module.node.title,
        cells,
        tables,
        dict(shop.instances),
        inputs,
        (*shop.checks, *requirements_of(domains, graph, inputs)),
        domains,
        tuple(claims),
        scenarios,
        report,
        queries,
        order,
        graph.edges,
        dict(shop.aliases),
        tuple(shop.conditions),
        tuple(shop.counts),
        shop.called,
        fits,
    )
    return Resolved(sheet, tuple(settings), bool(shop.torn))


def _finish(shop: Workshop, tables: dict[str, Table]) -> None:
    """Makes every formula of every table, cell and requirement; what they name may be made by that."""
    while True:
        shop.settle()
        new = [draft for draft in shop.tables.values() if draft.id not in tables]
        finishers, shop.finishers = shop.finishers, []
        if not new and not finishers:
            return
        for draft in new:
            if isinstance(draft, NetworkDraft):
                shop.guarded(lambda d=draft: shop.checks.extend(d.kind_checks()))  # type: ignore[misc]
            tables[draft.id] = _freeze(shop, draft)
        for finish in finishers:
            shop.guarded(finish)


def _instantiate_all(shop: Workshop, module: Module) -> None:
    """Everything that the spec itself declares is part of its sheet; what it only uses is made when named.

    What has a name is made first, so that an equal one made in passing shares it, whatever stands first in the text.
    """
    named = [s for s in module.node.statements if isinstance(s, tree.Instance) and s.keyword != "model"]
    for statement in [*named, *module.node.statements]:
        if isinstance(statement, tree.Cell):
            if module.prefix + statement.name in shop.cells:  # else its name is taken, which was reported
                shop.pending.append(module.prefix + statement.name)
            continue
        if not isinstance(statement, tree.Declaration):
            continue
        value = module.declared.get(statement.name)
        if isinstance(value, Later):
            shop.guarded(lambda v=value: v.get() and None)  # type: ignore[misc]
        elif isinstance(value, (HardwareTemplate, ModelTemplate)) and value.node.formals is None:
            span = module.scope.span(statement.name_span)
            shop.guarded(lambda v=value, s=span: _instantiate(shop, v, s))  # type: ignore[misc]


def _instantiate(shop: Workshop, template: HardwareTemplate | ModelTemplate, span: Span) -> None:
    """A template that needs no argument is an instance of itself."""
    if all(formal.default is not None for formal in template.formals(shop)):
        template.call(shop, (), span, template.own_name)


Pending = tuple[Source, tree.Expression, tree.Expression, Scope]


def _option_settings(shop: Workshop, module: Module, request: Request, problems: Problems) -> list[Pending]:
    """Sets options before anything is expanded; the other settings are returned for later."""
    values: list[Pending] = []
    for name, value in request.settings:
        node, formula = parse_expression(name, problems), parse_expression(value, problems)
        if node is None or formula is None:
            continue
        scope = Scope(value, module.find, module.names)
        cell = shop.cells.get(name.text.strip())
        if cell is not None and cell.role == "option":
            shop.guarded(lambda a=(cell, formula, scope): _set_option(shop, *a))  # type: ignore[misc]
        else:
            values.append((name, node, formula, scope))
    return values


def _set_option(shop: Workshop, cell: CellDraft, node: tree.Expression, scope: Scope) -> None:
    """An option keeps its type: a truth value stays one, a size keeps its dimension."""
    declared = formula_of(shop, cell.expression, cell.scope) if cell.expression is not None else None
    given = formula_of(shop, node, scope)
    if (
        isinstance(declared, Literal)
        and isinstance(given, Literal)
        and (type(given.value), given.dimension) != (type(declared.value), declared.dimension)
    ):
        written = "`true` or `false`" if isinstance(declared.value, bool) else f"a value like `{declared.text}`"
        message = f"`{cell.id}` is declared as `{declared.text}`, and `{given.text}` is of another kind"
        raise Fault("wrong-type", message, given.span, f"write {written}")
    cell.expression, cell.scope = node, scope


def _setting(
    shop: Workshop, module: Module, name: Source, node: tree.Expression, value: tree.Expression, scope: Scope
) -> tuple[InputKey, Formula]:
    key = key_of_path(shop, node, Scope(name, module.find, module.names))
    formula = elaborate(shop, value, scope).formula(shop, scope.span(value.span))
    if not is_constant(formula):
        raise Fault("not-constant", "an input is set to a constant value", formula.span)
    if key in shop.structural:
        raise Fault(
            "param-in-structure",
            f"`{name.text.strip()}` decides the structure, which is built once",
            Scope(name, module.find, module.names).span(node.span),
            "change it in the spec",
        )
    return key, formula


def _statements(
    shop: Workshop, module: Module, problems: Problems
) -> tuple[list[Claim], dict[str, Scenario], tuple[ReportItem, ...] | None]:
    """Claims, scenarios, the report."""
    claims: list[Claim] = []
    report = None
    scope = module.scope
    nodes = [statement for statement in module.node.statements if isinstance(statement, tree.Scenario)]
    scenarios = scenarios_of(shop, nodes, scope)
    for statement in module.node.statements:
        if isinstance(statement, tree.Claim):
            shop.guarded(lambda node=statement: claims.append(claim_of(shop, node, scope)))  # type: ignore[misc]
        elif isinstance(statement, tree.Report):
            items = report_items(shop, statement, scope, problems)
            report = (*(report or ()), *items)
    return claims, scenarios, report


def _fits(shop: Workshop, module: Module) -> tuple[Fit, ...]:
    found: list[Fit] = []
    for statement in module.node.statements:
        if isinstance(statement, tree.Fit):
            shop.guarded(lambda node=statement: found.append(fit_of(shop, node, module.scope)))  # type: ignore[misc]
    return tuple(found)


def _query(shop: Workshop, module: Module, text: Source, problems: Problems) -> Query | None:
    node = parse_expression(text, problems)
    if node is None:
        return None
    scope = Scope(text, module.find, module.names)
    try:
        value = elaborate(shop, node, scope)
        if isinstance(value, ColumnValue):
            rows = shop.fixed_rows(value.rows)
            if rows is None:
                message = f"`{text.text}` is a column of rows that are found while it is computed"
                raise Fault("column-needed", message, scope.span(node.span), "aggregate it: `sum(…)`")
            return Query(text.text, value.content, rows, value.var.name, None)
        if isinstance(value, RowsValue):
            raise Fault("column-needed", f"`{text.text}` is a table", scope.span(node.span), "name a column of it")
        return Query(text.text, value.formula(shop, scope.span(node.span)), None, "", None)
    except Fault as fault:
        shop.report(fault)
    except Reported:
        pass
    return None


def _freeze(shop: Workshop, draft: TableDraft) -> Table:
    """The finished table: every formula of every row."""
    columns: dict[str, Column] = {}
    groups: list[object] = []
    shop.guarded(lambda: groups.extend(draft.group_of(index) for index in range(len(draft.rows))))
    groups += [None] * (len(draft.rows) - len(groups))
    own = draft.own_columns()

    def formula(name: str, index: int) -> Formula | None:
        with shop.making(draft.owner):
            try:
                return draft.formula_at(name, index)
            except Fault as fault:
                shop.report(fault)
            except Reported:
                pass
        return Unknown(draft.info(name).span)

    for name in draft.names():
        info = draft.info(name)
        formulas: list[Formula | None] = []
        shared: dict[object, Formula | None] = {}
        for index, group in enumerate(groups):
            if group is None or name in own:
                formulas.append(formula(name, index))
                continue
            if group not in shared:
                shared[group] = formula(name, index)
            formulas.append(shared[group])
        columns[name] = Column(
            draft.id,
            name,
            tuple(formulas),
            info.span,
            info.shown,
            info.label,
            draft.sources(name),
            info.role,  # type: ignore[arg-type]
            draft.like(name),
        )
    relations = draft.relations() if draft.role in ("network", "groups") else {}
    return Table(
        draft.id,
        draft.role,  # type: ignore[arg-type]
        draft.owner,
        tuple(draft.rows),
        columns,
        draft.parent,
        relations,
        draft.label,
        draft.span,
    )
