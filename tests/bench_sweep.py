"""Speed of sweeps, in `make bench`: the closed form over a grid, NumPy layer by layer, a loop in C, side by side.

All three fill the same four arrays, made beforehand, and are checked equal; writing Parquet is timed apart.

NumPy computes parts over few axes once and spreads them over the others. That is near a loop in C over points, which
computes everything at each; a loop in C over the axes, with what can stand outside its inner loop put there, stays well
ahead: it writes all results in one go, and NumPy takes a pass for each. A compiled sweep would end that, and change
little for who keeps the points: writing them to a file takes ten times as long as computing them.
"""

from __future__ import annotations

import ctypes
import os
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

from bench_loop import source
from memdsl import driver
from memdsl.analysis.sweep import (
    BLOCK,
    Axis,
    Grid,
    ParquetSink,
    ResultColumns,
    Sweep,
    Target,
    Track,
    input_type,
    sweep_of,
)
from memdsl.diagnostics import Source
from memdsl.symbolic import ClosedForm, closed_form

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "specs" / "yolov3.mem"
INPUTS = ("width", "height", "sram", "chip.dram.energy")
CELLS = ("today.dram_bytes", "today.energy", "today.time", "today.largest_activation")
RUNS = 5
SAME = 1e-12

# Runs a command, and prints the largest resident size that it came to.
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

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
    asked = [Target(query.text, query.formula, model.typed.type_of(query.formula)) for query in model.queries]
    return sweep_of(model.typed, model.values, grid, asked)


def median(action: Callable[[], object], threads: int = 1) -> float:
    """Median seconds of several runs, after one that warms up: of the processor, so that other programs do not count;
    on the clock where there are several threads."""
    clock = time.process_time if threads == 1 else time.perf_counter
    times = []
    for _ in range(RUNS + 1):
        start = clock()
        action()
        times.append(clock() - start)
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

    def __init__(self, model: driver.Model, grid: Grid) -> None:
        table = model.sheet.tables["today"]
        network = model.sheet.tables[table.parent or ""]
        pixels = 2048.0 * 1024.0
        column = model.values.column
        own = {name: column("today", name) for name in ("out_bytes", "wgt_bytes", "work", "in_out")}
        self.rows = []
        for i, row in enumerate(network.rows):
            out, weights, work, in_out = (float(values[i] or 0) for values in own.values())
            free = row.role == "layer" and bool(column(network.id, "free")[i])
            read = not network.relations["consumers"][i]
            fresh = network.relations["fresh"][i]
            self.rows.append(
                (i, row.role == "layer", free, read, fresh, out / pixels, weights, work / pixels, in_out / pixels)
            )
        self.width, self.height, self.sram, self.joule = (np.asarray(v, float) for v in grid.inputs(grid.whole(15)))
        self.pixels, self.part, self.moved = (np.empty(grid.size) for _ in range(3))
        self.keeps = np.empty(grid.size, dtype=bool)
        self.spare: list[Array] = []

    def buffer(self) -> Array:
        return self.spare.pop() if self.spare else np.empty_like(self.pixels)

    def fill(self, results: list[Array]) -> None:
        traffic, energy, seconds, largest = results
        part, moved = self.part, self.moved
        np.multiply(self.width, self.height, out=self.pixels)
        for result in results:
            result[:] = 0
        passed: dict[int, Array] = {}
        for i, layer, free, read, fresh, out_bytes, weights, work, in_out in self.rows:
            spilled = self.buffer()
            np.multiply(self.pixels, out_bytes, out=spilled)
            if not layer:
                passed[i] = spilled
                continue
            np.maximum(largest, spilled, out=largest)
            if free:
                spilled[:] = 0
            else:
                np.greater(spilled, self.sram, out=self.keeps)
                spilled *= self.keeps
            np.add(spilled, weights, out=moved)
            for producer in fresh:
                arriving = passed.pop(producer)
                if free:
                    spilled += arriving
                if not free or read:
                    moved += arriving
                self.spare.append(arriving)
            if read and not free:
                moved += spilled
            passed[i] = spilled
            traffic += moved
            np.multiply(moved, self.joule, out=part)
            energy += part
            np.multiply(self.pixels, work * 0.2e-12 + in_out * 2.5e-12, out=part)
            energy += part
            np.multiply(self.pixels, work / (4096 * 933e6), out=part)
            moved /= 16e9
            np.maximum(part, moved, out=part)
            seconds += part
        self.spare += passed.values()


