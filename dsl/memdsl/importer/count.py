"""What a graph costs, counted from its own nodes and sizes: what the imported spec is held to.

This knows nothing of layer kinds. Conventions: a convolution multiplies every output with its whole window, padding
counted; a transposed one every input; biases, norms and element-wise operators are no multiply-accumulates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..records import record
from .graph import Graph, Node, Tensor
from .infer import MICROSOFT, Inferred, Info, Role, product
from .ops_products import WEIGHT_AT, turned
from .sizes import Size, exact

PACKED = {"MatMulNBits"}


@record
class Work:
    """A node that multiplies: its multiply-accumulates, and the stored tensors that it reads, by element count."""

    node: Node
    macs: Size
    weights: tuple[tuple[str, int], ...]


Counter = Callable[[Node, "list[Info | None]", "list[Info]"], "tuple[Size, list[int]]"]


def _conv(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    at = WEIGHT_AT.get(node.op, 1)
    weights = _sure(given[at])
    return made[0].elements * weights.shape[1] * product(weights.shape[2:]), [at]


def _deconv(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    x, weights = _sure(given[0]), _sure(given[1])
    return x.elements * weights.shape[1] * product(weights.shape[2:]), [1]


def _matmul(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    a = _sure(given[0])
    shape = turned(a.shape, node.number("transA", 0))
    return made[0].elements * shape[-1], [0, WEIGHT_AT.get(node.op, 3 if node.op == "QGemm" else 1)]


def _packed(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    return made[0].elements * node.number("K", 0), [1]


def _recurrent(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    x, weights = _sure(given[0]), _sure(given[1])
    gates = {"LSTM": 4, "DynamicQuantizeLSTM": 4, "GRU": 3, "RNN": 1}[node.op]
    hidden: Size = node.number("hidden_size", 0) or _sure(given[2]).shape[-1]
    steps = x.shape[0] * x.shape[1]
    return steps * weights.shape[0] * gates * hidden * (x.shape[2] + hidden), [1, 2]


def _einsum(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    if len(given) < 2:
        return 0, []
    sizes: dict[str, Size] = {}
    for term, one in zip(node.text("equation").replace(" ", "").split("->")[0].split(","), given, strict=True):
        info = _sure(one)
        labels = [*term.replace("...", "")]
        extra = [f"...{i}" for i in range(info.rank - len(labels), 0, -1)] if "..." in term else []
        at = term.find("...")
        labels[at:at] = extra if at >= 0 else []
        for label, size in zip(labels, info.shape, strict=True):
            sizes[label] = size if sizes.get(label, 1) == 1 else sizes[label]
    return product(sizes.values()), [0, 1]


def _scores(q: Size, keys: Size, wide: Size, value: Size, heads: Size) -> Size:
    """Queries with keys, shares with values, of each head."""
    return heads * q * keys * (wide + value)


def _attention(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    q, k, v = (_sure(one) for one in given[:3])
    past = given[4].shape[2] if len(given) > 4 and given[4] is not None else 0
    if q.rank == 4:
        return q.shape[0] * _scores(q.shape[2], k.shape[2] + past, q.shape[3], v.shape[3], q.shape[1]), []
    heads = node.number("q_num_heads", 1)
    shared = node.number("kv_num_heads", 1)
    wide, value = exact(q.shape[2], heads), exact(v.shape[2], shared)
    return q.shape[0] * _scores(q.shape[1], k.shape[1] + past, wide or 0, value or 0, heads), []


def _fused_attention(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    x, weights = _sure(given[0]), _sure(given[1])
    past = given[4].shape[3] if len(given) > 4 and given[4] is not None else 0
    inner = made[0].shape[2]
    projections = x.elements * weights.shape[1]
    return projections + x.shape[0] * x.shape[1] * (x.shape[1] + past) * inner * 2, [1]


def _multi_head(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    q = _sure(given[0])
    if q.rank == 5:
        return q.shape[0] * q.shape[1] * q.shape[1] * q.shape[2] * q.shape[4] * 2, []
    k = given[1]
    keys = q.shape[1] if k is None else k.shape[1] if k.rank < 4 else k.shape[2]
    past = given[6].shape[2] if len(given) > 6 and given[6] is not None else 0
    return q.shape[0] * q.shape[1] * (keys + past) * (q.shape[2] + made[0].shape[2]), []


def _grouped(node: Node, given: list[Info | None], made: list[Info]) -> tuple[Size, list[int]]:
    q = _sure(given[0])
    past = given[3].shape[2] if len(given) > 3 and given[3] is not None else 0
    return q.shape[0] * q.shape[1] * (q.shape[1] + past) * made[0].shape[2] * 2, []


COUNTERS: dict[tuple[str, str], Counter] = {
    **dict.fromkeys([("", op) for op in ("Conv", "ConvInteger", "QLinearConv", "DeformConv")], _conv),
    **dict.fromkeys([(MICROSOFT, op) for op in ("FusedConv", "NhwcConv")], _conv),
    ("", "ConvTranspose"): _deconv,
    **dict.fromkeys([("", op) for op in ("MatMul", "Gemm", "MatMulInteger", "QLinearMatMul")], _matmul),
    **dict.fromkeys(
        [
            (MICROSOFT, op)
            for op in (
                "FusedMatMul", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "TransposeMatMul", "FusedGemm", "QGemm",
                "QLinearMatMul",
            )
        ],
        _matmul,
    ),
    (MICROSOFT, "MatMulNBits"): _packed,
    **dict.fromkeys([("", op) for op in ("LSTM", "GRU", "RNN")], _recurrent),
    (MICROSOFT, "DynamicQuantizeLSTM"): _recurrent,
    ("", "Einsum"): _einsum,
    ("", "Attention"): _attention,
    (MICROSOFT, "Attention"): _fused_attention,
    (MICROSOFT, "MultiHeadAttention"): _multi_head,
    (MICROSOFT, "GroupQueryAttention"): _grouped,
}  # fmt: skip


def _sure(info: Info | None) -> Info:
    assert info is not None
    return info


def works(made: Inferred) -> Iterator[Work]:
    """The nodes that multiply what depends on the network's inputs."""
    for node in made.nodes:
        counter = COUNTERS.get((node.domain, node.op))
        if counter is None or not any(made.tensors[name].role == Role.DATA for name in node.outputs if name):
            continue
        given = [made.tensors[name] if name else None for name in node.inputs]
        outputs = [made.tensors[name] for name in node.outputs if name]
        macs, places = counter(node, given, outputs)
        weights: list[tuple[str, int]] = []
        for place in places:
            info = given[place] if place < len(given) else None
            if info is None or info.role != Role.STORED:
                continue
            count = node.number("K", 0) * node.number("N", 0) if node.op in PACKED else info.elements
            assert isinstance(count, int)
            weights.append((info.origin or node.inputs[place], count))
        yield Work(node, macs, tuple(weights))


COUNTED = ("float", "bfloat", "int8", "uint8", "int4", "uint4")
"""Types of numbers that are learned; whole numbers of other types are sizes, places and zero points."""


def stored_elements(made: Inferred, graph: Graph) -> int:
    """Elements of every stored tensor that an output depends on, each once; single numbers are left out."""
    found = dict(graph.stored)
    for node in made.nodes:
        value = node.attributes.get("value")
        if node.op == "Constant" and isinstance(value, Tensor):
            found[node.outputs[0]] = value
    makers = {name: node for node in made.nodes for name in node.outputs if name}
    reached = set(made.outputs)
    queue = list(made.outputs)
    while queue:
        maker = makers.get(queue.pop())
        if maker is None or maker.op in ("Shape", "Size"):
            continue
        for name in maker.inputs[:1] if maker.op in ("Resize", "Upsample") else maker.inputs:  # the others are factors
            if name and name not in reached:
                reached.add(name)
                queue.append(name)
    return sum(
        tensor.elements
        for name, tensor in found.items()
        if name in reached and tensor.elements > 1 and tensor.dtype.startswith(COUNTED)
    )
