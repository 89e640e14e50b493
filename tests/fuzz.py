"""Input from strangers by the thousand: `make fuzz` (python tests/fuzz.py [CAMPAIGN…] --cases N --seed S).

Each case is a file or two and a command; whatever they hold, the command ends with a code of its own, within a time and
a memory, without a fault of the program. A seeded part of every campaign is in `test_fuzz.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import lzma
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent / "dsl"))

from memdsl.cli.main import main  # noqa: E402

MOST_SECONDS = 10.0
MOST_MEMORY = 2_000_000_000
_HANGS = 60

Command = Sequence[str]
Campaign = Callable[[random.Random, Path], Command]
"""Writes the files of one case to a folder, and says which command reads them."""


@dataclass(frozen=True)
class Finding:
    campaign: str
    seed: int
    command: Command
    what: str


# ---- damage ---------------------------------------------------------------------------------------------------------

WORDS = (
    *("param", "option", "override", "base.x", "self.x", "unlimited", "inputs", "consumers.index", "live.out_bytes"),
    *("copies", "group", "where", "if", "true", "not", "today", "->", "{", "}", "[", "]", "(", ")", ",", "=", "3 B"),
    *("1 s", "/ 0", "^ 99", "^ 0.5", "each layer in net", "then 1 else 2", "sum(layers.macs)", "argmax(layers.time)"),
    *("first(m in hw.memories where 1 B <= m.capacity)", "whole", "from 1", "-1", "0", "1e300", "0.1", "1e-300"),
    *(
        "conv(8)",
        "dense(4)",
        "max_pool(2)",
        "concat",
        "add",
        "norm()",
        "residual(8)",
        "2 *",
        "n *",
        "image",
        "\x1b[31m",
    ),
    *(
        "=1+1",
        "%",
        "±",
        "~ normal(1)",
        "in MB",
        '"a"',
        '"""',
        "#",
        "\n",
        "report { }",
        "claims",
        "chart bar",
        "é",
        "\0",
    ),
)


def specs() -> list[Path]:
    found = [*(HERE / "cases").glob("*/*.mem"), *(HERE.parent / "specs").glob("*.mem")]
    return sorted(path for path in found if path.stat().st_size < 6_000)


def damaged(text: str, chance: random.Random) -> str:
    tokens = re.findall(r"\w+|\s+|[^\w\s]", text) or [""]
    for _ in range(chance.randint(1, 4)):
        i, j = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                tokens[i] = ""
            case 1:
                tokens.insert(i, tokens[j])
            case 2:
                tokens[i] = chance.choice(WORDS)
            case _:
                tokens[i], tokens[j] = tokens[j], tokens[i]
    return "".join(tokens)


