"""Sizes of operators that multiply and accumulate, of pools, and of recurrent layers."""

from __future__ import annotations

from collections.abc import Sequence

from .faults import ImportFault
from .infer import MICROSOFT, Info, Role, Shape, Site, operator
from .sizes import Size, exact, sign_of

WEIGHT_AT = {"QLinearConv": 3, "QLinearMatMul": 3}
"""The second operand of a product, where it is not input 1."""


def operands(at: Site) -> tuple[Info, Info]:
    second = WEIGHT_AT.get(at.node.op, 1)
    return at.input(0), at.input(second)


# ---- windows ---------------------------------------------------------------------------------------------------------


class Window:
    """The windows of a convolution or pool: kernel, stride, dilation, padding before and after, one for each axis."""

    def __init__(self, at: Site, axes: int, kernel: Sequence[int] | None = None) -> None:
        node = at.node
        found = kernel if kernel is not None else node.numbers("kernel_shape")
        if found is None or len(found) != axes:
            raise ImportFault(f"{node.shown} has a window of {len(found or ())} axes over {axes}")
        self.kernel = list(found)
        self.stride = _each(at, "strides", axes, 1)
        self.dilation = _each(at, "dilations", axes, 1)
        self.auto = node.text("auto_pad", "NOTSET") or "NOTSET"
        pads = node.numbers("pads") or [0] * (2 * axes)
        if len(pads) != 2 * axes:
            raise ImportFault(f"{node.shown} has {len(pads)} paddings for {axes} axes")
        if self.auto != "NOTSET":
            pads = [0] * (2 * axes)
        self.before, self.after = pads[:axes], pads[axes:]
        self.ceil = bool(node.number("ceil_mode", 0))
        if any(k < 1 or k > 1 << 20 for k in self.kernel):
            raise ImportFault(f"{node.shown} has a window of {self.kernel}")

    @property
    def span(self) -> list[int]:
        """Elements from the first to the last of a window."""
        return [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]

    def sizes(self, at: Site, sizes: Sequence[Size]) -> list[Size]:
        found: list[Size] = []
        for axis, size in enumerate(sizes):
            stride, span = self.stride[axis], self.span[axis]
            if self.auto in ("SAME_UPPER", "SAME_LOWER"):
                found.append(at.atoms.ceil(_over(size, stride)))
                continue
            padded = size + (self.before[axis] + self.after[axis] - span)
            if self.ceil:
                up = at.atoms.ceil(_over(padded, stride)) + 1
                # a window that would begin in the padding behind is dropped
                found.append(at.atoms.least(up, at.atoms.ceil(_over(size + self.before[axis], stride))))
            else:
                found.append(at.atoms.floor(_over(padded, stride)) + 1)
            if sign_of(found[-1]) in (0, -1):
                raise ImportFault(f"{at.node.shown}: a window of {span} does not fit into {size}")
        return found


def _each(at: Site, name: str, axes: int, otherwise: int) -> list[int]:
    found = at.node.numbers(name) or [otherwise] * axes
    if len(found) != axes or any(one < 1 or one > 1 << 20 for one in found):
        raise ImportFault(f"{at.node.shown} has {name} of {found} over {axes} axes")
    return found


def _over(size: Size, by: int) -> Size:
    found = exact(size, by)
    assert found is not None
    return found


@operator("Conv", "ConvInteger", "QLinearConv", "DeformConv")
@operator("FusedConv", "NhwcConv", domain=MICROSOFT)
def conv(at: Site) -> Info:
    x, weights = operands(at)
    if x.rank < 3 or weights.rank != x.rank:
        raise ImportFault(f"{at.node.shown} convolves a tensor of {x.rank} axes with one of {weights.rank}")
    kernel = [size for size in weights.shape[2:] if isinstance(size, int)]
    window = Window(at, x.rank - 2, kernel)
    groups = at.node.number("group", 1)
    at.same(weights.shape[1] * groups, x.shape[1])
    dtype = {"ConvInteger": "int32"}.get(at.node.op, x.dtype)
    role = Role.DATA if x.role == Role.MASK else None
    return at.made([x.shape[0], weights.shape[0], *window.sizes(at, x.shape[2:])], dtype, role=role)


