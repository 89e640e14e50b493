"""How sure the inputs are: what stands behind `±` and `~`, and the places where it has a meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from typing import Literal as OneOf

from ..sheet.formula import Formula
from ..sheet.sheet import Distribution
from ..syntax import tree
from .constant import is_constant
from .expressions import formula_of
from .faults import Fault, nearest
from .workshop import Scope, Workshop

_Kind = OneOf["uniform", "normal", "lognormal", "one of"]
_KINDS: Final[dict[str, tuple[_Kind, int, str]]] = {
    "uniform": ("uniform", 2, "its two ends: `~ uniform(2 pJ/B, 4 pJ/B)`"),
    "normal": ("normal", 1, "its standard deviation: `~ normal(10%)`"),
    "lognormal": ("lognormal", 1, "the factor of one standard deviation: `~ lognormal(2)`"),
}


def distribution_of(shop: Workshop, clauses: tree.Clauses, scope: Scope) -> Distribution | None:
    """What the clauses of an input say of its uncertainty, or None."""
    spread, shape = clauses.spread, clauses.distribution
    if spread is None and shape is None:
        return None

    def constant(node: tree.Expression) -> Formula:
        formula = formula_of(shop, node, scope)
        if not is_constant(formula):
            raise Fault("not-constant", "an uncertainty is made of constant values", formula.span)
        return formula

    width = constant(spread) if spread is not None else None
    if shape is None:
        assert spread is not None
        return Distribution(width, "", (), scope.span(spread.span))
    arguments = tuple(constant(node) for node in shape.arguments)
    place = scope.span(shape.span)
    if shape.kind == "one":
        return Distribution(width, "one of", arguments, place)
    if shape.kind not in _KINDS:
        known = [*_KINDS, "one of"]
        hint = nearest(shape.kind, known) or f"the distributions are {', '.join(known)}"
        raise Fault("unknown-name", f"there is no distribution `{shape.kind}`", scope.span(shape.kind_span), hint)
    kind, wanted, needs = _KINDS[shape.kind]
    if len(arguments) != wanted:
        raise Fault("wrong-argument", f"`{kind}` takes {wanted}, and this has {len(arguments)}", place, f"give {needs}")
    return Distribution(width, kind, arguments, place)


def refuse_uncertainty(shop: Workshop, node: tree.Declaration | tree.Defaults, scope: Scope) -> None:
    """Reports each uncertainty in a declaration where no input can stand: in columns, blocks and functions."""
    bodies: list[tuple[Sequence[object], str]] = []
    match node:
        case tree.Function():
            bodies.append(([node], "a function is none"))
        case tree.LayerKind() | tree.Defaults() | tree.Table():
            bodies.append((node.body, "a column is none"))
        case tree.Block() | tree.Schedule():
            bodies.append((node.body, "this is none"))
        case tree.Model():
            bodies += [(each.body, "a column is none") for each in node.body if isinstance(each, tree.Each)]
    for body, why in bodies:
        for item in body:
            if isinstance(item, tree.Cell | tree.Function):
                fault = no_uncertainty(item.clauses, scope, why)
                if fault is not None:
                    shop.report(fault)


def no_uncertainty(clauses: tree.Clauses, scope: Scope, why: str) -> Fault | None:
    """The fault of an uncertainty that has no meaning, when the clauses have one."""
    node = clauses.spread or clauses.distribution
    if node is None:
        return None
    return Fault(
        "no-input", f"only an input has an uncertainty, and {why}", scope.span(node.span), "give it to a `param`"
    )
