"""Finished cells, and inputs: what a person may change, and the paths that name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..diagnostics import Note, Span
from ..sheet.formula import At, CellRef, Field, Formula, Found, Unknown
from ..sheet.input_keys import Entry, InputKey
from ..sheet.sheet import Cell, Distribution, Input
from ..syntax import tree
from .choices import domain_of
from .components import ComponentsDraft
from .constant import is_constant
from .distributions import distribution_of, no_uncertainty
from .domains import bounds_of, bounds_or_none
from .expressions import formula_of, unit_of
from .faults import Fault, Reported
from .plain_tables import PlainTable
from .unknown import missing_entry
from .workshop import CellDraft, Scope, Workshop


def key_of_path(shop: Workshop, node: tree.Expression, scope: Scope) -> InputKey:
    """The input that a path names; raises Fault when the path names something computed."""
    formula = formula_of(shop, node, scope)
    span = scope.span(node.span)
    text = scope.source.text[slice(*node.span)]
    match formula:
        case CellRef():
            cell = shop.cell(formula.cell)
            content = shop.cell_formula(cell)
            if isinstance(content, Unknown):
                raise Reported
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
            if isinstance(found, Unknown):
                raise Reported
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


def input_of(shop: Workshop, cell: Cell) -> Input | None:
    """A cell as something that a person may change; None where it is computed, or decides the structure."""
    formula = cell.formula
    if cell.role == "option" or cell.id in shop.structural or not is_constant(formula):
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
