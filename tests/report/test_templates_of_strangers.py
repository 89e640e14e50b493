"""Templates of a project: whatever is in them, a page or one clear fault, in bounded time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from memdsl.report import Look, TemplateFault, bounded, templates

from .conftest import make, report_of

SPEC = "x = 2 kB\n"


def page(folder: Path) -> str:
    report = report_of(make(SPEC))
    report.look = Look(folder)
    return report.paper()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"ok\n\xff\xfe", "report.html, line 2: this is not UTF-8"),
        (b"a\n{% if %}", "report.html, line 2"),
        (b"a\n\n{{ nothing.at.all }}", "report.html, line 3"),
        (b"{{ 1 / 0 }}", "division by zero"),
        (b'{% extends "report.html" %}', "itself"),
        (b'{% include "report.html" %}', "itself"),
        (b'{% include "../secret.html" %}', "secret"),
        (b"{{ 9 ** (9 ** 9) }}", "too large"),
        (b'{{ "a" * 3000000000 }}', "too much memory"),
        (b'{{ "a"|center(3000000000) }}', "too much memory"),
        (
            b'{% set n = namespace(x="a" * 1000) %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}',
            "too much memory|more than",
        ),
        (b"{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "more than"),
        (b"{{ ''.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_a_template_that_does_not_work(text: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_MOST_SECONDS", 1)
    (tmp_path / "secret.html").write_text("secret")
    folder = tmp_path / "look"
    folder.mkdir()
    (folder / "report.html").write_bytes(text)
    with pytest.raises(TemplateFault, match=said):
        page(folder)


SHALLOW = """
import sys, threading
from pathlib import Path
from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.report import Look, Report, TemplateFault

report = Report(driver.build(Source("a.mem", "x = 2 kB"), Path(sys.argv[1])), version="1")
report.look = Look(Path(sys.argv[1]))
said = []

def work():
    try:
        report.paper()
    except TemplateFault as fault:
        said.append(str(fault))

threading.stack_size(256 * 1024)
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(said[0])
"""


@pytest.mark.parametrize("text", ['{% extends "report.html" %}', "{{ " + "+".join("1" * 30_000) + " }}"])
def test_a_template_without_end_ends_no_process(text: str, tmp_path: Path) -> None:
    """Whatever the stack of the thread that asks for the page."""
    (tmp_path / "report.html").write_text(text)
    command = [sys.executable, "-c", SHALLOW, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "extends or includes itself, or nests too deeply" in done.stdout


@pytest.mark.parametrize("name", ["extra.css", "report.css", "report.html", "logo.png", "blocks.html"])
def test_a_link_out_of_the_folder_is_not_followed(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "look"
    folder.mkdir()
    (folder / name).symlink_to("../secret")
    with pytest.raises(TemplateFault, match="leads out of its folder"):
        page(folder)


def test_a_link_inside_the_folder_and_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "real.css").write_text("h1 { color: #123456 }")
    (tmp_path / "extra.css").symlink_to("real.css")
    assert "h1 { color: #123456 }" in page(tmp_path)
    os.mkfifo(tmp_path / "logo.svg")
    with pytest.raises(TemplateFault, match="no ordinary file"):
        page(tmp_path)


def test_what_ends_in_time_is_left_alone() -> None:
    with bounded.bounded(0.05, 1 << 30):
        done = sum(range(100))
    assert done == 4950
    with pytest.raises(bounded.TookTooLong):
        endless()


def endless() -> None:
    with bounded.bounded(0.05, 1 << 30):
        while True:
            pass
