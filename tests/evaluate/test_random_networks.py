"""Networks drawn at random: shapes, work, traffic in both conventions and the live set, counted over the graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from memdsl import driver
from memdsl.diagnostics import Source

SPEC = """
use std.layers
use std.traffic
use std.hardware
param side = {side} px
param sram = {sram} B
network net(image[h, w, c]) {{
{body}
}}
hardware chip = edge(sram = sram)
network n = net([side, 2 * side, 3])
model articles = traffic(n, chip)
model readers  = careful(n, chip)
"""


@dataclass(frozen=True)
class Row:
    text: str
    inputs: tuple[int, ...]
    shape: tuple[int, int, int]
    weights: int = 0
    macs: int = 0
    view: bool = False
    """It stores nothing of its own: whoever reads it reads what lies behind it."""
    in_place: bool = False

    @property
    def size(self) -> int:
        h, w, c = self.shape
        return h * w * c


@st.composite
def networks(draw: st.DrawFn) -> tuple[int, list[Row]]:
    side = draw(st.integers(4, 24))
    rows = [Row("image", (), (side, 2 * side, 3))]
    rows.append(Row("image -> conv(4)", (0,), (side, 2 * side, 4), 108, 108 * side * 2 * side))
    for _ in range(draw(st.integers(1, 12))):
        a = draw(st.integers(0, len(rows) - 1))
        h, w, c = rows[a].shape
        x = "image" if a == 0 else f"r{a}"
        alike = [i for i, row in enumerate(rows) if row.shape == rows[a].shape and i != a]
        as_high = [i for i, row in enumerate(rows) if row.shape[:2] == (h, w) and i != a]
        choices = ["conv", "conv", "norm"]
        choices += ["pool"] * (h >= 2) + ["upsample"] * (h <= 32) + ["add"] * bool(alike) + ["concat"] * bool(as_high)
        match draw(st.sampled_from(choices)):
            case "conv":
                filters, kernel = draw(st.integers(1, 9)), draw(st.sampled_from((1, 3, 5)))
                stride = draw(st.integers(1, 3))
                new = ((h - 1) // stride + 1, (w - 1) // stride + 1, filters)
                weights = kernel * kernel * c * filters
                text = f"{x} -> conv({filters}, kernel = {kernel}, stride = {stride})"
                rows.append(Row(text, (a,), new, weights, weights * new[0] * new[1]))
            case "pool":
                rows.append(Row(f"{x} -> max_pool(2)", (a,), (h // 2, w // 2, c)))
            case "upsample":
                rows.append(Row(f"{x} -> upsample(2)", (a,), (2 * h, 2 * w, c), view=True))
            case "norm":
                rows.append(Row(f"{x} -> norm()", (a,), (h, w, c), in_place=True))
            case "add":
                b = draw(st.sampled_from(alike))
                y = "image" if b == 0 else f"r{b}"
                rows.append(Row(f"add({x}, {y})", (a, b), (h, w, c), in_place=True))
            case _:
                b = draw(st.sampled_from(as_high))
                y = "image" if b == 0 else f"r{b}"
                rows.append(Row(f"concat({x}, {y})", (a, b), (h, w, c + rows[b].shape[2]), view=True))
    return side, rows


def readers_of(rows: list[Row], index: int) -> list[int]:
    return [i for i, row in enumerate(rows) if index in row.inputs]


def by_articles(rows: list[Row], sram: int) -> int:
    """The image and the weights once; what does not fit is written, and read back once when something reads it."""
    large = [i for i, row in enumerate(rows) if i and not row.view and not row.in_place and row.size > sram]
    return (
        rows[0].size
        + sum(row.weights for row in rows)
        + sum(rows[i].size * (2 if readers_of(rows, i) else 1) for i in large)
    )


def by_readers(rows: list[Row], sram: int) -> float:
    """Every reader fetches what it reads, through views; a sum is made where its last operand is computed."""

    def behind(index: int) -> float:
        row = rows[index]
        if row.view:
            inputs = row.inputs
            return sum(map(behind, inputs)) * max(1, row.size / sum(rows[i].size for i in inputs))
        return row.size if index == 0 or row.size > sram else 0

    moved = 0.0
    for index, row in enumerate(rows):
        if index == 0:
            continue
        last = max(row.inputs)
        moved += row.weights
        if row.in_place:
            moved += sum(behind(i) for i in row.inputs if i < last)
        elif not row.view:
            moved += sum(map(behind, row.inputs)) + (row.size if row.size > sram else 0)
        if not readers_of(rows, index) and (row.view or row.size <= sram):
            moved += row.size
    return moved


def needed_by(rows: list[Row], index: int) -> list[int]:
    """The rows that read a tensor, through views too."""
    readers = readers_of(rows, index)
    return readers + [row for reader in readers if rows[reader].view for row in needed_by(rows, reader)]


def live_sets(rows: list[Row]) -> list[int]:
    """What a view shows is held by the rows behind it, as long as a reader of the view needs it."""
    sizes = []
    for now in range(1, len(rows)):
        stored = [i for i in range(now) if not rows[i].view]
        live = [i for i in stored if any(reader >= now for reader in needed_by(rows, i))]
        own = 0 if rows[now].in_place or rows[now].view else rows[now].size
        sizes.append(sum(rows[i].size for i in live) + own)
    return sizes


@given(networks(), st.sampled_from((0, 50, 400, 3_000, 10**9)))
@settings(max_examples=60)
def test_a_network_is_what_a_count_over_its_graph_gives(drawn: tuple[int, list[Row]], sram: int) -> None:
    side, rows = drawn
    body = "\n".join(f"  r{i} = {row.text}" for i, row in enumerate(rows) if i)
    model = driver.build(Source("drawn", SPEC.format(side=side, sram=sram, body=body)), Path())
    assert [d.message for d in model.diagnostics] == []
    assert [row.name for row in model.sheet.tables["n"].rows] == ["image", *(f"r{i}" for i in range(1, len(rows)))]

    def column(name: str, table: str = "n") -> list[object]:
        return list(model.values.column(table, name))[1:]

    assert list(zip(column("h"), column("w"), column("c"), strict=True)) == [row.shape for row in rows[1:]]
    assert column("weights") == [row.weights for row in rows[1:]]
    assert column("macs") == [row.macs for row in rows[1:]]
    assert model.values.cell("articles.dram_bytes") == by_articles(rows, sram)
    assert model.values.cell("readers.dram_bytes") == by_readers(rows, sram)
    assert column("working", "articles") == live_sets(rows)
