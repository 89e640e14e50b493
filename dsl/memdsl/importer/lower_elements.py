"""Element-wise operators, norms and reductions: most join the row behind which they stand."""

from __future__ import annotations

from collections.abc import Sequence

from .graph import Node
from .infer import Role, product
from .lower import Lowering, NoKind
from .rows import Argument, Entry, Row, Seen
from .sizes import Size

SUMS = {"Add", "Sum", "QLinearAdd", "BiasAdd"}
PRODUCTS = {"Mul", "QLinearMul"}


def unary(at: Lowering, node: Node) -> None:
    """One tensor in, one of the same sizes out: a function of the row that made it."""
    name = next(name for name in node.inputs if at.is_data(name))
    seen = at.see(name)
    if name in at.numbers:
        at.numbers.update(node.outputs)
    for index, output in enumerate(node.outputs):
        if output and at.is_data(output):
            shape = at.info(output).shape
            if index and shape != seen.shape and len(shape) <= 1:  # the scale of a quantisation, which only scales
                at.seen[output] = Seen(seen.row, shape, tuple(() for _ in shape))
                at.numbers.add(output)
            elif index == 0 or shape == seen.shape:
                at.seen[output] = Seen(
                    seen.row, shape, seen.layout, seen.cuts, seen.pads, seen.repeat, seen.statistic, seen.reduced
                )
    at.fold(node, seen.row)


def several(at: Lowering, node: Node) -> None:
    """Two or more tensors, element by element."""
    output = node.outputs[0]
    out = at.info(output).shape
    names = [name for name in node.inputs if at.is_data(name)]
    seens = [at.see(name) for name in names if not single(at, name)]
    if not seens:  # numbers that scale other tensors
        first = at.see(names[0])
        at.seen[output] = Seen(first.row, out, tuple(() for _ in out))
        at.numbers.add(output)
        at.fold(node, first.row)
        return
    elements = product(at.items(out))
    keys = {(seen.row, seen.cuts) for seen in seens}
    statistics = [seen for seen in seens if seen.statistic is not None]
    rest = [seen for seen in seens if seen.statistic is None]
    main = next((seen for seen in [*rest, *statistics] if at.elements(seen) == elements), None)
    if statistics and len({(seen.row, seen.cuts) for seen in seens}) == 1 and not rest:
        main = max(statistics, key=lambda seen: len(seen.shape))
        at.seen[output] = Seen(main.row, out, main.layout, main.cuts, (), 1, main.statistic, main.reduced)
        at.fold(node, main.row)
    elif statistics and rest and main is not None and is_norm(at, statistics, rest, main):
        row = norm_of(at, main)
        at.seen[output] = Seen(row.index, out, main.layout)
        at.fold(node, row.index)
    elif len(keys) == 1 and main is not None:
        at.seen[output] = Seen(
            main.row, out, main.layout, main.cuts, main.pads, main.repeat, main.statistic, main.reduced
        )
        at.fold(node, main.row)
    elif main is None:
        broadcast(at, node, seens, out)
    else:
        aligned(at, node, seens, main, out)


def single(at: Lowering, name: str) -> bool:
    """A single number, such as the scale of a dynamic quantisation."""
    info = at.info(name)
    return name in at.numbers or (info.rank <= 1 and all(size == 1 for size in info.shape))


def is_norm(at: Lowering, statistics: Sequence[Seen], rest: Sequence[Seen], main: Seen) -> bool:
    """Whether a tensor meets means or extremes of itself."""
    if main.statistic is not None:
        main = rest[0]
    return len({at.base(seen.row) for seen in rest}) == 1 and all(_of(at, one, main) for one in statistics)


def _of(at: Lowering, statistic: Seen, main: Seen) -> bool:
    """Whether a mean or extreme is of the tensor itself, or of the tensor that its norm is made of."""
    known = at.base(statistic.statistic)
    return known == at.base(main.row) or any(
        norm == main.row for row, norm in at.norms.items() if at.base(row) == known
    )


def norm_of(at: Lowering, main: Seen) -> Row:
    """The row of a norm that is written out in nodes: one for all of them."""
    if main.row in at.norms.values():
        return at.rows[main.row]
    if main.row not in at.norms or main.cuts:
        base = at.real(Seen(main.row, main.shape, main.layout, main.cuts))
        row = at.add("norm", {}, [base.row], dict(at.rows[base.row].axes), "")
        at.norms[main.row] = row.index
    return at.rows[at.norms[main.row]]


