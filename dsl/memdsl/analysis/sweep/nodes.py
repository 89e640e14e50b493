"""Expressions over the axes of a grid, computed by NumPy a block at a time.

A node knows on which axes it rests, and its value has the length 1 along every other: what does not rest on an axis is
computed once for all its values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from ...sheet.operation import NoMeaning
from ...sheet.operations import OPERATIONS
from .grid import Array, Block, Grid, Mask

NEAR = 1e-13
"""Two sums that differ by less, relative to their size, may compare otherwise in the sheet, which rounds otherwise."""
_NEAR_WHOLE = 1e-9
_CANCELLED = 1e-3
"""A difference that is less, relative to its terms, has lost too many digits, and in the sheet it lost others."""
_UNLIMITED = 1e299


@dataclass(eq=False)
class Frame:
    """The values of nodes in one block. `doubts` are points where rounding decides a comparison."""

    grid: Grid
    block: Block
    plan: Plan
    memo: dict[int, Array] = field(default_factory=dict)
    doubts: list[Mask] = field(default_factory=list)

    def value(self, node: Node) -> Array:
        number = id(node)
        found = self.memo.get(number)
        if found is not None:
            return found
        stored = self.plan.stored.get(number)
        made = stored[self.slices(stored.shape)] if stored is not None else node.compute(self)
        if number in self.plan.shared:
            self.memo[number] = made
        return made

    def slices(self, shape: Sequence[int]) -> tuple[slice, ...]:
        """The part of an array over whole axes that lies in the block."""
        return tuple(
            slice(None) if n == 1 else slice(low, high)
            for n, low, high in zip(shape, self.block.low, self.block.high, strict=True)
        )

    def shape(self, axes: int) -> tuple[int, ...]:
        return tuple(n if axes >> k & 1 else 1 for k, n in enumerate(self.block.shape))


@dataclass(eq=False)
class Plan:
    """What is kept while blocks are computed: arrays over few axes, and which nodes are used more than once."""

    stored: dict[int, Array] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)
    doubts: list[Mask] = field(default_factory=list)


@dataclass(eq=False)
class Node(ABC):
    axes: int

    @property
    def parts(self) -> tuple[Node, ...]:
        return ()

    @abstractmethod
    def compute(self, frame: Frame) -> Array: ...


@dataclass(eq=False)
class Constant(Node):
    number: float

    def compute(self, frame: Frame) -> Array:
        return np.full((1,) * len(frame.grid.axes), self.number)


@dataclass(eq=False)
class Given(Node):
    """The values of an input along its axis."""

    axis: int
    track: int

    def compute(self, frame: Frame) -> Array:
        values = frame.grid.axes[self.axis].tracks[self.track].values
        part = values[frame.block.low[self.axis] : frame.block.high[self.axis]]
        return np.asarray(part, dtype=np.float64).reshape(frame.shape(1 << self.axis))


@dataclass(eq=False)
class Sum(Node):
    """Parts added up. `signed` when they may cancel each other."""

    constant: float
    terms: tuple[Node, ...]
    signed: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.terms

    def compute(self, frame: Frame) -> Array:
        shape = frame.shape(self.axes)
        total: Array = frame.value(self.terms[0]) + self.constant
        for term in self.terms[1:]:
            value = frame.value(term)
            total = np.add(total, value, out=total if total.shape == shape else None)
        if self.signed:
            size = np.full(frame.shape(self.axes), abs(self.constant))
            for term in self.terms:
                size += np.abs(frame.value(term))
            cancelled = np.abs(total) < _CANCELLED * size
            if cancelled.any():
                frame.doubts.append(cancelled)
        return total


@dataclass(eq=False)
class Product(Node):
    """A number times powers of nodes; the factors over few axes stand first."""

    coefficient: float
    factors: tuple[tuple[Node, int], ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return tuple(node for node, _ in self.factors)

    def compute(self, frame: Frame) -> Array:
        product: Array | float = self.coefficient
        for node, exponent in self.factors:
            value = frame.value(node)
            product = product * _power(value, exponent) if exponent > 0 else product / _power(value, -exponent)
        assert not isinstance(product, float)
        return product


def _power(value: Array, exponent: int) -> Array:
    return value if exponent == 1 else value * value if exponent == 2 else value**exponent


@dataclass(eq=False)
class Masked(Node):
    """A node where a condition holds, 0 elsewhere."""

    condition: Node
    inner: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.condition, self.inner)

    def compute(self, frame: Frame) -> Array:
        return np.where(frame.value(self.condition), frame.value(self.inner), 0.0)


@dataclass(eq=False)
class Extremes(Node):
    op: str
    args: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.args

    def compute(self, frame: Frame) -> Array:
        pick = np.maximum if self.op == "max" else np.minimum
        found = frame.value(self.args[0])
        for arg in self.args[1:]:
            found = pick(found, frame.value(arg))
        return found


@dataclass(eq=False)
class Rounded(Node):
    """`floor` or `ceil` of a sum over a whole number. `exact` when no rounding happens on the way."""

    op: str
    above: Node
    below: float
    exact: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.above,)

    def compute(self, frame: Frame) -> Array:
        value = frame.value(self.above)
        if self.below != 1:
            value = value / self.below
        if not self.exact:
            near = np.abs(value - np.rint(value)) <= _NEAR_WHOLE * np.maximum(1.0, np.abs(value))
            if near.any():
                frame.doubts.append(near)
        many = OPERATIONS[self.op].many
        assert many is not None
        found: Array = many(np, value)
        return found


@dataclass(eq=False)
class Called(Node):
    """A function of the language."""

    op: str
    args: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.args

    def compute(self, frame: Frame) -> Array:
        values = [frame.value(arg) for arg in self.args]
        many = OPERATIONS[self.op].many
        if many is None:
            raise NoMeaning(self.op, "meaning over arrays")
        found: Array = many(np, *values)
        return found


_RELATIONS = {">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal}


@dataclass(eq=False)
class Compared(Node):
    """Two sums compared. `exact` when no rounding happens on the way."""

    op: str
    left: Node
    right: Node
    exact: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def compute(self, frame: Frame) -> Array:
        left, right = frame.value(self.left), frame.value(self.right)
        if not self.exact:
            near = np.abs(left - right) <= NEAR * np.maximum(np.abs(left), np.abs(right))
            if near.any():
                frame.doubts.append(near)
        found: Array = _RELATIONS[self.op](left, right)
        return found


@dataclass(eq=False)
class All(Node):
    """Every condition holds (`any` false), or one of them does."""

    any: bool
    conditions: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.conditions

    def compute(self, frame: Frame) -> Array:
        join = np.logical_or if self.any else np.logical_and
        found = frame.value(self.conditions[0])
        for condition in self.conditions[1:]:
            found = join(found, frame.value(condition))
        return found


@dataclass(eq=False)
class Limited(Node):
    """What is beyond `unlimited` is unlimited."""

    inner: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.inner,)

    def compute(self, frame: Frame) -> Array:
        value = frame.value(self.inner)
        endless = np.isfinite(value) & (np.abs(value) >= _UNLIMITED)
        return np.where(endless, np.copysign(10 * _UNLIMITED, value), value)


def below(roots: Sequence[Node]) -> Iterator[tuple[Node, Node | None]]:
    """Every node with each of its users, users first (None for a root)."""
    seen: set[int] = set()
    work: list[tuple[Node, Node | None]] = [(root, None) for root in roots]
    while work:
        node, user = work.pop()
        yield node, user
        if id(node) not in seen:
            seen.add(id(node))
            work.extend((part, node) for part in node.parts)


def points(node: Node, grid: Grid) -> int:
    """How many values a node has over the whole grid."""
    return prod(n for k, n in enumerate(grid.shape) if node.axes >> k & 1)
