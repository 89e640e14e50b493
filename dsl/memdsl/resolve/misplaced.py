"""Declarations of the wrong kind, told once and at their own place, before anything is made from them."""

from __future__ import annotations

from collections.abc import Iterator

from ..syntax import tree
from .faults import Fault
from .hardware import HardwareTemplate
from .kinds import BlockTemplate, LayerKind
from .models import ModelTemplate
from .modules import Module, broken
from .network_templates import NetworkTemplate
from .workshop import Value, Workshop

_KEYWORDS: dict[type[Value], str] = {NetworkTemplate: "network", HardwareTemplate: "hardware", ModelTemplate: "model"}


def refuse_misplaced(shop: Workshop, module: Module) -> None:
    """Reports `net = detector(…)`, which lacks its keyword, and a layer kind that calls others, which is a block.

    What is reported counts as broken, so that its uses are no faults of their own.
    """
    for statement in module.node.statements:
        if isinstance(statement, tree.Cell):
            shop.guarded(lambda s=statement: _refuse_instance(shop, module, s))  # type: ignore[misc]
        elif isinstance(statement, tree.LayerKind):
            shop.guarded(lambda s=statement: _refuse_block(module, s))  # type: ignore[misc]


def keyword_of(module: Module, cell: tree.Cell) -> tuple[str, str] | None:
    """The keyword that a cell made from a template lacks, and the template's name."""
    callee = cell.value.of if isinstance(cell.value, tree.Call) else cell.value
    if not isinstance(callee, tree.Name) or callee.name == cell.name:
        return None
    called = module.template(callee.name)
    keyword = _KEYWORDS.get(type(called)) if called is not None else None
    return (keyword, callee.name) if keyword is not None else None


def _refuse_instance(shop: Workshop, module: Module, cell: tree.Cell) -> None:
    cell_id = module.prefix + cell.name
    found = keyword_of(module, cell) if cell_id in shop.cells else None
    if found is None:
        return
    keyword, template = found
    place = module.scope.span(cell.value.span)
    module.declared[cell.name] = broken(cell.name, place)
    del shop.cells[cell_id]
    message = f"`{cell.name}` is a cell, which holds a number, and this is a {keyword}"
    hint = f"write `{keyword} {cell.name} = {template}{'(…)' if isinstance(cell.value, tree.Call) else ''}`"
    raise Fault("not-a-number", message, place, hint)


def _refuse_block(module: Module, kind: tree.LayerKind) -> None:
    for statement in kind.body:
        for call in _calls(statement.value) if isinstance(statement, tree.Cell) else ():
            if not isinstance(call.of, tree.Name):
                continue
            called = module.template(call.of.name)
            if isinstance(called, (LayerKind, BlockTemplate)):
                module.declared[kind.name] = broken(kind.name, module.scope.span(kind.name_span))
                message = f"`{kind.name}` is a layer kind, which makes one row, and `{call.of.name}` makes a row too"
                hint = f"write `block {kind.name}(…) {{ … }}` for several layers: its result is `out`"
                raise Fault("not-in-network", message, module.scope.span(call.span), hint)


def _calls(node: object) -> Iterator[tree.Call]:
    """The calls in an expression, the outermost first."""
    if isinstance(node, tree.Call):
        yield node
    if isinstance(node, (list, tuple)):
        for part in node:
            yield from _calls(part)
    elif isinstance(node, tree.Node):
        for name in node.__dataclass_fields__:
            yield from _calls(getattr(node, name))
