"""Groups: the schedule that is found is the least of all partitions, and a replay holds no more than it may."""

from __future__ import annotations

import pytest

from memdsl.schedule.streaming import Stream

from .graphs import a_graph, streamed
from .partitions import prove


@pytest.mark.parametrize("seed", [*range(15), 26, 40])
def test_the_least_of_all_partitions(seed: int) -> None:
    prove(seed, 6 + seed % 2, oblong=seed % 3 == 0)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("goal", ["time", "energy"])
def test_the_least_time_and_energy(seed: int, goal: str) -> None:
    prove(seed + 100, 6, oblong=True, goal=goal)


@pytest.mark.parametrize("seed", range(8))
def test_the_least_for_several_items(seed: int) -> None:
    prove(seed + 200, 5 + seed % 2, oblong=seed % 2 == 0, batch=(4, 6)[seed % 2])


@pytest.mark.parametrize("seed", [*range(20), 26, 209])
@pytest.mark.parametrize("oblong", [False, True])
def test_a_group_holds_and_reads_no_more_than_is_stated(seed: int, oblong: bool) -> None:
    """Whole and in strips, either way."""
    rows = a_graph(seed, 8, oblong)
    for first in range(1, len(rows)):
        for end in range(first + 1, len(rows) + 1):
            stream = Stream(rows, first, end)
            for cut in [
                *stream.whole(),
                *(stream.cut(way, size) for way in (0.0, 1.0) for size in stream.strips(way, {})),
            ]:
                stated = stream.buffer_inside(cut) + sum(stream.line(i, cut) for i in stream.outside)
                found = streamed(rows, first, end, set(), int(cut.way), int(cut.strips))
                assert found.held <= stated + 1e-6, (cut, first, end)
                members = range(first, end)
                skipped = any(rows[m].window < rows[m].step for m in members)  # columns that nobody needs
                for index in [*stream.outside, *members]:
                    times = 1 + stream.again(index, cut)
                    assert found.times[index] <= times + 1e-9
                    ahead = stream.along[index] if cut.way == 0 else stream.down[index]
                    last = ahead.size - (cut.strips - 1) * cut.strip * ahead.work
                    if not skipped and cut.strip * ahead.work >= -ahead.start and last >= ahead.lead:
                        assert found.times[index] == pytest.approx(times)
