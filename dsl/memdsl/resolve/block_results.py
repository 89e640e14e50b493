"""What a block gives: its `out`, and every other cell by its name (`a.left`)."""

from __future__ import annotations

from collections.abc import Mapping

from ..diagnostics import Span
from ..records import record
from ..sheet.formula import Formula
from .faults import Fault
from .unknown import unknown_part
from .values import RowValue
from .workshop import Value, Workshop


@record
class BlockResult(RowValue):
    """The row of `out`, with the other cells of the block: `a.left` is a cell, `a.h` a column of `a`."""

    results: Mapping[str, Value | None]

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        inner = self.results.get(name)
        return inner if inner is not None else RowValue(self.tables, self.row).member(shop, name, span)


@record
class BlockResults(Value):
    """The results of a block that has no `out`: only its parts can be passed on."""

    block: str
    results: Mapping[str, Value | None]
    what = "a block with several results"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        inner = self.results.get(name)
        if inner is not None:
            return inner
        raise unknown_part(shop, f"block `{self.block}` has no result `{name}`", name, self.results, span)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        listed = ", ".join(f"`.{name}`" for name in self.results)
        raise Fault(
            "not-a-tensor", f"block `{self.block}` has no `out`: it gives several results", span, f"name one: {listed}"
        )


def block_result(block: str, out: Value | None, results: Mapping[str, Value | None]) -> Value:
    """The value of a call of a block."""
    if out is None:
        return BlockResults(block, results)
    if isinstance(out, RowValue) and results:
        return BlockResult(out.tables, out.row, results)
    return out
