"""Tables of rows: the columns that an author asks for, and the columns of a layer table when he does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..evaluate.show import shown_unit
from ..presentation import Probe
from ..presentation.copies import COPIES, adds
from ..presentation.point import row_indices
from ..presentation.words import LABEL, NAME, cut, cut_middle
from ..sheet.formula import Field
from ..sheet.operations import Value
from ..sheet.report import TableItem
from ..sheet.sheet import Column, Instance, Quantity, Table, Text, Truth, Type
from ..units import NONE as COUNT
from ..units import Unit
from .document import Grid, Heading, Line, View
from .numbers import Texts, form, size
from .portable.writing import TotalAsk, column_texts, shape_texts, totalled_texts
from .subject import Subject

MOST_ROWS = 250
"""A table of more rows shows the largest ones; the workbook has them all."""
_DENSE = 30
_PORTRAIT = 130
"""About so many characters of the smallest face stand in a line of an upright page."""
_LINE = 100
"""The same for the size of the other tables."""
_NAME = 34
TOTAL = "total"

# The columns of a layer table that tell most, by the names that the library gives them, the first ones most of all.
_FIRST = ("dram_bytes", "out_bytes", "time", "work", "bound", "wgt_bytes", "energy", "intensity")
_MOST_COLUMNS = 8


@dataclass(frozen=True)
class Given:
    """A column to show: its heading, type, the unit that its author chose, and where its values come from.

    `axes` are several columns whose values make one text. With `adds`, its values have a total.
    """

    title: str
    kind: Type
    unit: Unit | None
    probe: Probe
    axes: tuple[Probe, ...] = ()
    adds: bool = False


def table(subject: Subject, item: TableItem) -> Grid:
    """The table that an author asks for."""
    source, rows = subject.sheet.tables[item.rows.table], row_indices(item.rows)
    columns = []
    for asked in item.columns:
        unit = asked.unit or shown_unit(subject.typed, asked.formula)
        probe = Probe(asked.formula, item.row_variable, rows)
        total = adds(asked.formula, subject.summed)
        columns.append(Given(asked.title, subject.typed.type_of(asked.formula), unit, probe, (), total))
    named = any(asked.title == "name" for asked in item.columns)
    given = None if named else [source.rows[i].name for i in rows]
    caption = cut(item.title, NAME)
    if source.role in ("literal", "crossed") and source.label:
        caption += f": {cut(source.label, LABEL)}"
    copies = subject.copies(source.id, rows)
    shows = any(isinstance(asked.formula, Field) and asked.formula.column == COPIES for asked in item.columns)
    if copies is not None and not shows:
        columns.insert(1 if named else 0, Given(COPIES, Quantity(COUNT), None, copies))
    return grid(subject, caption, given, columns, copies=copies)


def grid(
    subject: Subject,
    caption: str,
    names: Sequence[str] | None,
    columns: Sequence[Given],
    note: str = "",
    copies: Probe | None = None,
) -> Grid:
    """A table from columns of values; `names` stand first when they are given.

    Columns that add up have a total at the foot, in which a row counts as often as `copies` says.
    """
    values = [_values(subject, given.probe) for given in columns]
    count = len(values[0]) if columns else len(names or ())
    kept, cut_note = _kept(columns, values, count)
    totalled = count > 1 and len(kept) == count and any(given.adds for given in columns)
    headings: list[Heading] = []
    texts: list[tuple[str, ...]] = []
    views: list[tuple[int, View]] = []
    if names is not None:
        headings.append(Heading("name", "", "text"))
        texts.append((*(cut_middle(names[i], _NAME) for i in kept), *((TOTAL,) if totalled else ())))
    for given in columns:
        written = form(subject.typed, given.kind, given.unit)
        probes = [_of(probe, kept) for probe in given.axes or (given.probe,)]
        draw: Callable[..., Texts] = shape_texts if given.axes else column_texts
        ask: object = written
        if totalled and not given.axes:
            foot = TOTAL if names is None and given is columns[0] else ""
            draw, ask = totalled_texts, TotalAsk(written, given.adds, copies is not None and given.adds, foot)
            probes = [copies, *probes] if copies is not None and given.adds else probes
        found = draw(ask, [_values(subject, probe) for probe in probes])
        views.append((len(headings), subject.views.add(draw, ask, probes)))
        headings.append(Heading(cut(given.title, 40), found.unit, "number" if found.numeric else "text"))
        told = found.texts if found.numeric else tuple(cut_middle(t, _NAME) for t in found.texts)
        texts.append((*told, "") if totalled and given.axes else told)
    if totalled and texts[0][-1] == "":
        texts[0] = (*texts[0][:-1], TOTAL)
    cells = list(zip(*texts, strict=True)) if texts else []
    lines = tuple(Line(c, tone="total" if totalled and k == len(cells) - 1 else "") for k, c in enumerate(cells))
    sizes = [_width(h, t) for h, t in zip(headings, texts, strict=True)]
    total = sum(sizes) or 1
    shares = [round(100 * size / total, 1) for size in sizes]
    headings = [replace(h, width=share) for h, share in zip(headings, shares, strict=True)]
    said = " ".join(n for n in (note, cut_note) if n)
    dense = count > _DENSE or total > _LINE
    width = 100 if dense else min(100, max(30, round(100 * total / _LINE)))
    return Grid(caption, tuple(headings), lines, said, dense, total > _PORTRAIT, width, tuple(views))


def _values(subject: Subject, probe: Probe) -> Sequence[Value | None]:
    found = subject.values_of(probe)
    assert isinstance(found, list)
    return found


def _of(probe: Probe, kept: Sequence[int]) -> Probe:
    """A column of some of its rows."""
    assert probe.rows is not None
    return probe if len(kept) == len(probe.rows) else replace(probe, rows=tuple(probe.rows[k] for k in kept))


def _width(heading: Heading, texts: Sequence[str]) -> int:
    words = max(len(word) for word in (*heading.text.replace("_", "_ ").split(), heading.unit, ""))
    return max(words, *(len(t) for t in texts), 0) + 2


def _kept(columns: Sequence[Given], values: Sequence[Sequence[Value | None]], count: int) -> tuple[Sequence[int], str]:
    """The rows that are shown: all, or those with the most of the last quantity that spreads."""
    if count <= MOST_ROWS:
        return range(count), ""
    weighed = [
        (given.title, column)
        for given, column in zip(columns, values, strict=True)
        if isinstance(given.kind, Quantity) and any(given.kind.dimension or COUNT)
    ]
    if not weighed:
        return range(MOST_ROWS), f"The first {MOST_ROWS} of {count:,} rows; the workbook has them all."
    title, most = next((entry for entry in weighed if entry[0] in _FIRST[:1]), weighed[-1])
    order = sorted(range(count), key=lambda i: -size(most[i]))[:MOST_ROWS]
    note = f"The {MOST_ROWS} rows with the most {cut(title, 40)}, of {count:,}; the workbook has them all."
    return sorted(order), note


# ---- a layer table nobody asked for ---------------------------------------------------------------------------------


def layer_table(subject: Subject, model: Instance) -> Grid | None:
    """The rows of a model: shape, weights and the columns that tell most."""
    if model.table is None:
        return None
    own = subject.sheet.tables[model.table]
    network = subject.sheet.tables[own.parent] if own.parent is not None else own
    columns: list[Given] = [_given(subject, network, "kind")] if "kind" in network.columns else []
    shape = _shape(subject, network)
    if shape is not None:
        columns.append(shape)
    for name in (COPIES, "count", "weights"):
        if name in network.columns and (name == COPIES or _varies(subject, network, name)):
            columns.append(_given(subject, network, name))
    names = [row.name for row in own.rows]
    copies = subject.copies(own.id)
    made = None
    for most in range(_MOST_COLUMNS, 2, -1):
        told = [_given(subject, own, name) for name in _telling(subject, own, most)]
        made = grid(subject, f"{cut(model.name, 60)}, row by row", names, [*columns, *told], copies=copies)
        if not made.wide:
            break
    return made


def _given(subject: Subject, source: Table, name: str) -> Given:
    kind, column = subject.typed.column_types[source.id, name], source.columns[name]
    total = (source.id, name) in subject.summed
    return Given(name, kind, column.shown, subject.whole(source.id, name), (), total)


def _shape(subject: Subject, network: Table) -> Given | None:
    """The axes of each row as one text: `512 × 1,024 × 64`."""
    axes = [c.name for c in network.columns.values() if c.role == "axis"]
    if not axes:
        return None
    probes = tuple(subject.whole(network.id, name) for name in axes)
    return Given(" × ".join(axes), Text(), None, probes[0], probes)


def _varies(subject: Subject, source: Table, name: str) -> bool:
    values = {v for v in subject.values.column(source.id, name) if v is not None}
    return len(values) > 1


def _telling(subject: Subject, own: Table, most: int) -> list[str]:
    """Which columns of a model to show: those known to tell most, then the others in the order of the spec."""

    def shows(found: Column) -> bool:
        kind = subject.typed.column_types[own.id, found.name]
        return found.role == "column" and isinstance(kind, (Quantity, Text, Truth))

    names = [c.name for c in own.columns.values() if shows(c)]
    first = [name for name in _FIRST if name in names]
    chosen = set((first if len(first) >= 4 else first + [n for n in names if n not in first])[:most])
    return [name for name in names if name in chosen]
