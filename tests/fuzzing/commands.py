"""Files of strangers, and a command that reads them."""

from __future__ import annotations

import io
import lzma
import random
import re
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from .damage import TESTS, bitten, damaged, specs
from .drawn import drawn

Command = Sequence[str]

SMALL = """"A small spec"
param side = 64 px multiple of 32 from 32 px to 512 px
param sram = 8 MiB from 0 B to 1 GiB
param mode = "fast" one of "fast", "slow"
param on = true
bytes = side^2 * (if on and mode == "fast" then 1 B else 2 B)
fits = bytes <= sram
scenario large { side = 512 px }
"""
TABLE = (
    SMALL
    + 'table t from "t.csv" { y = 2 * x }\ntotal = sum(t.y)\nchart_of = max(t.x)\nreport { table t: name, x, y }\n'
)
CSV = 'name,x,unit\n"a",1.5,B\n"b",2,B\n"=c",3e2,"x, y"\n'
READ = (
    ("check", "{}"),
    ("check", "{}", "--format", "json"),
    ("eval", "{}", "--format", "csv"),
    ("fmt", "{}", "--diff"),
)
OUTPUTS = (
    ("report", "{}", "--format", "html", "-o", "out"),
    ("report", "{}", "--format", "xlsx", "-o", "out"),
    ("report", "{}", "--format", "csv", "-o", "out"),
    ("explain", "{}", "today.dram_bytes"),
    ("explain", "{}", "x"),
    ("sensitivity", "{}", "today.time"),
    ("solve", "{}", "x >= 1", "--for", "p"),
    ("sweep", "{}", "--over", "p=0..3:1"),
    ("uncertainty", "{}", "x"),
    ("diff", "{}", "--set", "p=2"),
)


def of_specs(chance: random.Random, folder: Path) -> Command:
    text = chance.choice(specs()).read_text(encoding="utf-8")
    path = folder / "a.mem"
    path.write_text(damaged(text, chance) if chance.random() < 0.9 else text, encoding="utf-8")
    return [part.format(path) for part in chance.choice(READ)]


def of_drawn(chance: random.Random, folder: Path) -> Command:
    path = folder / "a.mem"
    path.write_text(drawn(chance), encoding="utf-8")
    return [part.format(path) for part in chance.choice((*READ, *OUTPUTS, *OF_DRAWN))]


OF_DRAWN = (
    ("check", "{}"),
    ("report", "{}", "--format", "xlsx,html", "-o", "out"),
    ("explain", "{}", "m0.dram_bytes", "--in", "q"),
    ("sweep", "{}", "--over", "q=0..3:1"),
    ("solve", "{}", "m0.dram_bytes <= 1 MB", "--for", "q"),
)


def of_outputs(chance: random.Random, folder: Path) -> Command:
    text = chance.choice(specs()).read_text(encoding="utf-8")
    path = folder / "a.mem"
    path.write_text(damaged(text, chance) if chance.random() < 0.6 else text, encoding="utf-8")
    return [part.format(path) for part in chance.choice(OUTPUTS)]


def of_tables(chance: random.Random, folder: Path) -> Command:
    (folder / "a.mem").write_text(TABLE, encoding="utf-8")
    content = CSV if chance.random() < 0.5 else CSV.replace(",", chance.choice((";", "\t", ",,")))
    (folder / "t.csv").write_bytes(bitten(damaged(content, chance).encode(), chance))
    return ["check", str(folder / "a.mem")]


def of_books(chance: random.Random, folder: Path) -> Command:
    spec, book = folder / "small.mem", folder / "b.xlsx"
    spec.write_text(SMALL, encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(_book())) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for _ in range(chance.randint(1, 2)):
        name = chance.choice(list(parts))
        text = parts[name].decode("utf-8", "replace")
        parts[name] = bitten(parts[name], chance) if chance.random() < 0.3 else _xml(text, chance).encode()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    if chance.random() < 0.1:
        book.write_bytes(bitten(book.read_bytes(), chance))
    return ["pull", str(book), "--into", str(spec), "--dry-run"]


_MADE: list[bytes] = []


