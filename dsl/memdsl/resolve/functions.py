"""`fn name(a, b = 8) = formula`: inlined where it is called."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from ..diagnostics import Span
from ..records import record
from ..sheet.formula import Apply, Called, Reduce
from ..syntax import tree
from .bind import bind
from .expressions import elaborate
from .values import Scalar
from .workshop import Actual, Scope, Value, Workshop, mapped


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
        with shop.calling(span, "function"):
            return self._marked(shop, elaborate(shop, self.node.value, inner), span)

    def _marked(self, shop: Workshop, value: Value, span: Span) -> Value:
        """The value, its call kept beside it: a reader is shown `half(x)`, not the body with its argument's name."""
        if not isinstance(value, Scalar) or not isinstance(value.content, Apply | Reduce):
            return value
        made = copy(value.content)
        signature = ", ".join(self.scope.source.text[slice(*formal.span)] for formal in self.node.formals)
        body = self.scope.span(self.node.value.span)
        shop.called[id(made)] = Called(made, span, self.node.name, f"{self.node.name}({signature})", body)
        return Scalar(made)
