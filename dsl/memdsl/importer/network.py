"""From a graph in ONNX's operators to the text of a spec."""

from __future__ import annotations

import re
from pathlib import Path

from ..format import formatted
from . import handlers
from .graph import Network
from .infer import product
from .lower_nodes import lowered
from .opened import Understood, understood
from .result import Expected, Imported, Options
from .rows import Lowered
from .write import Written, write

__all__ = ["handlers", "imported"]


def imported(network: Network, path: Path, options: Options) -> Imported:
    """The spec of a network. Raises ImportFault."""
    source = understood(network, options.settings, options.batch)
    rows = lowered(source)
    return _written(source, rows, path, options, folding=True)


def _written(source: Understood, rows: Lowered, path: Path, options: Options, folding: bool) -> Imported:
    title = re.sub(r"[^\w .,()/+-]", "", path.stem)[:60] or "network"
    written = write(source, rows, title, options.chip, folding)
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
    if folding:
        result.plainer = lambda: _written(source, rows, path, options, folding=False)
    return result


GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def expected(written: Written) -> list[Expected]:
    """The rows that the spec must have, at its own sizes."""
    found: list[Expected] = []
    number = written.source.number
    for row in written.rows:
        if row.kind == "input":
            continue
        elements, macs = int(number(product(row.axes.values()))), int(number(row.macs))
        if row.kind in GATES:  # blocks of the library: the products with the inputs, then those with the state
            read = written.lowered.rows[row.inputs[0]].axes["c"]
            wide = GATES[row.kind] * row.axes["c"]
            inner = int(number(read * wide))
            steps = int(number(product(size for axis, size in row.axes.items() if axis != "c")))
            made = int(number(wide)) * steps
            found.append(Expected("dense", made, inner * steps, inner, tuple(row.nodes)))
            rest = macs - inner * steps, row.weights - inner
            found.append(Expected("recurrence", elements, *rest, tuple(row.nodes)))
            continue
        found.append(Expected(row.kind, elements, macs, row.weights, tuple(row.nodes)))
    return found
