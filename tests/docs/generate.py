"""The generated parts of the documentation: `make docs` writes them anew, and a test says when they are stale.

Whole pages: the library, the commands. Between `<!-- made: NAME -->` and `<!-- end -->` in other pages: tables.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "dsl" / "docs"
sys.path.insert(0, str(ROOT / "dsl"))

from memdsl.cli.commands import CONTEXT, cli  # noqa: E402
from memdsl.reference import read_library, to_markdown  # noqa: E402
from memdsl.reference.codes import meaning_markdown, meanings  # noqa: E402
from memdsl.sheet.operations import AGGREGATES, FUNCTIONS, OPERATIONS  # noqa: E402
from memdsl.sheet.report import CHARTS  # noqa: E402
from memdsl.units import base_unit, describe, known_units  # noqa: E402

_MADE = re.compile(r"(<!-- made: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NOTE = "<!-- Made by `make docs`: not written by hand. -->\n\n"


def wanted() -> Iterator[tuple[Path, str]]:
    """Every generated page, and every page with a generated part, with the text that it should have."""
    library = read_library()
    for module in library.modules:
        yield DOCS / "library" / f"{module.name}.md", _NOTE + to_markdown(module, module.declarations)
    lines = [f"- [{m.name}]({m.name}.md): {m.title}" for m in library.modules]
    yield DOCS / "library" / "index.md", _NOTE + "# The standard library\n\n" + _LIBRARY + "\n".join(lines) + "\n"
    said = "\n".join(map(meaning_markdown, meanings().values()))
    yield DOCS / "diagnostics.md", _NOTE + "# Diagnostics\n\n" + _DIAGNOSTICS + said
    yield DOCS / "commands.md", _NOTE + "\n".join(_commands())
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if _MADE.search(text):
            yield page, _MADE.sub(lambda found: found[1] + "\n".join(PARTS[found[2]]()) + "\n" + found[3], text)


_LIBRARY = (
    "Everything below is made from the `.mem` files that ship with memdsl; `memdsl doc NAME` prints the same in a "
    "terminal,\nand `memdsl doc -o DIR` writes it as web pages with typeset formulas. **assumed** marks a figure of a "
    "hardware without\na source, **override** a formula that replaces the one of the model extended.\n\n"
)


_COMMANDS = """\
What `memdsl COMMAND --help` prints. Exit codes of all: 0 fine, 1 the spec has errors or a claim fails, 2 wrong use,
3 something outside failed. `--format json` prints one object on standard output and nothing else, with
`diagnostics` where there is no answer; `-` as SPEC is standard input, and a directory stands for its `.mem` files.
"""


_DIAGNOSTICS = """\
What each code means, with a spec that has the fault and the same spec mended where a short one shows it.
`memdsl doc CODE` prints the same.

"""


# ---- commands -------------------------------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    yield _COMMANDS
    for name, command in cli.commands.items():
        yield f"## memdsl {name}\n"
        yield "```text"
        with click.Context(command, info_name=f"memdsl {name}", **{**CONTEXT, "terminal_width": 110}) as context:
            yield command.get_help(context)
        yield "```\n"


# ---- tables ---------------------------------------------------------------------------------------------------------


def _units() -> Iterator[str]:
    """One line a dimension: its units, those with a prefix behind those without."""
    found: dict[str, list[str]] = {}
    for name, unit in known_units().items():
        if "µ" not in name:
            found.setdefault(describe(unit.dimension), []).append(name)
    yield "| measures | units |"
    yield "| --- | --- |"
    for dimension, names in found.items():
        yield f"| {dimension} | {' '.join(f'`{name}`' for name in names)} |"


_MIXED_UP = "B kB KiB MB MiB GB GiB bit Mbit MAC op GHz Wh % px image k M"


def _scales() -> Iterator[str]:
    """What units are worth that are often mixed up."""
    yield "| unit | is |"
    yield "| --- | --- |"
    for name in _MIXED_UP.split():
        unit = known_units()[name]
        yield f"| 1 `{name}` | {float(unit.scale):,.16g} {base_unit(unit.dimension)}".rstrip() + " |"


_CHARTS = {
    "stack": "a bar a row, its parts on top of each other",
    "bar": "a bar a row",
    "histogram": "how many rows lie in each class of size, doubling from class to class",
    "staircase": "cells over an input, with the place of each step (`over sram`, or `over sram = 1 MiB..64 MiB`)",
    "line": "cells over an input, between two ends (`over chip.dram.bandwidth = 4 GB/s..64 GB/s`)",
    "compare": "cells beside each other",
    "pareto": "rows or points by two columns, with those that nothing beats",
    "fit": "a modelled column against a measured one, with the groups of a fit and the points that it held out",
    "roofline": "the layers of a model under the roof of its hardware, or rows by intensity, rate and attainable rate",
    "timeline": "compute and transfers of a model, layer after layer",
    "energy": "where the energy of a model goes",
}


def _table(heads: tuple[str, str], words: dict[str, str]) -> Iterator[str]:
    yield f"| {heads[0]} | {heads[1]} |"
    yield "| --- | --- |"
    for name, says in words.items():
        yield f"| `{name}` | {says} |"


def _operators() -> Iterator[str]:
    words = {name: known.says for name, known in OPERATIONS.items() if not known.signature}
    return _table(("operator", "means"), words)


def _functions() -> Iterator[str]:
    return _table(("function", "gives"), {known.signature: known.says for known in FUNCTIONS.values()})


def _aggregates() -> Iterator[str]:
    return _table(("aggregate", "gives"), {known.signature: known.says for known in AGGREGATES.values()})


def _charts() -> Iterator[str]:
    yield "| chart | of | shows |"
    yield "| --- | --- | --- |"
    for name, what in CHARTS.items():
        yield f"| `{name}` | {what} | {_CHARTS[name]} |"


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "units": _units,
    "scales": _scales,
    "operators": _operators,
    "functions": _functions,
    "aggregates": _aggregates,
    "charts": _charts,
}


if __name__ == "__main__":
    for path, text in wanted():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    pages = {path for path, _ in wanted()}
    for path in sorted((DOCS / "library").glob("*.md")):
        if path not in pages:
            path.unlink()
            print(f"{path.relative_to(ROOT)} removed")
