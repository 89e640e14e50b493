"""`memdsl check`: diagnostics and the ledger of claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..diagnostics import Diagnostic
from ..evaluate import ClaimResult
from ..evaluate.show import show_claim_value
from ..render import to_json
from ..sheet.sheet import TypedSheet
from .common import Chosen, counted, load, paths, plain, say

_WORDS = {"holds": "holds   ", "disputed": "disputed", "fails": "FAILS   "}


def run(specs: Sequence[str], form: str) -> int:
    found: list[Diagnostic] = []
    claims: list[dict[str, object]] = []
    judged: list[ClaimResult] = []
    for spec in paths(specs):
        model = load(spec, Chosen())
        if isinstance(model, Diagnostic):
            found.append(model)
            if form == "text":
                say([model])
            continue
        results = model.claims
        for result in results:
            judged.append(result)
            claims.append({"spec": spec, **as_json(model.typed, result)})
        found += model.diagnostics
        if form == "text":
            if len(specs) > 1 or specs[0] != spec:
                print(spec)
            for result in results:
                print(line(model.typed, result))
            say(model.problems)
    if form == "json":
        import json  # text does not wait for it

        print(json.dumps({"diagnostics": [to_json(d) for d in found], "claims": claims}, indent=2))
    elif claims or not any(d.severity == "error" for d in found):
        print(tally(judged, found))
    return 1 if any(d.severity == "error" for d in found) else 0


def tally(results: Sequence[ClaimResult], found: Iterable[Diagnostic]) -> str:
    """`3 holding, 0 disputed, 1 failing, 2 errors`: errors are what is wrong beside the claims."""
    counts = [sum(result.status == status for result in results) for status in _WORDS]
    parts = [f"{n} {word}" for n, word in zip(counts, ("holding", "disputed", "failing"), strict=True)]
    errors = sum(d.severity == "error" and d.code != "claim-fails" for d in found)
    return ", ".join(parts + ([counted(errors)] if errors else []))


def line(typed: TypedSheet, result: ClaimResult) -> str:
    """`holds     naive.weight_bytes = 61.9 MB   modelled 61.89578 MB   -0.0068 %   (Follow The Memory)`."""
    claim = result.claim
    op = "=" if claim.op == "==" else claim.op
    wanted = f"{claim.text} {op} {show_claim_value(typed, claim, result.published)}"
    if result.high is not None:
        wanted += f"..{show_claim_value(typed, claim, result.high)}"
    if claim.at_text:
        wanted += f" at {claim.at_text}"
    parts = [f"{_WORDS[result.status]}  {wanted}", f"modelled {show_claim_value(typed, claim, result.modelled)}"]
    if result.difference is not None:
        parts.append(f"{result.difference * 100:+.3g} %" if result.difference else "exact")
    if claim.source:
        parts.append(f"({claim.source})")
    if claim.disputed:
        parts.append(f"— {claim.disputed}")
    return "   ".join(parts)


def as_json(typed: TypedSheet, result: ClaimResult) -> dict[str, object]:
    kind = typed.type_of(result.claim.left)
    published: object = plain(typed, result.published, kind)
    if result.high is not None:
        published = [published, plain(typed, result.high, kind)]
    return {
        "cell": result.claim.text,
        "op": result.claim.op,
        "published": published,
        "modelled": plain(typed, result.modelled, kind),
        "difference": result.difference,
        "tolerance": result.tolerance,
        "status": result.status,
        "source": result.claim.source,
        "at": result.claim.at_text,
        "disputed": result.claim.disputed,
    }
