"""Claims, and scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..sheet.formula import Formula
from ..sheet.input_keys import InputKey
from ..sheet.sheet import Claim, Scenario
from ..syntax import tree
from .expressions import formula_of
from .faults import Fault, Reported
from .inputs import setting
from .unknown import unknown_part
from .workshop import Scope, Workshop


def claim_of(shop: Workshop, node: tree.Claim, scope: Scope) -> Claim:
    text = scope.source.text
    _refuse_plus_minus(node.right, scope)
    left = formula_of(shop, node.left, scope)
    at = tuple(setting(shop, assign, scope) for assign in node.at)
    at_text = ", ".join(" ".join(text[slice(*assign.span)].split()) for assign in node.at)
    return Claim(
        " ".join(text[slice(*node.left.span)].split()),
        left,
        node.op,
        formula_of(shop, node.right, scope),
        formula_of(shop, node.high, scope) if node.high is not None else None,
        formula_of(shop, node.within, scope) if node.within is not None else None,
        node.source,
        at,
        at_text,
        node.disputed,
        scope.span((node.left.span[0], (node.high or node.right).span[1])),
    )


def _refuse_plus_minus(published: tree.Expression, scope: Scope) -> None:
    """`41.6 MB +- 1%` is the sum of a value and a negative share."""
    if not isinstance(published, tree.Operation) or published.op != "+":
        return
    width = published.operands[1]
    if isinstance(width, tree.Operation) and width.op == "neg" and width.span[0] == published.op_span[1]:
        hint = f"write `within {scope.written(width.operands[0].span)}`"
        place = scope.span((published.op_span[0], width.span[1]))
        raise Fault("syntax", "the tolerance of a claim stands behind `within`", place, hint)


def scenarios_of(shop: Workshop, nodes: Sequence[tree.Scenario], scope: Scope) -> dict[str, Scenario]:
    """The scenarios of a spec, in the order of the text, wherever those stand that they extend."""
    named = {node.name: node for node in reversed(nodes)}
    made: dict[str, Scenario | None] = {}

    def make(node: tree.Scenario, trail: tuple[str, ...]) -> Scenario:
        settings: dict[InputKey, Formula] = {}
        if node.extends:
            start = scope.source.text.find(node.extends, node.name_span[1])
            place = scope.span((start, start + len(node.extends)))
            if node.extends not in named:
                message = f"there is no scenario `{node.extends}`"
                raise unknown_part(shop, message, node.extends, [n.name for n in nodes], place)
            if node.extends in trail:
                raise Fault("circular", f"scenario `{node.extends}` extends itself", place)
            settings.update(base(named[node.extends], trail).settings)

        def assign_one(assign: tree.Assign) -> None:
            key, value = setting(shop, assign, scope)
            settings[key] = value

        shop.all_of([partial(assign_one, assign) for assign in node.body])
        return Scenario(node.name, node.label, tuple(settings.items()), scope.span(node.name_span))

    def base(node: tree.Scenario, trail: tuple[str, ...]) -> Scenario:
        if node.name not in made:
            made[node.name] = None
            made[node.name] = make(node, (*trail, node.name))
        found = made[node.name]
        if found is None:
            raise Reported
        return found

    def attempt(node: tree.Scenario) -> None:
        base(node, ())

    for node in named.values():
        shop.guarded(partial(attempt, node))
    return {node.name: found for node in nodes if (found := made.get(node.name)) is not None}
