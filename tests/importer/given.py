"""The networks that the tests import: exports of our own, kept small, and the files that `onnx` ships."""

from __future__ import annotations

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "networks"
TRUTH: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))["networks"]


@cache
def content(name: str) -> bytes:
    return lzma.decompress((FOLDER / f"{name}.onnx.xz").read_bytes())


def write(name: str, folder: Path) -> Path:
    path = folder / f"{name}.onnx"
    path.write_bytes(content(name))
    return path


def light() -> dict[str, Path]:
    """The graphs of known networks in the wheel of `onnx`."""
    import onnx

    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    return {path.stem.removeprefix("light_"): path for path in sorted(folder.glob("light_*.onnx"))}
