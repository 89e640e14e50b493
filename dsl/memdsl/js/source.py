"""The runtime as one text: the tables of operations in front of the fixed part."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..schedule import bounds, groups, levels, methods, streaming, tiling
from ..sheet.operations import AGGREGATES, OPERATIONS
from .translate import translate

_FOLDER = Path(__file__).parent


@cache
def runtime() -> str:
    """`Machine` and the helpers of translated code: a script that defines them and does nothing else."""
    records = OPERATIONS.values()
    helpers = "".join(f"{record.helper}\n" for record in records if record.helper)
    operations = "\n".join(f'  "{r.name}": (all, [a, b, c] = all) => (i) => {r.javascript},' for r in records)
    aggregates = "\n".join(f'  "{r.name}": (chosen) => {r.javascript},' for r in AGGREGATES.values())
    tables = f"{helpers}const OPERATIONS = {{\n{operations}\n}};\nconst AGGREGATES = {{\n{aggregates}\n}};\n"
    found = translate([(module, None) for module in (tiling, bounds, levels, streaming, groups, methods)])
    finders = (
        f"const FINDERS = (() => {{\n{found}\n"
        "return { tiling: found_tiling, levels: found_levels, groups: found_groups };\n})();\n"
    )
    fixed = [(_FOLDER / name).read_text(encoding="utf-8") for name in ("machine.js", "line.js", "python.js")]
    return '"use strict";\n' + tables + "".join(fixed) + finders


@cache
def analyses() -> str:
    """What carries out the analyses of a report; it stands after the translated code, which it calls `WORDS`."""
    return "".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("samples.js", "analyses.js"))
