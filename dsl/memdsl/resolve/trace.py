"""What each name of the texts was found to mean, for an editor: kept only when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..diagnostics import Source
from ..syntax.tree import Offsets
from .modules import Module
from .workshop import Scope, Value, Workshop

MOST = 8  # meanings that are kept of one place: a block is expanded again for each call


@dataclass(eq=False, slots=True)
class Use:
    """A name in a text: its place, the scope that it was looked up in, and what it meant each time."""

    source: Source
    span: Offsets
    scope: Scope
    values: list[Value]


@dataclass(eq=False)
class Trace:
    """Filled by `resolve`. `modules` are the texts that were read, the spec first."""

    uses: dict[tuple[int, int, int], Use] = field(default_factory=dict)
    modules: Mapping[str, Module] = field(default_factory=dict)
    shop: Workshop | None = None

    def note(self, scope: Scope, span: Offsets, value: Value) -> None:
        key = (id(scope.source), *span)
        known = self.uses.get(key)
        if known is None:
            self.uses[key] = Use(scope.source, span, scope, [value])
        elif len(known.values) < MOST:
            known.values.append(value)
