"""Rows that together are one kind of the library: attention."""

from __future__ import annotations

from collections.abc import Sequence

from .infer import product
from .regions import consumers_of
from .rows import Argument, Row
from .sizes import Size, exact


def join_attention(rows: Sequence[Row], outputs: Sequence[int]) -> None:
    """Scores, their softmax and the weighted sum become one row, in the place of the sum. The others have no reader."""
    readers = consumers_of([row.inputs for row in rows])
    for shares in rows:
        if shares.kind != "softmax" or shares.index in outputs or len(readers[shares.index]) != 1:
            continue
        scores, mixed = rows[shares.inputs[0]], rows[readers[shares.index][0]]
        alone = scores.index not in outputs and readers[scores.index] == [shares.index]
        if alone and scores.kind == mixed.kind == "matmul" and mixed.inputs[0] == shares.index:
            _join(rows, readers, scores, shares, mixed)


def _join(rows: Sequence[Row], readers: Sequence[Sequence[int]], scores: Row, shares: Row, mixed: Row) -> None:
    heads, shared = scores.arguments.get("heads", 1), scores.arguments.get("shared", 1)
    if (heads, shared) != (mixed.arguments.get("heads", 1), mixed.arguments.get("shared", 1)):
        return
    if not isinstance(heads, int) or not isinstance(shared, int) or mixed.arguments.get("transposed"):
        return
    query, keys, values = rows[scores.inputs[0]], rows[scores.inputs[1]], rows[mixed.inputs[1]]
    windows = _windows(query)
    if any(_windows(one) != windows for one in (keys, values)):
        return
    if not scores.arguments.get("transposed"):  # keys lie the other way round: they are seen as they were
        count = exact(scores.axes["c"], heads)
        wide = exact(product(keys.axes.values()), windows * count) if count is not None else None
        if keys.kind != "reshape" or readers[keys.index] != [scores.index] or count is None or wide is None:
            return
        keys.axes = {**keys.axes, "n": count, "c": wide}
        keys.arguments = dict(keys.axes)
    arguments: dict[str, Argument] = {"heads": heads, "causal": False}
    if shared != 1:
        arguments["kv_heads"] = heads // shared
    mixed.kind, mixed.arguments = "attention", arguments
    mixed.inputs = [query.index, keys.index, values.index]
    mixed.macs = scores.macs + mixed.macs
    three = scores, shares, mixed
    mixed.makers = sum(bool(row.nodes) for row in three)
    mixed.nodes = [name for row in three for name in row.nodes[:1]] + [name for row in three for name in row.nodes[1:]]


def _windows(row: Row) -> Size:
    return product(size for axis, size in row.axes.items() if axis not in ("n", "c"))
