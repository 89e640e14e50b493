"""Inputs that mean one thing: set once under Shared, split by what is typed for one, and pulled back from either."""

from __future__ import annotations

from pathlib import Path

import pytest
from office import Cells, edit, read, recalculate
from workbooks import Made, made

from memdsl.diagnostics import Diagnostic
from memdsl.excel.inputs import FOR_ALL, NOT_FOR_ALL, OUTSIDE, WRONG
from memdsl.pull import pull
from memdsl.sheet.operations import Value

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

SPEC = """
"Two chips of a kind, two models"
use std.layers
use std.traffic
use std.hardware
hardware sort(sram) {
  compute array { macs = 64 MAC; clock = 1 GHz }
  memory buffer { capacity = sram }
  memory dram { bandwidth = 4 GB/s }
  peak = array.macs * array.clock
}
hardware small = sort(1 KiB)
hardware large = sort(1 MiB)
network net(image[h, w, c]) { stem = image -> conv(8) -> conv(8) }
model one = traffic(net([16, 16, 3]), small)
model two = traffic(net([16, 16, 3]), large)
wait = one.dram_bytes / small.dram.bandwidth + two.dram_bytes / large.dram.bandwidth
scenario slow { small.dram.bandwidth = 1 GB/s }
"""
PATHS = ("small.dram.bandwidth", "large.dram.bandwidth", "one.act", "two.act")


@pytest.fixture(scope="module")
def book() -> Made:
    return made(SPEC)


def yellow(book: Made, name: str) -> str:
    """The yellow cell of an input, or of what several share."""
    place = book.layout.inputs.get(name)
    if place is not None:
        return place.value
    return next(
        p.shared for p in book.layout.inputs.values() if p.shared and p.path.endswith(name.partition(".")[2] or name)
    )


EDITS: dict[str, dict[str, Value]] = {
    "as made": {},
    "for all": {"sort.dram.bandwidth": 8.0, "act": 16.0},
    "split": {"sort.dram.bandwidth": 8.0, "large.dram.bandwidth": 2.0},
    "over a scenario": {"B4": "slow", "sort.dram.bandwidth": 8.0},
    "out of range": {"sort.dram.bandwidth": -8.0},
    "a text": {"sort.dram.bandwidth": "fast"},
}


@pytest.fixture(scope="module")
def found(book: Made, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Cells]]:
    folder = tmp_path_factory.mktemp("shared")
    book.layout.save(folder / "book.xlsx")
    targets = []
    for number, cells in enumerate(EDITS.values()):
        targets.append(folder / f"{number}.xlsx")
        typed = {at if at == "B4" else yellow(book, at): value for at, value in cells.items()}
        edit(folder / "book.xlsx", targets[-1], book.layout, typed)
    return dict(zip(EDITS, zip(targets, map(read, recalculate(targets, folder)), strict=True), strict=True))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("as made", [4, 4, 8, 8]),
        ("for all", [8, 8, 16, 16]),
        ("split", [8, 2, 8, 8]),
        ("over a scenario", [8, 8, 8, 8]),
        ("a text", [4, 4, 8, 8]),
    ],
)
def test_one_entry_goes_for_all(
    book: Made, found: dict[str, tuple[Path, Cells]], name: str, wanted: list[float]
) -> None:
    _, cells = found[name]
    places = [book.layout.inputs[path] for path in PATHS]
    assert [cells.values["Inputs", f"F{place.row}"] for place in places] == wanted
    results = [value for (sheet, _), value in cells.values.items() if sheet == "Results" and isinstance(value, float)]
    bandwidths, bits = wanted[:2], wanted[2:]
    moved = [
        book.model.machine.at({"one.act": bits[0] / 8, "two.act": bits[1] / 8}, book.model.problems).cell(
            f"{m}.dram_bytes"
        )
        for m in ("one", "two")
    ]
    wait = sum(float(bytes_) / (1e9 * b) for bytes_, b in zip(moved, bandwidths, strict=True))
    assert any(value == pytest.approx(wait, rel=1e-9) for value in results), (wait, results)


def states(cells: Cells) -> list[object]:
    found = (
        value
        for (sheet, at), value in cells.values.items()
        if sheet == "Inputs" and at[0] == "H" and at not in ("H4", "H6")
    )
    return [value for value in found if value]


def test_what_becomes_of_it_is_said(found: dict[str, tuple[Path, Cells]]) -> None:
    assert states(found["as made"][1]) == []
    assert states(found["for all"][1]).count(FOR_ALL) == 2
    assert states(found["out of range"][1]) == [NOT_FOR_ALL, OUTSIDE, OUTSIDE]
    assert states(found["a text"][1]) == [WRONG]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("for all", ["bandwidth = 8 GB/s", "small, act = 16 bit)", "large, act = 16 bit)"]),
        ("over a scenario", ["bandwidth = 8 GB/s"]),
    ],
)
def test_it_is_pulled_for_all(
    found: dict[str, tuple[Path, Cells]], tmp_path: Path, name: str, lines: list[str]
) -> None:
    spec = tmp_path / "test.mem"
    spec.write_text(SPEC, encoding="utf-8")
    file, _ = found[name]
    pulled = pull(file, spec)
    assert not isinstance(pulled, Diagnostic)
    assert pulled.faults == []
    added = [line for line in pulled.diff.splitlines() if line.startswith("+")]
    assert all(any(wanted in line for line in added) for wanted in lines), pulled.diff
    assert len(added) == len(lines) + 1, pulled.diff
