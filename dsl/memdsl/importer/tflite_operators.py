"""TensorFlow Lite's operators as ONNX's: channels stand last, and views turn them to the second axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .faults import ImportFault
from .graph import Attribute, Port, Tensor
from .infer import MICROSOFT
from .tflite_operator import FromData, Operator, bounded

UNARY = {
    "RELU": "Relu", "RELU6": "Clip", "RELU_N1_TO_1": "Clip", "RELU_0_TO_1": "Clip", "LOGISTIC": "Sigmoid",
    "TANH": "Tanh", "HARD_SWISH": "HardSwish", "ELU": "Elu", "GELU": "Gelu", "LEAKY_RELU": "LeakyRelu", "EXP": "Exp",
    "LOG": "Log", "SQRT": "Sqrt", "RSQRT": "Reciprocal", "ABS": "Abs", "NEG": "Neg", "SQUARE": "Abs", "SIN": "Sin",
    "COS": "Cos", "FLOOR": "Floor", "CEIL": "Ceil", "ROUND": "Round", "SIGN": "Sign", "LOGICAL_NOT": "Not",
    "CAST": "Abs", "QUANTIZE": "Identity", "DEQUANTIZE": "Identity", "DENSIFY": "Identity", "FAKE_QUANT": "Identity",
    "L2_NORMALIZATION": "LpNormalization", "LOCAL_RESPONSE_NORMALIZATION": "LRN", "ZEROS_LIKE": "Abs",
    "CUMSUM": "CumSum",
    "SOFTMAX": "Softmax", "LOG_SOFTMAX": "LogSoftmax", "REVERSE_V2": "ReverseSequence", "SHAPE": "Shape",
}  # fmt: skip
BINARY = {
    "ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div", "MAXIMUM": "Max", "MINIMUM": "Min", "POW": "Pow",
    "SQUARED_DIFFERENCE": "Sub", "FLOOR_DIV": "Div", "FLOOR_MOD": "Mod", "PRELU": "Mul", "EQUAL": "Equal",
    "NOT_EQUAL": "Equal", "LESS": "Less", "LESS_EQUAL": "LessOrEqual", "GREATER": "Greater",
    "GREATER_EQUAL": "GreaterOrEqual", "LOGICAL_AND": "And", "LOGICAL_OR": "Or", "SELECT": "Where",
    "SELECT_V2": "Where", "ADD_N": "Sum",
}  # fmt: skip
REDUCE = {
    "MEAN": "ReduceMean", "SUM": "ReduceSum", "REDUCE_MAX": "ReduceMax", "REDUCE_MIN": "ReduceMin",
    "REDUCE_PROD": "ReduceProd", "REDUCE_ANY": "ReduceMax", "REDUCE_ALL": "ReduceMin",
}  # fmt: skip
THROUGH_BLOCKS = ("CONV_2D", "DEPTHWISE_CONV_2D", "EXPAND_DIMS", "RESHAPE", "SQUEEZE", "BATCH_TO_SPACE_ND")
"""Operators that may stand between those that put blocks of positions into the batch and take them out."""


def emit(at: Operator) -> None:
    """The nodes of one operator, in ONNX's operators; one that has none there stands for itself."""
    blocks = at.blocks()
    if blocks and at.kind not in (*UNARY, *BINARY, *THROUGH_BLOCKS):
        raise ImportFault(
            f"operator {at.name} works on blocks of positions that lie in the batch, which is not known here"
        )
    if at.kind in UNARY:
        at.node(UNARY[at.kind], at.inputs[:1], at.outputs)
    elif at.kind in BINARY:
        at.node(BINARY[at.kind], at.inputs, at.outputs)
    elif at.kind in REDUCE:
        keep = int(at.options("ReducerOptions").KeepDims())
        at.node(REDUCE[at.kind], at.inputs[:2], at.outputs, keepdims=keep)
    elif at.kind in MAKERS:
        before = len(at.reading.graph.nodes)
        try:
            MAKERS[at.kind](at)
        except FromData:
            del at.reading.graph.nodes[before:]
            _unknown(at)
    else:
        _unknown(at)
    if blocks and at.kind in (*UNARY, *BINARY, "CONV_2D", "DEPTHWISE_CONV_2D"):
        at.reading.spread[at.outputs[0]] = blocks


