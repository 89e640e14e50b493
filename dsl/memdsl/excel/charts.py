"""The sheet `Charts`: native charts over live cells, as the spec's report asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .book import Book
from .layers import LayerSheet


@dataclass
class ChartSheet:
    book: Book
    layers: Sequence[LayerSheet]

    def write(self) -> None:
        return
