"""Speed of sweeps, in `make bench`: the closed form over a grid, NumPy layer by layer, a loop in C, side by side.

All three fill the same four arrays, made beforehand, and are checked equal; writing Parquet is timed apart.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

import memdsl
from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.sweep import BLOCK, Asked, Axis, Grid, Layout, ParquetSink, Sweep, Track, input_type, sweep_of
from memdsl.symbolic import closed_form

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "specs" / "yolov3.mem"
LOOP = Path(__file__).with_name("bench_sweep.c")
INPUTS = ("width", "height", "sram", "chip.dram.energy")
CELLS = ("today.dram_bytes", "today.energy", "today.time", "today.largest_activation")
RUNS = 5
SAME = 1e-12

Array = npt.NDArray[np.float64]


def grid_of(model: driver.Model) -> Grid:
    """64 widths, 64 heights, 61 sizes of SRAM, 40 energies: 9,994,240 points."""
    sides = 320.0 + 32 * np.arange(64)
    sram = np.floor(np.linspace(0.25, 64, 61) * 2**20)
    values = (sides, sides, sram, np.linspace(20e-12, 300e-12, 40))
    return Grid(
        tuple(
            Axis((Track(path, model.sheet.inputs[path].key, value),))
            for path, value in zip(INPUTS, values, strict=True)
        )
    )


def model_of() -> driver.Model:
    source = driver.read(SPEC)
    assert isinstance(source, Source)
    return driver.build(source, SPEC.parent, SPEC, queries=CELLS)


def sweep_in(model: driver.Model, grid: Grid) -> Sweep:
    asked = [Asked(query.text, query.formula, model.typed.type_of(query.formula)) for query in model.queries]
    return sweep_of(model.typed, model.values, grid, asked)


def median(action: Callable[[], object]) -> float:
    """Median seconds of several runs, after one that warms up."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


# ---- the three sides ------------------------------------------------------------------------------------------------


def fill(sweep: Sweep, results: list[Array], threads: int) -> None:
    """The sweep, what rests on few axes computed anew each time."""
    sweep.forget()
    for block, values in sweep.run(BLOCK, threads):
        for result, value in zip(results, values, strict=True):
            np.copyto(result[block.start : block.start + block.size].reshape(block.shape), value)


class Layers:
    """The formulas of each layer in whole-array NumPy, as one writes them by hand, every buffer used again."""

    def __init__(self, grid: Grid) -> None:
        spec = memdsl.load(SPEC)
        frame = spec.table("today.layers")
        pixels = float(spec["width"]) * float(spec["height"])
        self.layers = [
            (row.out_bytes / pixels, row.wgt_bytes, row.macs / pixels, row.in_out / pixels, bool(row.free))
            for row in frame.itertuples()
        ]
        self.width, self.height, self.sram, self.joule = (np.asarray(v, float) for v in grid.inputs(grid.whole(15)))
        self.pixels, self.out, self.spilled, self.moved, self.work = (np.empty(grid.size) for _ in range(5))
        self.keeps = np.empty(grid.size, dtype=bool)

    def fill(self, results: list[Array]) -> None:
        traffic, energy, seconds, largest = results
        out, moved, work = self.out, self.moved, self.work
        np.multiply(self.width, self.height, out=self.pixels)
        np.multiply(self.pixels, 3, out=traffic)  # the image
        np.multiply(traffic, self.joule, out=energy)
        seconds[:] = 0
        largest[:] = 0
        for out_bytes, weights, macs, in_out, free in self.layers:
            np.multiply(self.pixels, out_bytes, out=out)
            np.maximum(largest, out, out=largest)
            if free:
                moved[:] = weights
            else:
                np.greater(out, self.sram, out=self.keeps)
                np.multiply(out, self.keeps, out=self.spilled)
                np.multiply(self.spilled, 2, out=moved)
                moved += weights
            traffic += moved
            np.multiply(moved, self.joule, out=self.spilled)
            energy += self.spilled
            np.multiply(self.pixels, macs * 0.2e-12 + in_out * 2.5e-12, out=self.spilled)
            energy += self.spilled
            np.multiply(self.pixels, macs / (4096 * 933e6), out=work)
            moved /= 16e9
            np.maximum(work, moved, out=work)
            seconds += work


class Loop:
    """The loop in C, compiled with -O3 -march=native."""

    def __init__(self, folder: Path, grid: Grid, on_chip: float) -> None:
        self.sides = {}
        for threads in (1, 2):
            library = folder / f"loop{threads}.so"
            flags = ["-O3", "-march=native", "-shared", "-fPIC", *(["-fopenmp"] if threads > 1 else [])]
            subprocess.run(["cc", *flags, "-o", str(library), str(LOOP)], check=True)
            self.sides[threads] = ctypes.CDLL(str(library))
        self.axes = [np.asarray(axis.tracks[0].values, float) for axis in grid.axes]
        self.inputs = [np.asarray(values, float) for values in grid.inputs(grid.whole(15))]
        self.on_chip = ctypes.c_double(on_chip)

    def nested(self, results: list[Array], threads: int) -> None:
        axes = [part for axis in self.axes for part in (pointer(axis), ctypes.c_size_t(len(axis)))]
        self.sides[threads].nested(*axes, self.on_chip, *map(pointer, results))

    def points(self, results: list[Array], threads: int) -> None:
        count = ctypes.c_size_t(len(results[0]))
        self.sides[threads].points(count, *map(pointer, self.inputs), self.on_chip, *map(pointer, results))


