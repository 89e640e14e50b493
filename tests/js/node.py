"""Runs JavaScript beside Python: node evaluates a program at some points and prints every value."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from memdsl.js import runtime

NODE = shutil.which("node")

DRIVE = """
const task = JSON.parse(require("fs").readFileSync(0, "utf8"));
const plain = (v) => Array.isArray(v) ? v.map(plain) : typeof v === "number" && !Number.isFinite(v) ? "NaN" : v;
const start = (program, points) => { const machine = new Machine(program);
  return points.map((point) => { machine.set(point);
    return [...machine.data, ...machine.probes.map((_, k) => machine.probe(k))].map(plain);
  });
};
"""
ONE = """
console.log(JSON.stringify(start(task.program, task.points)));
"""


def run(script: str, given: object, folder: Path) -> object:
    """The JSON that a script prints; `given` is on its standard input."""
    assert NODE is not None, "the tests need Node.js: .ci/system-libraries test"
    file = folder / "script.js"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run([NODE, str(file)], input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def values_at(program: object, points: Sequence[Mapping[str, object]], folder: Path) -> list[list[object]]:
    """Every slot and probe of the machine at each point, set one after the other."""
    found = run(runtime() + DRIVE + ONE, {"program": program, "points": list(points)}, folder)
    assert isinstance(found, list)
    return found


MANY = """
for (const [one, points] of task) console.log(JSON.stringify(start(one, points)));
"""


def program_values(tasks: Sequence[tuple[object, Sequence[Mapping[str, object]]]], folder: Path) -> list[Any]:
    """`values_at` of many programs, in one process."""
    assert NODE is not None, "the tests need Node.js: .ci/system-libraries test"
    file = folder / "scripts.js"
    file.write_text(runtime() + DRIVE + MANY, encoding="utf-8")
    given = json.dumps([[program, list(points)] for program, points in tasks])
    done = subprocess.run([NODE, str(file)], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def same(a: object, b: object) -> bool:
    """Whether two values agree to 1e-9; lists entry by entry."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, str) or a is None:
        return a == b or (a == "NaN" and isinstance(b, float) and math.isnan(b))
    assert isinstance(a, (int, float))
    if math.isnan(a):
        return b == "NaN" or (isinstance(b, float) and math.isnan(b))
    return isinstance(b, (int, float)) and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-300)
