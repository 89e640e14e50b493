"""What a block gives: its `out`, and every other cell by its name (`a.left`)."""

from __future__ import annotations

from collections.abc import Mapping

from ..diagnostics import Span
from ..records import record
from ..sheet.formula import Formula
from ..syntax import tree
from .faults import Fault
from .unknown import unknown_part
from .values import RowValue
from .workshop import Value, Workshop


@record
class Made:
    """The rows of a call of a block, and those of each copy where it was repeated."""

    block: tree.Block
    copies: tuple[range, ...]


@record
class BlockResult(RowValue):
    """The row of `out`, with the other cells of the block: `a.left` is a cell, `a.h` a column of `a`."""

    results: Mapping[str, Value | None]
    made: Made | None = None

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        inner = self.results.get(name)
        return inner if inner is not None else RowValue(self.tables, self.row).member(shop, name, span)


@record
class BlockResults(Value):
    """The results of a block that has no `out`: only its parts can be passed on."""

    block: str
    results: Mapping[str, Value | None]
    made: Made | None = None
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


def block_result(out: Value | None, results: Mapping[str, Value | None], made: Made) -> Value:
    """The value of a call of a block."""
    if out is None:
        return BlockResults(made.block.name, results, made)
    if isinstance(out, RowValue):
        return BlockResult(out.tables, out.row, results, made)
    return out


@record
class Lent:
    """A call of a block whose rows read the weights of the `rows` of another call of it, each those of its counterpart.

    `start` is the first row of its own.
    """

    rows: range
    start: int


def rows_lent(node: tree.Block, value: Value, span: Span, copy: int, times: int) -> range:
    """The rows of the call that `shares` names: of its copy of the same number where both are repeated alike."""
    made = value.made if isinstance(value, BlockResult | BlockResults) else None
    if made is None or made.block is not node:
        raise Fault(
            "not-a-tensor",
            f"`{node.name}` reads the weights of another call of `{node.name}`, and this is "
            + (f"a call of `{made.block.name}`" if made is not None else value.what),
            span,
            f"name the call that has them: `first = x -> {node.name}(…)`, then `y -> {node.name}(…, shares = first)`",
        )
    if len(made.copies) not in (1, times):
        message = f"one call of `{node.name}` lends its weights, and this is repeated {len(made.copies)} times"
        raise Fault("bad-count", message, span, "share with one call, or with as many copies as there are here")
    return made.copies[0 if len(made.copies) == 1 else copy]
