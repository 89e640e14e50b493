"""There is no order of execution: a spec says the same in whatever order its statements stand."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from memdsl import driver
from memdsl.diagnostics import Problems, Source
from memdsl.syntax import parse, tree

ROOT = Path(__file__).parent.parent.parent
SHIPPED = sorted((ROOT / "specs").glob("*.mem"))
SPECS = [*sorted((ROOT / "tests" / "cases" / "good").glob("*.mem")), *SHIPPED[2::3]]


def shuffled(text: str, seed: int) -> str:
    """The text with its top-level statements in another order; the title stays in front."""
    module = parse(Source("shuffled", text), Problems())
    statements = [text[slice(*node.span)] for node in module.statements if isinstance(node, tree.Node)]
    Random(seed).shuffle(statements)
    return "\n".join([f'"{module.title}"', *statements])


def judged(path: Path, text: str) -> tuple[list[str], dict[str, object], dict[str, tuple[object, object]]]:
    model = driver.build(Source(path.name, text), path.parent, path)
    claims = {
        f"{r.claim.text} {r.claim.op} {r.published} {r.claim.at_text}": (r.status, r.modelled) for r in model.claims
    }
    return [d.message for d in model.diagnostics], {cell: model.values.cell(cell) for cell in model.sheet.cells}, claims


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_statements_may_stand_in_any_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    problems, cells, claims = judged(path, text)
    assert problems == []
    assert claims
    other = judged(path, shuffled(text, len(text)))
    assert other[0] == []
    assert other[1] == cells
    assert other[2] == claims
