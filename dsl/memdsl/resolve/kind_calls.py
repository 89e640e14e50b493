"""From the call of a layer kind to what decides its row: tensors matched with their axes, arguments sorted."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import fields

from ..diagnostics import Span
from ..records import record
from ..sheet.formula import At, Formula, Unknown
from ..syntax import tree
from .bind import bind
from .constant import NotConstant, constant_value
from .domains import hold
from .expressions import elaborate
from .faults import Fault, Reported, nearest
from .formula_keys import formula_key
from .functions import FunctionValue
from .kinds import LayerKind, Variant
from .values import ListValue, RowValue
from .workshop import Actual, Scope, Value, Workshop

SHARES = "shares"
"""The argument that every kind and block takes: the row, or call of the block, whose weights it reads."""
_USUAL = ("d", "h", "w", "n", "c")
"""Names that are axes wherever the library or an importer makes a tensor."""


@record
class KindCall:
    """What a call of a kind says. `axes` is None where the output has those of a tensor (`-> x`)."""

    slots: tuple[tuple[int, ...], ...]
    variant: Variant
    axes: tuple[str, ...] | None
    arguments: Mapping[str, Formula]
    sizes: Mapping[str, Mapping[str, Formula]]
    lender: int | None
    span: Span


def split_sharing(formals: Sequence[tree.Formal], actuals: Sequence[Actual]) -> tuple[list[Actual], Actual | None]:
    """The arguments of a call, and the one that names whose weights it reads."""
    if any(formal.name == SHARES for formal in formals):
        return list(actuals), None
    rest = [actual for actual in actuals if actual.argument.name != SHARES]
    return rest, next((actual for actual in actuals if actual.argument.name == SHARES), None)


class KindCaller:
    """Reads one call. `table` is the network that the row belongs to.

    `row_axes` gives the axes of one of its rows, `has` the names of the columns that its kind gives it.
    """

    def __init__(
        self,
        shop: Workshop,
        table: str,
        row_axes: Callable[[int], tuple[str, ...]],
        has: Callable[[int], Container[str]],
        kind: LayerKind,
    ) -> None:
        self.shop = shop
        self.table = table
        self.row_axes = row_axes
        self.has = has
        self.node = kind.node
        self.scope = kind.scope
        self.families: dict[str, tuple[str, ...]] = {}
        self.needed = {self.node.spread_over(f) for f in self.node.formals if not f.variadic}
        self.arguments: dict[str, Formula] = {}
        self.sizes: dict[str, dict[str, Formula]] = {}
        self.given: set[str] = set()
        self.split: set[str] = set()
        self.known: dict[str, str | bool] = {}
        self.misread = False

    def read(self, actuals: Sequence[Actual], span: Span, counterpart: Callable[[], int | None]) -> KindCall:
        """`counterpart`, asked once the tensors are there, is whose weights it reads where the call names no row."""
        node = self.node
        plain, sharing = split_sharing(node.formals, actuals)
        named = next((f.name for f in node.formals if f.variadic and node.spread_over(f)), "")
        faults: list[Fault] = []
        bound = bind(node.name, node.formals, plain, span, named, faults)
        for fault in faults:
            self._report(fault)
        slots: list[tuple[int, ...]] = []
        tensors: list[str] = []
        values: list[tuple[tree.Formal, list[Value], Sequence[Actual]]] = []
        whole = True
        for formal in node.formals:
            given = bound.get(formal.name)
            found = self._values(given) if given is not None else None
            try:
                if self._is_tensor(formal) or (
                    found and isinstance(found[0], RowValue) and not node.spread_over(formal)
                ):
                    if found and given is not None:
                        slots.append(self._tensors(formal, found, given))
                        tensors.append(formal.name)
                    elif given is not None or formal.default is None:
                        whole = False
                elif found and given is not None:
                    values.append((formal, found, given))
            except Fault as fault:
                self._report(fault)
                whole = False
        if not whole:
            self._alone(values)
            raise Reported
        for formal, found, actual in values:
            try:
                self._argument(formal, found, actual)
            except Fault as fault:
                self._report(fault)
            except Reported:
                self.misread = True
        self._defaults(set(bound))
        lender = self._lender(sharing) if sharing is not None else counterpart()
        if self.misread:
            families = {node.spread_over(formal) for formal in node.formals} - {""}
            if not families <= {*self.families}:  # axes that the call would have named
                raise Reported
            self._all_unknown(span)
        variant = Variant(
            tuple(tensors),
            tuple(self.families.items()),
            frozenset(self.given),
            frozenset(self.split),
            tuple(self.known.items()),
            tuple((name, tuple((a, formula_key(f)) for a, f in sizes.items())) for name, sizes in self.sizes.items()),
            lender is not None,
        )
        return KindCall(tuple(slots), variant, self._axes(), self.arguments, self.sizes, lender, span)

    def _report(self, fault: Fault) -> None:
        self.shop.report(fault)
        self.misread = True

    def _values(self, actuals: Sequence[Actual]) -> list[Value] | None:
        """What is given for an argument; None after a fault of it."""
        try:
            return [
                a.value if a.value is not None else elaborate(self.shop, a.argument.value, a.scope) for a in actuals
            ]
        except Fault as fault:
            self._report(fault)
        except Reported:
            self.misread = True
        return None

    def _alone(self, values: Sequence[tuple[tree.Formal, list[Value], Sequence[Actual]]]) -> None:
        """Of a call whose tensor is unknown the arguments are held to their domains all the same."""
        for formal, found, actuals in values:
            if formal.clauses.domain_span is not None:
                for value, actual in zip(found, actuals, strict=True):
                    self.shop.guarded(lambda f=formal, v=value, a=actual: self._hold(f, v, a))  # type: ignore[misc]

    def _hold(self, formal: tree.Formal, value: Value, actual: Actual) -> None:
        items = [item for item, _ in value.items] if isinstance(value, ListValue) else [value]
        for item in items:
            content = item.formula(self.shop, actual.span)
            if not isinstance(self._constant(content), str):
                hold(self.shop, formal, self.node.name, self.scope, content, self.table)

    def _all_unknown(self, span: Span) -> None:
        """Every column of the row is unknown, but for the arguments that were understood."""
        cells = [cell.name for cell in self.node.body if isinstance(cell, tree.Cell)]
        formals = [f.name for f in self.node.formals if not self._is_tensor(f) and f.name not in self.known]
        for name in (*cells, *formals, *(self._axes() or ())):
            self.arguments.setdefault(name, Unknown(span))

    def _is_tensor(self, formal: tree.Formal) -> bool:
        if self.node.spread_over(formal):
            return False
        return formal.axes is not None or formal.variadic or formal.name == self.node.like

    # ---- tensors ----------------------------------------------------------------------------------------------------

    def _tensors(self, formal: tree.Formal, values: Sequence[Value], actuals: Sequence[Actual]) -> tuple[int, ...]:
        rows = []
        for value, actual in zip(values, actuals, strict=True):
            rows.append(tensor(self.table, value, formal, actual, self.node.name))
            if formal.axes is not None:
                self._match(formal, formal.axes, rows[-1], actual)
            else:
                self._read(formal, rows[-1], actual)
        return tuple(rows)

    def _read(self, formal: tree.Formal, row: int, actual: Actual) -> None:
        """A kind that takes any tensor reads sizes of it all the same: those the tensor must have."""
        got = self.row_axes(row)
        lacking = [name for name in read_of(self.node, formal.name) if name not in got and name not in self.has(row)]
        if lacking:
            wanted = (f"p{tree.FAMILY}", lacking[0])
            raise wrong_axes(self.node.name, wanted, got, actual.span, self.shop.table(self.table).rows[row].kind)

    def _match(self, formal: tree.Formal, wanted: tuple[str, ...], row: int, actual: Actual) -> None:
        got = self.row_axes(row)
        found = matched(wanted, got)
        if found is None or any(not axes and name in self.needed for name, axes in found.items()):
            raise wrong_axes(self.node.name, wanted, got, actual.span, self.shop.table(self.table).rows[row].kind)
        for name, axes in found.items():
            if self.families.setdefault(name, axes) != axes:
                first = ", ".join(self.families[name])
                message = (
                    f"the tensors of `{self.node.name}` have the same axes, and these are [{first}] and "
                    f"[{', '.join(axes)}]"
                )
                raise Fault("wrong-axes", message, actual.span, "`reshape` or `sequence` gives a tensor other axes")

    def _axes(self) -> tuple[str, ...] | None:
        if self.node.axes is None:
            return None
        expanded: list[str] = []
        for axis in self.node.axes:
            family = axis.removesuffix(tree.FAMILY)
            expanded.extend(self.families.get(family, ()) if family != axis else (axis,))
        return tuple(expanded)

    # ---- other arguments --------------------------------------------------------------------------------------------

    def _argument(self, formal: tree.Formal, values: Sequence[Value], actuals: Sequence[Actual]) -> None:
        family = self.node.spread_over(formal)
        if family and formal.variadic:
            self._by_name(formal, family, values, actuals)
            return
        value, actual = values[0], actuals[0]
        if family and isinstance(value, ListValue):
            self._list(formal, family, value, actual)
            return
        if isinstance(value, ListValue):
            raise self._one_number(formal, value, actual)
        content = value.formula(self.shop, actual.span)
        known = self._constant(content) if family or isinstance(formal.default, tree.String | tree.Truth) else None
        if isinstance(known, str) or (isinstance(known, bool) and not family):
            self._choice(formal, known, actual.span)
            self.known[formal.name] = known
            if family:
                return
        elif family:
            self._given(formal)
        self.arguments[formal.name] = content

    def _one_number(self, formal: tree.Formal, value: ListValue, actual: Actual) -> Fault:
        """A list is given to an argument that has one value for all axes."""
        first = actual.scope.written(value.items[0][1].span) if value.items else "1"
        hint = f"write one number: `{formal.name} = {first}`"
        along = ", ".join(f"`{f.name}`" for f in self.node.formals if self.node.spread_over(f) and not f.variadic)
        hint += f"; {along} may have one for each axis" if along else ""
        message = f"`{formal.name}` of `{self.node.name}` is one number, and this is a list"
        return Fault("not-a-number", message, actual.span, hint)

    def _given(self, formal: tree.Formal) -> None:
        """An argument has one value for all axes: worth a note where its default could differ along them."""
        if not isinstance(formal.default, tree.Number):
            self.given.add(formal.name)

    def _constant(self, content: Formula) -> object:
        try:
            return constant_value(self.shop, content)
        except NotConstant:
            return None

    def _list(self, formal: tree.Formal, family: str, value: ListValue, actual: Actual) -> None:
        axes = self.families.get(family, ())
        if len(value.items) != len(axes):
            raise Fault(
                "wrong-axes",
                f"`{formal.name}` has a value for each of the axes [{', '.join(axes)}], and {len(value.items)} "
                f"{'is' if len(value.items) == 1 else 'are'} given",
                actual.span,
                f"write one number for all of them, or `[{', '.join(axes)}]` with a value for each",
            )
        contents = [item.formula(self.shop, actual.scope.span(node.span)) for item, node in value.items]
        text = next((content for content in contents if isinstance(self._constant(content), str)), None)
        if text is not None:
            raise Fault(
                "wrong-type", f"a value of `{formal.name}` along an axis is a number, and this is text", text.span
            )
        if len({formula_key(content) for content in contents}) == 1:
            self._given(formal)
            self.arguments[formal.name] = contents[0]
            return
        self.split.add(formal.name)
        self.arguments[formal.name] = contents[0]
        for axis, content in zip(axes[1:], contents[1:], strict=True):
            self.arguments[f"{formal.name}_{axis}"] = content

    def _by_name(self, formal: tree.Formal, family: str, values: Sequence[Value], actuals: Sequence[Actual]) -> None:
        """`slice(c = 64)`: sizes by the names of axes; where no tensor says which axes there are, the call does."""
        sizes: dict[str, Formula] = {}
        for value, actual in zip(values, actuals, strict=True):
            axis = actual.argument.name
            known = self.families.get(family)
            if known is not None and axis not in known:
                message = f"`{self.node.name}` has no argument or axis named `{axis}`"
                hint = nearest(axis, known) or f"the axes of the tensor are {', '.join(known)}"
                raise Fault("unknown-argument", message, actual.span, hint)
            sizes[axis] = value.formula(self.shop, actual.span)
        self.families.setdefault(family, tuple(sizes))
        self.sizes[formal.name] = sizes

    def _defaults(self, given: set[str]) -> None:
        """What was not given and decides structure all the same."""
        for formal in self.node.formals:
            if formal.name in given:
                continue
            if isinstance(formal.default, tree.String | tree.Truth):
                self.known[formal.name] = formal.default.value
            if formal.variadic and self.node.spread_over(formal):
                self.sizes[formal.name] = {}

    def _choice(self, formal: tree.Formal, value: str | bool, span: Span) -> None:
        """A text that a kind compares with others must be one of these."""
        if isinstance(value, bool):
            return
        choices = list(dict.fromkeys(_compared(self.node, formal.name, self.scope)))
        if isinstance(formal.default, tree.String):
            choices = list(dict.fromkeys([formal.default.value, *choices]))
        along = bool(self.node.spread_over(formal))
        if value in choices or (not along and len(choices) < 2):
            return
        if not choices:
            raise Fault("wrong-type", f"`{formal.name}` is a number, and this is text", span)
        listed = ", ".join(f'"{choice}"' for choice in choices)
        number = "a number, or " if along else ""
        raise Fault("bad-choice", f"`{formal.name}` is {number}one of {listed}", span, nearest(value, choices))

    # ---- weights of another row -------------------------------------------------------------------------------------

    def _lender(self, actual: Actual) -> int:
        value = actual.value if actual.value is not None else elaborate(self.shop, actual.argument.value, actual.scope)
        formal = tree.Formal(actual.argument.span, SHARES)
        return tensor(self.table, value, formal, actual, self.node.name)


def _compared(node: tree.LayerKind | tree.Function, name: str, scope: Scope) -> Iterator[str]:
    """The texts that an argument is compared with in the formulas of a kind, or of the functions it is passed to."""
    stack: list[object] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(reversed(part))
        elif isinstance(part, tree.Operation) and part.op in ("==", "!=") and _names(part.operands, name):
            yield from (o.value for o in part.operands if isinstance(o, tree.String))
        elif isinstance(part, tree.Call) and isinstance(part.of, tree.Name):
            stack.append(part.arguments)
            called = scope.find(part.of.name)
            if isinstance(called, FunctionValue):
                for formal, argument in zip(called.node.formals, part.arguments, strict=False):
                    if _names((argument.value,), name):
                        yield from _compared(called.node, formal.name, called.scope)
        elif isinstance(part, tree.Node | tree.Clauses):
            stack.extend(getattr(part, field.name) for field in reversed(fields(part)))


def read_of(node: tree.LayerKind, tensor: str) -> list[str]:
    """The usual axes that the formulas of a kind read of a tensor by their names: `x.c`."""
    found: dict[str, None] = {}
    stack: list[object] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(reversed(part))
        elif isinstance(part, tree.Member) and part.name in _USUAL and _names((part.of,), tensor):
            found[part.name] = None
        elif isinstance(part, tree.Node | tree.Clauses):
            stack.extend(getattr(part, field.name) for field in reversed(fields(part)))
    return list(found)


def _names(nodes: Sequence[tree.Expression], name: str) -> bool:
    return any(isinstance(node, tree.Name) and node.name == name for node in nodes)


def tensor(table: str, value: Value, formal: tree.Formal, actual: Actual, what: str) -> int:
    """The row of the network that is given for a tensor argument."""
    if not isinstance(value, RowValue) or value.tables[0] != table or not isinstance(value.row, At):
        raise Fault(
            "not-a-tensor",
            f"`{what}` needs a tensor for `{formal.name}`, and this is {value.what}",
            actual.span,
            "the argument of a network names its axes: `x[h, w, c]`"
            if isinstance(value, ListValue)
            else "pass a row of the network, such as `image` or the name of a cell of its body",
        )
    return value.row.index


def matched(wanted: tuple[str, ...], got: tuple[str, ...]) -> dict[str, tuple[str, ...]] | None:
    """The axes that each family stands for, or None where a tensor has other axes than these."""
    place = next((i for i, axis in enumerate(wanted) if axis.endswith(tree.FAMILY)), None)
    if place is None:
        return {} if wanted == got else None
    before, after = wanted[:place], wanted[place + 1 :]
    end = len(got) - len(after)
    if end < place or got[:place] != before or got[end:] != after:
        return None
    return {wanted[place].removesuffix(tree.FAMILY): got[place:end]}


def wrong_axes(what: str, wanted: tuple[str, ...], got: tuple[str, ...], span: Span, maker: str) -> Fault:
    """A tensor has other axes than these; `maker` is the kind of its row."""
    shown = ", ".join(wanted)
    message = f"`{what}` needs a tensor [{shown}], and this one is [{', '.join(got)}]"
    plain = not any(axis.endswith(tree.FAMILY) for axis in wanted)
    hint = ""
    if not got:
        made = shown if plain else "h, w, c"
        message = f"`{what}` needs a tensor [{shown}], and what `{maker}` makes has no axes"
        hint = f"say them in the kind: `layer {maker}(…) -> [{made}] {{ … }}`, or `-> x` for those of `x`"
    elif "n" in wanted and "h" in got:
        hint = "`sequence()` makes a sequence of positions [n, c] of it"
    elif wanted == ("c",):
        hint = "`flatten()` makes one vector of it"
    elif plain:
        hint = f"`reshape({', '.join(f'{axis} = …' for axis in wanted)})` gives it these axes"
    return Fault("wrong-axes", message, span, hint)
