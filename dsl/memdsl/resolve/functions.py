"""`fn name(a, b = 8) = formula`: inlined where it is called."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Span
from ..records import record
from ..syntax import tree
from .bind import bind
from .expressions import elaborate
from .scope import Scope, mapped
from .values import Actual, Value
from .workshop import Workshop


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
            return elaborate(shop, self.node.value, inner)
