"""Sizes of operators that move, cut and join tensors."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor, prod

from .faults import ImportFault
from .graph import Tensor
from .infer import MICROSOFT, Info, Item, Role, Site, operator, product
from .ops_elements import spread
from .sizes import Poly, Size, exact, sign_of

_END = 100_000_000
"""An end of a slice beyond this means the end of the axis."""


@operator("Reshape")
def reshape(at: Site) -> Info:
    x = at.input(0)
    wanted = at.node.numbers("shape") or (at.input(1).items if at.has(1) else None)
    if wanted is None:
        port = at.engine.known.get(at.node.outputs[0])
        if port is not None and port.dims is not None:
            return at.made([at.engine.size(dim, port.name) for dim in port.dims], x.dtype, x.items, x.origin)
        rank = at.input(1).shape[0] if at.has(1) and at.input(1).rank == 1 else 1
        at.engine.made.guessed[at.node.outputs[0]] = "no sizes"
        return at.made(
            [at.engine.unknown(at.node.outputs[0]) for _ in range(rank if isinstance(rank, int) else 1)], x.dtype
        )
    found: list[Size | None] = []
    for index, item in enumerate(wanted):
        if item == 0 and not at.node.number("allowzero", 0):
            if index >= x.rank:
                raise ImportFault(f"{at.node.shown} copies an axis that its input does not have")
            found.append(x.shape[index])
        elif item == -1 or item is None or isinstance(item, (bool, float)):
            found.append(None)
        else:
            found.append(item)
    return at.made(solved(at, x.shape, found), x.dtype, x.items, x.origin)


def solved(at: Site, shape: Sequence[Size], wanted: Sequence[Size | None]) -> list[Size]:
    """The sizes of a reshape: what is open follows from the number of elements."""
    if wanted.count(None) > 1:
        return [at.engine.unknown(at.node.outputs[0]) if size is None else size for size in wanted]
    before = list(shape)
    known: list[Size] = []
    for size in wanted:  # equal factors cancel, so that what is left divides plainly
        if size is not None and size in before and size != 0:
            before.remove(size)
        elif size is not None:
            known.append(size)
    total, rest = product(before), product(known)
    if None not in wanted:
        at.same(total, rest)
        return [size for size in wanted if size is not None]
    if total == 0 or rest == 0:
        return [0 if size is None else size for size in wanted]
    open_size = exact(total, rest)
    if open_size is None:
        open_size = at.atoms.over(total, rest)
    if not isinstance(open_size, (int, Poly)):
        raise ImportFault(f"{at.node.shown} cannot lay {total} elements into rows of {rest}")
    if isinstance(open_size, Poly):
        open_size = at.atoms.floor(open_size)
        at.same(total, open_size * rest)
    return [open_size if size is None else size for size in wanted]


@operator("Flatten")
def flatten(at: Site) -> Info:
    x = at.input(0)
    axis = at.node.number("axis", 1)
    axis = axis + x.rank if axis < 0 else axis
    return at.made([product(x.shape[:axis]), product(x.shape[axis:])], x.dtype, x.items, x.origin)


@operator("Transpose", "NhwcTranspose")
def transpose(at: Site) -> Info:
    x = at.input(0)
    order = at.node.numbers("perm") or list(range(x.rank))[::-1]
    if sorted(order) != list(range(x.rank)):
        raise ImportFault(f"{at.node.shown} orders {x.rank} axes by {order}")
    items = x.items if x.rank < 2 else picked(x, [range(_int(size)) for size in x.shape], order)
    return at.made([x.shape[axis] for axis in order], x.dtype, items, x.origin)


def _int(size: Size) -> int:
    return size if isinstance(size, int) else 0


def picked(x: Info, places: Sequence[Sequence[int]], order: Sequence[int] | None = None) -> list[Item] | None:
    """The items of a small tensor at some places of each axis, its axes in another order."""
    if x.items is None or not all(isinstance(size, int) for size in x.shape) or prod(map(len, places)) > 4096:
        return None
    steps = [prod(map(_int, x.shape[axis + 1 :])) for axis in range(x.rank)]
    found = [0]
    for axis in order if order is not None else range(x.rank):
        found = [base + place * steps[axis] for base in found for place in places[axis]]
    return [x.items[place] for place in found]


@operator("Squeeze")
def squeeze(at: Site) -> Info:
    x = at.input(0)
    axes = at.ints(1, "axes")
    gone = (
        {at.axis(a, x.rank) for a in axes} if axes is not None else {i for i, size in enumerate(x.shape) if size == 1}
    )
    for axis in gone:
        at.same(x.shape[axis], 1)
    return at.made([size for index, size in enumerate(x.shape) if index not in gone], x.dtype, x.items, x.origin)


@operator("Unsqueeze")
def unsqueeze(at: Site) -> Info:
    x = at.input(0)
    axes = at.ints(1, "axes")
    if axes is None:
        raise ImportFault(f"{at.node.shown} does not say which axes it adds")
    rank = x.rank + len(axes)
    new = {at.axis(axis, rank) for axis in axes}
    rest = iter(x.shape)
    return at.made([1 if index in new else next(rest) for index in range(rank)], x.dtype, x.items, x.origin)


@operator("Expand")
def expand(at: Site) -> Info:
    x = at.input(0)
    sizes = at.input(1).sizes
    if sizes is None:
        rank = at.input(1).shape[0] if at.input(1).rank else x.rank
        return at.made(
            [at.engine.unknown(at.node.outputs[0]) for _ in range(rank if isinstance(rank, int) else x.rank)], x.dtype
        )
    shape = at.broadcast([x.shape, sizes])
    items = spread(x.items, x.shape, shape) if x.items is not None else None
    return at.made(shape, x.dtype, items, x.origin if shape == x.shape else "")


@operator("Tile")
def tile(at: Site) -> Info:
    x = at.input(0)
    repeats = at.input(1).sizes
    if repeats is None:
        return at.made([at.engine.unknown(at.node.outputs[0]) for _ in x.shape], x.dtype)
    shape = [size * times for size, times in zip(x.shape, repeats, strict=True)]
    items: list[Item] | None = None
    if x.items is not None and x.rank == 1 and isinstance(repeats[0], int) and 0 < repeats[0] <= 64:
        items = list(x.items) * repeats[0]
    return at.made(shape, x.dtype, items)


@operator("Concat")
def concat(at: Site) -> Info:
    given = [one for one in at.inputs if one is not None]
    return joined(at, given, at.axis(at.node.number("axis", 0), given[0].rank))


def joined(at: Site, given: Sequence[Info], axis: int) -> Info:
    given = [one for one in given if not (one.rank == 1 and one.shape[0] == 0)] or list(given[:1])
    rank = given[0].rank
    if any(one.rank != rank for one in given):
        raise ImportFault(f"{at.node.shown} joins tensors of different ranks")
    shape: list[Size] = []
    for index in range(rank):
        size = given[0].shape[index]
        for one in given[1:]:
            size = size + one.shape[index] if index == axis else at.same(size, one.shape[index])
        shape.append(size)
    items: list[Item] | None = None
    if rank == 1:
        items = []
        for one in given:
            if one.items is not None:
                items += one.items
            elif isinstance(one.shape[0], int) and one.shape[0] <= 64:
                items += [None] * one.shape[0]
            else:
                items = None
                break
        if items is not None and all(item is None for item in items):
            items = None
    return at.made(shape, given[0].dtype, items)


@operator("QLinearConcat", domain=MICROSOFT)
def quantised_concat(at: Site) -> Info:
    given = [one for one in at.inputs[2::3] if one is not None]
    return joined(at, given, at.axis(at.node.number("axis", 0), given[0].rank))


@operator("SplitToSequence")
def split_to_sequence(at: Site) -> Info:
    """A sequence is known by the size of its elements."""
    x = at.input(0)
    axis = at.axis(at.node.number("axis", 0), x.rank)
    each: list[Size] = [1] if at.node.number("keepdims", 1) or at.has(1) else []
    if at.has(1):
        parts = at.sizes(1, "")
        each = [parts[0] if parts and len(set(parts)) == 1 else at.engine.unknown(at.node.outputs[0])]
    return at.made([*x.shape[:axis], *each, *x.shape[axis + 1 :]], x.dtype)


@operator("Split")
def split(at: Site) -> Sequence[Info]:
    x = at.input(0)
    axis = at.axis(at.node.number("axis", 0), x.rank)
    parts = at.sizes(1, "split")
    count = len(at.node.outputs)
    if parts is None or len(parts) < count:
        if at.has(1) and not at.node.numbers("split"):
            parts = [at.engine.unknown(name) for name in at.node.outputs]
        else:
            each = at.atoms.ceil(exact(x.shape[axis], count) or 0)
            parts = [each] * (count - 1) + [x.shape[axis] - each * (count - 1)]
    else:
        at.same(product([1]) * sum(parts), x.shape[axis])
    found = []
    start = 0
    for part in parts[:count]:
        items = None
        if x.items is not None and x.rank == 1 and isinstance(part, int):
            items = x.items[start : start + part]
            start += part
        found.append(at.made([*x.shape[:axis], part, *x.shape[axis + 1 :]], x.dtype, items))
    return found


@operator("Slice")
def cut(at: Site) -> Info:
    x = at.input(0)
    starts, ends = at.sizes(1, "starts"), at.sizes(2, "ends")
    axes = at.ints(3, "axes")
    if axes is None:
        axes = list(range(len(starts or ends or ())))
        if at.has(3) or (starts is None and ends is None):
            return at.made([at.engine.unknown(at.node.outputs[0]) for _ in x.shape], x.dtype)
    steps = at.ints(4, "") or [1] * len(axes)
    shape = list(x.shape)
    places: list[Sequence[int]] | None = [range(_int(size)) for size in x.shape] if x.items is not None else None
    for index, axis in enumerate(axes):
        axis = at.axis(axis, x.rank)
        size = x.shape[axis]
        if starts is None or ends is None:
            shape[axis] = at.engine.unknown(at.node.outputs[0])
            places = None
            continue
        step = steps[index]
        first, last = starts[index], ends[index]
        shape[axis] = _length(at, size, first, last, step)
        if places is not None:
            whole = isinstance(first, int) and isinstance(last, int) and isinstance(size, int)
            places[axis] = range(_int(size))[_int(first) : _int(last) : step] if whole else ()
            places = places if whole else None
    return at.made(shape, x.dtype, picked(x, places) if places is not None else None)


def _length(at: Site, size: Size, first: Size, last: Size, step: int) -> Size:
    """How many elements `first:last:step` takes of an axis."""
    if step == 0:
        raise ImportFault(f"{at.node.shown} steps by 0")
    if isinstance(size, int) and isinstance(first, int) and isinstance(last, int):
        return len(range(size)[first:last:step])
    if step < 0:  # a whole axis backwards is all that networks do
        return (
            size
            if isinstance(first, int) and isinstance(last, int) and last < -_END
            else at.atoms.ceil(exact(size, -step) or 0)
        )
    begin = size + first if sign_of(first) == -1 else first
    if isinstance(last, int) and last >= _END:
        end = size
    else:
        end = size + last if sign_of(last) == -1 else at.at_most(last, size)
    if isinstance(first, int) and 0 <= first < _END and end == size and isinstance(size, Poly) and step == 1 and first:
        begin = first
    if isinstance(first, int) and first <= -_END:
        begin = 0
    count = exact(end - begin, step)
    found = at.atoms.ceil(count if count is not None else end - begin)
    return found if sign_of(found) != -1 else 0


@operator("Gather")
def gather(at: Site) -> Info:
    x, index = at.input(0), at.input(1)
    axis = at.axis(at.node.number("axis", 0), x.rank)
    shape = [*x.shape[:axis], *index.shape, *x.shape[axis + 1 :]]
    items: list[Item] | None = None
    if x.items is not None and x.rank == 1 and index.sizes is not None:
        items = []
        for place in index.sizes:
            inside = isinstance(place, int) and -len(x.items) <= place < len(x.items)
            if isinstance(place, int) and not inside:
                raise ImportFault(f"{at.node.shown} takes element {place} of {len(x.items)}")
            items.append(x.items[place] if inside and isinstance(place, int) else None)
    looked_up = index.role == Role.MASK and x.role <= Role.SIZES and x.rank > 1
    return at.made(shape, x.dtype, items, x.origin, Role.DATA if looked_up else None)


@operator("GatherElements")
def gather_elements(at: Site) -> Info:
    return at.made(at.input(1).shape, at.input(0).dtype)


@operator("GatherND")
def gather_nd(at: Site) -> Info:
    x, index = at.input(0), at.input(1)
    batch = at.node.number("batch_dims", 0)
    depth = index.shape[-1]
    if not isinstance(depth, int):
        return at.made([at.engine.unknown(at.node.outputs[0])], x.dtype)
    return at.made([*index.shape[:-1], *x.shape[batch + depth :]], x.dtype)


@operator("Pad")
def pad(at: Site) -> Info:
    x = at.input(0)
    pads: list[Size] | None = at.sizes(1, "pads") or list(at.node.numbers("paddings") or []) or None
    axes = at.ints(3, "") or list(range(x.rank))
    if pads is None:
        return at.made([at.engine.unknown(at.node.outputs[0]) for _ in x.shape], x.dtype)
    shape = list(x.shape)
    half = len(pads) // 2
    if half != len(axes):
        raise ImportFault(f"{at.node.shown} pads {half} axes of a tensor of {x.rank}")
    for index, axis in enumerate(axes):
        shape[at.axis(axis, x.rank)] = x.shape[axis] + pads[index] + pads[half + index]
    return at.made(shape, x.dtype)


@operator("DepthToSpace")
def depth_to_space(at: Site) -> Info:
    x = at.input(0)
    block = at.node.number("blocksize", 1)
    channels = exact(x.shape[1], block * block)
    if not isinstance(channels, int):
        raise ImportFault(f"{at.node.shown} cannot lay {x.shape[1]} channels into squares of {block}")
    return at.made([x.shape[0], channels, *(size * block for size in x.shape[2:])], x.dtype)


@operator("SpaceToDepth")
def space_to_depth(at: Site) -> Info:
    x = at.input(0)
    block = at.node.number("blocksize", 1)
    return at.made([x.shape[0], x.shape[1] * (block * block), *(at.atoms.over(s, block) for s in x.shape[2:])], x.dtype)


@operator("Resize", "Upsample")
def resize(at: Site) -> Info | None:
    x = at.input(0)
    old = at.node.op == "Upsample" or (len(at.inputs) == 2 and not at.has(2))
    scale_at = 1 if old else 2
    sizes = at.input(3).sizes if at.has(3) else None
    axes = at.node.numbers("axes") or list(range(x.rank))
    if sizes is not None and len(sizes) == len(axes):
        shape = list(x.shape)
        places = [at.axis(axis, x.rank) for axis in axes]
        for axis, size in zip(places, _kept_in_shape(at, [x.shape[axis] for axis in places], sizes), strict=True):
            shape[axis] = size
        return at.made(shape, x.dtype)
    factors: Sequence[Item] | None = at.input(scale_at).items if at.has(scale_at) else None
    given = at.node.attributes.get("scales")
    if isinstance(given, list) and given:
        factors = [float(one) for one in given if isinstance(one, (int, float))]
    if not factors or len(factors) != len(axes):
        port = at.engine.known.get(at.node.outputs[0])
        return None if port is not None and port.dims is not None else at.made(
            [*x.shape[:2], *(at.engine.unknown(at.node.outputs[0]) for _ in x.shape[2:])], x.dtype
        )  # fmt: skip
    shape = list(x.shape)
    for axis, factor in zip(axes, factors, strict=True):
        axis = at.axis(axis, x.rank)
        size = x.shape[axis]
        if isinstance(factor, float):
            shape[axis] = floor(size * factor) if isinstance(size, int) else at.engine.unknown(at.node.outputs[0])
        elif factor is None or isinstance(factor, bool):
            shape[axis] = at.engine.unknown(at.node.outputs[0])
        else:
            shape[axis] = at.atoms.floor(size * factor)
    return at.made(shape, x.dtype)


def _kept_in_shape(at: Site, olds: Sequence[Size], sizes: Sequence[Size]) -> Sequence[Size]:
    """The sizes that a resize comes to whose policy keeps the ratio of its axes: none larger, or none smaller."""
    policy = at.node.text("keep_aspect_ratio_policy", "stretch")
    if policy == "stretch":
        return sizes
    ratios = [exact(size, old) for size, old in zip(sizes, olds, strict=True)]
    known = [Fraction(ratio) for ratio in ratios if isinstance(ratio, (int, Fraction))]
    if len(known) < len(ratios):
        return [at.engine.unknown(at.node.outputs[0]) for _ in sizes]
    ratio = min(known) if policy == "not_larger" else max(known)
    return [at.atoms.floor(old * ratio + Fraction(1, 2)) for old in olds]


@operator("OneHot")
def one_hot(at: Site) -> Info:
    index = at.input(0)
    axis = at.node.number("axis", -1)
    axis = axis + index.rank + 1 if axis < 0 else axis
    depth = at.input(1).sizes
    size = depth[0] if depth else at.engine.unknown(at.node.outputs[0])
    role = Role.DATA if index.role == Role.MASK else None
    return at.made([*index.shape[:axis], size, *index.shape[axis:]], at.input(2).dtype, role=role)


@operator("NonZero")
def nonzero(at: Site) -> Info:
    x = at.input(0)
    if x.items is not None and all(isinstance(item, (bool, int, float)) for item in x.items):
        count: Size = sum(1 for item in x.items if item)
    else:
        fills = x.role != Role.DATA and isinstance(
            x.elements, Poly
        )  # of a ConstantOfShape, as exporters write `arange`
        count = x.elements if fills else at.engine.unknown(at.node.outputs[0])
    return at.made([max(x.rank, 1), count], "int64")


@operator("TopK")
def top(at: Site) -> Sequence[Info]:
    x = at.input(0)
    axis = at.axis(at.node.number("axis", -1), x.rank)
    given = at.sizes(1, "")
    count: Size = at.node.number("k", 0) or (given[0] if given else at.engine.unknown(at.node.outputs[0]))
    shape = [*x.shape[:axis], count, *x.shape[axis + 1 :]]
    return [at.made(shape, x.dtype), at.made(shape, "int64")]


@operator("NonMaxSuppression")
def suppression(at: Site) -> Info:
    return at.made([at.engine.unknown(at.node.outputs[0]), 3], "int64")


@operator("Compress")
def compress(at: Site) -> Info:
    x = at.input(0)
    if "axis" not in at.node.attributes:
        return at.made([at.engine.unknown(at.node.outputs[0])], x.dtype)
    axis = at.axis(at.node.number("axis", 0), x.rank)
    return at.made([*x.shape[:axis], at.engine.unknown(at.node.outputs[0]), *x.shape[axis + 1 :]], x.dtype)


@operator("Unique")
def unique(at: Site) -> Sequence[Info]:
    x = at.input(0)
    size = [at.engine.unknown(at.node.outputs[0])]
    kept = size
    whole = [x.elements]
    if "axis" in at.node.attributes:
        axis = at.axis(at.node.number("axis", 0), x.rank)
        kept = [*x.shape[:axis], *size, *x.shape[axis + 1 :]]
        whole = [x.shape[axis]]
    return [at.made(kept, x.dtype), at.made(size, "int64"), at.made(whole, "int64"), at.made(size, "int64")]


@operator("RoiAlign")
def roi_align(at: Site) -> Info:
    sizes = at.node.number("output_height", 1), at.node.number("output_width", 1)
    return at.made([at.input(1).shape[0], at.input(0).shape[1], *sizes])


@operator("GridSample")
def grid_sample(at: Site) -> Info:
    return at.made([*at.input(0).shape[:2], *at.input(1).shape[1:-1]])


@operator("SequenceAt", "SequenceConstruct", "SequenceEmpty")
def sequence(at: Site) -> Info | None:
    if at.node.op == "SequenceAt":
        return at.made(at.input(0).shape)
    return None


@operator("EyeLike")
def eye(at: Site) -> Info:
    return at.made(at.input(0).shape)


@operator("Im2Col", "Col2Im")
def col2im(at: Site) -> Info | None:
    sizes, block = at.sizes(1, ""), at.ints(2, "")
    x = at.input(0)
    if sizes is None or block is None:
        return None
    channels = exact(x.shape[1], prod(block))
    return at.made([x.shape[0], channels if channels is not None else at.engine.unknown("c"), *sizes])


def tensor_attribute(at: Site, name: str) -> Tensor | None:
    found = at.node.attributes.get(name)
    return found if isinstance(found, Tensor) else None
