"""The front of a sweep against the definition, and against the whole grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweeps import asked, axis, model_of, sweep

from memdsl.analysis.sweep import ParetoSink, ResultColumns, goal_of, nondominated

SPEC = """
param a = 1 from 0 to 100
param b = 1 from 0 to 100
param c = 1 from 0 to 100
param d = 1 from 0 to 100
rise = a + 2 * b
fall = 100 / (a + 1) + floor(b / 3)
far = (a - 5)^2 + (b - 2)^2
bound = if c > 2 then sqrt(c - 4) else 1
"""


def best(goals: np.ndarray) -> list[int]:  # type: ignore[type-arg]
    """By the definition; of equal points the first."""
    found = []
    for i, point in enumerate(goals):
        beaten = ((goals <= point).all(axis=1) & (goals < point).any(axis=1)).any()
        equal = (goals[:i] == point).all(axis=1).any()
        if not beaten and not equal:
            found.append(i)
    return found


@given(
    st.integers(2, 4).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, 6), min_size=k, max_size=k), min_size=1, max_size=60)
    )
)
@settings(max_examples=200)
def test_no_point_of_the_front_is_beaten(points: list[list[int]]) -> None:
    goals = np.array(points, dtype=float)
    front = nondominated(goals)
    assert sorted(map(tuple, goals[front])) == sorted(map(tuple, goals[best(goals)]))
    assert len(set(map(tuple, goals[front]))) == len(front)


@pytest.mark.parametrize("cells", ["rise,fall", "max:rise,fall", "rise,fall,far", "rise,fall,far,bound", "a,max:far"])
def test_the_front_of_a_grid_is_that_of_all_its_points(cells: str) -> None:
    model = model_of(SPEC)
    goals = [goal_of(text) for text in cells.split(",")]
    axes = [
        axis(model, "a", range(8)),
        axis(model, "d", [1, 2]),
        axis(model, "b", range(7)),
        axis(model, "c", range(8)),
    ]
    found = sweep(model, axes, [goal.cell for goal in goals])
    sink = ParetoSink(ResultColumns(found, [model.typed.cell_types[name] for name in "adbc"]), goals)
    for block, values in found.run(100):
        sink.write(block, values)
    sink.close()
    whole = found.grid.whole(15)
    values = [np.broadcast_to(value, whole.shape).reshape(-1) for value in found.compute(whole)]
    table = np.stack([goal.sign * value for goal, value in zip(goals, values, strict=True)], axis=1)
    table = table[~np.isnan(table).any(axis=1)]
    frame = sink.frame
    front = np.stack([goal.sign * frame[goal.cell].to_numpy() for goal in goals], axis=1)
    assert sorted(map(tuple, front)) == sorted(map(tuple, table[best(table)]))
    assert sink.points == 8 * 2 * 7 * 8
    for row in frame.to_dict("records"):
        point = {name: row[name] for name in "adbc"}
        values_ = model.machine.at(point, model.problems)
        for cell in asked(model, [goal.cell for goal in goals]):
            assert values_.cell(cell.text) == row[cell.text]
