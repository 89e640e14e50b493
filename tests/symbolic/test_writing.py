"""What is written renders: the LaTeX of every kind of formula, and the chain of formulas."""

from __future__ import annotations

import pytest
import ziamath
from symbolic_specs import COUNTED, FREE, SMALL, TIERS, YOLO, ask, model_of

from memdsl.symbolic import chain


@pytest.mark.parametrize(
    ("spec", "asked", "inputs", "part"),
    [
        (YOLO, "sum(today.layers.macs)", "width height", r"190{,}297"),
        (TIERS, 'placed.memories["l1"].held', "near", r"\begin{cases}"),
        (SMALL, "1 / (x + n)", "x n", r"\frac{"),
        (FREE, "sum(today.layers.macs)", "width", r"\mathrm{w[s1.conv]}"),
        (SMALL, "rounded", "n y", r"\left\lfloor"),
        (SMALL, "kinked", "x", r"\max"),
        (SMALL, "grown", "x y n", r"\sqrt"),
        (SMALL, "quotient", "x y", r"\text{otherwise}"),
        (SMALL, "mixed", "x y", r"\text{ or }"),
        (SMALL, "x * t * 1e-9", "x t", r"10^{-9}"),
        (SMALL, "x <= 1 and y != 2", "x y", r"\le"),
        (TIERS, "placed.average", "side", r"\mathrm{side}"),
    ],
)
def test_latex_renders(spec: str, asked: str, inputs: str, part: str) -> None:
    form = ask(spec, asked, *inputs.split())
    assert part in form.latex()
    assert ziamath.Latex(form.latex()).svg().startswith("<svg")


def test_names_are_escaped() -> None:
    form = ask(COUNTED, "step.cache_bytes", "kv_bits")
    assert r"\mathrm{kv\_bits}" in form.latex()
    assert ziamath.Latex(form.latex()).svg().startswith("<svg")


def test_the_latex_of_cuts_renders() -> None:
    form = ask(FREE, "today.odder", "gain")
    for cut in list(form.cuts.values())[:2]:
        assert ziamath.Latex(cut.latex).svg().startswith("<svg")


def test_the_chain_of_a_cell() -> None:
    model = model_of(YOLO, "today.dram_bytes")
    (query,) = model.queries
    links = chain(model.typed, model.values, query.formula)
    assert [(link.depth, link.name, link.formula) for link in links[:4]] == [
        (0, "today.dram_bytes", "sum(rows.dram_bytes) + code_bytes"),
        (1, "today.layers.dram_bytes (input)", "0 B"),
        (1, "today.layers.dram_bytes (conv, add, upsample, concat)", "wgt_bytes + spilled + fetched"),
        (2, "today.layers.wgt_bytes (input)", "0 B"),
    ]
    assert links[0].value == 470_840_416
    by_name = {link.name: link for link in links}
    assert by_name["sram"].formula == "8 MiB"
    assert by_name["chip.buffer.capacity"].value == 8 * 2**20
    assert by_name["height"].span.source.name == "test.mem"
    assert len(by_name) == len(links)


def test_the_chain_of_an_expression_begins_with_it() -> None:
    model = model_of(YOLO, "sum(today.layers.macs) / 1 MAC")
    (query,) = model.queries
    links = chain(model.typed, model.values, query.formula)
    assert (links[0].name, links[0].depth, links[0].value) == ("sum(today.layers.macs) / 1 MAC", 0, 399_081_734_144)
    assert links[1].depth == 1


def test_the_chain_carries_sources() -> None:
    model = model_of(YOLO, "today.energy")
    (query,) = model.queries
    energy = next(link for link in chain(model.typed, model.values, query.formula) if link.name == "chip.dram.energy")
    assert energy.source.startswith("Horowitz")
    assert energy.formula == "162.5 pJ/B"
