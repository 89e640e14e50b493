"""The face for Python: values, tables, claims, closed forms and renderings of a spec."""

from __future__ import annotations

from pathlib import Path

import numpy
import openpyxl
import pytest

import memdsl

YOLO = Path(__file__).parent.parent / "specs" / "yolov3.mem"


@pytest.fixture(scope="module")
def yolo() -> memdsl.Spec:
    return memdsl.load(YOLO)


def test_values_and_expressions(yolo: memdsl.Spec) -> None:
    assert yolo["today.dram_bytes"] == 470_840_416
    assert yolo["argmax(today.layers.time)"] == "s1.conv"
    assert yolo.at(sram="16 MiB")["today.dram_bytes"] == 336_622_688
    assert (
        yolo.at({"chip.dram.bandwidth": "2 GB/s"}, sram="16 MiB")["today.time"] > yolo.at(sram="16 MiB")["today.time"]
    )
    assert memdsl.load(YOLO, scenario="roomy")["today.spilled_bytes"] == 0


def test_a_table_is_a_frame_with_units(yolo: memdsl.Spec) -> None:
    frame = yolo.table("today.layers")
    assert {"h", "w", "c", "weights", "macs", "elements", "out_bytes", "dram_bytes"} <= set(frame.columns)
    assert frame.index[0] == "stem"
    assert len(frame) == 102
    assert frame.attrs["units"]["dram_bytes"] == "B"
    assert frame["macs"].sum() == 399_081_734_144
    assert list(yolo.table("chip.memories").index) == ["buffer", "dram"]
    with pytest.raises(KeyError, match="there is no table"):
        yolo.table("tomorrow.layers")


def test_sweeps_are_frames_with_units(yolo: memdsl.Spec) -> None:
    frame = yolo.sweep({"sram": "4 MiB..16 MiB*2", "width": [1024, 2048]}, ["today.dram_bytes", "saved"])
    assert list(frame.columns) == ["sram", "width", "today.dram_bytes", "saved"]
    assert frame.attrs["units"] == {"sram": "B", "width": "", "today.dram_bytes": "B", "saved": ""}
    assert frame.loc[3].tolist()[:3] == [8 * 2**20, 2048, 470_840_416]
    table = yolo.grid("today.dram_bytes", {"sram": "4 MiB..16 MiB*2", "width": [2048, 1024]})
    assert list(table.columns) == [2048, 1024]
    assert table.loc[8 * 2**20, 2048] == 470_840_416
    assert table.attrs["units"]["today.dram_bytes"] == "B"
    front = yolo.pareto({"sram": "1 MiB..64 MiB:1 MiB"}, ["sram", "today.dram_bytes"])
    assert (front["sram"] / 2**20).tolist() == [1, 2, 4, 8, 16, 32, 64]
    with pytest.raises(memdsl.SpecError, match="did you mean `sram`"):
        yolo.sweep({"sraam": [1, 2]})
    with pytest.raises(ValueError, match="is empty"):
        yolo.sweep({"sram": "4 MiB..1 MiB:1 MiB"})


def test_values_of_a_sweep_are_of_the_type_of_the_input(yolo: memdsl.Spec) -> None:
    for values in (["1 MiB"], [float("nan")], [True]):
        with pytest.raises(ValueError, match=r"`sram` does not take .*; give numbers in base units, or one text"):
            yolo.sweep({"sram": values}, ["today.time"])


def test_an_input_that_may_be_unlimited_is_compared_with_unlimited(tmp_path: Path) -> None:
    path = tmp_path / "ends.mem"
    path.write_text(
        "param bits = unlimited in bit from 0 bit\n"
        "graded = if bits < unlimited then 1 else 2\n"
        "any_at = if bits == unlimited then 5 else 7\n"
    )
    spec = memdsl.load(path)
    found = spec.sweep({"bits": "8 bit, unlimited"}, ["graded", "any_at"])
    assert found["graded"].tolist() == [1, 2]
    assert found["any_at"].tolist() == [7, 5]
    form = spec.closed_form("graded", ["bits"])
    assert [form.evaluate({"bits": value}) for value in (8, 1e300)] == [1, 2]


