"""Figures of components that the library declares: written into a hardware of the spec's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .. import driver
from ..sheet.input_keys import Entry
from ..syntax import tree
from .text import Addition, Edit, Impossible

Wanted = Sequence[tuple[Entry, str]]


def hardware_edits(
    model: driver.Model, module: tree.Module, owner: str, wanted: Wanted
) -> tuple[list[Edit], list[Addition]]:
    """Overrides in the hardware that the spec declares, else in a new one between the instance and its template."""
    text = model.source.text
    by_component: dict[tuple[str, str], list[str]] = {}
    for key, value in wanted:
        row = model.sheet.tables[key.table].rows[key.row]
        by_component.setdefault((row.kind, row.name), []).append(f"override {key.column} = {value}")
    declared = _declared(module, owner)
    if declared is not None:
        return [], _into(declared, by_component)
    node = next(s for s in module.statements if isinstance(s, tree.Instance) and s.name == owner)
    callee = node.value.of if isinstance(node.value, tree.Call) else node.value
    template = text[callee.span[0] : callee.span[1]]
    own = _declared(module, template)
    if own is not None and len(re.findall(rf"\b{re.escape(template)}\b", text)) == 2:
        return [], _into(own, by_component)
    return _between(model, node, callee, template, by_component), []


def _declared(module: tree.Module, name: str) -> tree.Hardware | None:
    return next((s for s in module.statements if isinstance(s, tree.Hardware) and s.name == name), None)


def _into(node: tree.Hardware, by_component: dict[tuple[str, str], list[str]]) -> list[Addition]:
    found: dict[int, Addition] = {}
    for (kind, name), overrides in by_component.items():
        inside = next((s for s in node.body if isinstance(s, tree.Component) and s.name == name), None)
        if inside is not None:
            addition = Addition(inside.span[1], bool(inside.body), list(overrides))
        else:
            addition = Addition(node.span[1], bool(node.body), [f"{kind} {name} {{ {'; '.join(overrides)} }}"])
        known = found.setdefault(addition.end, addition)
        if known is not addition:
            known.statements.extend(addition.statements)
    return list(found.values())


def _between(
    model: driver.Model,
    node: tree.Instance,
    callee: tree.Expression,
    template: str,
    by_component: dict[tuple[str, str], list[str]],
) -> list[Edit]:
    """`hardware chip = edge(…)` becomes `hardware chip = chip_edge(…)`, and `chip_edge()` extends `edge`.

    Its parentheses keep it a template: without them it would be a hardware beside `chip`.
    """
    text = model.source.text
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", template):
        raise Impossible(f"`{node.name}` is made in a way that leaves no place for it")
    name = f"{node.name}_{template.rpartition('.')[2]}"
    while re.search(rf"\b{name}\b", text):
        name += "_"
    label = model.sheet.instances[node.name].label
    said = f' "{label}"' if label and '"' not in label else ""
    lines = [f"hardware {name}() extends {template}{said} {{"]
    lines += [f"  {kind} {part} {{ {'; '.join(o)} }}" for (kind, part), o in by_component.items()]
    lines += ["}"]
    end = text.find("\n", node.span[1])
    at = len(text) if end < 0 else end
    return [
        Edit(callee.span[0], callee.span[1], name),
        Edit(at, at, "\n" + "\n".join(lines)),
    ]