def kind_of(node: Node) -> str:
    return "add" if node.op in SUMS else "times" if node.op in PRODUCTS else "combine"


def aligned(at: Lowering, node: Node, seens: Sequence[Seen], main: Seen, out: Sequence[Size]) -> None:
    """One operand has the sizes of the result; the others have them too, or are spread over axes of 1."""
    if main.repeat != 1:
        raise NoKind
    real = at.real(main)
    others = [seen for seen in seens if seen is not main]
    try:
        inputs = [fitted(at, real, other, len(out)) for other in others]
        axes, layout = dict(at.axes(real)), real.layout
        base = real.row
    except NoKind:
        real = at.plain_axes(main)
        inputs = [fitted(at, real, other, len(out)) for other in others]
        axes, layout, base = dict(at.axes(real)), real.layout, real.row
    order = [base if seen is main else inputs[others.index(seen)] for seen in seens]
    flat = list(dict.fromkeys(order))
    kind = kind_of(node)
    if kind == "add":
        flat = chained(at, node, flat, axes)
    row = at.add(kind, {}, flat, axes, node.known)
    pad = len(out) - len(layout)
    at.seen[node.outputs[0]] = Seen(row.index, tuple(out), (*(() for _ in range(pad)), *layout))


def chained(at: Lowering, node: Node, inputs: list[int], axes: dict[str, Size]) -> list[int]:
    """A sum of a sum that nothing else reads is one sum."""
    return inputs


def fitted(at: Lowering, main: Seen, other: Seen, rank: int) -> int:
    """The row of an operand with the axes of the main one, each of its size or of 1."""
    if other.repeat != 1 and at.elements(other) != at.elements(main):
        raise NoKind
    axes = at.axes(main)
    if other.repeat == 1 and at.elements(other) == at.elements(main):
        return at.as_axes(other, dict(axes))
    items = at.items(other.shape)
    items = [1] * (rank - len(items)) + items
    whole = at.items(main.shape)
    whole = [1] * (rank - len(whole)) + whole
    layout: list[Entry] = [()] * (rank - len(main.layout)) + list(main.layout)
    other_layout: list[Entry] = [()] * (rank - len(other.layout)) + list(other.layout)
    wanted: dict[str, Size] = dict.fromkeys(axes, 1)
    for size, full, entry, own in zip(items, whole, layout, other_layout, strict=True):
        if size == 1 or own == ():
            continue
        if entry is None or size != full:
            raise NoKind
        for name in entry:
            if len([one for one in layout if one and name in one]) > 1:
                raise NoKind
            wanted[name] = axes[name]
    plain = Seen(other.row, other.shape, other.layout, other.cuts, other.pads, 1, other.statistic, other.reduced)
    return at.as_axes(plain, wanted)


def broadcast(at: Lowering, node: Node, seens: Sequence[Seen], out: Sequence[Size]) -> None:
    """No operand has the sizes of the result: each is spread over the others' axes."""
    rank = len(out)
    names = {place: f"a{place}" for place in range(rank)}
    names[rank - 1] = "c"
    if rank > 1:
        names[rank - 2] = "n"
    items = at.items(tuple(out))
    axes = {names[place]: items[place] for place in range(rank) if items[place] != 1 or place == rank - 1}
    inputs = []
    for seen in seens:
        own = at.items(seen.shape)
        own = [1] * (rank - len(own)) + own
        wanted = {name: own[place] for place, name in names.items() if name in axes}
        inputs.append(
            at.as_axes(Seen(seen.row, seen.shape, seen.layout, seen.cuts, seen.pads, 1, None, seen.reduced), wanted)
        )
    if product(axes.values()) != product(items) or len(inputs) < 2:
        raise NoKind
    row = at.add(kind_of(node), {}, inputs, axes, node.known)
    layout: tuple[Entry, ...] = tuple((names[p],) if names[p] in axes and items[p] != 1 else () for p in range(rank))
    at.seen[node.outputs[0]] = Seen(row.index, tuple(out), layout)


