"""Rows of convolutions, matrix products, pools, recurrent layers and attention."""

from __future__ import annotations

from collections.abc import Sequence

from .graph import Node
from .infer import MICROSOFT, Info, Role, Shape, product
from .lower import SPATIAL, Lowering, NoKind, axis_names
from .ops_products import WEIGHT_AT, Window
from .rows import Argument, Entry, Row, Seen
from .sizes import Size, exact


def each(values: Sequence[Size]) -> Argument:
    """One number for all axes, or a list of one for each."""
    return values[0] if all(value == values[0] for value in values) else tuple(values)


class _At:
    """What Window asks of a site, outside of inference."""

    def __init__(self, node: Node) -> None:
        self.node = node


def window_of(node: Node, axes: int, kernel: Sequence[int] | None) -> Window:
    return Window(_At(node), axes, kernel)  # type: ignore[arg-type]


def padding(window: Window, before: Sequence[Size], after: Sequence[Size], half: bool) -> dict[str, Argument]:
    """How a kind is told its padding; nothing where its default says the same."""
    if window.auto in ("SAME_UPPER", "SAME_LOWER"):
        return {"pad": "same" if window.auto == "SAME_UPPER" else "same_lower"}
    usual = [((span - 1) // 2, span - 1 - (span - 1) // 2) if half else (0, 0) for span in window.span]
    if list(zip(before, after, strict=True)) == usual:
        return {}
    if list(before) == list(after):
        return {"pad": each(before)}
    return {"pad_before": each(before), "pad_after": each(after)}


def convolution(at: Lowering, node: Node) -> None:
    weights = at.info(node.inputs[WEIGHT_AT.get(node.op, 1)])
    if weights.role != Role.STORED or node.op == "DeformConv":
        raise NoKind
    last = node.op == "NhwcConv"
    seen = at.see(node.inputs[0])
    axes = len(seen.shape) - 2
    window = window_of(node, axes, [size for size in weights.shape[2:] if isinstance(size, int)])
    base, names, outer, before, after = spread_window(at, seen, window, last)
    groups = node.number("group", 1)
    channels = at.rows[base].axes["c"]
    filters = weights.shape[0]
    deconv = node.op == "ConvTranspose"
    if deconv:
        filters = weights.shape[1] * groups
    arguments: dict[str, Argument] = {}
    depthwise = not deconv and groups == channels and groups != 1
    if not depthwise:
        arguments["filters"] = filters
    kernel: list[Size] = [*([1] * outer), *window.kernel]
    stride: list[Size] = [*([1] * outer), *window.stride]
    dilation: list[Size] = [*([1] * outer), *window.dilation]
    if each(kernel) != (2 if deconv else 3):
        arguments["kernel"] = each(kernel)
    if each(stride) != (each(kernel) if deconv else 1):
        arguments["stride"] = each(stride)
    if each(dilation) != 1:
        arguments["dilation"] = each(dilation)
    if deconv:
        arguments |= deconv_padding(at, node, window, seen)
    else:
        widened = wider(window, outer)
        arguments |= padding(widened, before, after, half=True)
    if depthwise:
        many = exact(filters, channels)
        if many != 1:
            arguments["multiplier"] = many if many is not None else 1
    elif groups != 1:
        arguments["groups"] = groups
    kind = "depthwise" if depthwise else "deconv" if deconv else "conv"
    out = at.info(node.outputs[0]).shape
    emit_window(at, node, kind, arguments, base, names, outer, out, filters, last)


def wider(window: Window, outer: int) -> Window:
    """The window with axes of one in front, for tensors whose leading axis is no space."""
    for _ in range(outer):
        window.kernel.insert(0, 1)
        window.stride.insert(0, 1)
        window.dilation.insert(0, 1)
    return window


def deconv_padding(at: Lowering, node: Node, window: Window, seen: Seen) -> dict[str, Argument]:
    out = at.info(node.outputs[0]).shape[2:]
    more: list[Size] = list(node.numbers("output_padding") or [0] * len(window.kernel))
    before: list[Size] = list(window.before)
    after: list[Size] = list(window.after)
    if window.auto in ("SAME_UPPER", "SAME_LOWER") or node.numbers("output_shape"):
        total = [
            (size - 1) * stride + span - wanted
            for size, stride, span, wanted in zip(seen.shape[2:], window.stride, window.span, out, strict=True)
        ]
        lacking = [one for one in total if isinstance(one, int)]
        if len(lacking) < len(total):
            raise NoKind
        more = [max(0, -one) for one in lacking]
        before = [max(0, one) // 2 for one in lacking]
        after = [max(0, one) - max(0, one) // 2 for one in lacking]
    found: dict[str, Argument] = {}
    if before != after:
        found |= {"pad_before": each(before), "pad_after": each(after)}
    elif any(before):
        found["pad"] = each(before)
    if any(more):
        found["output_pad"] = each(more)
    return found


def spread_window(
    at: Lowering, seen: Seen, window: Window, last: bool
) -> tuple[int, list[str], int, list[Size], list[Size]]:
    """The row that a window passes over, the names of its positions, how many of them are no space, and the padding."""
    pads = {axis: (before, after) for axis, before, after in seen.pads}
    items = at.items(seen.shape)
    spatial = items[1:-1] if last else items[2:]
    channels = items[-1] if last else items[1]
    outer = 1 if items[0] != 1 else 0
    sizes = [*([items[0]] if outer else []), *spatial]
    before: list[Size] = [*([0] * outer), *window.before]
    after: list[Size] = [*([0] * outer), *window.after]
    if len(sizes) > 3:
        raise NoKind
    names = list(SPATIAL[len(sizes)])
    if pads:
        entries = list(seen.layout[1:-1] if last else seen.layout[2:])
        known = {
            name: place + outer for place, entry in enumerate(entries) if entry and len(entry) == 1 for name in entry
        }
        if set(pads) <= set(known) and window.auto in ("NOTSET", "VALID"):
            window.auto = "NOTSET"
            for axis, (front, back) in pads.items():
                before[known[axis]] = before[known[axis]] + front
                after[known[axis]] = after[known[axis]] + back
                sizes[known[axis]] = sizes[known[axis]] - front - back
            seen = Seen(seen.row, seen.shape, seen.layout, seen.cuts, (), seen.repeat)
    base = at.as_axes(seen, {**dict(zip(names, sizes, strict=True)), "c": channels}, exactly=False)
    names = [name for name in at.rows[base].axes if name != "c"]
    return base, names, outer, before, after


def emit_window(
    at: Lowering, node: Node, kind: str, arguments: dict[str, Argument], base: int, names: list[str], outer: int,
    out: Sequence[Size], channels: Size, last: bool,
) -> None:  # fmt: skip
    items = at.items(tuple(out))
    sizes = items[1:-1] if last else items[2:]
    axes = dict(zip(names, [*items[:outer], *sizes], strict=True))
    row = at.add(kind, arguments, [base], {**axes, "c": channels}, node.known, at.cost(node))
    entries: list[Entry] = [() if items[0] == 1 else (names[0],)]
    spatial: list[Entry] = [(name,) for name in names[outer:]]
    entries += [*spatial, ("c",)] if last else [("c",), *spatial]
    layout = tuple(() if size == 1 else entry for entry, size in zip(entries, items, strict=True))
    at.seen[node.outputs[0]] = Seen(row.index, tuple(out), layout)


def pool(at: Lowering, node: Node) -> None:
    seen = at.see(node.inputs[0])
    axes = len(seen.shape) - 2
    window = window_of(node, axes, None)
    last = node.op == "NhwcMaxPool"
    base, names, outer, before, after = spread_window(at, seen, window, last)
    arguments: dict[str, Argument] = {}
    kernel = each([*([1] * outer), *window.kernel])
    stride = each([*([1] * outer), *window.stride])
    if kernel != 2:
        arguments["kernel"] = kernel
    if stride != kernel:
        arguments["stride"] = stride
    arguments |= padding(wider(window, outer), before, after, half=False)
    if each(window.dilation) != 1:
        arguments["dilation"] = each(window.dilation)
    out = at.info(node.outputs[0]).shape
    if window.ceil:
        window.ceil = False
        down = window_sizes(window, seen.shape[1:-1] if last else seen.shape[2:], at, outer)
        if down != list(out[1:-1] if last else out[2:]):
            arguments["ceil_mode"] = True
    kind = "max_pool" if "Max" in node.op else "average_pool"
    channels = at.rows[base].axes["c"]
    emit_window(at, node, kind, arguments, base, names, outer, out, channels, last)


def window_sizes(window: Window, sizes: Sequence[Size], at: Lowering, outer: int) -> list[Size]:
    found = []
    for axis, size in enumerate(sizes):
        padded = size + (window.before[axis] + window.after[axis] - window.span[axis + outer])
        over = exact(padded, window.stride[axis + outer])
        found.append(at.source.atoms.floor(over if over is not None else padded) + 1)
    return found


# ---- matrices --------------------------------------------------------------------------------------------------------


def matrix(at: Lowering, node: Node) -> None:
    second = 3 if node.op in ("QGemm",) else WEIGHT_AT.get(node.op, 1)
    a, b = at.info(node.inputs[0]), at.info(node.inputs[second])
    left, right = a.role == Role.DATA, b.role == Role.DATA
    turn_a, turn_b = node.number("transA", 0), node.number("transB", 0)
    if left and right:
        if a.rank < 2 or b.rank < 2:
            raise NoKind
        x, y = at.see(node.inputs[0]), at.see(node.inputs[second])
        both(at, node, turned(x) if turn_a else x, turned(y) if turn_b else y)
    elif left:
        dense(at, node, node.inputs[0], b, turn_b, -2 if turn_a else -1)
    else:
        if a.rank != 2:
            raise NoKind
        dense(at, node, node.inputs[second], a, not turn_a, -1 if turn_b else -2)


def turned(seen: Seen) -> Seen:
    """The tensor with its last two axes exchanged."""
    shape, layout = list(seen.shape), list(seen.layout)
    shape[-2:], layout[-2:] = shape[-1:] + shape[-2:-1], layout[-1:] + layout[-2:-1]
    return Seen(seen.row, tuple(shape), tuple(layout), seen.cuts, seen.pads, seen.repeat)


def dense(at: Lowering, node: Node, name: str, weights: Info, turn: object, axis: int) -> None:
    """A product with a stored matrix: `axis` of the tensor is the one that is summed over."""
    if weights.role != Role.STORED or any(size != 1 for size in weights.shape[:-2]) or weights.rank < 2:
        raise NoKind
    seen = at.see(name)
    inside, features = (weights.shape[-1], weights.shape[-2]) if turn else (weights.shape[-2], weights.shape[-1])
    dense_row(at, node, seen, axis % len(seen.shape), inside, features, node.outputs[0])


def dense_row(at: Lowering, node: Node, seen: Seen, axis: int, inside: Size, features: Size, output: str) -> None:
    base = as_features(at, seen, axis, inside)
    axes = {**at.rows[base].axes, "c": features}
    row = at.add("dense", {"features": features}, [base], axes, node.name or output, at.cost(node))
    out = at.info(output).shape
    summed = len(seen.shape) - len(out)
    layout: list[Entry] = []
    known = base == seen.row and not seen.cuts and not seen.pads
    if known and not summed:
        layout = [("c",) if place == axis else entry for place, entry in enumerate(seen.layout)]
        if any(entry is not None and "c" in entry for place, entry in enumerate(seen.layout) if place != axis):
            layout = [("c",) if place == axis else None for place in range(len(out))]
    else:
        layout = guess_layout(at, out, axes, axis)
    at.seen[output] = Seen(row.index, out, settled(at, out, layout))


def settled(at: Lowering, out: Sequence[Size], layout: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(() if size == 1 else entry for entry, size in zip(layout, at.items(tuple(out)), strict=True))


def guess_layout(at: Lowering, out: Sequence[Size], axes: dict[str, Size], axis: int) -> list[Entry]:
    """A layout where the row's positions stand in the file's order, the summed axis among them."""
    items = at.items(tuple(out))
    found: list[Entry] = [() if size == 1 else None for size in items]
    if 0 <= axis < len(found):
        found[axis] = ("c",)
    rest = [place for place, size in enumerate(items) if size != 1 and place != axis]
    names = [name for name, size in axes.items() if name != "c" and size != 1]
    if [items[place] for place in rest] == [axes[name] for name in names]:
        for place, name in zip(rest, names, strict=True):
            found[place] = (name,)
    elif len(rest) == 1 and names:
        found[rest[0]] = tuple(names)
    return found


def as_features(at: Lowering, seen: Seen, axis: int, inside: Size) -> int:
    """The row whose channels are one axis of the tensor, the others its positions."""
    if seen.repeat != 1:
        raise NoKind
    seen = at.real(seen)
    row = at.rows[seen.row]
    items = at.items(seen.shape)
    entry = seen.layout[axis] if axis < len(seen.layout) else None
    if row.axes.get("c") == inside and (entry is None or entry in (("c",), ()) or inside == 1):
        return row.index
    positions = [size for place, size in enumerate(items) if place != axis and size != 1]
    if not positions:
        return at.as_axes(seen, {"c": inside})
    if len(positions) > 3:
        return at.as_axes(seen, {"n": product(positions), "c": inside})
    names = axis_names(len(positions))
    return at.as_axes(seen, {**dict(zip(names, positions, strict=True)), "c": inside})


def both(at: Lowering, node: Node, a: Seen, b: Seen, made: Shape | None = None) -> None:
    """A product of two tensors that depend on data: heads side by side in the channels, as attention has them.

    `made` are the sizes of the product, where the node has its axes in another order.
    """
    left, right = at.items(a.shape), at.items(b.shape)
    n, inner, m = left[-2], left[-1], right[-1]
    outer_a, outer_b = left[:-2], right[:-2]
    out = made or at.info(node.outputs[0]).shape
    outer = at.items(out)[: len(out) - 2]
    while len(outer_a) < len(outer):
        outer_a = [1, *outer_a]
    while len(outer_b) < len(outer):
        outer_b = [1, *outer_b]
    heads, lead = heads_of(at, a, outer, inner)
    count = product(lead)
    if product(outer_a) != product(outer) or a.repeat != 1:
        raise NoKind
    shared = exact(product(outer), exact(product(outer_b), b.repeat) or 1)
    if shared is None or not isinstance(shared, int) or (shared != 1 and count != 1):
        raise NoKind
    own = exact(heads, shared)
    if own is None or not isinstance(own, int):
        raise NoKind
    lead_axes = dict(zip([*axis_names(len(lead) + 1)[:-1]] if lead else [], lead, strict=True))
    if len(lead) == 1:
        lead_axes = {"windows": lead[0]}
    base_a = at.as_axes(a, {**lead_axes, "n": n, "c": heads * inner})
    plain = Seen(b.row, b.shape, b.layout, b.cuts, b.pads, 1, b.statistic, b.reduced)
    transposed = is_transposed(at, plain, own, inner, m)
    wanted = {"n": m, "c": own * inner} if transposed else {"n": inner, "c": own * m}
    base_b = at.as_axes(plain, {**lead_axes, **wanted})
    arguments: dict[str, Argument] = {}
    if heads != 1:
        arguments["heads"] = heads
    if shared != 1:
        arguments["shared"] = shared
    if transposed:
        arguments["transposed"] = True
    axes = {**lead_axes, "n": n, "c": heads * m}
    row = at.add("matmul", arguments, [base_a, base_b], axes, node.known, at.cost(node))
    layout: list[Entry] = [None] * len(out)
    layout[-2:] = [("n",), ("c",)]
    for place in range(len(outer)):
        layout[place] = ("c",) if place == len(outer) - 1 and heads != 1 else tuple(lead_axes) or ()
    at.seen[node.outputs[0]] = Seen(row.index, out, settled(at, out, layout))


def heads_of(at: Lowering, a: Seen, outer: Sequence[Size], inner: Size) -> tuple[Size, list[Size]]:
    """How many of the outer axes are heads, and which lead."""
    kept = [size for size in outer if size != 1]
    if not kept:
        return 1, []
    row = at.rows[a.row]
    channels = row.axes.get("c", 1)
    for axis, size, _ in a.cuts:
        channels = size if axis == "c" else channels
    for count in range(1, len(kept) + 1):
        heads = product(kept[-count:])
        if heads * inner == channels and isinstance(heads, int):
            return heads, kept[:-count]
    if len(kept) == 1 and isinstance(kept[0], int) and channels != inner:
        return kept[0], []
    if channels == inner:
        return 1, kept
    return (kept[-1], kept[:-1]) if isinstance(kept[-1], int) else (1, kept)


def is_transposed(at: Lowering, b: Seen, heads: Size, inner: Size, m: Size) -> bool:
    """Whether the second operand's row has a position for each column of the product, as keys have."""
    entry = b.layout[-2]
    if entry == ("c",) and b.layout[-1] != ("c",):
        return True
    if b.layout[-1] == ("c",):
        return False
    axes = at.axes(b)
    return axes.get("c") == heads * inner


# ---- tables, recurrent layers, attention -----------------------------------------------------------------------------


def embedding(at: Lowering, node: Node, table: str, ids: str, output: str) -> Seen:
    """A row of a stored table for each whole number of an input."""
    words, info = at.info(table), at.info(output)
    width = product(words.shape[1:])
    count = product(at.items(at.info(ids).shape))
    source = at.mask_source(ids)
    base = at.see(source).row
    if at.rows[base].axes["n"] != count:
        base = at.resized(base, count)
    arguments: dict[str, Argument] = {"words": words.shape[0], "features": width}
    row = at.add("embedding", arguments, [base], {"n": count, "c": width}, node.known)
    elements = product(words.shape)
    row.weights = elements if isinstance(elements, int) else 0
    row.stored = words.origin or table
    items = at.items(info.shape)
    more = words.rank - 1
    layout: list[Entry] = [("n",) if place < len(items) - more else ("c",) for place in range(len(items))]
    seen = Seen(row.index, info.shape, settled(at, info.shape, layout))
    at.seen[output] = seen
    return seen


def recurrent(at: Lowering, node: Node) -> None:
    weights = at.info(node.inputs[1])
    if weights.role != Role.STORED or at.info(node.inputs[2]).role != Role.STORED:
        raise NoKind
    seen = at.see(node.inputs[0])
    first = bool(node.number("layout", 0))
    items = at.items(seen.shape)
    steps = items[1] if first else items[0]
    wide = items[2]
    others = items[0] if first else items[1]
    if others != 1:
        raise NoKind
    kind = {"LSTM": "lstm", "DynamicQuantizeLSTM": "lstm", "GRU": "gru", "RNN": "rnn"}[node.op]
    hidden = node.number("hidden_size", 0) or at.info(node.inputs[2]).shape[-1]
    directions = weights.shape[0]
    base = at.as_axes(seen, {"n": steps, "c": wide})
    arguments: dict[str, Argument] = {"features": hidden}
    if directions != 1:
        arguments["directions"] = directions
    axes: dict[str, Size] = {"n": steps, "c": directions * hidden}
    row = at.add(kind, arguments, [base], axes, node.known, at.cost(node))
    if node.outputs[0]:
        out = at.info(node.outputs[0]).shape
        layout: list[Entry] = [(), ("n",), ("c",), ("c",)] if first else [("n",), ("c",), (), ("c",)]
        at.seen[node.outputs[0]] = Seen(row.index, out, settled(at, out, layout))
    for name in node.outputs[1:]:
        if (name and name in at.readers) or name in at.source.made.outputs:
            taken = at.last_step(row)
            out = at.info(name).shape
            at.seen[name] = Seen(taken, out, settled(at, out, [(), ("c",), ("c",)] if first else [("c",), (), ("c",)]))


def scores(
    at: Lowering, node: Node, q: Seen, k: Seen, v: Seen, heads: int, kv_heads: int, sizes: tuple[Size, Size, Size, Size]
) -> Row:  # fmt: skip
    """The rows of one attention: scores, their shares, the weighted sum. `sizes`: queries, keys, and the two widths."""
    n, m, wide, value = sizes
    shared = heads // kv_heads
    base = at.as_axes(q, {"n": n, "c": heads * wide})
    keys = at.as_axes(k, {"n": m, "c": kv_heads * wide})
    values = at.as_axes(v, {"n": m, "c": kv_heads * value})
    more: dict[str, Argument] = {} if heads == 1 else {"heads": heads}
    if shared != 1:
        more["shared"] = shared
    first = at.add("matmul", {**more, "transposed": True}, [base, keys], {"n": n, "c": heads * m}, node.known)
    first.macs = n * m * heads * wide
    shares = at.add("softmax", {}, [first.index], dict(first.axes), "")
    mixed = at.add("matmul", more, [shares.index, values], {"n": n, "c": heads * value}, "")
    mixed.macs = n * m * heads * value
    return mixed


def attention(at: Lowering, node: Node) -> None:
    """The fused operators of attention, taken apart into the rows that each of them stands for."""
    names = node.inputs
    cost = at.cost(node)
    out = at.info(node.outputs[0]).shape
    if node.domain != MICROSOFT:
        q, k, v = (at.see(names[index]) for index in range(3))
        heads = node.number("q_num_heads", 0) or int(number(q.shape[1]))
        kv_heads = node.number("kv_num_heads", 0) or int(number(k.shape[1]))
        past = 4
    elif node.op == "GroupQueryAttention":
        heads, kv_heads, past = node.number("num_heads", 1), node.number("kv_num_heads", 1), 3
        q, k, v = grouped_operands(at, node, heads, kv_heads)
    elif node.op == "MultiHeadAttention":
        heads = kv_heads = node.number("num_heads", 1)
        past = 6
        if len(names) < 3 or not names[1] or not names[2] or len(at.info(names[1]).shape) != 3:
            raise NoKind
        q, k, v = (at.see(names[index]) for index in range(3))
    else:
        heads = kv_heads = node.number("num_heads", 1)
        past = 99
        weights = at.info(names[1])
        inside, wide = weights.shape
        base = as_features(at, at.see(names[0]), 2, inside)
        fused = at.add("dense", {"features": wide}, [base], {**at.rows[base].axes, "c": wide}, node.name)
        fused.macs = product(at.rows[base].axes.values()) * wide
        fused.weights, fused.stored = (cost.weights, cost.stored) if cost is not None else (0, "")
        third = exact(wide, 3)
        if third is None or node.numbers("qkv_hidden_sizes") or (len(names) > 4 and names[4]):
            raise NoKind
        shape = (*at.info(names[0]).shape[:2], third)
        layout: tuple[Entry, ...] = ((), ("n",), ("c",))
        q, k, v = (Seen(fused.index, shape, layout, (("c", third, f"{node.name}/{part}"),)) for part in "qkv")
    if len(names) > past and names[past] and at.is_data(names[past]):
        k, v = (with_past(at, node, names[past + i], one, kv_heads) for i, one in enumerate((k, v)))
    n = exact(at.elements(q), product([heads]))
    wide_k = exact(channels(at, k, kv_heads), 1)
    width = wide_k if wide_k is not None else 1
    positions = exact(n if n is not None else 0, width)
    keys = exact(at.elements(k), kv_heads * width)
    value = channels(at, v, kv_heads)
    if positions is None or keys is None:
        raise NoKind
    row = scores(at, node, q, k, v, heads, kv_heads, (positions, keys, width, value))
    entries: list[Entry] = [(), ("n",), ("c",)] if len(out) == 3 else [(), ("c",), ("n",), ("c",)]
    at.seen[node.outputs[0]] = Seen(row.index, out, settled(at, out, entries))


def number(size: Size) -> int:
    if not isinstance(size, int):
        raise NoKind
    return size


def channels(at: Lowering, seen: Seen, heads: int) -> Size:
    """The channels of one head."""
    size = seen.shape[-1]
    if len(seen.shape) == 3:
        found = exact(size, heads)
        if found is None:
            raise NoKind
        return found
    return size


def grouped_operands(at: Lowering, node: Node, heads: int, kv_heads: int) -> tuple[Seen, Seen, Seen]:
    names = node.inputs
    if names[1]:
        return at.see(names[0]), at.see(names[1]), at.see(names[2])
    fused = at.see(names[0])
    wide = exact(fused.shape[2], heads + 2 * kv_heads)
    if wide is None:
        raise NoKind
    parts = []
    for part, count in (("q", heads), ("k", kv_heads), ("v", kv_heads)):
        shape = (*fused.shape[:2], count * wide)
        parts.append(Seen(fused.row, shape, fused.layout, (*fused.cuts, ("c", count * wide, f"{node.name}/{part}"))))
    return parts[0], parts[1], parts[2]


def with_past(at: Lowering, node: Node, name: str, new: Seen, heads: int) -> Seen:
    """Keys or values of earlier tokens and the new ones behind them."""
    past = at.see(name)
    wide = channels(at, new, heads)
    items = at.items(past.shape)
    old = at.as_axes(past, {"n": items[2], "c": heads * wide})
    count = exact(at.elements(new), heads * wide)
    if count is None:
        raise NoKind
    fresh = at.as_axes(new, {"n": count, "c": heads * wide})
    total = items[2] + count
    row = at.add("concat", {"axis": "n"}, [old, fresh], {"n": total, "c": heads * wide}, node.name)
    batch = at.info(name).shape[0]
    return Seen(row.index, (batch, total, heads * wide), ((), ("n",), ("c",)))
