"""`config.json` of Hugging Face's transformers: a model's dimensions under the names of its architecture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from .faults import ImportFault
from .language_model import LONGEST, Dimensions, spec_of
from .result import Imported, Options
from .wire import Buffer

MAX_BYTES = 4_000_000
LIKE_LLAMA = (
    "llama",
    "mistral",
    "mixtral",
    "qwen2",
    "qwen3",
    "qwen3_moe",
    "gemma",
    "gemma2",
    "olmo",
    "olmo2",
    "phi3",
    "gpt_oss",
    "cohere",
    "gemma3_text",
    "glm4_moe",
    "gpt_neox",
    "stablelm",
)
DEEPSEEK = ("deepseek_v2", "deepseek_v3", "kimi_k2", "glm4_moe")
OTHERS = ("gpt2", "bloom", "opt", "falcon", *DEEPSEEK)


def read_config(path: Path, data: Buffer, options: Options) -> Imported:
    """The spec of a model from its `config.json`. Raises ImportFault."""
    found = parsed(data[:])
    dims, notes = dimensions(found, str(found.get("_name_or_path") or path.resolve().parent.name or path.stem))
    return spec_of(dims, options, "config.json", notes=notes)


def parsed(content: bytes) -> Mapping[str, object]:
    if len(content) > MAX_BYTES:
        raise ImportFault(f"it has {len(content):,} bytes, and a config.json has at most {MAX_BYTES:,}")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImportFault(f"it is no JSON: {error}") from None
    if not isinstance(found, dict) or not ({"model_type", "hidden_size", "n_embd"} & found.keys()):
        raise ImportFault("it is JSON, but no config.json of a language model: it has no `model_type`")
    inner = found.get("text_config")
    return {**found, **inner} if isinstance(inner, dict) else found


class _Config:
    def __init__(self, found: Mapping[str, object]) -> None:
        self.found = found

    def number(self, *names: str, default: int | None = None) -> int:
        for name in names:
            value = self.found.get(name)
            if isinstance(value, bool) or value is None:
                continue
            if not isinstance(value, (int, float)) or value != int(value) or not 0 <= value < LONGEST:
                raise ImportFault(f"`{name}` is {json.dumps(value)[:40]}, and a whole number is needed")
            return int(value)
        if default is None:
            raise ImportFault(f"it has no `{names[0]}`")
        return default

    def truth(self, name: str, default: bool = False) -> bool:
        value = self.found.get(name)
        return value if isinstance(value, bool) else default


def dimensions(found: Mapping[str, object], name: str) -> tuple[Dimensions, tuple[str, ...]]:
    """The dimensions that a configuration says, and what a reader should know of them."""
    config, kind = _Config(found), str(found.get("model_type", ""))
    notes: tuple[str, ...] = ()
    if kind in ("gpt2", "bloom", "opt", "falcon"):
        return _plain(config, kind, name), notes
    if kind not in (*LIKE_LLAMA, *OTHERS):
        notes = (f"`model_type` {kind!r} is not known: it is read as a Llama with these dimensions",)
    layers, width = config.number("num_hidden_layers"), config.number("hidden_size")
    heads = config.number("num_attention_heads")
    experts = config.number("num_local_experts", "n_routed_experts", "num_experts", default=0)
    window, windowed = _windows(config, kind, layers)
    latent = config.number("kv_lora_rank", default=0)
    dims = Dimensions(
        name, layers, width, config.number("vocab_size"), heads,
        config.number("num_key_value_heads", default=heads),
        config.number("head_dim", default=0) or width // max(1, heads),
        0 if experts and kind not in DEEPSEEK else config.number("intermediate_size"),
        tied=config.truth("tie_word_embeddings", kind in ("gemma", "gemma2", "gemma3_text", "cohere")),
        gated=kind != "gpt_neox",
        norm_weights=2 if kind in ("gpt_neox", "stablelm") else 1,
        norms=4 if kind in ("gemma2", "gemma3_text") else 1 if kind == "cohere" else 2,
        parallel=kind == "gpt_neox" and config.truth("use_parallel_residual", True),
        bias=kind in ("gpt_oss", "gpt_neox") or config.truth("mlp_bias"),
        bias_qkv=kind == "qwen2" or config.truth("use_qkv_bias"),
        qk_norm=kind in ("qwen3", "qwen3_moe", "gemma3_text", "olmo2") or config.truth("use_qk_norm"),
        qk_norm_each=kind in ("cohere", "olmo2") and (kind == "olmo2" or config.truth("use_qk_norm")),
        sinks=kind == "gpt_oss",
        window=window, windowed=windowed,
        experts=experts,
        active=config.number("num_experts_per_tok", "experts_per_token", default=0),
        expert_inner=config.number("moe_intermediate_size", "intermediate_size", default=0) if experts else 0,
        shared=config.number("n_shared_experts", default=0) if experts else 0,
        dense_layers=config.number("first_k_dense_replace", default=0) if experts else 0,
        correction=kind in ("deepseek_v3", "kimi_k2", "glm4_moe"),
        rank=latent,
        q_rank=config.number("q_lora_rank", default=0),
        nope=config.number("qk_nope_head_dim", default=0),
        rope=config.number("qk_rope_head_dim", default=0) if latent else 0,
        value=config.number("v_head_dim", default=0) if latent else 0,
    )  # fmt: skip
    if config.truth("attention_bias") and kind not in ("gpt_oss", "gpt_neox"):
        notes += ("`attention_bias`: the biases of queries, keys and values are counted, that of the output is not",)
        dims = Dimensions(**{**{f: getattr(dims, f) for f in Dimensions.__dataclass_fields__}, "bias_qkv": True})
    return dims, notes


def _plain(config: _Config, kind: str, name: str) -> Dimensions:
    """Models with norms of two weights and two products a feed-forward layer, each with names of its own."""
    width, heads = config.number("n_embd", "hidden_size"), config.number("n_head", "num_attention_heads")
    shared = kind == "falcon" and config.truth("multi_query", True) and not config.truth("new_decoder_architecture")
    grouped = config.number("num_kv_heads", default=heads) if config.truth("new_decoder_architecture") else heads
    return Dimensions(
        name, config.number("n_layer", "num_hidden_layers"), width, config.number("vocab_size"), heads,
        1 if shared else grouped, width // max(1, heads),
        config.number("n_inner", "ffn_dim", "ffn_hidden_size", default=0) or 4 * width, gated=False,
        tied=config.truth("tie_word_embeddings", True), norm_weights=2, norms=1 if shared else 2,
        parallel=kind == "falcon" and not shared, bias=kind != "falcon", table_norm=kind == "bloom",
        positions=config.number("max_position_embeddings") + 2 if kind == "opt"
        else config.number("n_positions", "n_ctx") if kind == "gpt2" else 0,
    )  # fmt: skip


def _windows(config: _Config, kind: str, layers: int) -> tuple[int, int]:
    """The window of attention, and how many layers have one."""
    window = config.number("sliding_window", default=0)
    kinds = config.found.get("layer_types")
    if not window or config.found.get("use_sliding_window") is False:
        return 0, 0
    if isinstance(kinds, list) and len(kinds) == layers:
        count = sum(one == "sliding_attention" for one in kinds)
    elif kind in ("gpt_oss", "gemma2"):
        count = layers // 2
    elif kind == "gemma3_text":
        count = layers - layers // config.number("sliding_window_pattern", default=6)
    else:
        count = layers
    return (window, count) if count else (0, 0)
