"""A stored tensor that several rows read is stored once in the spec too."""

from __future__ import annotations

from pathlib import Path

import onnx

from memdsl.network_file import Brought, bring

from .test_hostile import IMAGE, model, node
from .test_truth import totals


def brought(nodes: list[onnx.NodeProto], dims: list[object], stored: dict[str, list[int]], folder: Path) -> Brought:
    path = folder / "made.onnx"
    path.write_bytes(model(nodes, dims, stored))
    return bring(path)


def test_one_layer_that_is_applied_again(tmp_path: Path) -> None:
    nodes, last = [], "x"
    for index in range(4):
        nodes.append(node("MatMul", [last, "up"], f"a{index}"))
        nodes.append(node("MatMul", [f"a{index}", "down"], f"b{index}"))
        nodes.append(node("Add", [f"b{index}", last], f"c{index}"))
        last = f"c{index}"
    found = brought(nodes, ["batch", 10, 16], {"up": [16, 64], "down": [64, 16]}, tmp_path)
    assert "3 * feed_forward(shares = first)" in found.text
    assert totals(found.model) == {"macs": 4 * 10 * 2 * 16 * 64, "weights": 2 * 16 * 64}


def test_heads_at_several_sizes(tmp_path: Path) -> None:
    nodes, ends, last = [], [], "x"
    for index in range(3):
        nodes.append(node("MaxPool", [last], f"p{index}", kernel_shape=[2, 2], strides=[2, 2]))
        last = f"p{index}"
        for number in range(3):
            read = last if number == 0 else f"h{index}{number - 1}"
            nodes.append(node("Conv", [read, f"w{number}"], f"h{index}{number}", pads=[1, 1, 1, 1]))
        nodes.append(node("Reshape", [f"h{index}2", "flat"], f"y{index}"))
        ends.append(f"y{index}")
    nodes.insert(0, onnx.helper.make_node("Constant", [], ["flat"], value_ints=[0, 3, -1]))
    nodes.append(node("Concat", ends, "y", axis=2))
    found = brought(nodes, IMAGE, {f"w{number}": [3, 3, 3, 3] for number in range(3)}, tmp_path)
    assert found.text.count("shares = ") == 2
    assert totals(found.model) == {"macs": (256 + 64 + 16) * 3 * 81, "weights": 3 * 81}


def test_a_layer_shared_by_rows_that_are_read_otherwise_is_counted_once(tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "w"], "a", pads=[1, 1, 1, 1]),
        node("Conv", ["a", "w"], "b", pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Conv", ["b", "v"], "c", pads=[1, 1, 1, 1]),
    ]
    found = brought(nodes, IMAGE, {"w": [3, 3, 3, 3], "v": [3, 3, 3, 3]}, tmp_path)
    assert totals(found.model)["weights"] == 2 * 81
    assert "shares" in found.text
