"""The head of a report: the question, the answer in a few large figures, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence

from ..evaluate.show import shown_unit
from ..presentation import Probe
from ..presentation.answer import main_cells
from ..presentation.defaults import Defaults, headline
from ..presentation.words import NAME, SOURCE, TITLE, cut, plural, spec_name
from ..sheet.formula import CellRef
from ..sheet.sheet import Cell
from .document import Key, Live, Text
from .numbers import shown
from .portable.writing import KeyAsk, key_cells
from .subject import Subject

_MOST_CHANGES = 12


def title(subject: Subject) -> str:
    return cut(subject.sheet.title, TITLE) or spec_name(cut(subject.sheet.source.name, TITLE))


def spec(subject: Subject) -> str:
    return spec_name(cut(subject.sheet.source.name, SOURCE))


def keys(subject: Subject, found: Defaults) -> tuple[Key, ...]:
    """The large figures."""
    made = []
    for cell in headline(subject, found.lead):
        unit = cell.shown or shown_unit(subject.typed, CellRef(cell.span, cell.id))
        reference = subject.reference(cell.id)
        written = subject.form_of(reference, unit)
        ask = KeyAsk(written, subject.declared.cell(cell.id))
        number, unit_text, was = key_cells(ask, [subject.values.cell(cell.id)])
        view = subject.views.add(key_cells, ask, [Probe(reference)])
        made.append(Key(number, unit_text, cut(cell.label, 64), cut(cell.id, NAME), view, was))
    return tuple(made)


def answer(subject: Subject, found: Defaults) -> Text:
    """One sentence of the results: what a pass of the leading model moves, takes and spends, and what rests on it."""
    cells = main_cells(subject, found.lead) if found.lead is not None else []
    if found.lead is None or not cells:
        return ""
    parts: list[str | Live] = [f"{cut(found.lead.title or found.lead.name, 80)}: "]
    for k, cell in enumerate(cells):
        parts.append(", " if 0 < k < len(cells) - 1 else " and " if k else "")
        parts += [subject.live(subject.reference(cell.id), cell.shown, 3), _OF.get(subject.short(cell), "")]
    assumed = _assumed(subject, cells)
    parts.append(f" for one pass. {assumed}".rstrip())
    return tuple(part for part in parts if part)


_OF = {"dram_bytes": " of DRAM traffic", "time": "", "energy": ""}


def _assumed(subject: Subject, cells: Sequence[Cell]) -> str:
    """Which of the sentence's figures rest on inputs that have no source."""
    reached = subject.reads.inputs_of(*(cell.formula for cell in cells))
    bare = [i for i in subject.sheet.inputs.values() if i.role == "component" and i.key in reached and not i.source]
    return (
        f"They rest on {plural(len(bare), 'figure')} of the hardware that {'is' if len(bare) == 1 else 'are'} assumed."
        if bare
        else ""
    )


def facts(subject: Subject) -> tuple[str, ...]:
    """Lines under the title: inputs set otherwise than declared, and how the claims stand."""
    return tuple(line for line in (_changed(subject), _verdict(subject)) if line)


def _changed(subject: Subject) -> str:
    declared = subject.declared
    changed = []
    for key, value in subject.values.overrides.items():
        kind, item = subject.input_type(key), subject.by_key.get(key)
        unit = subject.input_unit(item) if item is not None else None
        changed.append(
            f"{cut(subject.path(key), 60)} = {shown(subject.typed, value, kind, unit)} "
            f"(declared {shown(subject.typed, declared.input(key), kind, unit)})"
        )
    more = f" and {len(changed) - _MOST_CHANGES} more" if len(changed) > _MOST_CHANGES else ""
    return f"Inputs changed for this report: {'; '.join(changed[:_MOST_CHANGES])}{more}" if changed else ""


def _verdict(subject: Subject) -> str:
    count = {status: sum(1 for c in subject.claims if c.status == status) for status in ("holds", "disputed", "fails")}
    if not subject.claims:
        return ""
    parts = [f"{count['holds']:,} hold"]
    if count["disputed"]:
        parts.append(f"{count['disputed']:,} disputed, each with its reason")
    if count["fails"]:
        parts.append(f"{count['fails']:,} FAIL")
    return f"{plural(len(subject.claims), 'published figure')} checked: {', '.join(parts)}"


def colophon(subject: Subject, command: str, version: str, day: str, digest: str) -> tuple[str, ...]:
    """How to make this report again."""
    made = f"Made by memdsl {cut(version, 40)}" if version else "Made by memdsl"
    lines = [f"{made} on {day} from {spec(subject)}, SHA-256 {digest}."]
    if command:
        lines.append(cut(command, 400))
    return tuple(lines)
