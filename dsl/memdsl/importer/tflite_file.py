"""TensorFlow Lite's files, their operators as ONNX's: channels stand last, and views turn them to the second axis.

Needs the extra `tflite` (the packages `tflite` and `flatbuffers`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from ..records import record
from .faults import ImportFault
from .graph import Attribute, Dim, Graph, Network, Node, Port, Scalar, Tensor
from .infer import MICROSOFT
from .order import ordered
from .wire import Buffer

MOST_NODES = 100_000
MOST_BYTES = 16_384
"""Bytes of a stored tensor whose values are kept: sizes, axes, paddings."""
_MISSING = "TensorFlow Lite files need two small packages: pip install 'memdsl[tflite]'"

# schema.fbs, TensorType
DTYPES = {
    0: "float32", 1: "float16", 2: "int32", 3: "uint8", 4: "int64", 5: "string", 6: "bool", 7: "int16", 8: "complex64",
    9: "int8", 10: "float64", 11: "complex128", 12: "uint64", 13: "resource", 14: "variant", 15: "uint32", 16: "uint16",
    17: "int4", 18: "bfloat16",
}  # fmt: skip
_CODES = {"int32": "i", "int64": "q", "float32": "f", "bool": "?", "uint32": "I"}

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


def read_tflite(data: Buffer) -> Network:
    """The network of a TensorFlow Lite file's bytes. Raises ImportFault."""
    try:
        import tflite
    except ImportError:
        raise ImportFault(_MISSING) from None
    try:
        return _Reader(tflite, tflite.Model.GetRootAs(data, 0)).network()
    except (
        struct.error,
        IndexError,
        TypeError,
        ValueError,
        OverflowError,
        AttributeError,
        UnicodeDecodeError,
    ) as error:
        raise ImportFault(f"the file is damaged or cut off ({type(error).__name__})") from None


class FromData(ImportFault):
    """What an operator does is decided by data: it stands for itself."""


@record
class Sized:
    """A tensor as the file lists it."""

    name: str
    dtype: str
    dims: tuple[int, ...]


