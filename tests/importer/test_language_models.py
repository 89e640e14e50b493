"""`config.json`, safetensors and GGUF as specs: counts that the model has in public, and files that are damaged."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable
from pathlib import Path

import pytest

from memdsl.network_file import ImportFault, Options, bring

LLAMA = {
    "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14_336, "vocab_size": 128_256,
}  # fmt: skip
# Published counts: Hugging Face's model cards and safetensors headers.
CONFIGS = {
    "mistral 7B": (
        {**LLAMA, "model_type": "mistral", "vocab_size": 32_000, "sliding_window": 4096}, 7_241_732_096,
    ),
    "gemma 2 9B": (
        {
            "model_type": "gemma2", "hidden_size": 3584, "num_hidden_layers": 42, "num_attention_heads": 16,
            "num_key_value_heads": 8, "head_dim": 256, "intermediate_size": 14_336, "vocab_size": 256_000,
            "sliding_window": 4096,
        },
        9_241_705_984,
    ),
    "qwen 2.5 0.5B": (
        {
            "model_type": "qwen2", "hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14,
            "num_key_value_heads": 2, "intermediate_size": 4864, "vocab_size": 151_936, "tie_word_embeddings": True,
        },
        494_032_768,
    ),
    "gpt-2": (
        {
            "model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50_257,
            "n_positions": 1024,
        },
        124_439_808,
    ),
    "mixtral": (
        {
            **LLAMA, "model_type": "mixtral", "vocab_size": 32_000, "num_local_experts": 8,
            "num_experts_per_tok": 2,
        },
        46_702_792_704,
    ),
    "gpt-neox 20B": (
        {
            "model_type": "gpt_neox", "hidden_size": 6144, "num_hidden_layers": 44, "num_attention_heads": 64,
            "intermediate_size": 24_576, "vocab_size": 50_432,
        },
        20_554_567_680,
    ),
    "bloom 560m": (
        {"model_type": "bloom", "n_embd": 1024, "n_layer": 24, "n_head": 16, "vocab_size": 250_880}, 559_214_592,
    ),
    "falcon 40B": (
        {
            "model_type": "falcon", "hidden_size": 8192, "num_hidden_layers": 60, "num_attention_heads": 128,
            "num_kv_heads": 8, "vocab_size": 65_024, "new_decoder_architecture": True,
        },
        41_303_293_952,
    ),
    "command r+": (
        {
            "model_type": "cohere", "hidden_size": 12_288, "num_hidden_layers": 64, "num_attention_heads": 96,
            "num_key_value_heads": 8, "intermediate_size": 33_792, "vocab_size": 256_000, "use_qk_norm": True,
        },
        103_810_674_688,
    ),
    "command r7b: parallel layers, three of four with a window": (
        {
            **LLAMA, "model_type": "cohere2", "vocab_size": 256_000, "sliding_window": 4096,
            "sliding_window_pattern": 4,
        },
        8_028_033_024,
    ),
    "falcon 7B: one head of keys, one norm": (
        {
            "model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71,
            "vocab_size": 65_024, "multi_query": True, "parallel_attn": True, "bias": False,
        },
        6_921_720_704,
    ),
    "olmo 7B: norms without weights": (
        {
            **LLAMA, "model_type": "olmo", "num_key_value_heads": 32, "intermediate_size": 11_008,
            "vocab_size": 50_304,
        },
        6_888_095_744,
    ),
    "starcoder2 15B: biases everywhere": (
        {
            "model_type": "starcoder2", "hidden_size": 6144, "num_hidden_layers": 40, "num_attention_heads": 48,
            "num_key_value_heads": 4, "intermediate_size": 24_576, "vocab_size": 49_152, "use_bias": True,
            "tie_word_embeddings": False, "sliding_window": 4096,
        },
        15_957_889_024,
    ),
    "phi-2: a bias of the words' scores": (
        {
            "model_type": "phi", "hidden_size": 2560, "num_hidden_layers": 32, "num_attention_heads": 32,
            "intermediate_size": 10_240, "vocab_size": 51_200,
        },
        2_779_683_840,
    ),
    "glm-4 9B: biases of what goes into attention": (
        {
            **LLAMA, "model_type": "glm", "num_hidden_layers": 40, "num_key_value_heads": 2, "head_dim": 128,
            "intermediate_size": 13_696, "vocab_size": 151_552, "attention_bias": True,
        },
        9_399_951_360,
    ),
    "phi-3.5 moe: biases of attention and of the words' scores": (
        {
            **LLAMA, "model_type": "phimoe", "intermediate_size": 6400, "vocab_size": 32_064, "num_local_experts": 16,
            "num_experts_per_tok": 2, "attention_bias": True, "lm_head_bias": True,
        },
        41_873_153_344,
    ),
    "qwen 1.5 moe: a shared expert behind a gate": (
        {
            "model_type": "qwen2_moe", "hidden_size": 2048, "num_hidden_layers": 24, "num_attention_heads": 16,
            "intermediate_size": 5632, "vocab_size": 151_936, "num_experts": 60, "num_experts_per_tok": 4,
            "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632,
        },
        14_315_784_192,
    ),
    "deepseek v2 lite: latent keys without a latent of queries": (
        {
            "model_type": "deepseek_v2", "hidden_size": 2048, "num_hidden_layers": 27, "num_attention_heads": 16,
            "intermediate_size": 10_944, "vocab_size": 102_400, "kv_lora_rank": 512, "q_lora_rank": None,
            "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "moe_intermediate_size": 1408,
            "n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1,
        },
        15_706_484_224,
    ),
    "mpt 7B: no biases, names of its own": (
        {
            "model_type": "mpt", "d_model": 4096, "n_layers": 32, "n_heads": 32, "vocab_size": 50_432, "no_bias": True,
        },
        6_649_286_656,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_gives_the_published_count(tmp_path: Path, name: str) -> None:
    config, count = CONFIGS[name]
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    found = bring(path)
    assert found.model.values.cell("decode.parameters") == count
    assert f"{count:_}" in found.text
    assert [claim.status for claim in found.model.claims] == ["holds"] * len(found.model.claims)


def test_a_safetensors_header_is_counted_and_its_config_says_the_rest(tmp_path: Path) -> None:
    config = {**LLAMA, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
              "intermediate_size": 96, "vocab_size": 100, "tie_word_embeddings": True}  # fmt: skip
    shapes = {"model.embed_tokens.weight": [100, 64], "model.norm.weight": [64], "lm_head.weight": [100, 64]}
    for layer in range(2):
        base = f"model.layers.{layer}."
        shapes |= {
            base + "self_attn.q_proj.weight": [64, 64], base + "self_attn.k_proj.weight": [32, 64],
            base + "self_attn.v_proj.weight": [32, 64], base + "self_attn.o_proj.weight": [64, 64],
            base + "mlp.gate_proj.weight": [96, 64], base + "mlp.up_proj.weight": [96, 64],
            base + "mlp.down_proj.weight": [64, 96], base + "input_layernorm.weight": [64],
            base + "post_attention_layernorm.weight": [64], base + "self_attn.rotary_emb.inv_freq": [8],
        }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    path = tmp_path / "model.safetensors"
    said = {name: {"dtype": "BF16", "shape": shape, "data_offsets": [0, 0]} for name, shape in shapes.items()}
    header = json.dumps({"__metadata__": {"format": "pt"}, **said}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    expected = sum(math.prod(s) for n, s in shapes.items() if "inv_freq" not in n and n != "lm_head.weight")
    found = bring(path, Options(settings={"ctx": 128}))
    assert found.model.values.cell("decode.parameters") == expected
    assert "ctx   = 128 token" in found.text
    (tmp_path / "config.json").unlink()
    with pytest.raises(ImportFault, match=r"put the model's config\.json beside it"):
        bring(path)


def gguf(path: Path, metadata: dict[str, int | str], tensors: Iterable[tuple[str, list[int], int]]) -> None:
    """Writes the header of a GGUF file."""

    def text(said: str) -> bytes:
        return struct.pack("<Q", len(said.encode())) + said.encode()

    kept = list(tensors)
    out = b"GGUF" + struct.pack("<IQQ", 3, len(kept), len(metadata))
    for key, value in metadata.items():
        out += text(key)
        out += struct.pack("<I", 8) + text(value) if isinstance(value, str) else struct.pack("<II", 4, value)
    for name, sizes, kind in kept:
        out += text(name) + struct.pack("<I", len(sizes)) + b"".join(struct.pack("<Q", n) for n in sizes)
        out += struct.pack("<IQ", kind, 0)
    path.write_bytes(out)


def llama_q4_k_m() -> Iterable[tuple[str, list[int], int]]:
    """The tensors of Llama 3 8B as llama.cpp's Q4_K_M has them."""
    f32, q4, q6 = 0, 12, 14
    yield "token_embd.weight", [4096, 128_256], q4
    yield "output.weight", [4096, 128_256], q6
    yield "output_norm.weight", [4096], f32
    for i in range(32):
        better = q6 if i < 4 or i >= 28 or (i - 4) % 3 == 2 else q4
        yield from (
            (f"blk.{i}.attn_q.weight", [4096, 4096], q4), (f"blk.{i}.attn_k.weight", [4096, 1024], q4),
            (f"blk.{i}.attn_v.weight", [4096, 1024], better), (f"blk.{i}.attn_output.weight", [4096, 4096], q4),
            (f"blk.{i}.ffn_gate.weight", [4096, 14_336], q4), (f"blk.{i}.ffn_up.weight", [4096, 14_336], q4),
            (f"blk.{i}.ffn_down.weight", [14_336, 4096], better), (f"blk.{i}.attn_norm.weight", [4096], f32),
            (f"blk.{i}.ffn_norm.weight", [4096], f32),
        )  # fmt: skip


