"""Arguments and numbers in the spec's own templates that nothing reads: what is given for them changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from ..diagnostics import Problems, Source, Span
from ..schedule import METHODS
from ..sheet.operations import AGGREGATES, FUNCTIONS
from ..sheet.sheet import ColumnNode, Node
from ..syntax import tree
from ..syntax.walk import walk
from .faults import close_name
from .hardware import HardwareTemplate
from .models import ModelTemplate
from .modules import Module
from .networks import NetworkDraft
from .workshop import Workshop

_CHOSEN = {name for method in METHODS.values() for name in (*method.given, *method.listed)}
"""What a method of `choose` reads by its own names."""
_NUMBERS = {*FUNCTIONS, *AGGREGATES, "product", "axes", "second", "choose"}
_Template = tree.Function | tree.Block | tree.LayerKind | tree.Network | tree.Model | tree.Hardware
_WHAT: dict[type, str] = {
    tree.Function: "fn", tree.Block: "block", tree.LayerKind: "layer", tree.Network: "network", tree.Model: "model",
    tree.Hardware: "hardware",
}  # fmt: skip


def warn_of_unread_arguments(shop: Workshop, module: Module, read: Set[Node], problems: Problems) -> None:
    """Warns of each, with the name that was probably meant. `read` are the cells and columns that formulas use."""
    nodes = [node for node in module.node.statements if isinstance(node, _Template)]
    parts = {part.name for part in walk(module.node) if isinstance(part, (tree.Member, tree.Heading))}
    parts |= {word for part in walk(module.node) if isinstance(part, tree.Prose) for word in _words(part.value)}
    tables = [draft for draft in shop.tables.values() if isinstance(draft, NetworkDraft)]
    columns = {node.column for node in read if isinstance(node, ColumnNode)}
    derived = [node for node in nodes if isinstance(node, tree.Model | tree.Hardware)]
    of_derived = _names(derived)
    for node in nodes:
        known = _names([node])
        if isinstance(node, tree.Model | tree.Hardware):
            known |= of_derived | _of_bases(shop, module, node) | parts
            if "group" in known:  # a schedule is known by what it is, whatever it is called
                known |= {formal.name for formal in node.formals or () if formal.default is None}
        elif isinstance(node, tree.LayerKind):
            known |= columns | parts | of_derived | {node.like}
            known |= {name for draft in tables for rules in draft.kinds.values() if rules.kind.node is node
                      for name in rules.slots}  # fmt: skip
        elif isinstance(node, tree.Network):
            known |= parts
        _warn_of_formals(module.source, node, known, problems)
        if isinstance(node, tree.Block):
            _warn_of_numbers(module, node, known | parts, problems)


def _warn_of_formals(source: Source, node: _Template, known: Set[str], problems: Problems) -> None:
    formals = node.formals or ()
    for formal in formals:
        if formal.name in known or (formal.axes is not None and not isinstance(node, tree.Block | tree.Network)):
            continue
        meant = close_name(formal.name, known - {other.name for other in formals}, 0.75)
        message = f"nothing reads `{formal.name}` of the {_WHAT[type(node)]} `{node.name}`"
        hint = f"did you mean `{meant}`?" if meant else "use it in a formula, or leave it out"
        start = formal.span[0]
        problems.warning("unread", message, Span(source, start, start + len(formal.name)), hint)


def _warn_of_numbers(module: Module, node: tree.Block, known: Set[str], problems: Problems) -> None:
    """A tensor of a block is a row, which counts; a number of it that nothing reads does nothing."""
    for cell in node.body:
        if not isinstance(cell, tree.Cell) or cell.name in known or cell.name == "out" or not _is_number(module, cell):
            continue
        meant = close_name(cell.name, {*known, "out"} - {other.name for other in node.formals}, 0.75)
        hint = f"did you mean `{meant}`?" if meant else "use it in a formula, or leave it out"
        message = f"nothing reads `{cell.name}` of the block `{node.name}`"
        problems.warning("unread", message, Span(module.source, *cell.name_span), hint)


def _is_number(module: Module, cell: tree.Cell) -> bool:
    """Whether a cell of a block makes no row, as far as its text tells."""
    for part in (cell.value, *walk(cell.value)):
        if isinstance(part, tree.Pipe):
            return False
        if isinstance(part, tree.Call):
            name = part.of.name if isinstance(part.of, tree.Name) else ""
            declared = next(
                (n for n in module.node.statements if isinstance(n, tree.Function) and n.name == name), None
            )
            if name not in _NUMBERS and declared is None:
                return False
    return not isinstance(cell.value, tree.Name)


def _of_bases(shop: Workshop, module: Module, node: tree.Model | tree.Hardware) -> set[str]:
    """What the templates that one extends read, and the arguments that it gives them another default of."""
    template = module.template(node.name)
    chain = template.chain(shop) if isinstance(template, ModelTemplate | HardwareTemplate) else []
    return _names(base.node for base in chain if base.node is not node)


def _names(nodes: Iterable[_Template]) -> set[str]:
    """The names that formulas of some templates read, those of methods among them."""
    found: set[str] = set()
    for node in nodes:
        for part in (node, *walk(node)):
            if isinstance(part, tree.Name):
                found.add(part.name)
            elif isinstance(part, tree.Call) and isinstance(part.of, tree.Name) and part.of.name == "choose":
                found |= _CHOSEN
            elif isinstance(part, tree.LayerKind):
                found |= {axis.removesuffix(tree.FAMILY) for axis in part.axes or ()}
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
