"""`choose(…)`: a value that is found, row by row by a method, or an input that makes a cell the least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..diagnostics import Problems, Span
from ..schedule import METHODS
from ..sheet.formula import SEARCH, CellRef, Field, Formula, Found, Reduce, Rows, Unknown, Var, walk
from ..sheet.sheet import Bounds, Cell, Check, ColumnNode, Node, Table
from ..sheet.uses import reached, readers_of, uses_of
from ..syntax import tree
from .faults import Fault, Reported, nearest
from .formula_keys import formula_key
from .graph import Graph
from .values import OwnColumn, Scalar
from .workshop import Scope, Value, Workshop

FORMS = "write `choose(part, by = method)` in the rows of a model, or `param name = choose(minimising = cell) …`"


def choose(shop: Workshop, node: tree.Call, scope: Scope) -> Value:
    """The formula of a call of `choose`."""
    span = scope.span(node.span)
    named = {argument.name: argument for argument in node.arguments if argument.name}
    plain = [argument for argument in node.arguments if not argument.name]
    if set(named) == {"minimising"} and not plain:
        goal = _formula(shop, named["minimising"].value, scope)
        return Scalar(Found(span, SEARCH, "", goal=goal))
    if set(named) != {"by"} or len(plain) != 1 or not isinstance(plain[0].value, tree.Name):
        raise Fault("wrong-argument", "this is not how a value is chosen", span, FORMS)
    word, part = named["by"].value, plain[0].value.name
    method = METHODS.get(word.name) if isinstance(word, tree.Name) else None
    if method is None or not isinstance(word, tree.Name):
        text = scope.source.text[slice(*word.span)]
        hint = nearest(text, METHODS) or f"it is one of {', '.join(METHODS)}"
        raise Fault("unknown-name", f"there is no method `{text}`", scope.span(word.span), hint)
    if part not in method.parts:
        hint = nearest(part, method.parts) or f"it finds {', '.join(method.parts)}"
        raise Fault("unknown-name", f"`{word.name}` finds no `{part}`", scope.span(plain[0].span), hint)

    def read(name: str) -> Formula:
        if scope.find(name) is None:
            message = f"`{word.name}` reads `{name}`, which is not defined here"
            raise Fault("unknown-name", message, scope.span(word.span), f"define a column `{name}`")
        return _formula(shop, tree.Name(node.span, name), scope)

    given = tuple(read(name) for name in method.given)
    listed = tuple(_listed(shop, name, scope, word.name, span) for name in method.listed)
    return Scalar(Found(span, word.name, part, given, listed))


def _formula(shop: Workshop, node: tree.Expression, scope: Scope) -> Formula:
    return shop.meaning(node, scope).formula(shop, scope.span(node.span))


def _listed(shop: Workshop, name: str, scope: Scope, method: str, span: Span) -> Reduce:
    """A column of the row's table, over all of its rows."""
    value = scope.find(name)
    if not isinstance(value, OwnColumn):
        message = f"`{method}` reads the column `{name}` of every row, which is not defined here"
        raise Fault("unknown-name", message, span, f"define `{name}` in `each layer in net` and `each input in net`")
    var = Var("row@found")
    rows = Rows(value.owner, tuple(range(len(shop.network_rows(value.owner)))), "rows")
    if shop.incomplete(rows):
        raise Reported
    return Reduce(span, "sum", rows, var, Field(span, var, value.owner, name), None)


def domain_of(formula: Found, bounds: Bounds | None) -> Found:
    """A search over what its input may be."""
    if bounds is None:
        return formula
    ends = [f for f in (bounds.low, bounds.high, bounds.multiple) if f is not None]
    return replace(formula, domain=(*bounds.one_of, *ends))


def settle_choices(
    cells: dict[str, Cell], tables: Mapping[str, Table], checks: Sequence[Check], graph: Graph, problems: Problems
) -> None:
    """What each search rests on: all that its goal and the requirements need, but what lies between it and them."""
    together: dict[str, list[str]] = {}
    _stand_alone(cells, tables, problems)
    for cell in [*cells.values()]:
        formula = cell.formula
        if isinstance(formula, Found) and formula.method == SEARCH and formula.goal is not None:
            if cell.role != "param" or not formula.domain:
                hint = "`param share = choose(minimising = today.energy) from 10 % to 90 % multiple of 10 %`"
                message = f"`{cell.id}` is chosen, and nothing says of what"
                problems.error("nothing-to-choose", message, formula.span, f"write {hint}, or `one of …`")
                cells[cell.id] = replace(cell, formula=Unknown(formula.span))
            else:
                together.setdefault(formula_key(formula.goal), []).append(cell.id)
    readers = readers_of(graph.edges) if together else {}
    for key, names in together.items():
        goal = cells[names[0]].formula
        assert isinstance(goal, Found)
        assert goal.goal is not None
        moved = reached(names, readers).keys()
        wanted = dict(uses_of((goal.goal,)))
        for check in checks:
            uses = uses_of((check.condition,))
            if not moved.isdisjoint(uses):
                wanted |= uses
        between = [node for node in reached(wanted, graph.edges) if node in moved and node not in names]
        rests: dict[Node, Span] = {node: span for node, span in wanted.items() if node not in moved}
        for node in between:
            rests |= {used: span for used, span in graph.edges[node].items() if used not in moved}
        if names[0] not in reached(uses_of((goal.goal,)), graph.edges):
            message = f"what is minimised does not rest on `{names[0]}`"
            problems.error("nothing-to-choose", message, goal.goal.span)
        for name in names:
            formula = cells[name].formula
            assert isinstance(formula, Found)
            given = tuple(_reading(node, formula.span, tables) for node in rests)
            cells[name] = replace(cells[name], formula=replace(formula, part=key, given=given))
            graph.edges[name] = rests | dict(uses_of(formula.domain))


def _stand_alone(cells: Mapping[str, Cell], tables: Mapping[str, Table], problems: Problems) -> None:
    """A value that is found has a name, so that a workbook may hold it, and a person may set another."""
    formulas = [cell.formula for cell in cells.values()]
    for table in tables.values():
        formulas += [formula for column in table.columns.values() for formula, _ in column.groups]
    told: set[Span] = set()
    for formula in formulas:
        for part in walk(formula):
            if isinstance(part, Found) and part is not formula and part.span not in told:
                told.add(part.span)
                hint = "give it a name of its own, `found = choose(…)`, and let the formula use that"
                problems.error("wrong-argument", "what is chosen stands within a formula", part.span, hint)


def _reading(node: Node, span: Span, tables: Mapping[str, Table]) -> Formula:
    if not isinstance(node, ColumnNode):
        return CellRef(span, node)
    var = Var("row@found")
    entries = tables[node.table].columns[node.column].formulas
    rows = Rows(node.table, tuple(row for row, entry in enumerate(entries) if entry is not None), "rows")
    return Reduce(span, "count", rows, var, None, Field(span, var, node.table, node.column))
