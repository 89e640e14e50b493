"""A language model by its dimensions, and the spec that says them with the library's `decoder`.

Counts are made here from the dimensions alone, so that the claims of the spec compare two countings.
"""

from __future__ import annotations

from ..records import record
from .faults import ImportFault
from .result import Imported, Options

LONGEST = 1 << 40
"""No dimension of a language model is larger; one that is comes from a damaged file."""


@record
class Dimensions:
    """Of a decoder, as the arguments of `decoder` in `std.transformers`; what a model has not is 0 or False."""

    name: str
    layers: int
    width: int
    vocabulary: int
    heads: int
    kv_heads: int
    head: int
    inner: int
    gated: bool = True
    tied: bool = False
    norm_weights: int = 1
    norms: int = 2
    parallel: bool = False
    bias: bool = False
    bias_qkv: bool = False
    bias_out: bool = False
    bias_mlp: bool = False
    qk_norm: bool = False
    qk_norm_each: bool = False
    sinks: bool = False
    positions: int = 0
    window: int = 0
    windowed: int = 0
    experts: int = 0
    active: int = 0
    expert_inner: int = 0
    shared: int = 0
    shared_gate: bool = False
    dense_layers: int = 0
    correction: bool = False
    rank: int = 0
    q_rank: int = 0
    nope: int = 0
    rope: int = 0
    value: int = 0
    table_norm: bool = False
    head_bias: bool = False

    def checked(self) -> Dimensions:
        """These dimensions. Raises ImportFault where they are none of a model."""
        needed = ("layers", "width", "vocabulary", "heads", "kv_heads")
        for field in needed:
            if not 1 <= getattr(self, field) < LONGEST:
                raise ImportFault(f"it says {getattr(self, field):,} for the {field.replace('_', ' ')} of the model")
        if self.heads % self.kv_heads and not self.rank:
            raise ImportFault(f"{self.kv_heads} heads of keys do not divide {self.heads} heads of queries")
        if self.experts and not 1 <= self.active <= self.experts:
            raise ImportFault(f"a token meets {self.active} of {self.experts} experts")
        if self.dense_layers + self.windowed > self.layers:
            raise ImportFault("more layers are dense or windowed than there are")
        return self

    @property
    def attention(self) -> int:
        """Weights of the attention of a layer."""
        width, heads = self.width, self.heads
        if self.rank:
            query = heads * (self.nope + self.rope)
            made = width * self.q_rank + self.q_rank + self.q_rank * query if self.q_rank else width * query
            latent = width * (self.rank + self.rope) + self.rank + self.rank * heads * (self.nope + self.value)
            return made + latent + heads * self.value * width
        inside, keys = heads * self.head, self.kv_heads * self.head
        count = 2 * width * inside + 2 * width * keys
        count += inside + 2 * keys if self.bias or self.bias_qkv else 0
        count += width if self.bias or self.bias_out else 0
        normed = inside + keys if self.qk_norm_each else 2 * self.head
        return count + (normed if self.qk_norm else 0) + (heads if self.sinks else 0)

    def feed_forward(self, inner: int) -> int:
        """Weights of a feed-forward layer, or of one expert."""
        matrices = 3 if self.gated else 2
        return matrices * self.width * inner + (
            (matrices - 1) * inner + self.width if self.bias or self.bias_mlp else 0
        )

    @property
    def parameters(self) -> int:
        sparse = self.layers - self.dense_layers if self.experts else 0
        outputs = self.experts + self.shared_gate
        router = outputs * (self.width + (1 if self.bias or self.correction else 0))
        mixture = (self.experts + self.shared) * self.feed_forward(self.expert_inner) + router
        count = self.layers * (self.attention + self.norms * self.norm_weights * self.width)
        count += (self.layers - sparse) * self.feed_forward(self.inner) + sparse * mixture
        tables = self.vocabulary * (1 if self.tied else 2) + self.positions
        norms = 2 if self.table_norm else 1
        return count + norms * self.norm_weights * self.width + tables * self.width + self.vocabulary * self.head_bias

    @property
    def active_parameters(self) -> int:
        unused = (self.layers - self.dense_layers) * (self.experts - self.active) if self.experts else 0
        return self.parameters - unused * self.feed_forward(self.expert_inner)

    @property
    def cache_of_a_token(self) -> int:
        """Elements of keys and values of a token in all layers."""
        return self.layers * (self.rank + self.rope if self.rank else 2 * self.kv_heads * self.head)


_DEFAULTS = Dimensions("", 0, 0, 0, 0, 0, 0, 0)


