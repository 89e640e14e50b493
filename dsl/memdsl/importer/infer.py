"""What each tensor of a graph is: its sizes, its values where these are sizes, and what decides it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from math import isfinite
from typing import TypeAlias

from ..records import record
from .faults import ImportFault
from .graph import Dim, Graph, Node, Port, Tensor
from .sizes import Atoms, Poly, Size, exact, sign_of, value_of

Shape: TypeAlias = "tuple[Size, ...]"
Item: TypeAlias = "Size | float | bool | None"
"""One value of a small tensor; None where it is not known."""

MOST_ITEMS = 4096
MOST_REAL = 64
"""Items of a small tensor of fractions that are kept: factors of a resize, not weights."""
MOST_NODES = 200_000


class Role(IntEnum):
    """What decides a tensor's values."""

    STORED = 0
    """The file alone."""
    SIZES = 1
    """The file and the sizes of the inputs: shape arithmetic, tables of angles."""
    MASK = 2
    """Whole numbers among the inputs, before any table is looked up with them: masks, positions, tokens."""
    DATA = 3
    """The contents of the network's inputs."""


@record
class Info:
    """A tensor. `origin` names the stored tensor behind one that is only moved or cast."""

    shape: Shape
    dtype: str
    role: Role
    items: tuple[Item, ...] | None = None
    origin: str = ""

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def elements(self) -> Size:
        return product(self.shape)

    @property
    def sizes(self) -> tuple[Size, ...] | None:
        """The items as sizes, where all of them are."""
        if self.items is None:
            return None
        found: list[Size] = []
        for item in self.items:
            if isinstance(item, bool) or item is None or (isinstance(item, float) and not isfinite(item)):
                return None
            found.append(Fraction(item) if isinstance(item, float) else item)
        return tuple(found)


def product(sizes: Iterable[Size]) -> Size:
    total: Size = 1
    for size in sizes:
        total = size * total
    return total


@record
class Equal:
    """Two sizes that a node needs to be equal (`least` of them at most the other where `bound`)."""

    left: Size
    right: Size
    node: Node
    bound: bool = False


Handler: TypeAlias = "Callable[[Site], Info | Sequence[Info | None] | None]"
HANDLERS: dict[tuple[str, str], Handler] = {}
MICROSOFT = "com.microsoft"


