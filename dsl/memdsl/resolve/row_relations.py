"""Tables while they are built: who knows which columns, and the formula of a column in a row, made when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def unique_rows(indices: Iterable[int]) -> tuple[int, ...]:
    """The indices in order, each once."""
    return tuple(dict.fromkeys(indices))


RELATIONS = ("inputs", "fresh", "consumers", "live", "origins", "lenders", "tensors")
"""Relations of a network's row.

`fresh` are the inputs that no earlier row reads, `origins` the rows that hold what lies behind the inputs, `lenders`
those whose weights it reads, `tensors` the rows whose outputs are read where this one is: itself, or those behind it.
"""


def live_rows(consumers: Sequence[Sequence[int]], views: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """For each row: what is held while it is computed, itself and earlier rows that are read at or after it.

    A view holds nothing; what lies behind it is held as long as the view is read.
    """
    last = list(range(len(consumers)))
    for index in reversed(last):
        for reader in consumers[index]:
            last[index] = max(last[index], last[reader] if views[reader] else reader)
    live: list[int] = []
    result = []
    for index in range(len(last)):
        live = [j for j in live if last[j] >= index]
        if not views[index]:
            live.append(index)
        result.append(tuple(live))
    return tuple(result)


def origins(inputs: Sequence[Sequence[int]], views: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """For each row: the rows that hold its inputs, through views, each once."""
    held: list[tuple[int, ...]] = []
    result = []
    for index, given in enumerate(inputs):
        found = unique_rows(row for one in given for row in held[one])
        held.append(found if views[index] else (index,))
        result.append(found)
    return tuple(result)
