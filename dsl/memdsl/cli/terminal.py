"""What the program prints: nothing of it can steer the terminal, whatever a spec, a workbook or a file's name holds."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from ..render import escaped

_SUSPECT = re.compile(r"\r(?!\n)|[^\x20-\x7e\n\t\r]")


def neutral(text: str) -> str:
    """A text of several lines with every character visible that a terminal could obey."""
    return _SUSPECT.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    return character if unicodedata.category(character) == "Zs" else escaped(character)


class Neutral:
    """A stream whose texts are neutral. `raw` is the stream behind it, for what is escaped and painted already."""

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw

    def write(self, text: str) -> int:
        return self.raw.write(neutral(text))

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self.raw, name)


def raw(stream: TextIO) -> TextIO:
    """The stream itself, for texts that hold nothing but what is escaped and our own colours."""
    return cast("Neutral", stream).raw if isinstance(stream, Neutral) else stream


@contextmanager
def neutral_streams() -> Iterator[None]:
    """Standard output and error are neutral meanwhile."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    ours = {name: Neutral(stream) for name, stream in before.items()}
    for name, stream in ours.items():
        setattr(sys, name, stream)
    try:
        yield
    finally:
        for name, stream in ours.items():
            if getattr(sys, name) is stream:  # the language server puts another in place of one that it closed
                setattr(sys, name, before[name])