META = {
    "general.architecture": "llama", "general.name": "Llama 3 \x1b[31m8B\"", "llama.block_count": 32,
    "llama.embedding_length": 4096, "llama.feed_forward_length": 14_336, "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
}  # fmt: skip


def test_a_gguf_file_tells_its_mix(tmp_path: Path) -> None:
    path = tmp_path / "llama.gguf"
    gguf(path, META, llama_q4_k_m())
    found = bring(path)
    values = found.model.values
    assert values.cell("decode.parameters") == 8_030_261_248
    assert float(values.cell("decode.bits_weight")) * 8 == pytest.approx(4.8944, abs=5e-5)  # llama.cpp, README
    assert "\x1b" not in found.text
    assert [claim.status for claim in found.model.claims] == ["holds"] * len(found.model.claims)


def test_damaged_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "llama.gguf"
    gguf(path, META, llama_q4_k_m())
    whole = path.read_bytes()
    for cut in range(5, len(whole), 997):
        path.write_bytes(whole[:cut])
        with pytest.raises(ImportFault):
            bring(path)
    gguf(path, META, [("token_embd.weight", [4096, 128_256], 77)])
    with pytest.raises(ImportFault, match="type 77"):
        bring(path)
    config = tmp_path / "config.json"
    wrong = ({"vocab_size": 1e99}, {"num_key_value_heads": 7}, {"num_hidden_layers": 0}, {"hidden_size": "wide"})
    for said in ('{"model_type": 1', '{"a": 1}', *(json.dumps({**LLAMA, **changed}) for changed in wrong)):
        config.write_text(said, encoding="utf-8")
        with pytest.raises(ImportFault):
            bring(config)
    weights = tmp_path / "model.safetensors"
    damaged = (1 << 40, b'{"a": 1}'), (8, b'{"a": 1 '), (8, b'{"a": 1}')
    for content in (struct.pack("<Q", size) + said for size, said in damaged):
        weights.write_bytes(content)
        with pytest.raises(ImportFault):
            bring(weights)
