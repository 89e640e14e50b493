"""The rooms of the package stand along one road, and a room imports only from rooms before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import memdsl

# From the first to the last; rooms on one line know nothing of each other. A new module or package is added here.
ROAD = (
    ("records", "version", "collector", "cancellation"),
    ("units", "diagnostics", "files", "schedule"),
    ("syntax",),
    ("format",),
    ("importer",),
    ("sheet",),
    ("highlight",),
    ("resolve",),
    ("dimensions",),
    ("evaluate",),
    ("symbolic",),
    ("analysis",),
    ("presentation",),
    ("excel", "js"),
    ("report",),
    ("render",),
    ("driver",),
    ("reference", "compare", "optimise", "network_file"),
    ("pull",),
    ("spec", "lsp"),
    ("server",),
    ("cli",),
)
# The way in: these may import every room, and no room imports them.
FACE = ("__init__", "__main__")
# Libraries that are slow to import, and the rooms that may.
HEAVY = {"sympy": ("symbolic",)}

# What calls itself in turn is one thing in several files: such a circle of modules is listed here, with the reason, and
# every other one is a fault. One that is gone is taken out.
CIRCLES = {
    "a cell may be what a search finds, which evaluates cells": ("evaluate.machine", "evaluate.search"),
    "a formula of Excel asks for its parts, which may be aggregates, and these ask for the formulas inside them": (
        "excel.aggregates", "excel.arrays", "excel.formulas", "excel.helpers", "excel.positions",
    ),
}  # fmt: skip

PLACE = {room: place for place, rooms in enumerate(ROAD) for room in rooms}
PACKAGE = Path(next(iter(memdsl.__path__)))
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def room_of(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


def imported(module: Path, source: str) -> Iterator[tuple[int, str]]:
    """The line and the full dotted name of everything that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            here = ("memdsl", *module.parts[:-1])
            base = here[: len(here) - node.level + 1] if node.level else ()
            name = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)


def faults(module: Path, source: str) -> list[str]:
    room, found = room_of(module), []
    for line, name in imported(module, source):
        library, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if library in HEAVY and room not in HEAVY[library]:
            found.append(f"{module}:{line}: only {', '.join(HEAVY[library])} may import {library}")
        if library != "memdsl" or room in FACE or target == room:
            continue
        if target not in PLACE:
            found.append(f"{module}:{line}: `{name}` is not in a room before {room}")
        elif PLACE[target] >= PLACE[room]:
            found.append(f"{module}:{line}: {room} may not import {target}, which does not stand before it")
    return found


def named(module: Path) -> str:
    return ".".join(module.with_suffix("").parts).removesuffix("__init__").removesuffix(".")


def circles() -> list[tuple[str, ...]]:
    """Modules that import each other in turn, within functions and for the type checker too (Tarjan 1972)."""
    names = {named(module) for module in MODULES}
    imports: dict[str, set[str]] = {}
    for module in MODULES:
        found = imports.setdefault(named(module), set())
        for _, name in imported(module, (PACKAGE / module).read_text(encoding="utf-8")):
            if name.startswith("memdsl."):
                target = name.removeprefix("memdsl.")
                found.add(target if target in names else target.rpartition(".")[0])
        found -= {named(module)}
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    components: list[tuple[str, ...]] = []

    def visit(name: str) -> None:
        number[name] = lowest[name] = len(number)
        waiting.append(name)
        for target in sorted(imports[name]):
            if target not in number:
                visit(target)
                lowest[name] = min(lowest[name], lowest[target])
            elif target in waiting:
                lowest[name] = min(lowest[name], number[target])
        if lowest[name] == number[name]:
            at = waiting.index(name)
            components.append(tuple(sorted(waiting[at:])))
            del waiting[at:]

    for name in sorted(imports):
        if name not in number:
            visit(name)
    return sorted(component for component in components if len(component) > 1)


def test_no_module_imports_itself_by_way_of_others_but_those_that_say_so() -> None:
    assert circles() == sorted(CIRCLES.values())


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_imports_only_what_stands_before_it(module: Path) -> None:
    assert room_of(module) in PLACE or str(module.with_suffix("")) in FACE, f"{module} has no place on the road"
    assert faults(module, (PACKAGE / module).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("syntax/parser.py", "from memdsl.units import Unit"),
        ("syntax/parser.py", "from memdsl import units, diagnostics"),
        ("syntax/parser.py", "from .tree import Name"),
        ("syntax/deep/parser.py", "from ..tree import Name"),
        ("syntax/parser.py", "from ..units import Unit"),
        ("syntax/parser.py", "import lark, re"),
        ("symbolic/forms.py", "import sympy"),
        ("__main__.py", "from memdsl.cli import main"),
    ],
)
def test_what_is_allowed(module: str, source: str) -> None:
    assert faults(Path(module), source) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("syntax/parser.py", "from memdsl.sheet import Sheet"),
        ("syntax/parser.py", "import memdsl.sheet.formula"),
        ("syntax/parser.py", "from memdsl import sheet"),
        ("syntax/parser.py", "from ..sheet import Sheet"),
        ("syntax/parser.py", "def late():\n    from memdsl.sheet import Sheet"),
        ("syntax/parser.py", "import memdsl"),
        ("syntax/parser.py", "from memdsl import load"),
        ("excel/book.py", "from memdsl.report import page"),
        ("units.py", "from memdsl.diagnostics import Span"),
        ("evaluate/point.py", "from sympy import Symbol"),
    ],
)
def test_what_is_not(module: str, source: str) -> None:
    assert len(faults(Path(module), source)) == 1
