"""A network file is untrusted data: whatever it holds ends in a spec or in one sentence, soon and in little memory."""

from __future__ import annotations

import random
import resource
import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from memdsl.importer import ImportFault, Options, read
from memdsl.importer.onnx_file import read_onnx

from .given import content

MUTATED = 200


def model(nodes: list[onnx.NodeProto], dims: list[object], stored: dict[str, list[int]], opset: int = 17) -> bytes:
    weights = []
    for name, shape in stored.items():
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        weights.append(tensor)
    out = nodes[-1].output[0] if nodes else "x"
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, dims)],
        [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)],
        weights,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    return bytes(made.SerializeToString())


def importing(data: bytes, folder: Path) -> str:
    path = folder / "made.onnx"
    path.write_bytes(data)
    return read(path, Options()).text


def node(op: str, inputs: list[str], output: str, **attributes: object) -> onnx.NodeProto:
    return helper.make_node(op, inputs, [output], name=f"the_{output}", **attributes)


IMAGE: list[object] = ["batch", 3, 32, 32]
WEIGHTS = {"w": [8, 3, 3, 3]}
CIRCLE = [node("Add", ["x", "b"], "a"), node("Relu", ["a"], "b")]


@pytest.mark.parametrize(
    ("said", "data"),
    [
        ("node `the_a` (Add) reads, through", model(CIRCLE, IMAGE, {})),
        ("node `the_a` (Add) reads `missing`", model([node("Add", ["x", "missing"], "a")], IMAGE, {})),
        ("node `the_a` (Conv) needs two equal", model([node("Conv", ["x", "w"], "a")], IMAGE, {"w": [8, 4, 3, 3]})),
        ("tensor `w` has", model([node("Conv", ["x", "w"], "a")], IMAGE, {"w": [1 << 40, 1 << 20, 3, 3]})),
        ("node `the_a` (Conv): a window", model([node("Conv", ["x", "w"], "a")], IMAGE, {"w": [8, 3, 99, 99]})),
        ("node `the_a` (Conv) has strides", model([node("Conv", ["x", "w"], "a", strides=[0, 0])], IMAGE, WEIGHTS)),
        ("node `the_a` (Transpose) orders", model([node("Transpose", ["x"], "a", perm=[0, 0, 1, 2])], IMAGE, {})),
        ("the file has no graph", b"\x08\x08"),
        ("no nodes", model([], IMAGE, {})),
        ("the file is empty", b""),
        ("damaged or cut off", b"\x08\x08\x3a\xff\xff\xff\xff\x7f"),
    ],
)  # fmt: skip
def test_a_file_made_to_hurt_is_one_sentence(said: str, data: bytes, tmp_path: Path) -> None:
    with pytest.raises(ImportFault) as fault:
        importing(data, tmp_path)
    assert said in str(fault.value)


def test_graphs_deep_inside_each_other(tmp_path: Path) -> None:
    inner = b"\x0a\x00"
    for _ in range(3000):  # graph.node.attribute.g, over and over
        attribute = field(6, inner) + b"\xa0\x01\x05"
        inner = field(1, field(5, attribute))
    with pytest.raises(ImportFault, match="deep"):
        importing(field(7, inner), tmp_path)


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


@pytest.mark.parametrize("name", ["r3d_18", "crnn_bilstm", "vit_b_16", "shufflenet_v2_x1_0"])
def test_damaged_files_never_raise_anything_else(name: str, tmp_path: Path) -> None:
    chance = random.Random(20)
    whole = content(name)
    faults = 0
    for turn in range(MUTATED // 4):
        data = bytearray(whole)
        if turn % 3 == 0:
            del data[chance.randrange(len(data)) :]
        for _ in range(chance.choice((1, 3, 30))):
            if data:
                data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        try:
            importing(bytes(data), tmp_path)
        except ImportFault:
            faults += 1
    assert faults > MUTATED // 20


def test_weights_are_never_read(tmp_path: Path) -> None:
    """A file of 10 GB, its weights a hole of the file system: memory and the pages touched stay small."""
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[25_000, 100_000])
    head = weights.SerializeToString() + varint(9 << 3 | 2) + varint(10_000_000_000)
    nodes = field(1, node("MatMul", ["x", "w"], "y").SerializeToString())
    ports = field(11, helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 25_000]).SerializeToString())
    ports += field(12, helper.make_tensor_value_info("y", TensorProto.FLOAT, None).SerializeToString())
    size = len(head) + 10_000_000_000
    tensor = varint(5 << 3 | 2) + varint(size) + head
    graph = len(nodes) + len(ports) + len(tensor) + 10_000_000_000
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.write(b"\x08\x08" + varint(7 << 3 | 2) + varint(graph) + nodes + ports + tensor)
        file.truncate(file.tell() + 10_000_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = read(path, Options()).text
    assert "dense(100_000)" in text or "dense(100000)" in text
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def calls(data: bytes, folder: Path) -> int:
    """Function calls of an import: a measure of work that does not depend on the machine."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(seen)
    try:
        importing(data, folder)
    finally:
        sys.setprofile(None)
    return count


def residuals(count: int) -> bytes:
    nodes, stored, last = [], {}, "x"
    for index in range(count):
        stored[f"w{index}"] = [3, 3, 3, 3]
        nodes.append(node("Conv", [last, f"w{index}"], f"c{index}", pads=[1, 1, 1, 1]))
        nodes.append(node("Relu", [f"c{index}"], f"r{index}"))
        nodes.append(node("Add", [f"r{index}", last], f"a{index}"))
        last = f"a{index}"
    return model(nodes, IMAGE, stored)


def test_work_grows_with_the_number_of_nodes(tmp_path: Path) -> None:
    small, large = calls(residuals(100), tmp_path), calls(residuals(400), tmp_path)
    assert large < 4.6 * small


def test_an_unknown_operator_is_a_row_of_its_own_and_a_warning(tmp_path: Path) -> None:
    data = model(
        [helper.make_node("Wobble", ["x"], ["y"], name="here", domain="my.own"), node("Relu", ["y"], "z")], IMAGE, {}
    )
    (tmp_path / "made.onnx").write_bytes(data)
    found = read(tmp_path / "made.onnx", Options())
    assert "opaque(positions = 96, features = 32)" in found.text
    assert len(found.warnings) == 2
    assert "my.own.Wobble" in found.warnings[0]
    assert "`here`" in found.warnings[0]
    assert "layer wobble(" in found.warnings[0]


def test_a_name_in_the_file_is_no_part_of_the_spec(tmp_path: Path) -> None:
    text = importing(model([node("Conv", ["x", "w"], 'out"{sram}\n claim 1 = 2')], IMAGE, WEIGHTS), tmp_path)
    assert 'from "output `out_sram_claim_1_=_2`"' in text.replace("__", "_")


def test_old_files_list_weights_as_inputs() -> None:
    data = model([node("Conv", ["x", "w"], "a")], IMAGE, {"w": [8, 3, 3, 3]})
    old = onnx.load_model_from_string(data)
    old.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [8, 3, 3, 3]))
    assert [port.name for port in read_onnx(old.SerializeToString()).graph.inputs] == ["x"]
