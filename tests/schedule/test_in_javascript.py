"""A page that searches again finds what Python finds."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from js import node
from memdsl.js import runtime
from memdsl.schedule import Layer, Rooms, Row, found_groups, found_in_row, smallest_buffer

from .graphs import a_graph
from .test_levels import small, some_rooms
from .test_tiling import a_layer

ASK = """
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(([method, ...given]) => FINDERS[method](...given))));
"""


def numbers(of: Layer | Rooms) -> list[float]:
    return [float(getattr(of, field.name)) for field in fields(of)]  # type: ignore[arg-type]


def test_a_page_finds_the_same_tiles(tmp_path: Path) -> None:
    asked: list[tuple[str, list[float]]] = []
    for seed in range(150):
        layer = a_layer(seed, 12, strange=seed % 2 == 0)
        asked.append(("tiling", [float(int(smallest_buffer(layer) * (1 + seed % 4))), *numbers(layer)]))
        one = small(seed)
        asked.append(("levels", [*numbers(some_rooms(one, seed, seed % 2 == 0)), *numbers(one)]))
    there = node.run(runtime() + ASK, asked, tmp_path)
    assert isinstance(there, list)
    for (method, given), found in zip(asked, there, strict=True):
        assert found == pytest.approx(found_in_row(method, tuple(given)))


def columns(rows: list[Row]) -> list[list[float]]:
    """The columns of a network that the search reads, in its order."""
    shape = ("view", "in_place", "weights", "size", "point", "height", "width", "window", "step", "pad")
    names = (*shape, "window_across", "step_across", "pad_across", "compute", "energy", "batched")
    listed = [[float(getattr(row, name)) for row in rows] for name in names]
    listed.append([0.0 if row.layer is None else 1.0 for row in rows])
    loops = [[0.0] * 21 if row.layer is None else numbers(row.layer) for row in rows]
    return [*listed, *([loop[k] for loop in loops] for k in range(21))]


def test_a_page_finds_the_same_stages(tmp_path: Path) -> None:
    asked = []
    for seed in range(60):
        rows = a_graph(seed, 10, oblong=seed % 2 == 1)
        everything = sum(row.size + row.weights for row in rows)
        given = [float(int(everything * (0.1 + seed % 5 / 10))), *((0.0, 0.0), (1.0, 0.0), (0.0, 20.0))[seed % 3], 1.0]
        asked.append(("groups", given, columns(rows), [row.inputs for row in rows]))
    there = node.run(runtime() + ASK, asked, tmp_path)
    assert isinstance(there, list)
    for (_, given, listed, inputs), found in zip(asked, there, strict=True):
        here = found_groups(given, listed, inputs)
        for part, wanted in zip(found, here, strict=True):
            assert part == pytest.approx(wanted)
