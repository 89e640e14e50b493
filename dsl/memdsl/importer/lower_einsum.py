"""Einsum: a dense layer where one operand is stored, a product of heads where both depend on data."""

from __future__ import annotations

from .graph import Node
from .infer import Role, product
from .lower import Lowering, NoKind
from .lower_products import as_features, both, settled
from .rows import Entry, Seen
from .sizes import Size


def einsum(at: Lowering, node: Node) -> None:
    equation = node.text("equation").replace(" ", "")
    left, arrow, out = equation.partition("->")
    terms = left.split(",")
    if not arrow or "." in equation or len(terms) != 2 or any(len(set(term)) != len(term) for term in terms):
        raise NoKind
    sizes: dict[str, Size] = {}
    for term, name in zip(terms, node.inputs, strict=True):
        for label, size in zip(term, at.info(name).shape, strict=True):
            sizes[label] = size
    roles = [at.info(name).role for name in node.inputs]
    if Role.STORED in roles and Role.DATA in roles:
        weights, data = (0, 1) if roles[0] == Role.STORED else (1, 0)
        stored(at, node, terms[weights], terms[data], out, sizes, node.inputs[data])
    elif roles == [Role.DATA, Role.DATA]:
        pair(at, node, terms, out, sizes)
    else:
        raise NoKind


def stored(at: Lowering, node: Node, weights: str, data: str, out: str, sizes: dict[str, Size], name: str) -> None:
    summed = [label for label in data if label in weights and label not in out]
    if any(label in out for label in data if label in weights):
        raise NoKind
    features = product(sizes[label] for label in weights if label not in data)
    inside = product(sizes[label] for label in summed)
    seen = at.see(name)
    if len(summed) == 1:
        base = as_features(at, seen, data.index(summed[0]), inside)
    else:
        rest = [
            size for label, size in zip(data, at.items(seen.shape), strict=True) if label not in summed and size != 1
        ]
        base = at.as_axes(seen, {"n": product(rest), "c": inside})
    axes = {**at.rows[base].axes, "c": features}
    row = at.add("dense", {"features": features}, [base], axes, node.known, at.cost(node))
    positions = tuple(name for name, size in axes.items() if name != "c" and size != 1)
    shape = at.info(node.outputs[0]).shape
    kept = [label for label in out if label in data]
    layout: list[Entry] = []
    for label in out:
        if label not in data:
            layout.append(("c",))
        elif len(kept) - sum(sizes[one] == 1 for one in kept) == len(positions) and base == seen.row:
            layout.append(seen.layout[data.index(label)])
        else:
            layout.append(positions if len(positions) == 1 else None)
    at.seen[node.outputs[0]] = Seen(row.index, shape, settled(at, shape, layout))


def pair(at: Lowering, node: Node, terms: list[str], out: str, sizes: dict[str, Size]) -> None:
    """Two operands as matrices: labels of both and the result lead, those of the result alone are rows and columns."""
    a, b = terms
    lead = [label for label in out if label in a and label in b]
    rows = [label for label in out if label in a and label not in b]
    columns = [label for label in out if label in b and label not in a]
    inner = [label for label in a if label in b and label not in out]
    if len(rows) != 1 or len(columns) != 1 or len(inner) != 1 or set(a) | set(b) != set(lead + rows + columns + inner):
        raise NoKind
    first = ordered(at.see(node.inputs[0]), a, [*lead, *rows, *inner])
    second = ordered(at.see(node.inputs[1]), b, [*lead, *inner, *columns])
    if out != "".join([*lead, *rows, *columns]):
        shape = at.info(node.outputs[0]).shape
        order = [*lead, *rows, *columns]
        both(at, node, first, second, tuple(sizes[label] for label in order))
        made = at.seen[node.outputs[0]]
        layout = [made.layout[order.index(label)] for label in out]
        at.seen[node.outputs[0]] = Seen(made.row, shape, tuple(layout))
        return
    both(at, node, first, second)


def ordered(seen: Seen, labels: str, order: list[str]) -> Seen:
    places = [labels.index(label) for label in order]
    return Seen(
        seen.row,
        tuple(seen.shape[p] for p in places),
        tuple(seen.layout[p] for p in places),
        seen.cuts,
        seen.pads,
        seen.repeat,
    )
