"""TensorFlow Lite files: two small exports of Keras of our own, their work counted by hand."""

from __future__ import annotations

import lzma
import random
from pathlib import Path

import pytest

from memdsl.importer import ImportFault, Options, read
from memdsl.network_file import bring

from .given import FOLDER
from .test_truth import totals

DILATED = 32 * 32 * 9 * (3 * 4 + 4) + 16 * 16 * (9 * 4 + 4 * 8) + 16 * 16 * 16 * 8 * 4
"""Two convolutions with holes, a separable one of stride 2, a transposed one, rows and columns repeated."""
CAUSAL = 100 * 5 * 4 * 8 + 50 * 8 * 4
MADE = {
    "keras_dilated": (DILATED, ["conv(4, dilation = 2) -> depthwise(dilation = 2)", "upsample("]),
    "keras_causal": (CAUSAL, ["kernel = [1, 5], dilation = [1, 2]", "dense(4)"]),
}


def content(name: str) -> bytes:
    return lzma.decompress((FOLDER / f"{name}.tflite.xz").read_bytes())


@pytest.mark.parametrize("name", MADE)
def test_what_keras_exports(name: str, tmp_path: Path) -> None:
    (tmp_path / "made.tflite").write_bytes(content(name))
    found = bring(tmp_path / "made.tflite")
    work, said = MADE[name]
    assert totals(found.model)["macs"] == work
    assert all(text in found.text for text in said), found.text
    assert not found.imported.warnings


def test_damaged_files_end_in_a_sentence(tmp_path: Path) -> None:
    chance = random.Random(5)
    faults = 0
    for turn in range(120):
        data = bytearray(content("keras_dilated" if turn % 2 else "keras_causal"))
        if turn % 3 == 0:
            del data[chance.randrange(len(data)) :]
        for _ in range(chance.choice((1, 3, 30))):
            if data:
                data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        (tmp_path / "made.tflite").write_bytes(data)
        try:
            read(tmp_path / "made.tflite", Options())
        except ImportFault:
            faults += 1
    assert faults > 10
