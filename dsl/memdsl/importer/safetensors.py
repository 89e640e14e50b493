"""The header of a safetensors file: how many numbers it holds; its dimensions stand in the `config.json` beside it."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

from .faults import ImportFault
from .hugging_face import dimensions, parsed
from .language_model import Dimensions, spec_of
from .result import Imported, Options
from .wire import Buffer

MAX_HEADER = 100_000_000
"""Bytes of a header, the format's own limit."""
BUFFERS = ("inv_freq", "masked_bias", "rotary_emb", "_scale_inv", "position_ids")
"""Ends of names of what is stored and is no weight."""


def read_safetensors(path: Path, data: Buffer, options: Options) -> Imported:
    """The spec of a model from the header of its weights. Raises ImportFault."""
    shapes = header(data)
    config = path.parent / "config.json"
    if not config.is_file() or config.is_symlink():
        raise ImportFault("a header has shapes and no heads: put the model's config.json beside it")
    found = parsed(config.read_bytes())
    dims, notes = dimensions(found, str(found.get("_name_or_path") or path.resolve().parent.name))
    counted = sum(math.prod(shape) for name, shape in shapes.items() if _is_weight(name, dims))
    if counted < dims.parameters * 0.98 and "-of-" in path.name:
        notes += (f"{path.name} is one part of several: it holds {counted:,} of {dims.parameters:,} weights",)
        return spec_of(dims, options, "config.json", notes=notes)
    return spec_of(dims, options, "safetensors header", counted=counted, notes=notes)


def _is_weight(name: str, dims: Dimensions) -> bool:
    if name.endswith(BUFFERS) or (dims.tied and name == "lm_head.weight"):
        return False
    # GPT-2's files hold the causal mask of each layer as `attn.bias`
    return not (dims.positions and name.endswith("attn.bias"))


def header(data: Buffer) -> dict[str, tuple[int, ...]]:
    """The shapes of the tensors by their names. Raises ImportFault where the bytes are no such header."""
    if len(data) < 8:
        raise ImportFault("the file is cut off before its header")
    size = struct.unpack("<Q", data[:8])[0]
    if size > MAX_HEADER or 8 + size > len(data):
        raise ImportFault(f"the header would have {size:,} bytes, and the file has {len(data):,}")
    try:
        found = json.loads(data[8 : 8 + size])
    except (ValueError, RecursionError) as error:
        raise ImportFault(f"the header is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ImportFault("the header is no table of tensors")
    shapes = {}
    for name, said in found.items():
        if name == "__metadata__":
            continue
        shape = said.get("shape") if isinstance(said, dict) else None
        if not isinstance(shape, list) or not all(type(n) is int and 0 <= n < 1 << 40 for n in shape):
            raise ImportFault(f"tensor `{name[:80]}` has no shape")
        shapes[name] = tuple(shape)
    return shapes
