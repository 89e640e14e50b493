"""From an expression of the tree to a value: names looked up, functions inlined, columns combined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf

from ..diagnostics import Span
from ..sheet.formula import UNLIMITED, Field, Formula, Literal, Pick, Reduce, Rows, RowSet, Var
from ..sheet.operations import AGGREGATES, FUNCTIONS
from ..syntax import tree
from ..units import NONE, Unit, UnknownUnit, parse_unit
from .choices import choose
from .constant import demand, structural_truth
from .families import FOLDS, apply, names_of, of_rows, over_axes
from .faults import Fault, Reported, nearest
from .unknown import foreign, unknown_name
from .values import (
    CellValue,
    ColumnValue,
    FamilyValue,
    ListValue,
    OwnColumn,
    RowsValue,
    RowValue,
    Scalar,
    UnknownValue,
    is_tensor,
)
from .workshop import Actual, Scope, Value, Workshop, mapped


def elaborate(shop: Workshop, node: tree.Expression, scope: Scope) -> Value:
    """The value of an expression in a scope; raises Fault."""
    return _RULES[type(node)](shop, node, scope)


def formula_of(shop: Workshop, node: tree.Expression, scope: Scope) -> Formula:
    """The formula of an expression that must be a number, a truth value or text."""
    return elaborate(shop, node, scope).formula(shop, scope.span(node.span))


def unit_of(text: tree.UnitText, scope: Scope) -> Unit:
    """The unit that a clause or a heading names."""
    return _unit(text.text, scope.span(text.span))


def _unit(text: str, span: Span) -> Unit:
    try:
        return parse_unit(text)
    except UnknownUnit as unknown:
        message = f"`{unknown.part}` is not a unit"
        if unknown.part != text:
            message += f" (in `{text}`)"
        raise Fault("unknown-unit", message, span, unknown.hint) from None


def _number(shop: Workshop, node: tree.Number, scope: Scope) -> Value:
    text = scope.source.text[slice(*node.span)]
    span = scope.span(node.span)
    if not node.unit:
        value, dimension = float(node.digits), NONE
    else:
        unit = _unit(node.unit, scope.span(node.unit_span))
        value, dimension = to_base(_exact(node.digits), unit), unit.dimension
    if not value < UNLIMITED:
        raise Fault("number-too-large", "this number is too large", span, "write `unlimited` for no limit")
    return Scalar(Literal(span, value, dimension, text))


def to_base(number: Fraction, unit: Unit) -> float:
    """The number in base units; infinite where that is too large for a number."""
    try:
        return float(number * unit.scale)
    except OverflowError:
        return inf


def _exact(digits: str) -> Fraction:
    return Fraction(int(digits)) if digits.isdigit() else Fraction(digits)


def _string(shop: Workshop, node: tree.String, scope: Scope) -> Value:
    return Scalar(Literal(scope.span(node.span), node.value, None, f'"{node.value}"'))


def _truth(shop: Workshop, node: tree.Truth, scope: Scope) -> Value:
    return Scalar(Literal(scope.span(node.span), node.value, None, "true" if node.value else "false"))


def _name(shop: Workshop, node: tree.Name, scope: Scope) -> Value:
    value = scope.find(node.name)
    if isinstance(value, UnknownValue):
        raise Reported
    if value is not None:
        if shop.note is not None:
            shop.note(scope, node.span, value)
        return value
    span = scope.span(node.span)
    if node.name == "unlimited":
        return Scalar(Literal(span, UNLIMITED, None, "unlimited"))
    raise unknown_name(shop, node.name, scope, span)


def _member(shop: Workshop, node: tree.Member, scope: Scope) -> Value:
    of = elaborate(shop, node.of, scope)
    span = scope.span(node.span)
    try:
        value = of.member(shop, node.name, span)
    except Fault as fault:
        if fault.span is span:
            fault.span = scope.span(node.name_span)
        raise
    if isinstance(value, UnknownValue):
        raise Reported
    if shop.note is not None:
        shop.note(scope, node.name_span, value)
    return value


def _index(shop: Workshop, node: tree.Index, scope: Scope) -> Value:
    of = elaborate(shop, node.of, scope)
    span = scope.span(node.span)
    try:
        value = of.at(shop, elaborate(shop, node.key, scope), span)
    except Fault as fault:
        if fault.span is span and not isinstance(of, (Scalar, CellValue, OwnColumn)):
            fault.span = scope.span(node.key.span)
        raise
    if shop.note is not None:
        shop.note(scope, node.key.span, value)
    return value


def _list(shop: Workshop, node: tree.ListOf, scope: Scope) -> Value:
    return ListValue(tuple(zip(_values(shop, node.items, scope), node.items, strict=True)))


def _values(shop: Workshop, nodes: Sequence[tree.Expression], scope: Scope) -> list[Value]:
    """The values of several expressions; the first fault is raised when all of them were looked at."""
    values: list[Value] = []
    first: Fault | Reported | None = None
    for node in nodes:
        try:
            values.append(elaborate(shop, node, scope))
        except (Fault, Reported) as fault:
            if first is not None and isinstance(fault, Fault):
                shop.report(fault)
            first = first or fault
    if first is not None:
        raise first
    return values


def _operation(shop: Workshop, node: tree.Operation, scope: Scope) -> Value:
    values = _values(shop, node.operands, scope)
    spans = [scope.span(operand.span) for operand in node.operands]
    _refuse_tensors(shop, node, values, scope)
    return apply(node.op, values, shop, scope.span(node.span), spans)


_ON_TENSORS = {"+": "add", "-": "combine", "*": "times", "/": "combine"}


def _refuse_tensors(shop: Workshop, node: tree.Operation, values: Sequence[Value], scope: Scope) -> None:
    """Arithmetic of tensors is a layer: told with the kind of it."""
    kind = _ON_TENSORS.get(node.op) if len(values) == 2 else None
    tensors = [isinstance(value, RowValue) and is_tensor(shop, value) for value in values]
    if kind is None or not any(tensors):
        return
    message = f"`{node.op}` works on numbers, and this is a tensor (a row of the network)"
    hint = "`activation()` of `std.layers` stands for a function of each element"
    if all(tensors):
        written = ", ".join(scope.written(operand.span) for operand in node.operands)
        hint = f"arithmetic of tensors is a layer: write `{kind}({written if len(written) < 60 else 'a, b'})`"
    hint += "; a number of a tensor is a column of it, such as `.macs`"
    raise Fault("row-as-number", message, scope.span(node.operands[tensors.index(True)].span), hint)


def _conditional(shop: Workshop, node: tree.Conditional, scope: Scope) -> Value:
    """A condition on structure picks its branch now; any other becomes part of the formula."""
    test = elaborate(shop, node.test, scope)
    if isinstance(test, FamilyValue) and test.whole and not test.equal:
        return _conditional_along(shop, node, scope, test)
    column = isinstance(test, ColumnValue)
    condition = None if column else test.formula(shop, scope.span(node.test.span))
    known = structural_truth(shop, condition) if condition is not None else None
    if known is not None:
        if condition is not None:
            shop.conditions.append(condition)
        return elaborate(shop, node.yes if known else node.no, scope)
    yes, no = _values(shop, (node.yes, node.no), scope)
    if isinstance(yes, RowValue) and not isinstance(yes.row, Pick) and condition is not None:
        shop.conditions.append(condition)
        demand(shop, condition, "this condition between tensors", arguments=False)
    spans = [scope.span(n.span) for n in (node.test, node.yes, node.no)]
    return apply("if", [test, yes, no], shop, scope.span(node.span), spans)


def _conditional_along(shop: Workshop, node: tree.Conditional, scope: Scope, test: FamilyValue) -> Value:
    """A condition that differs along the axes picks for each of them."""
    branches = _values(shop, (node.yes, node.no), scope)
    spans = [scope.span(n.span) for n in (node.test, node.yes, node.no)]
    chosen: list[Value] = []
    for number, truth in enumerate(test.items):
        yes, no = (b.items[number] if isinstance(b, FamilyValue) else b for b in branches)
        known = structural_truth(shop, truth.formula(shop, spans[0]))
        if known is None:
            chosen.append(apply("if", [truth, yes, no], shop, scope.span(node.span), spans))
        else:
            chosen.append(yes if known else no)
    return FamilyValue(test.axes, tuple(chosen))


def _pipe(shop: Workshop, node: tree.Pipe, scope: Scope) -> Value:
    first = elaborate(shop, node.of, scope)
    piped = Actual(tree.Argument(node.of.span, node.of), scope, first)
    call = node.call
    actuals = [piped, *(Actual(argument, scope) for argument in call.arguments)]
    span = scope.span(call.span)
    if node.count is None:
        return _callee(shop, call, scope).call(shop, actuals, span)
    count, callee = formula_of(shop, node.count, scope), _callee(shop, call, scope)
    if not node.binder:
        return shop.repeat(count, callee, actuals, span)
    copy = _CopyNumber(node.binder, span)
    inner = Scope(scope.source, copy.find, copy.known, scope)
    numbered = [piped, *(Actual(argument, inner) for argument in call.arguments)]
    return shop.repeat(count, callee, numbered, span, copy.make)


class _CopyNumber:
    """`i` of `(i in n) * block(2^i)`: which copy is being made, from 0. One copy that stands for all has no number."""

    def __init__(self, name: str, span: Span) -> None:
        self.name = name
        self.span = span
        self.number = 0

    def make(self, number: int) -> None:
        self.number = number

    def known(self) -> tuple[str, ...]:
        return (self.name,)

    def find(self, name: str) -> Value | None:
        if name != self.name:
            return None
        if self.number < 0:
            raise Fault(
                "copies-differ",
                f"the copies of this block are not alike: they depend on `{name}`, and how many there are is an input",
                self.span,
                "declare the count `option`, so that each copy has rows of its own",
            )
        return Scalar(Literal(self.span, float(self.number), NONE, str(self.number)))


def _callee(shop: Workshop, node: tree.Call, scope: Scope) -> Value:
    return elaborate(shop, node.of, scope)


def _call(shop: Workshop, node: tree.Call, scope: Scope) -> Value:
    span = scope.span(node.span)
    if isinstance(node.of, tree.Name) and _uncallable(scope.find(node.of.name), node.of.name):
        name = node.of.name
        if name in AGGREGATES and not (name in FUNCTIONS and len(node.arguments) > 1 and not node.arguments[0].binder):
            return _aggregate(shop, name, node, scope)
        if name in FUNCTIONS:
            return _function(shop, name, node, scope)
        if name in _ALONG:
            return _along_axes(shop, name, node, scope)
        if name == "choose":
            return choose(shop, node, scope)
        close = foreign(shop, name) or nearest(name, {*AGGREGATES, *FUNCTIONS, "choose", *scope.names()})
        raise unknown_name(shop, name, scope, scope.span(node.of.span), close)
    actuals = [Actual(argument, scope) for argument in node.arguments]
    return _callee(shop, node, scope).call(shop, actuals, span)


def _uncallable(value: Value | None, name: str) -> bool:
    """Whether a name in front of `(` is a function of the language: no number, row or table of that name hides it."""
    plain = (Scalar, CellValue, OwnColumn, ColumnValue, ListValue, RowsValue, RowValue, FamilyValue)
    known = name in FUNCTIONS or name in AGGREGATES or name in _ALONG
    return value is None or (isinstance(value, plain) and known)


_ALONG = {"product": 1, "axes": 1, "second": 2}


def _along_axes(shop: Workshop, name: str, node: tree.Call, scope: Scope) -> Value:
    """`product(kernel)`, `axes(p)`, `second(stride, 1)`: what a formula of a kind asks of a family of axes."""
    span, plain = scope.span(node.span), all(not (a.name or a.binder or a.where) for a in node.arguments)
    if len(node.arguments) != _ALONG[name] or not plain:
        wanted = "one value" if _ALONG[name] == 1 else "a value along axes, and one where there is no second axis"
        raise Fault("wrong-argument", f"`{name}` takes {wanted}", span)
    value, *rest = _values(shop, [argument.value for argument in node.arguments], scope)
    if isinstance(value, FamilyValue):
        if name == "second":
            return value.items[1] if len(value.items) > 1 else rest[0]
        return names_of(value, span) if name == "axes" else over_axes(name, value, shop, span)
    raise Fault(
        "no-axes",
        f"`{name}` goes over the axes of a layer kind, and this is {value.described()}",
        scope.span(node.arguments[0].value.span),
        "a kind with `x[p..., c]` has values for each axis of `p`, such as an argument `kernel[p]`",
    )


def _function(shop: Workshop, name: str, node: tree.Call, scope: Scope) -> Value:
    least, most = FUNCTIONS[name].least, FUNCTIONS[name].most
    span = scope.span(node.span)
    for argument in node.arguments:
        if argument.name or argument.binder or argument.where is not None:
            raise Fault("wrong-argument", f"`{name}` takes plain values", scope.span(argument.span))
    count = len(node.arguments)
    if count < least or (most is not None and count > most):
        wanted = f"{least} value{'s' if least > 1 else ''}" if most == least else f"at least {least} values"
        raise Fault("wrong-argument", f"`{name}` takes {wanted}, and {count} are given", span)
    values = _values(shop, [argument.value for argument in node.arguments], scope)
    return apply(name, values, shop, span, [scope.span(a.span) for a in node.arguments])


def _aggregate(shop: Workshop, op: str, node: tree.Call, scope: Scope) -> Value:
    span = scope.span(node.span)
    if not node.arguments:
        raise Fault("wrong-argument", f"`{op}` needs a column, such as `{op}(layers.macs)`", span)
    first = node.arguments[0]
    if first.name:
        raise Fault("wrong-argument", f"`{op}` has no argument named `{first.name}`", scope.span(first.span))
    if first.binder:
        return _bound_aggregate(shop, op, node, scope)
    if len(node.arguments) > 1:
        raise Fault("wrong-argument", f"`{op}` takes one column", scope.span(node.arguments[1].span))
    value = elaborate(shop, first.value, scope)
    where = elaborate(shop, first.where, scope) if first.where is not None else None
    if isinstance(value, FamilyValue) and op in FOLDS and where is None:
        if of_rows(op, value):
            return value.each(lambda item: _reduced(shop, op, node, item, where, scope))
        return over_axes(op, value, shop, span)
    if isinstance(value, OwnColumn) and op == "first" and where is None:  # its rows are alike along their axes
        return value
    return _reduced(shop, op, node, value, where, scope)


def _reduced(shop: Workshop, op: str, node: tree.Call, value: Value, where: Value | None, scope: Scope) -> Value:
    """An aggregate over the rows of a table or of a column."""
    span, first = scope.span(node.span), node.arguments[0]
    if isinstance(value, RowsValue):
        rows, var, tables, body = value.rows, value.var, value.tables, None
    elif isinstance(value, ColumnValue):
        rows, var, tables, body = value.rows, value.var, shop.tables_of(value.rows), value.content
    else:
        raise Fault(
            "not-a-column",
            f"`{op}` works on a column or a table, and this is {value.described()}",
            scope.span(first.value.span),
            f"write `{op}(table.column)`",
        )
    condition: Formula | None = None
    if isinstance(where, ColumnValue):
        if where.rows != rows:
            raise Fault(
                "different-rows",
                "the condition speaks of other rows than the value",
                scope.span(first.where.span if first.where is not None else first.span),
            )
        condition = where.content
    elif where is not None and first.where is not None:
        condition = where.formula(shop, scope.span(first.where.span))
    return _reduce(shop, op, rows, var, tables, body, condition, span)


def _bound_aggregate(shop: Workshop, op: str, node: tree.Call, scope: Scope) -> Value:
    """`sum(m in T where c, value)`, `first(m in T where c)`."""
    span = scope.span(node.span)
    first = node.arguments[0]
    table = elaborate(shop, first.value, scope)
    if not isinstance(table, RowsValue):
        raise Fault("not-a-table", f"`in` needs a table, and this is {table.described()}", scope.span(first.value.span))
    var = Var(f"{first.binder}@{node.span[0]}")
    inner = mapped({first.binder: table.one(var)}, scope)
    where = formula_of(shop, first.where, inner) if first.where is not None else None
    if len(node.arguments) > 2:
        raise Fault("wrong-argument", f"`{op}` takes one value for each row", scope.span(node.arguments[2].span))
    body = None
    if len(node.arguments) == 2:
        second = node.arguments[1]
        if op in ("count", "first"):
            rows = f"{first.binder} in {scope.written(first.value.span)}"
            hint = f"a condition stands behind `where`: `{op}({rows} where {scope.written(second.value.span)})`"
            raise Fault("wrong-argument", f"`{op}` takes rows, and no value of each", scope.span(second.span), hint)
        body = formula_of(shop, second.value, inner)
        if second.where is not None:
            raise Fault("wrong-argument", "the condition stands with the rows", scope.span(second.span))
    return _reduce(shop, op, table.rows, var, table.tables, body, where, span)


def _reduce(
    shop: Workshop,
    op: str,
    rows: RowSet,
    var: Var,
    tables: Sequence[str],
    body: Formula | None,
    where: Formula | None,
    span: Span,
) -> Value:
    if op in ("count", "first"):
        body = None
    elif body is None:
        raise Fault("wrong-argument", f"`{op}` needs a value for each row", span, f"write `{op}(table.column)`")
    if shop.incomplete(rows):
        raise Reported
    weight = None
    if op in ("sum", "count", "mean") and isinstance(rows, Rows):
        copies = shop.copies_of(rows.table)
        weight = Field(span, var, copies, "copies") if copies is not None else None
    reduced = Reduce(span, op, rows, var, body, where, weight)
    if op in ("first", "argmax"):
        return RowValue(tuple(tables), Pick(reduced))
    return Scalar(reduced)


_RULES: dict[type, Callable[..., Value]] = {
    tree.Number: _number,
    tree.String: _string,
    tree.Truth: _truth,
    tree.Name: _name,
    tree.Member: _member,
    tree.Index: _index,
    tree.ListOf: _list,
    tree.Operation: _operation,
    tree.Conditional: _conditional,
    tree.Pipe: _pipe,
    tree.Call: _call,
}
