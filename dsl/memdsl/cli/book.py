"""`memdsl report --book`: several specs, or one under several scenarios, in one workbook."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from .. import driver
from .common import Chosen, Usage, paths, say, single
from .report import options, workbook, write_file

Settings = tuple[tuple[str, str], ...]
_OTHERS = {
    "folder": "-o names a folder",
    "template": "--template is for PDF and HTML",
    "paper": "--paper is for the PDF",
}


def run(
    specs: Sequence[str],
    target: Path,
    form: str | None,
    settings: Settings,
    scenarios: Sequence[str],
    given: Sequence[str],
) -> int:
    """`given` are the options that a person gave beside --book and that say nothing about a workbook."""
    if form is not None and form.strip() != "xlsx":
        raise Usage(f"--book is a workbook: --format {form} goes without it")
    if given:
        raise Usage(f"{_OTHERS[given[0]]}, and --book names the one file that is written")
    if target.suffix != ".xlsx":
        raise Usage(f"--book takes the name of an .xlsx file, not {target}")
    listed = _listed(paths(specs), scenarios)
    models = [(spec, scenario, _model(spec, Chosen(settings, scenario))) for spec, scenario in listed]
    sound = [(spec, scenario, model) for spec, scenario, (model, _) in models if model is not None]
    if len(sound) < len(models):
        return 1
    command = _command(paths(specs), target, settings, scenarios)
    from ..excel import Part, book_names

    names = book_names([(_stem(spec), scenario) for spec, scenario, _ in sound])
    parts = []
    for name, (_, scenario, model) in zip(names, sound, strict=True):
        parts.append(Part(model, command, scenario, name))
    write_file(target, partial(workbook, parts))
    return max(code for *_, (_, code) in models)


def _listed(specs: Sequence[str], scenarios: Sequence[str]) -> list[tuple[str, str | None]]:
    """What goes into the book, in order. Raises Usage for what would stand in it twice."""
    from ..excel import MAXIMUM_BOOKS

    stems: dict[str, str] = {}
    for spec in specs:
        known = stems.get(_stem(spec))
        if known is not None and _file(known) == _file(spec):
            raise Usage(f"{spec} is named twice")
        if known is not None:
            raise Usage(f"{known} and {spec} would have one name in the book; give one of the files another")
        stems[_stem(spec)] = spec
    twice = next((name for i, name in enumerate(scenarios) if name in scenarios[:i]), None)
    if twice is not None:
        raise Usage(f"the scenario {twice} is named twice")
    listed = [(spec, scenario) for spec in specs for scenario in (scenarios or (None,))]
    if len(listed) > MAXIMUM_BOOKS:
        raise Usage(f"a book takes up to {MAXIMUM_BOOKS} models side by side, not {len(listed)}")
    return listed


def _stem(spec: str) -> str:
    return "stdin" if spec == "-" else Path(spec).stem


def _file(spec: str) -> object:
    return spec if spec == "-" else Path(spec).resolve()


def _model(spec: str, chosen: Chosen) -> tuple[driver.Model | None, int]:
    """The model of one part, its faults told, and the exit code; None for one that has no value."""
    model = single(spec, chosen)
    if model is None:
        return None, 1
    before = len(model.problems.found)
    _ = model.claims  # judged here, so that a failing one is told
    say(model.problems.found[before:])
    return model, int(len(model.problems.found) > before)


def _command(specs: Sequence[str], target: Path, settings: Settings, scenarios: Sequence[str]) -> str:
    """The command that makes the book again."""
    chosen = [part for scenario in scenarios for part in ("--scenario", scenario)]
    return shlex.join(["memdsl", "report", *specs, *options(Chosen(settings)), *chosen, "--book", str(target)])
