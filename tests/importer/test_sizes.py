"""Sizes of each operator's outputs, beside those that ONNX's own cases say: one case of each operator and form."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from memdsl.importer import handlers
from memdsl.importer.onnx_file import read_onnx
from memdsl.importer.opened import understood
from memdsl.importer.sizes import value_of

assert handlers  # declares what each operator makes

OPERATORS = (
    "averagepool", "center_crop_pad", "concat", "conv", "convinteger", "convtranspose", "deformconv",
    "depthtospace", "einsum", "expand", "flatten", "gather", "gatherelements", "gathernd", "gemm", "globalaveragepool",
    "gru", "layernormalization", "lstm", "matmul", "matmulinteger", "maxpool", "maxunpool", "onehot", "pad",
    "qlinearconv", "qlinearmatmul", "reduce_log_sum_exp", "reducemax", "reducemean", "reducesum", "reshape", "resize",
    "rnn", "roialign", "slice", "spacetodepth", "split", "squeeze", "tile", "topk", "transpose", "unsqueeze",
    "upsample", "where",
)  # fmt: skip


def cases(operator: str) -> list[Any]:
    node = importlib.import_module("onnx.backend.test.case.node")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = len(node._NodeTestCases)
        importlib.import_module(f"onnx.backend.test.case.node.{operator}")
    return list(node._NodeTestCases[before:])


def of_one_input(case: Any) -> onnx.ModelProto:
    """The case with all of its inputs but the largest of fractions stored in the file, as exporters store them."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    given = [(port, value) for port, value in zip(model.graph.input, case.data_sets[0][0], strict=False)
             if isinstance(value, np.ndarray | np.generic)]  # fmt: skip
    real = sorted((-value.size, port.name) for port, value in given if value.dtype.kind == "f" and value.ndim)
    for port, value in given:
        if port.name not in [name for _, name in real[:1]]:
            model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), port.name))
            model.graph.input.remove(port)
    return model


@pytest.mark.parametrize("operator", OPERATORS)
def test_sizes_are_those_of_the_cases_of_onnx(operator: str) -> None:
    compared = 0
    for case in cases(operator):
        wanted = zip((port.name for port in case.model.graph.output), case.data_sets[0][1], strict=False)
        sized = {name: value.shape for name, value in wanted if isinstance(value, np.ndarray) and value.size}
        if not sized or any(0 in value.shape for value in case.data_sets[0][0]):
            continue
        found = understood(read_onnx(of_one_input(case).SerializeToString()), {}, None)
        for name, shape in sized.items():
            got = tuple(int(value_of(size, found.values)) for size in found.made.tensors[name].shape)
            assert got == shape, (case.name, name)
            compared += 1
    assert compared
