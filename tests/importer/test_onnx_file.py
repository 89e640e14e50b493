"""The reader against `onnx` itself: nodes, edges, attributes, dims; and sizes against its shape inference."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from memdsl.importer.graph import Graph, Tensor
from memdsl.importer.onnx_file import read_onnx

from .given import TRUTH, content, light

FILES: dict[str, Path | None] = {**dict.fromkeys(TRUTH), **light()}


@pytest.mark.parametrize("name", FILES)
def test_the_reader_agrees_with_onnx(name: str) -> None:
    path = FILES[name]
    data = content(name) if path is None else path.read_bytes()
    model = onnx.load_model_from_string(data)
    graph = read_onnx(data).graph
    assert sorted(shown(node) for node in graph.nodes) == sorted(theirs(node) for node in model.graph.node)
    assert {t.name: tuple(t.dims) for t in model.graph.initializer} == {n: t.dims for n, t in graph.stored.items()}
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = {i.name: dims(i) for i in model.graph.input if i.name not in stored}
    assert {port.name: port.dims for port in graph.inputs} == inputs
    assert [port.name for port in graph.outputs] == [output.name for output in model.graph.output]


def shown(node: object) -> tuple[object, ...]:
    from memdsl.importer.graph import Node

    assert isinstance(node, Node)
    attributes = {key: plain(value) for key, value in node.attributes.items()}
    return node.op, node.name, node.domain, node.inputs, node.outputs, str(sorted(attributes.items()))


def plain(value: object) -> object:
    if isinstance(value, Tensor):
        return value.dims
    if isinstance(value, Graph):
        return len(value.nodes)
    return value


def theirs(node: onnx.NodeProto) -> tuple[object, ...]:
    found: dict[str, object] = {}
    for attribute in node.attribute:
        value = onnx.helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            value = value.decode()
        elif isinstance(value, onnx.TensorProto):
            value = tuple(value.dims)
        elif isinstance(value, onnx.GraphProto):
            value = len(value.node)
        elif not isinstance(value, (int, float, str)):
            value = [one.decode() if isinstance(one, bytes) else one for one in value]
        found[attribute.name] = value
    domain = "" if node.domain == "ai.onnx" else node.domain
    return node.op_type, node.name, domain, tuple(node.input), tuple(node.output), str(sorted(found.items()))


def dims(info: onnx.ValueInfoProto) -> tuple[object, ...]:
    return tuple(dim.dim_value or dim.dim_param or None for dim in info.type.tensor_type.shape.dim)
