"""What a report consists of, before it is typeset: sections of blocks, every number already shown as a person reads it.

All strings are plain text; the templates escape them. `Html` marks the only two kinds of text that are not: prose that
went through Markdown, and drawings that this package made itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal as OneOf
from typing import NewType

Html = NewType("Html", str)


@dataclass(frozen=True)
class View:
    """What a place of the page shows when an input changes: see `live.Views`."""

    number: int


@dataclass(frozen=True)
class Live:
    """A text that the page writes again when an input changes."""

    text: str
    view: View

    def __str__(self) -> str:
        return self.text


Text = str | Live | tuple[str | Live, ...]
"""A text, or one with parts that follow the inputs."""


def said(text: Text) -> str:
    """The text as it stands."""
    return "".join(str(part) for part in text) if isinstance(text, tuple) else str(text)


_LONG_WORD, _LONG_TABLE = 44, 15

Align = OneOf["number", "text", "word", "code"]
"""A `word` never breaks: a unit, a verdict."""


@dataclass(frozen=True)
class Heading:
    """A column of a grid: its unit stands under its name. `width` is its share of the table in percent, 0 for any.
    A `live` column is for the page alone.

    Columns have fixed widths because a page is laid out in two thirds of the time when no cell has to be measured.
    """

    text: str
    unit: str = ""
    align: Align = "text"
    width: float = 0
    live: bool = False


@dataclass(frozen=True)
class Line:
    """A row of a grid. A `group` row has one cell, which names the rows below it; `tone` colours a verdict, or marks a
    `total`.

    `shades` are how dark the cells of a heat table are. A `view` gives the texts of the cells from number `start` on;
    while the last is the `verdict`, the tone holds.
    """

    cells: tuple[Text, ...]
    group: bool = False
    tone: str = ""
    view: View | None = None
    start: int = 0
    verdict: str = ""
    shades: tuple[int, ...] = ()


@dataclass(frozen=True)
class Grid:
    """A table. `dense` is for one row a layer, `wide` asks for a page across; `width` is its share of the page.

    `views` are those of whole columns, by the number of the column. `fixed` are the inputs, by path, at whose values it
    was made once and for all; the page says so when one of them changes. `analysis` is what makes it again.
    """

    caption: str
    headings: tuple[Heading, ...]
    lines: tuple[Line, ...]
    note: str = ""
    dense: bool = False
    wide: bool = False
    width: int = 100
    views: tuple[tuple[int, View], ...] = ()
    fixed: tuple[str, ...] = ()
    analysis: View | None = None

    kind = "grid"

    @property
    def on_paper(self) -> Grid:
        """The table without what is for the page alone."""
        kept = [k for k, heading in enumerate(self.headings) if not heading.live]
        if len(kept) == len(self.headings):
            return self
        lines = tuple(
            line if line.group else replace(line, cells=tuple(line.cells[k] for k in kept)) for line in self.lines
        )
        return replace(self, headings=tuple(self.headings[k] for k in kept), lines=lines)

    @property
    def small(self) -> bool:
        """Whether a table of words is so long that a smaller face suits it."""
        return not self.dense and len(self.lines) > _LONG_TABLE

    @property
    def loose(self) -> bool:
        """Whether a cell has a word so long that it must be broken."""
        return any(len(word) > _LONG_WORD for line in self.lines for cell in line.cells for word in said(cell).split())


@dataclass(frozen=True)
class Figure:
    """A drawing, its caption, what it shows in words, and its data, the heading first; `name` is a name for a file."""

    svg: Html
    caption: str
    alt: str
    table: tuple[tuple[str | float, ...], ...] = ()
    view: View | None = None
    name: str = ""
    fixed: tuple[str, ...] = ()
    analysis: View | None = None

    kind = "figure"


@dataclass(frozen=True)
class Prose:
    html: Html

    kind = "prose"


@dataclass(frozen=True)
class Remark:
    """One plain paragraph that this program says."""

    text: str
    analysis: View | None = None
    fixed: tuple[str, ...] = ()

    kind = "remark"


@dataclass(frozen=True)
class Equation:
    """A closed form: drawn, or as lines of text. `name` is the cell as the spec writes it; `fixed` as in a grid."""

    name: str
    svg: Html
    text: str
    fixed: tuple[str, ...] = ()

    kind = "equation"


@dataclass(frozen=True)
class Item:
    """An entry of a list: a short `term` and what is said of it."""

    term: str
    text: Text


@dataclass(frozen=True)
class Items:
    items: tuple[Item, ...]

    kind = "items"


Block = Grid | Figure | Prose | Remark | Equation | Items


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; `id` is its address in the page. The author's own part has no title."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def wide(self) -> bool:
        """Whether its heading stands on a page across, with the table that it leads to."""
        return bool(self.title) and any(isinstance(block, Grid) and block.wide for block in self.blocks[:1])


@dataclass(frozen=True)
class Key:
    """A figure of the title block: `470.84`, `MB`, what it is, its cell, and what it was before inputs were changed."""

    number: str
    unit: str
    label: str
    cell: str
    view: View | None = None
    was: str = ""


@dataclass(frozen=True)
class Document:
    """`answer` is the sentence under the title, `facts` are lines under the figures: the spec, the inputs that were
    changed, how the claims stand.
    """

    title: str
    spec: str
    answer: Text
    keys: tuple[Key, ...]
    facts: tuple[str, ...]
    sections: tuple[Section, ...]
    colophon: tuple[str, ...]

    @property
    def contents(self) -> tuple[Section, ...]:
        """The sections that have a title."""
        return tuple(section for section in self.sections if section.title)
