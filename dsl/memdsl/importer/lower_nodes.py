"""Which lowering an operator has, and the pass over all nodes."""

from __future__ import annotations

from collections.abc import Callable

from . import lower_elements, lower_products, lower_views
from .faults import ImportFault
from .graph import Node
from .infer import MICROSOFT, Role, node_moves, product
from .lower import Lowering, NoKind
from .opened import Understood
from .ops_elements import ACTIVATIONS
from .rows import Folded, Lowered

Lower = Callable[[Lowering, Node], None]


def _row(kind: str) -> Lower:
    return lambda at, node: lower_elements.whole_row(at, node, kind)


def _gather(at: Lowering, node: Node) -> None:
    table, ids = node.inputs[0], node.inputs[1]
    if at.info(table).role <= Role.SIZES:
        if at.info(ids).role != Role.MASK:
            raise NoKind
        lower_products.embedding(at, node, table, ids, node.outputs[0])
    elif product(at.items(at.info(node.outputs[0]).shape)) == at.elements(at.see(table)):
        lower_views.reshape(at, node)  # every element again, in another order
    elif at.info(ids).role == Role.DATA and at.info(ids).rank > 1:
        raise NoKind
    else:
        lower_views.cut(at, node)


def _einsum(at: Lowering, node: Node) -> None:
    from .lower_einsum import einsum

    einsum(at, node)


def _embed(at: Lowering, node: Node) -> None:
    from .rows import Seen

    words = lower_products.embedding(at, node, node.inputs[2], node.inputs[0], node.outputs[0])
    index = words.row
    if node.inputs[1] and len(node.inputs) > 4 and node.inputs[4]:
        other = lower_products.embedding(at, node, node.inputs[4], node.inputs[1], node.outputs[0])
        index = at.add("add", {}, [words.row, other.row], dict(at.rows[words.row].axes), node.name).index
    row = at.add("norm", {}, [index], dict(at.rows[index].axes), node.name)
    at.seen[node.outputs[0]] = Seen(row.index, words.shape, words.layout)


TABLE: dict[tuple[str, str], Lower] = {}


def _all(lower: Lower, *names: str, domain: str = "") -> None:
    TABLE.update({(domain, name): lower for name in names})


_all(lower_products.convolution, "Conv", "ConvInteger", "QLinearConv", "ConvTranspose")
_all(lower_products.convolution, "FusedConv", "NhwcConv", domain=MICROSOFT)
_all(lower_products.pool, "MaxPool", "AveragePool", "LpPool")
_all(lower_products.pool, "NhwcMaxPool", "QLinearAveragePool", domain=MICROSOFT)
_all(lower_products.matrix, "MatMul", "Gemm", "MatMulInteger", "QLinearMatMul")
_all(lower_products.matrix, "FusedMatMul", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "TransposeMatMul",
     "FusedGemm", "QGemm", "QLinearMatMul", domain=MICROSOFT)  # fmt: skip
_all(lower_products.recurrent, "LSTM", "GRU", "RNN")
_all(lower_products.recurrent, "DynamicQuantizeLSTM", domain=MICROSOFT)
_all(lower_products.attention, "Attention")
_all(lower_products.attention, "Attention", "MultiHeadAttention", "GroupQueryAttention", domain=MICROSOFT)
_all(_einsum, "Einsum")
_all(lower_elements.unary, *ACTIVATIONS, "Identity", "Dropout", "Cast", "CastLike", "QuantizeLinear",
     "DequantizeLinear", "BatchNormalization", "CumSum", "Trilu", "ReverseSequence", "DynamicQuantizeLinear",
     "LpNormalization", "RotaryEmbedding")  # fmt: skip
_all(lower_elements.unary, "QuantizeLinear", "DequantizeLinear", "FastGelu", "BiasGelu", "QuickGelu", "Gelu",
     "QLinearSigmoid", "QLinearLeakyRelu", "BiasDropout", "RotaryEmbedding",
     "NhwcInferenceBatchNorm", domain=MICROSOFT)  # fmt: skip