@record
class Formats:
    """Bits an element, scales included, of matrices, the tables of words, experts and vectors; the bytes of all."""

    matrices: float
    table: float
    head: float
    experts: float
    vectors: float
    said: str
    file_bytes: int


def spec_of(
    dims: Dimensions, options: Options, form: str, formats: Formats | None = None, counted: int | None = None,
    notes: tuple[str, ...] = (),
) -> Imported:  # fmt: skip
    """The spec of a model. `counted` is the number of weights that the file itself has. Raises ImportFault."""
    dims = dims.checked()
    chip, batch = options.chip or "h100", options.batch or 1
    most = dims.positions or 1_048_576  # a table of positions ends the context
    ctx = options.settings.get("ctx", min(4096, most))
    far = min(131_072, most)
    arguments = ", ".join(_arguments(dims))
    title = "".join(c for c in dims.name if c.isprintable() and c not in '"\\')[:80] or "A language model"
    bits = formats.matrices if formats else 16.0
    model = f"mixed(one, chip, act = 16 bit, wgt = {_bits(bits)}, batch = batch"
    if formats is not None:
        model += f", table = {_bits(formats.table)}, head = {_bits(formats.head)}"
        model += f", expert = {_bits(formats.experts)}" if dims.experts else ""
        model += f", vectors = {_bits(formats.vectors)}"
    else:
        model += ", vectors = 16 bit"
    held = dims.parameters * bits / 8
    lines = [f'"{title}"', "", "use std.transformers", "use std.quantised", "use std.chips", ""]
    lines += [
        f'param ctx   = {ctx} token  multiple of 1  from 1 token to {most:_} token  "Tokens of the context"',
        f'param batch = {batch}  multiple of 1  from 1 to 4096  "Sequences of a batch"',
        "",
        f"network net = decoder([1], ctx = ctx, {arguments})",
        "",
    ]
    lines[-2] = lines[-2].replace("network net", "network one")
    count = -(-int(held * 1.1) // 70_000_000_000)
    if count > 1:
        lines.append(f"# One {chip} may not hold it: as many as hold the weights, links free.")
        lines.append(f"hardware chip extends {chip} {{ memory dram {{ override capacity = {count} * 80 GB }} }}")
    else:
        lines.append(f"hardware chip = {chip}()")
    lines += [f'model decode = {model})  "One token for each sequence"', ""]
    source = f"{form} of {title}" if counted is not None else f"the dimensions of {title}"
    lines.append(f'claim decode.parameters = {dims.parameters if counted is None else counted:_}  from "{source}"')
    if dims.experts:
        lines.append(f'claim decode.used = {dims.active_parameters:_}  from "{source}, both tables counted"')
    lines.append(
        f'claim decode.cache_token = {dims.cache_of_a_token * 2} B  from "keys and values of 16 bit in every layer"'
    )
    if formats is not None:
        lines.append(f'claim decode.file_bytes = {formats.file_bytes} B within 0.01%  from "{form}: {formats.said}"')
    lines += [
        "",
        "report {",
        '  text """',
        "  {decode.parameters} of weights in {decode.file_bytes}; a token adds {decode.cache_token} to the cache.",
        "  A batch of {batch} with {ctx} tokens each holds {decode.held in GB} and makes **{decode.speed}**; up to",
        "  {decode.largest_batch} such sequences fit.",
        '  """',
        f"  chart line decode.largest_batch over ctx = {min(1024, far // 8):_} token..{far:_} token",
        "  chart roofline decode",
        "  equation decode.time in ctx, batch",
        "  claims",
        "}",
    ]
    return Imported("\n".join(lines) + "\n", form, notes=list(notes))


def _bits(bits: float) -> str:
    return f"{bits:.10g} bit"


def _arguments(dims: Dimensions) -> list[str]:
    defaults = {
        "kv_heads": dims.heads, "head": dims.width / dims.heads, "inner": 4 * dims.width, "value": dims.head,
    }  # fmt: skip
    said = []
    for field in Dimensions.__dataclass_fields__:
        value = getattr(dims, field)
        if field in ("name", "kv_heads", "head") and (field == "name" or dims.rank):
            continue
        if value == defaults.get(field, getattr(_DEFAULTS, field)) and field not in (
            "layers",
            "width",
            "vocabulary",
            "heads",
        ):
            continue
        if (field == "value" and not dims.rank) or (field == "inner" and not value):
            continue
        said.append(f"{field} = {str(value).lower() if isinstance(value, bool) else format(value, '_')}")
    return said
