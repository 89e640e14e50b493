"""Speed of imports: ResNet-50 beside `import onnx`, and how the time grows with the number of nodes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from importer.given import light
from importer.test_hostile import residuals

SIDE_BY_SIDE = Callable[[Sequence[Callable[[int], Sequence[str]]], dict[str, str], int], list[float]]
NODES = (600, 1_500, 6_000)


def imports(side_by_side: SIDE_BY_SIDE, env: dict[str, str], folder: Path) -> None:
    network = str(light()["resnet50"])
    spec = str(folder / "resnet50.mem")
    onnx, ours = side_by_side(
        [
            lambda turn: [sys.executable, "-c", "import onnx"],
            lambda turn: [sys.executable, "-m", "memdsl", "import", network, "-o", spec],
        ],
        env,
        7,
    )
    print(f"python -c 'import onnx'                     {onnx * 1e3:8.1f} ms")
    print(f"memdsl import resnet50.onnx, checked        {ours * 1e3:8.1f} ms   {ours / onnx:5.1f}x (at most 3x)")

    from memdsl.importer import Options, read

    path = folder / "long.onnx"
    first = 0.0
    for nodes in NODES:
        path.write_bytes(residuals(nodes // 3))
        start = time.perf_counter()
        read(path, Options())
        seconds = time.perf_counter() - start
        first = first or seconds / nodes
        print(
            f"  read and written, {nodes:>5,} nodes            {seconds * 1e3:8.1f} ms   "
            f"{seconds / nodes / first:5.2f}x a node"
        )