def operator(*names: str, domain: str = "") -> Callable[[Handler], Handler]:
    """Declares the handler of some operators."""

    def declare(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[domain, name] = handler
        return handler

    return declare


@dataclass
class Inferred:
    """A graph with all that is known of its tensors; calls of inner graphs are put in, in order."""

    nodes: list[Node] = field(default_factory=list)
    tensors: dict[str, Info] = field(default_factory=dict)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    equal: list[Equal] = field(default_factory=list)
    guessed: dict[str, str] = field(default_factory=dict)
    """Nodes whose output's sizes are not known by their operator, and what was taken instead."""
    notes: list[str] = field(default_factory=list)


class Engine:
    """Walks a graph once, node by node."""

    def __init__(
        self,
        graph: Graph,
        atoms: Atoms,
        given: Mapping[str, Shape],
        meaning: Callable[[str], Size],
        values: Mapping[str, int],
        masks: bool = True,
    ) -> None:
        self.atoms = atoms
        self.given = given
        self.meaning = meaning
        self.values = values
        self.masks = masks
        self.made = Inferred()
        self.known = dict(graph.known) | {port.name: port for port in graph.outputs}
        self.fresh = 0
        self.graph = graph

    def run(self) -> Inferred:
        made = self.made
        for port in self.graph.inputs:
            shape = self.given.get(port.name)
            if shape is None:
                raise ImportFault(f"input `{port.name}` has no sizes in the file")
            made.tensors[port.name] = Info(shape, port.dtype, self.role(port))
        made.inputs = self.graph.inputs
        self.store(self.graph.stored.values())
        for node in self.graph.nodes:
            self.node(node)
        for port in self.graph.outputs:
            if port.name not in made.tensors:
                raise ImportFault(f"output `{port.name}` is made by no node")
        made.outputs = [port.name for port in self.graph.outputs]
        return made

    def role(self, port: Port) -> Role:
        whole = port.dtype in ("int32", "int64", "bool") or "mask" in port.name.lower()
        return Role.MASK if whole and self.masks else Role.DATA

    def store(self, tensors: Iterable[Tensor]) -> None:
        for tensor in tensors:
            self.made.tensors[tensor.name] = stored(tensor)

    def node(self, node: Node) -> None:
        made = self.made
        if len(made.nodes) > MOST_NODES:
            raise ImportFault(f"with its loops unrolled the graph has more than {MOST_NODES:,} nodes")
        inputs: list[Info | None] = []
        for name in node.inputs:
            if name and name not in made.tensors:
                raise ImportFault(f"{node.shown} reads `{name}`, which nothing makes")
            inputs.append(made.tensors[name] if name else None)
        handler = HANDLERS.get((node.domain, node.op))
        site = Site(self, node, inputs)
        try:
            found = handler(site) if handler is not None else None
        except ImportFault as fault:
            if "node `" in str(fault):
                raise
            raise ImportFault(f"{node.shown}: {fault}") from None
        except (IndexError, TypeError, ValueError, ZeroDivisionError, OverflowError, KeyError, AssertionError) as error:
            raise ImportFault(f"{node.shown} has inputs or attributes that do not fit its operator") from error
        if found is HIDDEN:
            return
        made.nodes.append(node)
        outputs = [found] if isinstance(found, Info) else list(found or [])
        for index, name in enumerate(node.outputs):
            if not name:
                continue
            info = outputs[index] if index < len(outputs) else None
            if info is None:
                info = self.guess(site, name, known=handler is not None)
            made.tensors[name] = info

    def guess(self, site: Site, name: str, known: bool) -> Info:
        """An output whose operator does not say its sizes: the file's own, else those of the first input."""
        port = self.known.get(name)
        role = site.role
        if node_moves(site.node) and site.has(0):
            return site.made(site.input(0).shape, origin=site.input(0).origin)
        if port is not None and port.dims is not None:
            return Info(tuple(self.size(dim, name) for dim in port.dims), port.dtype, role)
        first = next((one for one in site.inputs if one is not None and one.role == role), None)
        dtype = port.dtype if port is not None else ""
        if first is None or known:
            self.made.guessed[name] = "no sizes"
            rank = first.rank if first is not None else 1
            return Info(tuple(self.unknown(name) for _ in range(rank)), dtype, role)
        if not node_moves(site.node):
            self.made.guessed[name] = "the sizes of its first input"
        return Info(first.shape, dtype or first.dtype, role)

    def unknown(self, name: str) -> Size:
        """A size that only the data decide: a symbol of its own."""
        self.fresh += 1
        return self.atoms.symbol(f"?size_{self.fresh}")

    def size(self, dim: Dim, name: str) -> Size:
        if isinstance(dim, int):
            return dim
        if dim is None:
            return self.unknown(name)
        found = formula(dim, self.meaning, self.atoms)
        return self.unknown(name) if found is None else found


def node_moves(node: Node) -> bool:
    """Whether an operator of another domain only rounds its input, as the quantisers of brevitas and qonnx do."""
    return node.op.endswith("Quant") or node.op in ("Trunc", "FakeQuantize", "FixedPoint")


HIDDEN: list[Info | None] = []
"""What a handler returns that put other nodes in the place of its own."""


class Site:
    """One node at work: its inputs, and what handlers ask for."""

    def __init__(self, engine: Engine, node: Node, inputs: list[Info | None]) -> None:
        self.engine = engine
        self.node = node
        self.inputs = inputs
        self.atoms = engine.atoms

    @property
    def role(self) -> Role:
        return max((one.role for one in self.inputs if one is not None), default=Role.STORED)

    def has(self, index: int) -> bool:
        return index < len(self.inputs) and self.inputs[index] is not None

    def input(self, index: int) -> Info:
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            raise ImportFault(f"{self.node.shown} lacks its input {index + 1}")
        return found

    def made(
        self,
        shape: Iterable[Size],
        dtype: str | None = None,
        items: Sequence[Item] | None = None,
        origin: str = "",
        role: Role | None = None,
    ) -> Info:
        """An output of this node; its role is that of its inputs unless another is given."""
        if dtype is None:
            dtype = next((one.dtype for one in self.inputs if one is not None), "")
        shape = tuple(shape)
        for size in shape:
            if not isinstance(size, Poly) and (size < 0 or not isinstance(size, int)):
                raise ImportFault(f"{self.node.shown} would make a tensor of size {size}")
            if isinstance(size, int) and size > 1 << 40:
                raise ImportFault(f"{self.node.shown} would make a tensor of size {size:,}")
        if len(shape) > 64:
            raise ImportFault(f"{self.node.shown} would make a tensor of {len(shape)} axes")
        kept = tuple(items) if items is not None and len(items) <= MOST_ITEMS else None
        return Info(shape, dtype, self.role if role is None else role, kept, origin)

    def axis(self, axis: int, rank: int) -> int:
        if not -rank <= axis < max(rank, 1):
            raise ImportFault(f"{self.node.shown} names axis {axis} of a tensor of {rank}")
        return axis % rank if rank else 0

    def ints(self, index: int, attribute: str) -> list[int] | None:
        """Whole numbers that stand in an attribute, or in an input since a later opset."""
        found = self.node.numbers(attribute)
        if found is not None or not self.has(index):
            return found
        sizes = self.input(index).sizes
        if sizes is None or not all(isinstance(size, int) for size in sizes):
            return None
        return [int(value_of(size, {})) for size in sizes]

    def sizes(self, index: int, attribute: str) -> list[Size] | None:
        """The same where they may be open sizes."""
        found = self.node.numbers(attribute)
        if found is not None:
            return list(found)
        if not self.has(index):
            return None
        sizes = self.input(index).sizes
        return None if sizes is None else list(sizes)

    def same(self, a: Size, b: Size) -> Size:
        """One size for two that have to be equal."""
        if a == b:
            return a
        if isinstance(a, int) and isinstance(b, int):
            raise ImportFault(f"{self.node.shown} needs two equal sizes and has {a:,} and {b:,}")
        self.engine.made.equal.append(Equal(a, b, self.node))
        return a if isinstance(a, int) else b if isinstance(b, int) else a

    def at_most(self, a: Size, b: Size) -> Size:
        """The first of two sizes, which reaches the second where it is open which of both is smaller."""
        sign = sign_of(b - a)
        if sign is not None:
            return a if sign >= 0 else b
        self.engine.made.equal.append(Equal(a, b, self.node, bound=True))
        return a

    def broadcast(self, shapes: Sequence[Shape]) -> Shape:
        rank = max((len(shape) for shape in shapes), default=0)
        found: list[Size] = []
        for back in range(rank, 0, -1):
            size: Size = 1
            for shape in shapes:
                other = shape[-back] if back <= len(shape) else 1
                if other != 1:
                    size = other if size == 1 else self.same(size, other)
            found.append(size)
        return tuple(found)

    def number(self, size: Size) -> int:
        """A size at the values that the import stands at."""
        try:
            return int(value_of(size, self.engine.values))
        except KeyError:
            return 1


def stored(tensor: Tensor) -> Info:
    items: tuple[Item, ...] | None = None
    if tensor.values is not None and (len(tensor.values) <= MOST_REAL or not isinstance(tensor.values[0], float)):
        items = tuple(
            item if isinstance(item, bool) or not isinstance(item, float) else _exact(item) for item in tensor.values
        )
    return Info(tensor.dims, tensor.dtype, Role.STORED, items, tensor.name)


def _exact(value: float) -> Item:
    """A float that is surely a simple fraction as one: factors of a resize, halves."""
    if value != value or abs(value) > 1e15:
        return value
    share = Fraction(value).limit_denominator(4096)
    if abs(float(share) - value) <= 1e-7 * abs(value):
        return share.numerator if share.denominator == 1 else share
    return value


def formula(text: str, meaning: Callable[[str], Size], atoms: Atoms) -> Size | None:
    """The size that a name or a formula such as `16*height_16` or `floor(time/2) + 1` says; None for another text."""
    if len(text) > 400:
        return None
    if text.isidentifier() or not any(sign in text for sign in "+*/()-"):
        return meaning(text)
    try:
        tree = ast.parse(text, mode="eval").body
        return _formula(tree, meaning, atoms, 0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return meaning(text)


def _formula(tree: ast.expr, meaning: Callable[[str], Size], atoms: Atoms, depth: int) -> Size:
    if depth > 40:
        raise ValueError
    if isinstance(tree, ast.Name):
        return meaning(tree.id)
    if isinstance(tree, ast.Constant) and type(tree.value) is int:
        return tree.value
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return -_formula(tree.operand, meaning, atoms, depth + 1)
    if isinstance(tree, ast.BinOp):
        a, b = _formula(tree.left, meaning, atoms, depth + 1), _formula(tree.right, meaning, atoms, depth + 1)
        if isinstance(tree.op, ast.Add):
            return a + b
        if isinstance(tree.op, ast.Sub):
            return a - b
        if isinstance(tree.op, ast.Mult):
            return a * b
        if isinstance(tree.op, (ast.FloorDiv, ast.Div)):
            if isinstance(tree.op, ast.Div):
                divided = exact(a, b)
                if divided is not None:
                    return divided
            return atoms.over(a, b)
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        name = tree.func.id.lower()
        arguments = [_formula(one, meaning, atoms, depth + 1) for one in tree.args]
        if name == "floor" and len(arguments) == 1:
            return atoms.floor(arguments[0])
        if name in ("ceiling", "ceil") and len(arguments) == 1:
            return atoms.ceil(arguments[0])
        if name == "max" and len(arguments) == 2:
            return atoms.largest(*arguments)
        if name == "min" and len(arguments) == 2:
            return atoms.least(*arguments)
    raise ValueError
