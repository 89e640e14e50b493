"""A tree at another place of the text."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from .tree import Clauses, Node


def moved(item: Any, by: int) -> Any:
    """The same nodes, all places `by` characters further on."""
    if isinstance(item, tuple):
        return tuple([moved(part, by) for part in item]) if item else item
    kind = type(item)
    places, parts = _plan(kind)
    if not places and not parts:
        return item
    made: Any = object.__new__(kind)
    inside = made.__dict__
    inside.update(item.__dict__)
    for name in places:
        place = inside[name]
        if place is None:
            continue
        inside[name] = (place[0] + by, place[1] + by) if isinstance(place, tuple) else place + by
    for name in parts:
        part = inside[name]
        if part is not None:
            inside[name] = moved(part, by)
    return made


Plan = tuple[tuple[str, ...], tuple[str, ...]]
_plans: dict[type, Plan] = {}


def _plan(kind: type) -> Plan:
    """Which attributes of a node are places, and which hold nodes."""
    if kind not in _plans:
        _plans[kind] = _planned(kind)
    return _plans[kind]


def _planned(kind: type) -> Plan:
    if not issubclass(kind, (Node, Clauses)):
        return (), ()
    places = tuple(f.name for f in fields(kind) if "Offsets" in str(f.type) or f.name == "value_start")
    plain = ("str", "bool", "int", "str | None", "tuple[str, ...]", "tuple[str, ...] | None")
    return places, tuple(f.name for f in fields(kind) if f.name not in places and str(f.type) not in plain)
