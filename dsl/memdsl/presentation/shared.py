"""Inputs that mean one thing are one input: a figure that chips of a kind share, an argument that models share."""

from __future__ import annotations

from dataclasses import dataclass

from ..evaluate.bounds import admitted
from ..sheet.formula import Literal
from ..sheet.input_keys import Entry
from ..sheet.sheet import Input, Instance, Quantity, Sheet
from .point import Point

_NOUNS = {"hardware": "chips", "model": "models", "network": "networks"}
_MOST_NAMED = 4


@dataclass(frozen=True)
class Shared:
    """Inputs of several instances that are set together; each may still have a value of its own.

    `name` says what they share: `mixed.dram.bandwidth` of the chips of a kind, `act` of models.
    """

    name: str
    items: tuple[Input, ...]
    owners: tuple[Instance, ...]

    @property
    def first(self) -> Input:
        return self.items[0]

    @property
    def words(self) -> str:
        """Whom it sets: `all 3 models: today, naive, fast`."""
        noun, names = _NOUNS[self.owners[0].kind], [owner.name for owner in self.owners]
        named = len(names) <= _MOST_NAMED and all(name.isidentifier() for name in names)
        return f"all {len(names)} {noun}" + (f": {', '.join(names)}" if named else "")


def shared_inputs(point: Point) -> list[Shared]:
    """The inputs that are set together, in the order of the spec.

    Of chips and networks, those that one number of the text gives to several; of models, whatever their kind, those of
    one name and value: what is compared has one precision and one batch, unless somebody says otherwise.
    """
    found: dict[tuple[object, ...], list[tuple[Input, Instance]]] = {}
    for item in point.sheet.inputs.values():
        owner = owner_of(point.sheet, item)
        if owner is None or item.key not in point.reads.used or not isinstance(item.formula, Literal):
            continue
        part = item.path.removeprefix(f"{owner.name}.")
        kind, value = point.input_type(item.key), point.declared.input(item.key)
        unit = kind.dimension if isinstance(kind, Quantity) else kind
        words = admitted(point.typed, point.declared, item.bounds, kind, None)
        span = item.formula.span
        where = ("model",) if owner.kind == "model" else (owner.template, span.source.name, span.start)
        found.setdefault((*where, part, type(value), value, unit, words), []).append((item, owner))
    return [_shared(group) for group in found.values() if len(group) > 1]


def _shared(group: list[tuple[Input, Instance]]) -> Shared:
    items, owners = zip(*group, strict=True)
    first = owners[0]
    part = items[0].path.removeprefix(f"{first.name}.")
    return Shared(part if first.kind == "model" else f"{first.template}.{part}", items, owners)


def owner_of(sheet: Sheet, item: Input) -> Instance | None:
    """The network, hardware or model that an input belongs to."""
    name = item.key.table.rpartition(".")[0] if isinstance(item.key, Entry) else sheet.cells[item.key].owner
    return sheet.instances.get(name)