@operator("ConvTranspose")
def deconv(at: Site) -> Info:
    x, weights = operands(at)
    if x.rank < 3 or weights.rank != x.rank:
        raise ImportFault(f"{at.node.shown} convolves a tensor of {x.rank} axes with one of {weights.rank}")
    axes = x.rank - 2
    window = Window(at, axes, [size for size in weights.shape[2:] if isinstance(size, int)])
    more = at.node.numbers("output_padding") or [0] * axes
    wanted = at.node.numbers("output_shape")
    at.same(weights.shape[0], x.shape[1])
    sizes: list[Size] = []
    for axis, size in enumerate(x.shape[2:]):
        if wanted:
            sizes.append(wanted[-axes:][axis])
        elif window.auto in ("SAME_UPPER", "SAME_LOWER"):
            sizes.append(size * window.stride[axis])
        else:
            taken = window.before[axis] + window.after[axis]
            sizes.append((size - 1) * window.stride[axis] + (window.span[axis] + more[axis] - taken))
    return at.made([x.shape[0], weights.shape[1] * at.node.number("group", 1), *sizes])


@operator("MaxPool", "AveragePool", "LpPool")
@operator("NhwcMaxPool", domain=MICROSOFT)
def pool(at: Site) -> Sequence[Info]:
    x = at.input(0)
    if at.node.op == "NhwcMaxPool":
        sizes = Window(at, x.rank - 2).sizes(at, x.shape[1:-1])
        return [at.made([x.shape[0], *sizes, x.shape[-1]])]
    shape = [*x.shape[:2], *Window(at, x.rank - 2).sizes(at, x.shape[2:])]
    return [at.made(shape), at.made(shape, "int64")]


@operator("QLinearAveragePool", domain=MICROSOFT)
def quantised_pool(at: Site) -> Info:
    x = at.input(0)
    return at.made([*x.shape[:2], *Window(at, x.rank - 2).sizes(at, x.shape[2:])])