class _Reader:
    def __init__(self, tflite: Any, model: Any) -> None:
        self.tflite = tflite
        self.model = model
        self.names = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
        self.graph = Graph("tflite", [], [], [], {})
        self.tensors: list[Sized] = []
        self.known: dict[str, Sized] = {}
        self.made = 0

    def network(self) -> Network:
        if not self.model.SubgraphsLength():
            raise ImportFault("the file has no graph")
        main = self.model.Subgraphs(0)
        self.read_tensors(main)
        for index in _bounded(main.InputsLength()):
            self.graph.inputs.append(self.port(main, main.Inputs(index)))
        for index in _bounded(main.OutputsLength()):
            self.graph.outputs.append(self.port(main, main.Outputs(index)))
        for index in _bounded(main.OperatorsLength()):
            self.operator(main.Operators(index), index)
        if not self.graph.nodes:
            raise ImportFault("the file's graph has no operators")
        self.graph.nodes = ordered(self.graph)
        return Network(self.graph, "TensorFlow Lite", 13, "TensorFlow Lite")

    def read_tensors(self, main: Any) -> None:
        taken: set[str] = set()
        for index in _bounded(main.TensorsLength()):
            tensor = main.Tensors(index)
            name = (tensor.Name() or b"").decode("utf-8", "replace")[:200] or f"tensor{index}"
            if name in taken:
                name = f"{name}:{index}"
            taken.add(name)
            dims = tuple(int(tensor.Shape(axis)) for axis in _bounded(tensor.ShapeLength()))
            dtype = DTYPES.get(tensor.Type(), "")
            self.tensors.append(Sized(name, dtype, dims))
            self.known[name] = self.tensors[-1]
            total = 1
            for dim in dims:
                total *= dim
                if dim < 0 or total > 1 << 40:
                    raise ImportFault(f"tensor `{name}` has dims {dims}")
            if tensor.Buffer() >= self.model.BuffersLength():
                raise ImportFault(f"tensor `{name}` names a buffer that is not there")
            buffer = self.model.Buffers(tensor.Buffer())
            held = buffer.DataLength() if buffer is not None else 0
            outside = getattr(buffer, "Size", lambda: 0)() if buffer is not None else 0
            if (held or outside > 1) and not tensor.IsVariable():
                self.graph.stored[name] = Tensor(name, dtype, dims, self.values(buffer, dtype, total, held))

    def values(self, buffer: Any, dtype: str, count: int, held: int) -> tuple[Scalar, ...] | None:
        code = _CODES.get(dtype)
        if code is None or (code == "f" and count > 64) or held > MOST_BYTES or held != count * struct.calcsize(code):
            return None
        table = buffer._tab  # the bytes as they lie; the schema's own accessor takes them one by one
        start = table.Vector(table.Offset(4))
        return tuple(struct.unpack(f"<{count}{code}", bytes(table.Bytes[start : start + held])))

    def port(self, main: Any, index: int) -> Port:
        one = self.tensors[index]
        tensor = main.Tensors(index)
        found: list[Dim] = list(one.dims)
        if tensor.ShapeSignatureLength() == len(one.dims):
            found = [None if tensor.ShapeSignature(axis) < 0 else size for axis, size in enumerate(one.dims)]
        return Port(one.name, one.dtype, tuple(found))

    # ---- operators ---------------------------------------------------------------------------------------------------

    def operator(self, operator: Any, index: int) -> None:
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        kind = self.names.get(builtin, f"OPERATOR_{builtin}")
        if kind == "CUSTOM":
            kind = (code.CustomCode() or b"CUSTOM").decode("utf-8", "replace")[:60]
        inputs = [self.tensors[place].name if place >= 0 else "" for place in
                  (operator.Inputs(i) for i in _bounded(operator.InputsLength()))]  # fmt: skip
        outputs = [self.tensors[operator.Outputs(i)].name for i in _bounded(operator.OutputsLength())]
        at = _Operator(self, kind, f"{index} {kind}", operator, inputs, outputs)
        if kind in UNARY:
            at.node(UNARY[kind], inputs[:1], outputs)
        elif kind in BINARY:
            at.node(BINARY[kind], inputs, outputs)
        elif kind in REDUCE:
            keep = int(at.options("ReducerOptions").KeepDims())
            at.node(REDUCE[kind], inputs[:2], outputs, keepdims=keep)
        elif kind in MAKERS:
            before = len(self.graph.nodes)
            try:
                MAKERS[kind](at)
            except FromData:
                del self.graph.nodes[before:]
                _unknown(at)
        else:
            _unknown(at)


