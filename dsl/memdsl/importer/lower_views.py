"""Operators that move, cut and join: what they do is remembered, and a row is made only where a kind needs one."""

from __future__ import annotations

from fractions import Fraction

from .graph import Node
from .infer import product
from .lower import SPATIAL, Lowering, NoKind
from .lower_elements import fitted
from .rows import Argument, Entry, Folded, Seen
from .sizes import Poly, Size, exact


def reshape(at: Lowering, node: Node) -> None:
    """Reshape, Flatten, Squeeze, Unsqueeze: the same row, seen with other axes."""
    seen = at.see(node.inputs[0])
    out = at.info(node.outputs[0]).shape
    if node.inputs[0] in at.numbers:
        at.numbers.add(node.outputs[0])
        at.seen[node.outputs[0]] = Seen(seen.row, out, tuple(() for _ in out))
        return
    if seen.pads:
        seen = at.real(seen)
    larger = upsampled(at, node, seen, out) if seen.repeat != 1 else None
    if larger is not None:
        at.seen[node.outputs[0]] = larger
        return
    layout = at.regroup(seen, out)
    at.seen[node.outputs[0]] = Seen(seen.row, out, layout, seen.cuts, (), seen.repeat, seen.statistic, seen.reduced)
    at.fold(node, seen.row, "a view of")


def upsampled(at: Lowering, node: Node, seen: Seen, out: tuple[Size, ...]) -> Seen | None:
    """Rows and columns that stand several times, as Keras repeats them; None where it is no such thing."""
    axes = at.axes(seen)
    if len(axes) < 3 or seen.cuts or seen.reduced:
        return None
    items = at.items(out)
    places = list(range(len(items) - len(axes), len(items)))
    if places[0] < 0 or product(items) != product(items[places[0] :]):
        return None
    names = list(axes)
    for order in (names, [names[-1], *names[:-1]]):
        factors = {name: exact(items[place], axes[name]) for name, place in zip(order, places, strict=True)}
        if factors["c"] != 1 or not all(isinstance(factor, int) for factor in factors.values()):
            continue
        if product(factor for factor in factors.values() if factor is not None) != seen.repeat:
            continue
        each = tuple(factors[name] or 1 for name in names if name != "c")
        value: Argument = each[0] if len(set(each)) == 1 else each
        sizes = {name: axes[name] * (factors[name] or 1) for name in names}
        row = at.add("upsample", {} if value == 2 else {"factor": value}, [seen.row], sizes, node.known)
        entries: list[Entry] = [()] * places[0] + [(name,) for name in order]
        return Seen(row.index, out, tuple(() if size == 1 else e for e, size in zip(entries, items, strict=True)))
    return None


def transpose(at: Lowering, node: Node) -> None:
    seen = at.see(node.inputs[0])
    order = node.numbers("perm") or list(range(len(seen.shape)))[::-1]
    layout = tuple(seen.layout[axis] for axis in order)
    out = at.info(node.outputs[0]).shape
    at.seen[node.outputs[0]] = Seen(
        seen.row, out, layout, seen.cuts, seen.pads, seen.repeat, seen.statistic, seen.reduced
    )
    at.fold(node, seen.row, "a view of")


def expand(at: Lowering, node: Node) -> None:
    """Expand and Tile: each element stands several times; which, the reader of it has to know."""
    seen = at.see(node.inputs[0])
    out = at.info(node.outputs[0]).shape
    more = exact(product(at.items(out)), at.elements(seen))
    if more is None:
        raise NoKind
    pad = len(out) - len(seen.layout)
    old: list[Size] = [1] * pad + at.items(seen.shape)
    new = at.items(out)
    if any(a != b and a != 1 for a, b in zip(old, new, strict=True)):
        raise NoKind
    layout: list[Entry] = [()] * pad + list(seen.layout)
    at.seen[node.outputs[0]] = Seen(
        seen.row, out, tuple(layout), seen.cuts, seen.pads, seen.repeat * more, seen.statistic, seen.reduced
    )
    at.fold(node, seen.row, "a view of")


def cut(at: Lowering, node: Node) -> None:
    """Slice, Split and Gather with known places: parts of axes."""
    seen = at.see(node.inputs[0])
    for output in node.outputs:
        if output:
            at.seen[output] = part(at, node, seen, output)
    at.folded.append(Folded(node.shown, "a part of", seen.row))


def part(at: Lowering, node: Node, seen: Seen, output: str) -> Seen:
    out = at.info(output).shape
    if node.op == "Gather":
        axis = node.number("axis", 0) % len(seen.shape)
        rank = at.info(node.inputs[1]).rank
        if rank > 1:
            raise NoKind
        taken = out[axis] if rank else 1
        shape = (*seen.shape[:axis], taken, *seen.shape[axis + 1 :])
        found = sliced(at, node, seen, shape, output)
        layout = found.layout if rank else (*found.layout[:axis], *found.layout[axis + 1 :])
        return Seen(found.row, out, layout, found.cuts, found.pads, found.repeat)
    return sliced(at, node, seen, out, output)


