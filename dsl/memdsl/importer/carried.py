"""Layers that hand on several tensors, such as a residual and a sum of skips: blocks of several inputs and results.

They stand one behind the other in the order of the file, each as many parts as the one before, and each part reads
what its counterpart reads one layer earlier, or the same tensor as all others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..records import record
from .fold import Folding
from .kinds import RESULT
from .parts import Block, Part
from .unify import unified

SHORTEST, LONGEST = 4, 64
"""Parts of a layer."""
LEAST = 3
"""Layers that are worth a block."""
MOST = 4
"""Tensors that a layer takes, and that it gives."""
COST = 4
"""Parts that are worth a tensor less between layers."""
WORDS = {"add": "sum", "times": "scaled", "concat": "joined", "chunk": "part", "conv": "wide", "dense": "wide"}


@record
class Layers:
    """`times` layers of `period` parts from `start` on; `carried` and `given` are places in a layer.

    `carried` are read by the next one, `given` by anything outside; `common` are parts that every layer reads.
    """

    start: int
    period: int
    times: int
    carried: tuple[int, ...]
    given: tuple[int, ...]
    common: tuple[int, ...]

    @property
    def worth(self) -> int:
        """Parts that need not be written, less what the calls of a layer have to say."""
        tensors = len(self.carried) + len(self.given) + len(self.common)
        return (self.times - 1) * self.period - self.times - COST * tensors

    def inside(self, start: int, period: int) -> bool:
        """Whether layers of another period from a part on are several of these taken together."""
        several = period > self.period and period % self.period == 0
        return several and self.start <= start < self.start + self.times * self.period


def fold_carried(folding: Folding, called: Callable[[Part], str]) -> None:
    """Folds such layers, the most worthwhile first. `called` names a tensor that stands outside of them."""
    while (found := _best(folding)) is not None:
        _contract(folding, found, called)


def _best(folding: Folding) -> Layers | None:
    graph, places = folding.graph()
    labels = _labels(folding.parts)
    outputs = {places[id(part)] for part in folding.outputs}
    readers: list[list[int]] = [[] for _ in graph]
    for index, read in enumerate(graph):
        for before in read:
            readers[before].append(index)
    best: Layers | None = None
    for period in range(SHORTEST, min(LONGEST, len(graph) // LEAST) + 1):
        for first, last in _runs(graph, labels, period):
            for start in range(first - period, first):
                times = (last + 1 - start) // period
                if times < LEAST - 1 or (
                    best is not None and (times * period <= best.worth or best.inside(start, period))
                ):
                    continue
                one = _layers(graph, labels, readers, outputs, start, period, times)
                if one is not None and one.worth > (best.worth if best is not None else 0):
                    best = one
    return best


def _labels(parts: Sequence[Part]) -> list[int]:
    """Parts of one number may be one place of a block; what none may hold has a number of its own."""
    known: dict[object, int] = {}
    found = []
    for index, part in enumerate(parts):
        alone = part.kind in ("input", RESULT)
        key: object = index if alone else (part.shape, part.count, id(part.block))
        found.append(known.setdefault(key, len(known)))
    return found


def _runs(graph: Sequence[Sequence[int]], labels: Sequence[int], period: int) -> list[tuple[int, int]]:
    """The longest stretches of parts that are, and read, what the parts a period earlier are and read."""
    found: list[tuple[int, int]] = []
    begun = -1
    for index in range(period, len(graph) + 1):
        same = index < len(graph) and labels[index] == labels[index - period]
        if same:
            mine, other = graph[index], graph[index - period]
            same = len(mine) == len(other) and all(a - b in (0, period) for a, b in zip(mine, other, strict=True))
        if same and begun < 0:
            begun = index
        if not same and begun >= 0:
            if index - begun >= (LEAST - 2) * period:
                found.append((begun, index - 1))
            begun = -1
    return found


def _layers(
    graph: Sequence[Sequence[int]], labels: Sequence[int], readers: Sequence[Sequence[int]], outputs: set[int],
    start: int, period: int, times: int,
) -> Layers | None:  # fmt: skip
    carried: set[int] = set()
    common: set[int] = set()
    second = start + period
    for index in range(second, second + period):
        for now, before in zip(graph[index], graph[index - period], strict=True):
            if now >= second:
                if now - before != period:
                    return None
            elif now == before:
                common.add(now)
            elif now >= start:
                carried.add(now - start)
            else:
                return None
    if any(one >= start for one in common):
        return None
    if _first_too(graph, labels, start, period):
        start, times = start - period, times + 1
    if times < LEAST or not carried or len(carried) + len(common) > MOST:
        return None
    if len(carried) + len(common) == 1 and len(_given(readers, outputs, second, period)) == 1:
        return None  # layers with one way in and out are folded elsewhere
    given = set().union(*(_given(readers, outputs, start + turn * period, period) for turn in range(times)))
    if len(given) > MOST:
        return None
    return Layers(start, period, times, tuple(sorted(carried)), tuple(sorted(given)), tuple(sorted(common)))


def _given(readers: Sequence[Sequence[int]], outputs: set[int], begin: int, period: int) -> set[int]:
    """The places of a layer that something outside of it reads."""
    return {
        place
        for place in range(period)
        if begin + place in outputs or any(not begin <= one < begin + period for one in readers[begin + place])
    }


def _first_too(graph: Sequence[Sequence[int]], labels: Sequence[int], start: int, period: int) -> bool:
    """Whether the parts before the first layer are one too, whose inputs come from anywhere."""
    begin = start - period
    if begin < 0 or any(labels[begin + place] != labels[start + place] for place in range(period)):
        return False
    roles: dict[int, int] = {}
    for index in range(start, start + period):
        mine, other = graph[index], graph[index - period]
        if len(mine) != len(other):
            return False
        for now, before in zip(mine, other, strict=True):
            if now >= start or before >= begin:
                if now - before != period:
                    return False
            elif roles.setdefault(now, before) != before or (now < begin and now != before):
                return False
    return True


def _contract(folding: Folding, found: Layers, called: Callable[[Part], str]) -> None:
    """Puts a call in the place of each layer, and the results that are read of it."""
    parts, graph = folding.parts, folding.graph()[0]
    lists = [
        [parts[found.start + turn * found.period + place] for place in range(found.period)]
        for turn in range(found.times)
    ]
    out = found.carried[-1]
    tensors = [out, *(place for place in found.carried if place != out)]
    reads = [_read(graph, parts, found, turn, tensors) for turn in range(found.times)]
    given = {
        place: place if place in found.carried else _tailed(folding, lists, place)
        for place in found.given
        if place != out
    }
    # the second layer shows what each tensor is: the first may read one tensor in two places
    turned = [*lists[1:], lists[0]]
    entries = [read[0] for read in reads]
    formulas, names, values = unified(turned, [one.axes for one in (*entries[1:], entries[0])], folding.shown)
    values = [values[-1], *values[:-1]]
    taken = {"x", "out", *names, *folding.names}
    results = {end: _free(_named(lists[1][place], lists[1]), taken) for place, end in given.items()}
    inputs = [_free(f"{results.get(given.get(place, place), 'given')}_before", taken) for place in tensors[1:]]
    inputs += [_free(called(parts[index]), taken) for index in found.common]
    whole = any("attention" in part.kind for part in lists[1])
    name = folding.free("transformer" if whole else "unit")
    template = dict(zip((id(one) for one in reads[1]), ["x", *inputs], strict=True))
    block = Block(name, lists[1], formulas, names, entries[1], template, id(lists[1][out]), {
        id(lists[1][place]): text for place, text in results.items()
    })  # fmt: skip
    folding.blocks.append(block)
    instead: dict[int, Part] = {}
    made: list[Part] = []
    for turn, (layer, these) in enumerate(zip(lists, values, strict=True)):
        rows = [row for part in layer for row in part.rows]
        read = [instead.get(id(one), one) for one in reads[turn]]
        numbers = dict(zip(names, these, strict=True))
        call = Part(name, numbers, (), read, rows, layer[out].axes, entries[turn].axes.get("c", 1), block)
        instead[id(layer[out])] = call
        made.append(call)
        for place, text in results.items():
            one = layer[place]
            instead[id(one)] = Part(RESULT, {}, (("name", text),), [call], [], one.axes, call.channels)
            made.append(instead[id(one)])
    inside = {id(part) for layer in lists for part in layer}
    rest = [part for part in parts[found.start :] if id(part) not in inside]
    for part in rest:
        part.inputs = [instead.get(id(one), one) for one in part.inputs]
    folding.outputs = [instead.get(id(one), one) for one in folding.outputs]
    folding.parts = [*parts[: found.start], *made, *rest]


def _tailed(folding: Folding, lists: Sequence[list[Part]], place: int) -> int:
    """Where the result of a place ends: with what alone reads it, where that is one and the same behind every layer."""
    outputs = {id(part) for part in folding.outputs}
    tails: list[Part] = []
    for layer in lists:
        mine = {id(part) for part in layer}
        behind = [part for part in folding.parts if id(part) not in mine and layer[place] in part.inputs]
        if len(behind) != 1 or len(behind[0].inputs) != 1 or id(layer[place]) in outputs or id(behind[0]) in outputs:
            return place
        tails += behind
    first = tails[0]
    if any(tail.shape != first.shape or tail.numbers != first.numbers or tail.count != 1 for tail in tails):
        return place
    for layer, tail in zip(lists, tails, strict=True):
        layer.append(tail)
    return len(lists[0]) - 1


def _read(
    graph: Sequence[Sequence[int]], parts: Sequence[Part], found: Layers, turn: int, tensors: Sequence[int]
) -> list[Part]:
    """The parts that a layer reads, in the order of its arguments."""
    begin = found.start + turn * found.period
    if turn:
        return [parts[begin - found.period + place] for place in tensors] + [parts[index] for index in found.common]
    roles: dict[int, int] = {}
    for place in range(found.period):
        for now, first in zip(graph[begin + found.period + place], graph[begin + place], strict=True):
            if now < begin + found.period:
                roles[now] = first
    return [parts[roles[begin + place]] for place in tensors] + [parts[index] for index in found.common]


def _named(part: Part, layer: Sequence[Part]) -> str:
    """What a result is called: keys and values where attention reads it, else by what makes it."""
    behind, queue = {id(part)}, [part]
    while queue:
        one = queue.pop()
        for reader in layer:
            if not any(read is one for read in reader.inputs) or id(reader) in behind:
                continue
            if reader.kind == "attention":
                return ("queries", "keys", "values")[next(i for i, read in enumerate(reader.inputs) if read is one)]
            if reader.kind in ("reshape", "sequence", "transpose"):
                behind.add(id(reader))
                queue.append(reader)
    return WORDS.get(part.kind, part.kind)


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}{number}", number + 1
    taken.add(found)
    return found
