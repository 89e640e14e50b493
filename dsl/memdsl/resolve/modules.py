"""What a module declares, what it may name, and declarations that wait until they are named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..diagnostics import Source, Span
from ..records import record
from ..syntax import tree
from .faults import Fault, Reported
from .unknown import unknown_part
from .values import TwoThings
from .workshop import Scope, Value, Workshop


@dataclass(eq=False)
class Module:
    """One text and its names. `prefix` stands before the identifiers of its cells (empty for the spec itself)."""

    source: Source
    node: tree.Module
    prefix: str
    folder: Path
    declared: dict[str, Value | Later] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    imported: dict[str, list[tuple[Value | Later, str]]] = field(default_factory=dict)
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.scope = Scope(self.source, self.find, self.names)

    def names(self) -> Iterable[str]:
        return [name for name in (*self.declared, *self.imported) if " " not in name]

    def find(self, name: str) -> Value | None:
        if name in self.declared:
            return made(self.declared[name])
        found = self.imported.get(name)
        if found is None:
            return None
        if any(value is not found[0][0] for value, _ in found):
            return _of_two_files(name, [*dict.fromkeys(place for _, place in found)])
        return made(found[0][0])

    def template(self, name: str) -> Value | None:
        """What a name declares, if it is known without making anything."""
        found = self.declared.get(name) or next((value for value, _ in self.imported.get(name, ())), None)
        return None if isinstance(found, Later) else found


def made(value: Value | Later) -> Value:
    return value.get() if isinstance(value, Later) else value


@record
class ModuleValue(Value):
    module: Module
    what = "a module"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        value = self.module.find(name)
        if value is None:
            message = f"module `{self.module.source.name}` has no `{name}`"
            raise unknown_part(shop, message, name, self.module.names(), span)
        return value


def _of_two_files(name: str, places: Sequence[str]) -> TwoThings:
    listed = " and ".join(f"`{place}`" for place in places)
    hint = f'give a file a name of its own: `use "{places[-1]}" as other`, then `other.{name}`'
    return TwoThings(f"`{name}` comes from {listed}", hint)


@dataclass(eq=False)
class Later:
    """An instance or a table of a module, made when something first names it."""

    make: Callable[[], Value]
    name: str
    place: Span
    value: Value | None = None
    state: str = "waiting"

    def get(self) -> Value:
        if self.state == "making":
            raise Fault("circular", f"`{self.name}` is made from itself", self.place)
        if self.state == "broken":
            raise Reported
        if self.value is None:
            self.state = "making"
            try:
                self.value = self.make()
                self.state = "made"
            finally:
                if self.value is None:
                    self.state = "broken"
        return self.value


def broken(name: str, place: Span) -> Later:
    """Stands for a declaration with a fault, so that its uses are no faults of their own."""
    return Later(_nothing, name, place, None, "broken")


def _nothing() -> Value:
    raise Reported