def sliced(at: Lowering, node: Node, seen: Seen, shape: tuple[Size, ...], output: str) -> Seen:
    if seen.reduced or seen.pads or seen.repeat != 1:
        if seen.repeat != 1:
            raise NoKind
        seen = at.real(seen)
    old, new = at.items(seen.shape), at.items(shape)
    changed = [axis for axis in range(len(old)) if old[axis] != new[axis]]
    if any(seen.layout[axis] is None or len(seen.layout[axis] or ()) != 1 for axis in changed):
        seen = at.plain_axes(seen)
    cuts = list(seen.cuts)
    for axis in changed:
        entry = seen.layout[axis]
        if not entry:
            raise NoKind
        name = entry[0]
        size = next((s for n, s, _ in reversed(cuts) if n == name), at.axes(seen)[name])
        kept = exact(size * new[axis], old[axis])
        if kept is None or isinstance(kept, Fraction):
            raise NoKind
        cuts.append((name, kept, f"{output}"))
    layout = tuple(() if size == 1 else entry for entry, size in zip(seen.layout, new, strict=True))
    return Seen(seen.row, shape, layout, tuple(cuts), (), 1, seen.statistic if not changed else None)


def concat(at: Lowering, node: Node) -> None:
    output = node.outputs[0]
    out = at.info(output).shape
    names = node.inputs[2::3] if node.op == "QLinearConcat" else node.inputs
    names = tuple(name for name in names if name and product(at.items(at.info(name).shape)) != 0)
    data = [name for name in names if at.is_data(name)]
    axis = node.number("axis", 0) % len(out)
    seens = [at.see(name) for name in data]
    whole = whole_again(at, seens, out) if len(data) == len(names) else None
    if whole is not None:
        at.seen[output] = whole
        at.fold(node, whole.row, "in another order")
        return
    stored = [name for name in names if not at.is_data(name)]
    main = next(
        (s for s in seens if s.layout[axis] is not None and len(s.layout[axis] or ()) == 1 and s.repeat == 1), None
    )
    if main is None:
        main = at.plain_axes(next((s for s in seens if s.repeat == 1), seens[0]))
        seens = [main if number == 0 else seen for number, seen in enumerate(seens)]
        if not main.layout[axis]:
            joined_plain(at, node, names, out, axis)
            return
    real = at.real(main)
    entry = main.layout[axis]
    assert entry
    along = entry[0]
    axes = dict(at.axes(real))
    share = exact(
        axes[along], at.items(main.shape)[axis]
    )  # the axis of the row may hold more than this one of the file
    if share is None:
        raise NoKind
    inputs: list[int] = []
    total: Size = 0
    for seen in seens:
        wide = at.items(seen.shape)[axis] * share
        total = total + wide
        inputs.append(real.row if seen is main else at.as_axes(seen, {**axes, along: wide}))
    arguments: dict[str, Argument] = {} if along == "c" else {"axis": along}
    sizes = {**axes, along: total}
    index = inputs[0]
    if len(inputs) > 1:
        flat = known_prefix(at, inputs, along)
        row = at.add("concat", arguments, flat, sizes, node.known)
        at.joined[tuple(inputs)] = row.index
        index = row.index
    if stored:
        added = product([sum((at.items(at.info(name).shape)[axis] for name in stored), 0)]) * share
        sizes = {**sizes, along: total + added}
        row = at.add("pad", {along: added}, [index], sizes, node.known)
        index = row.index
    at.seen[output] = Seen(index, out, main.layout)


def joined_plain(at: Lowering, node: Node, names: tuple[str, ...], out: tuple[Size, ...], axis: int) -> None:
    """Tensors joined along an axis that the rows do not have: each as it stands in the file."""
    items = at.items(out)
    rank = len(items)
    kept = [place for place in range(rank) if items[place] != 1 or place in (axis, rank - 1)]
    letters = [*(f"a{p}" for p in kept[:-2]), "n", "c"][-len(kept) :] if len(kept) > 1 else ["c"]
    places = dict(zip(kept, letters, strict=True))
    inputs = []
    for name in names:
        if not at.is_data(name):
            raise NoKind
        own = at.items(at.info(name).shape)
        inputs.append(at.as_axes(at.see(name), {letter: own[place] for place, letter in places.items()}))
    axes = {letter: items[place] for place, letter in places.items()}
    along = places[axis]
    row = at.add("concat", {} if along == "c" else {"axis": along}, inputs, axes, node.known)
    layout: tuple[Entry, ...] = tuple((places[p],) if p in places and items[p] != 1 else () for p in range(rank))
    at.seen[node.outputs[0]] = Seen(row.index, out, layout)


