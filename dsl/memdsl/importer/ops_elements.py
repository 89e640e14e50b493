"""Sizes of operators that work element by element, and of those that reduce or normalise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor, prod, sqrt

from .faults import ImportFault
from .graph import Tensor
from .infer import MICROSOFT, Info, Item, Role, Site, operator, stored
from .sizes import Atoms, Poly, Size, exact, sign_of

ACTIVATIONS = (
    "Relu", "LeakyRelu", "PRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Selu", "Celu", "Gelu",
    "Softplus", "Softsign", "ThresholdedRelu", "Mish", "Swish", "Clip", "Erf", "Exp", "Log", "Sqrt", "Reciprocal",
    "Abs", "Neg", "Sign", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh",
    "Floor", "Ceil", "Round", "Shrink", "Hardmax", "Not", "IsNaN", "IsInf", "BitwiseNot", "Bernoulli",
)  # fmt: skip
SOFTMAX = ("Softmax", "LogSoftmax")
SAME = (
    "Dropout",
    "Identity",
    "CumSum",
    "ReverseSequence",
    "Trilu",
    "LRN",
    "LpNormalization",
    "MeanVarianceNormalization",
    "InstanceNormalization",
    "GroupNormalization",
    "BatchNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "SimplifiedLayerNormalization",
    "EyeLike",
    "ScatterND",
    "ScatterElements",
    "Scatter",
    "RandomNormalLike",
    "RandomUniformLike",
    "RotaryEmbedding",
    "TensorScatter",
)  # fmt: skip
_TRUTH = ("Not", "IsNaN", "IsInf", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor")


def _whole(atoms: Atoms, item: Item, how: str) -> Item:
    if isinstance(item, bool) or item is None:
        return item
    if isinstance(item, float):
        if how in ("floor", "ceil"):
            return floor(item) if how == "floor" else ceil(item)
        return round(item) if how == "round" else int(item)
    if how == "ceil":
        return atoms.ceil(item)
    if how == "round" and not isinstance(item, Poly):
        return round(item)
    if how == "trunc" and not isinstance(item, Poly):
        return int(item)
    return atoms.floor(item)


def _negative(item: Item) -> Item:
    return None if item is None else -item


def _positive(item: Item) -> Item:
    return max(item, -item) if isinstance(item, (int, float, Fraction)) else None


@operator(*ACTIVATIONS)
def unary(at: Site) -> Info:
    x = at.input(0)
    items: list[Item] | None = None
    op = at.node.op
    if x.items is not None:
        if op in ("Floor", "Ceil", "Round"):
            items = [_whole(at.atoms, item, op.lower()) for item in x.items]
        elif op == "Neg":
            items = [_negative(item) for item in x.items]
        elif op == "Abs":
            items = [_positive(item) for item in x.items]
        elif op == "Not":
            items = [not item if isinstance(item, bool) else None for item in x.items]
        elif op == "Sqrt":
            items = [sqrt(i) if isinstance(i, (int, float, Fraction)) and i >= 0 else None for i in x.items]
    return at.made(x.shape, "bool" if op in _TRUTH else x.dtype, items)


@operator("FastGelu", "BiasGelu", "QuickGelu", "Gelu", "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax",
          "BiasSoftmax", "BiasDropout", "BiasSplitGelu", "Rfft", "LayerNormalization", "SimplifiedLayerNormalization",
          "GroupNorm", "SkipGroupNorm", "RotaryEmbedding", "NhwcInferenceBatchNorm", domain=MICROSOFT)  # fmt: skip
@operator(*SOFTMAX, *(name for name in SAME if name != "Identity"))
def unchanged(at: Site) -> Sequence[Info | None]:
    x = at.input(0)
    first = at.made(
        x.shape, x.dtype, x.items if at.node.op == "Dropout" else None, x.origin if at.node.op == "Dropout" else ""
    )
    if at.node.op == "LayerNormalization" or at.node.op == "SimplifiedLayerNormalization":
        axis = at.axis(at.node.number("axis", -1), x.rank)
        small = at.made([*x.shape[:axis], *(1 for _ in x.shape[axis:])], "float32")
        return [first, small, small]
    if at.node.op == "BatchNormalization":
        return [first, *[at.made(at.input(1).shape, x.dtype)] * (len(at.node.outputs) - 1)]
    return [first, at.made(x.shape, "bool")]


@operator("Identity")
def identity(at: Site) -> Info:
    x = at.input(0)
    return at.made(x.shape, x.dtype, x.items, x.origin)


@operator("Cast", "CastLike")
def cast(at: Site) -> Info:
    from .onnx_file import DTYPES

    x = at.input(0)
    dtype = at.input(1).dtype if at.node.op == "CastLike" else DTYPES.get(at.node.number("to", 0), "")
    items: list[Item] | None = None
    if x.items is not None:
        if dtype.startswith(("int", "uint")):
            items = [int(i) if isinstance(i, bool) else _whole(at.atoms, i, "trunc") for i in x.items]
        elif dtype == "bool":
            items = [bool(i) if isinstance(i, (int, float, Fraction)) else None for i in x.items]
        else:
            items = [int(i) if isinstance(i, bool) else i for i in x.items]
    info = at.made(x.shape, dtype, items, x.origin)
    return Info(info.shape, info.dtype, x.role, info.items, info.origin)


# ---- two operands ----------------------------------------------------------------------------------------------------


def _add(atoms: Atoms, a: Size, b: Size) -> Item:
    return a + b


def _sub(atoms: Atoms, a: Size, b: Size) -> Item:
    return a - b


def _mul(atoms: Atoms, a: Size, b: Size) -> Item:
    return a * b


def _div(atoms: Atoms, a: Size, b: Size) -> Item:
    return exact(a, b)


def _mod(atoms: Atoms, a: Size, b: Size) -> Item:
    if isinstance(a, int) and isinstance(b, int):
        return a % b if b else None
    whole = exact(a, b)
    if whole is not None and all(
        isinstance(f, int) for f in (whole.terms.values() if isinstance(whole, Poly) else [whole])
    ):
        return 0
    return a - atoms.over(a, b) * b


def _pow(atoms: Atoms, a: Size, b: Size) -> Item:
    if isinstance(b, int) and 0 <= b <= 8:
        return prod([a] * b, start=1) if not isinstance(a, Poly) else _power(a, b)
    return None


def _power(a: Size, b: int) -> Size:
    total: Size = 1
    for _ in range(b):
        total = a * total
    return total


def _compare(test: Callable[[int], bool]) -> Callable[[Atoms, Size, Size], Item]:
    def compared(atoms: Atoms, a: Size, b: Size) -> Item:
        sign = sign_of(a - b)
        if sign is not None:
            return test(sign)
        return None

    return compared


def _equal(atoms: Atoms, a: Size, b: Size) -> Item:
    """Exporters compare sizes with -1, which stands for one that follows: an open size is never below 0."""
    if any(isinstance(one, int) and one < 0 and isinstance(other, Poly) for one, other in ((a, b), (b, a))):
        return False
    sign = sign_of(a - b)
    return None if sign is None else sign == 0


_ARITHMETIC: dict[str, Callable[[Atoms, Size, Size], Item]] = {
    "Add": _add, "Sub": _sub, "Mul": _mul, "Div": _div, "Mod": _mod, "Pow": _pow,
    "Max": lambda atoms, a, b: atoms.largest(a, b), "Min": lambda atoms, a, b: atoms.least(a, b), "Sum": _add,
    "Equal": _equal, "Less": _compare(lambda s: s < 0), "Greater": _compare(lambda s: s > 0),
    "LessOrEqual": _compare(lambda s: s <= 0), "GreaterOrEqual": _compare(lambda s: s >= 0),
}  # fmt: skip


def spread(items: Sequence[Item], shape: Sequence[Size], wanted: Sequence[Size]) -> list[Item] | None:
    """The items of a small tensor broadcast to larger constant sizes."""
    sizes = [size for size in wanted if isinstance(size, int)]
    own = [size for size in shape if isinstance(size, int)]
    if len(sizes) != len(wanted) or len(own) != len(shape) or prod(sizes) > 4096:
        return None
    own = [1] * (len(sizes) - len(own)) + own
    steps: list[int] = []
    step = 1
    for size in reversed(own):
        steps.insert(0, step if size != 1 else 0)
        step *= size
    places = [0]
    for size, stride in zip(sizes, steps, strict=True):
        places = [place + stride * index for place in places for index in range(size)]
    return [items[place] for place in places]


@operator("Add", "Sub", "Mul", "Div", "Mod", "Pow", "Max", "Min", "Sum", "Mean", "Equal", "Less", "Greater",
          "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor",
          "Where")  # fmt: skip
def several(at: Site) -> Info:
    op = at.node.op
    given = [one for one in at.inputs if one is not None]
    shape = at.broadcast([one.shape for one in given])
    dtype = "bool" if op in _TRUTH else given[-1].dtype
    items: list[Item] | None = None
    if all(one.items is not None for one in given):
        spreads = [spread(one.items or (), one.shape, shape) for one in given]
        columns = [one for one in spreads if one is not None]
        if len(columns) == len(given):
            items = [_item(at.atoms, op, row, dtype) for row in zip(*columns, strict=True)]
    return at.made(shape, dtype, items)


def _item(atoms: Atoms, op: str, row: Sequence[Item], dtype: str) -> Item:
    if op == "Where":
        return (
            (row[1] if row[0] else row[2])
            if isinstance(row[0], (bool, int))
            else (row[1] if row[1] == row[2] else None)
        )
    if op in ("And", "Or", "Xor"):
        a, b = row[0], row[1]
        if not isinstance(a, bool) or not isinstance(b, bool):
            return None
        return a and b if op == "And" else a or b if op == "Or" else a != b
    total = row[0]
    how = _ARITHMETIC.get(op)
    if how is None:
        return None
    for item in row[1:]:
        if item is None or total is None:
            return None
        if isinstance(item, float) or isinstance(total, float):
            total = _real(op, total, item)
        else:
            total = how(atoms, total, item)
            if op == "Div" and dtype.startswith(("int", "uint")) and row[1] is not None:
                left = row[0]
                assert isinstance(left, (int, Fraction, Poly))
                total = atoms.over(left, item) if item != 0 else None
    return total


def _real(op: str, a: Item, b: Item) -> Item:
    if not isinstance(a, (int, float, Fraction)) or not isinstance(b, (int, float, Fraction)):
        return None
    x, y = float(a), float(b)
    if op == "Div":
        return x / y if y else None
    simple = {"Add": x + y, "Sum": x + y, "Sub": x - y, "Mul": x * y, "Max": max(x, y), "Min": min(x, y)}
    return simple.get(op)


@operator("QLinearAdd", "QLinearMul", domain=MICROSOFT)
def quantised_pair(at: Site) -> Info:
    return at.made(at.broadcast([at.input(0).shape, at.input(3).shape]), at.input(0).dtype)


@operator("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "AddGelu", "BiasAdd", domain=MICROSOFT)
def skip_norm(at: Site) -> Sequence[Info | None]:
    x = at.input(0)
    shape = at.broadcast([x.shape, at.input(1).shape]) if at.has(1) else x.shape
    return [at.made(shape, x.dtype)] * 4


# ---- quantisation ----------------------------------------------------------------------------------------------------


@operator("QuantizeLinear")
@operator("QuantizeLinear", domain=MICROSOFT)
def quantize(at: Site) -> Info:
    x = at.input(0)
    dtype = at.input(2).dtype if at.has(2) else "uint8"
    return at.made(x.shape, dtype, None, x.origin)


@operator("DequantizeLinear")
@operator("DequantizeLinear", domain=MICROSOFT)
def dequantize(at: Site) -> Info:
    x = at.input(0)
    return at.made(x.shape, at.input(1).dtype, None, x.origin)


@operator("DynamicQuantizeLinear")
def dynamic_quantize(at: Site) -> Sequence[Info]:
    return [at.made(at.input(0).shape, "uint8"), at.made((), "float32"), at.made((), "uint8")]


# ---- constants and sizes ---------------------------------------------------------------------------------------------


@operator("Constant")
def constant(at: Site) -> Info:
    value = at.node.attributes.get("value")
    name = at.node.outputs[0]
    if isinstance(value, Tensor):
        return stored(Tensor(name, value.dtype, value.dims, value.values))
    for key, dtype in (("value_int", "int64"), ("value_float", "float32")):
        one = at.node.attributes.get(key)
        if isinstance(one, (int, float)):
            return stored(Tensor(name, dtype, (), (one,)))
    for key, dtype in (("value_ints", "int64"), ("value_floats", "float32")):
        many = at.node.attributes.get(key)
        if isinstance(many, list):
            return stored(
                Tensor(name, dtype, (len(many),), tuple(one for one in many if isinstance(one, (int, float))))
            )
    return Info((), "string", Role.STORED, None, name)


@operator("Shape")
def shape_of(at: Site) -> Info:
    x = at.input(0)
    start = at.node.number("start", 0)
    end = at.node.number("end", x.rank)
    found = x.shape[start:] if end >= x.rank else x.shape[start:end]
    return Info((len(found),), "int64", Role.SIZES, found)


@operator("Size")
def size_of(at: Site) -> Info:
    return Info((), "int64", Role.SIZES, (at.input(0).elements,))


@operator("ConstantOfShape")
def constant_of_shape(at: Site) -> Info | None:
    sizes = at.input(0).sizes
    if sizes is None:
        count = at.input(0).shape[0] if at.input(0).rank else 1
        return at.made([at.engine.unknown(at.node.outputs[0]) for _ in range(count if isinstance(count, int) else 1)])
    value = at.node.attributes.get("value")
    fill: Item = 0
    dtype = "float32"
    if isinstance(value, Tensor):
        dtype = value.dtype
        fill = value.values[0] if value.values else None
    total = prod(size if isinstance(size, int) else MANY for size in sizes)
    return at.made(sizes, dtype, [fill] * total if total <= 4096 else None)


MANY = 1 << 20


@operator("Range")
def range_of(at: Site) -> Info:
    parts = [at.input(index).sizes for index in range(3)]
    dtype = at.input(0).dtype
    if any(part is None or len(part) != 1 for part in parts):
        return at.made([at.engine.unknown(at.node.outputs[0])], dtype)
    start, end, step = (part[0] for part in parts if part is not None)
    divided = exact(end - start, step)
    count = at.atoms.ceil(divided) if divided is not None else at.engine.unknown(at.node.outputs[0])
    items: list[Item] | None = None
    if isinstance(count, int):
        count = max(0, count)
        if count <= 4096:
            items = [start + step * index for index in range(count)]
    return at.made([count], dtype, items)


@operator("RandomNormal", "RandomUniform")
def random(at: Site) -> Info:
    return at.made(at.node.numbers("shape") or [], "float32")


# ---- reductions ------------------------------------------------------------------------------------------------------


@operator("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum",
          "ReduceLogSumExp", "ReduceSumSquare")  # fmt: skip
def reduce(at: Site) -> Info:
    x = at.input(0)
    axes = at.ints(1, "axes")
    keep = at.node.number("keepdims", 1)
    if axes is None and at.has(1):
        raise ImportFault(f"{at.node.shown} is told by the data over which axes it reduces")
    if not axes:
        if at.node.number("noop_with_empty_axes", 0):
            return at.made(x.shape, x.dtype, x.items)
        axes = list(range(x.rank))
    gone = {at.axis(axis, x.rank) for axis in axes}
    items: list[Item] | None = None
    sizes = x.sizes
    if sizes is not None and x.rank == 1 and at.node.op in ("ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin"):
        how = {"ReduceProd": "Mul", "ReduceSum": "Add", "ReduceMax": "Max", "ReduceMin": "Min"}[at.node.op]
        total: Item = sizes[0] if sizes else None
        for size in sizes[1:]:
            if not isinstance(total, (int, Fraction, Poly)):
                break
            total = _ARITHMETIC[how](at.atoms, total, size)
        items = [total]
    shape = [1 if index in gone else size for index, size in enumerate(x.shape) if keep or index not in gone]
    return at.made(shape, x.dtype, items)


@operator("ArgMax", "ArgMin")
def arg(at: Site) -> Info:
    x = at.input(0)
    axis = at.axis(at.node.number("axis", 0), x.rank)
    shape = list(x.shape)
    shape[axis : axis + 1] = [1] if at.node.number("keepdims", 1) else []
    return at.made(shape, "int64")
