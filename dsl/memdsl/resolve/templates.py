"""Templates of any kind: the arguments of a chain of `extends`, and the cells and requirements of an instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..diagnostics import Problems, Span
from ..sheet.sheet import Check
from ..syntax import tree
from .bind import bind
from .expressions import elaborate, formula_of
from .faults import Fault, Reported
from .values import CellValue, ColumnValue, OwnColumn, Scalar, UnknownValue
from .workshop import Actual, Scope, Value, Workshop


def merged_formals(found: Sequence[Sequence[tree.Formal] | None]) -> list[tree.Formal]:
    """The arguments of a chain of templates, the most derived given first: the base's in front, each name once."""
    formals: dict[str, tree.Formal] = {}
    for own in reversed(found):
        formals.update({formal.name: formal for formal in own or ()})
    return list(formals.values())


Domains = Mapping[str, tuple[tree.Clauses, Scope]]


def formal_domains(found: Sequence[tuple[Sequence[tree.Formal] | None, Scope]]) -> Domains:
    """What the arguments of a chain of templates may be: what the most derived says that says something."""
    said: dict[str, tuple[tree.Clauses, Scope]] = {}
    for formals, scope in found:
        for formal in formals or ():
            if formal.clauses.domain_span is not None:
                said.setdefault(formal.name, (formal.clauses, scope))
    return said


def arguments_of(
    shop: Workshop,
    what: str,
    formals: Sequence[tree.Formal],
    actuals: Sequence[Actual],
    span: Span,
    made: Callable[[Workshop, Value, Span], Value] = lambda shop, value, span: value,
) -> dict[str, Value]:
    """What is given for the arguments of an instance, each as it is `made` there.

    A fault of one is told, and leaves it unknown with all that are not given: one of these may have been meant.
    """
    faults: list[Fault] = []
    bound = bind(what, formals, actuals, span, faults=faults)
    given: dict[str, Value] = {}

    def read(name: str, actual: Actual) -> None:
        given[name] = made(shop, argument_value(shop, actual), actual.span)

    for fault in faults:
        shop.report(fault)
    for name, (actual, *_) in bound.items():
        shop.guarded(lambda n=name, a=actual: read(n, a))  # type: ignore[misc]
    if faults or len(given) < len(bound):
        given = {formal.name: given.get(formal.name, UnknownValue()) for formal in formals}
    return given


def argument_value(shop: Workshop, actual: Actual) -> Value:
    """The value given for an argument of an instance; one that is a number knows the place where it was given."""
    value = elaborate(shop, actual.argument.value, actual.scope)
    if isinstance(value, (Scalar, CellValue, OwnColumn, ColumnValue)):
        return Scalar(value.formula(shop, actual.scope.span(actual.argument.value.span)))
    return value


def not_an_instance(kind: str, template: str, name: str, formals: Sequence[tree.Formal], span: Span) -> Fault:
    needed = ", ".join(formal.name for formal in formals if formal.default is None)
    message = f"`{template}` is a template, and `.{name}` is a part of a {kind} made from it"
    return Fault("not-an-instance", message, span, f"name one first: `{kind} … = {template}({needed})`")


def declare_argument(
    shop: Workshop,
    owner: str,
    formal: tree.Formal,
    given: Value | None,
    scope: Scope,
    span: Span,
    cells: dict[str, Value],
    domains: Domains,
) -> None:
    """An argument of an instance: a cell of its own when it is a number, else what was given."""
    value = given
    if value is None and formal.default is not None and formal.name not in cells:
        cell_id = f"{owner}.{formal.name}"
        place = scope.span(formal.span)
        shop.declare_cell(cell_id, owner, "argument", scope, place, formal.default, formal.clauses)
        shop.cells[cell_id].domain = domains.get(formal.name)
        cells[formal.name] = CellValue(cell_id)
        return
    if isinstance(value, Scalar):
        cell_id = f"{owner}.{formal.name}"
        formula = value.formula(shop, span)
        shop.declare_cell(cell_id, owner, "argument", scope, formula.span, None, formal.clauses, formula)
        shop.cells[cell_id].domain = domains.get(formal.name)
        cells[formal.name] = CellValue(cell_id)
        if formal.default is not None:
            _expect_unit(shop, cell_id, formal.default, scope)
    elif value is not None:
        cells[formal.name] = value


def _expect_unit(shop: Workshop, cell_id: str, default: tree.Expression, scope: Scope) -> None:
    """A value given for an argument has the unit of the argument's default, when that has a value here."""

    def look() -> None:
        told, shop.problems = shop.problems, Problems()
        try:
            shop.cells[cell_id].like = formula_of(shop, default, scope)
        except (Fault, Reported):
            return
        finally:
            shop.problems = told

    shop.finishers.append(look)


def declare_total(shop: Workshop, owner: str, cell: tree.Cell, scope: Scope, cells: dict[str, Value]) -> None:
    """A cell of an instance (`chip.peak`, `today.dram_bytes`)."""
    cell_id = f"{owner}.{cell.name}"
    shop.declare_cell(cell_id, owner, "cell", scope, scope.span(cell.name_span), cell.value, cell.clauses)
    cells[cell.name] = CellValue(cell_id)
    shop.pending.append(cell_id)


def add_check(
    shop: Workshop,
    statement: tree.Require,
    scope: Scope,
    owner: str,
    table: str | None = None,
    rows: tuple[int, ...] = (),
) -> None:
    """A requirement, elaborated once everything stands."""

    def make() -> None:
        condition = formula_of(shop, statement.condition, scope)
        place = scope.span(statement.condition.span)
        shop.checks.append(Check(condition, statement.message, place, owner, table, rows))

    shop.finishers.append(make)
