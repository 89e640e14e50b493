"""Parts of a graph of rows with one way in and one way out."""

from __future__ import annotations

from collections.abc import Sequence

from ..records import record

BUDGET = 400_000
"""Rows that are looked at in all: a network of 5,000 rows takes 50,000."""
LARGEST = 120


@record
class Region:
    """Rows between `entry`, which is outside, and `exit`, the last of them; in order."""

    entry: int
    exit: int
    rows: tuple[int, ...]


def consumers_of(inputs: Sequence[Sequence[int]]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in inputs]
    for row, read in enumerate(inputs):
        for before in dict.fromkeys(read):
            found[before].append(row)
    return found


def dominators(inputs: Sequence[Sequence[int]]) -> list[int]:
    """For each row the nearest one that every way to it passes, -1 where there is none; rows stand in order."""
    depth: list[int] = []
    found: list[int] = []
    for row, read in enumerate(inputs):
        if not read:
            found.append(-1)
            depth.append(1)
            continue
        common = read[0]
        for other in read[1:]:
            while common != other and common >= 0:
                if other < 0 or depth[common] > depth[other]:
                    common = found[common]
                elif depth[other] > depth[common]:
                    other = found[other]
                else:
                    common, other = found[common], found[other]
        found.append(common)
        depth.append((depth[common] if common >= 0 else 0) + 1)
        assert common < row
    return found


def regions(inputs: Sequence[Sequence[int]], kept: Sequence[int]) -> list[Region]:
    """The regions that end where several ways meet, small ones first. `kept` rows are read from outside."""
    readers = consumers_of(inputs)
    above = dominators(inputs)
    outputs = set(kept)
    budget = BUDGET
    found: list[Region] = []
    for last, read in enumerate(inputs):
        if len(read) < 2 or above[last] < 0:
            continue
        entry = above[last]
        inside = {last}
        queue = [last]
        sound = True
        while queue and sound:
            row = queue.pop()
            for before in inputs[row]:
                if before != entry and before not in inside:
                    inside.add(before)
                    queue.append(before)
                    budget -= 1
            sound = len(inside) <= LARGEST and budget > 0
        if not sound or len(inside) < 2:
            continue
        if any(row in outputs or any(reader not in inside for reader in readers[row]) for row in inside - {last}):
            continue
        if any(before not in inside and before != entry for row in inside for before in inputs[row]):
            continue
        found.append(Region(entry, last, tuple(sorted(inside))))
    return sorted(found, key=lambda region: (len(region.rows), region.exit))
