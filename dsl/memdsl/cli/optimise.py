"""`memdsl optimise`: the best schedule of a model, stage by stage, and as text for the spec."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .. import driver
from ..diagnostics import Diagnostic, Source
from ..files import rewrite_whole
from ..optimise import NotOptimised, Optimised, optimise, written_into
from ..units import display, parse_unit
from .common import Chosen, Outside, Usage, complain, no_answer, say


def run(spec: str, name: str, minimise: str, write: bool, chosen: Chosen, form: str) -> int:
    if write and (spec == "-" or chosen.settings or chosen.scenario):
        raise Usage("--write puts the schedule of a spec as it stands into its file: no --set, --scenario, `-`")
    if spec == "-":
        source: Source | Diagnostic = driver.read_bytes(sys.stdin.buffer.read(), "<stdin>")
    else:
        source = driver.read(Path(spec))
    folder, path = (Path(), None) if spec == "-" else (Path(spec).parent, Path(spec))
    try:
        if isinstance(source, Diagnostic):
            raise NotOptimised("the spec cannot be read", [source])
        found = optimise(source, folder, path, name, minimise, chosen.settings, chosen.scenario)
    except NotOptimised as fault:
        say(fault.diagnostics)
        complain("no-answer", str(fault))
        return no_answer(form, spec=spec, model=name)
    if form == "json":
        print(json.dumps(_json(spec, found), indent=2))
    else:
        if form == "text":
            print("\n".join(_said(found)))
            print()
        print(found.text, end="")
    if write and path is not None:
        try:
            rewrite_whole(path, written_into(source, found).encode())
        except OSError as error:
            raise Outside(f"{path} cannot be written: {error.strerror}") from None
        print(f"written to {path}", file=sys.stderr)
    return 0


def _said(found: Optimised) -> list[str]:
    """The stages, each in words, and how good the whole is."""
    lines = [f"# {found.model}: {found.said}"]
    if found.before > 0:
        lines.append(f"# as it stands: {_bytes(found.before)}")
    proof = "the least of all schedules of runs of rows in this order" if found.proven else "none: too many states"
    lines.append(f"# proof: {proof}; a pass takes {_shown(found.time, 's')} and {_shown(found.energy, 'J')}")
    for stage in found.stages:
        count = len(stage.rows)
        rows = stage.rows[0] if count == 1 else f"{stage.rows[0]} .. {stage.rows[-1]} ({count} rows)"
        kept = f"; keeps {', '.join(stage.kept)}" if stage.kept else ""
        sizes = f"{_bytes(stage.bytes)}, buffer {_bytes(stage.buffer)}"
        lines.append(f"# {stage.number:3}  {rows}: {sizes}; {stage.words}{kept}")
    return lines


def _bytes(value: float) -> str:
    return _shown(value, "B")


def _shown(value: float, unit: str) -> str:
    return display(value, parse_unit(unit).dimension)


def _json(spec: str, found: Optimised) -> dict[str, object]:
    return {
        "spec": spec, "model": found.model, "minimise": found.minimise, "dram_bytes": found.bytes,
        "floor_bytes": found.floor, "dram_bytes_before": found.before, "time": found.time, "energy": found.energy,
        "proven": found.proven,
        "stages": [
            {
                "stage": stage.number, "rows": list(stage.rows), "dram_bytes": stage.bytes,
                "buffer_bytes": stage.buffer, "kept": list(stage.kept), "made_again": stage.again, "runs": stage.words,
            }
            for stage in found.stages
        ],
        "text": found.text,
    }  # fmt: skip
