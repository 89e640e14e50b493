"""Specs that are sound, a capability each; and one copy of repeated rows, which gives what all of them give."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.sheet.sheet import Quantity

GOOD = sorted((Path(__file__).parent / "cases" / "good").glob("*.mem"))


def built(path: Path) -> driver.Model:
    source = driver.read(path)
    assert isinstance(source, Source)
    return driver.build(source, path.parent, path)


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_a_good_case_is_sound_and_its_claims_hold(path: Path) -> None:
    model = built(path)
    results = model.claims
    assert [d.message for d in model.diagnostics] == []
    assert results
    assert [r.claim.text for r in results if r.status not in ("holds", "disputed")] == []
    assert all(r.claim.source for r in results)


@pytest.mark.parametrize(
    ("scenario", "clock", "peak"),
    [("fast", 2e9, 4096 * 933e6), ("hot", 2e9, 4096 * 1866e6)],
)
def test_a_scenario_that_extends_another_has_the_inputs_of_both(scenario: str, clock: float, peak: float) -> None:
    path = next(p for p in GOOD if p.stem == "scenarios")
    source = driver.read(path)
    assert isinstance(source, Source)
    model = driver.build(source, path.parent, path, scenario=scenario)
    assert model.diagnostics == []
    assert model.values.cell("clock") == clock
    assert model.values.cell("chip.peak") == pytest.approx(peak)


# ---- repetition -----------------------------------------------------------------------------------------------------

# `option n` unrolls, `param n` keeps one copy of the rows: the one word is all that differs.
REPEATED = {
    "a sum around each block": """
block unit(x) { out = add(x, x -> conv(4, kernel = 1) -> conv(x.c)) }
network net(image[h, w, c]) { body = image -> conv(8) -> n * unit() -> global_pool() }""",
    "a block in a block": """
block unit(x)  { out = add(x, x -> conv(x.c)) }
block group(x) { out = add(x, x -> conv(x.c, kernel = 1) -> n * unit()) }
network net(image[h, w, c]) { body = image -> conv(8) -> n * group() -> global_pool() }""",
    "a block unrolled in a block": """
block unit(x)  { out = add(x, x -> conv(x.c)) }
block group(x) { out = add(x, x -> conv(x.c, kernel = 1) -> 2 * unit()) }
network net(image[h, w, c]) { body = image -> conv(8) -> n * group() -> global_pool() }""",
    "two repetitions one after the other": """
block unit(x, c) { out = add(x, x -> conv(c) -> conv(x.c)) }
network net(image[h, w, c]) {
  body = image -> conv(8) -> n * unit(4) -> conv(16, stride = 2) -> (n + 2) * unit(32) -> conv(4)
}""",
    "sources of its own in each block": """
block unit(x) {
  h   = state(16)
  out = gru_cell(x, h, 16)
}
network net(image[c]) { body = image -> dense(16) -> n * unit() -> dense(4) }""",
    "a chain of products": """
block unit(x) { out = x -> dense(3 * x.c) -> dense(x.c) }
network net(image[h, w, c]) { body = image -> dense(8) -> n * unit() -> dense(5) }""",
    "a tensor that is read before and after": """
block unit(x) { out = add(x, x -> dense(x.c)) }
network net(image[h, w, c]) {
  kept = image -> conv(8)
  body = kept -> dense(8) -> n * unit()
  out  = concat(kept, body) -> conv(4)
}""",
}
AROUND = """
use std.layers
use std.traffic
use std.hardware
{word} n = {count}
{network}
hardware chip = edge(sram = 600 B)
network inst = net({sizes})
model articles = traffic(inst, chip, outputs_read = true)
model products = winograd(inst, chip)
"""


def repeated(word: str, network: str, count: int, queries: Sequence[str] = ()) -> driver.Model:
    sizes = "[48]" if "image[c]" in network else "[8, 8, 3]"
    text = AROUND.format(word=word, network=network, count=count, sizes=sizes)
    model = driver.build(Source("repeated", text), Path(), queries=queries)
    assert [d.message for d in model.diagnostics] == []
    assert [query.text for query in model.queries] == list(queries)
    return model


def totals(model: driver.Model) -> Iterator[str]:
    """The totals of the models, and each aggregate of each numeric column of their layers."""
    yield from (cell.id for cell in model.sheet.cells.values() if cell.owner in ("articles", "products"))
    for table in ("inst", "articles", "products"):
        yield from (f"count({table}.{part})" for part in ("layers", "sources", "rows"))
        for column in model.sheet.tables[table].columns.values():
            numeric = isinstance(model.typed.column_types[table, column.name], Quantity)
            everywhere = all(formula is not None for formula in column.formulas)
            if numeric and everywhere and column.name not in ("index", "copies"):
                yield from (f"{op}({table}.layers.{column.name})" for op in ("sum", "mean", "max", "min"))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("network", REPEATED.values(), ids=REPEATED.keys())
def test_one_copy_of_the_rows_gives_what_all_of_them_give(network: str, count: int) -> None:
    queries = list(totals(repeated("param", network, count)))
    kept, unrolled = (repeated(word, network, count, queries) for word in ("param", "option"))
    assert len(unrolled.sheet.tables["inst"].rows) >= len(kept.sheet.tables["inst"].rows)
    assert len(queries) > 100
    apart = {}
    for one, other in zip(kept.queries, unrolled.queries, strict=True):
        short, long = kept.values.formula(one.formula), unrolled.values.formula(other.formula)
        if not (short == long or math.isclose(float(short), float(long), rel_tol=1e-12)):
            apart[one.text] = (short, long)
    assert apart == {}
