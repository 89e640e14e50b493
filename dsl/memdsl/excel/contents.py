"""What each sheet of the book is for, in words."""

from __future__ import annotations

from collections.abc import Sequence

from .book import Book
from .layers import LayerSheet
from .results import TableSheet

WORDS = {
    "Inputs": "What may be changed: the yellow cells; the scenario that the book follows; what-if tables below",
    "Scenarios": "Named sets of inputs, side by side",
    "Hardware": "Memories and compute units, with their sources",
    "Results": "What the spec computes from its models",
    "Sensitivity": "How far results follow the inputs",
    "Claims": "Published figures beside modelled ones",
    "Checks": "What must hold",
    "Charts": "Charts that follow the inputs",
    "Chart data": "The figures behind the charts",
    "Analyses": "What the report asks of the closed forms",
    "Formulas": "Every formula once, as mathematics and as Excel, and where the spec says it",
}
UNITS = ("Units", "Scales of all units")


def contents(book: Book, layers: Sequence[LayerSheet], tables: Sequence[TableSheet]) -> list[tuple[str, str]]:
    """The title of each sheet but the cover, and what it is for."""
    words = {book.titled(title): said for title, said in WORDS.items()}
    for layer in layers:
        count = len(layer.block.table.rows)
        kind = "Network" if layer.instance.kind == "network" else "Model"
        words[layer.page.title] = f"{kind}: {count} rows, one a layer"
    for table in tables:
        words[table.page.title] = table.table.label or "Table of the spec"
    return [(title, words.get(title, "")) for title in book.pages if title != book.titled("Cover")]
