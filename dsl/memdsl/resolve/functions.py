"""`fn name(a, b = 8) = formula`: inlined where it is called."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from ..diagnostics import Span, of_library
from ..records import record
from ..sheet.formula import Apply, Called, Reduce
from ..syntax import tree
from .bind import bind
from .domains import bounds_or_none
from .expressions import elaborate
from .values import Scalar
from .workshop import Actual, HeldPart, Scope, Value, Workshop, mapped


@record
class FunctionValue(Value):
    node: tree.Function
    scope: Scope
    what = "a function"

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        bound = bind(self.node.name, self.node.formals, actuals, span)
        values: dict[str, Value] = {}
        inner = mapped(values, self.scope)
        for formal in self.node.formals:
            given = bound.get(formal.name)
            if given is not None:
                actual = given[0]
                values[formal.name] = (
                    actual.value if actual.value is not None else elaborate(shop, actual.argument.value, actual.scope)
                )
            elif formal.default is not None:
                values[formal.name] = elaborate(shop, formal.default, inner)
            if formal.clauses.domain_span is not None and formal.name in values:
                place = span if given is None else given[0].scope.span(given[0].argument.value.span)
                values[formal.name] = self._held(shop, formal, values[formal.name], place)
        with shop.calling(span, "function"):
            return self._marked(shop, elaborate(shop, self.node.value, inner), span)

    def _held(self, shop: Workshop, formal: tree.Formal, value: Value, span: Span) -> Value:
        """An argument that has a domain: what is made of it is held to it wherever it stands in a formula."""
        content = value.formula(shop, span)
        if of_library(span):
            span = next((call for call in reversed(shop.spans) if not of_library(call)), span)
        bounds = bounds_or_none(shop, formal.clauses, self.scope)
        if bounds is not None:
            part = HeldPart(content, f"`{formal.name}` of `{self.node.name}`", bounds, span)
            shop.held.setdefault(id(content), []).append(part)
        return Scalar(content)

    def _marked(self, shop: Workshop, value: Value, span: Span) -> Value:
        """The value, its call kept beside it: a reader is shown `half(x)`, not the body with its argument's name."""
        if not isinstance(value, Scalar) or not isinstance(value.content, Apply | Reduce):
            return value
        made = copy(value.content)
        if id(value.content) in shop.held:
            shop.held[id(made)] = [replace(part, formula=made) for part in shop.held[id(value.content)]]
        signature = ", ".join(self.scope.source.text[slice(*formal.span)] for formal in self.node.formals)
        body = self.scope.span(self.node.value.span)
        shop.called[id(made)] = Called(made, span, self.node.name, f"{self.node.name}({signature})", body)
        return Scalar(made)
