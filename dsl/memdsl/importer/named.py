"""What known patterns of networks are called."""

from __future__ import annotations

from collections.abc import Sequence

from .parts import Part
from .regions import Region

CHAINS = {"inverted": 2, "separable": 2, "transformer": 1, "mixer": 1, "neck": 2, "block1": 1}
"""Sequences with a name, and how often one has to stand to be a block (2: at least twice)."""


def kind_of(part: Part) -> str:
    """The kind of a part; of a block its name without the number that tells it from others of its kind."""
    return part.kind if part.block is None else part.kind.rstrip("0123456789")


def chain_name(parts: Sequence[Part]) -> str | None:
    """The name of a sequence, None where it has none."""
    kinds = [kind_of(part) for part in parts]
    ones = [part.kind == "conv" and part.numbers.get("kernel") == 1 for part in parts]
    if len(parts) == 4 and ones[0] and kinds[1] == "depthwise" and kinds[2] == "squeeze_excite" and ones[3]:
        return "inverted"
    if len(parts) == 3 and ones[0] and kinds[1] == "depthwise" and ones[2]:
        return "inverted"
    if len(parts) == 2 and kinds[0] == "depthwise" and ones[1]:
        return "separable"
    if any("attention" in kind for kind in kinds) and any("feed_forward" in kind for kind in kinds):
        return "transformer"
    if len(parts) == 2 and all(kind.startswith("feed_forward") for kind in kinds):
        return "mixer"
    if len(parts) > 3 and all(kind == "conv" for kind in kinds) and any(ones) and not all(ones):
        return "neck"
    return None


def region_name(network: Sequence[Part], region: Region, graph: Sequence[Sequence[int]]) -> str | None:
    """The name of what stands between one way in and one way out, None where it is no known pattern."""
    parts = [network[row] for row in region.rows]
    kinds = [kind_of(part) for part in parts]
    last = parts[-1]
    direct = region.entry in graph[region.exit]
    convs = [part for part in parts if part.kind == "conv"]
    matrices = sum(kind == "matmul" for kind in kinds)
    windowed = len(convs) + sum(kind in ("depthwise", "inverted", "separable") for kind in kinds)
    if last.kind == "add":
        if matrices or any("attention" in kind for kind in kinds):
            return "self_attention"
        if not windowed and any(kind in ("dense", "gated") for kind in kinds):
            return "feed_forward" if direct else "block1"
        if not windowed:
            return None
        if any(kind in ("depthwise", "inverted") for kind in kinds):
            return "inverted_residual" if direct else "inverted_entry"
        ends = [part.numbers.get("kernel") == 1 for part in convs]
        base = "bottleneck" if len(ends) > 2 and ends[0] and sum(ends) >= 2 and not all(ends) else "residual"
        return base if direct else f"{base}_entry"
    if last.kind == "times":
        if direct and "global_pool" in kinds:
            return "squeeze_excite"
        return "gated" if len(parts) > 1 else None
    if last.kind == "concat":
        if matrices:
            return None
        ways = len(set(graph[region.exit]))
        if "chunk" in kinds and any(kind in ("residual", "bottleneck") for kind in kinds):
            return "c2f"
        if "chunk" in kinds and windowed:
            return "split_unit"
        if kinds.count("max_pool") >= 2 and not convs:
            return "pyramid_pool"
        if ways == 2 and direct and len(parts) <= 8:
            return "dense_layer"
        if ways >= 3 and windowed:
            return "inception"
        return "two_ways" if windowed and len(parts) <= 12 else None
    return None


def foldable(part: Part) -> bool:
    """Whether a region may end here without a name: a product of two tensors is a step of something larger."""
    return part.kind not in ("matmul", "attention", "combine")
