"""Inputs, claims, scenarios and the report: statements that speak of cells which already stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ..diagnostics import Note, Problems, Span
from ..sheet import report as shown
from ..sheet.formula import At, CellRef, Field, Formula, Found, Literal
from ..sheet.input_keys import Entry, InputKey
from ..sheet.sheet import Cell, Claim, Distribution, Input, Scenario
from ..syntax import parse_prose, tree
from .analyses import analysis_item
from .charts import chart_item
from .choices import domain_of
from .constant import is_constant
from .distributions import distribution_of, no_uncertainty
from .domains import bounds_of, bounds_or_none
from .expressions import elaborate, formula_of, unit_of
from .faults import Fault, Reported
from .hardware import ComponentsDraft
from .plain_tables import PlainTable
from .unknown import missing_entry, unknown_part
from .values import ColumnValue, RowsValue
from .workshop import CellDraft, Scope, Workshop


def cell_of(shop: Workshop, draft: CellDraft) -> Cell:
    """The finished cell of a draft whose formula stands."""
    assert draft.formula is not None
    clauses = draft.clauses
    try:
        shown = unit_of(clauses.shown, draft.scope) if clauses.shown is not None else None
        bounds = bounds_of(shop, *(draft.domain or (clauses, draft.scope)))
    except (Fault, Reported) as fault:
        if isinstance(fault, Fault):
            shop.report(fault)
        shown, bounds = None, None
    formula = domain_of(draft.formula, bounds) if isinstance(draft.formula, Found) else draft.formula
    fixed = ""
    if draft.role == "option" or draft.id in shop.structural:
        fixed = f"`{draft.id}` decides the structure"
    distribution = input_distribution(shop, clauses, draft.scope, draft.formula, fixed)
    return Cell(
        draft.id,
        draft.owner,
        draft.role,
        formula,
        draft.span,
        shown,
        clauses.label,
        clauses.source,
        bounds,
        draft.like,
        distribution,
    )


def key_of_path(shop: Workshop, node: tree.Expression, scope: Scope) -> InputKey:
    """The input that a path names; raises Fault when the path names something computed."""
    formula = formula_of(shop, node, scope)
    span = scope.span(node.span)
    text = scope.source.text[slice(*node.span)]
    match formula:
        case CellRef():
            cell = shop.cell(formula.cell)
            content = shop.cell_formula(cell)
            cell.settable = True
            if cell.role == "option" or is_constant(content):
                return cell.id
            raise _computed(text, content, cell.span, span)
        case Field(row=At()):
            assert isinstance(formula.row, At)
            draft = shop.table(formula.table)
            found = draft.formula_at(formula.column, formula.row.index)
            if found is None:
                raise missing_entry(shop, formula.table, formula.column, formula.row.index, span)
            if isinstance(draft, PlainTable) and draft.file:
                message = f"`{text}` stands in the file `{draft.file}`, so it cannot be set"
                raise Fault("computed-cell", message, span, "change it there")
            if draft.settable(formula.column, formula.row.index) or isinstance(found, Found):
                return Entry(formula.table, formula.column, formula.row.index)
            if is_constant(found):
                message = f"`{text}` is fixed in its table, so it cannot be set"
                raise Fault("computed-cell", message, span, "change it there", (Note("written here", found.span),))
            raise _computed(text, found, found.span, span)
    raise Fault("not-an-input", f"`{text}` is not an input", span, "name a parameter, such as `sram`")


def _computed(text: str, formula: Formula, place: Span, span: Span) -> Fault:
    written = formula.span.source.text[formula.span.start : formula.span.end]
    return Fault(
        "computed-cell",
        f"`{text}` is computed by `{written}`, so it cannot be set",
        span,
        "set what it is computed from",
        (Note("computed here", place),),
    )


def setting(shop: Workshop, node: tree.Assign, scope: Scope) -> tuple[InputKey, Formula]:
    """An assignment of a scenario or after `at`."""
    key = input_of_path(shop, node.path, scope)
    value = formula_of(shop, node.value, scope)
    if not is_constant(value):
        raise Fault("not-constant", "an input is set to a constant value", value.span)
    return key, value


def input_of_path(shop: Workshop, node: tree.Expression, scope: Scope) -> InputKey:
    """The input that a path names, when its value may change while the structure stays."""
    key = key_of_path(shop, node, scope)
    span = scope.span(node.span)
    if isinstance(key, str) and shop.cell(key).role == "option":
        message = f"`{key}` is an option: it decides the structure, which is built once"
        raise Fault("option-set", message, span, f"run with `--set {key}=…`, or make a second instance")
    if key in shop.structural:
        text = scope.source.text[slice(*node.span)]
        raise Fault(
            "option-set", f"`{text}` decides the structure, which is built once", span, "make a second instance"
        )
    return key


def claim_of(shop: Workshop, node: tree.Claim, scope: Scope) -> Claim:
    text = scope.source.text
    _refuse_plus_minus(node.right, scope)
    left = formula_of(shop, node.left, scope)
    at = tuple(setting(shop, assign, scope) for assign in node.at)
    at_text = ", ".join(" ".join(text[slice(*assign.span)].split()) for assign in node.at)
    return Claim(
        " ".join(text[slice(*node.left.span)].split()),
        left,
        node.op,
        formula_of(shop, node.right, scope),
        formula_of(shop, node.high, scope) if node.high is not None else None,
        formula_of(shop, node.within, scope) if node.within is not None else None,
        node.source,
        at,
        at_text,
        node.disputed,
        scope.span((node.left.span[0], (node.high or node.right).span[1])),
    )


def _refuse_plus_minus(published: tree.Expression, scope: Scope) -> None:
    """`41.6 MB +- 1%` is the sum of a value and a negative share."""
    if not isinstance(published, tree.Operation) or published.op != "+":
        return
    width = published.operands[1]
    if isinstance(width, tree.Operation) and width.op == "neg" and width.span[0] == published.op_span[1]:
        hint = f"write `within {scope.written(width.operands[0].span)}`"
        place = scope.span((published.op_span[0], width.span[1]))
        raise Fault("syntax", "the tolerance of a claim stands behind `within`", place, hint)


def scenarios_of(shop: Workshop, nodes: Sequence[tree.Scenario], scope: Scope) -> dict[str, Scenario]:
    """The scenarios of a spec, in the order of the text, wherever those stand that they extend."""
    named = {node.name: node for node in reversed(nodes)}
    made: dict[str, Scenario | None] = {}

    def make(node: tree.Scenario, trail: tuple[str, ...]) -> Scenario:
        settings: dict[InputKey, Formula] = {}
        if node.extends:
            start = scope.source.text.find(node.extends, node.name_span[1])
            place = scope.span((start, start + len(node.extends)))
            if node.extends not in named:
                message = f"there is no scenario `{node.extends}`"
                raise unknown_part(shop, message, node.extends, [n.name for n in nodes], place)
            if node.extends in trail:
                raise Fault("circular", f"scenario `{node.extends}` extends itself", place)
            settings.update(base(named[node.extends], trail).settings)

        def assign_one(assign: tree.Assign) -> None:
            key, value = setting(shop, assign, scope)
            settings[key] = value

        shop.all_of([partial(assign_one, assign) for assign in node.body])
        return Scenario(node.name, node.label, tuple(settings.items()), scope.span(node.name_span))

    def base(node: tree.Scenario, trail: tuple[str, ...]) -> Scenario:
        if node.name not in made:
            made[node.name] = None
            made[node.name] = make(node, (*trail, node.name))
        found = made[node.name]
        if found is None:
            raise Reported
        return found

    def attempt(node: tree.Scenario) -> None:
        base(node, ())

    for node in named.values():
        shop.guarded(partial(attempt, node))
    return {node.name: found for node in nodes if (found := made.get(node.name)) is not None}


def input_of(shop: Workshop, cell: Cell) -> Input | None:
    """A cell as something that a person may change; None where it is computed, or decides the structure."""
    formula = cell.formula
    if cell.role == "option" or cell.id in shop.structural or not is_constant(formula):
        return None
    if cell.role != "param" and isinstance(formula, Literal) and formula.text == "?":
        return None
    return Input(
        cell.id,
        cell.id,
        formula,
        cell.shown,
        cell.label,
        cell.source,
        cell.bounds,
        cell.span,
        cell.role if cell.role in ("param", "argument") else "cell",
        cell.distribution,
    )


def inputs_of(shop: Workshop, cells: Mapping[str, Cell]) -> dict[str, Input]:
    """Everything that a person may change, by path: cells first, then hardware, then the numbers of written tables."""
    found = {cell.id: item for cell in cells.values() if (item := input_of(shop, cell)) is not None}
    tables = list(shop.tables.values())
    entries = [item for draft in tables if isinstance(draft, ComponentsDraft) for item in _figures(shop, draft)]
    entries += [item for draft in tables if isinstance(draft, PlainTable) for item in _written_entries(shop, draft)]
    return found | {item.path: item for item in entries}


def _figures(shop: Workshop, draft: ComponentsDraft) -> Iterator[Input]:
    """The constant figures of the memories or compute units of a hardware."""
    for column in draft.names():
        info = draft.info(column)
        sources = draft.sources(column)
        for index, row in enumerate(draft.rows):
            entry = draft.formula_at(column, index)
            if entry is None or info.role == "structure":
                continue
            domain = draft.domain(column, index)
            bounds = bounds_or_none(shop, *domain) if domain is not None else None
            clauses, scope = draft.clauses(column, index)
            distribution = input_distribution(shop, clauses, scope, entry)
            key = Entry(draft.id, column, index)
            if not is_constant(entry) or key in shop.structural:
                continue
            path = f"{draft.owner}.{row.name}.{column}"
            source = sources[index] if sources else ""
            yield Input(path, key, entry, info.shown, info.label, source, bounds, entry.span, "component", distribution)


def _written_entries(shop: Workshop, draft: PlainTable) -> Iterator[Input]:
    """The numbers of a table whose rows are written out."""
    columns = [(name, draft.info(name), draft.sources(name)) for name in draft.names()]
    for index, row in enumerate(draft.rows):
        for name, info, sources in columns:
            key = Entry(draft.id, name, index)
            if not draft.settable(name, index) or key in shop.structural:
                continue
            entry = draft.entries[name, index]
            path = f'{draft.id}["{row.name}"].{name}'
            yield Input(path, key, entry, info.shown, info.label, sources[index], None, entry.span, "entry")


def input_distribution(
    shop: Workshop, clauses: tree.Clauses, scope: Scope, formula: Formula, fixed: str = ""
) -> Distribution | None:
    """The uncertainty of an input; one of a value that is no input is reported. `fixed` says why it is none."""
    try:
        if not fixed and not is_constant(formula):
            written = " ".join(formula.span.source.text[formula.span.start : formula.span.end].split())
            fixed = f"this is computed by `{written}`"
        fault = no_uncertainty(clauses, scope, fixed) if fixed else None
        if fault is not None:
            raise fault
        return distribution_of(shop, clauses, scope)
    except Fault as found:
        shop.report(found)
    except Reported:
        pass
    return None


# ---- the report -----------------------------------------------------------------------------------------------------


def report_items(shop: Workshop, node: tree.Report, scope: Scope, problems: Problems) -> tuple[shown.ReportItem, ...]:
    items: list[shown.ReportItem] = []

    def add(statement: tree.ReportStatement) -> None:
        items.append(_item(shop, statement, scope, problems))

    for statement in node.body:
        shop.guarded(lambda s=statement: add(s))  # type: ignore[misc]
    return tuple(items)


def _item(shop: Workshop, node: tree.ReportStatement, scope: Scope, problems: Problems) -> shown.ReportItem:
    match node:
        case tree.Prose():
            parts: list[str | shown.Shown] = []

            def add(part: str | tuple[tree.Expression, tree.UnitText | None]) -> None:
                parts.append(part if isinstance(part, str) else _shown(shop, *part, scope))

            shop.all_of([partial(add, part) for part in parse_prose(node, scope.source, problems)])
            return shown.ProseItem(tuple(parts))
        case tree.ReportTable():
            return _table_item(shop, node, scope)
        case tree.Chart():
            return chart_item(shop, node, scope, input_of_path)
        case tree.Equation():
            inputs: list[InputKey] = []

            def add_input(path: tree.Expression) -> None:
                inputs.append(input_of_path(shop, path, scope))

            shop.all_of([partial(add_input, path) for path in node.inputs])
            return shown.EquationItem(_shown(shop, node.of, None, scope), tuple(inputs))
        case tree.ClaimsHere():
            return shown.ClaimsItem()
        case tree.Sensitivity() | tree.Uncertainty() | tree.Grid() | tree.Solve():
            return analysis_item(shop, node, scope, input_of_path)


def _shown(shop: Workshop, node: tree.Expression, unit: tree.UnitText | None, scope: Scope) -> shown.Shown:
    text = " ".join(scope.source.text[slice(*node.span)].split())
    return shown.Shown(text, formula_of(shop, node, scope), unit_of(unit, scope) if unit is not None else None)


def _table_item(shop: Workshop, node: tree.ReportTable, scope: Scope) -> shown.TableItem:
    rows = elaborate(shop, node.of, scope)
    span = scope.span(node.of.span)
    if not isinstance(rows, RowsValue):
        raise Fault(
            "not-a-table", f"`table` needs rows, and this is {rows.what}", span, "write `table today.layers: …`"
        )
    names = [(h.name, h.unit, scope.span(h.span)) for h in node.columns]
    if not names:
        names = [(n, None, span) for table in rows.tables[::-1] for n in shop.table(table).names()]
    columns: list[shown.ShownColumn] = []

    def add(name: str, unit: tree.UnitText | None, where: Span) -> None:
        if node.columns and shop.owner_of_column(rows.tables, name) is None:
            where = Span(where.source, where.start, where.start + len(name))
        column = rows.member(shop, name, where)
        assert isinstance(column, ColumnValue)
        if shop.note is not None and node.columns:
            shop.note(scope, (where.start, where.start + len(name)), column)
        columns.append(shown.ShownColumn(name, column.content, unit_of(unit, scope) if unit else None))

    shop.all_of([partial(add, *heading) for heading in names])
    text = scope.source.text[slice(*node.of.span)]
    return shown.TableItem(text, rows.rows, rows.var.name, tuple(columns))
