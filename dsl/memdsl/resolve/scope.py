"""Where a name is looked up: innermost first, then the template, the module, its imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..diagnostics import Source, Span
from ..records import record
from .values import Value


@record
class Scope:
    """`lookup` gives the value of a name or None; `known` lists the names, for hints."""

    source: Source
    lookup: Callable[[str], Value | None]
    known: Callable[[], Iterable[str]]
    parent: Scope | None = None

    def find(self, name: str) -> Value | None:
        scope: Scope | None = self
        while scope is not None:
            value = scope.lookup(name)
            if value is not None:
                return value
            scope = scope.parent
        return None

    def names(self) -> set[str]:
        scope: Scope | None = self
        found: set[str] = set()
        while scope is not None:
            found.update(scope.known())
            scope = scope.parent
        return found

    def span(self, offsets: tuple[int, int]) -> Span:
        return Span(self.source, *offsets)

    def written(self, offsets: tuple[int, int]) -> str:
        """What stands in the text there, on one line."""
        return " ".join(self.source.text[slice(*offsets)].split())


def mapped(values: Mapping[str, Value], parent: Scope) -> Scope:
    """A scope with the given names in front of its parent's."""
    return Scope(parent.source, values.get, values.keys, parent)
