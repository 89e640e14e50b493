"""The call around the cursor, the scope that it stands in, and what its name means."""

from __future__ import annotations

import re

from lsprotocol.types import ParameterInformation, SignatureHelp, SignatureInformation

from ..diagnostics import Source, Span
from ..resolve.faults import Fault, Reported
from ..resolve.workshop import Scope, Value
from ..syntax import tree
from . import words
from .snapshot import Snapshot
from .symbols import formals_of_value
from .text import Drift
from .tree_walk import path_to

_CALLEE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\Z")
_FAR = 4_000  # characters before the cursor that are looked at
_CONTAINERS = (tree.Each, tree.Component, tree.Block, tree.Network, tree.LayerKind, tree.Hardware, tree.Model)


def scope_near(snapshot: Snapshot, offset: int) -> Scope | None:
    """The scope of the formula at an offset: that of the nearest name in the same body, else that of the text."""
    module = snapshot.module
    if module is None:
        return None
    statement = snapshot.statement_at(offset)
    if statement is None:
        return module.scope
    around = [node for node in path_to(statement, offset) if isinstance(node, _CONTAINERS)]
    container = around[-1] if around else statement
    own = [
        use
        for use in snapshot.uses_within(container.span)
        if not any(
            isinstance(node, _CONTAINERS) and node is not container
            for node in path_to(container, use.span[0])
        )
        and use.span[0] >= getattr(container, "name_span", container.span)[1]
    ]  # fmt: skip
    if not own:
        return module.scope
    nearest = min(own, key=lambda use: (use.span[0] > offset, abs(use.span[0] - offset)))
    return nearest.scope


def call_around(text: str, offset: int) -> tuple[str, int] | None:
    """The name that is called around an offset, and where its arguments begin."""
    depth, position = 0, offset - 1
    while position >= max(0, offset - _FAR):
        character = text[position]
        if character in ")]":
            depth += 1
        elif character in "([":
            if depth == 0:
                match = _CALLEE.search(text, max(0, position - 100), position) if character == "(" else None
                if match is not None:
                    return match[1], position + 1
                if character == "(":
                    return None
            else:
                depth -= 1
        elif character in "{}" or (character == '"' and text[position - 1 : position] == '"'):
            return None
        position -= 1
    return None


def signature_help(text: str, offset: int, snapshot: Snapshot, drift: Drift) -> SignatureHelp | None:
    called = call_around(text, offset)
    if called is None:
        return None
    name, start = called
    scope = scope_near(snapshot, drift.nearest(offset))
    value = value_of_path(snapshot, scope, name)
    given = _split(text[start:offset])
    if value is None:
        if name not in words.FUNCTIONS:
            return None
        label, _, what = words.FUNCTIONS[name].partition(": ")
        inside = label[label.index("(") + 1 : -1].split(", ")
        parameters = [ParameterInformation(part) for part in inside]
        active = min(len(given) - 1, len(inside) - 1)
        return SignatureHelp([SignatureInformation(label, what, parameters, active)], 0, active)
    formals = formals_of_value(snapshot, value)
    if not formals:
        return None
    texts = [source.text[slice(*formal.span)] for source, formal in formals]
    label = f"{name}({', '.join(texts)})"
    names = [formal.name for _, formal in formals]
    piped = bool(re.search(r"->[ \t]*(?:[\w.() -]+\*[ \t]*)?\Z", text[: start - len(name) - 1][-80:]))
    active = min(len(given) - 1 + piped, len(names) - 1)
    if named := re.match(r"\s*(\w+)\s*=(?!=)", given[-1]):
        active = names.index(named[1]) if named[1] in names else active
    elif formals[0][1].variadic:
        active = 0
    about = getattr(getattr(value, "node", None), "label", "")
    parameters = [ParameterInformation(part) for part in texts]
    return SignatureHelp([SignatureInformation(label, about, parameters, active)], 0, active)


def value_of_path(snapshot: Snapshot, scope: Scope | None, path: str) -> Value | None:
    """What a dotted path means in a scope."""
    shop = snapshot.trace.shop
    if scope is None or shop is None:
        return None
    first, *rest = path.split(".")
    try:
        value = scope.find(first)
        for name in rest:
            if value is None:
                return None
            value = value.member(shop, name, Span(Source("", path), 0, len(path)))
    except (Fault, Reported, KeyError):
        return None
    return value


def _split(arguments: str) -> list[str]:
    """The arguments written so far."""
    found, depth = [""], 0
    for character in arguments:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return found
