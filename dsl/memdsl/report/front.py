"""The head of a report: the question, the answer in a few large figures, and how it stands."""

from __future__ import annotations

from ..evaluate.show import shown_unit
from ..presentation import Probe
from ..presentation.defaults import Defaults, headline
from ..presentation.words import NAME, SOURCE, TITLE, cut, plural, spec_name
from ..sheet.formula import CellRef
from .document import Key
from .numbers import shown
from .portable.writing import key_figure
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
        number, unit_text = key_figure(written, [subject.values.cell(cell.id)])
        view = subject.views.add(key_figure, written, [Probe(reference)])
        made.append(Key(number, unit_text, cut(cell.label, 64), cut(cell.id, NAME), view))
    return tuple(made)


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