def _unknown(at: Operator) -> None:
    """An operator that stands for itself: its outputs are as large as the file says."""
    for name in at.outputs:
        one = at.port(name)
        at.reading.graph.known[name] = Port(name, one.dtype, one.dims)
    at.node(at.kind, at.inputs, at.outputs, domain="tflite")


def _window(at: Operator, options: Any, kernel: list[int]) -> dict[str, Attribute]:
    auto = "SAME_UPPER" if options.Padding() == 0 else "VALID"
    return {"kernel_shape": kernel, "strides": [int(options.StrideH()), int(options.StrideW())], "auto_pad": auto}


def _convolution(at: Operator) -> None:
    depthwise = at.kind == "DEPTHWISE_CONV_2D"
    options = at.options("DepthwiseConv2DOptions" if depthwise else "Conv2DOptions")
    weights = at.dims(at.inputs[1])
    attributes = _window(at, options, list(weights[1:3]))
    steps = [int(options.DilationHFactor()), int(options.DilationWFactor())]
    blocks = at.blocks()
    if blocks and (len(blocks) != 2 or options.StrideH() != 1 or options.StrideW() != 1 or options.Padding() == 0):
        raise ImportFault(f"operator {at.name} is no convolution with holes, and its positions lie in the batch")
    attributes["dilations"] = [step * block for step, block in zip(steps, blocks or (1, 1), strict=True)]
    channels = at.dims(at.inputs[0])[3]
    if depthwise:
        attributes["group"] = channels
    elif weights[3] and channels % weights[3] == 0:
        attributes["group"] = channels // weights[3]
    turned = at.through("Transpose", at.inputs[1], perm=[3, 0, 1, 2] if depthwise else [0, 3, 1, 2])
    at.last(at.through("Conv", at.first(at.inputs[0]), turned, **attributes), at.outputs[0])