def pointer(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def on_chip_energy(model: driver.Model) -> float:
    """Joules a pixel that do not come from the DRAM."""
    assert model.machine is not None
    formula = model.queries[1].formula
    free = closed_form(model.typed, model.machine, model.values, formula, ["width", "height", "chip.dram.energy"])
    return free.evaluate({"chip.dram.energy": 0.0, "width": 2048.0, "height": 1024.0}) / 2**21


# ---- what is printed ------------------------------------------------------------------------------------------------


def speed(folder: Path) -> None:
    model = model_of()
    grid = grid_of(model)
    start = time.perf_counter()
    sweep = sweep_in(model, grid)
    print(f"\na sweep of yolov3.mem, 4 cells, {grid.size:,} points; its closed forms are found in", end=" ")
    print(f"{time.perf_counter() - start:.2f} s")
    results, others = ([np.zeros(grid.size) for _ in CELLS] for _ in range(2))
    threads = min(2, os.cpu_count() or 1)
    found = {n: median(lambda n=n: fill(sweep, results, n)) for n in (1, threads)}  # type: ignore[misc]
    layers = Layers(grid)
    numpy = timed_once(lambda: layers.fill(others))
    same("NumPy, layer by layer", results, others)
    scale = 1e9 / grid.size

    def line(name: str, seconds: float, against: float, aim: str) -> None:
        print(f"{name:<44}{seconds * scale:8.2f} ns a point   {seconds / against:6.2f}x the sweep's time{aim}")

    for n in sorted(found):
        print(f"{f'memdsl sweep, {n} thread(s)':<44}{found[n] * scale:8.2f} ns a point")
    line("NumPy, layer by layer, whole arrays", numpy, found[1], "   (aim: at least 10x)")
    if shutil.which("cc") is None:
        print("  no C compiler here: the loop in C was not measured")
        return
    loop = Loop(folder, grid, on_chip_energy(model))
    for name, run in (("loops over the axes", loop.nested), ("a loop over points", loop.points)):
        for n in sorted(found):
            seconds = median(lambda n=n, run=run: run(others, n))  # type: ignore[misc]
            same(f"C, {name}", results, others)
            line(f"C, {name}, {n} thread(s)", seconds, found[n], "   (aim: at least 0.5x)")
    writing(folder, model, sweep)


def timed_once(action: Callable[[], object]) -> float:
    """Seconds of the second of two runs: each takes long."""
    action()
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def same(name: str, results: list[Array], others: list[Array]) -> None:
    for cell, one, other in zip(CELLS, results, others, strict=True):
        worst = float(np.max(np.abs(one / other - 1)))
        if worst > SAME:
            raise SystemExit(f"{name} gives another {cell}: {worst:.3g} apart")


def writing(folder: Path, model: driver.Model, sweep: Sweep) -> None:
    types = [input_type(model.typed, model.sheet.inputs[path]) for path in INPUTS]
    path = folder / "grid.parquet"

    def write() -> None:
        sink = ParquetSink(Layout(sweep, types), path)
        for block, values in sweep.run(BLOCK, 1):
            sink.write(block, values)
        sink.close()

    seconds = timed_once(write)
    each = seconds / sweep.grid.size * 1e9
    print(f"{'with writing to Parquet':<44}{each:8.2f} ns a point   {path.stat().st_size / 1e6:.0f} MB")


def memory(folder: Path, env: dict[str, str]) -> None:
    """10^8 points to Parquet by the command itself, and its largest resident size."""
    over = ("width=320..5088:32", "height=320..2880:32", "sram=0.25 MiB..64 MiB:0.25 MiB")
    energy = "chip.dram.energy=20 pJ/B..300 pJ/B:8.75 pJ/B"
    command = [sys.executable, "-m", "memdsl", "sweep", str(SPEC), "--cells", ",".join(CELLS)]
    command += [word for text in (*over, energy) for word in ("--over", text)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    start = time.perf_counter()
    done = subprocess.run([*command, "--out", str(folder / "large.parquet")], env=env, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    note = "" if peak > before * 1024 else " (or less: a measurement before this one used as much)"
    print(f"memdsl sweep --out: {done.stdout.split('  ', 1)[-1].strip()}; in all {seconds:.0f} s", end="")
    print(f", {peak / 1e6:.0f} MB of memory{note}   (aim: below 1,000 MB)")


def main() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "dsl")}
    with tempfile.TemporaryDirectory() as name:
        memory(Path(name), env)
        speed(Path(name))


if __name__ == "__main__":
    main()
