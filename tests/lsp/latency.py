"""How fast the server answers on a long spec, as a client sees it: used by tests/bench.py."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from editor import Editor, _of
from lsprotocol import types as lsp

LINES, LAYERS, KEYS = 2_000, 500, 30


def long_spec() -> str:
    """A spec of so many lines: a network of so many layers, and cells and claims about them."""
    lines = [
        '"A long network"', "use std.layers", "use std.traffic", "use std.hardware", "",
        'param width = 64 px  multiple of 32  from 32 px to 512 px  "Width of the image"',
        'param sram = 64 KiB  from 0 B to 1 GiB  "On-chip SRAM"', "network long(image[h, w, c]) {",
        "  l0 = image -> conv(16)",
    ]  # fmt: skip
    for i in range(1, LAYERS):
        skip = i % 4 == 3 and i > 3
        lines.append(f"  l{i} = add(l{i - 1}, l{i - 3})" if skip else f"  l{i} = l{i - 1} -> conv(16)")
    lines += ["}", "hardware chip = edge(sram = sram)", "model today = traffic(long([width, width, 3]), chip)"]
    number = 0
    while len(lines) < LINES:
        number += 1
        row = f'today.layers["l{number % LAYERS}"]'
        lines.append(f'share_{number} = {row}.out_bytes / today.dram_bytes  in %  "Share of row {number}"')
        lines.append(f'claim {row}.c = 16  from "a count by hand"')
        lines.append(f'big_{number} = max(share_{number}, {number}%) * sum(today.layers.macs)  in GMAC  "Some work"')
    return "\n".join(lines[:LINES]) + "\n"


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def measure(folder: Path) -> None:
    start = time.perf_counter()
    editor = Editor()
    started = (time.perf_counter() - start) * 1e3
    text = long_spec()
    uri = editor.open(folder / "long.mem", text)
    places = [text.index("Width of"), text.index("  l250 =") + 7, text.index("share_300 =") + 12]
    first, hovers, completions = [], [], []
    whole: list[list[float]] = [[], [], []]
    for number in range(KEYS):
        at = places[number % len(places)]
        key = chr(ord("a") + number // len(places))  # each makes a text that was not there before
        first.append(timed(lambda at=at, key=key: (editor.type(uri, at, at, key), editor.at_once(uri))))
        whole[number % 3].append(first[-1] + timed(lambda: editor.checked(uri)))
        editor.type(uri, at, at + 1, "")
        editor.settle(uri)
        time.sleep(0.05)
        place = editor.place(uri, "dram_bytes", 2, number)
        hovers.append(timed(lambda p=place: editor.hover(uri, p)))
        position = editor.at(uri, text.index(f"share_{number + 9} =") + len(f"share_{number + 9} = today."))
        completions.append(timed(lambda p=position: editor.complete(uri, p)))
    params = lsp.DocumentFormattingParams(_of(uri), lsp.FormattingOptions(2, True))
    formats = [timed(lambda: editor.do(editor.client.text_document_formatting_async(params))) for _ in range(7)]
    editor.stop()
    print(f"a client on a spec of {LINES:,} lines and {LAYERS} layers, medians")
    for what, found, aim in (
        ("the server starts", [started], 500),
        ("diagnostics after a key, of syntax", first, None),
        ("  all of them", [ms for each in whole for ms in each], 50),
        ("  the key in a parameter", whole[0], 50),
        ("  the key in a layer of the network", whole[1], 50),
        ("  the key in a cell", whole[2], 50),
        ("hover", hovers, 20),
        ("completion", completions, 20),
        ("formatting", formats, 200),
    ):
        told = f"   (aim {aim} ms)" if aim is not None else ""
        print(f"{what:40}  {statistics.median(found):8.1f} ms{told}")
