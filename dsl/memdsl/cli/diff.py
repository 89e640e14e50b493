"""`memdsl diff`: what differs between two specs, two revisions of one, or one under two scenarios."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import driver
from ..compare import changes, lines, to_json
from ..diagnostics import Diagnostic, Source
from .common import Chosen, Usage, load, no_answer, say
from .revision import committed, is_revision, write_revision


@dataclass(frozen=True)
class _Side:
    """A spec as the command named it, and the inputs that it is compared at."""

    spec: str
    chosen: Chosen

    def __str__(self) -> str:
        parts = [self.spec]
        parts += [f"--scenario {self.chosen.scenario}"] if self.chosen.scenario is not None else []
        parts += [f"--set {name}={value}" for name, value in self.chosen.settings]
        return " ".join(parts)


def run(first: str, second: str, scenarios: Sequence[str], settings: tuple[tuple[str, str], ...], form: str) -> int:
    sides = _sides(first, second, scenarios, settings)
    models = []
    for side in sides:
        checked = _checked(side)
        if isinstance(checked, Diagnostic):
            say([checked])
            continue
        say(checked.problems)
        if checked.sound is not None:
            models.append(checked.sound)
    if len(models) < 2:
        return no_answer(form, a=str(sides[0]), b=str(sides[1]))
    found = changes(*models)
    if form == "json":
        print(json.dumps({"a": str(sides[0]), "b": str(sides[1]), **to_json(found)}, indent=2))
    else:
        print(f"{sides[0]}  ->  {sides[1]}")
        for line in lines(found):
            print(line)
    return 0


def _sides(
    first: str, second: str, scenarios: Sequence[str], settings: tuple[tuple[str, str], ...]
) -> tuple[_Side, _Side]:
    if len(scenarios) > 2:
        raise Usage("at most two scenarios are compared")
    if second:
        both = (scenarios[0], scenarios[-1]) if scenarios else (None, None)
        return _Side(first, Chosen(settings, both[0])), _Side(second, Chosen(settings, both[1]))
    if scenarios or settings:
        before = scenarios[0] if len(scenarios) == 2 else None
        after = scenarios[-1] if scenarios else None
        return _Side(first, Chosen((), before)), _Side(first, Chosen(settings, after))
    if first == "-" or is_revision(first):
        raise Usage("name what to compare with: a second spec, or --scenario, or --set")
    before_it = committed(first) if Path(first).is_file() else None
    if before_it is None:
        raise Usage(f"{first} is in no commit to compare with; name a second spec, or --scenario, or --set")
    return _Side(before_it, Chosen()), _Side(first, Chosen())


def _checked(side: _Side) -> driver.CheckedSpec | Diagnostic:
    if not is_revision(side.spec):
        return load(side.spec, side.chosen)
    with TemporaryDirectory(prefix="memdsl-") as folder:
        path = write_revision(side.spec, Path(folder))
        source = driver.read(path)
        if isinstance(source, Diagnostic):
            return source
        named = Source(side.spec, source.text)
        return driver.build(named, path.parent, path, side.chosen.settings, side.chosen.scenario)
