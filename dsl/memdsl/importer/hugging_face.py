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
DEEPSEEK = ("deepseek_v2", "deepseek_v3", "kimi_k2", "glm4_moe")
LIKE_LLAMA = (
    "llama", "mistral", "mixtral", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "gemma", "gemma2", "gemma3_text", "olmo",
    "olmo2", "phi", "phi3", "phimoe", "gpt_oss", "cohere", "cohere2", "gpt_neox", "stablelm", "starcoder2", "glm",
    "glm4", *DEEPSEEK,
)  # fmt: skip
PLAIN = ("gpt2", "gpt_bigcode", "gptj", "bloom", "opt", "falcon", "mpt")
# What a configuration does not say, because the code of its architecture does.
TIED = ("gemma", "gemma2", "gemma3_text", "cohere", "cohere2", "starcoder2")
NORM_WEIGHTS = {"gpt_neox": 2, "stablelm": 2, "starcoder2": 2, "phi": 2, "phimoe": 2, "olmo": 0}
NORMS = {"gemma2": 4, "gemma3_text": 4, "glm4": 4, "cohere": 1, "cohere2": 1, "phi": 1}
UNGATED = ("gpt_neox", "starcoder2", "phi")
WITHOUT_OUTPUT_BIAS = ("glm", "glm4", "glm4_moe")
HALF_WINDOWED = ("gpt_oss", "gemma2")
PATTERNS = {"gemma3_text": 6, "cohere2": 4}


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
    if kind in PLAIN:
        return _plain(config, kind, name), notes
    if kind not in LIKE_LLAMA:
        notes = (f"`model_type` {kind!r} is not known: it is read as a Llama with these dimensions",)
    layers, width = config.number("num_hidden_layers"), config.number("hidden_size")
    heads = config.number("num_attention_heads")
    experts = config.number("num_local_experts", "n_routed_experts", "num_experts", default=0)
    window, windowed = _windows(config, kind, layers)
    latent = config.number("kv_lora_rank", default=0)
    biased = config.truth("attention_bias")
    dims = Dimensions(
        name, layers, width, config.number("vocab_size"), heads,
        config.number("num_key_value_heads", default=heads),
        config.number("head_dim", default=0) or width // max(1, heads),
        0 if experts and kind not in DEEPSEEK else config.number("intermediate_size"),
        tied=config.truth("tie_word_embeddings", kind in TIED),
        gated=kind not in UNGATED,
        norm_weights=NORM_WEIGHTS.get(kind, 1),
        norms=NORMS.get(kind, 2),
        parallel=kind == "gpt_neox" and config.truth("use_parallel_residual", True),
        bias=kind in ("gpt_oss", "gpt_neox", "phi") or (kind == "starcoder2" and config.truth("use_bias", True)),
        bias_qkv=kind in ("qwen2", "qwen2_moe") or config.truth("use_qkv_bias") or biased,
        bias_out=config.truth("attention_out_bias", biased and kind not in WITHOUT_OUTPUT_BIAS),
        bias_mlp=config.truth("mlp_bias"),
        qk_norm=kind in ("qwen3", "qwen3_moe", "gemma3_text", "olmo2") or config.truth("use_qk_norm"),
        qk_norm_each=kind in ("cohere", "olmo2") and (kind == "olmo2" or config.truth("use_qk_norm")),
        sinks=kind == "gpt_oss",
        window=window, windowed=windowed,
        experts=experts,
        active=config.number("num_experts_per_tok", "experts_per_token", default=0),
        expert_inner=config.number("moe_intermediate_size", "intermediate_size", default=0) if experts else 0,
        shared=_shared(config) if experts else 0,
        shared_gate=kind == "qwen2_moe",
        dense_layers=config.number("first_k_dense_replace", default=0) if experts else 0,
        correction=kind in ("deepseek_v3", "kimi_k2", "glm4_moe"),
        rank=latent,
        q_rank=config.number("q_lora_rank", default=0),
        nope=config.number("qk_nope_head_dim", default=0),
        rope=config.number("qk_rope_head_dim", default=0) if latent else 0,
        value=config.number("v_head_dim", default=0) if latent else 0,
        head_bias=kind == "phi" or config.truth("lm_head_bias"),
    )  # fmt: skip
    if biased and latent:
        notes += ("`attention_bias`: with latent attention these biases are not counted",)
    return dims, notes


def _shared(config: _Config) -> int:
    """Shared experts, each as wide as the others."""
    wide, each = (config.number(n, default=0) for n in ("shared_expert_intermediate_size", "moe_intermediate_size"))
    if wide and (not each or wide % each):
        raise ImportFault(f"the shared expert is {wide:,} wide, no multiple of the {each:,} of the others")
    return wide // each if wide else config.number("n_shared_experts", default=0)


def _plain(config: _Config, kind: str, name: str) -> Dimensions:
    """Models with two products a feed-forward layer, and names of their own for their dimensions."""
    width = config.number("n_embd", "hidden_size", "d_model")
    heads = config.number("n_head", "num_attention_heads", "n_heads")
    if config.number("word_embed_proj_dim", default=width) != width:
        raise ImportFault("its table of words is narrower than its layers, which `decoder` does not say")
    grouped = kind == "falcon" and config.truth("new_decoder_architecture")
    one_key = kind in ("falcon", "gpt_bigcode") and config.truth("multi_query", True) and not grouped
    beside = kind == "gptj" or (kind == "falcon" and config.truth("parallel_attn", True))
    one_norm = beside and (not grouped or config.number("num_ln_in_parallel_attn", default=2) == 1)
    positions = {"opt": 2, "gpt2": 0, "gpt_bigcode": 0}
    return Dimensions(
        name, config.number("n_layer", "num_hidden_layers", "n_layers"), width, config.number("vocab_size"), heads,
        1 if one_key else config.number("num_kv_heads", "n_head_kv", default=heads) if grouped else heads,
        width // max(1, heads),
        config.number("n_inner", "ffn_dim", "ffn_hidden_size", default=0)
        or config.number("expansion_ratio", default=4) * width,
        gated=False,
        tied=config.truth("tie_word_embeddings", kind != "gptj"),
        norm_weights=1 if kind == "mpt" and config.truth("no_bias", True) else 2,
        norms=1 if one_norm else 2, parallel=beside and not one_norm,
        bias=config.truth("bias") if kind == "falcon" else not config.truth("no_bias", True) if kind == "mpt"
        else kind != "gptj",
        bias_mlp=kind == "gptj", table_norm=kind == "bloom", head_bias=kind == "gptj",
        positions=config.number("n_positions", "n_ctx", "max_position_embeddings") + positions[kind]
        if kind in positions else 0,
    )  # fmt: skip


def _windows(config: _Config, kind: str, layers: int) -> tuple[int, int]:
    """The window of attention, and how many layers have one."""
    window = config.number("sliding_window", default=0)
    kinds = config.found.get("layer_types")
    if not window or config.found.get("use_sliding_window") is False:
        return 0, 0
    if isinstance(kinds, list) and len(kinds) == layers:
        count = sum(one == "sliding_attention" for one in kinds)
    elif kind in HALF_WINDOWED:
        count = layers // 2
    elif kind in PATTERNS:
        count = layers - layers // max(1, config.number("sliding_window_pattern", default=PATTERNS[kind]))
    else:
        count = layers
    return (window, count) if count else (0, 0)
