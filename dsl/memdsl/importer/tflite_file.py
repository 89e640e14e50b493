"""TensorFlow Lite's files, their operators as ONNX's.

Needs the extra `tflite` (the packages `tflite` and `flatbuffers`).
"""

from __future__ import annotations

import struct
from typing import Any

from .faults import ImportFault
from .graph import Dim, Graph, Network, Port, Scalar, Tensor
from .order import ordered
from .tflite_operator import Operator, Reading, Sized, bounded
from .tflite_operators import emit
from .wire import Buffer

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


class _Reader:
    def __init__(self, tflite: Any, model: Any) -> None:
        self.model = model
        self.names = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
        self.graph = Graph("tflite", [], [], [], {})
        self.tensors: list[Sized] = []
        self.reading = Reading(tflite, self.graph)

    def network(self) -> Network:
        if not self.model.SubgraphsLength():
            raise ImportFault("the file has no graph")
        main = self.model.Subgraphs(0)
        self.read_tensors(main)
        for index in bounded(main.InputsLength()):
            self.graph.inputs.append(self.port(main, main.Inputs(index)))
        for index in bounded(main.OutputsLength()):
            self.graph.outputs.append(self.port(main, main.Outputs(index)))
        for index in bounded(main.OperatorsLength()):
            self.operator(main.Operators(index), index)
        if not self.graph.nodes:
            raise ImportFault("the file's graph has no operators")
        self.graph.nodes = ordered(self.graph)
        return Network(self.graph, "TensorFlow Lite", 13, "TensorFlow Lite")

    def read_tensors(self, main: Any) -> None:
        taken: set[str] = set()
        for index in bounded(main.TensorsLength()):
            tensor = main.Tensors(index)
            name = (tensor.Name() or b"").decode("utf-8", "replace")[:200] or f"tensor{index}"
            if name in taken:
                name = f"{name}:{index}"
            taken.add(name)
            dims = tuple(int(tensor.Shape(axis)) for axis in bounded(tensor.ShapeLength()))
            dtype = DTYPES.get(tensor.Type(), "")
            self.tensors.append(Sized(name, dtype, dims))
            self.reading.known[name] = self.tensors[-1]
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
                  (operator.Inputs(i) for i in bounded(operator.InputsLength()))]  # fmt: skip
        outputs = [self.tensors[operator.Outputs(i)].name for i in bounded(operator.OutputsLength())]
        emit(Operator(self.reading, kind, f"{index} {kind}", operator, inputs, outputs))
