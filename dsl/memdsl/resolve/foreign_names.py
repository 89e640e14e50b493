"""Names that other languages and frameworks have, and what stands for them here."""

from __future__ import annotations

from collections.abc import Collection

_MEANT = {
    **dict.fromkeys(("avg", "average"), "write `mean(…)`"),
    **dict.fromkeys(("pow", "power"), "a power is written `a ^ b`"),
    **dict.fromkeys(("len", "length"), "write `count(…)`"),
    **dict.fromkeys(("ln", "log10", "round_up", "round_down", "sign"), "it is in the library: `use std.maths`"),
    "log": "there is `log2(…)`, and `ln(…)` and `log10(…)` in `std.maths`",
    **dict.fromkeys(
        ("NaN", "nan", "NAN", "NA", "null", "None"), "leave an entry of a table empty where there is no number"
    ),
    **dict.fromkeys(("inf", "Inf", "infinity"), "write `unlimited`"),
    "base": "`base.x` stands in a model's formula that overrides `x`",
    "self": "`self` stands inside a hardware or a model",
    **dict.fromkeys(("layers", "sources", "rows"), "they are parts of a network or a model: `today.layers`"),
}
_KINDS = {
    **dict.fromkeys(
        ("relu", "relu6", "leaky_relu", "gelu", "silu", "swish", "mish", "sigmoid", "tanh", "hardswish", "prelu"),
        "`activation()` of `std.layers` stands for each of them",
    ),
    **dict.fromkeys(
        ("layer_norm", "layernorm", "batch_norm", "batchnorm", "batchnorm2d", "rms_norm", "rmsnorm", "group_norm"),
        "`norm()` of `std.layers` stands for each of them",
    ),
    **dict.fromkeys(("linear", "fc", "fully_connected", "gemm"), "write `dense(features)`"),
    **dict.fromkeys(("mul", "multiply", "mult", "hadamard"), "write `times(a, b)`: sizes are equal, or 1"),
    "plus": "write `add(a, b)`: sizes are equal, or 1",
    **dict.fromkeys(
        ("sub", "subtract", "div", "divide", "minimum", "maximum"), "write `combine(a, b)`: sizes are equal, or 1"
    ),
    "matmul_t": "write `matmul(…, transposed = true)`",
    **dict.fromkeys(("cat", "concatenate", "stack"), "write `concat(a, b)`"),
    **dict.fromkeys(("bmm", "mm"), "write `matmul(a, b)`"),
    **dict.fromkeys(("dropout", "identity"), "leave it out: it does nothing at inference"),
    "conv_same": """write `conv(…, pad = "same")`""",
    "depthwise_same": """write `depthwise(…, pad = "same")`""",
    **dict.fromkeys(("depthwise_conv", "depthwise_conv2d", "dwconv"), "write `depthwise(…)`"),
    "conv_rect": "write `conv(filters, kernel = [1, 7])`, `pad_before` and `pad_after` for each end",
    "max_pool_up": "write `max_pool(…, ceil_mode = true)`",
    "average_pool_up": "write `average_pool(…, ceil_mode = true)`",
    **dict.fromkeys(("maxpool", "maxpool1d", "maxpool2d", "max_pool2d", "maxpooling2d"), "write `max_pool(kernel)`"),
    **dict.fromkeys(("avgpool", "avgpool2d", "avg_pool", "avg_pool2d", "averagepool"), "write `average_pool(kernel)`"),
    **dict.fromkeys(("gap", "global_average_pool", "globalavgpool", "adaptive_avg_pool"), "write `global_pool()`"),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), "write `conv(…)`: it slides along every axis of positions"),
    **dict.fromkeys(("conv_transpose", "transposed_conv", "conv_transpose2d", "convtranspose2d"), "write `deconv(…)`"),
    "interpolate": "write `upsample(factor)` or `resize([h, w])`",
    **dict.fromkeys(
        ("view", "squeeze", "unsqueeze"), "write `reshape(…)` with the sizes by name: `reshape(n = 196, c = 768)`"
    ),
    **dict.fromkeys(
        ("permute", "swapaxes"), "write `transpose(…)` with the sizes by name: `transpose(c = x.n, n = x.c)`"
    ),
    **dict.fromkeys(("split",), "write `chunk(c = 2)` for each of two halves, or `slice(c = 64)` for another part"),
    **dict.fromkeys(("crop", "narrow"), "write `slice(…)` with the sizes of the part by name: `slice(h = 8, w = 8)`"),
    **dict.fromkeys(("pixel_shuffle", "pixelshuffle"), "write `depth_to_space(block)`"),
    **dict.fromkeys(("reorg", "pixel_unshuffle"), "write `space_to_depth(block)`"),
}
_ARGUMENTS = {
    **dict.fromkeys(("padding", "pads"), ("pad",)),
    **dict.fromkeys(("kernel_size", "kernel_shape", "pool_size", "window", "size"), ("kernel",)),
    **dict.fromkeys(("out_channels", "channels", "features", "filters", "out_features", "units", "num_filters"),
                    ("filters", "features")),
    **dict.fromkeys(("strides", "step"), ("stride",)),
    **dict.fromkeys(("dilations", "dilation_rate"), ("dilation",)),
    **dict.fromkeys(("group", "num_groups"), ("groups",)),
    **dict.fromkeys(("num_heads", "n_heads"), ("heads",)),
    **dict.fromkeys(("num_embeddings", "vocab_size", "vocabulary"), ("words",)),
    "embedding_dim": ("features",),
    "use_bias": ("bias",),
    **dict.fromkeys(("scale_factor", "factor"), ("factor", "scale")),
    "ceil": ("ceil_mode",),
}  # fmt: skip
_NO_ARGUMENTS = {
    "ceil_mode": "`max_pool` and `average_pool` have it; elsewhere `pad_after` says how much is added at the far end",
    **dict.fromkeys(
        ("in_channels", "in_features", "input_shape"), "leave it out: the tensor that comes in says its own sizes"
    ),
    **dict.fromkeys(("activation", "act"), "an activation is a layer of its own: `-> activation()`"),
    **dict.fromkeys(("dtype", "precision"), "bits are those of a model's weights and activations, not of a layer"),
    **dict.fromkeys(("data_format", "padding_mode", "name", "inplace"), "leave it out: it changes no figure"),
}


def meant(name: str) -> str:
    """What stands for a name of another language here; empty where nothing does."""
    return _MEANT.get(name, "")


def kind_meant(name: str) -> str:
    """What stands for a layer of a framework."""
    return _KINDS.get(name.lower(), "")


def argument_meant(name: str, known: Collection[str]) -> str:
    """What stands for an argument that a framework has and the kind called here has not."""
    same = next((one for one in _ARGUMENTS.get(name, ()) if one in known), "")
    return f"did you mean `{same}`?" if same else _NO_ARGUMENTS.get(name, "")
