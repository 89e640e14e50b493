"""ONNX files, read from a memory map: contents of large tensors are never touched, files of weights never opened."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from .faults import ImportFault
from .graph import Attribute, Dim, Graph, Network, Node, Port, Scalar, Tensor
from .order import ordered
from .wire import BYTES, Buffer, Field, Wire, signed, single

MOST_NODES = 100_000
DEEPEST = 16
"""Graphs inside graphs: an `If` in a `Loop` in a function is three."""
MOST_VALUES = 4096
"""Elements of a tensor whose values are kept: sizes, axes, factors."""
LARGEST = 1 << 40
"""Elements of one tensor: a hundred times the largest network."""

# onnx.proto, TensorProto.DataType
DTYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
    17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4",
    23: "float4e2m1", 24: "float8e8m0", 25: "uint2", 26: "int2",
}  # fmt: skip
_RAW = {
    "float32": "f", "uint8": "B", "int8": "b", "uint16": "H", "int16": "h", "int32": "i", "int64": "q", "bool": "?",
    "float16": "e", "float64": "d", "uint32": "I", "uint64": "Q",
}  # fmt: skip


def read_onnx(data: Buffer) -> Network:
    """The network of an ONNX file's bytes. Raises ImportFault."""
    return _Reader(Wire(data)).model(len(data))


