"""Formulas that are true or false: joined, and folded where they are known."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Span
from ..sheet.formula import Apply, Formula, Literal
from .formula_keys import formula_key

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
TRUTHS = COMPARISONS | {"and", "or", "not"}


def is_truth(formula: Formula) -> bool:
    if isinstance(formula, Literal):
        return isinstance(formula.value, bool)
    return isinstance(formula, Apply) and (formula.op in TRUTHS or (formula.op == "if" and is_truth(formula.args[1])))


def truth(span: Span, value: bool) -> Literal:
    return Literal(span, value, None, "true" if value else "false")


def joined(span: Span, op: str, parts: Iterable[Formula]) -> Formula:
    """Truths joined by `and` or `or`, those that are known left out, each said once."""
    distinct = {formula_key(part): part for part in parts}
    kept = [part for part in distinct.values() if known_truth(part) is not (op == "and")]
    if not kept:
        return truth(span, op == "and")
    if any(known_truth(part) is (op == "or") for part in kept):
        return truth(span, op == "or")
    result = kept[0]
    for part in kept[1:]:
        result = Apply(span, op, (result, part))
    return result


def known_truth(formula: Formula) -> bool | None:
    return formula.value if isinstance(formula, Literal) and isinstance(formula.value, bool) else None
