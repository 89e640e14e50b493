"""Speed, as ratios measured side by side in one run: `make bench`.

Nothing here passes or fails: a table of medians is printed, with the aim beside each ratio.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bench_import
import bench_schedule
import bench_sweep

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "specs" / "yolov3.mem"
CHECK = [sys.executable, "-m", "memdsl", "check", str(SPEC)]
SIZES = (100, 1_000, 10_000)

# What `report` cannot do without: the same page laid out by WeasyPrint and the same cells saved by openpyxl.
FLOOR = """
import sys, time
from pathlib import Path
from openpyxl import load_workbook
from weasyprint import HTML
html, book, folder = Path(sys.argv[1]).read_text(), sys.argv[2], Path(sys.argv[3])
start = time.perf_counter()
workbook = load_workbook(book)
loading = time.perf_counter() - start
HTML(string=html).write_pdf(folder / "floor.pdf")
workbook.save(folder / "floor.xlsx")
print(loading)
"""
# WeasyPrint alone, with the tags that our PDF has.
PDF_FLOOR = """
import sys
from pathlib import Path
from weasyprint import HTML
HTML(string=Path(sys.argv[1]).read_text()).write_pdf(sys.argv[2], pdf_tags=True)
"""


def timed(command: Sequence[str], env: dict[str, str]) -> tuple[float, str]:
    """Wall seconds of a whole process, and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return time.perf_counter() - start, done.stdout


def side_by_side(commands: Sequence[Callable[[int], Sequence[str]]], env: dict[str, str], runs: int) -> list[float]:
    """Median seconds of each command, run in turn so that a slow moment of the machine meets all of them.

    A command is made for each turn, so that it may find its spec changed.
    """
    times: list[list[float]] = [[] for _ in commands]
    for turn in range(runs + 1):
        for make, kept in zip(commands, times, strict=True):
            seconds, _ = timed(make(turn), env)
            if turn:
                kept.append(seconds)
    return [statistics.median(kept) for kept in times]


def network(layers: int) -> str:
    """A spec with a network of so many layers, every fourth a sum over a skip."""
    lines = [
        '"A long network"',
        "use std.layers",
        "use std.traffic",
        "use std.hardware",
        "param width = 64 px multiple of 32 from 32 px to 512 px",
        "param sram = 64 KiB from 0 B to 1 GiB",
        "network long(image[h, w, c]) {",
        "  l0 = image -> conv(16)",
    ]
    for i in range(1, layers):
        skip = i % 4 == 3 and i > 3
        lines.append(f"  l{i} = add(l{i - 1}, l{i - 3})" if skip else f"  l{i} = l{i - 1} -> conv(16)")
    lines += ["}", "hardware chip = edge(sram = sram)", "model today = traffic(long([width, width, 3]), chip)"]
    return "\n".join(lines) + "\n"


def cold_start(env: dict[str, str], folder: Path) -> None:
    edited = folder / SPEC.name

    def after_an_edit(turn: int) -> Sequence[str]:
        edited.write_text(f"{SPEC.read_text()}# edit {turn}\n")
        return [*CHECK[:-1], str(edited)]

    bare, unchanged, changed = side_by_side(
        [lambda turn: [sys.executable, "-c", "pass"], lambda turn: CHECK, after_an_edit], env, 11
    )
    print(f"python -c pass                              {bare * 1e3:8.1f} ms")
    print(f"memdsl check yolov3.mem                   {unchanged * 1e3:8.1f} ms   {unchanged / bare:5.1f}x   (aim 10x)")
    print(f"  the same after each edit of the spec      {changed * 1e3:8.1f} ms   {changed / bare:5.1f}x (at most 15x)")


def paper_of(path: Path) -> str:
    """The HTML that the PDF of a spec is typeset from."""
    from memdsl import driver
    from memdsl.report import Report

    source = driver.read(path)
    assert isinstance(source, driver.Source)
    model = driver.build(source, path.parent, path)
    return Report(model).paper()


