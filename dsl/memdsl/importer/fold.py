"""Rows folded into blocks: parts with one way in and out that recur or have a name; then repetitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from .named import CHAINS, chain_name, foldable, region_name
from .parts import Block, Part
from .regions import Region, consumers_of, regions
from .sizes import Size
from .unify import unified

ROUNDS = 8
LONGEST_PERIOD = 12
LONGEST_SEQUENCE = 10
LARGEST_ALONE = 14
"""Parts of a region that is a block though it stands once: a larger one is a part of the network itself."""


class Folding:
    """The parts of a network while blocks are found in them."""

    def __init__(self, parts: Sequence[Part], outputs: Sequence[Part], shown: Callable[[Size], str]) -> None:
        self.parts = list(parts)
        self.outputs = list(outputs)
        self.shown = shown
        self.blocks: list[Block] = []
        self.names: set[str] = set()
        self.known: dict[tuple[object, ...], Block] = {}

    def run(self) -> None:
        self.regions(("squeeze_excite",))
        for length in (4, 3, 2):
            self.chains(length)
        for _ in range(ROUNDS):
            if not self.regions():
                break
        self.repetitions()
        self.sequences()
        self.blocks = [block for block in self.blocks if self.used(block)]

    def used(self, block: Block) -> bool:
        def inside(parts: Sequence[Part]) -> bool:
            return any(part.block is block or (part.block is not None and inside(part.block.parts)) for part in parts)

        return inside(self.parts)

    # ---- the graph ---------------------------------------------------------------------------------------------------

    def graph(self) -> tuple[list[list[int]], dict[int, int]]:
        places = {id(part): index for index, part in enumerate(self.parts)}
        return [[places[id(one)] for one in part.inputs] for part in self.parts], places

    def contract(self, groups: Sequence[tuple[Sequence[int], Part]]) -> None:
        """Puts one part in the place of each group; a group's last part is what others read."""
        gone: dict[int, Part] = {}
        kept_at: dict[int, Part] = {}
        inside: set[int] = set()
        for members, part in groups:
            gone[id(self.parts[members[-1]])] = part
            kept_at[members[-1]] = part
            inside.update(members)
        found: list[Part] = []
        for index, part in enumerate(self.parts):
            if index in kept_at:
                found.append(kept_at[index])
            elif index not in inside:
                found.append(part)
        for part in found:
            part.inputs = [gone.get(id(one), one) for one in part.inputs]
        self.outputs = [gone.get(id(one), one) for one in self.outputs]
        self.parts = found

    # ---- blocks ------------------------------------------------------------------------------------------------------

    def make(self, places: Sequence[Sequence[int]], entries: Sequence[Part], name: str) -> None:
        """One block for several places of equal structure, and a call of it at each."""
        lists = [[self.parts[index] for index in place] for place in places]
        formulas, names, values = unified(lists, [entry.axes for entry in entries], self.shown)
        block = self.block(name, lists[0], entries[0], formulas, names)
        groups: list[tuple[Sequence[int], Part]] = []
        for place, parts, entry, given in zip(places, lists, entries, values, strict=True):
            rows = [row for part in parts for row in part.rows]
            numbers = dict(zip(names, given, strict=True))
            call = Part(block.name, numbers, (), [entry], rows, parts[-1].axes, entry.axes.get("c", 1), block)
            groups.append((place, call))
        self.contract(groups)

    def block(
        self, name: str, parts: list[Part], entry: Part, formulas: list[dict[str, str]], names: list[str]
    ) -> Block:
        """A block of these parts; one that reads just so is taken again."""
        local = {id(part): number for number, part in enumerate(parts)} | {id(entry): -1}
        body = [
            (*part.shape, part.count, tuple(local[id(one)] for one in part.inputs), tuple(formula.items()))
            for part, formula in zip(parts, formulas, strict=True)
        ]
        signature = (name, tuple(names), tuple(body))
        if signature not in self.known:
            self.known[signature] = Block(self.free(name), parts, formulas, names, entry)
            self.blocks.append(self.known[signature])
        return self.known[signature]

    def free(self, name: str) -> str:
        found, number = name, 2
        while found in self.names:
            found, number = f"{name.rstrip('1')}{number}", number + 1
        self.names.add(found)
        return found

    def chains(self, length: int) -> None:
        """Sequences that have a name whatever stands around them, such as an inverted bottleneck."""
        graph, _ = self.graph()
        readers = consumers_of(graph)
        outputs = {id(part) for part in self.outputs}
        taken: set[int] = set()
        found: dict[tuple[object, ...], list[list[int]]] = {}
        for start in range(len(self.parts)):
            place = [start]
            while len(place) < length:
                last = place[-1]
                if len(readers[last]) != 1 or id(self.parts[last]) in outputs:
                    break
                following = readers[last][0]
                if graph[following] != [last]:
                    break
                place.append(following)
            if len(place) < length or taken & set(place) or len(graph[start]) != 1:
                continue
            name = chain_name([self.parts[index] for index in place])
            if name is None:
                continue
            taken.update(place)
            shape = tuple(self.parts[index].shape for index in place)
            found.setdefault((name, *shape), []).append(place)
        while found:
            key = next(iter(found))
            places = found.pop(key)
            if len(places) < 2 and CHAINS[str(key[0])] < 2:
                continue
            ids = {key: [[id(self.parts[i]) for i in place] for place in places] for key, places in found.items()}
            entries = [self.parts[graph[place[0]][0]] for place in places]
            self.make(places, entries, str(key[0]))
            graph, _ = self.graph()
            where = {id(part): index for index, part in enumerate(self.parts)}
            found = {key: [[where[i] for i in place] for place in places] for key, places in ids.items()}

    def regions(self, only: Sequence[str] = ()) -> bool:
        """Folds the innermost regions that recur or are known; True where there were some."""
        graph, places = self.graph()
        kept = [places[id(part)] for part in self.outputs]
        found = regions(graph, kept)
        keys = {region.exit: self.key(region, graph) for region in found}
        counts = Counter(keys.values())
        names = {region.exit: region_name(self.parts, region, graph) for region in found}
        chosen: list[Region] = []
        inside: set[int] = set()
        for region in found:
            name = names[region.exit]
            if only and name not in only:
                continue
            if name is None and (counts[keys[region.exit]] < 2 or not foldable(self.parts[region.exit])):
                continue
            if counts[keys[region.exit]] < 2 and len(region.rows) > LARGEST_ALONE:
                continue
            if inside & set(region.rows):
                continue
            chosen.append(region)
            inside.update(region.rows)
        if not chosen:
            return False
        groups: dict[tuple[object, ...], list[Region]] = {}
        for region in sorted(chosen, key=lambda region: region.exit):
            groups.setdefault(keys[region.exit], []).append(region)
        members = [
            (
                [[self.parts[i] for i in region.rows] for region in group],
                [self.parts[r.entry] for r in group],
                names[group[0].exit],
            )
            for group in groups.values()
        ]
        for lists, entries, name in members:
            where = {id(part): index for index, part in enumerate(self.parts)}
            now = [[where[id(part)] for part in parts] for parts in lists]
            before = [parts[0].inputs for parts in lists]
            del before
            self.make(
                now, [self.current(entry, parts) for entry, parts in zip(entries, lists, strict=True)], name or "block1"
            )
        return True

    def current(self, entry: Part, parts: Sequence[Part]) -> Part:
        """The part that stands now where the entry of a region stood: another region may have ended there."""
        inside = {id(part) for part in parts}
        for part in parts:
            for one in part.inputs:
                if id(one) not in inside:
                    return one
        return entry

    def key(self, region: Region, graph: Sequence[Sequence[int]]) -> tuple[object, ...]:
        local = {row: number for number, row in enumerate(region.rows)} | {region.entry: -1}
        return tuple((self.parts[row].shape, tuple(local[before] for before in graph[row])) for row in region.rows)

    # ---- repetitions -------------------------------------------------------------------------------------------------

    def repetitions(self) -> None:
        """Equal neighbours: one part with a count; equal sequences of neighbours: a block of their own first."""
        period = 1
        while period <= LONGEST_PERIOD:
            period = 1 if self.repeat(period) else period + 1

    def following(self, graph: Sequence[Sequence[int]]) -> list[int | None]:
        """For each part the one behind it, where that reads nothing else and nothing else reads it."""
        readers = consumers_of(graph)
        outputs = {id(part) for part in self.outputs}
        found: list[int | None] = []
        for index, part in enumerate(self.parts):
            alone = len(readers[index]) == 1 and id(part) not in outputs and graph[readers[index][0]] == [index]
            found.append(readers[index][0] if alone else None)
        return found

    def sequences(self) -> None:
        """Longer sequences that recur at a distance, such as the necks of a detector."""
        for length in range(LONGEST_SEQUENCE, 2, -1):
            self.recurring(length)

    def recurring(self, length: int) -> None:
        graph, _ = self.graph()
        following = self.following(graph)
        taken: set[int] = set()
        found: dict[tuple[object, ...], list[list[int]]] = {}
        for start in range(len(self.parts)):
            place: list[int] = [start]
            while len(place) < length and (behind := following[place[-1]]) is not None:
                place.append(behind)
            if len(place) < length or len(graph[start]) != 1:
                continue
            parts = [self.parts[index] for index in place]
            work = sum(part.block is not None or bool({"filters", "features"} & set(part.numbers)) for part in parts)
            if work < 3 or any(part.count > 1 for part in parts):
                continue
            found.setdefault(tuple(part.shape for part in parts), []).append(place)
        chosen: list[list[list[int]]] = []
        for places in found.values():
            free: list[list[int]] = []
            for place in places:
                if not taken & set(place):
                    free.append(place)
                    taken.update(place)
            if len(free) * length >= 12 and len(free) > 1 and self.alike(free, graph):
                chosen.append(free)
            else:
                taken.difference_update(*free)
        ids = [[[id(self.parts[index]) for index in place] for place in places] for places in chosen]
        for places_by_id in ids:
            where = {id(part): index for index, part in enumerate(self.parts)}
            now, _ = self.graph()
            places = [[where[one] for one in place] for place in places_by_id]
            entries = [self.parts[now[place[0]][0]] for place in places]
            self.make(places, entries, chain_name([self.parts[index] for index in places[0]]) or "block1")

    def alike(self, places: Sequence[Sequence[int]], graph: Sequence[Sequence[int]]) -> bool:
        """Whether few numbers tell the places apart."""
        lists = [[self.parts[index] for index in place] for place in places]
        entries = [self.parts[graph[place[0]][0]].axes for place in places]
        _, names, _ = unified(lists, entries, self.shown)
        return len(names) <= 3

    def repeat(self, period: int) -> bool:
        graph, _ = self.graph()
        following = self.following(graph)
        for start in range(len(self.parts)):
            if len(graph[start]) != 1 or (period == 1 and self.parts[start].block is None):
                continue
            run = [start]
            while len(run) < 4096:
                behind = following[run[-1]]
                if behind is None:
                    break
                if len(run) >= period and not same(self.parts[behind], self.parts[run[-period]]):
                    break
                run.append(behind)
            times = len(run) // period
            if times < 2:
                continue
            entry = self.parts[graph[start][0]]
            first = [self.parts[index] for index in run[:period]]
            if period > 1:
                if not any(part.block is not None or len(part.inputs) > 1 for part in first) and period < 3:
                    continue
                if any(part.count > 1 for part in first) and period < 2:
                    continue
                if first[-1].axes != entry.axes and list(first[-1].axes) != list(entry.axes):
                    continue
                places = [run[turn * period : (turn + 1) * period] for turn in range(times)]
                entries = [self.parts[graph[place[0]][0]] for place in places]
                self.make(places, entries, chain_name(first) or "block1")
                return True
            members = run[: times * period]
            last = self.parts[members[-1]]
            rows = [row for index in members for row in self.parts[index].rows]
            head = self.parts[start]
            count = sum(self.parts[index].count for index in members)
            whole = Part(
                head.kind, head.numbers, head.structure, [entry], rows, last.axes, head.channels, head.block, count
            )
            self.contract([(members, whole)])
            return True
        return False


def same(a: Part, b: Part) -> bool:
    """Whether two calls are written alike."""
    return a.shape == b.shape and a.numbers == b.numbers and a.block is b.block and a.count == b.count
