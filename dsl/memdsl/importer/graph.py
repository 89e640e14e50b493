"""The graph of a network as its file holds it, in ONNX's operators: what readers make and every pass reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ..records import record

Dim: TypeAlias = "int | str | None"
"""A size, the file's name or formula of an open one, or None."""

Scalar: TypeAlias = "int | float | bool"


@record
class Tensor:
    """A stored tensor: its type and dims; `values` only of small ones, which may be sizes, axes or factors."""

    name: str
    dtype: str
    dims: tuple[int, ...]
    values: tuple[Scalar, ...] | None = None

    @property
    def elements(self) -> int:
        total = 1
        for dim in self.dims:
            total *= dim
        return total


@record
class Port:
    """An input or output of a graph: its type, and its dims where the file tells them."""

    name: str
    dtype: str
    dims: tuple[Dim, ...] | None


Attribute: TypeAlias = "int | float | str | list[int] | list[float] | list[str] | Tensor | Graph"


@record
class Node:
    """One operator. An empty name among the inputs is an input left out. `domain` is empty for ONNX's own."""

    name: str
    op: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]

    @property
    def known(self) -> str:
        """Its name, or that of the first tensor that it makes."""
        return self.name or next((name for name in self.outputs if name), "")

    @property
    def shown(self) -> str:
        """How a message names the node."""
        return f"node `{self.known}` ({self.domain + '.' if self.domain else ''}{self.op})"

    def number(self, name: str, otherwise: int) -> int:
        value = self.attributes.get(name, otherwise)
        return int(value) if isinstance(value, (int, float)) else otherwise

    def real(self, name: str, otherwise: float) -> float:
        value = self.attributes.get(name, otherwise)
        return float(value) if isinstance(value, (int, float)) else otherwise

    def text(self, name: str, otherwise: str = "") -> str:
        value = self.attributes.get(name, otherwise)
        return value if isinstance(value, str) else otherwise

    def numbers(self, name: str) -> list[int] | None:
        value = self.attributes.get(name)
        if isinstance(value, list) and all(isinstance(one, int) for one in value):
            return [int(one) for one in value]
        return None


@dataclass
class Graph:
    """Nodes in an order in which each stands behind those that it reads."""

    name: str
    nodes: list[Node]
    inputs: list[Port]
    outputs: list[Port]
    stored: dict[str, Tensor]
    known: dict[str, Port] = field(default_factory=dict)
    """What the file says of tensors between nodes."""


@record
class Network:
    """A network file: its graph, who wrote it, the version of ONNX's operators."""

    graph: Graph
    producer: str
    opset: int
    form: str
    defaults: dict[str, int] = field(default_factory=dict)
    """Values of open sizes that the file names."""