class _Operator:
    """One operator at work: its name, its tensors, its options."""

    def __init__(
        self, reader: _Reader, kind: str, name: str, operator: Any, inputs: list[str], outputs: list[str]
    ) -> None:
        self.reader = reader
        self.kind = kind
        self.name = name
        self.operator = operator
        self.inputs = inputs
        self.outputs = outputs

    def options(self, name: str) -> Any:
        """The operator's options as the schema's table of this name."""
        table = getattr(self.reader.tflite, name)()
        held = self.operator.BuiltinOptions()
        if held is None:
            raise ImportFault(f"operator {self.name} has no options")
        table.Init(held.Bytes, held.Pos)
        return table

    def node(self, op: str, inputs: list[str], outputs: list[str], **attributes: Attribute) -> None:
        domain = str(attributes.pop("domain", ""))
        self.reader.graph.nodes.append(Node(self.name, op, domain, tuple(inputs), tuple(outputs), attributes))

    def fresh(self) -> str:
        self.reader.made += 1
        return f"{self.name}/{self.reader.made}"

    def through(self, op: str, *inputs: str, **attributes: Attribute) -> str:
        """A node of one output of its own; the output."""
        name = self.fresh()
        self.node(op, list(inputs), [name], **attributes)
        return name

    def dims(self, name: str) -> tuple[int, ...]:
        return self.port(name).dims

    def port(self, name: str) -> Sized:
        """A tensor of the file. Raises ImportFault for an input that is left out."""
        found = self.reader.known.get(name)
        if found is None:
            raise ImportFault(f"operator {self.name} lacks a tensor")
        return found

    def sizes(self, name: str) -> list[int]:
        """The values of a stored tensor of whole numbers, none where the file does not say them."""
        stored = self.reader.graph.stored.get(name)
        return [] if stored is None or stored.values is None else [int(value) for value in stored.values]

    def numbers(self, name: str) -> list[int]:
        """The values of a stored tensor of whole numbers. Raises FromData where the file does not say them."""
        found = self.sizes(name)
        if not found:
            raise FromData(f"operator {self.name} takes `{name}` from data, which is not known here")
        return found

    def constant(self, values: list[int]) -> str:
        name = self.fresh()
        self.reader.graph.stored[name] = Tensor(name, "int64", (len(values),), tuple(values))
        return name

    def first(self, name: str) -> str:
        """Channels from the last to the second axis."""
        return self.through("Transpose", name, perm=[0, 3, 1, 2])

    def last(self, name: str, output: str) -> None:
        self.node("Transpose", [name], [output], perm=[0, 2, 3, 1])


def _bounded(length: int) -> range:
    if length > MOST_NODES * 4:
        raise ImportFault(f"the file has a list of {length:,} entries")
    return range(length)


def _unknown(at: _Operator) -> None:
    """An operator that stands for itself: its outputs are as large as the file says."""
    for name in at.outputs:
        one = at.port(name)
        at.reader.graph.known[name] = Port(name, one.dtype, one.dims)
    at.node(at.kind, at.inputs, at.outputs, domain="tflite")


def _window(at: _Operator, options: Any, kernel: list[int]) -> dict[str, Attribute]:
    auto = "SAME_UPPER" if options.Padding() == 0 else "VALID"
    return {"kernel_shape": kernel, "strides": [int(options.StrideH()), int(options.StrideW())], "auto_pad": auto}


def _convolution(at: _Operator) -> None:
    depthwise = at.kind == "DEPTHWISE_CONV_2D"
    options = at.options("DepthwiseConv2DOptions" if depthwise else "Conv2DOptions")
    weights = at.dims(at.inputs[1])
    attributes = _window(at, options, list(weights[1:3]))
    attributes["dilations"] = [int(options.DilationHFactor()), int(options.DilationWFactor())]
    channels = at.dims(at.inputs[0])[3]
    if depthwise:
        attributes["group"] = channels
    elif weights[3] and channels % weights[3] == 0:
        attributes["group"] = channels // weights[3]
    turned = at.through("Transpose", at.inputs[1], perm=[3, 0, 1, 2] if depthwise else [0, 3, 1, 2])
    at.last(at.through("Conv", at.first(at.inputs[0]), turned, **attributes), at.outputs[0])


def _transposed(at: _Operator) -> None:
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


def _pool(at: _Operator) -> None:
    options = at.options("Pool2DOptions")
    kernel = [int(options.FilterHeight()), int(options.FilterWidth())]
    op = {"MAX_POOL_2D": "MaxPool"}.get(at.kind, "AveragePool")
    at.last(at.through(op, at.first(at.inputs[0]), **_window(at, options, kernel)), at.outputs[0])


def _dense(at: _Operator) -> None:
    weights = at.dims(at.inputs[1])
    turned = at.through("Transpose", at.inputs[1], perm=[1, 0])
    x = at.inputs[0]
    if not at.options("FullyConnectedOptions").KeepNumDims():
        x = at.through("Reshape", x, at.constant([-1, weights[1]]))
    at.node("MatMul", [x, turned], at.outputs[:1])


