"""Specs as models, and the reports made of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.report import Report
from memdsl.report.pdf import write_pdf

SPECS = Path(__file__).resolve().parents[2] / "specs"
DAY = datetime.date(2026, 1, 2)

Make = Callable[..., driver.Model]

HEAD = """\
"A small spec"
use std.layers
use std.traffic
use std.hardware
param width = 64 px multiple of 32 from 32 px to 512 px "Width of the image"
param sram  = 16 kB from 0 B to 1 MB "On-chip SRAM"
network net(image[h, w, c]) { stem = image -> conv(32); s1 = stem -> conv(64, stride = 2) -> conv(32, kernel = 1) }
hardware chip = edge(sram = sram)
model naive = traffic(net([width, width, 3]), chip, capacity = 0 B)
model today = traffic(net([width, width, 3]), chip)
table kernels "Measured kernels" {
  name   | intensity in MAC/B | reached in GMAC/s
  "fc"   | 1                  | 12
  "conv" | 400                | 900
  roof = min(chip.peak, intensity * chip.dram.bandwidth)  in GMAC/s
}
saved = 1 - today.dram_bytes / naive.dram_bytes in % "Share that the SRAM saves"
"""


def make(text: str, *settings: tuple[str, str]) -> driver.Model:
    """A sound model of a text."""
    model = driver.build(Source("small.mem", text), SPECS, None, settings)
    assert [d.message for d in model.problems] == []
    return model


def report_of(model: driver.Model, command: str = "") -> Report:
    return Report(model, command=command, version="1.2.3", today=DAY)


def html_of(model: driver.Model, command: str = "") -> str:
    """The report as it is typeset."""
    return report_of(model, command).paper()


def load(name: str) -> driver.Model:
    source = driver.read(SPECS / name)
    assert isinstance(source, Source)
    model = driver.build(source, SPECS, SPECS / name)
    assert model.sound
    return model


@pytest.fixture(scope="session")
def yolo() -> driver.Model:
    return load("yolov3.mem")


@pytest.fixture(scope="session")
def yolo_html(yolo: driver.Model) -> str:
    return html_of(yolo, "memdsl report specs/yolov3.mem")


@pytest.fixture(scope="session")
def yolo_pdf(yolo_html: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("report") / "yolov3.pdf"
    write_pdf(yolo_html, target)
    return target
