"""Values along a family of axes: one for each of the axes that `p...` stands for.

A kind that works on [n, c], [h, w, c] and [d, h, w, c] alike says `x[p..., c]`. Its formulas are expanded axis by axis
when the rows are made, so that the sheet holds plain values.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from ..diagnostics import Span
from ..records import record
from ..sheet.formula import Apply, Formula, Literal, RowRef
from ..units import NONE
from .faults import Fault
from .formula_keys import formula_key
from .truths import COMPARISONS, joined, known_truth, truth
from .values import ColumnValue, FamilyValue, OwnColumn, RowsValue, RowValue, Scalar, apply_one
from .workshop import Value, Workshop

FOLDS = ("sum", "product", "min", "max", "mean", "count", "any", "all", "first")
"""What goes over the axes of a family: `product(kernel)`."""


@record
class TextOrNumber(OwnColumn):
    """An argument of a kind that is a number here and could have been a text: it equals no text."""


def family(axes: tuple[str, ...], items: Sequence[Value]) -> FamilyValue:
    """The values along some axes; those that are written alike become one."""
    scalars = [item for item in items if isinstance(item, Scalar)]
    if len(scalars) == len(items) and len({formula_key(item.content) for item in scalars}) == 1:
        return FamilyValue(axes, (items[0],) * len(items))
    return FamilyValue(axes, tuple(items))


def along(op: str, args: Sequence[Value], shop: Workshop, span: Span, spans: Sequence[Span]) -> Value:
    """An operation on values of which some have one for each axis: axis by axis."""
    families = [argument for argument in args if isinstance(argument, FamilyValue)]
    first = families[0]
    axes = tuple(dict.fromkeys(axis for f in families for axis in f.axes))
    other = next((f for f in families if f.whole is not first.whole or (f.whole and f.axes != first.axes)), None)
    if other is not None:
        message = f"these are values along different axes: [{', '.join(first.axes)}] and [{', '.join(other.axes)}]"
        raise Fault("different-axes", message, span)
    if op == "not":
        return Scalar(Apply(span, "not", (args[0].formula(shop, spans[0]),)))

    def one(axis: str) -> Value:
        chosen = [a.on(axis) if isinstance(a, FamilyValue) else a for a in args]
        return folded(op, chosen, span) or apply_one(op, chosen, shop, span, spans)

    if not first.whole and op in COMPARISONS:  # of a table: it must hold on every axis
        holds = [one(axis) for axis in axes]
        return reduce(lambda a, b: apply_one("and", (a, b), shop, span, (span, span)), holds)
    if axes and all(f.equal for f in families):
        return FamilyValue(axes, (one(axes[0]),) * len(axes), first.whole)
    return FamilyValue(axes, tuple(one(axis) for axis in axes), first.whole)


def apply(op: str, args: Sequence[Value], shop: Workshop, span: Span, spans: Sequence[Span]) -> Value:
    """An operation on values: columns of the same rows row by row, values along the same axes axis by axis."""
    if any(isinstance(argument, FamilyValue) for argument in args):
        return along(op, args, shop, span, spans)
    return apply_one(op, args, shop, span, spans)


def folded(op: str, args: Sequence[Value], span: Span) -> Value | None:
    """What is known at once: a comparison with a text, a condition of which a part is known."""
    contents = [argument.content if isinstance(argument, Scalar) else None for argument in args]
    if op in ("==", "!="):
        texts = [c.value if isinstance(c, Literal) and isinstance(c.value, str) else None for c in contents]
        if None not in texts:
            return Scalar(truth(span, (texts[0] == texts[1]) == (op == "==")))
        if texts != [None, None] and any(isinstance(argument, TextOrNumber) for argument in args):
            return Scalar(truth(span, op == "!="))
    if op in ("and", "or"):
        for known, other in ((0, 1), (1, 0)):
            content = contents[known]
            value = known_truth(content) if content is not None else None
            if value is not None:
                return args[other] if value is (op == "and") else args[known]
    return None


def over_axes(op: str, value: FamilyValue, shop: Workshop, span: Span) -> Value:
    """`product(kernel)`: an aggregate over the axes, or over the rows of each axis' column (`max(xs.p)`)."""
    count = len(value.items)
    if op == "count":
        return Scalar(Literal(span, float(count), NONE, str(count)))
    contents = [item.formula(shop, span) for item in value.items]
    if not value.whole and op not in ("first", "min", "max", "any", "all") and count > 1:
        raise Fault(
            "several-values",
            f"rows of a table have different axes, so `{op}` over them means nothing",
            span,
            "use a column of the kind, such as `taps` (the products of a window over one channel)",
        )
    if op in ("any", "all"):
        return Scalar(joined(span, "or" if op == "any" else "and", contents))
    if not contents:
        if op in ("sum", "product"):
            number = 1.0 if op == "product" else 0.0
            return Scalar(Literal(span, number, NONE, f"{number:g}"))
        raise Fault("no-axes", f"there is no axis to take `{op}` over", span)
    if op == "first" or count == 1:
        return value.items[0]
    if value.equal:
        return Scalar(_repeated(op, contents[0], count, span))
    if op in ("min", "max"):
        return Scalar(Apply(span, op, tuple(contents)))
    total = contents[0]
    for content in contents[1:]:
        total = Apply(span, "*" if op == "product" else "+", (total, content))
    return Scalar(Apply(span, "/", (total, _number(span, count))) if op == "mean" else total)


def _repeated(op: str, content: Formula, count: int, span: Span) -> Formula:
    if op == "sum":
        return Apply(span, "*", (_number(span, count), content))
    if op == "product":
        return Apply(span, "^", (content, _number(span, count)))
    return content


def _number(span: Span, value: int) -> Literal:
    return Literal(span, float(value), NONE, str(value))


def names_of(value: FamilyValue, span: Span) -> FamilyValue:
    """`axes(p)`: the names of the axes as texts."""
    return FamilyValue(value.axes, tuple(Scalar(Literal(span, axis, None, f'"{axis}"')) for axis in value.axes))


# ---- tensors --------------------------------------------------------------------------------------------------------


@record
class Tensor(RowValue):
    """The row of a tensor argument whose axes were given to families: `x.p` has a value for each of them."""

    families: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        axes = dict(self.families).get(name)
        plain = RowValue(self.tables, self.row)
        if axes is None:
            return plain.member(shop, name, span)
        return FamilyValue(axes, tuple(plain.member(shop, axis, span) for axis in axes))


@record
class Tensors(RowsValue):
    """The rows of a variadic tensor argument: `max(xs.p)` has a value for each axis."""

    families: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def one(self, row: RowRef) -> RowValue:
        return Tensor(self.tables, row, self.families)

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        axes = dict(self.families).get(name)
        plain = RowsValue(self.tables, self.rows)
        if axes is None:
            return plain.member(shop, name, span)
        return FamilyValue(axes, tuple(plain.member(shop, axis, span) for axis in axes))


def of_rows(op: str, value: FamilyValue) -> bool:
    """Whether an aggregate goes over rows, for each axis."""
    return bool(value.items) and isinstance(value.items[0], ColumnValue) and op in ("sum", "max", "min", "mean")
