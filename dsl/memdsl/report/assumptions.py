"""What is taken for granted: models and their conventions in words, hardware, and every input with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..evaluate.show import show_distribution, unit_written
from ..presentation import Probe
from ..presentation.words import LABEL, NAME, SOURCE, cut, in_library, listed, plural
from ..sheet.formula import At, CellRef, Field, Formula
from ..sheet.input_keys import Entry
from ..sheet.operations import Value
from ..sheet.sheet import Bounds, Cell, Input, Instance, Quantity
from ..units import Unit
from .document import Block, Grid, Heading, Item, Items, Line, Live, Text, View
from .numbers import NONE, Form, apart, form, shown
from .portable.writing import shared_figure
from .subject import Subject

ASSUMED = "assumed"
_HOPS, _ALSO, _MOST_NAMES = 20, 48, 3


# ---- models ---------------------------------------------------------------------------------------------------------


def assumptions(subject: Subject) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if subject.models:
        blocks += [_conventions(subject), _models(subject)]
    hardware = [i for i in subject.sheet.instances.values() if i.kind == "hardware"]
    if hardware:
        blocks.append(_hardware(subject, hardware))
    return tuple(blocks)


def _conventions(subject: Subject) -> Items:
    """Each convention once, with the models that follow it."""
    found: dict[tuple[str, str], list[str]] = {}
    for runs in subject.runs:
        found.setdefault((runs.first.template, runs.first.label), []).append(cut(runs.name, NAME))
    items = []
    for (template, label), names in found.items():
        said = cut(label, 2 * LABEL) or "the spec does not say its convention in words"
        items.append(Item(f"{listed(names[:8])}{' …' if len(names) > 8 else ''}", f"by {cut(template, NAME)}: {said}."))
    return Items(tuple(items))


def _models(subject: Subject) -> Grid:
    arguments: dict[str, list[Cell]] = {}
    for cell in subject.sheet.cells.values():
        if cell.role == "argument":
            arguments.setdefault(cell.owner, []).append(cell)
    lines = []
    for runs in subject.runs:
        what = f"{plural(len(runs.models), 'run')}, one a row of {cut(runs.table, NAME)}" if runs.table else ""
        hardware = dict.fromkeys(name for model in runs.models for name in subject.hardware_of(model))
        lines.append(
            Line(
                (
                    cut(runs.name, NAME),
                    what or cut(runs.first.title, LABEL) or NONE,
                    _several([model.network or NONE for model in runs.models]),
                    _several(list(hardware)) or NONE,
                    _arguments(subject, [arguments.get(model.name, []) for model in runs.models]),
                )
            )
        )
    headings = (
        Heading("Model", "", "code", 17), Heading("What it is", width=25), Heading("Network", width=12),
        Heading("Hardware", width=12), Heading("Arguments", width=34),
    )  # fmt: skip
    return Grid("Models", headings, tuple(lines))


def _several(names: Sequence[str]) -> str:
    """Names, each once, as many as find room."""
    found = [cut(name, NAME) for name in dict.fromkeys(names)]
    return listed(found) if len(found) <= _MOST_NAMES else f"{', '.join(found[: _MOST_NAMES - 1])} and others"


def _arguments(subject: Subject, models: Sequence[Sequence[Cell]]) -> Text:
    """The arguments of a model, or of runs: what those do not share, each has of its own."""
    by_name = [{subject.short(cell): cell for cell in cells} for cells in models]
    shared = [name for name in by_name[0] if all(name in cells for cells in by_name)]
    return joined([(f"{name} =", _value(subject, [cells[name] for cells in by_name])) for name in shared])


def joined(parts: Sequence[tuple[str, Live]]) -> Text:
    """Names and values in a row, as many as a line of a table holds."""
    found: list[str | Live] = []
    length = 0
    for name, value in parts:
        length += len(name) + len(value.text) + 2
        if length > 2 * LABEL:
            found.append(" …")
            break
        found += [f"{', ' if found else ''}{f'{cut(name, NAME)} ' if name else ''}", value]
    return tuple(found) or NONE


def _value(subject: Subject, cells: Sequence[Cell]) -> Live:
    """An argument in the unit that its author wrote, through the cells that it was passed by."""
    unit = cells[0].shown or unit_behind(subject, cells[0].formula)
    return subject.live_of(
        [subject.reference(cell.id) for cell in cells], form(subject.typed, subject.typed.cell_types[cells[0].id], unit)
    )


def unit_behind(subject: Subject, formula: Formula) -> Unit | None:
    """The unit that a value was written in, however many cells and entries pass it on."""
    for _ in range(_HOPS):
        unit = unit_written(formula)
        if unit is not None:
            return unit
        if isinstance(formula, CellRef):
            cell = subject.sheet.cells[formula.cell]
            if cell.shown is not None:
                return cell.shown
            formula = cell.formula
        elif isinstance(formula, Field) and isinstance(formula.row, At):
            passed = subject.sheet.tables[formula.table].columns[formula.column].formulas[formula.row.index]
            if passed is None:
                return None
            formula = passed
        else:
            return None
    return None


# ---- hardware -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Figure:
    value: Value
    formula: Formula
    form: Form


@dataclass(frozen=True)
class _Part:
    """A memory, a unit, or a cell of a hardware, whose one figure has no name."""

    what: str
    figures: dict[str, _Figure]


def _hardware(subject: Subject, instances: Sequence[Instance]) -> Grid:
    """One line a memory or unit, and what the hardware computes of them; of others alike, one line of what differs."""
    alike: dict[tuple[str, str], list[Instance]] = {}
    for instance in instances:
        alike.setdefault((instance.template, instance.label), []).append(instance)
    lines: list[Line] = []
    for (_, label), (first, *others) in alike.items():
        name, parts = cut(first.name, NAME), _parts(subject, first)
        lines.append(Line((f"{name} · {cut(label, LABEL)}" if label else name,), group=True))
        for part, found in parts.items():
            told = {figure: said for figure, said in found.figures.items() if said.value != 0}
            lines.append(Line((part, found.what, _said(subject, told))))
        if others:
            lines.append(Line((f"Like {name}, but for what is said",), group=True))
        for other in others:
            different = _different(parts, _parts(subject, other))
            lines.append(Line((cut(other.name, NAME), "hardware", _said(subject, different))))
    return Grid(
        "Hardware",
        (Heading("Part", "", "code", 14), Heading("What it is", width=30), Heading("Figures", width=56)),
        tuple(lines),
    )


def _parts(subject: Subject, instance: Instance) -> dict[str, _Part]:
    found: dict[str, _Part] = {}
    for table in (subject.sheet.tables[name] for name in instance.tables):
        for index, row in enumerate(table.rows):
            figures: dict[str, _Figure] = {}
            for column in table.columns.values():
                kind = subject.typed.column_types[table.id, column.name]
                value = subject.values.column(table.id, column.name)[index]
                formula = column.formulas[index]
                if column.role != "structure" and value is not None and isinstance(kind, Quantity):
                    unit = unit_behind(subject, formula) if formula is not None else None
                    entry = subject.entry(table.id, column.name, index)
                    figures[cut(column.name, NAME)] = _Figure(value, entry, form(subject.typed, kind, unit))
            found[cut(row.name, NAME)] = _Part(cut(row.kind or table.label, 60), figures)
    for cell in subject.totals.get(instance.name, []):
        reference = subject.reference(cell.id)
        figure = _Figure(subject.values.cell(cell.id), reference, subject.form_of(reference, cell.shown))
        found[cut(subject.short(cell), NAME)] = _Part(cut(cell.label, 60), {"": figure})
    return found


def _different(first: Mapping[str, _Part], other: Mapping[str, _Part]) -> dict[str, _Figure]:
    """The figures of a hardware that are not those of the first of its kind."""
    found: dict[str, _Figure] = {}
    for name, part in other.items():
        known = first[name].figures if name in first else {}
        for figure, said in part.figures.items():
            if figure not in known or known[figure].value != said.value:
                found[f"{name} {figure}".strip()] = said
    return found


def _said(subject: Subject, figures: Mapping[str, _Figure]) -> Text:
    return joined([(name, subject.live_in(said.formula, said.form)) for name, said in figures.items()])


# ---- inputs ---------------------------------------------------------------------------------------------------------

_ROLES = {
    "param": "Parameters",
    "option": "Options: they decide the structure, and are fixed in this report",
    "cell": "Constants of the spec",
    "component": "Hardware",
    "argument": "Arguments of models",
    "entry": "Numbers of tables",
}


def inputs(subject: Subject) -> Grid | None:
    """Everything that a person may change, with its range and where its value comes from."""
    groups: dict[str, dict[tuple[str, bool, tuple[str, ...]], list[tuple[str, Input | None]]]]
    groups = {role: {} for role in _ROLES}
    changed = False
    unused = of_runs = 0
    runs = {model.name for runs in subject.runs if runs.table for model in runs.models}
    for item in subject.sheet.inputs.values():
        other = item.key in subject.values.overrides
        if item.role == "entry" and not other:
            continue  # the table itself shows them
        owner, name = _owner(subject, item)
        if item.key not in subject.reads.used and not other and item.role in ("component", "argument"):
            unused += 1
            continue
        if owner in runs and not other:
            of_runs += 1
            continue
        changed = changed or other
        groups[item.role].setdefault((name, other, _input(subject, item)), []).append((owner, item))
    for cell in subject.sheet.cells.values():
        if cell.role == "option":
            groups["option"][cell.id, False, _option(subject, cell)] = [("", None)]
    lines: list[Line] = []
    for role, found in groups.items():
        if found:
            lines.append(Line((_ROLES[role],), group=True))
        for (name, other, cells), owners in found.items():
            first = owners[0][0]
            path = f"{first}.{name}" if first else name
            number, unit, span, label, source = cells
            also = "; ".join(part for part in (label, _also([owner for owner, _ in owners[1:]])) if part)
            view = _view(subject, [item for _, item in owners if item is not None])
            texts = (cut(path, NAME), number, unit, span, also, source)
            lines.append(Line(texts, tone="changed" if other else "", view=view, start=1))
    if not lines:
        return None
    headings = (
        Heading("Input", "", "code", 20), Heading("Value", "", "number", 8), Heading("Unit", "", "word", 6),
        Heading("Range", width=20), Heading("What it is", width=24), Heading("Source", width=22),
    )  # fmt: skip
    note = "“assumed” marks a constant of the library that has no source."
    if unused:
        note += f" {unused} more that no figure of this report rests on are left out."
    if of_runs:
        note += f" {plural(of_runs, 'argument')} of the runs of crossed tables: in the workbook."
    if changed:
        note += " Lines in colour were changed for this report."
    return Grid("What may be changed, and where each value comes from", headings, tuple(lines), note)


def _view(subject: Subject, items: Sequence[Input]) -> View | None:
    """The value of an input, or of several that are equal here."""
    if not items:
        return None
    written = form(subject.typed, subject.input_type(items[0].key), subject.input_unit(items[0]), 9)
    return subject.views.add(shared_figure, written, [Probe(subject.read(item.key)) for item in items])


def _also(others: Sequence[str]) -> str:
    """Which other instances have the same input with the same value."""
    if not others:
        return ""
    said = listed([cut(other, NAME) for other in others])
    return f"also {said}" if len(said) <= _ALSO else f"also of {plural(len(others), 'other')}"


def _owner(subject: Subject, item: Input) -> tuple[str, str]:
    """The instance that an input belongs to, and its path inside it: equal inputs of several share a line."""
    owner = (
        subject.sheet.tables[item.key.table].owner
        if isinstance(item.key, Entry)
        else subject.sheet.cells[item.key].owner
    )
    return (owner, item.path[len(owner) + 1 :]) if owner and item.path.startswith(f"{owner}.") else ("", item.path)


def _input(subject: Subject, item: Input) -> tuple[str, ...]:
    unit = subject.input_unit(item)
    kind = subject.input_type(item.key)
    number, unit_text = apart(shown(subject.typed, subject.values.input(item.key), kind, unit, 9))
    source = cut(item.source, SOURCE)
    if not source and in_library(item.formula.span):
        source = ASSUMED
    admitted = (_range(subject, item.bounds, item.key, unit), show_distribution(item.distribution))
    said = "; ".join(part for part in admitted if part not in ("", NONE)) or NONE
    return number, unit_text, said, cut(item.label, LABEL), source or NONE


def _range(subject: Subject, bounds: Bounds | None, key: object, unit: Unit | None) -> str:
    if bounds is None:
        return NONE
    kind = subject.input_type(key)  # type: ignore[arg-type]

    def say(formula: object) -> str:
        value = subject.value(formula)  # type: ignore[arg-type]
        return shown(subject.typed, value, kind, unit_written(formula) or unit, 9)  # type: ignore[arg-type]

    if bounds.one_of:
        return cut("one of " + ", ".join(say(choice) for choice in bounds.one_of), LABEL)
    low, high = (say(f) if f is not None else "" for f in (bounds.low, bounds.high))
    if low and high and apart(low)[1] == apart(high)[1]:
        low = apart(low)[0]
    text = f"{low} to {high}" if low and high else f"from {low}" if low else f"to {high}" if high else ""
    step = f"multiple of {apart(say(bounds.multiple))[0]}" if bounds.multiple is not None else ""
    step = "whole" if bounds.whole and step == "multiple of 1" else step
    return "; ".join(part for part in (text, step) if part) or NONE


def _option(subject: Subject, cell: Cell) -> tuple[str, ...]:
    kind = subject.typed.cell_types[cell.id]
    number, unit = apart(shown(subject.typed, subject.values.cell(cell.id), kind, cell.shown, 9))
    choices = _range(subject, cell.bounds, cell.id, cell.shown)
    return number, unit, choices, cut(cell.label, LABEL), cut(cell.source, SOURCE) or NONE
