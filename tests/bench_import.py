"""Speed of imports: ResNet-50 beside `import onnx` and other tools, and how the time grows with the number of nodes.

onnx-tool and ZigZag run where they are installed; `BENCH_PYTHON` names an interpreter that has them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from importer.given import light
from importer.test_hostile import residuals

SIDE_BY_SIDE = Callable[[Sequence[Callable[[int], Sequence[str]]], dict[str, str], int], list[float]]
NODES = (600, 1_500, 6_000)


ONNX_TOOL = """
import sys, onnx_tool
model = onnx_tool.Model(sys.argv[1])
model.graph.shape_infer()
model.graph.profile()
"""
ZIGZAG = """
import sys
from pathlib import Path
import zigzag
from zigzag.parser.onnx.onnx_model_parser import ONNXModelParser
mapping = Path(zigzag.__file__).parent / "inputs" / "mapping" / "default.yaml"
ONNXModelParser(sys.argv[1], str(mapping)).run()
"""


def others(side_by_side: SIDE_BY_SIDE, env: dict[str, str], network: str, spec: str) -> None:
    """Whole processes that read the same file; ZigZag on its own ResNet-18, since it needs sizes of every tensor."""
    python = os.environ.get("BENCH_PYTHON", sys.executable)
    find = "import importlib.util as u, sys; print((u.find_spec(sys.argv[1]) or sys).__dict__.get('origin') or '')"

    def home(module: str) -> str:
        said = subprocess.run([python, "-c", find, module], capture_output=True, text=True, check=False)
        return said.stdout.strip()

    for module, name, program in (("onnx_tool", "onnx-tool", ONNX_TOOL), ("zigzag", "ZigZag", ZIGZAG)):
        place = home(module)
        if not place:
            print(f"{name} is not installed beside {python}")
            continue
        own = Path(place).parent / "inputs" / "workload" / "resnet18.onnx"
        file = str(own) if module == "zigzag" else network
        theirs, ours = side_by_side(
            [
                lambda turn, program=program, file=file: [python, "-c", program, file],
                lambda turn, file=file: [sys.executable, "-m", "memdsl", "import", file, "-o", spec],
            ],
            env,
            5,
        )
        print(f"{name} {Path(file).stem:<20}                 {theirs * 1e3:8.1f} ms, memdsl {ours * 1e3:8.1f} ms")


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

    others(side_by_side, env, network, spec)

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
