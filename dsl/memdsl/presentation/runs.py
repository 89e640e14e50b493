"""The models of a spec: those with a name, and the runs of crossed tables, of which one speaks for all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..sheet.sheet import Instance, Sheet

_RUN = re.compile(r'(\w+)\["(.*)"\]\.(\w+)')


@dataclass(frozen=True)
class Runs:
    """Models that stand together: one that has a name, or the runs in a column of a crossed table."""

    name: str
    table: str
    models: tuple[Instance, ...]

    @property
    def first(self) -> Instance:
        return self.models[0]


def run_of(sheet: Sheet, model: Instance) -> tuple[str, str, str] | None:
    """The crossed table, row and column that made a model; None for one with a name."""
    found = _RUN.fullmatch(model.name)
    if found is None or found[1] not in sheet.tables or sheet.tables[found[1]].role != "crossed":
        return None
    return found[1], found[2], found[3]


def together(sheet: Sheet, models: Sequence[Instance]) -> list[Runs]:
    """The models in their order, the runs of a column of a crossed table as one, a template each."""
    found: dict[tuple[str, str, str], list[Instance]] = {}
    for model in models:
        made = run_of(sheet, model)
        key = (made[0], made[2], model.template) if made is not None else (model.name, "", "")
        found.setdefault(key, []).append(model)
    return [
        Runs(f"{name}.{column}" if column else name, name if column else "", tuple(group))
        for (name, column, _), group in found.items()
    ]


def spokesmen(sheet: Sheet, models: Sequence[Instance]) -> list[Instance]:
    """The models with a name, and a run of each template that none of those has."""
    groups = together(sheet, models)
    named = [group.first for group in groups if not group.table]
    told = {model.template for model in named}
    for group in groups:
        if group.first.template not in told:
            told.add(group.first.template)
            named.append(group.first)
    return named