def _reshape(at: _Operator) -> None:
    dims = list(at.dims(at.outputs[0]))
    if len(at.inputs) > 1 and at.inputs[1] in at.reader.graph.stored:
        dims = at.numbers(at.inputs[1])
    elif len(at.inputs) > 1 and at.inputs[1]:
        at.node("Reshape", at.inputs[:2], at.outputs)
        return
    before = at.dims(at.inputs[0])
    if dims and before and dims[0] == before[0] == 1:
        dims[0] = 0  # the batch stays what it is
    at.node("Reshape", [at.inputs[0], at.constant(dims)], at.outputs)


def _concat(at: _Operator) -> None:
    at.node("Concat", at.inputs, at.outputs, axis=int(at.options("ConcatenationOptions").Axis()))


def _pad(at: _Operator) -> None:
    pads = at.numbers(at.inputs[1])
    constant = at.constant([*pads[::2], *pads[1::2]])
    mode = "reflect" if at.kind == "MIRROR_PAD" else "constant"
    at.node("Pad", [at.inputs[0], constant], at.outputs, mode=mode)


def _resize(at: _Operator) -> None:
    sizes = at.constant(at.numbers(at.inputs[1]))
    at.node("Resize", [at.inputs[0], "", "", sizes], at.outputs, axes=[1, 2])


def _strided_slice(at: _Operator) -> None:
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


def _slice(at: _Operator) -> None:
    begin, size = at.numbers(at.inputs[1]), at.numbers(at.inputs[2])
    ends = [start + count if count >= 0 else (1 << 31) - 1 for start, count in zip(begin, size, strict=True)]
    at.node("Slice", [at.inputs[0], at.constant(begin), at.constant(ends)], at.outputs)


def _split(at: _Operator) -> None:
    if at.kind == "SPLIT":
        at.node("Split", [at.inputs[1]], at.outputs, axis=at.numbers(at.inputs[0])[0])
    else:
        sizes = at.constant(at.numbers(at.inputs[1]))
        at.node("Split", [at.inputs[0], sizes], at.outputs, axis=at.numbers(at.inputs[2])[0])


def _pack(at: _Operator) -> None:
    axis = int(at.options("PackOptions").Axis())
    wide = [at.through("Unsqueeze", name, axes=[axis]) for name in at.inputs]
    at.node("Concat", wide, at.outputs, axis=axis)


def _unpack(at: _Operator) -> None:
    axis = int(at.options("UnpackOptions").Axis())
    parts = [at.fresh() for _ in at.outputs]
    at.node("Split", at.inputs[:1], parts, axis=axis)
    for part, output in zip(parts, at.outputs, strict=True):
        at.node("Squeeze", [part], [output], axes=[axis])


def _transpose(at: _Operator) -> None:
    at.node("Transpose", at.inputs[:1], at.outputs, perm=at.numbers(at.inputs[1]))


def _squeeze(at: _Operator) -> None:
    options = at.options("SqueezeOptions")
    axes = [int(options.SqueezeDims(index)) for index in _bounded(options.SqueezeDimsLength())]
    turns: dict[str, Attribute] = {"axes": axes} if axes else {}
    at.node("Squeeze", at.inputs[:1], at.outputs, **turns)


def _expand_dims(at: _Operator) -> None:
    at.node("Unsqueeze", at.inputs[:1], at.outputs, axes=at.numbers(at.inputs[1]))


def _gather(at: _Operator) -> None:
    options = at.options("GatherOptions") if at.kind == "GATHER" else None
    if options is not None and options.BatchDims():
        _unknown(at)
        return
    axis = int(options.Axis()) if options is not None else 0
    names = at.inputs[:2] if at.kind == "GATHER" else [at.inputs[1], at.inputs[0]]
    at.node("Gather", names, at.outputs, axis=axis)


def _batch_matmul(at: _Operator) -> None:
    options = at.options("BatchMatMulOptions")
    turns: dict[str, Attribute] = {"transA": int(options.AdjX()), "transB": int(options.AdjY())}
    at.node("FusedMatMul", at.inputs[:2], at.outputs, domain=MICROSOFT, **turns)


