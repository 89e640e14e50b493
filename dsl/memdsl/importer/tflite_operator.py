"""One operator of a TensorFlow Lite file at work: its tensors, its options, the nodes that it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..records import record
from .faults import ImportFault
from .graph import Attribute, Graph, Node, Tensor

MOST = 400_000
"""Entries of a list."""


class FromData(ImportFault):
    """What an operator does is decided by data: it stands for itself."""


@record
class Sized:
    """A tensor as the file lists it."""

    name: str
    dtype: str
    dims: tuple[int, ...]


@dataclass
class Reading:
    """The graph while its operators are read. `spread` are tensors whose blocks of positions lie in the batch."""

    tflite: Any
    graph: Graph
    known: dict[str, Sized] = field(default_factory=dict)
    spread: dict[str, tuple[int, ...]] = field(default_factory=dict)
    made: int = 0


class Operator:
    """One operator at work: its name, its tensors, its options."""

    def __init__(
        self, reading: Reading, kind: str, name: str, operator: Any, inputs: list[str], outputs: list[str]
    ) -> None:
        self.reading = reading
        self.kind = kind
        self.name = name
        self.operator = operator
        self.inputs = inputs
        self.outputs = outputs

    def options(self, name: str) -> Any:
        """The operator's options as the schema's table of this name."""
        table = getattr(self.reading.tflite, name)()
        held = self.operator.BuiltinOptions()
        if held is None:
            raise ImportFault(f"operator {self.name} has no options")
        table.Init(held.Bytes, held.Pos)
        return table

    def node(self, op: str, inputs: list[str], outputs: list[str], **attributes: Attribute) -> None:
        domain = str(attributes.pop("domain", ""))
        self.reading.graph.nodes.append(Node(self.name, op, domain, tuple(inputs), tuple(outputs), attributes))

    def fresh(self) -> str:
        self.reading.made += 1
        return f"{self.name}/{self.reading.made}"

    def through(self, op: str, *inputs: str, **attributes: Attribute) -> str:
        """A node of one output of its own; the output."""
        name = self.fresh()
        self.node(op, list(inputs), [name], **attributes)
        return name

    def dims(self, name: str) -> tuple[int, ...]:
        return self.port(name).dims

    def port(self, name: str) -> Sized:
        """A tensor of the file. Raises ImportFault for an input that is left out."""
        found = self.reading.known.get(name)
        if found is None:
            raise ImportFault(f"operator {self.name} lacks a tensor")
        return found

    def blocks(self) -> tuple[int, ...]:
        """The blocks, along each axis behind the batch, whose positions lie in the batch of its inputs."""
        return next((self.reading.spread[name] for name in self.inputs if name in self.reading.spread), ())

    def sizes(self, name: str) -> list[int]:
        """The values of a stored tensor of whole numbers, none where the file does not say them."""
        stored = self.reading.graph.stored.get(name)
        return [] if stored is None or stored.values is None else [int(value) for value in stored.values]

    def numbers(self, name: str) -> list[int]:
        """The values of a stored tensor of whole numbers. Raises FromData where the file does not say them."""
        found = self.sizes(name)
        if not found:
            raise FromData(f"operator {self.name} takes `{name}` from data, which is not known here")
        return found

    def constant(self, values: list[int]) -> str:
        name = self.fresh()
        self.reading.graph.stored[name] = Tensor(name, "int64", (len(values),), tuple(values))
        return name

    def first(self, name: str) -> str:
        """Channels from the last to the second axis."""
        return self.through("Transpose", name, perm=[0, 3, 1, 2])

    def last(self, name: str, output: str) -> None:
        self.node("Transpose", [name], [output], perm=[0, 2, 3, 1])


def bounded(length: int) -> range:
    if length > MOST:
        raise ImportFault(f"the file has a list of {length:,} entries")
    return range(length)
