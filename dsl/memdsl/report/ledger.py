"""Claims, published against modelled, and every source that a figure of the report rests on."""

from __future__ import annotations

from ..evaluate import ClaimResult
from ..evaluate.show import show_claim_value, unit_written
from ..presentation import Probe
from ..presentation.words import LABEL, NAME, SOURCE, cut, in_library, listed, plural
from ..sheet.operations import Value
from ..sheet.sheet import Claim, Quantity
from ..units import format_number
from .document import Grid, Heading, Item, Items, Line
from .numbers import NONE, Form, apart, form, sign
from .portable.writing import ClaimAsk, claim_cells
from .subject import Subject

_VERDICTS = {"holds": "holds", "disputed": "disputed", "fails": "FAILS"}
_TONES = {"holds": "", "disputed": "disputed", "fails": "fails"}
_MOST_USES = 6
_MOST_ASSUMED = 60


def claims(subject: Subject) -> Grid | None:
    if not subject.claims:
        return None
    headings = (
        Heading("Claim", "", "code", 26), Heading("Published", "", "number", 15.5),
        Heading("Modelled", "", "number", 15.5),
        Heading("Difference", "", "number", 8.5), Heading("Here", "", "number", 15.5, live=True),
        Heading("Verdict", width=8),
        Heading("Source", width=26.5),
    )  # fmt: skip
    note = "Claims are judged at the inputs that the spec declares, or at their own."
    if subject.values.overrides:
        note += " This report was made at other inputs: its figures differ from the modelled ones here."
    return Grid(
        "Published against modelled", headings, tuple(_claim(subject, result) for result in subject.claims), note
    )


def _claim(subject: Subject, result: ClaimResult) -> Line:
    claim = result.claim
    name = cut(claim.text, LABEL) + (f" at {cut(claim.at_text, LABEL)}" if claim.at_text else "")
    source = cut(claim.source, SOURCE) or NONE
    if claim.disputed is not None:
        source += f". Disputed: {cut(claim.disputed, SOURCE)}"
    verdict, tone = _VERDICTS[result.status], _TONES[result.status]
    view, here = None, NONE
    if not claim.at:
        ask = ClaimAsk(_form(subject, claim), result.modelled, verdict)
        probe = Probe(claim.left)
        found = subject.values_of(probe)
        assert not isinstance(found, list)
        here = claim_cells(ask, [found])[0]
        view = subject.views.add(claim_cells, ask, [probe])
    cells = (
        name, _published(subject, result), _say(subject, result, result.modelled), _difference(result), here, verdict,
        source,
    )  # fmt: skip
    return Line(cells, tone=tone, view=view, start=4, verdict=verdict)


def _form(subject: Subject, claim: Claim) -> Form:
    """How the cell of a claim is written: in the unit of the published figure."""
    kind, unit = subject.typed.type_of(claim.left), unit_written(claim.right)
    fits = unit is not None and isinstance(kind, Quantity) and kind.dimension == unit.dimension
    return form(subject.typed, kind, unit if fits else None, 7 if fits else 5)


def _say(subject: Subject, result: ClaimResult, value: Value) -> str:
    text = show_claim_value(subject.typed, result.claim, value)
    if isinstance(value, (bool, str)):
        return cut(text, NAME)
    number, _, unit = text.partition(" ")
    return f"{number}\u00a0{sign(unit)}" if unit else number


def _published(subject: Subject, result: ClaimResult) -> str:
    op = result.claim.op
    said = _say(subject, result, result.published)
    if op == "in" and result.high is not None:
        high = _say(subject, result, result.high)
        low = apart(said)[0] if apart(said)[1] == apart(high)[1] else said
        return f"{low} to {high}"
    signs = {"<=": "≤ ", ">=": "≥ ", "!=": "≠ ", "<": "< ", ">": "> "}
    return signs.get(op, "") + said


def _difference(result: ClaimResult) -> str:
    if result.difference is None:
        return NONE
    if result.difference == 0:
        return "0"
    percent = result.difference * 100
    text = f"{percent:+.2g}" if abs(percent) < 100 else format_number(percent, 3)
    if "e" in text:
        text = "+<0.0001" if percent > 0 else "−<0.0001"
    return f"{text}\u00a0%".replace("-", "−")


# ---- sources --------------------------------------------------------------------------------------------------------


def sources(subject: Subject) -> Items | None:
    """Each work once (what a source says before its colon), and what rests on it."""
    uses: dict[str, dict[str, None]] = {}

    def add(source: str, use: str) -> None:
        work = cut(source, SOURCE).partition(": ")[0]
        if work:
            uses.setdefault(work, {})[cut(use, NAME)] = None

    for result in subject.claims:
        add(result.claim.source, result.claim.text)
    for item in subject.sheet.inputs.values():
        if item.role != "entry":
            add(item.source, item.path)
    for cell in subject.sheet.cells.values():
        if cell.id not in subject.sheet.inputs:
            add(cell.source, cell.id)
    for table in subject.sheet.tables.values():
        if table.role != "components":
            for column in table.columns.values():
                for source in dict.fromkeys(column.sources):
                    add(source, f"{table.id}.{column.name}")
    items = [Item(work, _uses(list(names))) for work, names in uses.items()]
    assumed = _assumed(subject)
    if assumed:
        items.append(Item("No source, assumed by the library", assumed))
    return Items(tuple(items)) if items else None


def _assumed(subject: Subject) -> str:
    """Constants of the library that no source stands behind; what several hardwares have is named once."""
    owners: dict[str, list[str]] = {}
    for item in subject.sheet.inputs.values():
        unsourced = item.role == "component" and not item.source and in_library(item.formula.span)
        if unsourced and item.key in subject.reads.used:
            owner, _, name = item.path.partition(".")
            owners.setdefault(cut(name, NAME), []).append(cut(owner, NAME))
    names: dict[str, list[str]] = {}
    for name, found in owners.items():
        of = listed(found) if len(found) <= _MOST_USES else f"{found[0]} and {plural(len(found) - 1, 'other')}"
        names.setdefault(of, []).append(name)
    return "; ".join(f"{', '.join(found[:_MOST_ASSUMED])} of {of}" for of, found in names.items())


def _uses(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_USES])
    return shown if len(names) <= _MOST_USES else f"{shown} and {plural(len(names) - _MOST_USES, 'other')}"