def test_uncertainty_is_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "spec.mem"
    path.write_text("param a = 10 J ± 20%\nparam b = 5 J ~ uniform(2 J, 8 J)\ncost = a + 2 * b\n")
    frame = memdsl.load(path).uncertainty(["cost"], samples=2000, seed=3)
    assert frame.attrs["units"] == {"cost": "J"}
    assert frame.loc["cost", ["low", "high", "exact"]].tolist() == [12, 28, True]
    assert abs(frame.loc["cost", "mean"] - 20) < 5 * frame.loc["cost", "mean_error"]
    assert list(frame.attrs["contributions"]["cost"].index) == ["b", "a"]
    with pytest.raises(ValueError, match="no input"):
        memdsl.load(YOLO).uncertainty(["naive.dram_bytes"])


def test_what_a_notebook_shows(yolo: memdsl.Spec) -> None:
    roofline = yolo.charts["roofline-of-today"]
    assert roofline._repr_svg_().startswith("<svg")
    assert "arithmetic intensity (MAC/B)" in roofline.data.columns
    assert roofline.data.loc[0, "name"] == "stem"
    assert "memory-bound" in roofline.alt
    assert yolo.closed_form("naive.work", ["width", "height"])._repr_latex_().startswith("$$\\displaystyle 190{,}297")
    assert "470.84 MB" in yolo._repr_html_()


def test_claims_and_closed_forms(yolo: memdsl.Spec) -> None:
    assert set(yolo.claims["status"]) == {"holds", "disputed"}
    form = yolo.closed_form("sum(today.layers.macs)", ["width", "height"])
    width, height = form.symbols["width"], form.symbols["height"]
    assert form.expression == 190_297 * width * height


def test_renderings(yolo: memdsl.Spec, tmp_path: Path) -> None:
    yolo.to_excel(tmp_path / "yolo.xlsx")
    assert "today" in openpyxl.load_workbook(tmp_path / "yolo.xlsx", read_only=True).sheetnames
    yolo.to_pdf(tmp_path / "yolo.pdf")
    assert (tmp_path / "yolo.pdf").read_bytes().startswith(b"%PDF")
    assert "On-chip SRAM" in yolo._repr_html_()


def test_what_is_asked_wrongly_and_what_is_shown(yolo: memdsl.Spec, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="named by a text"):
        yolo[3]  # type: ignore[index]
    with pytest.raises(OSError, match=r"none/yolo\.xlsx"):
        yolo.to_excel(tmp_path / "none" / "yolo.xlsx")
    assert repr(memdsl.load(YOLO, scenario="small")).endswith("yolov3.mem', scenario='small'>")
    (interval,) = yolo.solve("today.dram_bytes <= 300 MB", for_="sram").intervals
    assert repr(interval) == "[33554432, 1073741824]"


def test_settings_are_numbers_of_any_library(tmp_path: Path) -> None:
    path = tmp_path / "own.mem"
    path.write_text("param n = 3\nparam deep = false\ntwice = if deep then 3 * n else 2 * n\n")
    assert memdsl.load(path).at(n=numpy.float64(5.0), deep=True)["twice"] == 15
    assert memdsl.load(path).at(n=numpy.int64(5), deep=numpy.bool_(False))["twice"] == 10
    with pytest.raises(memdsl.SpecError) as raised:
        memdsl.load(path).at(m=5)
    assert raised.value.diagnostics[0].hint == ""


def test_a_faulty_spec_raises_with_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "faulty.mem"
    path.write_text("x = 1 B + 1 s\n")
    with pytest.raises(memdsl.SpecError, match="unit-mismatch") as raised:
        memdsl.load(path)
    assert [d.code for d in raised.value.diagnostics] == ["unit-mismatch"]
    with pytest.raises(memdsl.SpecError, match="missing-file"):
        memdsl.load(tmp_path / "none.mem")
