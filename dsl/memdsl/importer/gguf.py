"""The header of a GGUF file: dimensions in its metadata, the format of every tensor, and with them a file's mix."""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ..records import record
from .faults import ImportFault
from .language_model import Dimensions, Formats, spec_of
from .result import Imported, Options
from .wire import Buffer

# Bytes and elements of a block, by the number of the type. Source: ggml, ggml-common.h and ggml.c.
TYPES: Mapping[int, tuple[str, int, int]] = {
    0: ("F32", 4, 1), 1: ("F16", 2, 1), 2: ("Q4_0", 18, 32), 3: ("Q4_1", 20, 32), 6: ("Q5_0", 22, 32),
    7: ("Q5_1", 24, 32), 8: ("Q8_0", 34, 32), 9: ("Q8_1", 36, 32), 10: ("Q2_K", 84, 256), 11: ("Q3_K", 110, 256),
    12: ("Q4_K", 144, 256), 13: ("Q5_K", 176, 256), 14: ("Q6_K", 210, 256), 15: ("Q8_K", 292, 256),
    20: ("IQ4_NL", 18, 32), 23: ("IQ4_XS", 136, 256), 30: ("BF16", 2, 1), 39: ("MXFP4", 17, 32),
}  # fmt: skip
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
MOST = 1_000_000
"""Keys, tensors and entries of an array that are read."""


@record
class Tensor:
    name: str
    elements: int
    type: int

    @property
    def bytes(self) -> int:
        _, size, block = TYPES[self.type]
        return self.elements // block * size


class _Header:
    def __init__(self, data: Buffer) -> None:
        self.data, self.at = data, 4
        self.left = 20 * MOST

    def number(self, form: str) -> int | float | bool:
        size = struct.calcsize("<" + form)
        if self.at + size > len(self.data):
            raise ImportFault(f"byte {self.at:,}: the file is cut off in its header")
        (value,) = struct.unpack_from("<" + form, self.data, self.at)
        self.at += size
        return value  # type: ignore[no-any-return]

    def whole(self, form: str, most: int) -> int:
        value = int(self.number(form))
        if value > most:
            raise ImportFault(f"byte {self.at:,}: {value:,} entries, and at most {most:,} are read")
        return value

    def text(self) -> str:
        size = self.whole("Q", len(self.data))
        start, self.at = self.at, self.at + size
        if self.at > len(self.data):
            raise ImportFault(f"byte {start:,}: the file is cut off in a text")
        return self.data[start : self.at].decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> object:
        self.left -= 1
        if self.left < 0 or depth > 4:
            raise ImportFault("the header has more entries than are read")
        if kind == _TEXT:
            return self.text()
        if kind == _ARRAY:
            inner, count = self.whole("I", 100), self.whole("Q", 10 * MOST)
            if inner in _NUMBERS:
                size = struct.calcsize("<" + _NUMBERS[inner]) * count
                start, self.at = self.at, self.at + size
                if self.at > len(self.data):
                    raise ImportFault(f"byte {start:,}: the file is cut off in an array")
                first = struct.unpack_from("<" + _NUMBERS[inner], self.data, start)[0] if count else 0
                return _Array(count, first)
            for _ in range(count):
                self.value(inner, depth + 1)
            return _Array(count, 0)
        if kind not in _NUMBERS:
            raise ImportFault(f"byte {self.at:,}: a value of an unknown type {kind}")
        return self.number(_NUMBERS[kind])


@record
class _Array:
    count: int
    first: int | float | bool


def header(data: Buffer) -> tuple[dict[str, object], list[Tensor], int]:
    """Metadata, tensors, and where the header ends. Raises ImportFault."""
    read = _Header(data)
    version = read.whole("I", 1 << 31)
    if version not in (2, 3):
        raise ImportFault(f"it is GGUF version {version}, and 2 and 3 are read")
    tensors, keys = read.whole("Q", MOST), read.whole("Q", MOST)
    said = {}
    for _ in range(keys):
        name = read.text()
        said[name] = read.value(read.whole("I", 100))
    found = []
    for _ in range(tensors):
        name = read.text()
        sizes = [read.whole("Q", 1 << 40) for _ in range(read.whole("I", 8))]
        kind = read.whole("I", 1 << 31)
        read.number("Q")
        if kind not in TYPES:
            raise ImportFault(f"tensor `{name[:80]}` is of type {kind}, which is not known")
        found.append(Tensor(name, math.prod(sizes), kind))
    return said, found, read.at


