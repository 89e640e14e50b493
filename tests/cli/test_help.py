"""`--help` of every command: its examples run, and every option says what it does; the shell completes names."""

from __future__ import annotations

import lzma
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from memdsl.cli.commands import cli

ROOT = Path(__file__).parent.parent.parent
ENDLESS = ("watch", "serve", "lsp")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "dsl"), "COLUMNS": "110"}
SECONDS = 60


def examples(command: click.Command) -> list[str]:
    """The lines of a help that are commands; a description follows after three blanks."""
    lines = [line.strip() for line in (command.help or "").splitlines()]
    return [re.split(r"\s{3,}", line)[0] for line in lines if line.startswith("memdsl ")]


def named(text: str) -> set[str]:
    """The specs that a text names, and those that they use."""
    found: set[str] = set()
    waiting = {name for name in re.findall(r"[a-z0-9_]+\.mem", text) if (ROOT / "specs" / name).exists()}
    while waiting:
        name = waiting.pop()
        found.add(name)
        used = re.findall(r'^use "([a-z0-9_]+\.mem)"', (ROOT / "specs" / name).read_text("utf-8"), re.MULTILINE)
        waiting |= {*used} - found
    return found


EXAMPLES = {line: None for command in (cli, *cli.commands.values()) for line in examples(command)}
NAMED = named("\n".join(EXAMPLES))
"""`check specs/` is quicker without the others."""
NEEDS_A_BOOK = re.compile(r"\.xlsx")


@pytest.fixture
def sandbox(tmp_path: Path) -> Path:
    """A folder with the shipped specs, committed, and files of networks."""
    others = [path.name for path in (ROOT / "specs").glob("*.mem") if path.name not in NAMED]
    shutil.copytree(ROOT / "specs", tmp_path / "specs", ignore=shutil.ignore_patterns(*others))
    for name in ("resnet50.onnx", "detector.onnx"):
        packed = ROOT / "tests" / "importer" / "networks" / "fpn_resnet18.onnx.xz"
        (tmp_path / name).write_bytes(lzma.decompress(packed.read_bytes()))
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "specs")):
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def words(line: str) -> list[str]:
    return [sys.executable, "-m", *shlex.split(line)]


@pytest.mark.parametrize("name", cli.commands)
def test_a_command_has_examples_and_says_what_its_options_do(name: str) -> None:
    command = cli.commands[name]
    assert any(line.split()[1] == name for line in examples(command))
    options = [p for p in command.params if isinstance(p, click.Option)]
    assert [o.opts for o in options if not o.help and not isinstance(o.type, click.Choice)] == []


@pytest.mark.parametrize("line", [e for e in EXAMPLES if e.split()[1] not in ENDLESS])
def test_an_example_runs(line: str, sandbox: Path) -> None:
    if NEEDS_A_BOOK.search(line) and not line.startswith("memdsl report"):
        made = "memdsl report specs/yolov3.mem --format xlsx"
        subprocess.run(words(made), cwd=sandbox, env=ENVIRONMENT, check=True, capture_output=True)
    done = subprocess.run(
        words(line), cwd=sandbox, env=ENVIRONMENT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.parametrize("line", [e for e in EXAMPLES if e.split()[1] in ENDLESS])
def test_an_example_that_does_not_end_starts_and_is_stopped(line: str, sandbox: Path) -> None:
    process = subprocess.Popen(
        words(line), cwd=sandbox, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(1.5)
    assert process.poll() is None, process.stderr
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode in (0, 130)
    assert b"Traceback" not in said


@pytest.mark.parametrize("name", ["", *cli.commands])
def test_help_fits_a_terminal(name: str) -> None:
    command = [sys.executable, "-m", "memdsl", *name.split(), "--help"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 120


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("memdsl ex", {"explain"}),
        ("memdsl eval specs/yolov3.mem today.dram", {"today.dram_bytes"}),
        ("memdsl eval specs/yolov3.mem today.layers.dram", {"today.layers.dram_bytes"}),
        ("memdsl explain specs/yolov3.mem today.dram_bytes --in width,he", {"width,height"}),
        ("memdsl report specs/yolov3.mem --scenario ro", {"roomy"}),
        ("memdsl eval specs/yolov3.mem --set sra", {"sram="}),
        ("memdsl doc depthw", {"depthwise"}),
        ("memdsl new x --starter roo", {"roofline"}),
        ("memdsl eval specs/none.mem today", set()),
    ],
)
def test_the_shell_completes(line: str, offered: set[str]) -> None:
    typed = shlex.split(line)
    asked = {"_MEMDSL_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(typed) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "memdsl"],
        cwd=ROOT,
        env={**ENVIRONMENT, **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert {item.partition(",")[2] for item in done.stdout.split()} == offered, done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_that_help_names_is_printed(shell: str) -> None:
    asked = {"_MEMDSL_COMPLETE": f"{shell}_source"}
    done = subprocess.run(
        [sys.executable, "-m", "memdsl"], env={**ENVIRONMENT, **asked}, capture_output=True, text=True, check=False
    )
    assert "memdsl" in done.stdout
    assert f"{shell}_source" in (cli.help or "")
