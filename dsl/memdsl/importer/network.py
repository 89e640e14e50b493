"""From a graph in ONNX's operators to the text of a spec."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..format import formatted
from . import handlers
from .graph import Network
from .lower_nodes import lowered
from .opened import Understood, understood
from .result import Imported, Options
from .rows import Lowered
from .write import write

__all__ = ["handlers", "imported"]


def imported(network: Network, path: Path, options: Options) -> Imported:
    """The spec of a network. Raises ImportFault."""
    source = understood(network, options.settings, options.batch)
    rows = lowered(source)
    return _written(source, rows, path, options, ((True, True), (False, True), (True, False), (False, False)))


def _written(
    source: Understood, rows: Lowered, path: Path, options: Options, ways: Sequence[tuple[bool, bool]]
) -> Imported:
    """`ways`: whether blocks are found, and whether a second size is claimed; the first is taken, then the others."""
    title = re.sub(r"[^\w .,()/+-]", "", path.stem)[:60] or "network"
    folding, twice = ways[0]
    written = write(source, rows, title, options.chip, folding, twice)
    result = Imported(formatted(written.text), source.network.form, list(rows.warnings), list(source.notes))
    result.notes += source.made.notes
    result.folded = [(one.node, one.what, _behind(rows, one.row)) for one in rows.folded]
    result.rows = written.expected
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
    if not twice and source.opened:
        sizes = ", ".join(one.name for one in source.opened)
        result.warnings.append(f"the spec says what the file says at these sizes, not at all others of {sizes}")
    if len(ways) > 1:
        result.plainer = lambda: _written(source, rows, path, options, ways[1:])
    return result


def _behind(rows: Lowered, index: int | None) -> str:
    """The node that a row was made of, or its kind where it has none of its own."""
    if index is None:
        return ""
    row = rows.rows[index]
    return row.nodes[0] if row.nodes else row.kind
