"""Claims: whether the model reproduces the published figures, at the values the spec declares."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal as OneOf

from ..diagnostics import Note, Problems
from ..records import record
from ..sheet.formula import is_share
from ..sheet.operations import OPERATIONS, Value
from ..sheet.sheet import Claim, Quantity, TypedSheet
from ..units import NONE
from .machine import Machine, Values
from .refused import broken
from .show import show_claim_value

Status = OneOf["holds", "disputed", "fails"]

EXACT = 1e-9
"""A claim without `within` holds to this relative difference: rounding of the arithmetic, nothing more."""


@record
class ClaimResult:
    """A claim judged. Numbers are in base units; `difference` is relative for an equality, else None."""

    claim: Claim
    published: Value
    high: Value | None
    modelled: Value
    difference: float | None
    tolerance: float | None
    status: Status

    @property
    def sound(self) -> bool:
        """Whether the model has a value: one without it fails, and its figures are NaN."""
        return self.modelled == self.modelled


def judge_claims(typed: TypedSheet, machine: Machine, problems: Problems, *, quiet: bool = False) -> list[ClaimResult]:
    """Every claim of the spec; a failing one, or a disputed one that holds, is an error.

    `quiet`: faults of the spec leave values unknown, and a claim on them is no fault of its own.
    """
    results, told = [], problems.failed or quiet
    for claim in typed.sheet.claims:
        own = Problems()
        unknown = ClaimResult(claim, _published(claim, machine), None, math.nan, None, None, "fails")
        try:
            settings = {key: machine.declared(problems).formula(formula) for key, formula in claim.at}
        except (ArithmeticError, ValueError, TypeError):  # told where settings are held against their ranges
            results.append(unknown)
            continue
        try:
            values = machine.at(settings, own)
            result = _judge(claim, machine, values)
        except (ArithmeticError, ValueError, TypeError) as error:
            why = tuple(Note(fault.message, fault.span) for fault in own.found[:1]) or (Note(str(error)),)
            if not quiet:
                problems.error("claim-fails", f"`{claim.text}`: the model has no value here", claim.span, notes=why)
            results.append(unknown)
            continue
        refusal = broken(typed, values) if settings else None
        if refusal is not None:
            if not told:  # a value out of its range was
                what = refusal.message or "a requirement does not hold"
                message = f"`{claim.text}`: the spec refuses the point after `at`: {what}"
                problems.error("claim-fails", message, claim.span, notes=(Note("required here", refusal.span),))
            results.append(replace(result, status="fails"))
            continue
        results.append(result)
        _report(typed, result, problems)
    return results


def _published(claim: Claim, machine: Machine) -> Value:
    """What a claim says that the model should give; NaN where that has no value either."""
    try:
        return machine.declared(Problems()).formula(claim.right)
    except (ArithmeticError, ValueError, TypeError):
        return math.nan


def _judge(claim: Claim, machine: Machine, values: Values) -> ClaimResult:
    modelled = values.formula(claim.left)
    published = values.formula(claim.right)
    high = values.formula(claim.high) if claim.high is not None else None
    difference: float | None = None
    tolerance: float | None = None
    if claim.op == "in":
        assert high is not None
        holds = float(published) <= float(modelled) <= float(high)
    elif claim.op in ("=", "==") and isinstance(modelled, (int, float)) and not isinstance(modelled, bool):
        wanted = float(published)
        gap = modelled - wanted
        scale = abs(wanted) if wanted else 1.0
        difference = gap / scale
        tolerance = EXACT
        if claim.within is not None:
            within = float(values.formula(claim.within))
            tolerance = within if _is_share(machine.typed, claim) else within / scale
        holds = abs(difference) <= tolerance * (1 + 1e-12)
    else:
        op = "==" if claim.op == "=" else claim.op
        holds = bool(OPERATIONS[op].number(modelled, published))
    status: Status = "disputed" if claim.disputed is not None else "holds" if holds else "fails"
    if claim.disputed is not None and holds:
        status = "fails"
    return ClaimResult(claim, published, high, modelled, difference, tolerance, status)


def _is_share(typed: TypedSheet, claim: Claim) -> bool:
    """Whether a tolerance is a share of the published figure (`1%`) or a quantity like it (`0.1 MB`, `0.5`)."""
    assert claim.within is not None
    if is_share(claim.within):
        return True
    kind = typed.type_of(claim.within)
    return isinstance(kind, Quantity) and kind.dimension == NONE and typed.type_of(claim.left) != kind


def _report(typed: TypedSheet, result: ClaimResult, problems: Problems) -> None:
    claim = result.claim
    if result.status != "fails":
        return
    modelled = show_claim_value(typed, claim, result.modelled)
    published = show_claim_value(typed, claim, result.published)
    if claim.disputed is not None:
        problems.error(
            "disputed-holds",
            f"this claim is disputed, and the model gives {modelled}, as published",
            claim.span,
            "leave `disputed` out",
        )
        return
    if claim.op == "in" and result.high is not None:
        wanted = f"in {published}..{show_claim_value(typed, claim, result.high)}"
    else:
        wanted = f"{'' if claim.op in ('=', '==') else claim.op + ' '}{published}"
    gap = "" if result.difference is None else f", {result.difference * 100:+.3g} %"
    problems.error(
        "claim-fails",
        f"`{claim.text}`: published {wanted}, modelled {modelled}{gap}",
        claim.span,
        notes=(Note(f"from {claim.source}"),) if claim.source else (),
    )