def bitten(content: bytes, chance: random.Random) -> bytes:
    """Bytes changed, cut out, doubled or cut off."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        length = min(chance.choice((1, 1, 2, 4, 16, 200)), len(found) - at)
        match chance.randrange(5):
            case 0:
                found[at : at + length] = chance.randbytes(length)
            case 1:
                del found[at : at + length]
            case 2:
                found[at:at] = found[at : at + length]
            case 3:
                found[at : at + length] = chance.choice((b"\xff" * length, b"\0" * length, b"\x80\x80\x80\x80\x10"))
            case _:
                if chance.random() < 0.3:
                    del found[at:]
    return bytes(found)


# ---- campaigns ------------------------------------------------------------------------------------------------------

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


def _changed_book() -> bytes:
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
    templates = HERE.parent / "templates"
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
    sources = sorted((HERE / "importer" / "networks").glob("*.onnx.xz"))
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


CAMPAIGNS: dict[str, Campaign] = {
    "specs": of_specs,
    "outputs": of_outputs,
    "tables": of_tables,
    "books": of_books,
    "templates": of_templates,
    "networks": of_networks,
}


# ---- one case -------------------------------------------------------------------------------------------------------


class Hangs(BaseException):
    """Beyond all limits."""


def run(command: Command) -> tuple[int, str]:
    """The exit code of a command and all that it said."""
    out, code = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace", write_through=True), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main(list(command))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
    out.flush()
    return code, out.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]


def case(name: str, seed: int) -> Finding | None:
    """One case of a campaign; what is wrong with it."""
    chance = random.Random(f"{name} {seed}")
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        command: Command = ()
        start = time.process_time()
        try:
            command = CAMPAIGNS[name](chance, Path(place))
            start = time.process_time()
            code, said = run(command)
        except Hangs:
            return Finding(name, seed, command, f"more than {_HANGS} s")
        except Exception as fault:
            return Finding(name, seed, command, f"{type(fault).__name__}: {fault}")
        finally:
            os.chdir(before)
    spent = time.process_time() - start
    if "fault of the program" in said or "Traceback (most" in said:
        return Finding(name, seed, command, said.strip()[-300:])
    if code not in (0, 1, 2, 3):
        return Finding(name, seed, command, f"code {code}")
    if code and not said.strip():
        return Finding(name, seed, command, f"code {code}, and nothing said")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said):
        return Finding(name, seed, command, "a control character was printed")
    if spent > MOST_SECONDS:
        return Finding(name, seed, command, f"{spent:.0f} s")
    return None


def campaign(name: str, seeds: range) -> Iterator[Finding]:
    for seed in seeds:
        found = case(name, seed)
        if found is not None:
            yield found


# ---- ended at any moment --------------------------------------------------------------------------------------------

SAVE = """
import sys
from pathlib import Path
from memdsl.server import Desk
desk = Desk(Path(sys.argv[1]), (), None, "")
desk.save(desk.state.text.replace("64 px", "96 px"))
"""
KILLS = (
    ("-m", "memdsl", "report", "small.mem", "--format", "xlsx,html", "-o", "out"),
    ("-m", "memdsl", "fmt", "small.mem"),
    ("-m", "memdsl", "pull", "b.xlsx", "--into", "small.mem"),
    ("-c", SAVE, "small.mem"),
)


class Folder:
    """A spec behind a link, with a mode of its own, and a workbook in which an input was changed."""

    def __init__(self, place: str, command: Command) -> None:
        self.path = Path(place)
        (self.path / "kept").mkdir()
        (self.path / "out").mkdir()
        self.spec = self.path / "kept" / "small.mem"
        text = SMALL.replace("param on", "param   on") if "fmt" in command else SMALL
        self.spec.write_text(text, encoding="utf-8")
        self.spec.chmod(0o640)
        (self.path / "small.mem").symlink_to("kept/small.mem")
        (self.path / "b.xlsx").write_bytes(_changed_book())
        self.old = self.spec.read_bytes()

    def run(self, command: Command, seconds: float | None) -> None:
        """Runs a command, to its end or until it is ended by force."""
        process = subprocess.Popen(
            [sys.executable, *command], cwd=self.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(HERE.parent / "dsl")},
        )  # fmt: skip
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
        process.wait()

    def drafts(self) -> list[str]:
        return [path.name for path in self.path.rglob(".*")]

    def faults(self, whole: bytes) -> Iterator[str]:
        """What is not as it was, nor as `whole` run leaves it."""
        if not (self.path / "small.mem").is_symlink():
            yield "the link is gone"
        if self.spec.read_bytes() not in (self.old, whole):
            yield "the spec is half written"
        if self.spec.stat().st_mode & 0o777 != 0o640:
            yield "the mode changed"
        if (self.path / "b.xlsx").read_bytes() != _changed_book():
            yield "the workbook that was read changed"
        for path in (self.path / "out").glob("[!.]*"):
            try:
                good = (
                    zipfile.ZipFile(path).testzip() is None
                    if path.suffix == ".xlsx"
                    else b"</html>" in path.read_bytes()
                )
            except zipfile.BadZipFile:
                good = False
            if not good:
                yield f"{path.name} is half written"


def killed(moments: int, seed: int = 0) -> Iterator[Finding]:
    """Commands that write are ended by force at random moments of the time that they take: every file is the old one or
    the new one, whole; and the next run leaves no draft of the ended one behind."""
    chance = random.Random(seed)
    whole: dict[Command, tuple[bytes, float]] = {}
    for moment in range(moments):
        command = KILLS[moment % len(KILLS)]
        with tempfile.TemporaryDirectory() as place:
            folder = Folder(place, command)
            if command not in whole:
                start = time.perf_counter()
                folder.run(command, None)
                whole[command] = folder.spec.read_bytes(), time.perf_counter() - start
                if command[-1] != "out" and whole[command][0] == folder.old:
                    yield Finding("kill", moment, command, "a whole run writes nothing")
                continue
            content, seconds = whole[command]
            folder.run(command, chance.uniform(0.2, 1.05) * seconds)
            for what in folder.faults(content):
                yield Finding("kill", moment, command, what)
            if folder.drafts():
                folder.run(command, None)
                if folder.drafts():
                    yield Finding("kill", moment, command, f"{folder.drafts()} are left")


def _hang(number: int, frame: object) -> None:
    raise Hangs


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("campaigns", nargs="*", default=[*CAMPAIGNS, "kill"])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _hang)
    wrong = 0
    for name in asked.campaigns:
        start, found = time.perf_counter(), []
        if name == "kill":
            found = list(killed(min(asked.cases, 200), asked.seed))
        else:
            for seed in range(asked.seed, asked.seed + asked.cases):
                signal.alarm(_HANGS)
                one = case(name, seed)
                signal.alarm(0)
                if one is not None:
                    found.append(one)
                    print(f"  {one.campaign} {one.seed}: {' '.join(one.command)}\n    {one.what}", flush=True)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        wrong += len(found) + (most > MOST_MEMORY)
        spent = time.perf_counter() - start
        print(
            f"{name}: {asked.cases:,} cases, {len(found)} found, {spent:.0f} s, {most / 1e6:,.0f} MB at most",
            flush=True,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(_main())