def known_prefix(at: Lowering, inputs: list[int], along: str) -> list[int]:
    """Where the first tensors are joined already, that row stands for them: joins that grow, as in DenseNet."""
    for count in range(len(inputs) - 1, 1, -1):
        known = at.joined.get(tuple(inputs[:count]))
        if known is not None and at.rows[known].arguments.get("axis", "c") == along:
            return [known, *inputs[count:]]
    return inputs


def whole_again(at: Lowering, seens: list[Seen], out: tuple[Size, ...]) -> Seen | None:
    """All parts of one row, each once, laid together again: rolled, interleaved, rotated by halves."""
    if len({seen.row for seen in seens}) != 1 or not all(seen.cuts for seen in seens):
        return None
    depth = min(len(seen.cuts) for seen in seens)
    common = 0
    while common < depth and len({seen.cuts[common] for seen in seens}) == 1:
        common += 1
    common = min(common, min(len(seen.cuts) for seen in seens) - 1) if len({s.cuts for s in seens}) == 1 else common
    base = seens[0].cuts[:common]
    axes = dict(at.axes(seens[0]))
    for name, size, _ in base:
        axes[name] = size
    if product(at.items(out)) != product(axes.values()) or any(seen.repeat != 1 or seen.pads for seen in seens):
        return None
    items = at.items(out)
    layout: list[Entry] = []
    for place, size in enumerate(items):
        entry = seens[0].layout[place] if len(seens[0].layout) == len(items) else None
        full = (
            entry is not None and len(entry) == 1 and _whole_share(size, axes[entry[0]], items, seens[0].layout, entry)
        )
        layout.append(() if size == 1 else entry if full else None)
    return Seen(seens[0].row, out, tuple(layout), base)


def _whole_share(size: Size, axis: Size, items: list[Size], layout: tuple[Entry, ...], entry: Entry) -> bool:
    """Whether the axes of the file that are made of one axis of the row hold all of it again."""
    together = product(one for one, own in zip(items, layout, strict=True) if own == entry)
    del size
    return together == axis


def pad(at: Lowering, node: Node) -> None:
    """Zeros around a tensor: put off, for a convolution behind it takes them as its own."""
    seen = at.see(node.inputs[0])
    out = at.info(node.outputs[0]).shape
    old, new = at.items(seen.shape), at.items(out)
    if seen.repeat != 1 or seen.reduced or seen.pads:
        if seen.repeat != 1:
            raise NoKind
        seen = at.real(seen)
    changed = [axis for axis in range(len(old)) if old[axis] != new[axis]]
    zeros = node.text("mode", "constant") == "constant"
    if any(seen.layout[axis] is None or len(seen.layout[axis] or ()) != 1 for axis in changed):
        seen = at.plain_axes(seen)
    if any(not seen.layout[axis] for axis in changed):
        raise NoKind
    before = pads_before(at, node, len(old))
    found: list[tuple[str, Size, Size]] = []
    for axis in changed:
        entry = seen.layout[axis]
        assert entry
        more = new[axis] - old[axis]
        front = before.get(axis, 0)
        whole = exact(at.axes(seen)[entry[0]], old[axis]) if not seen.cuts else 1
        if whole != 1:
            raise NoKind
        found.append((entry[0], front, more - front))
    padded = Seen(seen.row, out, seen.layout, seen.cuts, tuple(found))
    negative = any(not isinstance(b, int) or not isinstance(a, int) or b < 0 or a < 0 for _, b, a in found)
    if negative and all(not isinstance(b, Poly) and not isinstance(a, Poly) and b <= 0 and a <= 0 for _, b, a in found):
        cuts = tuple((name, at.axes(seen)[name] + b + a, node.outputs[0]) for name, b, a in found)
        padded = Seen(seen.row, out, seen.layout, (*seen.cuts, *cuts))
    at.seen[node.outputs[0]] = padded if zeros else at.real(padded)
    at.folded.append(Folded(node.shown, "padding of", seen.row))