@operator("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def global_pool(at: Site) -> Info:
    x = at.input(0)
    return at.made([*x.shape[:2], *(1 for _ in x.shape[2:])])


@operator("QLinearGlobalAveragePool", domain=MICROSOFT)
def quantised_global_pool(at: Site) -> Info:
    x = at.input(0)
    if at.node.number("channels_last", 0):
        return at.made([x.shape[0], *(1 for _ in x.shape[1:-1]), x.shape[-1]])
    return at.made([*x.shape[:2], *(1 for _ in x.shape[2:])])


@operator("MaxUnpool")
def unpool(at: Site) -> Info | None:
    sizes = at.sizes(2, "")
    return at.made(sizes) if sizes is not None else None


@operator("MaxRoiPool")
def roi_pool(at: Site) -> Info:
    return at.made([at.input(1).shape[0], at.input(0).shape[1], *(at.node.numbers("pooled_shape") or [])])


# ---- matrices --------------------------------------------------------------------------------------------------------


@operator("MatMul", "MatMulInteger", "QLinearMatMul")
@operator("FusedMatMul", "MatMulInteger16", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "TransposeMatMul",
          "QLinearMatMul", domain=MICROSOFT)  # fmt: skip
def matmul(at: Site) -> Info:
    a, b = operands(at)
    dtype = "int32" if at.node.op == "MatMulInteger" else at.input(0).dtype
    left, right = turned(a.shape, at.node.number("transA", 0)), turned(b.shape, at.node.number("transB", 0))
    # a table that is looked up by a product; positions meet frequencies with an inner size of 1
    looked_up = {a.role, b.role} == {Role.MASK, Role.STORED} and bool(left) and left[-1] != 1
    return at.made(multiplied(at, left, right), dtype, role=Role.DATA if looked_up else None)


def turned(shape: Shape, turn: int) -> Shape:
    return (*shape[:-2], shape[-1], shape[-2]) if turn and len(shape) > 1 else shape


def multiplied(at: Site, a: Shape, b: Shape) -> list[Size]:
    if not a or not b:
        raise ImportFault(f"{at.node.shown} multiplies a single number")
    at.same(a[-1], b[-2] if len(b) > 1 else b[-1])
    outer = list(at.broadcast([a[:-2], b[:-2]]))
    return outer + ([a[-2]] if len(a) > 1 else []) + ([b[-1]] if len(b) > 1 else [])


@operator("Gemm")
@operator("FusedGemm", domain=MICROSOFT)
def gemm(at: Site) -> Info:
    a, b = at.input(0), at.input(1)
    if a.rank != 2 or b.rank != 2:
        raise ImportFault(f"{at.node.shown} multiplies tensors of {a.rank} and {b.rank} axes")
    return at.made(
        multiplied(at, turned(a.shape, at.node.number("transA", 0)), turned(b.shape, at.node.number("transB", 0)))
    )


@operator("QGemm", domain=MICROSOFT)
def quantised_gemm(at: Site) -> Info:
    a, b = at.input(0), at.input(3)
    return at.made(
        multiplied(at, turned(a.shape, at.node.number("transA", 0)), turned(b.shape, at.node.number("transB", 0)))
    )


@operator("MatMulNBits", domain=MICROSOFT)
def packed_matmul(at: Site) -> Info:
    x = at.input(0)
    at.same(x.shape[-1], at.node.number("K", 0))
    return at.made([*x.shape[:-1], at.node.number("N", 0)])


@operator("Einsum")
def einsum(at: Site) -> Info:
    out, sizes = labels(at)
    return at.made([sizes[label] for label in out])


def labels(at: Site) -> tuple[str, dict[str, Size]]:
    """The labels of an Einsum's result, and the size of each label."""
    equation = at.node.text("equation").replace(" ", "")
    left, arrow, out = equation.partition("->")
    terms = left.split(",")
    given = [one for one in at.inputs if one is not None]
    if len(terms) != len(given):
        raise ImportFault(f"{at.node.shown} names {len(terms)} operands and has {len(given)}")
    free = [label for label in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if label not in equation]
    terms = [_spelled(term, one.rank, free) for term, one in zip(terms, given, strict=True)]
    sizes: dict[str, Size] = {}
    for term, one in zip(terms, given, strict=True):
        if len(term) != one.rank:
            raise ImportFault(f"{at.node.shown} names {len(term)} axes of a tensor of {one.rank}")
        for label, size in zip(term, one.shape, strict=True):
            known = sizes.get(label, 1)
            sizes[label] = size if known == 1 else known if size == 1 else at.same(known, size)
    if not arrow:
        every = "".join(terms)
        out = "".join(sorted(label for label in set(every) if every.count(label) == 1))
    elif "..." in out:
        most = max(
            one.rank - len(t.replace("...", "")) for t, one in zip(left.split(","), given, strict=True) if "..." in t
        )
        out = out.replace("...", "".join(free[-most:]) if most else "")
    return out, sizes


def _spelled(term: str, rank: int, free: Sequence[str]) -> str:
    if "..." not in term:
        return term
    more = rank - len(term.replace("...", ""))
    return term.replace("...", "".join(free[-more:]) if more > 0 else "")


# ---- recurrent layers and attention ----------------------------------------------------------------------------------


@operator("LSTM", "GRU", "RNN")
@operator("DynamicQuantizeLSTM", domain=MICROSOFT)
def recurrent(at: Site) -> Sequence[Info]:
    x = at.input(0)
    if x.rank != 3:
        raise ImportFault(f"{at.node.shown} reads a tensor of {x.rank} axes")
    steps, batch = (x.shape[1], x.shape[0]) if at.node.number("layout", 0) else (x.shape[0], x.shape[1])
    directions = at.input(1).shape[0]
    hidden: Size = at.node.number("hidden_size", 0) or at.input(2).shape[-1]
    every = [steps, directions, batch, hidden]
    last = [directions, batch, hidden]
    if at.node.number("layout", 0):
        every, last = [batch, steps, directions, hidden], [batch, directions, hidden]
    return [at.made(every), at.made(last), at.made(last)]


@operator("Attention")
def attention(at: Site) -> Sequence[Info | None]:
    """ONNX's own, since opset 23: [batch, heads, positions, size], or the heads side by side in the size."""
    q, k, v = at.input(0), at.input(1), at.input(2)
    if q.rank == 4:
        shape: list[Size] = [*q.shape[:3], v.shape[3]]
    else:
        heads, shared = at.node.number("q_num_heads", 1), at.node.number("kv_num_heads", 1)
        size = exact(v.shape[2], shared)
        shape = [*q.shape[:2], (size if size is not None else 1) * heads]
    found: list[Info | None] = [at.made(shape)]
    for index, one in ((4, k), (5, v)):
        if at.has(index):
            past = at.input(index)
            found.append(
                at.made([*past.shape[:2], past.shape[2] + one.shape[-2 if one.rank == 4 else 1], past.shape[3]])
            )
        else:
            found.append(None if one.rank != 4 else at.made(one.shape))
    return found


@operator("Attention", domain=MICROSOFT)
def fused_attention(at: Site) -> Sequence[Info | None]:
    """One product makes queries, keys and values of [batch, positions, size]."""
    x, weights = at.input(0), at.input(1)
    sizes = at.node.numbers("qkv_hidden_sizes")
    third = exact(weights.shape[1], 3)
    return [at.made([*x.shape[:2], sizes[2] if sizes else third if third is not None else weights.shape[1]])]


@operator("MultiHeadAttention", domain=MICROSOFT)
def multi_head_attention(at: Site) -> Sequence[Info | None]:
    q = at.input(0)
    if q.rank == 3:
        v = at.input(2) if at.has(2) else q
        return [at.made([*q.shape[:2], v.shape[-1] if v.rank == 3 else v.shape[1] * v.shape[3]])]
    return [at.made([*q.shape[:2], q.shape[2] * q.shape[4]])]


@operator("GroupQueryAttention", domain=MICROSOFT)
def grouped_attention(at: Site) -> Sequence[Info | None]:
    q = at.input(0)
    heads, shared = at.node.number("num_heads", 1), at.node.number("kv_num_heads", 1)
    width: Size = q.shape[2]
    if not at.has(1):
        whole = exact(q.shape[2] * heads, heads + 2 * shared)
        width = whole if whole is not None else q.shape[2]
    found: list[Info | None] = [at.made([*q.shape[:2], width])]
    for index in (3, 4):
        if at.has(index):
            past = at.input(index)
            found.append(at.made([*past.shape[:2], past.shape[2] + q.shape[1], past.shape[3]]))
        else:
            found.append(None)
    return found


@operator("EmbedLayerNormalization", domain=MICROSOFT)
def embed(at: Site) -> Sequence[Info | None]:
    ids, words = at.input(0), at.input(2)
    shape = [*ids.shape, words.shape[1]]
    rows = at.made(shape, words.dtype, role=Role.DATA)
    return [rows, at.made([ids.shape[0]], "int32"), rows]


@operator("GatherBlockQuantized", domain=MICROSOFT)
def gather_packed(at: Site) -> Info:
    table, index = at.input(0), at.input(1)
    packed = 2 if table.dtype == "uint8" and at.node.number("bits", 4) == 4 else 1
    width = table.shape[-1] * packed
    return at.made([*index.shape, width], "float32", role=Role.DATA)


@operator("Affine", "Crop", "Scaler")
def first(at: Site) -> Info:
    return at.made(at.input(0).shape)
