"""Parameters that no result depends on: a slip that would otherwise pass in silence."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Problems, Source
from ..sheet.formula import CellRef, Formula, walk
from .graph import Graph


def warn_of_unused(source: Source, graph: Graph, others: Iterable[Formula], problems: Problems) -> None:
    """Warns of each `param` of the spec itself that no formula uses; `others` are formulas outside cells and tables."""
    params = {cell.id: cell for cell in graph.cells.values() if cell.role == "param" and cell.span.source is source}
    for uses in graph.edges.values():
        for name in params.keys() & uses.keys():
            del params[name]
    if params:
        named = {part.cell for formula in others for part in walk(formula) if isinstance(part, CellRef)}
        for cell in params.values():
            if cell.id not in named:
                message = f"no result depends on `{cell.id}`"
                problems.warning("unused", message, cell.span, "use it in a formula, or leave it out")