def _transposed(at: Operator) -> None:
    if at.kind == "TRANSPOSE_CONV":
        options = at.options("TransposeConvOptions")
        sizes, weights, x = at.sizes(at.inputs[0])[1:3], at.inputs[1], at.inputs[2]
        strides = [int(options.StrideH()), int(options.StrideW())]
    else:  # of MediaPipe: its options are in a format of its own, and follow from the sizes
        x, weights = at.inputs[0], at.inputs[1]
        sizes = list(at.dims(at.outputs[0])[1:3])
        strides = [max(1, out // max(1, size)) for out, size in zip(sizes, at.dims(x)[1:3], strict=True)]
    turned = at.through("Transpose", weights, perm=[3, 0, 1, 2])
    attributes: dict[str, Attribute] = {"strides": strides, "output_shape": sizes}
    if not sizes:  # where the batch is open, it says the size that follows
        attributes = {"strides": strides, "auto_pad": "SAME_UPPER" if options.Padding() == 0 else "VALID"}
    out = at.through("ConvTranspose", at.first(x), turned, **attributes)
    at.last(out, at.outputs[0])


def _pool(at: Operator) -> None:
    options = at.options("Pool2DOptions")
    kernel = [int(options.FilterHeight()), int(options.FilterWidth())]
    op = {"MAX_POOL_2D": "MaxPool"}.get(at.kind, "AveragePool")
    at.last(at.through(op, at.first(at.inputs[0]), **_window(at, options, kernel)), at.outputs[0])


def _dense(at: Operator) -> None:
    weights = at.dims(at.inputs[1])
    turned = at.through("Transpose", at.inputs[1], perm=[1, 0])
    x = at.inputs[0]
    if not at.options("FullyConnectedOptions").KeepNumDims():
        x = at.through("Reshape", x, at.constant([-1, weights[1]]))
    at.node("MatMul", [x, turned], at.outputs[:1])


def _reshape(at: Operator) -> None:
    if at.blocks():
        _without_ones(at)
        return
    dims = list(at.dims(at.outputs[0]))
    if len(at.inputs) > 1 and at.inputs[1] in at.reading.graph.stored:
        dims = at.numbers(at.inputs[1])
    elif len(at.inputs) > 1 and at.inputs[1]:
        at.node("Reshape", at.inputs[:2], at.outputs)
        return
    before = at.dims(at.inputs[0])
    if dims and before and dims[0] == before[0] == 1:
        dims[0] = 0  # the batch stays what it is
    at.node("Reshape", [at.inputs[0], at.constant(dims)], at.outputs)


def _concat(at: Operator) -> None:
    at.node("Concat", at.inputs, at.outputs, axis=int(at.options("ConcatenationOptions").Axis()))


def _pad(at: Operator) -> None:
    pads = at.numbers(at.inputs[1])
    constant = at.constant([*pads[::2], *pads[1::2]])
    mode = "reflect" if at.kind == "MIRROR_PAD" else "constant"
    at.node("Pad", [at.inputs[0], constant], at.outputs, mode=mode)


def _resize(at: Operator) -> None:
    sizes = at.constant(at.numbers(at.inputs[1]))
    at.node("Resize", [at.inputs[0], "", "", sizes], at.outputs, axes=[1, 2])


def _strided_slice(at: Operator) -> None:
    options = at.options("StridedSliceOptions")
    begin, end, step = (at.numbers(name) for name in at.inputs[1:4])
    if options.NewAxisMask() or options.EllipsisMask():
        raise ImportFault(f"operator {at.name} adds axes while it slices, which is not known here")
    shrink = options.ShrinkAxisMask()
    starts, ends = [], []
    for axis in range(len(begin)):
        bit = 1 << axis
        starts.append((0 if step[axis] > 0 else (1 << 31) - 1) if options.BeginMask() & bit else begin[axis])
        stop = (1 << 31) - 1 if step[axis] > 0 else -(1 << 31)
        alone = begin[axis] + 1 if begin[axis] != -1 else (1 << 31) - 1
        ends.append(alone if shrink & bit else stop if options.EndMask() & bit else end[axis])
    axes = at.constant(list(range(len(begin))))
    names = [at.inputs[0], at.constant(starts), at.constant(ends), axes, at.constant(step)]
    if not shrink:
        at.node("Slice", names, at.outputs)
        return
    cut = at.through("Slice", *names)
    gone = [axis for axis in range(len(begin)) if shrink & (1 << axis)]
    at.node("Squeeze", [cut, at.constant(gone)], at.outputs)


def _slice(at: Operator) -> None:
    begin, size = at.numbers(at.inputs[1]), at.numbers(at.inputs[2])
    ends = [start + count if count >= 0 else (1 << 31) - 1 for start, count in zip(begin, size, strict=True)]
    at.node("Slice", [at.inputs[0], at.constant(begin), at.constant(ends)], at.outputs)


def _split(at: Operator) -> None:
    if at.kind == "SPLIT":
        at.node("Split", [at.inputs[1]], at.outputs, axis=at.numbers(at.inputs[0])[0])
    else:
        sizes = at.constant(at.numbers(at.inputs[1]))
        at.node("Split", [at.inputs[0], sizes], at.outputs, axis=at.numbers(at.inputs[2])[0])


def _pack(at: Operator) -> None:
    axis = int(at.options("PackOptions").Axis())
    wide = [at.through("Unsqueeze", name, axes=[axis]) for name in at.inputs]
    at.node("Concat", wide, at.outputs, axis=axis)


def _unpack(at: Operator) -> None:
    axis = int(at.options("UnpackOptions").Axis())
    parts = [at.fresh() for _ in at.outputs]
    at.node("Split", at.inputs[:1], parts, axis=axis)
    for part, output in zip(parts, at.outputs, strict=True):
        at.node("Squeeze", [part], [output], axes=[axis])


def _transpose(at: Operator) -> None:
    at.node("Transpose", at.inputs[:1], at.outputs, perm=at.numbers(at.inputs[1]))


def _squeeze(at: Operator) -> None:
    if at.blocks():
        _without_ones(at)
        return
    options = at.options("SqueezeOptions")
    axes = [int(options.SqueezeDims(index)) for index in bounded(options.SqueezeDimsLength())]
    turns: dict[str, Attribute] = {"axes": axes} if axes else {}
    at.node("Squeeze", at.inputs[:1], at.outputs, **turns)


def _expand_dims(at: Operator) -> None:
    axes = at.numbers(at.inputs[1])
    at.node("Unsqueeze", at.inputs[:1], at.outputs, axes=axes)
    if blocks := list(at.blocks()):
        axis = axes[0] + len(at.dims(at.inputs[0])) + 1 if axes[0] < 0 else axes[0]
        blocks.insert(max(axis - 1, 0), 1)
        at.reading.spread[at.outputs[0]] = tuple(blocks)


def _gather(at: Operator) -> None:
    options = at.options("GatherOptions") if at.kind == "GATHER" else None
    if options is not None and options.BatchDims():
        _unknown(at)
        return
    axis = int(options.Axis()) if options is not None else 0
    names = at.inputs[:2] if at.kind == "GATHER" else [at.inputs[1], at.inputs[0]]
    at.node("Gather", names, at.outputs, axis=axis)


def _batch_matmul(at: Operator) -> None:
    options = at.options("BatchMatMulOptions")
    turns: dict[str, Attribute] = {"transA": int(options.AdjX()), "transB": int(options.AdjY())}
    at.node("FusedMatMul", at.inputs[:2], at.outputs, domain=MICROSOFT, **turns)


def _blocks(at: Operator) -> None:
    space = at.kind == "SPACE_TO_DEPTH"
    options = at.options("SpaceToDepthOptions" if space else "DepthToSpaceOptions")
    op = "SpaceToDepth" if space else "DepthToSpace"
    at.last(at.through(op, at.first(at.inputs[0]), blocksize=int(options.BlockSize())), at.outputs[0])


def _into_batch(at: Operator) -> None:
    """Blocks of positions put into the batch, as a convolution with holes is written: here they stay where they are."""
    block, pads = at.numbers(at.inputs[1]), at.numbers(at.inputs[2])
    rest = [0] * (len(at.dims(at.inputs[0])) - 1 - len(block))
    constant = at.constant([0, *pads[::2], *rest, 0, *pads[1::2], *rest])
    at.node("Pad", [at.inputs[0], constant], at.outputs)
    at.reading.spread[at.outputs[0]] = tuple(block)


def _out_of_batch(at: Operator) -> None:
    """What the convolution was given too much of is cut off."""
    block, crops = at.numbers(at.inputs[1]), at.numbers(at.inputs[2])
    if at.blocks() != tuple(block):
        raise ImportFault(f"operator {at.name} takes other blocks of positions out of the batch than were put in")
    ends = [-crop if crop else (1 << 31) - 1 for crop in crops[1::2]]
    axes = at.constant(list(range(1, len(block) + 1)))
    at.node("Slice", [at.inputs[0], at.constant(crops[::2]), at.constant(ends), axes], at.outputs)


def _without_ones(at: Operator) -> None:
    """Axes of 1 taken away while blocks of positions lie in the batch."""
    before, after = at.dims(at.inputs[0]), list(at.dims(at.outputs[0]))
    gone = [axis for axis in range(1, len(before)) if before[axis] == 1 and len(before) > len(after)][:1]
    if [size for axis, size in enumerate(before) if axis not in gone][1:] != after[1:]:
        raise ImportFault(f"operator {at.name} lays out anew positions whose blocks lie in the batch")
    at.node("Squeeze", at.inputs[:1], at.outputs, axes=gone)
    at.reading.spread[at.outputs[0]] = tuple(b for axis, b in enumerate(at.blocks(), 1) if axis not in gone)


def _arg(at: Operator) -> None:
    axis = at.numbers(at.inputs[1])[0]
    at.node("ArgMax" if at.kind == "ARG_MAX" else "ArgMin", at.inputs[:1], at.outputs, axis=axis, keepdims=0)


def _tile(at: Operator) -> None:
    at.node("Tile" if at.kind == "TILE" else "Expand", at.inputs[:2], at.outputs)


def _lstm(at: Operator) -> None:
    """The weights of the gates, each a matrix of its own, as ONNX has them side by side."""
    hidden, wide = at.dims(at.inputs[2])
    if len(at.inputs) > 16 and at.inputs[16]:
        raise ImportFault(f"operator {at.name} projects its state, which is not known here")
    graph = at.reading.graph
    first, second = at.fresh(), at.fresh()
    graph.stored[first] = Tensor(first, "float32", (1, 4 * hidden, wide))
    graph.stored[second] = Tensor(second, "float32", (1, 4 * hidden, hidden))
    major = bool(at.options("UnidirectionalSequenceLSTMOptions").TimeMajor())
    x = at.inputs[0] if major else at.through("Transpose", at.inputs[0], perm=[1, 0, 2])
    every = at.through("LSTM", x, first, second, hidden_size=hidden)
    flat = at.through("Squeeze", every, axes=[1])
    turns: dict[str, Attribute] = {} if major else {"perm": [1, 0, 2]}
    at.node("Identity" if major else "Transpose", [flat], at.outputs[:1], **turns)


def _state(at: Operator) -> None:
    """A variable that is kept from call to call: an input of one call."""
    kept = at.port(at.outputs[0])
    at.reading.graph.inputs.append(Port(kept.name, kept.dtype, kept.dims))


def _nothing(at: Operator) -> None:
    """Keeps a variable for the next call, or sets one up: no work and no output."""


MAKERS: dict[str, Callable[[Operator], None]] = {
    "CONV_2D": _convolution, "DEPTHWISE_CONV_2D": _convolution, "TRANSPOSE_CONV": _transposed,
    "Convolution2DTransposeBias": _transposed, "MAX_POOL_2D": _pool, "AVERAGE_POOL_2D": _pool, "L2_POOL_2D": _pool,
    "FULLY_CONNECTED": _dense, "RESHAPE": _reshape, "CONCATENATION": _concat, "PAD": _pad, "PADV2": _pad,
    "MIRROR_PAD": _pad, "RESIZE_BILINEAR": _resize, "RESIZE_NEAREST_NEIGHBOR": _resize, "STRIDED_SLICE": _strided_slice,
    "SLICE": _slice, "SPLIT": _split, "SPLIT_V": _split, "PACK": _pack, "UNPACK": _unpack, "TRANSPOSE": _transpose,
    "SQUEEZE": _squeeze, "EXPAND_DIMS": _expand_dims, "GATHER": _gather, "EMBEDDING_LOOKUP": _gather,
    "BATCH_MATMUL": _batch_matmul, "SPACE_TO_DEPTH": _blocks, "DEPTH_TO_SPACE": _blocks, "ARG_MAX": _arg,
    "ARG_MIN": _arg, "SPACE_TO_BATCH_ND": _into_batch, "BATCH_TO_SPACE_ND": _out_of_batch,
    "TILE": _tile, "BROADCAST_TO": _tile, "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm, "READ_VARIABLE": _state,
    "VAR_HANDLE": _nothing, "ASSIGN_VARIABLE": _nothing, "CALL_ONCE": _nothing,
}  # fmt: skip
