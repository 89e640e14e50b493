"""One copy of a block that is repeated by a symbol speaks for all of them, or the repetition is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.evaluate.model import CheckedSpec

BLOCKS = {
    "plain": "out = x -> dense(x.c)",
    "chain": "h = x -> dense(2 * x.c); out = h -> dense(x.c)",
    "residual": "h = x -> dense(x.c); out = add(x, h)",
    "beside": "out = x -> dense(x.c); k = out -> dense(8)",
    "view": "h = x -> dense(2 * x.c); out = h -> chunk(c = 2)",
    "skipped": "h = add(x, y); out = h -> dense(x.c)",
}
NETS = {
    "first": "a = t -> n * b(); z = a -> dense(4)",
    "read_late": "s = t -> dense(16); a = s -> n * b(); z = add(s, a)",
    "read_before": "s = t -> dense(16); e = s -> dense(16); a = s -> n * b(); z = add(e, a)",
    "of_a_view": "s = t -> dense(32); v = s -> chunk(c = 2); a = v -> n * b(); z = a -> dense(16)",
    "last": "s = t -> dense(16); a = s -> n * b()",
    "read_twice": "s = t -> dense(16); a = s -> n * b(); z = a -> dense(16); y = a -> dense(8)",
    "given": "s = t -> dense(16); y = s -> dense(16); a = s -> n * b(y); z = a -> dense(16)",
}


def built(word: str, block: str, net: str, column: str, count: int = 3) -> CheckedSpec:
    formals = "x, y" if block == "skipped" else "x"
    text = f"""use std.layers
{word} n = {count}{"  multiple of 1 from 1 to 9" if word == "param" else ""}
block b({formals}) {{ {BLOCKS[block]} }}
network net(t[n, c]) {{ {NETS[net]} }}
model of(net) {{
  each layer in net {{ q = {column} }}
  total = sum(layers.q) + 1000000 * max(layers.q)
}}
model m = of(net([2, 16]))
"""
    return driver.build(Source("repeated.mem", text), Path())


def total(spec: CheckedSpec) -> object:
    assert spec.sound is not None, [d.message for d in spec.diagnostics]
    return spec.sound.values.cell("m.total")


ALIKE = [
    ("plain", "last", "sum(live.elements)"),
    ("residual", "last", "sum(live.elements)"),
    ("chain", "read_twice", "sum(inputs.elements)"),
    ("residual", "last", "sum(fresh.elements)"),
    ("chain", "last", "elements / sum(layers.elements)"),
    ("chain", "last", "sum(r in layers, r.elements * r.macs)"),
    ("residual", "read_late", "if any(inputs.elements > 40) then count(inputs) else 0"),
    ("view", "last", "sum(tensors.elements)"),
    ("skipped", "given", "sum(inputs.elements)"),
    ("plain", "read_twice", "if count(consumers) > 0 then max(consumers.row_elements) else 0"),
    ("chain", "read_twice", 'count(r in inputs where r.kind == "dense")'),
]


@pytest.mark.parametrize(("block", "net", "column"), ALIKE)
def test_one_copy_speaks_for_all(block: str, net: str, column: str) -> None:
    for count in (1, 2, 4):
        symbolic, written_out = (built(word, block, net, column, count) for word in ("param", "option"))
        assert total(symbolic) == pytest.approx(total(written_out), rel=1e-12), count


DIFFERENT = [
    ("plain", "first", 'count(r in inputs where r.class == "input")', "reads `class` of its input"),
    ("residual", "read_late", 'count(r in inputs where r.kind == "dense")', "reads `kind` of its input"),
    ("plain", "last", "index", "where its row stands"),
    ("plain", "last", "count(r in layers where r.index < index)", "where its row stands"),
    ("residual", "read_late", "sum(live.elements)", "counts what is live"),
    ("plain", "of_a_view", "sum(live.elements)", "counts what is live"),
    ("plain", "of_a_view", "sum(origins.elements)", "reads `elements` of its input"),
    ("skipped", "given", "sum(live.elements)", "counts what is live"),
    ("plain", "read_before", "sum(fresh.elements)", "reads its input first"),
    ("plain", "read_twice", "count(consumers)", "what reads its output"),
    ("plain", "first", "sum(r in inputs, sum(r.inputs.elements))", "of its input"),
    ("beside", "last", "sum(r in inputs, count(r.consumers))", "what reads its output"),
    ("skipped", "given", "count(consumers)", "what reads its output"),
]


@pytest.mark.parametrize(("block", "net", "column", "why"), DIFFERENT)
def test_copies_that_differ_are_refused(block: str, net: str, column: str, why: str) -> None:
    assert total(built("option", block, net, column)) is not None
    (refusal,) = [d for d in built("param", block, net, column).diagnostics if d.severity == "error"]
    assert refusal.code == "copies-differ"
    assert why in refusal.message


def test_a_total_over_neighbours_is_held_to_the_copies_too() -> None:
    text = """use std.layers
param n = 3  multiple of 1 from 1 to 9
block b(x) { out = x -> dense(x.c) }
network net(t[n, c]) { a = t -> n * b(); z = a -> dense(4); y = a -> dense(4) }
network one = net([2, 16])
read = sum(r in one.layers, count(r.consumers))
"""
    (refusal,) = [d for d in driver.build(Source("total.mem", text), Path()).diagnostics if d.severity == "error"]
    assert refusal.code == "copies-differ"
    assert "`read` depends on what reads its output" in refusal.message


def test_a_block_gives_the_axes_that_it_takes() -> None:
    text = """use std.layers
param n = 3  multiple of 1 from 1 to 9
block b(x) { out = x -> reshape(d = 1, h = x.h, w = x.w, c = x.c) }
network net(t[h, w, c]) { a = t -> n * b() }
network one = net([8, 8, 3])
"""
    (refusal,) = [d for d in driver.build(Source("axes.mem", text), Path()).diagnostics if d.severity == "error"]
    assert "its output has the axes [d, h, w, c], and its input [h, w, c]" in refusal.message
