"""Tables of rows: the columns that an author asks for, and the columns of a layer table when he does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..evaluate.show import shown_unit
from ..sheet.operations import Value
from ..sheet.report import TableItem
from ..sheet.sheet import Column, Instance, Quantity, Table, Text, Truth, Type
from ..units import NONE as COUNT
from ..units import Unit
from .document import Grid, Heading, Line
from .numbers import NONE, column, size
from .subject import Subject, row_indices
from .words import NAME, cut, cut_middle

MOST_ROWS = 250
"""A table of more rows shows the largest ones; the workbook has them all."""
_DENSE = 30
_PORTRAIT = 130
"""About so many characters of the smallest face stand in a line of an upright page."""
_LINE = 100
"""The same for the size of the other tables."""
_NAME = 34

# The columns of a layer table that tell most, by the names that the library gives them, the first ones most of all.
_FIRST = ("dram_bytes", "out_bytes", "time", "work", "bound", "wgt_bytes", "energy", "intensity")
_MOST_COLUMNS = 8


def table(subject: Subject, item: TableItem) -> Grid:
    """The table that an author asks for."""
    source, rows = subject.sheet.tables[item.rows.table], row_indices(item.rows)
    columns = []
    for asked in item.columns:
        values = subject.over(asked.formula, item.row_variable, rows)
        unit = asked.unit or shown_unit(subject.typed, asked.formula)
        columns.append((asked.title, values, subject.typed.type_of(asked.formula), unit))
    named = any(asked.title == "name" for asked in item.columns)
    given = None if named else [source.rows[i].name for i in rows]
    return grid(subject, cut(item.title, NAME), given, columns)


Given = tuple[str, Sequence[Value | None], Type, Unit | None]


def grid(subject: Subject, caption: str, names: Sequence[str] | None, columns: Sequence[Given], note: str = "") -> Grid:
    """A table from columns of values; `names` stand first when they are given."""
    count = len(columns[0][1]) if columns else len(names or ())
    kept, cut_note = _kept(columns, count)
    headings: list[Heading] = []
    texts: list[tuple[str, ...]] = []
    if names is not None:
        headings.append(Heading("name", "", "text"))
        texts.append(tuple(cut_middle(names[i], _NAME) for i in kept))
    for title, values, kind, unit in columns:
        found = column(subject.typed, [values[i] for i in kept], kind, unit)
        headings.append(Heading(cut(title, 40), found.unit, "number" if found.numeric else "text"))
        texts.append(tuple(cut_middle(t, _NAME) for t in found.texts) if not found.numeric else found.texts)
    lines = tuple(Line(cells) for cells in zip(*texts, strict=True)) if texts else ()
    sizes = [_width(h, t) for h, t in zip(headings, texts, strict=True)]
    total = sum(sizes) or 1
    shares = [round(100 * size / total, 1) for size in sizes]
    headings = [replace(h, width=share) for h, share in zip(headings, shares, strict=True)]
    said = " ".join(n for n in (note, cut_note) if n)
    dense = count > _DENSE
    width = 100 if dense else min(100, max(30, round(100 * total / _LINE)))
    return Grid(caption, tuple(headings), lines, said, dense, total > _PORTRAIT, width)


def _width(heading: Heading, texts: Sequence[str]) -> int:
    words = max(len(word) for word in (*heading.text.replace("_", "_ ").split(), heading.unit, ""))
    return max(words, *(len(t) for t in texts), 0) + 2


def _kept(columns: Sequence[Given], count: int) -> tuple[Sequence[int], str]:
    """The rows that are shown: all, or those with the most of the last quantity that spreads."""
    if count <= MOST_ROWS:
        return range(count), ""
    weighed = [
        (title, values)
        for title, values, kind, _ in columns
        if isinstance(kind, Quantity) and any(kind.dimension or COUNT)
    ]
    if not weighed:
        return range(MOST_ROWS), f"The first {MOST_ROWS} of {count:,} rows; the workbook has them all."
    title, values = next((entry for entry in weighed if entry[0] in _FIRST[:1]), weighed[-1])
    order = sorted(range(count), key=lambda i: -size(values[i]))[:MOST_ROWS]
    return sorted(
        order
    ), f"The {MOST_ROWS} rows with the most {cut(title, 40)}, of {count:,}; the workbook has them all."


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
    for name in ("copies", "count", "weights"):
        if name in network.columns and _varies(subject, network, name):
            columns.append(_given(subject, network, name))
    names = [row.name for row in own.rows]
    made = None
    for most in range(_MOST_COLUMNS, 2, -1):
        told = [_given(subject, own, name) for name in _telling(subject, own, most)]
        made = grid(subject, f"{cut(model.name, 60)}, row by row", names, [*columns, *told])
        if not made.wide:
            break
    return made


def _given(subject: Subject, source: Table, name: str) -> Given:
    values = subject.values.column(source.id, name)
    return name, values, subject.typed.column_types[source.id, name], source.columns[name].shown


def _shape(subject: Subject, network: Table) -> Given | None:
    """The axes of each row as one text: `512 × 1,024 × 64`."""
    axes = [c for c in network.columns.values() if c.role == "axis"]
    if not axes:
        return None
    values = [subject.values.column(network.id, c.name) for c in axes]
    texts = [
        " × ".join(f"{v:,.0f}" for v in row if isinstance(v, (int, float))) or NONE for row in zip(*values, strict=True)
    ]
    return " × ".join(c.name for c in axes), texts, Text(), None


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
