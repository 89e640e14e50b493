"""What the reference says of a library: modules, their declarations, and each column, total or constant of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from ..symbolic.shapes import Shape


@dataclass(frozen=True)
class Argument:
    """An argument: a tensor with its axes, a part (a network, a hardware, a schedule), or a value with its default.

    `default` is as the library writes it, empty when the argument must be given; `unit` is empty for plain counts.
    `allowed` says what its values may be (`whole from 1`), empty for any.
    """

    name: str
    what: str
    default: str
    unit: str
    allowed: str
    label: str


@dataclass(frozen=True)
class Entry:
    """A column, a total, a constant. `shape` is its formula as mathematics, None where the text alone says it.

    `role` says what replaces what: `override` replaces the formula of a base, `assumed` is a constant of a hardware
    without a source.
    """

    name: str
    formula: str
    shape: Shape | None
    unit: str
    label: str
    source: str
    role: OneOf["", "override", "assumed"] = ""


@dataclass(frozen=True)
class Condition:
    """A `require`: what must hold, and what is said when it does not."""

    formula: str
    shape: Shape
    message: str


@dataclass(frozen=True)
class Part:
    """Entries under one heading: the columns of `each conv in net where kernel == 3`, the totals, a component."""

    title: str
    entries: tuple[Entry, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Declaration:
    """A layer kind, a model, a hardware …, with its comment in the library (`note`) and its heading there."""

    kind: str
    name: str
    label: str
    note: str
    heading: str
    arguments: tuple[Argument, ...]
    extends: str
    parts: tuple[Part, ...]
    line: int


@dataclass(frozen=True)
class Module:
    """One file: `name` is how a spec uses it (`std.layers`)."""

    name: str
    title: str
    uses: tuple[str, ...]
    declarations: tuple[Declaration, ...]
