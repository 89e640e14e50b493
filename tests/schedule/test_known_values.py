"""Networks of the literature at settings that the shipped specs leave out: no more than exact searches elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Problems, Source
from memdsl.evaluate import Model

SPECS = Path(__file__).resolve().parents[2] / "specs"
HEAD = """
use std.layers
use std.hardware
use std.schedules
param sram = 8 MiB  from 32 KiB to 64 MiB  "SRAM"
hardware chip = edge(sram = sram)
"""
RESNET = """
use "resnet50.mem" as classifier
network body(image[h, w, c]) "ResNet-50 v1.5 up to its last pool" {
  stem = image -> conv(64, kernel = 7, stride = 2) -> max_pool(3, stride = 2, ceil_mode = true)
  s2   = stem  -> classifier.entry(64, 1, true, true)  -> 2 * classifier.bottleneck(64)
  s3   = s2    -> classifier.entry(128, 2, true, true) -> 3 * classifier.bottleneck(128)
  s4   = s3    -> classifier.entry(256, 2, true, true) -> 5 * classifier.bottleneck(256)
  out  = s4    -> classifier.entry(512, 2, true, true) -> 2 * classifier.bottleneck(512)
}
"""
VGG = """
network body(image[h, w, c]) "VGG16's convolutions" {
  one = image -> conv(64)  -> conv(64)  -> max_pool(2) -> conv(128) -> conv(128) -> max_pool(2)
  two = one -> conv(256) -> conv(256) -> conv(256) -> max_pool(2) -> conv(512) -> conv(512) -> conv(512) -> max_pool(2)
  out = two -> conv(512) -> conv(512) -> conv(512) -> max_pool(2)
}
"""


def built(text: str) -> Model:
    found = driver.build(Source("known.mem", HEAD + text), SPECS).sound
    assert found is not None
    return found


def test_stages_of_resnet_and_vgg() -> None:
    best = "model best = best_schedule(net, chip)\n"
    image = "network net = body([224, 224, 3])\n" + best
    resnet, vgg, large = (
        built(RESNET + image), built(VGG + image), built(RESNET + "network net = body([1024, 2048, 3])\n" + best)
    )  # fmt: skip
    for model, mebibytes, floor, most in (
        (resnet, 1, 23.71e6, 24.5e6), (resnet, 2, 23.71e6, 23.71e6), (vgg, 2, 14.89e6, 14.89e6),
        (large, 8, 33.94e6, 78.0e6),
    ):  # fmt: skip
        values = model.machine.at({"sram": float(mebibytes << 20)}, Problems())
        assert values.cell("best.floor_bytes") == pytest.approx(floor, rel=3e-4)
        moved = values.cell("best.dram_bytes")
        assert isinstance(moved, float)
        assert moved <= most


def test_yolo_layer_by_layer() -> None:
    """The bound counts no product that falls into the padding: 0.6 % below one that does, from 256 KiB up above it."""
    models = "model rows = tiled_best(net.yolo, chip)\nmodel three = tiled(net.yolo, chip)\n"
    model = built(f'use std.tiling\nuse "yolov3.mem" as net\n{models}')
    for kibibytes, moved, bound in ((64, 1938.5e6, 1594.9e6), (128, 1536.1e6, 1300.3e6), (256, 1290.3e6, 1119.3e6)):
        values = model.machine.at({"sram": 1024.0 * kibibytes}, Problems())
        assert values.cell("rows.tiled_bytes") == pytest.approx(moved, rel=0.002)
        assert values.cell("rows.tiled_bytes") <= moved
        assert values.cell("rows.bound_bytes") == pytest.approx(bound, rel=0.007)
        if kibibytes == 64:  # three dataflows: 2,708.1 MB, one layer of them 2.85 times what is found
            tables = [model.sheet.instances[name].table or "" for name in ("rows", "three")]
            columns = [values.column(tables[0], "tile_bytes"), values.column(tables[1], "best")]
            nested = values.column(tables[0], "nested")
            times = [
                float(three) / float(best) for best, three, one in zip(*columns, nested, strict=True) if one and three
            ]
            assert max(times) == pytest.approx(2.85, abs=0.005)
            assert values.cell("three.tiled_bytes") == pytest.approx(2708.1e6, rel=1e-4)


def test_a_product_of_matrices_moves_each_operand_once() -> None:
    """AccelForge's regression reference: 196,608 bit for a product of three operands of 65,536 bit each."""
    one = "network one(x[n, c]) { out = x -> dense(64) }\nnetwork net = one([64, 64])\n"
    model = built(f"{one}model best = best_schedule(net, chip, act = 16 bit, wgt = 16 bit)\n")
    assert model.values.cell("best.dram_bytes") == 196_608 / 8


def test_yolo_while_the_next_tile_is_loaded() -> None:
    tiled = "model once = tiled_best(net.yolo, chip)\nmodel double = tiled_best(net.yolo, chip, loading = true)\n"
    model = built('use "yolov3.mem" as net\n' + tiled)
    for kibibytes, most in ((256, 1536e6), (4096, 1027.6e6)):
        values = model.machine.at({"sram": 1024.0 * kibibytes}, Problems())
        once, double = (values.cell(f"{name}.tiled_bytes") for name in ("once", "double"))
        assert isinstance(once, float)
        assert isinstance(double, float)
        assert once <= double <= most
    assert once == double
