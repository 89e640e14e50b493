"""What README shows is what the program does: its spec, its layer kind, its model, its commands."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.cli.commands import cli
from memdsl.diagnostics import Source

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
ENDLESS = ("watch", "serve", "lsp")  # they run until they are stopped, and have tests of their own
SYNOPSES = re.findall(r"^\| `memdsl (.+?)` \|", README, re.MULTILINE)
CONSOLE = [
    (command, shown)
    for language, block in BLOCKS
    if language == "console"
    for command, shown in re.findall(r"^\$ memdsl (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]
DEFORMED = """
network bent(image[h, w, c]) { first = image -> deformable(16) -> conv(8) }
model plain_bent = traffic(bent([32, 32, 3]), chip, capacity = 0 B)
model bent_twice = gathered(bent([32, 32, 3]), chip, capacity = 0 B)
claim bent_twice.dram_bytes - plain_bent.dram_bytes = 32 * 32 * 3 * 1 B    from "the image, read once more"
claim bent_twice.layers["first.deformable"].offsets = 9 * 3 * 18           from "two offsets for each of nine places"
claim bent_twice.most_reuse = 32 * 32 * 1 MAC                              from "a weight is used at every position"
"""


UNSURE = """
scenario roomy { sram = 64 MiB }
param joule = 100 pJ/B  ~ lognormal(2)
moved = today.dram_bytes * joule
param reach = 50%       from 10% to 100%
table points {
  name | size in kB | time in us
  "a"  | 100        | 10
  "b"  | 200        | 20
  "c"  | 400        | 40
  "d"  | 800        | 80
  "e"  | 1600       | 160
  "f"  | 3200       | 320
  modelled = size / (reach * 16 GB/s)
}
fit points.modelled to points.time for reach
"""


def block(start: str) -> str:
    """The block of README that begins so."""
    (found,) = [text for _, text in BLOCKS if text.startswith(start)]
    return str(found)


def built(text: str) -> driver.Model:
    return driver.build(Source("README.md", text), ROOT)


@pytest.fixture
def readme_spec(tmp_path: Path) -> Path:
    path = tmp_path / "small.mem"
    path.write_text(block('"A small network on a small chip"') + UNSURE, encoding="utf-8")
    return path


def run(*arguments: str) -> str:
    """What a command prints; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", "memdsl", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_spec_is_sound_and_its_claim_holds() -> None:
    model = built(block('"A small network on a small chip"'))
    results = model.claims
    assert [d.message for d in model.diagnostics] == []
    assert [result.status for result in results] == ["holds"]
    assert len(model.sheet.instances) == 4


def test_the_layer_kind_and_the_model_are_sound_beside_the_spec() -> None:
    parts = (block('"A small network on a small chip"'), block("layer deformable"), block("model gathered"), DEFORMED)
    model = built("\n".join(parts))
    results = model.claims
    assert [d.message for d in model.diagnostics] == []
    assert [result.status for result in results] == ["holds"] * 4


def test_every_inline_declaration_is_sound_beside_the_spec() -> None:
    hardware = re.findall(r"`(hardware mine\s+extends [^`]+)`", README)
    crossed = re.findall(r"`(table compare for [^`]+)`", README)
    assert len(hardware) == len(crossed) == 1
    names = """
network a = tiny([64, 64, 3])
network b = tiny([96, 96, 3])
hardware small = edge(sram = 1 kB)
hardware large = mine(sram = 1 MB)
claim large.dram.bandwidth = 2 * small.dram.bandwidth   from "32 and 16 GB/s"
claim count(compare) = 4                                from "two networks on two chips"
"""
    model = built("\n".join([block('"A small network on a small chip"'), *hardware, *crossed, names]))
    results = model.claims
    assert [d.message for d in model.diagnostics] == []
    assert [result.status for result in results] == ["holds"] * 3


def test_readme_shows_commands() -> None:
    shown = [synopsis.split()[0] for synopsis in SYNOPSES]
    assert {"report", "check", "eval", "explain"} <= set(shown)
    assert set(shown) <= set(cli.commands)
    assert [command.split()[0] for command, _ in CONSOLE] == ["eval", "explain"]


@pytest.mark.parametrize(("command", "shown"), CONSOLE, ids=lambda p: p.split()[0] if isinstance(p, str) else "")
def test_a_command_prints_what_readme_shows(command: str, shown: str) -> None:
    """A last line `…` stands for the rest."""
    printed = run(*shlex.split(command))
    if shown.endswith("\n…\n"):
        start = shown.removesuffix("…\n")
        assert printed.startswith(start)
        assert len(printed) > len(start)
    else:
        assert printed == shown


@pytest.mark.parametrize("synopsis", [s for s in SYNOPSES if s.split()[0] not in ENDLESS], ids=lambda s: s.split()[0])
def test_a_command_takes_all_that_readme_says(synopsis: str, readme_spec: Path, tmp_path: Path) -> None:
    words = {
        "SPEC": str(readme_spec),
        "CELL": "sum(today.layers.macs)",
        "DIR": str(tmp_path / "out"),
        "NAME": {"new": str(tmp_path / "mine"), "solve": "sram"}.get(synopsis.split()[0], "conv"),
        "CONDITION": "today.dram_bytes <= 1 MB",
        "STARTER": "roofline",
        "CELL,CELL": "today.dram_bytes,naive.dram_bytes",
        "FILE": str(tmp_path / "grid.parquet"),
        "MODEL": "today",
        "A": str(readme_spec),
        "B": str(ROOT / "specs" / "yolov3.mem"),
        "a,b": "size,sram",
        "BOOK.xlsx": str(tmp_path / "small.xlsx"),
        "NETWORK": str(tmp_path / "small.cfg"),
    }
    if synopsis.startswith("import"):
        Path(words["NETWORK"]).write_text("[net]\nheight=32\nwidth=32\n[convolutional]\nfilters=8\nsize=3\npad=1\n")
    if synopsis.startswith("pull"):
        run("report", str(readme_spec), "-o", str(tmp_path), "--format", "xlsx")
    if synopsis.startswith("uncertainty"):
        words["CELL"] = "moved"
    written = re.sub(r"[\[\]…]", "", synopsis)
    printed = run(*(words.get(word, word) for word in shlex.split(written)))
    assert printed or synopsis.startswith("fmt")  # nothing is to be said of a spec that stands well
    if "--book" in synopsis:
        assert Path(words["BOOK.xlsx"]).exists()
    elif synopsis.startswith("report"):
        assert {p.name for p in (tmp_path / "out").iterdir()} == {"small.xlsx", "small.pdf", "small.html"}


def test_the_options_that_commands_share(readme_spec: Path) -> None:
    shared = re.findall(r"`(--set '[^`]+'|--scenario \w+|--format json)`", README)
    assert len(shared) == 3
    options = [word for option in shared for word in shlex.split(option)]
    cells = json.loads(run("eval", str(readme_spec), "sram", *options))["cells"]
    assert cells == {"sram": {"value": 16 * 2**20, "unit": "B"}}


def test_an_input_is_addressed_by_its_path() -> None:
    ((path, value),) = re.findall(r"`--set (chip[\w.]+)='([^']+)'`", README)
    query = f"{path} / ({value})"
    source = Source("README.md", block('"A small network on a small chip"'))
    model = driver.build(source, ROOT, settings=[(path, value)], queries=[query])
    assert model.diagnostics == []
    assert model.values.formula(model.queries[0].formula) == 1
