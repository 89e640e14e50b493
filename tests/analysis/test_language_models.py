"""What is asked of a language model: where time goes, the longest context and the largest batch that fit, exactly."""

from __future__ import annotations

import math
from random import Random

import pytest
from asking import model_of

from memdsl.analysis import solve
from memdsl.diagnostics import Problems
from memdsl.evaluate import Values
from memdsl.symbolic import ClosedForm, closed_form, find_input

LONGEST = 4096
CARD = 24e9
"""Bytes of the card's memory."""
# Eight layers that see 1000 tokens, four that see all; a cache in blocks of 16.
SPEC = f"""
use std.transformers
use std.serving
use std.chips
param ctx    = 2048 token multiple of 1 from 1 token to {LONGEST} token
param prompt = 2048 token multiple of 1 from 1 token to {LONGEST} token
param limit  = 1 GB from 0 B to 100 GB
param batch  = 4 multiple of 1 from 1 to 4096
network small(ids[n], ctx = 1) {{
  lm = ids -> decoder_of(
    layers = 12, width = 1024, vocabulary = 32_000, heads = 16, kv_heads = 4, window = 1000, windowed = 8, ctx = ctx
  )
}}
network  step = small([1], ctx = ctx)
network  text = small([prompt], ctx = prompt)
hardware card = rtx_4090()
model decode  = inference(step, card, act = 16 bit, wgt = 16 bit, batch = batch, block = 16)
model prefill = inference(text, card, act = 16 bit, wgt = 16 bit, batch = batch, block = 16)
"""


ASKED = "decode.held <= limit"


def at(**inputs: float) -> Values:
    """The sheet at some inputs."""
    model = model_of(SPEC, ASKED)
    given = {find_input(model.typed, name).key: float(value) for name, value in inputs.items()}
    return model.machine.at(given, Problems())


def number(cell: str, /, **inputs: float) -> float:
    return float(at(**inputs).cell(cell))


def form_of(cell: str, *inputs: str) -> ClosedForm:
    model = model_of(SPEC, ASKED)
    return closed_form(model.typed, model.machine, model.values, model.sheet.cells[cell].formula, inputs, cell)


def cache(ctx: int, batch: int) -> int:
    """Bytes of the cache, counted by hand: keys and values of 4 heads of 64 in 16 bit."""
    return batch * 2 * 2 * 4 * 64 * 16 * (8 * math.ceil(min(1000, ctx) / 16) + 4 * math.ceil(ctx / 16))


@pytest.mark.parametrize("ctx", [16, 990, 1000, 1008, 3000])
def test_the_longest_context_is_exact_beside_a_window_and_blocks(ctx: int) -> None:
    """A byte less is a block of every layer less; the last block is used to its end."""
    model = model_of(SPEC, ASKED)
    beside = number("decode.held", ctx=1) - cache(1, 4)
    for limit in (beside + cache(ctx, 4), beside + cache(ctx, 4) - 1):
        fits = [n for n in range(1, LONGEST + 1) if beside + cache(n, 4) <= limit]
        formula, item = model.queries[0].formula, find_input(model.typed, "ctx")
        found = solve(model.typed, model.machine, at(limit=limit), formula, item, ASKED)
        if not fits:
            assert found.never
            continue
        (run,) = found.runs
        assert (run.low, run.high) == (1, fits[-1])
        assert at(ctx=run.high, limit=limit).formula(formula)
        assert not at(ctx=run.high + 1, limit=limit).formula(formula)


@pytest.mark.parametrize("ctx", [1, 999, 1001, 4096])
def test_the_largest_batch_is_the_last_that_fits(ctx: int) -> None:
    most = number("decode.largest_batch", ctx=ctx)
    assert most > 4
    assert number("decode.held", ctx=ctx, batch=most) <= CARD
    assert number("decode.held", ctx=ctx, batch=most + 1) > CARD


@pytest.mark.parametrize(("cell", "length"), [("decode.time", "ctx"), ("prefill.time", "prompt")])
def test_times_are_closed_forms_with_their_steps(cell: str, length: str) -> None:
    form, draw = form_of(cell, length, "batch"), Random(cell)
    points = [(n, b) for n in (1, 16, 17, 999, 1000, 1001) for b in (1, 7)]
    points += [(draw.randint(1, LONGEST), draw.randint(1, 64)) for _ in range(40)]
    for n, batch in points:
        wanted = number(cell, **{length: n, "batch": batch})
        assert form.evaluate({length: n, "batch": batch}) == pytest.approx(wanted, rel=1e-9), (n, batch)


def test_an_explanation_names_the_window_and_the_blocks() -> None:
    form = form_of("decode.cache", "ctx", "batch")
    assert form.text() == "65,536·batch·ceil(ctx/16) B + 131,072·batch·ceil(min(1,000, ctx)/16) B"
