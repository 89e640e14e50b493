"""What an imported spec claims: work, weights and sizes as counted from the file, at two sizes where some are open."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence

from .count import stored_elements, works
from .infer import product
from .kinds import RECURRENT
from .opened import Opened, Understood
from .result import Expected
from .rows import Lowered, Row
from .sizes import Size, value_of

SHOWN = 4
"""Outputs whose sizes are claimed."""


def expected(source: Understood, lowered: Lowered, rows: Sequence[Row], tied: Container[int]) -> list[Expected]:
    """The rows that the spec must have, at its own sizes; those that are `tied` read the weights of others."""
    found: list[Expected] = []
    number = source.number
    for row in rows:
        if row.kind == "input":
            continue
        elements, macs = int(number(product(row.axes.values()))), int(number(row.macs))
        if row.kind in RECURRENT:  # blocks of the library: the products with the inputs, then those with the state
            read = lowered.rows[row.inputs[0]].axes["c"]
            wide = RECURRENT[row.kind] * row.axes["c"]
            inner = int(number(read * wide))
            steps = int(number(product(size for axis, size in row.axes.items() if axis != "c")))
            made = int(number(wide)) * steps
            own = row.index not in tied
            found.append(Expected("dense", made, inner * steps, inner if own else 0, tuple(row.nodes)))
            rest = macs - inner * steps, row.weights - inner if own else 0
            found.append(Expected("recurrence", elements, *rest, tuple(row.nodes)))
            continue
        found.append(Expected(row.kind, elements, macs, 0 if row.index in tied else row.weights, tuple(row.nodes)))
    return found


def claims(
    source: Understood, lowered: Lowered, rows: Sequence[Row], there: Sequence[Expected], names: Mapping[int, str],
    twice: bool, tied: Container[int],
) -> list[str]:  # fmt: skip
    """`names` are the statements by the row that they end with; `twice` claims another size too."""
    found = []
    work = list(works(source.made))
    macs: Size = 0
    for one in work:
        item = source.item(one.macs)
        macs = macs + (item if item is not None else 0)
    again = sum(row.weights for row in rows if row.index in tied)
    weights = sum(count for one in work for _, count in one.weights)
    tables = sum(row.weights for row in rows if row.kind == "embedding")
    form = source.network.form
    origin = f'from "{form} file"'
    found.append(f"claim sum(net.layers.macs) = {int(source.number(macs)):_} MAC {origin}")
    found.append(f"claim sum(net.layers.weights) = {weights + tables - again:_} {origin}")
    held = stored_elements(source.made, source.network.graph)
    more = held + again - sum(row.weights for row in rows)
    unique = {row.stored: row.weights for row in rows if row.stored}
    if more and held >= sum(unique.values()):  # less where the file makes its weights by an operator
        sign = "+" if more > 0 else "-"
        what = f"{form} file: biases, norms and tables too, each tensor once"
        found.append(f'claim sum(net.layers.weights) {sign} {abs(more):_} = {held:_} from "{what}"')
    largest = max((row.elements for row in there), default=0)
    found.append(f"claim max(net.layers.elements) = {largest:_} {origin}")
    sizes: dict[str, tuple[str, Size]] = {}
    for output, index in lowered.outputs[:SHOWN]:
        if index in names and lowered.rows[index].kind != "input":
            items = [source.item(size) for size in source.made.tensors[output].shape]
            sizes[names[index]] = output, product(item if item is not None else 1 for item in items)
    for name, (output, size) in sizes.items():
        found.append(f'claim net.{name}.elements = {int(source.number(size)):_} from "output `{harmless(output)}`"')
    moved = {one.symbol: other for one in source.opened if (other := another(one)) is not None} if twice else {}
    if moved:
        ones = [one for one in source.opened if one.symbol in moved]
        at = ", ".join(f"{one.name} = {moved[one.symbol]}{one.spaced}" for one in ones)
        values = {**source.values, **{one.symbol: moved[one.symbol] // one.step for one in ones}}
        found.append(f"claim sum(net.layers.macs) = {int(value_of(macs, values)):_} MAC at {at} {origin}")
        for name, (output, size) in sizes.items():
            there_too = int(value_of(size, values))
            found.append(f'claim net.{name}.elements = {there_too:_} at {at} from "output `{harmless(output)}`"')
    return found


def another(one: Opened) -> int | None:
    """A second size: twice the first where that may be, otherwise half of it, or the largest or least."""
    tried = [2 * one.value, one.value // 2 // one.step * one.step, one.high, one.low]
    return next((size for size in tried if one.low <= size <= one.high and size != one.value), None)


def harmless(name: str) -> str:
    """A name of the file as a spec may show it: one word, of signs that mean nothing there."""
    return re.sub(r"[^\x21-\x7e]+|[\"{}\\`]+", "_", name)[:100]
