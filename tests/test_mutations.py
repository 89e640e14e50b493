"""Specs damaged at random: never an exception, always bounded, and whatever is said can be shown."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.render import render

CASES = sorted((Path(__file__).parent / "cases").glob("*/*.mem"))
WORDS = (
    *("param", "option", "override", "base.x", "self.x", "unlimited", "inputs", "consumers.index", "live.out_bytes"),
    *("copies", "group", "where", "if", "true", "not", "today", "->", "{", "}", "[", "]", "(", ")", ",", "=", "3 B"),
    *("1 s", "/ 0", "^ 99", "each layer in net", "then 1 else 2", "sum(layers.macs)", "argmax(layers.time)"),
    "first(m in hw.memories where 1 B <= m.capacity)",
)


def damaged(text: str, chance: random.Random) -> str:
    tokens = re.findall(r"\w+|\s+|[^\w\s]", text)
    for _ in range(chance.randint(1, 4)):
        i, j = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                tokens[i] = ""
            case 1:
                tokens.insert(i, tokens[j])
            case 2:
                tokens[i] = chance.choice(WORDS)
            case _:
                tokens[i], tokens[j] = tokens[j], tokens[i]
    return "".join(tokens)


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_spec_is_answered(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMDSL_NO_CACHE", "1")
    chance = random.Random(seed)
    small = [path for path in CASES if path.stat().st_size < 4_000]
    faulty = 0
    for _ in range(40):
        path = chance.choice(small)
        text = damaged(path.read_text(encoding="utf-8"), chance)
        start = time.perf_counter()
        model = driver.build(Source("damaged.mem", text), path.parent)
        results = model.claims
        shown = [render(diagnostic) for diagnostic in model.problems]
        faulty += bool(shown)
        assert isinstance(model, driver.Model) or shown
        assert not (any(r.status == "fails" for r in results) and not shown)
        assert time.perf_counter() - start < 10
    assert faulty > 10
