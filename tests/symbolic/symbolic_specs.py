"""Specs that the tests of closed forms ask about, and how they ask."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.excel.found import with_what_was_found
from memdsl.symbolic import ClosedForm, closed_form
from memdsl.symbolic.searched import rests_on_found

SPECS = Path(__file__).parents[2] / "specs"

YOLO = """
use std.layers
use std.traffic
use std.hardware

param width  = 2048 px  multiple of 32  from 320 px to 4096 px
param height = 1024 px  multiple of 32  from 320 px to 4096 px
param sram   = 8 MiB    from 0 B to 128 MiB

block residual(x, squeeze) {
  out = add(x, x -> conv(squeeze, kernel = 1) -> conv(x.c))
}
block neck(x, c) {
  out = x -> conv(c, kernel = 1) -> conv(2*c) -> conv(c, kernel = 1) -> conv(2*c) -> conv(c, kernel = 1)
}
block detect(x, c, anchors = 3, classes = 80) {
  out = x -> conv(2*c) -> conv(anchors * (5 + classes), kernel = 1)
}
network yolov3(image[h, w, c]) {
  stem = image -> conv(32)
  s1   = stem  -> conv(64,   stride = 2) -> 1 * residual(32)
  s2   = s1    -> conv(128,  stride = 2) -> 2 * residual(64)
  s3   = s2    -> conv(256,  stride = 2) -> 8 * residual(128)
  s4   = s3    -> conv(512,  stride = 2) -> 8 * residual(256)
  s5   = s4    -> conv(1024, stride = 2) -> 4 * residual(512)

  n5 = s5 -> neck(512)
  n4 = concat(n5 -> conv(256, kernel = 1) -> upsample(2), s4) -> neck(256)
  n3 = concat(n4 -> conv(128, kernel = 1) -> upsample(2), s3) -> neck(128)

  large  = n5 -> detect(512)
  medium = n4 -> detect(256)
  small  = n3 -> detect(128)
}
hardware chip = edge(sram = sram)
model today = traffic(yolov3([height, width, 3]), chip, outputs_read = true)
model naive = traffic(yolov3([height, width, 3]), chip, capacity = 0 B, outputs_read = true)
saved = 1 - today.dram_bytes / naive.dram_bytes  in %
"""

FREE = """
use std.layers
use std.traffic
use std.hardware

param width  = 100 px from 16 px to 400 px
param height = 75 px  multiple of 1 from 16 px to 400 px
param sram   = 40 kB  from 0 B to 1 MB
param gain   = 0.5    from 0 to 2

block residual(x, squeeze) { out = add(x, x -> conv(squeeze, kernel = 1) -> conv(x.c)) }
network tiny(image[h, w, c]) {
  stem = image -> conv(8, stride = 2)
  s1   = stem -> conv(16, stride = 2) -> 2 * residual(8)
  s2   = s1 -> max_pool(3, stride = 2, ceil_mode = true) -> conv(32, stride = 2) -> 2 * residual(16)
  head = s2 -> global_pool() -> dense(10)
}
hardware chip = edge(sram = sram)
model timed extends traffic {
  each layer in net {
    ready = if kind == "conv" then max(max(inputs.ready), 2 us * gain) + time else max(inputs.ready) + time * gain
    odd   = if sum(inputs.odd) > 5 then sum(inputs.odd) - 2 else sum(inputs.odd) * 2 + gain
  }
  each input in net { ready = 1 us * gain; odd = gain }
  done  = max(layers.ready)
  odder = sum(layers.odd)
}
model today = timed(tiny([height, width, 3]), chip)
"""

TIERS = """
use std.layers
use std.hardware

param side  = 32 px multiple of 8 from 8 px to 64 px
param near  = 4 KiB from 0 B to 1 MiB
param scale = 1     from 0.1 to 4

network small(image[h, w, c]) {
  a = image -> conv(16, stride = 2) -> conv(32, stride = 2)
  b = a -> conv(64, stride = 2) -> global_pool() -> dense(10)
}
hardware soc {
  compute array { macs = 64 MAC; clock = 1 GHz }
  memory l1   { capacity = near; energy = 0.6 pJ/B; bandwidth = 64 GB/s }
  memory l2   { capacity = 8 KiB; energy = 3 pJ/B; bandwidth = 16 GB/s }
  memory dram { energy = 150 pJ/B; bandwidth = 4 GB/s }
}
model tiered(net, hw, act = 8 bit) {
  each layer in net {
    out_bytes = act * elements * scale
    tier      = first(m in hw.memories where out_bytes <= m.capacity)
    home      = tier.name
    energy    = 2 * out_bytes * tier.energy
    time      = max(2 * out_bytes / tier.bandwidth, macs / (hw.array.macs * hw.array.clock))
    slow      = 2 * out_bytes / tier.bandwidth > macs / (hw.array.macs * hw.array.clock)
  }
  each input in net { out_bytes = act * elements }
  each memory in hw {
    held = max(0 B, sum(layers.out_bytes where layers.home == name))
    used = count(layers where layers.home == name)
  }
  energy  = sum(layers.energy)
  time    = sum(layers.time)
  average = mean(layers.out_bytes)
  least   = min(layers.out_bytes where layers.home == "dram" or layers.kind == "dense")
  any_dram = any(layers.home == "dram")
  all_near = all(layers.home == "l1")
  slowest = max(layers.time)
  bound   = count(layers where layers.slow)
}
model placed = tiered(small([side, side, 3]), soc)
worst = argmax(placed.layers.energy)
worst_bytes = worst.out_bytes
"""

COUNTED = """
use std.layers

