"""How long searches of schedules take: YOLOv3 tiled, its best stages here and in a page, 1,000 rows."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.js import runtime
from memdsl.schedule import METHODS, Layer, Row, best_groups, best_tiling, found_groups

SPEC = Path(__file__).parent.parent / "specs" / "best_schedule.mem"
KIB, MIB = 1024.0, 1024.0**2


def rows() -> list[tuple[str, float, float]]:
    """What was measured, its seconds, and the aim."""
    source = driver.read(SPEC)
    assert isinstance(source, Source)
    model = driver.build(source, SPEC.parent, SPEC).sound
    assert model is not None
    table = model.sheet.instances["yolo"].table
    assert table is not None
    listed = [[float(x or 0.0) for x in model.values.column(table, name)] for name in METHODS["groups"].listed]
    network = model.sheet.tables[model.sheet.tables[table].parent or ""]
    inputs = [list(found) for found in network.relations["inputs"]]
    loops = [[column[k] for column in listed[17:]] for k in range(len(inputs)) if listed[16][k] > 0]
    layers = [Layer(*numbers) for numbers in loops]
    long = long_network(1_000)
    return [
        (
            f"{len(layers)} layers of YOLOv3 tiled, 64 KiB",
            seconds(lambda: [best_tiling(x, 64 * KIB) for x in layers]),
            0.3,
        ),
        ("stages of YOLOv3, 8 MiB", seconds(lambda: found_groups([8 * MIB, 0.0, 0.0, 1.0], listed, inputs)), 1.0),
        ("the same in a page, Chromium", in_a_page([8 * MIB, 0.0, 0.0, 1.0], listed, inputs), 0.25),
        ("stages of 1,000 rows with skips, 256 KiB", seconds(lambda: best_groups(long, 256 * KIB)), 60.0),
    ]


def in_a_page(*given: object) -> float:
    """Seconds that a page searches for the first time, in headless Chromium."""
    browser = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
    asked = """(given) => {
      const start = performance.now();
      FINDERS.groups(...given);
      return (performance.now() - start) / 1000;
    }"""
    with sync_playwright() as play:
        page = play.chromium.launch(executable_path=browser, args=["--no-sandbox"]).new_page()
        page.set_content(f"<script>{runtime()}\nglobalThis.FINDERS = FINDERS;</script>")
        taken = page.evaluate(asked, list(given))
    return float(taken)


def long_network(count: int) -> list[Row]:
    """A source and rows of 56 x 56 x 64, every third a sum over the row before the two before it."""
    size, weights = 56.0 * 56 * 64, 64.0 * 64 * 9
    layer = Layer(1, 1, 64, 64, 56, 56, 3, 1, 1, 56, 3, 1, 1, 56, 9, 1, 1, 1, 1, 1, 1)
    made = [Row(True, False, False, False, [], [0], 0, size, 64, 56, 56, 1, 1, 0, 1, 1, 0, 0, 0, 0, None)]
    for k in range(1, count + 1):
        add = k % 3 == 0
        window, pad = (1, 0) if add else (3, 1)
        made.append(
            Row(
                False, False, add, k == count, [k - 3, k - 1] if add else [k - 1], [k], 0 if add else weights, size, 64,
                56, 56, window, 1, pad, window, 1, pad, 0, 0, 0, None if add else layer,
            )
        )  # fmt: skip
    return made


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def show() -> None:
    """Prints the table."""
    print("\nSchedules, seconds (ZigZag 3.9.1 took 186 s for ResNet-18 on its TPU-like chip, apart: other work)")
    for name, taken, aim in rows():
        print(f"  {name:42} {taken:8.3f}   (aim {aim:g})")


if __name__ == "__main__":
    show()
