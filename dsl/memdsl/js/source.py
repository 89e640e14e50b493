"""The runtime as one text: the tables of operations in front of the fixed part."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .operations import AGGREGATES, OPERATIONS

_FOLDER = Path(__file__).parent


@cache
def runtime() -> str:
    """`Machine` and what it needs, as a script that defines it and does nothing else."""
    operations = "\n".join(f'  "{op}": (all, [a, b, c] = all) => (i) => {text},' for op, text in OPERATIONS.items())
    aggregates = "\n".join(f'  "{op}": (chosen) => {text},' for op, text in AGGREGATES.items())
    return f"const OPERATIONS = {{\n{operations}\n}};\nconst AGGREGATES = {{\n{aggregates}\n}};\n" + (
        _FOLDER / "machine.js"
    ).read_text(encoding="utf-8")