def pads_before(at: Lowering, node: Node, rank: int) -> dict[int, Size]:
    pads: list[Size] | None = list(node.numbers("pads") or []) or None
    if pads is None and len(node.inputs) > 1 and node.inputs[1]:
        sizes = at.info(node.inputs[1]).sizes
        pads = list(sizes) if sizes is not None else None
    if pads is None:
        return {}
    axes = list(range(rank))
    if len(node.inputs) > 3 and node.inputs[3]:
        given = at.info(node.inputs[3]).sizes
        axes = [int(a) % rank for a in given if isinstance(a, int)] if given is not None else axes
    return dict(zip(axes, pads[: len(pads) // 2], strict=False))


def resize(at: Lowering, node: Node) -> None:
    seen = at.see(node.inputs[0])
    out = at.info(node.outputs[0]).shape
    if seen.repeat != 1:
        raise NoKind
    seen = at.real(seen)
    old, new = at.items(seen.shape), at.items(out)
    changed = [axis for axis in range(len(old)) if old[axis] != new[axis]]
    if not changed:
        at.seen[node.outputs[0]] = Seen(seen.row, out, seen.layout)
        at.fold(node, seen.row)
        return
    sized = [axis for axis in range(len(old)) if axis in changed]
    if any((entry := seen.layout[axis]) is None or len(entry) > 1 or entry == ("c",) for axis in sized):
        seen = _channels_second(at, seen)
    axes = dict(at.axes(seen))
    positions = [name for name in axes if name != "c"]
    sizes = dict(axes)
    for axis in sized:
        entry = seen.layout[axis] or ()
        name = entry[0] if entry else _axis_of_one(at, seen, axis)
        if name == "c":
            raise NoKind
        sizes[name] = new[axis]
    factors = [exact(sizes[name], axes[name]) for name in positions]
    whole = all(isinstance(factor, int) for factor in factors)
    kind = "upsample" if whole else "resize"
    arguments: dict[str, Argument] = {}
    if whole:
        plain = [factor for factor in factors if isinstance(factor, int)]
        value: Argument = plain[0] if len(set(plain)) == 1 else tuple(plain)
        if value != 2:
            arguments["factor"] = value
    else:
        arguments["size"] = tuple(sizes[name] for name in positions)
    row = at.add(kind, arguments, [seen.row], sizes, node.known)
    layout = tuple(
        ((entry or (_axis_of_one(at, seen, place),)) if place in sized else entry)
        for place, entry in enumerate(seen.layout)
    )
    at.seen[node.outputs[0]] = Seen(row.index, out, layout)


def _channels_second(at: Lowering, seen: Seen) -> Seen:
    """The tensor as a row whose channels are the second axis of the file, its positions those behind it."""
    items = at.items(seen.shape)
    names = SPATIAL.get(len(items) - 2)
    if not names or items[0] != 1:
        return at.plain_axes(seen)
    index = at.as_axes(seen, {**dict(zip(names, items[2:], strict=True)), "c": items[1]})
    layout: list[Entry] = [(), ("c",), *((name,) for name in names)]
    return Seen(index, seen.shape, tuple(() if size == 1 else one for one, size in zip(layout, items, strict=True)))


def _axis_of_one(at: Lowering, seen: Seen, axis: int) -> str:
    """The axis of the row behind an axis of size 1: the free one in the same place."""
    used = {name for entry in seen.layout for name in entry or ()}
    free = [name for name in at.axes(seen) if name not in used and name != "c"]
    ones = [place for place, entry in enumerate(seen.layout) if entry == () and place > 1]
    if len(free) == len(ones) and axis in ones:
        return free[ones.index(axis)]
    raise NoKind


def depth_to_space(at: Lowering, node: Node) -> None:
    seen = at.see(node.inputs[0])
    out = at.info(node.outputs[0]).shape
    items = at.items(seen.shape)
    names = ("h", "w")
    if len(items) != 4 or items[0] != 1:
        raise NoKind
    base = at.as_axes(seen, {"h": items[2], "w": items[3], "c": items[1]}, exactly=False)
    block = node.number("blocksize", 2)
    kind = "depth_to_space" if node.op == "DepthToSpace" else "space_to_depth"
    sizes = at.items(out)
    arguments: dict[str, Argument] = {} if block == 2 else {"block": block}
    row = at.add(kind, arguments, [base], {"h": sizes[2], "w": sizes[3], "c": sizes[1]}, node.known)
    at.seen[node.outputs[0]] = Seen(
        row.index,
        out,
        tuple(() if s == 1 else e for s, e in zip(sizes, ((), ("c",), *((n,) for n in names)), strict=True)),
    )


def scatter(at: Lowering, node: Node) -> None:
    """Some elements replaced: the first tensor again, beside what is written into it."""
    data = [name for name in node.inputs if at.is_data(name)]
    seen = at.see(data[0])
    out = at.info(node.outputs[0]).shape
    if seen.shape != out or len(data) > 1:
        main = at.real(seen)
        others = [fitted(at, main, at.see(name), len(out)) for name in data[1:]]
        row = at.add("combine", {}, list(dict.fromkeys([main.row, *others])), dict(at.axes(main)), node.known)
        at.seen[node.outputs[0]] = Seen(row.index, out, main.layout)
        return
    at.seen[node.outputs[0]] = Seen(seen.row, out, seen.layout, seen.cuts, seen.pads, seen.repeat)
    at.fold(node, seen.row)
