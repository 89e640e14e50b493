"""Texts from a spec as they may stand in a report: cut to a sensible length, without signs that disturb a page."""

from __future__ import annotations

import re
from pathlib import PurePath

from ..diagnostics import Span

_LONGEST_SLUG = 60
TITLE, LABEL, NAME, FORMULA, SOURCE = 120, 160, 72, 400, 240

# Control characters, and those that turn the direction of the text around them.
_DISTURBING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without signs that a page cannot show."""
    return _DISTURBING.sub("", text)


def cut(text: str, longest: int) -> str:
    """One line of at most `longest` characters; what was left out is shown by an ellipsis."""
    line = " ".join(clean(text[: 4 * longest]).split())
    return line if len(line) <= longest and len(text) <= 4 * longest else line[: longest - 1].rstrip() + "…"


def cut_middle(text: str, longest: int) -> str:
    """A name whose beginning and end both tell: `s4.resi…conv[2]`."""
    line = cut(text, NAME)
    if len(line) <= longest:
        return line
    tail = (longest - 1) // 2
    return f"{line[: longest - 1 - tail]}…{line[-tail:]}"


def quoted(span: Span, longest: int = FORMULA) -> str:
    """What the spec says at a place."""
    return cut(span.source.text[span.start : min(span.end, span.start + 4 * longest)], longest)


def in_library(span: Span) -> bool:
    """Whether a place is in the library that ships with the program."""
    return span.source.name.startswith("std.")


def spec_name(name: str) -> str:
    """The name of a spec without the folders that it lies in."""
    return name if name.startswith("<") else PurePath(name).name


def slug(text: str) -> str:
    """A name for a file: `roofline-today`."""
    whole = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return (whole if len(whole) <= _LONGEST_SLUG else whole[:_LONGEST_SLUG].rpartition("-")[0]) or "chart"


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