class _Reader:
    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.nodes = 0

    def model(self, size: int) -> Network:
        wire = self.wire
        place: tuple[int, int] | None = None
        producer, opset = "", 0
        functions: dict[tuple[str, str], tuple[int, int]] = {}
        for number, kind, start, end in wire.fields(0, size):
            if number == 7 and kind == BYTES:
                place = start, end
            elif number == 2 and kind == BYTES:
                producer = wire.text(start, end)[:80]
            elif number == 8 and kind == BYTES:
                domain, version = self._opset(start, end)
                if domain in ("", "ai.onnx"):
                    opset = version
            elif number == 25 and kind == BYTES:
                name, domain = "", ""
                for inner, form, a, b in wire.fields(start, end):
                    if inner in (1, 10) and form == BYTES:
                        name, domain = (wire.text(a, b), domain) if inner == 1 else (name, wire.text(a, b))
                functions[domain, name] = start, end
        if place is None:
            raise ImportFault("the file has no graph: it is no ONNX model")
        graph = self.graph(*place, 0)
        if functions:
            from .functions import inlined

            graph = inlined(graph, {key: self.function(*at) for key, at in functions.items()})
        graph.nodes = ordered(graph)
        if not graph.nodes:
            raise ImportFault("the file's graph has no nodes")
        return Network(graph, producer, opset, "ONNX")

    def _opset(self, start: int, end: int) -> tuple[str, int]:
        domain, version = "", 0
        for number, kind, a, b in self.wire.fields(start, end):
            if number == 1 and kind == BYTES:
                domain = self.wire.text(a, b)
            elif number == 2:
                version = a
        return domain, version

    def graph(self, start: int, end: int, depth: int) -> Graph:
        if depth > DEEPEST:
            raise ImportFault(f"graphs stand more than {DEEPEST} deep inside each other")
        wire = self.wire
        graph = Graph("", [], [], [], {})
        places: list[tuple[int, int]] = []
        for field in wire.fields(start, end):
            number, kind, a, b = field
            if kind != BYTES:
                continue
            if number == 1:
                places.append((a, b))
                self.nodes += 1
                if self.nodes > MOST_NODES:
                    raise ImportFault(f"the graph has more than {MOST_NODES:,} nodes")
            elif number == 2:
                graph.name = wire.text(a, b)
            elif number == 5:
                tensor = self.tensor(a, b)
                graph.stored[tensor.name] = tensor
            elif number == 11:
                graph.inputs.append(self.port(a, b))
            elif number == 12:
                graph.outputs.append(self.port(a, b))
            elif number == 13:
                port = self.port(a, b)
                graph.known[port.name] = port
            elif number == 15:
                sparse = self.sparse(a, b)
                graph.stored[sparse.name] = sparse
        graph.nodes = [self.node(a, b, depth) for a, b in places]
        graph.inputs = [port for port in graph.inputs if port.name not in graph.stored]  # IR 3 lists weights as inputs
        return graph

    def function(self, start: int, end: int) -> Graph:
        """A function of the file: a graph whose inputs and outputs have names only."""
        wire = self.wire
        graph = Graph("", [], [], [], {})
        for number, kind, a, b in wire.fields(start, end):
            if kind != BYTES:
                continue
            if number == 1:
                graph.name = wire.text(a, b)
            elif number == 4:
                graph.inputs.append(Port(wire.text(a, b), "", None))
            elif number == 5:
                graph.outputs.append(Port(wire.text(a, b), "", None))
            elif number == 7:
                self.nodes += 1
                graph.nodes.append(self.node(a, b, 1))
        return graph

    def node(self, start: int, end: int, depth: int) -> Node:
        wire = self.wire
        inputs: list[str] = []
        outputs: list[str] = []
        name = op = domain = ""
        attributes: dict[str, Attribute] = {}
        for number, kind, a, b in wire.fields(start, end):
            if kind != BYTES:
                continue
            if number == 1:
                inputs.append(wire.text(a, b))
            elif number == 2:
                outputs.append(wire.text(a, b))
            elif number == 3:
                name = wire.text(a, b)
            elif number == 4:
                op = wire.text(a, b)
            elif number == 7:
                domain = wire.text(a, b)
            elif number == 5:
                key, value = self.attribute(a, b, depth)
                if value is not None:
                    attributes[key] = value
        return Node(name, op, "" if domain == "ai.onnx" else domain, tuple(inputs), tuple(outputs), attributes)

    def attribute(self, start: int, end: int, depth: int) -> tuple[str, Attribute | None]:
        wire = self.wire
        name, form = "", 0
        value: Attribute | None = None
        ints: list[int] = []
        floats: list[float] = []
        texts: list[str] = []
        for field in wire.fields(start, end):
            number, kind, a, b = field
            if number == 1 and kind == BYTES:
                name = wire.text(a, b)
            elif number == 20:
                form = a
            elif number == 21 and kind == BYTES:
                value = "@" + wire.text(a, b)  # of a function: the attribute of its caller with this name
            elif number == 2:
                value = single(a)
            elif number == 3:
                value = signed(a)
            elif number == 4 and kind == BYTES:
                value = bytes(wire.data[a : min(b, a + 4096)]).decode("utf-8", "replace")
            elif number == 5 and kind == BYTES:
                value = self.tensor(a, b)
            elif number == 6 and kind == BYTES:
                value = self.graph(a, b, depth + 1)
            elif number == 7:
                floats += wire.floats(field)
            elif number == 8:
                ints += wire.numbers(field)
            elif number == 9 and kind == BYTES:
                texts.append(bytes(wire.data[a : min(b, a + 4096)]).decode("utf-8", "replace"))
        return name, _either(value, form, ints, floats, texts)

    def port(self, start: int, end: int) -> Port:
        name, dtype = "", ""
        dims: tuple[Dim, ...] | None = None
        for number, kind, a, b in self.wire.fields(start, end):
            if number == 1 and kind == BYTES:
                name = self.wire.text(a, b)
            elif number == 2 and kind == BYTES:
                dtype, dims = self.type(a, b, 0)
        return Port(name, dtype, dims)

    def type(self, start: int, end: int, depth: int) -> tuple[str, tuple[Dim, ...] | None]:
        dtype = ""
        dims: tuple[Dim, ...] | None = None
        for number, kind, a, b in self.wire.fields(start, end):
            if kind != BYTES:
                continue
            if number in (1, 8):
                for inner, form, c, d in self.wire.fields(a, b):
                    if inner == 1 and form != BYTES:
                        dtype = DTYPES.get(c, "")
                    elif inner == 2 and form == BYTES:
                        dims = tuple(self.dim(e, f) for n, k, e, f in self.wire.fields(c, d) if n == 1 and k == BYTES)
            elif number in (4, 9) and depth < DEEPEST:
                for inner, form, c, d in self.wire.fields(a, b):
                    if inner == 1 and form == BYTES:
                        dtype, dims = self.type(c, d, depth + 1)
        if dims is not None and len(dims) > 32:
            raise ImportFault(f"a tensor of {len(dims):,} axes")
        return dtype, dims

    def dim(self, start: int, end: int) -> Dim:
        for number, kind, a, b in self.wire.fields(start, end):
            if number == 1 and kind != BYTES:
                return signed(a) if 0 < signed(a) <= LARGEST else None
            if number == 2 and kind == BYTES:
                return self.wire.text(a, b) or None
        return None

    def sparse(self, start: int, end: int) -> Tensor:
        """A tensor stored as values and indices: what it says is its dense size."""
        name, dtype, dims = "", "float32", []
        for field in self.wire.fields(start, end):
            if field[0] == 1 and field[1] == BYTES:
                values = self.tensor(field[2], field[3])
                name, dtype = values.name, values.dtype
            elif field[0] == 3:
                dims += self.wire.numbers(field)
        return Tensor(name, dtype, _checked(name, dims))

    def tensor(self, start: int, end: int) -> Tensor:
        wire = self.wire
        dims: list[int] = []
        name, dtype, outside = "", "", False
        held: list[Field] = []
        for field in wire.fields(start, end):
            number, kind, a, b = field
            if number == 1:
                dims += wire.numbers(field)
            elif number == 2:
                dtype = DTYPES.get(a, "")
            elif number == 8 and kind == BYTES:
                name = wire.text(a, b)
            elif number in (4, 5, 7, 9, 10, 11):
                if len(held) <= MOST_VALUES:
                    held.append(field)
            elif number == 13 or (number == 14 and a == 1):
                outside = True
        shape = _checked(name, dims)
        tensor = Tensor(name, dtype, shape)
        if outside or not held or tensor.elements > MOST_VALUES:
            return tensor
        return Tensor(name, dtype, shape, self.values(dtype, tensor.elements, held))

    def values(self, dtype: str, count: int, held: Sequence[Field]) -> tuple[Scalar, ...] | None:
        """The values of a small tensor, or None where the file holds others than it announces."""
        found: list[Scalar] = []
        for field in held:
            number, kind, a, b = field
            if number == 9 and kind == BYTES:
                code = _RAW.get(dtype)
                if code is None or b - a != count * struct.calcsize(code):
                    return None
                found += struct.unpack(f"<{count}{code}", self.wire.data[a:b])
            elif number == 4:
                found += self.wire.floats(field)
            elif number == 10 and kind == BYTES:
                found += struct.unpack(f"<{(b - a) // 8}d", self.wire.data[a : a + (b - a) // 8 * 8])
            elif number == 10:
                found.append(struct.unpack("<d", a.to_bytes(8, "little"))[0])
            elif number in (5, 7, 11):
                found += self.wire.numbers(field)
        return tuple(found) if len(found) == count else None


def _either(
    value: Attribute | None, form: int, ints: list[int], floats: list[float], texts: list[str]
) -> Attribute | None:
    """The value of an attribute by its type (AttributeProto.AttributeType), or by what it holds in a file without."""
    if form == 7 or (not form and ints):
        return ints
    if form == 6 or (not form and floats):
        return floats
    if form == 8 or (not form and texts):
        return texts
    if value is None:  # a field that holds its default is not on the wire
        defaults: dict[int, Attribute] = {1: 0.0, 2: 0, 3: ""}
        return defaults.get(form)
    return value


def _checked(name: str, dims: Sequence[int]) -> tuple[int, ...]:
    """Dims that a tensor may have."""
    total = 1
    for dim in dims:
        if dim < 0 or dim > LARGEST:
            raise ImportFault(f"tensor `{name}` has a size of {dim:,}")
        total *= dim
    if len(dims) > 32 or total > LARGEST:
        raise ImportFault(f"tensor `{name}` has {len(dims)} axes and {total:,} elements")
    return tuple(dims)
