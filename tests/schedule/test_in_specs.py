"""Schedules in specs: what a search promises is what the formulas cost, at any setting, stated or found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from memdsl import driver, load
from memdsl.analysis.sweep.vector import VectorMachine
from memdsl.diagnostics import Problems, Source
from memdsl.evaluate import Model
from memdsl.optimise import NotOptimised, optimise, written_into
from memdsl.schedule.bounds import _real
from memdsl.sheet.formula import CellRef
from memdsl.sheet.operations import Value

GOOD = Path(__file__).resolve().parents[1] / "cases" / "good"
SCHEDULES = GOOD / "schedules.mem"


def source(path: Path) -> Source:
    found = driver.read(path)
    assert isinstance(found, Source)
    return found


def model(text: Source) -> Model:
    found = driver.build(text, GOOD, SCHEDULES).sound
    assert found is not None
    return found


@pytest.mark.parametrize("sram", [1024, 1300, 2048, 2500, 5000, 65536])
def test_the_formulas_cost_what_the_search_promises(sram: int) -> None:
    found = model(source(SCHEDULES))
    values = found.machine.at({"sram": float(sram)}, Problems())
    for name, cell in (("best", "dram_bytes"), ("quick", "time"), ("frugal", ""), ("four", "dram_bytes")):
        table = found.sheet.instances[name].table
        assert table is not None
        promises = [p for p in values.column(table, "promise") if p is not None]
        if cell:
            assert values.cell(f"{name}.{cell}") == pytest.approx(promises[0])
        else:  # what is made again beside the DRAM's
            again = zip(values.column(table, "stage_energy"), values.column(table, "again"), strict=True)
            spent = sum(float(energy or 0) * float(share or 0) for energy, share in again)
            assert values.cell(f"{name}.dram_bytes") * 162.5e-12 + spent == pytest.approx(promises[0])
        assert float(values.cell(f"{name}.buffer")) <= sram
        # Some of these are in strips, and 4 items go through the network one, or all, at a time.
        cuts = max(float(cut or 0) for cut in values.column(table, "cuts"))
        assert cuts == {2500: 7, 1300: 1 if name == "four" else 0}.get(sram, 0)
        frames = {float(x) for x in values.column(table, "frames") if x}
        assert frames == ({1.0} if name != "four" else {4.0} if sram >= 5000 else frames)
    tiled = found.sheet.instances["alone"].table
    assert tiled is not None
    rows = zip(
        *(values.column(tiled, name) for name in ("nested", "tile_bytes", "tile_promise", "tile_buffer")), strict=True
    )
    for nested, moved, promise, buffer in rows:
        if nested:
            assert moved == pytest.approx(promise)
            assert isinstance(buffer, float)
            assert buffer <= sram


@pytest.mark.parametrize("sram", [1024, 1536, 3072, 65536])
def test_strange_layers_cost_what_the_search_promises(sram: int) -> None:
    path = GOOD / "strange_layers.mem"
    found = driver.build(source(path), GOOD, path).sound
    assert found is not None
    values = found.machine.at({"sram": float(sram)}, Problems())
    for of in ("alone", "stages"):
        table = found.sheet.instances[of].table
        assert table is not None
        names = ("nested", "tile_bytes", "tile_promise", "tile_buffer", "tile_room")
        for nested, moved, promise, buffer, room in zip(*(values.column(table, n) for n in names), strict=True):
            if nested and room:
                assert moved == pytest.approx(promise)
                assert isinstance(buffer, float)
                assert buffer <= room


def test_a_search_is_followed_by_sweeps_and_can_be_overridden() -> None:
    spec = load(SCHEDULES)
    points: list[Value] = [spec.at(sram=f"{k} KiB")["best.dram_bytes"] for k in (1, 2, 4)]
    swept = spec.sweep({"sram": "1 KiB,2 KiB,4 KiB"}, ["best.dram_bytes"])
    assert list(swept["best.dram_bytes"]) == pytest.approx(points)
    assert points[0] > points[1] >= points[2]
    kept = spec.at({'best.layers["low.conv"].until': 1.0, "sram": "64 KiB"})
    assert kept["best.stages"] == spec.at(sram="64 KiB")["best.stages"]


def test_what_is_found_stands_in_a_spec_as_if_written_by_hand() -> None:
    text = source(SCHEDULES)
    found = optimise(text, GOOD, SCHEDULES, "alone")
    extended = Source(text.name, written_into(text, found))
    again = model(extended)
    assert (
        again.values.cell("alone_best.dram_bytes") == again.values.cell("best.dram_bytes") == pytest.approx(found.bytes)
    )
    assert written_into(extended, found) == extended.text
    assert found.proven
    assert found.floor <= found.bytes < found.before
    assert [row for stage in found.stages for row in stage.rows] == [r.name for r in again.sheet.tables["net"].rows[1:]]


def test_the_least_energy_is_that_of_the_least_traffic() -> None:
    text = Source("small", source(SCHEDULES).text.replace("1.5 KiB", "3 KiB"))
    least, quick = (optimise(text, GOOD, SCHEDULES, "alone", goal) for goal in ("energy", "time"))
    assert least.energy <= quick.energy
    assert least.bytes <= quick.bytes
    assert quick.time <= least.time
    assert least.bytes == optimise(text, GOOD, SCHEDULES, "alone").bytes


def test_why_there_is_no_schedule() -> None:
    text = source(SCHEDULES)
    with pytest.raises(NotOptimised, match="no model `gone`"):
        optimise(text, GOOD, SCHEDULES, "gone")
    with pytest.raises(NotOptimised, match="not for `joules`"):
        optimise(text, GOOD, SCHEDULES, "alone", "joules")


def test_the_buffer_that_meets_a_target_is_closed_in_on() -> None:
    spec = load(SCHEDULES)
    found = spec.solve("best.dram_bytes <= 25 kB", for_="sram")
    least = found.intervals[0].low
    assert float(spec.at(sram=f"{least / 1024!r} KiB")["best.dram_bytes"]) <= 25_000
    assert float(spec.at(sram=f"{0.999 * least / 1024!r} KiB")["best.dram_bytes"]) > 25_000


def test_a_sweep_asks_anew_where_the_buffer_is_another() -> None:
    """The columns of a network are the same for any buffer; what is found from them is not."""
    found = model(source(SCHEDULES))
    formula = found.sheet.cells["best.dram_bytes"].formula
    machine = VectorMachine(found.sheet, found.values, [(CellRef(formula.span, "best.dram_bytes"), "", 0)])
    for least in (1024.0, 8192.0):
        sizes = np.linspace(least, 2 * least, 66)  # more than are computed one by one
        (swept,) = machine.at({"sram": sizes}, len(sizes))
        for number in (0, 65):
            at = found.machine.at({"sram": float(sizes[number])}, Problems())
            assert swept[number] == at.cell("best.dram_bytes")


CHAINS = """\
use std.layers
use std.transformers
use std.hardware
use std.schedules
network net(x[n, c]) { r = x -> {chain}; out = r -> dense(8) }
hardware chip = edge(sram = 64 KiB)
model each = tiled_best(net([128, 128]), chip)
"""


@pytest.mark.parametrize(
    "chain",
    ["experts(choices = 64, active = 1, inner = 4)", "experts(choices = 2, active = 2, inner = 4)"]
    + [f"heads_of(heads = 4, kv_heads = 4, head = 32, ctx = 128{window})" for window in ("", ", window = 1")],
)
def test_products_that_wait_for_each_other_are_no_single_one(chain: str) -> None:
    """Experts and attention: one nest of loops would fetch what one product of theirs needs."""
    found = model(Source("chains", CHAINS.replace("{chain}", chain)))
    values = found.machine.declared(Problems())
    floor = values.cell("each.weights_fetched") + values.cell("each.input_bytes")  # type: ignore[operator]
    assert values.cell("each.dram_bytes") >= floor  # type: ignore[operator]
    kinds = [row.kind for row in found.sheet.tables["net"].rows]
    nested = dict(zip(kinds, values.column("each", "nested"), strict=True))
    assert nested["dense"]
    assert not any(nested.get(kind) for kind in ("experts", "attention"))


def test_a_network_without_products_has_a_schedule() -> None:
    text = "use std.layers\nuse std.hardware\nuse std.schedules\nnetwork net(x[h, w, c]) { r = x -> norm() }\n"
    found = model(Source("norm", text + "hardware chip = edge()\nmodel each = tiled_best(net([8, 8, 8]), chip)\n"))
    assert found.machine.declared(Problems()).cell("each.enough") == 0


def test_a_window_without_end_is_no_work_without_end() -> None:
    assert _real(dense=True, rows=4.0, window=1e300, step=1.0, pad=0.0, size=4.0) == 0
    assert _real(dense=True, rows=8.0, window=3.0, step=1.0, pad=1.0, size=8.0) == 1 - 2 / 24