# What the page does after an input changed: its script's own time, with and without the layout that follows.
MOVES = """async ([path, values]) => {
  const own = [], whole = [];
  for (const value of [...values, ...values, ...values]) {
    const start = performance.now();
    memdsl.set({ [path]: value });
    own.push(performance.now() - start);
    document.body.offsetHeight;
    whole.push(performance.now() - start);
    await new Promise((done) => setTimeout(done, 100));
  }
  const middle = (all) => all.sort((a, b) => a - b)[all.length >> 1];
  const start = performance.now();
  memdsl.analyses.settle();
  return [middle(own), middle(whole), performance.now() - start];
}"""


def page(env: dict[str, str], folder: Path) -> None:
    """How long a page takes to follow an input, in Chromium."""
    import shutil

    from playwright.sync_api import sync_playwright

    browser = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
    long = folder / "long.mem"
    long.write_text(network(10_000))
    widths, sizes = [320, 416, 608, 1024, 1440, 1920], [1e6, 2.5e6, 5e6, 9e6, 2e7]
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox"]).new_page()
        for spec, path, values, aim in (
            (SPEC, "width", widths, 16), (SPEC, "sram", sizes, 16),
            (long, "width", [64, 96, 128, 256, 512], 250), (long, "sram", [1e4, 3e4, 1e5, 1e6], 250),
        ):  # fmt: skip
            timed([sys.executable, "-m", "memdsl", "report", str(spec), "-o", str(folder), "--format", "html"], env)
            file = folder / f"{spec.stem}.html"
            opened.goto(file.as_uri())
            own, whole, again = opened.evaluate(MOVES, [path, values])
            print(
                f"page of {spec.stem} follows {path:5}  script {own:6.1f} ms, with layout {whole:6.1f} ms "
                f"(aim {aim} ms), its analyses {again:6.1f} ms later, {file.stat().st_size / 1e6:.2f} MB"
            )


# One point after another, each with one input changed, in one process; and a cell expanded in all its parameters.
MOVED = """
import statistics, sys, time
from pathlib import Path
from memdsl import driver
path = Path(sys.argv[1])
model = driver.build(driver.read(path), path.parent, path, queries=["today.dram_bytes"])
asked = model.queries[0].formula
for name, values in (("sram", [2.0**e for e in range(16, 28)]), ("width", [32.0 * n for n in range(10, 120)])):
    seconds = []
    for value in values * 3:
        start = time.perf_counter()
        model.machine.value(asked, {name: value})
        seconds.append(time.perf_counter() - start)
    print(name, statistics.median(seconds))
"""


