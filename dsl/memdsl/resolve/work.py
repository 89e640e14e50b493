"""What a resolution leaves behind for later states of its text."""

from __future__ import annotations

from ..diagnostics import Source
from ..records import record
from ..sheet.sheet import Claim, Sheet
from .graph import Graph
from .modules import Module
from .workshop import Workshop


@record
class Work:
    """`claims` are by the places of their statements.

    `makers` are the places of claims that made more than themselves.
    """

    shop: Workshop
    module: Module
    sheet: Sheet
    graph: Graph
    claims: dict[int, Claim]
    makers: set[int]

    @property
    def source(self) -> Source:
        return self.module.source
