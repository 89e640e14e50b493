"""What each diagnostic means, by its code: the registry, for `memdsl doc CODE` and the documentation."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .. import driver
from ..diagnostics import Source
from ..records import record
from ..render import render

FILE = Path(__file__).parent / "codes.toml"


@record
class Meaning:
    """`wrong` is a short spec that has the fault, `right` the same mended; empty where no short spec shows it."""

    code: str
    means: str
    wrong: str = ""
    right: str = ""


@cache
def meanings() -> dict[str, Meaning]:
    """Every diagnostic, by its code."""
    import tomllib

    listed = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {code: Meaning(code, **{key: str(text) for key, text in entry.items()}) for code, entry in listed.items()}


def said_of(meaning: Meaning) -> str:
    """What memdsl says of the wrong spec, as a terminal shows it."""
    checked = driver.build(Source("wrong.mem", meaning.wrong), Path())
    _ = checked.claims  # judged here, so that a failing one is told
    return "\n\n".join(render(found) for found in checked.problems)


def meaning_text(meaning: Meaning) -> str:
    """The page of a diagnostic for a terminal."""
    parts = [f"{meaning.code}\n\n{meaning.means}\n"]
    if meaning.wrong:
        parts += [f"Wrong:\n\n{_indented(meaning.wrong)}\n", said_of(meaning) + "\n"]
        parts += [f"Right:\n\n{_indented(meaning.right)}"]
    return "\n".join(parts)


def meaning_json(meaning: Meaning) -> dict[str, str]:
    found = {"code": meaning.code, "means": meaning.means, "wrong": meaning.wrong, "right": meaning.right}
    return {key: text for key, text in found.items() if text}


def meaning_markdown(meaning: Meaning) -> str:
    """The entry of a diagnostic in the documentation: both specs are checked there."""
    lines = [f"## {meaning.code}\n", f"{meaning.means}\n"]
    if meaning.wrong:
        lines += [f"```mem error={meaning.code}\n{meaning.wrong}```\n", f"```mem\n{meaning.right}```\n"]
    return "\n".join(lines)


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
