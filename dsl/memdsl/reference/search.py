"""What a person means by a name: a module, a declaration, or a column or total of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from .entries import Declaration, Module


@dataclass(frozen=True)
class Found:
    """Declarations of one module that were asked for."""

    module: Module
    declarations: tuple[Declaration, ...]


def find(modules: Sequence[Module], name: str) -> list[Found]:
    """`std.layers`, `conv`, `std.layers.conv`, `traffic.spilled`, `spilled`: the closest meaning that there is."""
    for wanted in (_modules, _declarations, _entries):
        found = wanted(modules, name)
        if found:
            return found
    return []


def near(modules: Sequence[Module], name: str) -> str:
    """The name that was probably meant, or nothing."""
    names = {m.name for m in modules} | {d.name for m in modules for d in m.declarations}
    names |= {e.name for m in modules for d in m.declarations for p in d.parts for e in p.entries}
    return next(iter(get_close_matches(name, sorted(names), 1, 0.6)), "")


def _modules(modules: Sequence[Module], name: str) -> list[Found]:
    declared = {d.name for m in modules for d in m.declarations}
    names = (name,) if name.startswith("std.") or name in declared else (name, f"std.{name}")
    return [Found(m, m.declarations) for m in modules if m.name in names]


def _declarations(modules: Sequence[Module], name: str) -> list[Found]:
    found = []
    for module in modules:
        names = (name, name.removeprefix(f"{module.name}."))
        inside = tuple(d for d in module.declarations if d.name in names)
        if inside:
            found.append(Found(module, inside))
    return found


def _entries(modules: Sequence[Module], name: str) -> list[Found]:
    """Declarations that give a column, a total or a figure, cut down to it."""
    owner, _, wanted = name.rpartition(".")
    found = []
    for module in modules:
        inside = []
        for declaration in module.declarations:
            if owner in ("", declaration.name, f"{module.name}.{declaration.name}"):
                parts = tuple(
                    replace(part, entries=tuple(e for e in part.entries if e.name == wanted), conditions=())
                    for part in declaration.parts
                )
                kept = tuple(part for part in parts if part.entries)
                if kept:
                    inside.append(replace(declaration, parts=kept, arguments=()))
        if inside:
            found.append(Found(module, tuple(inside)))
    return found
