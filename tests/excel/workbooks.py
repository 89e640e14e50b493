"""Specs as workbooks, for the tests of this folder."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from memdsl import driver
from memdsl.diagnostics import Problems, Source
from memdsl.evaluate import Values
from memdsl.excel import FilePlaces, Part, build_book
from memdsl.excel.found import with_what_was_found
from memdsl.sheet.formula import UNLIMITED
from memdsl.sheet.input_keys import InputKey
from memdsl.sheet.operations import Value
from memdsl.sheet.sheet import Input

HERE = Path(__file__).parent
SPECS = sorted((HERE.parents[1] / "specs").glob("*.mem"))
BOOKS = sorted((HERE / "books").glob("*.mem"))

Setting = dict[InputKey, Value]


@dataclass(frozen=True)
class Made:
    model: driver.Model
    layout: FilePlaces


def made(source: Path | str, **asked: object) -> Made:
    """The workbook of a spec, given as a file or as its text."""
    if isinstance(source, Path):
        found = driver.read(source)
        assert isinstance(found, Source)
        model = driver.build(found, source.parent, source, **asked)  # type: ignore[arg-type]
    else:
        model = driver.build(Source("<test>", source), HERE, **asked)  # type: ignore[arg-type]
    assert isinstance(model, driver.Model), [d.message for d in model.problems]
    model = with_what_was_found(model)  # what the book holds: it cannot search
    scenario = asked.get("scenario")
    part = Part(model, scenario=scenario)  # type: ignore[arg-type]
    return Made(model, build_book([part]))


# ---- settings of the inputs -----------------------------------------------------------------------------------------


def settings(model: driver.Model, wanted: int = 5) -> list[Setting]:
    """The declared inputs, every input at random, both ends of the ranges, others at random: where all has values.

    What was found for a chip may suit few others: then some of the inputs are drawn instead of every one.
    """
    inputs = list(model.sheet.inputs.values())
    every = (at_random(model, _some(inputs, seed), random.Random(seed)) for seed in range(128))
    tried: list[Setting] = [{}, *([next(s for s in every if _sound(model, s))] if inputs else [])]
    tried += [_ends(model, inputs, low=True), _ends(model, inputs, low=False)]
    for seed in range(4 * wanted):
        chosen = inputs if seed % 2 else [item for item in inputs if item.role == "param"]
        tried.append(at_random(model, chosen, random.Random(seed)))
    found: list[Setting] = []
    for setting in tried:
        changed = {key: value for key, value in setting.items() if value != model.declared.input(key)}
        if len(found) < wanted and changed not in found and _sound(model, changed):
            found.append(changed)
    return found


def _some(inputs: list[Input], seed: int) -> list[Input]:
    """All inputs for the first 64 seeds, then fewer and fewer."""
    return inputs if seed < 64 else random.Random(seed).sample(inputs, max(1, len(inputs) * (128 - seed) // 80))


def _sound(model: driver.Model, setting: Setting) -> bool:
    problems = Problems()
    values = model.machine.at(setting, problems)
    if problems.failed:
        return False
    if _without_limit(model, values) - _without_limit(model, model.declared):  # where nothing fits, there is no chart
        return False
    for shown in model.typed.sheet.claims:
        try:
            values.formula(shown.left)
        except ArithmeticError:
            return False
    return True


def _without_limit(model: driver.Model, values: Values) -> set[tuple[str, str]]:
    """The columns with a value that is unlimited."""
    tables = model.sheet.tables.values()
    return {
        (table.id, name)
        for table in tables
        for name in table.columns
        if any(isinstance(v, float) and v >= UNLIMITED / 10 for v in values.column(table.id, name))
    }


def _ends(model: driver.Model, inputs: list[Input], low: bool) -> Setting:
    """Every parameter at one end of its range."""
    found: Setting = {}
    for item in inputs:
        bounds = item.bounds
        end = None if bounds is None else bounds.low if low else bounds.high
        if end is not None:
            found[item.key] = model.declared.formula(end)
    return found


def at_random(model: driver.Model, inputs: list[Input], random_: random.Random) -> Setting:
    return {item.key: _other(model, item, random_) for item in inputs}


def _other(model: driver.Model, item: Input, random_: random.Random) -> Value:
    value, bounds = model.declared.input(item.key), item.bounds

    def bound(formula: object, otherwise: float) -> float:
        return float(model.declared.formula(formula)) if formula is not None else otherwise  # type: ignore[arg-type]

    if isinstance(value, bool):
        return random_.random() < 0.5
    if bounds is not None and bounds.one_of:
        return model.declared.formula(random_.choice(bounds.one_of))
    if isinstance(value, str) or value >= UNLIMITED:
        return value
    if bounds is not None and bounds.multiple is not None:
        step = bound(bounds.multiple, 1.0)
        low, high = bound(bounds.low, value), bound(bounds.high, value)
        return step * random_.randint(int(-(-low // step)), int(min(high, 64 * value) // step))
    found = (
        float(f"{(value or 1.0) * random_.choice((0.5, 0.75, 2, 3.25)):.3g}")
        if value or random_.random() < 0.5
        else 0.0
    )
    if bounds is not None:
        found = min(max(found, bound(bounds.low, found)), bound(bounds.high, found))
    return found
