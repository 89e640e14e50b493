"""The inputs as a page offers them: what each is, its unit and range, the scenarios."""

from __future__ import annotations

from ..evaluate.bounds import admitted
from ..js.program import Json
from ..presentation.shared import shared_inputs
from ..presentation.words import LABEL, NAME, cut
from ..sheet.formula import Formula
from ..sheet.input_keys import Entry
from ..sheet.sheet import Bounds, Input, Quantity, Truth
from ..units import UNLIMITED
from .live import plain_json
from .numbers import form
from .portable.writing import value_text
from .subject import Subject

_GROUPS = {"param": "Parameters", "cell": "Constants", "component": "Hardware", "argument": "Models"}


def panel(subject: Subject) -> dict[str, Json]:
    """Inputs that a page can change, in the order of the spec; those set together; scenarios as values of inputs."""
    shared: list[Json] = [
        {
            "path": one.name,
            "label": cut(one.first.label, LABEL),
            "words": cut(one.words, LABEL),
            "members": [item.path for item in one.items],
        }
        for one in shared_inputs(subject)
    ]
    items: list[Json] = [_input(subject, item) for item in subject.sheet.inputs.values()]
    scenarios: list[Json] = []
    for scenario in subject.sheet.scenarios.values():
        settings: dict[str, Json] = {
            subject.path(key): subject.declared.formula(formula) for key, formula in scenario.settings
        }
        scenarios.append({"name": scenario.name, "label": cut(scenario.label, LABEL), "values": settings})
    return {"items": items, "shared": shared, "scenarios": scenarios}


def _input(subject: Subject, item: Input) -> Json:
    kind, bounds = subject.input_type(item.key), item.bounds
    unit = subject.input_unit(item)
    written_as = form(subject.typed, kind, unit, 9)
    made: dict[str, Json] = {
        "path": item.path,
        "label": cut(item.label, LABEL),
        "group": _group(item),
        "form": plain_json(written_as),
        "declared": subject.declared.input(item.key),
        "value": subject.values.input(item.key),
        "kind": "number" if isinstance(kind, Quantity) else "truth" if isinstance(kind, Truth) else "text",
        "binary": unit is not None and "i" in unit.text,
    }
    if bounds is not None:
        made["allowed"] = cut(admitted(subject.typed, subject.declared, bounds, kind, unit), LABEL)
        made |= _range(subject, bounds)
        if bounds.one_of:
            values = [subject.declared.formula(choice) for choice in bounds.one_of]
            made["choices"] = [[cut(value_text(written_as, value), NAME), value] for value in values]
    return made


def _group(item: Input) -> str:
    return f"Table {item.key.table}" if isinstance(item.key, Entry) and item.role == "entry" else _GROUPS[item.role]


def _range(subject: Subject, bounds: Bounds) -> dict[str, Json]:
    def bound(formula: Formula | None) -> float | None:
        value = subject.value(formula) if formula is not None else None
        if value is None or isinstance(value, (bool, str)) or abs(value) >= UNLIMITED / 10:
            return None
        return value

    found = {"low": bound(bounds.low), "high": bound(bounds.high), "multiple": bound(bounds.multiple)}
    return {name: value for name, value in found.items() if value is not None}
