"""What a page sets beside each other as A and B: results at two states, two models, two chips, two rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..evaluate.show import unit_written
from ..js.program import Json
from ..presentation import Probe
from ..presentation.answer import main_cells
from ..presentation.defaults import defaults, headline
from ..presentation.words import LABEL, NAME, cut
from ..records import record
from ..sheet.formula import Formula
from ..sheet.sheet import Cell, Instance, Quantity, Table
from ..units import UNLIMITED
from .live import plain_json
from .numbers import form
from .portable.writing import Form
from .subject import Subject

_MOST_ITEMS, _MOST_LINES = 60, 40
_FIRST = ("dram_bytes", "time", "energy", "rate", "peak", "dram.bandwidth", "dram.capacity")
"""What is looked at first where models or chips are compared."""


@record
class _Line:
    """One figure of each item: its probe, or None where an item has no such figure."""

    label: str
    code: str
    form: Form
    probes: tuple[Probe | None, ...]


def comparison(subject: Subject) -> list[Json]:
    """What can be compared, each with its items and, a line a figure, where an item's figure is found.

    A line's `probes` are the numbers of probes, one an item; of the rows of a table it is one number, of a column.
    """
    found: list[Json] = [_subject(subject, "The results", [], _results(subject))]
    for kind, title in (("hardware", "Hardware"), ("model", "Models")):
        for alike in _alike(subject, kind):
            lines = _of_instances(subject, alike)
            names = [i.name.removeprefix("std.chips.") for i in alike]
            if len(alike) > 1 and lines:
                found.append(_subject(subject, title, names, lines))
    for table in subject.sheet.tables.values():
        if table.role in ("literal", "crossed") and len(table.rows) > 1 and not table.owner:
            found += _of_rows(subject, table)
    return found


def _subject(subject: Subject, title: str, names: Sequence[str], lines: Sequence[_Line]) -> Json:
    made: list[Json] = [
        {
            "label": cut(line.label, LABEL), "code": cut(line.code, NAME), "form": plain_json(line.form),
            "probes": [subject.views.number(probe) if probe is not None else None for probe in line.probes],
        }
        for line in lines
    ]  # fmt: skip
    return {"title": title, "items": [cut(name, NAME) for name in names], "lines": made}


def _results(subject: Subject) -> list[_Line]:
    """The large figures, the main totals, and whatever else the spec itself computes."""
    lead = defaults(subject).lead
    cells = [*headline(subject, lead), *(main_cells(subject, lead) if lead is not None else ())]
    cells += subject.totals.get("", [])
    return [_of_cell(subject, cell, cell.id) for cell in {cell.id: cell for cell in cells}.values()][:_MOST_LINES]


def _of_cell(subject: Subject, cell: Cell, code: str) -> _Line:
    reference = subject.reference(cell.id)
    return _Line(cell.label, code, subject.form_of(reference, cell.shown), (Probe(reference),))


def _alike(subject: Subject, kind: str) -> list[list[Instance]]:
    """The instances of a kind in groups that share figures."""
    left = [i for i in subject.sheet.instances.values() if i.kind == kind]
    names = {i.name: {name for name, *_ in _figures(subject, i)} for i in left}
    groups: list[list[Instance]] = []
    while left:
        alike = [i for i in left if names[left[0].name] & names[i.name]] or left[:1]
        left = [i for i in left if i not in alike]
        groups.append(alike[:_MOST_ITEMS])
    return groups


def _figures(subject: Subject, instance: Instance) -> Iterator[tuple[str, str, Formula, Form]]:
    """The computed cells of an instance and the numbers of its components, by their names inside it."""
    for cell in subject.totals.get(instance.name, []):
        reference = subject.reference(cell.id)
        yield subject.short(cell), cell.label, reference, subject.form_of(reference, cell.shown)
    if instance.kind != "hardware":
        return
    for name in instance.tables:
        table = subject.sheet.tables[name]
        for column in table.columns.values():
            kind = subject.typed.column_types[name, column.name]
            if not isinstance(kind, Quantity):
                continue
            for index, row in enumerate(table.rows):
                formula = column.formulas[index]
                if formula is None or _says_nothing(subject, name, column.name, index):
                    continue
                written = form(subject.typed, kind, unit_written(formula) or column.shown)
                read = subject.entry(name, column.name, index)
                yield f"{row.name}.{column.name}", f"{row.name}: {_lowered(column.label or column.name)}", read, written


def _lowered(label: str) -> str:
    """A label inside a line; its first word keeps its capital where it is an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def _says_nothing(subject: Subject, table: str, column: str, row: int) -> bool:
    """Whether an entry is the library's default: no limit, no cost."""
    value = subject.values.column(table, column)[row]
    return value is None or isinstance(value, (bool, str)) or value == 0 or abs(value) >= UNLIMITED / 10


def _of_instances(subject: Subject, instances: Sequence[Instance]) -> list[_Line]:
    known: dict[str, tuple[str, Form]] = {}
    probes: dict[str, dict[str, Probe]] = {}
    for instance in instances:
        for name, label, formula, written in _figures(subject, instance):
            known.setdefault(name, (label, written))
            probes.setdefault(name, {})[instance.name] = Probe(formula)
    shared = [name for name in known if len(probes[name]) > 1]
    shared.sort(key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    return [
        _Line(known[name][0], name, known[name][1], tuple(probes[name].get(i.name) for i in instances))
        for name in shared[:_MOST_LINES]
    ]


def _of_rows(subject: Subject, table: Table) -> list[Json]:
    """The rows of a table that the spec writes or crosses; one number a line is the column's probe."""
    lines: list[Json] = []
    for column in table.columns.values():
        kind = subject.typed.column_types[table.id, column.name]
        if column.role == "structure" or not isinstance(kind, Quantity):
            continue
        unit = column.shown or next((u for f in column.formulas if f and (u := unit_written(f))), None)
        number = subject.views.number(subject.whole(table.id, column.name))
        label = cut(column.label or column.name, LABEL)
        written = plain_json(form(subject.typed, kind, unit))
        lines.append({"label": label, "code": cut(column.name, NAME), "form": written, "probes": number})
    names: list[Json] = [cut(row.name, NAME) for row in table.rows]
    title = cut(f"{table.label} ({table.id})" if table.label else f"Table {table.id}", LABEL)
    return [{"title": title, "items": names, "lines": lines[:_MOST_LINES]}] if lines else []
