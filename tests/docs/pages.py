"""The pages of the documentation and the code blocks in them.

A block says after its language what it is: ```` ```mem file=chip.mem ```` is written to a file of the page's folder,
`add` appends to it, `with=base` is checked behind the block `name=base`; `console exit=1` expects that exit code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "dsl" / "docs"
_BLOCK = re.compile(r"^```(\w*)([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class CodeBlock:
    page: Path
    line: int
    language: str
    facts: dict[str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(DOCS).as_posix()}:{self.line}"


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.md"))


def blocks(page: Path) -> Iterator[CodeBlock]:
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        facts = dict(word.partition("=")[::2] for word in found[2].split())
        yield CodeBlock(page, text.count("\n", 0, found.start()) + 1, found[1], facts, found[3])
