"""`memdsl sweep` as a contract: files and streams, bad input, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas
import pyarrow.parquet
import pytest

ROOT = Path(__file__).parent.parent.parent
SPEC = """
use std.layers
use std.traffic
use std.hardware
param width = 64 px multiple of 32 from 32 px to 4096 px
param sram = 8 kB from 0 B to 1 GB
param mode = "fast" one of "fast", "slow"
network tiny(image[h, w, c]) {
  a = image -> conv(8)
  b = a -> conv(16, stride = 2)
}
hardware chip = edge(sram = sram)
model one = traffic(tiny([width, width, 3]), chip)
wait = if mode == "fast" then one.time else 2 * one.time
largest = argmax(one.layers.out_bytes)
small = one.largest_activation <= sram
require sram >= 1 kB "a buffer is needed"
"""
CELLS = "one.dram_bytes,one.time,wait,largest,small"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False, env=environment())


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "memdsl", "sweep", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "dsl")}


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "spec.mem"
    path.write_text(SPEC)
    return str(path)


OVER = ("--over", "sram=1 kB..64 kB*4", "--over", "width=32,64", "--over", 'mode="fast","slow"')


def test_the_same_points_in_every_form(spec: str, tmp_path: Path) -> None:
    out = {suffix: tmp_path / f"grid.{suffix}" for suffix in ("parquet", "csv")}
    for path in out.values():
        done = run(spec, *OVER, "--cells", CELLS, "--out", str(path))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(str(path))
        assert "16 points" in done.stdout
    parquet, table = pandas.read_parquet(out["parquet"]), pandas.read_csv(out["csv"])
    assert parquet.attrs["units"]["one.time"] == "s"
    assert table.columns[1] == "width"
    assert table.columns[3] == "one.dram_bytes [B]"
    table.columns = parquet.columns
    pandas.testing.assert_frame_equal(parquet, table)
    found = json.loads(run(spec, *OVER, "--cells", CELLS, "--format", "json").stdout)
    columns = {**found["inputs"], **found["cells"]}
    assert {name: column["unit"] for name, column in columns.items()} == parquet.attrs["units"]
    for name, column in columns.items():
        assert column["values"] == parquet[name].tolist()
    assert set(parquet["largest"]) == {"a"}
    assert parquet["small"].dtype == bool


def test_points_are_shown_with_units_and_what_does_not_matter_is_said(spec: str) -> None:
    done = run(spec, "--over", "sram=1 kB..4 kB:1 kB", "--cells", "one.dram_bytes,one.weight_bytes")
    lines = [line.split("  ") for line in done.stdout.splitlines()]
    assert [cell.strip() for cell in lines[0] if cell] == ["sram", "one.dram_bytes", "one.weight_bytes"]
    assert len(lines) == 5
    assert "2 kB" in done.stdout
    assert done.stderr == "one.weight_bytes does not depend on sram\n"


def test_points_that_break_a_requirement_have_no_value(spec: str) -> None:
    done = run(spec, "--over", "sram=0 B,500 B,2 kB", "--cells", "one.dram_bytes", "--format", "json")
    values = json.loads(done.stdout)["cells"]["one.dram_bytes"]["values"]
    assert values[:2] == [None, None]
    assert values[2] > 0
    assert "no value at 2 of 3 points" in done.stderr
    assert "a buffer is needed" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--over", "sram=1 kB..2 kB:1 kB", "--cells", "nosuch"), 1, "nothing here is called `nosuch`"),
        (("--over", "sram=1 kB..2 kB:1 kB", "--cells", "one.layers.macs"), 1, "is a column"),
        (("--over", "srum=1 kB,2 kB"), 1, "did you mean `sram`?"),
        (("--over", "one.dram_bytes=1 kB,2 kB"), 1, "is computed"),
        (("--over", "sram=1 s..2 s:1 s"), 1, "`sram` is data (B), and this is time (s)"),
        (("--over", "sram=1 kB..2 kB*1 kB"), 1, "a factor is a plain number"),
        (("--over", "width=32..100:20"), 1, "is not a multiple of 32 px"),
        (("--over", "width=32..8192:32"), 1, "is outside its range"),
        (("--over", 'mode="fast","medium"'), 1, "is not one of"),
        (("--over", "sram=2 kB..1 kB:1 kB"), 2, "is empty"),
        (("--over", "sram=1 kB..2 kB:0 B"), 2, "the step of `sram` is 0"),
        (("--over", "sram=2 kB..1 kB*2"), 2, "is empty"),
        (("--over", "sram=0 B..1 kB*2"), 2, "above 0"),
        (("--over", "sram=1 kB..2 kB"), 2, "needs a step or a factor"),
        (("--over", "sram"), 2, "write NAME=A..B:STEP"),
        (("--over", "sram=1 kB,2 kB", "--over", "sram=1 kB,2 kB"), 2, "is swept twice"),
        (("--over", "chip.array.clock=1 Hz..1000000000000000 Hz:1 Hz"), 2, "1,000,000,000,000,000 points"),
        (("--over", "sram=1 kB,2 kB", "--out", "grid.xlsx"), 2, ".parquet or .csv"),
    ],
)
def test_bad_input_is_said(spec: str, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(spec, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("older", [False, True])
def test_an_interruption_keeps_whole_row_groups(spec: str, tmp_path: Path, older: bool) -> None:
    out = tmp_path / "grid.parquet"
    if older:
        out.write_text("an older file")
    over = (
        "--over",
        "sram=1 kB..1 MB:1 B",
        "--over",
        "width=32..3200:32",
        "--over",
        "chip.dram.bandwidth=1 GB/s..40 GB/s:1 GB/s",
    )
    process = subprocess.Popen(
        command(spec, *over, "--cells", "one.time", "--out", str(out)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(p.stat().st_size > 1_000_000 for p in tmp_path.glob(".grid.*")):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    kept = tmp_path / ("grid.partial.parquet" if older else "grid.parquet")
    assert str(kept) in said
    assert not older or out.read_text() == "an older file"
    found = pyarrow.parquet.ParquetFile(kept)
    assert 0 < found.metadata.num_rows < 999_001 * 100 * 40
    assert f"{found.metadata.num_rows:,} of 3,996,004,000 points" in said
    assert list(tmp_path.glob(".grid.*")) == []