def whole_row(at: Lowering, node: Node, kind: str) -> None:
    """A row of the same axes as its input: a norm, a softmax."""
    name = next(name for name in node.inputs if at.is_data(name))
    seen = at.real(at.see(name))
    if seen.repeat != 1:
        raise NoKind
    row = at.add(kind, {}, [seen.row], dict(at.axes(seen)), node.known)
    at.seen[node.outputs[0]] = Seen(row.index, at.info(node.outputs[0]).shape, seen.layout)


def skip_norm(at: Lowering, node: Node) -> None:
    """A sum and the norm of it, in one node."""
    names = [name for name in node.inputs[:2] if at.is_data(name)]
    seen = at.real(at.see(names[0]))
    if len(names) > 1:
        other = fitted(at, seen, at.see(names[1]), len(seen.shape))
        total = at.add("add", {}, [seen.row, other], dict(at.axes(seen)), node.known)
        seen = Seen(total.index, seen.shape, seen.layout)
    row = at.add("norm", {}, [seen.row], dict(at.axes(seen)), node.known)
    at.seen[node.outputs[0]] = Seen(row.index, seen.shape, seen.layout)
    if len(node.outputs) > 3 and node.outputs[3]:
        at.seen[node.outputs[3]] = seen


def reduce(at: Lowering, node: Node) -> None:
    """A mean, sum or extreme over some axes: put off, for it may be a step of a norm."""
    seen = at.see(node.inputs[0])
    out = at.info(node.outputs[0]).shape
    rank = len(seen.shape)
    axes = gone(at, node, rank)
    keep = bool(node.number("keepdims", 1))
    if seen.repeat != 1:
        raise NoKind
    if seen.reduced or seen.pads:
        seen = at.real(seen)
    items = at.items(seen.shape)
    names: list[str] = []
    for axis in axes:
        if items[axis] == 1:
            continue
        entry = seen.layout[axis]
        if entry is None:
            seen = at.plain_axes(seen)
            entry = seen.layout[axis]
        names += [name for name in entry or () if name not in names]
    whole = _all_of_axes(at, seen, items, axes, names)
    if not whole:
        seen = at.plain_axes(seen)
        names = [name for axis in axes for name in seen.layout[axis] or ()]
    layout = tuple(
        () if place in axes else entry for place, entry in enumerate(seen.layout) if keep or place not in axes
    )
    if len(layout) != len(out):
        raise NoKind
    if not names:
        at.seen[node.outputs[0]] = Seen(seen.row, out, layout, seen.cuts, (), 1, seen.statistic, seen.reduced)
        at.fold(node, seen.row)
        return
    statistic = seen.row if seen.statistic is None else seen.statistic
    at.seen[node.outputs[0]] = Seen(seen.row, out, layout, seen.cuts, (), 1, statistic, tuple(names))
    at.rows[seen.row].nodes.append(node.known)


def _all_of_axes(at: Lowering, seen: Seen, items: Sequence[Size], axes: Sequence[int], names: Sequence[str]) -> bool:
    """Whether the file's axes that go hold all of the row's axes that they are part of."""
    if any(seen.layout[axis] is not None and len(seen.layout[axis] or ()) > 1 for axis in axes):
        return True
    sizes = dict(at.axes(seen)) | {name: size for name, size, _ in seen.cuts}
    return all(sizes[name] == product(items[axis] for axis in axes if seen.layout[axis] == (name,)) for name in names)


def gone(at: Lowering, node: Node, rank: int) -> list[int]:
    if node.op.startswith("Global") or node.op == "QLinearGlobalAveragePool":
        if node.number("channels_last", 0):
            return list(range(1, rank - 1))
        return list(range(2, rank))
    if node.op in ("ArgMax", "ArgMin"):
        return [node.number("axis", 0) % rank]
    axes = node.numbers("axes")
    if axes is None and len(node.inputs) > 1 and node.inputs[1]:
        items = at.info(node.inputs[1]).sizes
        axes = [int(size) for size in items if isinstance(size, int)] if items is not None else None
    return sorted({axis % rank for axis in axes}) if axes else list(range(rank))


def combine(at: Lowering, node: Node) -> None:
    """An operator of several tensors of the result's size that is neither a sum nor a product."""
    several(at, node)


def argument_of(size: Size) -> Argument:
    return size


def is_shape(at: Lowering, name: str) -> bool:
    return bool(name) and at.info(name).role < Role.DATA
