"""Grids, fronts and uncertainty in a report: what stands there is what the evaluator gives; every output has it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import memdsl
from memdsl import driver
from memdsl.analysis.reported import fronted, gridded, point_tables, uncertainties_asked, uncertainty_tables
from memdsl.diagnostics import Problems, Source
from memdsl.sheet.report import GridItem, ParetoItem, UncertaintyItem

SPEC = """
"Analyses"
use std.layers
use std.traffic
use std.hardware
param width = 640 px  multiple of 32  from 32 px to 4096 px  ± 20%
param sram = 64 kB  from 0 B to 1 GB
param joule = 100 pJ/B  ~ lognormal(2)
network tiny(image[h, w, c]) {
  a = image -> conv(8)
  b = a -> conv(16, stride = 2)
}
hardware chip = edge(sram = sram)
model one = traffic(tiny([width, width, 3]), chip)
moved = one.dram_bytes * joule
heavy = if one.dram_bytes > 10 MB then "heavy" else "light"
report {
  uncertainty of moved, one.dram_bytes
  grid one.dram_bytes, one.time over sram = 64 kB..8 MB times 2
  grid one.dram_bytes over sram = 1 MB..4 MB step 1 MB, width = [320, 640, 1280]
  pareto one.time, sram over sram = 64 kB..8 MB times 2, width = [320, 640]
  grid one.dram_bytes over sram = [64 kB, 1 MB], width = [320, 640], joule = [1 pJ/B, 2 pJ/B]
  grid one.dram_bytes over width = 320..8192 step 32
}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("analyses") / "analyses.mem"
    found.write_text(SPEC, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def model() -> driver.Model:
    built = driver.build(Source("spec.mem", SPEC), Path())
    assert built.sound, [d.message for d in built.problems]
    return built


def items(model: driver.Model, kind: type) -> list:  # type: ignore[type-arg]
    return [item for item in model.sheet.report or () if isinstance(item, kind)]


def at(model: driver.Model, cell: str, **point: float) -> float:
    return float(model.machine.at(point, Problems()).cell(cell))


def test_a_grid_over_one_input(model: driver.Model) -> None:
    (answer,) = point_tables(gridded(model.typed, model.values, items(model, GridItem)[0]))
    assert [(c.title, c.unit) for c in answer.columns] == [("sram", "kB"), ("one.dram_bytes", "MB"), ("one.time", "us")]
    assert [row[0] for row in answer.rows] == [64 * 2**k for k in range(7)]
    for sram, traffic, seconds in answer.rows:
        assert traffic == pytest.approx(at(model, "one.dram_bytes", sram=float(sram) * 1e3) / 1e6)
        assert seconds == pytest.approx(at(model, "one.time", sram=float(sram) * 1e3) * 1e6)


def test_a_grid_over_two_inputs_is_crossed(model: driver.Model) -> None:
    (answer,) = point_tables(gridded(model.typed, model.values, items(model, GridItem)[1]))
    assert [c.title for c in answer.columns] == ["sram", "width = 320 px", "width = 640 px", "width = 1280 px"]
    for sram, *values in answer.rows:
        for width, value in zip((320, 640, 1280), values, strict=True):
            assert value == pytest.approx(at(model, "one.dram_bytes", sram=float(sram) * 1e6, width=width) / 1e6)


def test_a_grid_over_three_inputs_is_a_list(model: driver.Model) -> None:
    (answer,) = point_tables(gridded(model.typed, model.values, items(model, GridItem)[2]))
    assert len(answer.rows) == 8
    assert [c.title for c in answer.columns] == ["sram", "width", "joule", "one.dram_bytes"]


def test_a_front_has_no_point_that_another_beats(model: driver.Model) -> None:
    (answer,) = point_tables(fronted(model.typed, model.values, items(model, ParetoItem)[0]))
    assert [c.title for c in answer.columns] == ["sram", "width", "one.time"]
    points = [(float(sram), float(seconds)) for sram, _, seconds in answer.rows]
    assert len(points) > 1
    for one in points:
        assert not any(a <= one[0] and b <= one[1] for a, b in points if (a, b) != one)


def test_a_range_beyond_what_an_input_admits_is_said(model: driver.Model) -> None:
    (answer,) = point_tables(gridded(model.typed, model.values, items(model, GridItem)[3]))
    assert answer.columns == ()
    assert "width = 8,192 px is outside its range" in answer.notes[0]


def test_uncertainty_is_a_table_of_cells_and_one_of_inputs_for_each(model: driver.Model) -> None:
    found = uncertainty_tables(
        model.typed, *uncertainties_asked(model.typed, model.values, items(model, UncertaintyItem)[0])
    )
    assert [answer.title for answer in found[1:]] == ["What makes moved unsure", "What makes one.dram_bytes unsure"]
    assert [row[0] for row in found[0].rows] == ["moved", "one.dram_bytes"]
    assert [row[0] for row in found[1].rows] == ["joule", "width"]
    assert "seed 1" in found[0].notes[0]


def test_every_output_shows_them(path: Path, tmp_path: Path) -> None:
    spec = memdsl.load(path)
    html = spec.to_html()
    for text in ("How sure the figures are", "What makes moved unsure", "Pareto front of one.time and sram", "Sobol"):
        assert text in html
    spec.to_excel(tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["Analyses"]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {"How sure the figures are", "one.dram_bytes over sram and width"} <= texts
