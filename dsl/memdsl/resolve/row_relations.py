"""Tables while they are built: who knows which columns, and the formula of a column in a row, made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence


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


def tensors(inputs: Sequence[Sequence[int]], stores_nothing: Callable[[int], bool]) -> tuple[tuple[int, ...], ...]:
    """For each row the rows whose outputs are in memory: itself, or those behind a view."""
    found: list[tuple[int, ...]] = []
    for index, given in enumerate(inputs):
        behind = unique_rows(row for source in given for row in found[source])
        found.append(behind if behind and stores_nothing(index) else (index,))
    return tuple(found)


def relations_of(
    inputs: tuple[tuple[int, ...], ...],
    views: Sequence[bool],
    stores_nothing: Callable[[int], bool],
    lenders: Mapping[int, int],
) -> dict[str, tuple[tuple[int, ...], ...]]:
    """All relations of a network's rows."""
    consumers: list[list[int]] = [[] for _ in inputs]
    for index, given in enumerate(inputs):
        for source in unique_rows(given):
            consumers[source].append(index)
    first = [readers[0] if readers else -1 for readers in consumers]
    return {
        "inputs": inputs,
        "fresh": tuple(tuple(i for i in unique_rows(given) if first[i] == row) for row, given in enumerate(inputs)),
        "consumers": tuple(tuple(c) for c in consumers),
        "live": live_rows(consumers, views),
        "origins": origins(inputs, views),
        "lenders": tuple((lenders[i],) if i in lenders else () for i in range(len(inputs))),
        "tensors": tensors(inputs, stores_nothing),
    }
