"""A page that searches again finds what Python finds."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from js import node
from memdsl.js import runtime
from memdsl.schedule import Layer, Rooms, found_in_row, smallest_buffer

from .test_levels import small, some_rooms
from .test_tiling import a_layer

ASK = """
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(([method, given]) => FINDERS[method](given))));
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