def _book() -> bytes:
    if not _MADE:
        from memdsl import book, load

        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "small.mem"
            path.write_text(SMALL, encoding="utf-8")
            book([load(path)], Path(place) / "b.xlsx")
            _MADE.append((Path(place) / "b.xlsx").read_bytes())
    return _MADE[0]


_CHANGED: list[bytes] = []


def changed_book() -> bytes:
    """The workbook of the small spec, in which a person wrote another side."""
    if not _CHANGED:
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(_book()))
        rows = list(book["Inputs"].iter_rows())
        column = next(cell.column for row in rows for cell in row if cell.value == "Yours")
        row = next(row for row in rows if any(cell.value == "side" for cell in row))
        row[column - 1].value = 96
        made = io.BytesIO()
        book.save(made)
        _CHANGED.append(made.getvalue())
    return _CHANGED[0]


def _xml(text: str, chance: random.Random) -> str:
    """Values, references and tags of a part changed, most of them such that it is still XML."""
    found = list(re.finditer(r">([^<>]+)<|=\"([^\"]*)\"", text))
    for match in chance.sample(found, min(len(found), chance.randint(1, 3))):
        group = 1 if match[1] is not None else 2
        new = chance.choice(
            ("", "A1", "XFD1048576", "-1", "1e308", "NaN", "abc", "TRUE", "0", "&#65;", "=1+1", "A1:XFD9")
        )
        text = text[: match.start(group)] + new + text[match.end(group) :]
    return text


TYPED = ("", "A1", "XFD1048576", "-1", "1e308", "NaN", "abc", "TRUE", "0", "&#65;", "=1+1", "A1:XFD9")


def of_templates(chance: random.Random, folder: Path) -> Command:
    (folder / "a.mem").write_text(SMALL, encoding="utf-8")
    templates = TESTS.parent / "templates"
    name = chance.choice(("report.html", "blocks.html", "report.css", "extra.css"))
    source = (templates / name).read_text(encoding="utf-8") if (templates / name).is_file() else "h1 { color: red }"
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(source))
        source = source[:at] + chance.choice(JINJA) + source[at:]
    (folder / name).write_bytes(bitten(source.encode(), chance) if chance.random() < 0.3 else source.encode())
    return ["report", str(folder / "a.mem"), "--format", "html", "-o", str(folder / "out"), "--template", str(folder)]


JINJA = (
    *("{{ 1 / 0 }}", "{{ x }}", "{% for i in range(9) %}", "{% endfor %}", "{% if %}", '{% include "report.html" %}'),
    *("{{ ''.__class__ }}", "{{ document }}", "{{ 9 ** 99999 }}", '{{ "a" * 99999999 }}', "{#", "%}", "{{", "</style>"),
    *('{% extends "blocks.html" %}', "{{ document.sections[0].blocks[99] }}", "{% set a = a ~ a %}", "\x1b[31m"),
)


def of_networks(chance: random.Random, folder: Path) -> Command:
    sources = sorted((TESTS / "importer" / "networks").glob("*.onnx.xz"))
    if sources and chance.random() < 0.8:
        small = [path for path in sources if path.stat().st_size < 9_000] or sources
        path = folder / "n.onnx"
        path.write_bytes(bitten(lzma.decompress(chance.choice(small).read_bytes()), chance))
    else:
        name, text = chance.choice(TEXTS)
        path = folder / name
        path.write_bytes(bitten(damaged(text, chance).encode(), chance) if chance.random() < 0.5 else text.encode())
    return ["import", str(path)]


TEXTS = (
    (
        "n.cfg",
        "[net]\nheight=64\nwidth=64\nchannels=3\n[convolutional]\nfilters=8\nsize=3\nstride=2\npad=1\n[route]\nlayers=-1\n",
    ),
    ("config.json", '{"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}'),
)


CAMPAIGNS = {
    "specs": of_specs,
    "drawn": of_drawn,
    "outputs": of_outputs,
    "tables": of_tables,
    "books": of_books,
    "templates": of_templates,
    "networks": of_networks,
}
"""Each writes the files of one case to a folder, and says which command reads them."""
