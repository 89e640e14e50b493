"""Operators that few networks have, each against the sizes that `onnx` infers, and what an import says of its file."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from memdsl.cli.importing import explained
from memdsl.importer import Options
from memdsl.network_file import bring

from .test_hostile import IMAGE, WEIGHTS, model, node

SEQUENCE: list[object] = ["batch", 10, 32]
LSTM = {"w": [2, 64, 8], "r": [2, 64, 16], "m": [32, 5]}
HEADS = {"q": [32, 4, 8], "k": [32, 4, 8], "o": [4, 8, 32]}

CASES = {
    "sides of a pad": (
        [node("Conv", ["x", "w"], "y", strides=[2, 2], pads=[0, 0, 1, 1])], IMAGE, WEIGHTS,
        "conv(8, stride = 2, pad_before = 0, pad_after = 1)",
    ),
    "a pool that rounds up": (
        [node("AveragePool", ["x"], "y", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 0], ceil_mode=1)], IMAGE,
        {}, "average_pool([3, 2], stride = 2, pad = [1, 0], ceil_mode = true)",
    ),
    "a transposed convolution to a size that its stride does not reach": (
        [node("ConvTranspose", ["x", "w"], "y", strides=[3, 3], output_shape=[97, 98], auto_pad="SAME_UPPER")], IMAGE,
        {"w": [3, 4, 3, 3]}, "deconv(4, kernel = 3, output_pad = [1, 2])",
    ),
    "the last states of a layer that reads backwards": (
        [
            onnx.helper.make_node("GRU", ["x", "w", "r"], ["", "h"], hidden_size=16, direction="reverse"),
            node("MatMul", ["h", "m"], "y"),
        ],
        ["steps", 1, 8], {"w": [1, 48, 8], "r": [1, 48, 16], "m": [16, 5]}, "take() -> dense(5)",
    ),
    "both directions": (
        [onnx.helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=16, direction="bidirectional")],
        ["time", 1, 8], {"w": [2, 64, 8], "r": [2, 64, 16]}, "lstm(16, directions = 2)",
    ),
    "attention in sums over letters": (
        [
            node("Einsum", ["x", "q"], "a", equation="bnd,dhk->bhnk"),
            node("Einsum", ["x", "k"], "b", equation="bnd,dhk->bhnk"),
            node("Einsum", ["a", "b"], "s", equation="bhnk,bhmk->bhnm"),
            node("Softmax", ["s"], "p", axis=-1),
            node("Einsum", ["p", "b"], "c", equation="bhnm,bhmk->bnhk"),
            node("Einsum", ["c", "o"], "y", equation="bnhk,hkd->bnd"),
        ],
        SEQUENCE, HEADS, "4, causal = false) -> dense(32)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_operator_is_the_librarys_own_kind(case: str, tmp_path: Path) -> None:
    nodes, dims, stored, said = CASES[case]
    data = model(nodes, dims, stored)
    (tmp_path / "made.onnx").write_bytes(data)
    found = bring(tmp_path / "made.onnx")  # which holds every row to the file's sizes, work and weights
    assert said in found.text
    assert "opaque" not in found.text
    made = onnx.shape_inference.infer_shapes(onnx.load_model_from_string(data)).graph.output[0]
    known = [dim.dim_value for dim in made.type.tensor_type.shape.dim if dim.dim_value]
    last = found.imported.rows[-1].elements if found.imported.rows else 0
    for size in known:
        assert last % size == 0, (known, last)


def test_claims_hold_at_a_second_size_and_nodes_can_be_found(tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "w"], "a", pads=[1, 1, 1, 1]),
        node("Relu", ["a"], "b"),
        node("MaxPool", ["b"], "y", kernel_shape=[2, 2], strides=[2, 2]),
    ]
    (tmp_path / "made.onnx").write_bytes(model(nodes, ["batch", 3, "height", 32], WEIGHTS))
    found = bring(tmp_path / "made.onnx")
    assert f"= {448 * 32 * 216:_} MAC at height = 448 px" in found.text
    assert f"= {224 * 16 * 8:_} at height = 448 px" in found.text
    assert "# stem: the_a\n# s1: the_y\n" in found.text
    lines = explained(found)
    assert any(line.startswith("node `the_b` (Relu): into stem") for line in lines), lines


def test_a_size_that_has_to_be_a_multiple_says_nothing_of_the_batch(tmp_path: Path) -> None:
    """Areas of a feature map, as items of their own: rows must be a multiple of four, images need not."""
    constant = onnx.helper.make_node
    nodes = [
        constant("Constant", [], ["first"], value_ints=[0]),
        constant("Constant", [], ["second"], value_ints=[1]),
        constant("Constant", [], ["four"], value_ints=[4]),
        constant("Constant", [], ["wide"], value_ints=[8]),
        node("Shape", ["x"], "sizes"),
        node("Gather", ["sizes", "first"], "batch"),
        node("Gather", ["sizes", "second"], "rows"),
        node("Mul", ["batch", "four"], "areas"),
        node("Div", ["rows", "four"], "inside"),
        node("Concat", ["areas", "inside", "wide"], "parted", axis=0),
        node("Concat", ["batch", "rows", "wide"], "whole", axis=0),
        node("Reshape", ["x", "parted"], "a"),
        node("MatMul", ["a", "w"], "b"),
        node("Reshape", ["b", "whole"], "c"),
        node("MatMul", ["c", "w"], "y"),
    ]
    (tmp_path / "made.onnx").write_bytes(model(nodes, ["batch", "rows", 8], {"w": [8, 8]}))
    found = bring(tmp_path / "made.onnx", Options(batch=1, settings={"rows": 32}))
    assert "param batch" not in found.text
    assert "multiple of 4" in found.text
    assert f"= {2 * 32 * 64:_} MAC" in found.text


def test_sizes_that_are_baked_in_together_are_said_to_be(tmp_path: Path) -> None:
    nodes = [
        onnx.helper.make_node("Constant", [], ["flat"], value_ints=[1, 1, 12544]),
        node("MaxPool", ["x"], "a", kernel_shape=[2, 2], strides=[2, 2]),
        node("Reshape", ["a", "flat"], "b"),
        node("MatMul", ["b", "w"], "y"),
    ]
    (tmp_path / "made.onnx").write_bytes(model(nodes, [1, 1, "height", "width"], {"w": [12544, 8]}))
    found = bring(tmp_path / "made.onnx")
    assert "\nparam" not in found.text
    assert "height is 224: node `the_b` (Reshape) has it so" in found.imported.notes


def test_rows_that_a_reshape_counts_divide_without_a_rest(tmp_path: Path) -> None:
    nodes = [
        onnx.helper.make_node("Constant", [], ["flat"], value_ints=[-1, 3, 1024]),
        node("Reshape", ["x", "flat"], "a"),
        node("MatMul", ["a", "w"], "y"),
    ]
    (tmp_path / "made.onnx").write_bytes(model(nodes, [1, 3, "height", "width"], {"w": [1024, 8]}))
    assert bring(tmp_path / "made.onnx").text.count("multiple of 32") == 2
