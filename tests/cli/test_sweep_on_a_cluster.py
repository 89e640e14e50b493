"""The same command on a Dask cluster: two worker processes, one of them killed half-way, the same file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas
import pytest
from distributed import LocalCluster

ROOT = Path(__file__).parent.parent.parent
YOLO = str(ROOT / "specs" / "yolov3.mem")
OVER = (
    *("--over", "width=320..4064:32", "--over", "height=320..4064:32", "--over", "sram=0.5 MiB..64 MiB:0.5 MiB"),
    *("--over", "chip.dram.energy=100 pJ/B,200 pJ/B"),
)
CELLS = ("--cells", "today.dram_bytes,today.energy,argmax(naive.layers.time)")
POINTS = 118 * 118 * 128 * 2


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCluster]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "dsl"))
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as found:
        yield found


def command(out: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "memdsl", "sweep", YOLO, *OVER, *CELLS, "--out", str(out), *options]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "dsl")}


def test_a_killed_worker_changes_nothing(cluster: LocalCluster, tmp_path: Path) -> None:
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    alone = subprocess.run(command(here), capture_output=True, text=True, check=False, env=environment())
    assert alone.returncode == 0, alone.stderr
    worker = next(iter(cluster.workers.values())).pid
    os.kill(worker, signal.SIGSTOP)  # so that it dies with work that it was given, however quick the other is
    process = subprocess.Popen(
        command(there, "--scheduler", cluster.scheduler_address),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(p.stat().st_size > 0 for p in tmp_path.glob(".there.*")):
        time.sleep(0.01)
    time.sleep(3)
    assert process.poll() is None
    os.kill(worker, signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    found = pandas.read_parquet(there)
    assert len(found) == POINTS
    pandas.testing.assert_frame_equal(found, pandas.read_parquet(here), check_exact=True)


def test_a_scheduler_that_is_not_there(tmp_path: Path) -> None:
    out = tmp_path / "grid.parquet"
    out.write_text("an older file")
    done = subprocess.run(
        command(out, "--scheduler", "tcp://127.0.0.1:1"), capture_output=True, text=True, check=False, env=environment()
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("memdsl: there is no Dask scheduler at tcp://127.0.0.1:1")
    assert len(done.stderr.splitlines()) == 1
    assert out.read_text() == "an older file"
    assert [p.name for p in tmp_path.iterdir()] == ["grid.parquet"]
