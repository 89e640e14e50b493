"""What values may be: the clauses behind formal arguments, cells and columns, and the domain that every axis has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from fractions import Fraction

from ..diagnostics import Span
from ..sheet.formula import Apply, CellRef, Field, Formula, Here, Literal
from ..sheet.input_keys import Entry
from ..sheet.sheet import Bounds, Cell, Check, Domain, Input, Node, Table
from ..sheet.uses import node_of, reached, readers_of, uses_of
from ..syntax import tree
from ..units import NONE
from .constant import is_constant
from .expressions import formula_of
from .faults import Fault, Reported
from .graph import Graph
from .workshop import Scope, Workshop, built_in

_ONE = built_in("whole from 1")
AXIS = Bounds(Literal(_ONE, 1.0, NONE, "1"), None, Literal(_ONE, 1.0, NONE, "1"), (), True, _ONE)
"""What a size of a tensor may be, where its kind says nothing else."""


def bounds_of(shop: Workshop, clauses: tree.Clauses, scope: Scope) -> Bounds | None:
    """What the clauses behind a formula or an argument say of its values, or None; raises Fault."""
    if clauses.domain_span is None:
        return None

    def constant(node: tree.Expression | None) -> Formula | None:
        if node is None:
            return None
        formula = formula_of(shop, node, scope)
        if not is_constant(formula):
            raise Fault("not-constant", "a range is made of constant values", formula.span)
        return formula

    choices = tuple(c for c in map(constant, clauses.one_of) if c is not None)
    place = scope.span(clauses.domain_span)
    step = _whole_step(constant(clauses.multiple), place) if clauses.whole else constant(clauses.multiple)
    return Bounds(constant(clauses.low), constant(clauses.high), step, choices, clauses.whole, place)


def _whole_step(step: Formula | None, place: Span) -> Formula:
    """The whole numbers among the multiples of a step."""
    if step is None:
        return Literal(place, 1.0, NONE, "1")
    if isinstance(step, Literal) and isinstance(step.value, float) and step.dimension == NONE and step.value > 0:
        whole = float(Fraction(step.value).limit_denominator(1_000_000).numerator)
        return Literal(step.span, whole, NONE, f"{whole:g}")
    return step


def bounds_or_none(shop: Workshop, clauses: tree.Clauses, scope: Scope) -> Bounds | None:
    """The same; a fault of the clauses is reported."""
    try:
        return bounds_of(shop, clauses, scope)
    except Fault as fault:
        shop.report(fault)
    except Reported:
        pass
    return None


def hold(shop: Workshop, formal: tree.Formal, of: str, scope: Scope, value: Formula, owner: str) -> None:
    """Holds what was given for a formal argument of a block or a network to the argument's domain."""
    bounds = bounds_or_none(shop, formal.clauses, scope)
    if bounds is not None:
        name = f"`{formal.name}` of `{of}`"
        shop.domains.append(Domain(name, value, bounds, "argument", owner, None, ()))


def domains_of(
    shop: Workshop, cells: Mapping[str, Cell], tables: Mapping[str, Table], inputs: Mapping[str, Input]
) -> tuple[Domain, ...]:
    """Everything whose values are held, but for inputs: those carry their bounds themselves."""
    found = [*shop.domains]
    keys = {item.key for item in inputs.values()}
    for cell in cells.values():
        if cell.bounds is not None and cell.role != "option" and cell.id not in keys:
            itself = CellRef(cell.formula.span, cell.id)
            found.append(Domain(f"`{cell.id}`", itself, cell.bounds, "cell", cell.owner, None, ()))
    made: dict[int, Bounds | None] = {}
    for draft in shop.tables.values():
        for said in draft.said() if draft.id in tables else ():
            if said.scope is None:
                made[id(said.clauses)] = AXIS
            elif id(said.clauses) not in made:
                made[id(said.clauses)] = bounds_or_none(shop, said.clauses, said.scope)
            bounds = made[id(said.clauses)]
            column = tables[draft.id].columns.get(said.column)
            if bounds is None or column is None:
                continue
            rows = tuple(
                i for i in said.rows if column.formulas[i] is not None and Entry(draft.id, said.column, i) not in keys
            )
            value = Field(bounds.span, Here(), draft.id, said.column)
            if rows:
                found.append(Domain(said.name, value, bounds, said.role, draft.owner, draft.id, rows))
    return tuple(found)


# ---- as requirements ------------------------------------------------------------------------------------------------


def requirements_of(domains: Sequence[Domain], graph: Graph, inputs: Mapping[str, Input]) -> Iterator[Check]:
    """What domains ask of values that follow an input: it may leave them when the input is changed."""
    moving = _moving(graph, inputs)
    for domain in domains:
        used = uses_of((domain.formula,))
        if moving.isdisjoint(used):
            continue
        condition = meets(domain.formula, domain.bounds)
        if domain.given is not None:
            condition = implied(domain.given, condition)
        place = domain.bounds.span
        yield Check(
            condition, said_of(domain.name, domain.bounds), place, domain.owner, domain.table, domain.rows, domain
        )


def _moving(graph: Graph, inputs: Mapping[str, Input]) -> Set[Node]:
    """The cells and columns that follow an input."""
    return reached((node_of(item.key) for item in inputs.values()), readers_of(graph.edges)).keys()


def said_of(name: str, bounds: Bounds) -> str:
    """What a value may be, in the words of its clauses: `` `filters` of `conv`: whole from 1 ``."""
    place = bounds.span
    return f"{name}: {' '.join(place.source.text[place.start : place.end].split())}"


def implied(given: Formula, condition: Formula) -> Formula:
    """A condition that is asked for only where another holds."""
    span = condition.span
    return Apply(span, "if", (given, condition, Literal(span, True, None, "true")))


def meets(value: Formula, bounds: Bounds) -> Formula:
    """The condition that a value lies in its domain."""
    span = bounds.span

    def made(op: str, *args: Formula) -> Formula:
        return Apply(span, op, args)

    def whole(number: Formula) -> Formula:
        return made("==", made("floor", number), number)

    if bounds.one_of:
        return joined("or", [made("==", value, choice) for choice in bounds.one_of], span)
    parts = []
    if bounds.multiple is not None:
        plain = isinstance(bounds.multiple, Literal) and bounds.multiple.value == 1 and bounds.whole
        parts.append(whole(value if plain else made("/", value, bounds.multiple)))
    parts += [made(">=", value, bounds.low)] if bounds.low is not None else []
    parts += [made("<=", value, bounds.high)] if bounds.high is not None else []
    return joined("and", parts, span)


def joined(op: str, parts: Sequence[Formula], span: Span) -> Formula:
    whole = parts[0]
    for part in parts[1:]:
        whole = Apply(span, op, (whole, part))
    return whole