def answers(env: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-c", MOVED, str(SPEC)], env=env, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        name, seconds = line.split()
        print(f"one point of yolov3 after {name:5} changed    {float(seconds) * 1e3:8.2f} ms   (aim 1 ms)")
    memdsl = [sys.executable, "-m", "memdsl"]
    asked = (
        ("explain", "today.dram_bytes"),
        ("solve", "today.dram_bytes <= 300 MB", "--for", "sram"),
        ("sensitivity", "today.dram_bytes"),
    )
    for (command, *words), aim in zip(asked, ("   (aim 1.5 s)", "", ""), strict=True):
        line = [*memdsl, command, str(SPEC), *words]
        cold = statistics.median(timed(line, {**env, "MEMDSL_NO_CACHE": "1"})[0] for _ in range(5))
        warm = statistics.median(timed(line, env)[0] for _ in range(5))
        print(f"memdsl {command} of yolov3's traffic {cold:12.2f} s, {warm:5.2f} s with the cache of parsed files{aim}")


def report(env: dict[str, str], folder: Path) -> None:
    command = [sys.executable, "-m", "memdsl", "report", str(SPEC), "-o", str(folder)]
    timed(command, env)
    paper = folder / "paper.html"
    paper.write_text(paper_of(SPEC), encoding="utf-8")
    floor_command = [sys.executable, "-c", FLOOR, str(paper), str(folder / "yolov3.xlsx"), str(folder)]
    reports, floors = [], []
    for _ in range(5):
        reports.append(timed([*command, "--format", "xlsx,pdf"], env)[0])
        seconds, loading = timed(floor_command, env)
        floors.append(seconds - float(loading))
    whole, floor = statistics.median(reports), statistics.median(floors)
    pdf, alone = side_by_side(
        [
            lambda _: [*command, "--format", "pdf"],
            lambda _: [sys.executable, "-c", PDF_FLOOR, str(paper), str(folder / "floor.pdf")],
        ],
        env,
        5,
    )
    print(f"WeasyPrint on the same HTML                 {alone * 1e3:8.0f} ms")
    print(f"memdsl report yolov3.mem (pdf)              {pdf * 1e3:8.0f} ms   {pdf / alone:5.2f}x   (aim 1.3x)")
    print(f"WeasyPrint and openpyxl on the same content {floor * 1e3:8.0f} ms")
    print(f"memdsl report yolov3.mem (xlsx, pdf)        {whole * 1e3:8.0f} ms   {whole / floor:5.2f}x   (aim 1.3x)")


# The same cells, written by openpyxl alone: what a workbook cannot do without.
PLAIN = """
import sys, time
from openpyxl import Workbook, load_workbook
book = load_workbook(sys.argv[1])
cells = [(s.title, [[c.value for c in row] for row in s.iter_rows()]) for s in book.worksheets]
start = time.perf_counter()
workbook = Workbook()
for title, rows in cells:
    sheet = workbook.create_sheet(title)
    for row in rows:
        sheet.append(row)
workbook.save(sys.argv[2])
print(time.perf_counter() - start)
"""
MADE = """
import sys, time
from pathlib import Path
from memdsl import driver
from memdsl.excel import Part, write_workbook
path = Path(sys.argv[1])
model = driver.build(driver.read(path), path.parent, path)
_ = model.values, model.claims  # computed beforehand
start = time.perf_counter()
write_workbook([Part(model)], Path(sys.argv[2]))
print(time.perf_counter() - start)
"""


def workbooks(env: dict[str, str], folder: Path) -> None:
    """A whole workbook, with formulas, values, looks and trials, against openpyxl writing its bare cells."""
    print("workbook                     memdsl s  openpyxl s   ratio (aim 1.5x)   MB of each")
    long = folder / "long10000.mem"
    long.write_text(network(10_000))
    for spec in (SPEC, long):
        book, bare = folder / "made.xlsx", folder / "bare.xlsx"
        runs = 3 if spec is SPEC else 1
        made = [float(timed([sys.executable, "-c", MADE, str(spec), str(book)], env)[1]) for _ in range(runs)]
        plain = [float(timed([sys.executable, "-c", PLAIN, str(book), str(bare)], env)[1]) for _ in range(runs)]
        a, b = statistics.median(made), statistics.median(plain)
        sizes = f"{book.stat().st_size / 1e6:.1f} and {bare.stat().st_size / 1e6:.1f}"
        print(f"{spec.name:26} {a:10.2f} {b:11.2f} {a / b:7.2f}x {'':11} {sizes}")


def growth(env: dict[str, str], folder: Path) -> None:
    print("layers      check s   ms a layer   report xlsx s   ms a layer   book MB   peak MB so far")
    for size in SIZES:
        spec = folder / f"long{size}.mem"
        spec.write_text(network(size))
        runs = 3 if size < 10_000 else 1
        fresh = {**env, "MEMDSL_NO_CACHE": "1"}
        check = statistics.median(timed([*CHECK[:-1], str(spec)], fresh)[0] for _ in range(runs))
        command = [sys.executable, "-m", "memdsl", "report", str(spec), "-o", str(folder), "--format", "xlsx"]
        book = statistics.median(timed(command, fresh)[0] for _ in range(runs))
        megabytes = (folder / f"long{size}.xlsx").stat().st_size / 1e6
        scale = 1e6 if sys.platform == "darwin" else 1e3
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / scale
        print(
            f"{size:6,} {check:12.2f} {check / size * 1e3:12.2f} {book:15.2f} {book / size * 1e3:12.2f}"
            f" {megabytes:9.1f} {peak:12.0f}"
        )


def editing(folder: Path) -> None:
    """The language server, as an editor sees it."""
    sys.path.insert(0, str(ROOT / "tests" / "lsp"))
    from latency import measure

    measure(folder)


def main() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "dsl")}
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(ROOT / "dsl" / "memdsl")], check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold_start({**env, "XDG_CACHE_HOME": name}, folder)
        answers({**env, "XDG_CACHE_HOME": name})
        report(env, folder)
        page(env, folder)
        workbooks(env, folder)
        growth(env, folder)
        bench_import.imports(side_by_side, env, folder)
        editing(folder)
    bench_sweep.main()
    bench_schedule.show()


if __name__ == "__main__":
    main()
