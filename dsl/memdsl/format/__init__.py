"""One canonical layout of a `.mem` text: the author's lines, comments and blank lines, with one indent and one spacing.

Importing this is cheap: nothing is parsed here.
"""

from __future__ import annotations

from ..diagnostics import Problems, Source
from ..syntax.faults import Faults
from ..syntax.statements import split_statements
from .columns import aligned
from .lines import lines_of
from .tokens import scan


def formatted(text: str) -> str:
    """The canonical layout of a text that parses without an error: the same tokens, and so the same tree."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    text = text.removeprefix(mark).replace("\r\n", "\n")
    layout = split_statements(text, Faults(Source("", text), Problems()))
    lines = lines_of(scan(text, layout.text))
    parts = []
    for line, shown in zip(lines, aligned(lines), strict=True):
        parts += ["\n"] * line.blank + [shown, "\n"]
    return mark + "".join(parts).replace("\n", newline)
