"""From a graph in ONNX's operators to the text of a spec."""

from __future__ import annotations

import re
from pathlib import Path

from ..format import formatted
from . import handlers
from .graph import Network
from .lower_nodes import lowered
from .opened import Understood, understood
from .result import Expected, Imported, Options
from .rows import Lowered
from .sizes import Size
from .write import Written, write

__all__ = ["handlers", "imported"]


def imported(network: Network, path: Path, options: Options) -> Imported:
    """The spec of a network. Raises ImportFault."""
    source = understood(network, options.settings, options.batch)
    rows = lowered(source)
    return _written(source, rows, path, options, folding=True, own=False)


def _written(source: Understood, rows: Lowered, path: Path, options: Options, folding: bool, own: bool) -> Imported:
    title = re.sub(r"[^\w .,()/+-]", "", path.stem)[:60] or "network"
    written = write(source, rows, title, options.chip, folding, own)
    result = Imported(formatted(written.text), source.network.form, list(rows.warnings), list(source.notes))
    result.notes += source.made.notes
    result.folded = list(rows.folded)
    result.rows = expected(written)
    for operator, nodes in rows.unknown.items():
        others = f" and {len(nodes) - 1} more" if len(nodes) > 1 else ""
        result.warnings.append(
            f"operator {operator} is not known (node `{nodes[0]}`{others}): it stands as a row `opaque` with its bytes "
            "and no work; to say what it does, define a kind "
            f"(`layer {operator.rpartition('.')[2].lower()}(x[p..., c]) -> x {{ macs = … }}`) and write it "
            "in the place of `opaque`"
        )
    for name, taken in source.made.guessed.items():
        result.warnings.append(f"the sizes of `{name}` are not known: it was given {taken}")
    # first as the library says it, then by kinds of the spec's own, last without blocks
    if folding:
        result.plainer = lambda: _written(source, rows, path, options, folding=not own, own=True)
    return result


def expected(written: Written) -> list[Expected]:
    """The rows that the spec must have, at its own sizes."""
    found: list[Expected] = []
    number = written.source.number
    for row in written.rows:
        if row.kind == "input":
            continue
        elements: Size = 1
        for size in row.axes.values():
            elements = size * elements
        found.append(
            Expected(
                written.spelling[row.index], int(number(elements)), int(number(row.macs)), row.weights, tuple(row.nodes)
            )
        )
    return found