def _blocks(at: _Operator) -> None:
    space = at.kind == "SPACE_TO_DEPTH"
    options = at.options("SpaceToDepthOptions" if space else "DepthToSpaceOptions")
    op = "SpaceToDepth" if space else "DepthToSpace"
    at.last(at.through(op, at.first(at.inputs[0]), blocksize=int(options.BlockSize())), at.outputs[0])


def _arg(at: _Operator) -> None:
    axis = at.numbers(at.inputs[1])[0]
    at.node("ArgMax" if at.kind == "ARG_MAX" else "ArgMin", at.inputs[:1], at.outputs, axis=axis, keepdims=0)


def _tile(at: _Operator) -> None:
    at.node("Tile" if at.kind == "TILE" else "Expand", at.inputs[:2], at.outputs)


def _lstm(at: _Operator) -> None:
    """The weights of the gates, each a matrix of its own, as ONNX has them side by side."""
    hidden, wide = at.dims(at.inputs[2])
    if len(at.inputs) > 16 and at.inputs[16]:
        raise ImportFault(f"operator {at.name} projects its state, which is not known here")
    graph = at.reader.graph
    first, second = at.fresh(), at.fresh()
    graph.stored[first] = Tensor(first, "float32", (1, 4 * hidden, wide))
    graph.stored[second] = Tensor(second, "float32", (1, 4 * hidden, hidden))
    major = bool(at.options("UnidirectionalSequenceLSTMOptions").TimeMajor())
    x = at.inputs[0] if major else at.through("Transpose", at.inputs[0], perm=[1, 0, 2])
    every = at.through("LSTM", x, first, second, hidden_size=hidden)
    flat = at.through("Squeeze", every, axes=[1])
    turns: dict[str, Attribute] = {} if major else {"perm": [1, 0, 2]}
    at.node("Identity" if major else "Transpose", [flat], at.outputs[:1], **turns)


def _state(at: _Operator) -> None:
    """A variable that is kept from call to call: an input of one call."""
    kept = at.port(at.outputs[0])
    at.reader.graph.inputs.append(Port(kept.name, kept.dtype, kept.dims))


def _nothing(at: _Operator) -> None:
    """Keeps a variable for the next call, or sets one up: no work and no output."""


MAKERS: dict[str, Callable[[_Operator], None]] = {
    "CONV_2D": _convolution, "DEPTHWISE_CONV_2D": _convolution, "TRANSPOSE_CONV": _transposed,
    "Convolution2DTransposeBias": _transposed, "MAX_POOL_2D": _pool, "AVERAGE_POOL_2D": _pool, "L2_POOL_2D": _pool,
    "FULLY_CONNECTED": _dense, "RESHAPE": _reshape, "CONCATENATION": _concat, "PAD": _pad, "PADV2": _pad,
    "MIRROR_PAD": _pad, "RESIZE_BILINEAR": _resize, "RESIZE_NEAREST_NEIGHBOR": _resize, "STRIDED_SLICE": _strided_slice,
    "SLICE": _slice, "SPLIT": _split, "SPLIT_V": _split, "PACK": _pack, "UNPACK": _unpack, "TRANSPOSE": _transpose,
    "SQUEEZE": _squeeze, "EXPAND_DIMS": _expand_dims, "GATHER": _gather, "EMBEDDING_LOOKUP": _gather,
    "BATCH_MATMUL": _batch_matmul, "SPACE_TO_DEPTH": _blocks, "DEPTH_TO_SPACE": _blocks, "ARG_MAX": _arg,
    "ARG_MIN": _arg,
    "TILE": _tile, "BROADCAST_TO": _tile, "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm, "READ_VARIABLE": _state,
    "VAR_HANDLE": _nothing, "ASSIGN_VARIABLE": _nothing, "CALL_ONCE": _nothing,
}  # fmt: skip
