"""Imported networks say what their files say: work, weights, sizes, at the exported and at a second size."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import onnx
import pytest

import memdsl
from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.format import formatted
from memdsl.importer import Options
from memdsl.network_file import bring

from .given import TRUTH, light, write


@pytest.mark.parametrize("name", TRUTH)
def test_work_weights_and_sizes_are_those_of_the_file_at_two_sizes(name: str, tmp_path: Path) -> None:
    path = write(name, tmp_path)
    first, second = TRUTH[name]["at"]
    found = bring(path, Options(first["batch"], first["sizes"]))
    assert totals(found.model) == wanted(name, first)
    assert formatted(found.text) == found.text
    assert f" = {TRUTH[name]['stored']:_}" in found.text
    # the spec of the first size, its inputs set to the second: every row follows by its kind
    settings = [(size, str(value)) for size, value in second["sizes"].items()]
    moved = driver.build(Source("moved", found.text), Path(), settings=settings).sound
    assert moved is not None
    assert totals(moved) == wanted(name, second)
    there = bring(path, Options(second["batch"], second["sizes"]))
    assert rows(moved) == rows(there.model)


def totals(model: driver.Model) -> dict[str, float]:
    assert not any(fault.severity == "error" for fault in model.problems), [f.message for f in model.problems]
    found = rows(model)
    return {"macs": sum(row[2] for row in found), "weights": sum(row[3] for row in found if row[0] != "embedding")}


def rows(model: driver.Model) -> list[tuple[str, Any, Any, Any]]:
    table = model.sheet.tables[model.sheet.instances["net"].table or ""]
    columns = [model.values.column(table.id, column) for column in ("elements", "macs", "weights")]
    return [(row.kind, *(column[i] for column in columns)) for i, row in enumerate(table.rows) if row.role == "layer"]


def wanted(name: str, at: dict[str, Any]) -> dict[str, float]:
    truth = TRUTH[name]
    return {"macs": at["macs"] / at["batch"], "weights": truth["weights"]}


# Counted from the definitions by hand and by the papers; `specs/` has the same networks.
LIGHT = {"resnet50": (4_089_184_256, 25_502_912), "vgg19": (19_632_062_464, 143_652_544)}


@pytest.mark.parametrize("name", LIGHT)
def test_known_networks(name: str) -> None:
    spec = memdsl.read_network(light()[name])
    assert (spec["sum(net.layers.macs)"], spec["sum(net.layers.weights)"]) == LIGHT[name]


READ = {
    "resnet50": (25, "3 * bottleneck()"),
    "vit_b_16": (35, "12 * transformer()"),
    "transformer_encoder_dynamo": (35, "causal = false"),
    "swin_t": (36, "6 * transformer()"),
    "deeplabv3_mobilenet_v3_large": (49, "2 * inverted_residual(184)"),
    "wavenet": (44, "unit_14 = unit(unit_13, unit_13.sum, mel, 64)"),
    "llm_kv_cache": (45, "transformer_6.values"),
}
"""Lines that a person would need, and what is among them."""


@pytest.mark.parametrize("name", READ)
def test_it_reads_as_a_person_would_write_it(name: str, tmp_path: Path) -> None:
    text = bring(light()[name] if name in light() else write(name, tmp_path)).text
    most, said = READ[name]
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) <= most, text
    assert said in text
    assert "\nlayer " not in text


@pytest.mark.parametrize("name", light())
def test_the_work_of_known_networks_is_that_of_onnx_own_shapes(name: str) -> None:
    model = bring(light()[name]).model
    assert sum(row[2] for row in rows(model)) == by_onnx(light()[name])


def by_onnx(path: Path) -> int:
    """Multiply-accumulates over the shapes that `onnx` infers, for graphs of convolutions and matrix products."""
    made = onnx.shape_inference.infer_shapes(onnx.load(path))
    graph = made.graph
    shapes = {
        info.name: [dim.dim_value for dim in info.type.tensor_type.shape.dim]
        for info in (*graph.value_info, *graph.input, *graph.output)
    }
    shapes |= {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    total = 0
    for node in graph.node:
        if node.op_type == "Conv":
            total += prod(shapes[node.output[0]]) * prod(shapes[node.input[1]][1:])
        elif node.op_type in ("Gemm", "MatMul"):
            turned = any(a.name == "transA" and a.i for a in node.attribute)
            total += prod(shapes[node.output[0]]) * shapes[node.input[0]][0 if turned else -1]
    return total
