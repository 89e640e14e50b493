"""How the library spells the kinds that the importer writes: names, order of arguments, defaults."""

from __future__ import annotations

from .rows import Argument, Row
from .sizes import Size

POSITIONAL = {
    "conv": "filters", "deconv": "filters", "dense": "features", "embedding": "words", "max_pool": "kernel",
    "average_pool": "kernel", "lstm": "features", "gru": "features", "rnn": "features", "attention": "heads",
"upsample": "factor", "resize": "size", }  # fmt: skip
"""The argument that is written without its name; the table of an embedding is followed by its features."""
SECOND = {"embedding": "features"}

DEFAULTS: dict[str, dict[str, Argument]] = {
    "conv": {"kernel": 3, "stride": 1, "groups": 1, "dilation": 1},
    "depthwise": {"kernel": 3, "stride": 1, "multiplier": 1, "dilation": 1},
    "deconv": {"kernel": 2, "groups": 1, "dilation": 1, "output_pad": 0},
    "max_pool": {"kernel": 2, "dilation": 1},
    "average_pool": {"kernel": 2, "dilation": 1},
    "matmul": {"heads": 1, "shared": 1},
    "upsample": {"factor": 2},
}
"""Arguments that may be left out: what anti-unification takes for them where another row of the same place has one."""

POOLS = {"max_pool", "average_pool", "deconv"}
"""Kinds whose stride is their kernel and whose padding is none unless they are told."""

RECURRENT = {"lstm": 4, "gru": 3, "rnn": 1}
"""Blocks of the library, and their gates: a row of the file is two of the spec."""

RESULT = "result"
"""The kind of a part that is one of the results of a block's call: it makes no rows."""

MANY = {"add", "times", "combine", "concat", "attention"}
"""Kinds of several tensors."""
VIEWS = {"reshape", "sequence", "flatten", "chunk", "slice", "take", "pad", "upsample", "resize", "transpose",
         "space_to_depth", "depth_to_space", "concat", "input"}  # fmt: skip

KINDS = {*VIEWS - {"input"}, *DEFAULTS, *POSITIONAL, *MANY, "global_pool", "norm", "activation", "softmax", "reduce",
         "recurrence", "attention", "opaque", "state"}  # fmt: skip
"""Names of kinds that the text uses or could be taken for."""
SPEC = {"net", "today", "chip", "edge", "traffic", "careful", "winograd", "memory", "compute", "model", "network",
        "hardware", "param", "option", "use", "claim", "report", "block", "layer", "sram", "unlimited"}  # fmt: skip
"""Words of the language, and names that every imported spec has."""

OPAQUE = """
# What the library has no kind for stands as a row of its own: output, work and weights as the file has them.
layer opaque(xs..., positions, features, multiplies = 0, stored = 0) -> [n, c] "An operator without a kind of its own" {
  n       = positions
  c       = features
  weights = stored
  macs    = multiplies * 1 MAC
}
"""
"""The kind of rows that no kind of the library says."""


def numeric(row: Row) -> dict[str, Size]:
    """The arguments of a row that may become an argument of a block, those at their defaults included."""
    found: dict[str, Size] = {}
    for name, value in DEFAULTS.get(row.kind, {}).items():
        if name not in row.arguments and not isinstance(value, (str, bool, tuple)):
            found[name] = value
    for name, value in row.arguments.items():
        if not isinstance(value, (str, bool, tuple)):
            found[name] = value
    kernel = row.arguments.get("kernel", 2)
    if row.kind in POOLS and "pad_before" not in row.arguments and "pad" not in row.arguments:
        found["pad"] = 0
    if row.kind in POOLS and "stride" not in row.arguments and not isinstance(kernel, (str, bool, tuple)):
        found["stride"] = kernel
    return found


def fixed(row: Row) -> tuple[tuple[str, object], ...]:
    """The arguments of a row that are part of its structure: texts, lists, truth values."""
    return tuple((name, value) for name, value in row.arguments.items() if isinstance(value, (str, bool, tuple)))


def call(kind: str, arguments: dict[str, str]) -> str:
    """A kind and its arguments as the spec has them; what stands at its default is left out."""
    defaults = {name: str(value) for name, value in DEFAULTS.get(kind, {}).items()}
    if kind in POOLS:
        defaults |= {"stride": arguments.get("kernel", "2"), "pad": "0"}
    parts: list[str] = []
    for place in (POSITIONAL.get(kind), SECOND.get(kind)):
        if place is not None and place in arguments and defaults.get(place) != arguments[place]:
            parts.append(arguments[place])
    taken = {POSITIONAL.get(kind), SECOND.get(kind)}
    parts += [
        f"{name} = {text}" for name, text in arguments.items() if name not in taken and defaults.get(name) != text
    ]
    return f"{kind}({', '.join(parts)})"