_all(lower_elements.several, "Add", "Sub", "Mul", "Div",
     "Mod", "Pow", "Max", "Min", "Sum", "Mean", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And",
     "Or", "Xor", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Where", "PRelu")  # fmt: skip
_all(lower_elements.several, "QLinearAdd", "QLinearMul", "AddGelu", "BiasAdd", domain=MICROSOFT)
_all(lower_elements.skip_norm, "SkipLayerNormalization", "SkipSimplifiedLayerNormalization", domain=MICROSOFT)
_all(_row("softmax"), "Softmax", "LogSoftmax", "Hardmax")
_all(_row("softmax"), "QLinearSoftmax", "BiasSoftmax", domain=MICROSOFT)
_all(_row("norm"), "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "InstanceNormalization",
     "GroupNormalization", "LRN", "MeanVarianceNormalization")  # fmt: skip
_all(_row("norm"), "LayerNormalization", "SimplifiedLayerNormalization", "GroupNorm", domain=MICROSOFT)
_all(lower_elements.reduce, "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
     "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare", "ArgMax", "ArgMin", "GlobalAveragePool", "GlobalMaxPool",
     "GlobalLpPool")  # fmt: skip
_all(lower_elements.reduce, "QLinearGlobalAveragePool", domain=MICROSOFT)
_all(lower_views.reshape, "Reshape", "Flatten", "Squeeze", "Unsqueeze")
_all(lower_views.transpose, "Transpose")
_all(lower_views.expand, "Expand", "Tile")
_all(lower_views.cut, "Slice", "Split")
_all(_gather, "Gather")
_all(lower_views.concat, "Concat")
_all(lower_views.concat, "QLinearConcat", domain=MICROSOFT)
_all(lower_views.pad, "Pad")
_all(lower_views.resize, "Resize", "Upsample")
_all(lower_views.depth_to_space, "DepthToSpace", "SpaceToDepth")
_all(lower_views.scatter, "ScatterND", "ScatterElements", "Scatter", "TensorScatter")
_all(_embed, "EmbedLayerNormalization", domain=MICROSOFT)


def lowered(source: Understood) -> Lowered:
    """The rows of a network. Raises ImportFault."""
    at = Lowering(source)
    needed = _needed(source)
    made = source.made
    for node in made.nodes:
        outputs = [name for name in node.outputs if name]
        if not any(at.is_data(name) for name in outputs):
            role = max((made.tensors[name].role for name in outputs), default=Role.STORED)
            why = {Role.STORED: "a constant", Role.SIZES: "arithmetic of sizes", Role.MASK: "masks and positions"}[role]
            at.folded.append(Folded(node.shown, why))
            continue
        if not any(name in needed for name in outputs):
            at.folded.append(Folded(node.shown, "no output depends on it"))
            continue
        mark = at.mark()
        lower = TABLE.get((node.domain, node.op))
        if lower is None and node_moves(node):
            lower = lower_elements.unary
        try:
            if lower is None:
                raise NoKind
            lower(at, node)
            if any(at.is_data(name) and name in needed and name not in at.seen for name in outputs):
                raise NoKind
        except (NoKind, AssertionError, IndexError, KeyError, StopIteration):
            at.back_to(mark)
            try:
                at.opaque(node, known=lower is not None)
            except NoKind:
                raise ImportFault(f"{node.shown} cannot be told for one item of the batch") from None
    return at.finish(made.outputs)


def _needed(source: Understood) -> set[str]:
    """The tensors that some output depends on."""
    made = source.made
    makers = {name: node for node in made.nodes for name in node.outputs if name}
    found = set(made.outputs)
    queue = list(made.outputs)
    while queue:
        node = makers.get(queue.pop())
        for name in node.inputs if node is not None else ():
            if name and name not in found:
                found.add(name)
                queue.append(name)
    return found