param layers  = 32          multiple of 1 from 1 to 200
param context = 4096 token  multiple of 1 from 1 token to 131072 token
param batch   = 1           multiple of 1 from 1 to 256
param kv_bits = 16 bit      one of 4 bit, 8 bit, 16 bit

block decoder(x, heads, kv_heads, dim, ff) {
  a     = x -> norm()
  q     = a -> dense(heads * dim)
  k     = a -> dense(kv_heads * dim)
  v     = a -> dense(kv_heads * dim)
  cache = kv_cache(context, kv_heads, dim)
  o     = cached_attention(q, cache, heads, dim, k, v) -> dense(x.c)
  b     = add(x, o)
  f     = b -> norm()
  gate  = times(f -> dense(ff), f -> dense(ff))
  out   = add(b, gate -> dense(x.c))
}
network llama(token[n, c], vocab = 128256) {
  body   = token -> layers * decoder(heads = 32, kv_heads = 8, dim = 128, ff = 14336)
  logits = body -> norm() -> dense(vocab)
}
model decode(net, wgt = 8 bit, act = 16 bit) {
  each layer in net    { bytes = wgt * weights;  work = batch * macs }
  each input in net    { bytes = batch * act * elements; work = 0 MAC }
  each kv_cache in net { override bytes = batch * kv_bits * elements }
  cache_bytes  = sum(sources.bytes where sources.kind == "kv_cache")
  weight_bytes = sum(layers.bytes)
  traffic      = weight_bytes + cache_bytes
  work         = sum(rows.work)
  step         = max(traffic / 3.35 TB/s, work / (65536 MAC * 1.5 GHz))
  rate         = batch / step
  row_mean     = mean(layers.bytes)
  row_count    = count(layers.bytes)
}
model step = decode(llama([1, 4096]))
"""

SMALL = """
use std.hardware

option wide = true
param x = 2 from 0 to 3
param y = 3 from -5 to 5
param n = 7 multiple of 1 from 1 to 60
param t = 0.3 s from 0 s to 10 s
param name = "left" one of "left", "right"
param open = true

table apps {
  name   | weights | intensity in MAC/B
  "MLP0" | 20 M    | 200
  "LSTM" | 52 M    | 64
  "CNN0" | 8 M     | 2888

  reach = min(92 Top/s, intensity * x * 34 GB/s)  in Top/s
  bound = if intensity * x < 1349 MAC/B then "memory" else "compute"
}
hardware box { memory far { bandwidth = 34 GB/s; energy = 0.1 pJ/B } }

noise    = 0.1 s + 0.2 s + t
square   = (x + y)^2
quotient = if x > y then x / (x - y) else y^2 / (1 + x^2)
rounded  = floor(n / 4) + ceil(n / 6) + round(y) + floor(7 * n)
limited  = clamp(x * y, 1, 4) + abs(x - y)
mixed    = if (x > 1 and y < 3) or not (x * y == 6) then 1 else 2
kinked   = max(x^2, y, x * y, 3) + min(x, 1)
grown    = sqrt(x) + log2(x + 1) + exp(y / 5) + 2^n
endless  = x / unlimited + (if x * 1 B <= unlimited then 5 else 6)
fastest  = max(apps.reach)
slow     = count(apps where apps.bound == "memory")
first_   = first(a in apps where a.reach > 10 Top/s)
first_reach = first_.weights
both     = x > 1 and y > 0
text     = if x > 1 then "big" else "small"
far_time = 1 MB / box.far.bandwidth + 1 ns
vanishes = x * y - y * x + n
far_energy = 3 B * box.far.energy * 1
"""

TEXTS = {"yolo": YOLO, "free": FREE, "tiers": TIERS, "counted": COUNTED, "small": SMALL}


@lru_cache(maxsize=64)
def model_of(text: str, *queries: str) -> driver.Model:
    """The model of a spec text; queries are expressions over its cells."""
    model = driver.build(Source("test.mem", text), Path("."), queries=queries)
    assert isinstance(model, driver.Model), [d.message for d in model.diagnostics]
    return model


@lru_cache(maxsize=64)
def model_in(path: Path) -> tuple[driver.Model, frozenset[str]]:
    """The model of a spec of the repository, what was found in it kept, and the cells that rest on that."""
    source = driver.read(path)
    assert isinstance(source, Source)
    model = driver.build(source, path.parent, path)
    found = frozenset(name for name, cell in model.sheet.cells.items() if rests_on_found(model.sheet, cell.formula))
    return with_what_was_found(model), found


def ask(text: str, asked: str, *inputs: str) -> ClosedForm:
    """The closed form of an expression over a spec text."""
    model = model_of(text, asked)
    (query,) = model.queries
    return closed_form(model.typed, model.machine, model.values, query.formula, inputs, asked)