def read_gguf(path: Path, data: Buffer, options: Options) -> Imported:
    """The spec of a model, its mix of formats included. Raises ImportFault."""
    said, tensors, _ = header(data)
    kind = str(said.get("general.architecture", ""))
    counted = sum(t.elements for t in tensors if not t.name.startswith("rope_freqs"))
    weights = [t for t in tensors if not t.name.startswith("rope_freqs")]
    return spec_of(_dimensions(said, tensors, kind, path), options, "GGUF header", _formats(weights), counted)


def _dimensions(said: Mapping[str, object], tensors: list[Tensor], kind: str, path: Path) -> Dimensions:
    names = {t.name: t for t in tensors}

    def number(key: str, default: int | None = None) -> int:
        value = said.get(f"{kind}.{key}")
        value = value.first if isinstance(value, _Array) else value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return int(value)
        if default is None:
            raise ImportFault(f"its metadata has no `{kind}.{key}`")
        return default

    width, heads = number("embedding_length"), number("attention.head_count")
    table = names.get("token_embd.weight")
    if table is None:
        raise ImportFault("it has no tensor `token_embd.weight`")
    experts, rank = number("expert_count", 0), number("attention.kv_lora_rank", 0)
    rope, key = number("rope.dimension_count", 0), number("attention.key_length", width // max(1, heads))
    if rank:
        key = number("attention.key_length_mla", key)
    inner = number("feed_forward_length", 0)
    return Dimensions(
        str(said.get("general.name") or path.stem), number("block_count"), width,
        table.elements // max(1, width), heads,
        number("attention.head_count_kv", heads), key, inner,
        gated=any(n.endswith(("ffn_gate.weight", "ffn_gate_exps.weight")) for n in names),
        tied="output.weight" not in names,
        norm_weights=2 if "output_norm.bias" in names else 1,
        norms=4 if "blk.0.post_attention_norm.weight" in names and "blk.0.post_ffw_norm.weight" in names else 2,
        bias="blk.0.attn_output.bias" in names,
        bias_qkv="blk.0.attn_q.bias" in names and "blk.0.attn_output.bias" not in names,
        qk_norm="blk.0.attn_q_norm.weight" in names and not rank,
        sinks="blk.0.attn_sinks.weight" in names,
        positions=number("context_length") if "position_embd.weight" in names else 0,
        experts=experts, active=number("expert_used_count", 0),
        expert_inner=number("expert_feed_forward_length", inner) if experts else 0,
        shared=number("expert_shared_count", 0), dense_layers=number("leading_dense_block_count", 0) if experts else 0,
        correction="exp_probs_b" in " ".join(names), rank=rank, q_rank=number("attention.q_lora_rank", 0),
        nope=key - rope if rank else 0, rope=rope if rank else 0,
        value=number("attention.value_length_mla", number("attention.value_length", 0)) if rank else 0,
    )  # fmt: skip


def _formats(tensors: list[Tensor]) -> Formats:
    """The mean bits of each sort of tensors: what is mixed within a sort is told by its mean."""
    sums: dict[str, list[int]] = {}
    for tensor in tensors:
        both = sums.setdefault(_sort(tensor), [0, 0])
        both[0] += 8 * tensor.bytes
        both[1] += tensor.elements

    def mean(sort: str, other: float) -> float:
        bits, elements = sums.get(sort, (0, 0))
        return bits / elements if elements else other

    matrices = mean("matrices", 16.0)
    table = mean("table", matrices)
    kinds = Counter(TYPES[tensor.type][0] for tensor in tensors)
    said = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    total = sum(tensor.bytes for tensor in tensors)
    return Formats(matrices, table, mean("head", table), mean("experts", matrices), mean("vectors", 32.0), said, total)


def _sort(tensor: Tensor) -> str:
    if tensor.name in ("token_embd.weight", "position_embd.weight"):
        return "table"
    if tensor.name == "output.weight":
        return "head"
    if "_exps." in tensor.name and tensor.name.endswith(".weight"):
        return "experts"
    vector = (
        tensor.name.endswith(".bias") or "norm" in tensor.name or "sinks" in tensor.name or "exp_probs" in tensor.name
    )
    return "vectors" if vector else "matrices"