class Loop:
    """The loop in C, compiled with -O3 -march=native."""

    def __init__(self, folder: Path, grid: Grid, forms: list[ClosedForm]) -> None:
        text = folder / "loop.c"
        text.write_text(source(forms, INPUTS))
        self.sides = {}
        for threads in (1, 2):
            library = folder / f"loop{threads}.so"
            flags = ["-O3", "-march=native", "-shared", "-fPIC", *(["-fopenmp"] if threads > 1 else [])]
            subprocess.run(["cc", *flags, "-o", str(library), str(text), "-lm"], check=True)
            self.sides[threads] = ctypes.CDLL(str(library))
        self.axes = [np.asarray(axis.tracks[0].values, float) for axis in grid.axes]
        self.inputs = [np.asarray(values, float) for values in grid.inputs(grid.whole(15))]

    def nested(self, results: list[Array], threads: int) -> None:
        axes = [part for axis in self.axes for part in (pointer(axis), ctypes.c_size_t(len(axis)))]
        self.sides[threads].nested(*axes, *map(pointer, results))

    def points(self, results: list[Array], threads: int) -> None:
        count = ctypes.c_size_t(len(results[0]))
        self.sides[threads].points(count, *map(pointer, self.inputs), *map(pointer, results))


def pointer(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def closed_forms(model: driver.Model) -> list[ClosedForm]:
    """What `explain` prints of each cell."""
    return [
        closed_form(model.typed, model.machine, model.values, query.formula, INPUTS, query.text)
        for query in model.queries
    ]


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
    found = {n: median(lambda n=n: fill(sweep, results, n), n) for n in (1, threads)}  # type: ignore[misc]
    layers = Layers(model, grid)
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
    loop = Loop(folder, grid, closed_forms(model))
    for name, run in (("loops over the axes", loop.nested), ("a loop over points", loop.points)):
        for n in sorted(found):
            seconds = median(lambda n=n, run=run: run(others, n), n)  # type: ignore[misc]
            same(f"C, {name}", results, others)
            line(f"C, {name}, {n} thread(s)", seconds, found[n], "   (aim: at least 0.5x)")
    writing(folder, model, sweep)


def timed_once(action: Callable[[], object]) -> float:
    """Seconds of the processor in the second of two runs: each takes long."""
    action()
    start = time.process_time()
    action()
    return time.process_time() - start


def same(name: str, results: list[Array], others: list[Array]) -> None:
    for cell, one, other in zip(CELLS, results, others, strict=True):
        worst = float(np.max(np.abs(one / other - 1)))
        if worst > SAME:
            raise SystemExit(f"{name} gives another {cell}: {worst:.3g} apart")


def writing(folder: Path, model: driver.Model, sweep: Sweep) -> None:
    types = [input_type(model.typed, model.sheet.inputs[path]) for path in INPUTS]
    path = folder / "grid.parquet"

    def write() -> None:
        sink = ParquetSink(ResultColumns(sweep, types), path)
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
    command += ["--out", str(folder / "large.parquet")]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], env=env, capture_output=True, text=True, check=True
    )
    *said, size = done.stdout.splitlines()
    peak = int(size) * (1 if sys.platform == "darwin" else 1024)
    print(f"\nmemdsl sweep --out: {said[0].split('  ', 1)[-1].strip()}", end="")
    print(f", {peak / 1e6:.0f} MB of memory   (aim: below 1,000 MB)")


def main() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "dsl")}
    with tempfile.TemporaryDirectory() as name:
        memory(Path(name), env)
        speed(Path(name))


if __name__ == "__main__":
    main()
