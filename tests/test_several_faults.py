"""All faults of a file are told in one run: of two that have nothing to do with each other each, and no third."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source

SPEC = """use std.layers
use std.traffic
use std.hardware

param side = 32 px from 32 px to 64 px multiple of 32
param fast = 2 GB/s
{cells}
table parts {{
  name | size in MB | share
  "a"  | 3          | 1
  "b"  | {entry}    | 2
  ratio = size / (1 MB * {column})
}}
network net(image[h, w, c]) {{
  a = image -> conv(8{first})
  b = image -> conv(8{second})
  c = image -> {kind}
}}
network n = net([side, side, 3])
network other(image[h, w, c]) {{ a = image -> conv(8{other}) }}
network o = other([32, 32, 3])
hardware chip = edge(sram = {sram})
model m = traffic(n, chip{model})
model own = traffic(o, chip)
{below}
claim own.layers["a"].h = {claim} from "a paper"
scenario wide {{ {scenario} }}
report {{
  chart bar {chart} by layer
  text \"\"\"{prose}\"\"\"
}}
"""
SOUND = {
    "cells": "",
    "entry": "4",
    "column": "share",
    "first": "",
    "second": "",
    "kind": "conv(4)",
    "other": "",
    "sram": "1 MiB",
    "model": "",
    "below": "",
    "claim": "32",
    "scenario": "side = 64 px",
    "chart": "own.layers.dram_bytes",
    "prose": "{side}",
}
FAULTS = {
    "a name": ("cells", "x = nothing + 1"),
    "a unit": ("below", "w = 3 MB + 2 s"),
    "a value": ("below", "y = 1 / (side / 1 px - 32)"),
    "a range": ("below", "param z = 7 from 1 to 3"),
    "a requirement": ("below", 'require fast > 3 GB/s "it is slow"'),
    "a circle": ("below", "u = v\nv = u + 1"),
    "an entry": ("entry", "4 s"),
    "a column": ("column", "shore"),
    "an argument's name": ("first", ", kernal = 3"),
    "an argument's domain": ("second", ", stride = 0"),
    "an argument of another network": ("other", ", kernel = nothing_there"),
    "a kind": ("kind", "konv(4)"),
    "a shape": ("kind", "flatten() -> conv(4)"),
    "a unit of hardware": ("sram", "1 s"),
    "a model's argument": ("model", ", akt = 4 bit"),
    "a claim": ("claim", "33"),
    "a scenario": ("scenario", "side = 33 px"),
    "a chart": ("chart", "own.layers.nothing"),
    "prose": ("prose", "{nobody}"),
}
NOT_APART = {frozenset(("an argument of another network", "a claim"))}
"""The claim is on what the argument makes unknown."""


@cache
def told(*faults: str) -> list[str]:
    slots = dict(SOUND)
    for fault in faults:
        slot, said = FAULTS[fault]
        slots[slot] = slots[slot] + "\n" + said if slot == "below" else said
    text = SPEC.format(**slots)
    model = driver.build(Source("several", text), Path())
    assert model.claims is not None
    return sorted(f"{found.code}: {found.message}" for found in model.diagnostics if found.severity == "error")


def test_without_faults_nothing_is_told() -> None:
    assert told() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_once(fault: str) -> None:
    assert len(told(fault)) == 1


def apart(one: str, other: str) -> bool:
    """Whether two faults stand in different places of the spec."""
    below = FAULTS[one][0] == FAULTS[other][0] == "below"
    return frozenset((one, other)) not in NOT_APART and (below or FAULTS[one][0] != FAULTS[other][0])


@pytest.mark.parametrize("pair", [pair for pair in combinations(FAULTS, 2) if apart(*pair)], ids=" and ".join)
def test_two_faults_are_two(pair: tuple[str, str]) -> None:
    one, other = pair
    assert told(*pair) == sorted(told(one) + told(other))
