"""One text with every form of the language, and what the tests need to look at its tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from memdsl.diagnostics import Problems, Source
from memdsl.syntax import parse, tree

SAMPLE = '''\
"Every form once"   # the title

use std.layers
use std.layers: conv, dense as l
use "other.mem" as other

param width = 2_048 px  multiple of 32  from 320 px
  to 4096 px   "Width"  # the range goes on in the next line
param kv = 16 bit one of 4 bit, 8 bit, 16 bit
param ratio = 100 ± 50% ~ lognormal(2) from "TP"
param loose = 1 +/- 20%
param either = 4 bit ~ one of 4 bit, 8 bit
option alpha = 1.5e-3
fn divisible(v, by = 8) = max(by, floor((v + by/2) / by) * by)  in MB  "Rounded"

layer conv(x[h, w, c], filters, kernel = 3) -> [h, w, c] "A convolution" {
  h = floor((x.h - kernel) / 2) + 1; w = x.w
  c = filters
  require c > 0 and not (kernel == 2 or c <= -1)  "odd"
}
layer add(xs...) -> xs { free = true }
layer state(features) { }
each layer { weights = 0; free = false }
rows memories of memory "Nearest first" { capacity = unlimited }

block residual(x, squeeze) {
  out = if squeeze == 0 then x else add(x, x -> conv(squeeze, kernel = 1) -> conv(x.c))
}
network net(image[h, w, c], project = true,) {
  stem = image -> conv(32)
  s1 = stem
    -> conv(64, stride = 2)   # a line that begins with an operator
    -> 2 * residual(32) -> n.d * residual(8) -> (1 + 1) * residual(4)
  head = concat(
    s1,
    [stem, s1,],
  )
}
hardware edge(sram = 8 MiB) "Small" {
  compute array { macs = 4096 MAC; energy = 0.2 pJ/MAC ± 30% from "Horowitz" }
  memory dram "Outside" { bandwidth = 16 GB/s; area = 0 mm^2/MB }
  peak = array.macs * array.clock in Top/s
}
hardware big extends edge { }
hardware chip = edge(sram = 16 GB / s)
network yolo = net([height, width, 3])  "One network"

model traffic(net, hw, capacity = hw.buffer.capacity) {
  each layer in net { bytes = act * elements in kB "Bytes" from "me" }
  each conv in net where kernel == 3 and x.c >= least { override work = base.work * 4/9 }
  total = sum(rows.bytes where rows.kind == "conv") + first(m in hw.memories where bytes <= m.capacity).size
  biggest = max(m in layers, m.bytes)
}
model careful extends traffic { override total = 0 B }
model today = traffic(yolo, chip)

table apps "Published" {
  name | weights | measured in Top/s
  "MLP0" | 20 M | 12.3 Top/s from "Jouppi"
  "LSTM0" | | 3.7
  efficiency = measured / 2  in %
}
table read from "apps.csv" { intensity = column("ops per byte") * 1 MAC/B }
table crossed for net in [yolo, small], hw in [chip] { run = traffic(net, hw) }
fit apps.efficiency to apps.measured for chip.dram.bandwidth by apps.name loss mean
schedule pair for yolo { front = ["stem", "s1.conv"] }

claim today.total = 475 MB within 0.1% from "ML" at width = 608 px, chip.dram.energy = 1 pJ/bit
claim apps["MLP0"].efficiency in 5%..20%
claim count(today.layers) >= 2^-3
  disputed "counted twice"
require today.total > 0 B

scenario roomy extends base "More" { sram = 64 MiB; chip.dram.energy = 1 }

report {
  text """
  With {sram} of SRAM.
  """
  table today.layers: name, bytes in MiB
  table apps
  chart stack today.layers.bytes, naive.layers.bytes by layer
  chart staircase today.total over sram
  chart roofline today over sram = 1 MiB..128 MiB times 2
  equation today.total in width, height
  sensitivity of today.total to sram, width
  sensitivity of today.total by 10%
  uncertainty of today.total, today.energy
  grid today.total over sram = 1..2 step 1, width = [416, 608]
  pareto today.total, -today.rate over sram = 1..9 times 3
  solve today.total <= 3 MB and today.time == 2 s for chip.dram.energy
  claims
}
'''


def parsed(text: str) -> tuple[tree.Module, Problems]:
    problems = Problems()
    return parse(Source("sample.mem", text), problems), problems


def nodes(item: object) -> Iterator[tree.Node]:
    """Every node of a tree, the outer ones first."""
    if isinstance(item, tuple):
        for part in item:
            yield from nodes(part)
    elif isinstance(item, tree.Node | tree.Clauses | tree.Module):
        if isinstance(item, tree.Node):
            yield item
        for part in vars(item).values():
            yield from nodes(part)


def shape(item: object) -> object:
    """A tree as plain values, without places and without what was left out."""
    if isinstance(item, tuple):
        return [shape(part) for part in item]
    if isinstance(item, tree.Node | tree.Clauses):
        names = [one.name for one in fields(item) if "span" not in one.name and one.name != "value_start"]
        kept = {name: shape(getattr(item, name)) for name in names}
        return type(item).__name__, {name: part for name, part in kept.items() if part not in (None, "", [], False)}
    return item


def formula(item: object) -> str:
    """An expression with all its parentheses."""
    match item:
        case tree.Number():
            return f"{item.digits} {item.unit}".strip()
        case tree.String():
            return f'"{item.value}"'
        case tree.Truth():
            return str(item.value).lower()
        case tree.Name():
            return item.name
        case tree.Member():
            return f"{formula(item.of)}.{item.name}"
        case tree.Index():
            return f"{formula(item.of)}[{formula(item.key)}]"
        case tree.ListOf():
            return f"[{', '.join(map(formula, item.items))}]"
        case tree.Call():
            return f"{formula(item.of)}({', '.join(map(formula, item.arguments))})"
        case tree.Argument():
            bound = f"{item.name} = " if item.name else f"{item.binder} in " if item.binder else ""
            return bound + formula(item.value) + (f" where {formula(item.where)}" if item.where else "")
        case tree.Operation():
            if len(item.operands) == 1:
                return f"({item.op} {formula(item.operands[0])})"
            return f"({formula(item.operands[0])} {item.op} {formula(item.operands[1])})"
        case tree.Conditional():
            return f"(if {formula(item.test)} then {formula(item.yes)} else {formula(item.no)})"
        case tree.Pipe():
            count = f"{formula(item.count)} * " if item.count else ""
            return f"({formula(item.of)} -> {count}{formula(item.call)})"
    raise AssertionError(item)
