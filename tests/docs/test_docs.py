"""The documentation is what the program does: every code block runs, every link leads somewhere, nothing is stale."""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import generate
import pytest
from pages import DOCS, ROOT, CodeBlock, blocks, pages

from memdsl import driver
from memdsl.cli.commands import cli
from memdsl.diagnostics import Source
from memdsl.format import formatted
from memdsl.resolve.texts import library_names
from memdsl.spec import Spec

SECONDS = 120
SET_UP = re.compile(
    r"(make \S+|git clone .*|cd \S+|export PATH=\S+|eval \"\$\(_MEMDSL_COMPLETE=\w+ memdsl\)\")( +#.*)?"
)
LANGUAGES = ("mem", "console", "pycon", "sh", "text")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a page's commands run: the shipped specs, and the program as `memdsl`."""
    work = tmp_path / "work"
    work.mkdir()
    shutil.copytree(ROOT / "specs", work / "specs")
    shim = tmp_path / "bin" / "memdsl"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m memdsl "$@"\n')
    shim.chmod(0o755)
    return work


def environment(folder: Path) -> dict[str, str]:
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    who = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**os.environ, **who, "PATH": path, "PYTHONPATH": str(ROOT / "dsl"), "COLUMNS": "110", "NO_COLOR": "1"}


# ---- the blocks of a page, in order ---------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.relative_to(DOCS).as_posix())
def test_the_code_of_a_page_runs(page: Path, folder: Path) -> None:
    bases: dict[str, str] = {}
    names: dict[str, object] = {}
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{block}: say what language this is: {', '.join(LANGUAGES)}"
        if block.language == "mem":
            spec(block, folder, bases)
        elif block.language == "console":
            console(block, folder)
        elif block.language == "pycon":
            python(block, folder, names)
        elif block.language == "sh":
            targets(block)


def spec(block: CodeBlock, folder: Path, bases: dict[str, str]) -> None:
    facts, text = block.facts, block.text
    if "add" in facts:
        text = (folder / facts["add"]).read_text(encoding="utf-8") + "\n" + text
    if "with" in facts:
        text = bases[facts["with"]] + "\n" + text
    if "name" in facts:
        bases[facts["name"]] = text
    file = facts.get("file") or facts.get("add")
    if file:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    place = folder / (file or "page.mem")
    model = driver.build(Source(str(block), text), place.parent, place)
    results = model.claims
    # In a fragment nothing need rest on what it shows.
    found = [f"{d.code}: {d.message}" for d in model.diagnostics if not ("with" in facts and d.code == "unused")]
    if "error" in facts:
        assert any(line.startswith(f"{facts['error']}:") for line in found), f"{block}: {found}"
        return
    assert found == [], block
    assert all(result.status in ("holds", "disputed") for result in results)
    assert formatted(block.text) == block.text, f"{block}: `memdsl fmt` lays it out so"


def console(block: CodeBlock, folder: Path) -> None:
    """Commands behind `$ `, each with what it prints; `…` stands for anything, on a line of its own for any lines."""
    code = int(block.facts.get("exit", "0"))
    for found in re.finditer(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
        done = subprocess.run(
            ["bash", "-c", found[1]],
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == code, f"{block}: {found[1]}\n{done.stdout}"
        shown = found[2].rstrip("\n") + "\n"
        lines = shown.splitlines(keepends=True)
        pattern = "".join(r"(?:.*\n)*" if x == "…\n" else re.escape(x).replace("…", ".*") for x in lines)
        if shown.strip():
            printed = done.stdout.rstrip("\n") + "\n"
            assert re.fullmatch(pattern, printed), f"{block}: {found[1]}\n{printed}"


def python(block: CodeBlock, folder: Path, names: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(block.text, names, str(block), str(block.page), block.line)
    said: list[str] = []
    with chdir(folder):
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    assert said == [], "".join(said)


def targets(block: CodeBlock) -> None:
    """What sets the program up is not run again here: its targets exist, and `make -n` can say how they are made."""
    makes = re.findall(r"^make (\S+)", block.text, re.MULTILINE)
    for target in makes:
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block}: {done.stderr}"
    known = re.compile(
        r"^(make \S+|git clone .*|cd \S+|export PATH=\S+|eval \"\$\(_MEMDSL_COMPLETE=\w+ memdsl\)\")( +#.*)?$"
    )
    assert [line for line in block.text.splitlines() if line and not known.match(line)] == [], block


def test_the_page_on_python_uses_everything_that_a_spec_can_be_asked() -> None:
    text = (DOCS / "python.md").read_text(encoding="utf-8")
    asked = [name for name in vars(Spec) if not name.startswith("_")]
    assert [name for name in asked if f".{name}" not in text] == []


# ---- the notebook ---------------------------------------------------------------------------------------------------


def test_the_notebook_runs(folder: Path) -> None:
    notebook = json.loads((DOCS / "notebook.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], [c for c in notebook["cells"] if c.get("outputs")]) == (4, [])
    names: dict[str, object] = {}
    with chdir(folder):
        for number, cell in enumerate(c for c in notebook["cells"] if c["cell_type"] == "code"):
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)


# ---- whole and up to date -------------------------------------------------------------------------------------------


def test_every_generated_page_is_up_to_date() -> None:
    """One that is not is stale: run `make docs`."""
    wanted = dict(generate.wanted())
    assert [p.name for p, text in wanted.items() if not p.exists() or p.read_text(encoding="utf-8") != text] == []


def test_no_page_of_a_module_that_is_gone() -> None:
    names = {f"std.{name}.md" for name in library_names()}
    assert {p.name for p in (DOCS / "library").glob("*.md")} == {*names, "index.md"}


def links() -> Iterator[tuple[Path, str]]:
    for page in [*pages(), ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")):
                yield page, target


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_link_leads_to_a_page_or_a_heading() -> None:
    lost = []
    for page, target in links():
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(f"{page.name}: {target}")
    assert lost == []


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve() for page, target in links() if not target.startswith("#")
    }
    assert [p.relative_to(DOCS).as_posix() for p in pages() if p.resolve() not in linked] == []


def test_every_command_is_used_in_a_page_that_a_person_wrote() -> None:
    written = "\n".join(p.read_text(encoding="utf-8") for p in pages() if p.name != "commands.md")
    assert [name for name in cli.commands if f"memdsl {name}" not in written] == []
