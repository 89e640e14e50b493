"""Specs that are sound, a capability each; and a repetition by a parameter, which is that by a literal written short."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.sheet.sheet import Quantity

GOOD = sorted((Path(__file__).parent / "cases" / "good").glob("*.mem"))


def built(path: Path) -> driver.Model:
    source = driver.read(path)
    assert isinstance(source, driver.Source)
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
    assert isinstance(source, driver.Source)
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
model articles = traffic(inst, chip)
model readers  = careful(inst, chip)
model products = winograd(inst, chip)
"""
AGGREGATES = ("sum", "count", "mean", "max", "min")


def repeated(word: str, network: str, count: int) -> dict[str, float]:
    """The totals of every model, and each aggregate of each numeric column of its layers and its sources."""
    sizes = "[48]" if "image[c]" in network else "[8, 8, 3]"
    text = AROUND.format(word=word, network=network, count=count, sizes=sizes)
    model = driver.build(driver.Source("repeated", text), Path())
    assert [d.message for d in model.diagnostics] == []
    found: dict[str, float] = {}
    queries: list[str] = []
    for instance in (i for i in model.sheet.instances.values() if i.kind in ("model", "network")):
        for cell in (c for c in model.sheet.cells.values() if c.owner == instance.name):
            value = model.values.cell(cell.id)
            if isinstance(value, float):
                found[cell.id] = value
        assert instance.table is not None
        for column in model.sheet.tables[instance.table].columns.values():
            numeric = isinstance(model.typed.column_types[instance.table, column.name], Quantity)
            everywhere = all(formula is not None for formula in column.formulas)
            if numeric and everywhere and column.name not in ("index", "copies"):
                for part in ("layers", "sources", "rows"):
                    queries += [f"{op}({instance.name}.{part}.{column.name})" for op in AGGREGATES]
    asked = driver.build(driver.Source("repeated", text), Path(), queries=queries)
    for query in asked.queries:
        value = asked.values.formula(query.formula)
        assert isinstance(value, float)
        found[query.text] = value
    assert len(asked.queries) == len(queries)
    return found


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("network", REPEATED.values(), ids=REPEATED.keys())
def test_one_copy_of_the_rows_gives_what_all_of_them_give(network: str, count: int) -> None:
    unrolled, kept = repeated("option", network, count), repeated("param", network, count)
    assert len(kept) > 100
    assert unrolled.keys() == kept.keys()
    apart = {name: (unrolled[name], kept[name]) for name in kept if not math.isclose(unrolled[name], kept[name])}
    assert apart == {}
