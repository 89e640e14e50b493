"""`sensitivity` and `solve` in a report: their tables and charts on the page, and their sheet in the workbook."""

from __future__ import annotations

import re
from pathlib import Path

from openpyxl import load_workbook

import memdsl

SPEC = """
use std.layers
use std.traffic
use std.hardware
param size = 64 px multiple of 32 from 32 px to 256 px
param sram = 20 kB from 0 B to 1 MB
param bits = 8 one of 4, 8
network net(image[h, w, c]) { a = image -> conv(8) -> conv(8, stride = 2) }
hardware chip = edge(sram = sram)
model m = traffic(net([size, size, 3]), chip)
report {
  sensitivity of m.dram_bytes, m.time to size, sram by 20%
  solve m.dram_bytes <= 60 kB for sram
  solve m.dram_bytes <= 60 kB for size
  solve m.dram_bytes <= 60 kB for chip.dram.bandwidth
  solve floor(sram / 1 B * 1000) == 3 for sram
  solve bits > 4 for bits
}
"""


def test_they_stand_on_the_page_and_in_the_workbook(tmp_path: Path) -> None:
    path = tmp_path / "asks.mem"
    path.write_text(SPEC)
    spec = memdsl.load(path)
    page = spec.to_html()
    assert "What moves m.dram_bytes" in page  # the table
    assert page.count("What moves DRAM traffic of one pass") >= 2  # the chart and its words
    text = re.sub(r"<[^>]+>", " ", page)
    assert "from 32.768 kB to 1,000 kB" in text
    assert "does not depend on chip.dram.bandwidth" in text
    assert "more than 20,000 values" in text
    frame = spec.sensitivity("m.dram_bytes", ["size", "sram"], by=0.2)
    assert list(frame.index) == ["size", "sram"]

    spec.to_excel(tmp_path / "asks.xlsx")
    sheet = load_workbook(tmp_path / "asks.xlsx")["Analyses"]
    rows = list(sheet.iter_rows(values_only=True))
    size = next(row for row in rows if row[0] == "size")
    assert size[4:6] == (frame.loc["size", "at_low"] / 1e3, frame.loc["size", "at_high"] / 1e3)
    assert (32.768, 1000, "from 32.768 kB to 1,000 kB") in [row[:3] for row in rows]
    assert spec.solve("m.dram_bytes <= 60 kB", for_="sram").intervals[0].low == 32768
