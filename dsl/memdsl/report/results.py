"""The results: figures of the spec, totals of the models side by side, and the tables that are not one row a layer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..evaluate.show import shown_unit, unit_written
from ..presentation import Probe
from ..presentation.runs import run_of
from ..presentation.words import LABEL, NAME, cut, listed
from ..sheet.formula import CellRef
from ..sheet.sheet import Cell, Instance, Quantity, Sheet, Table
from ..units import Unit
from .assumptions import unit_behind
from .document import Grid, Heading, Line
from .formulas import text
from .numbers import form
from .portable.writing import key_figure, row_cells
from .subject import Subject
from .tables import Given, grid

_SIDE_BY_SIDE = 6
"""So many models stand in one table of totals."""


def figures(subject: Subject) -> Grid | None:
    """The cells that the spec itself computes."""
    lines = []
    for cell in subject.totals.get("", []):
        reference = subject.reference(cell.id)
        written = subject.form_of(reference, cell.shown)
        number, unit = key_figure(written, [subject.values.cell(cell.id)])
        view = subject.views.add(key_figure, written, [Probe(reference)])
        cells = (cut(cell.id, NAME), number, unit, cut(cell.label, LABEL), text(cell.formula))
        lines.append(Line(cells, view=view, start=1))
    headings = (
        Heading("Cell", "", "code", 16), Heading("Value", "", "number", 9), Heading("Unit", "", "word", 7),
        Heading("What it is", width=28), Heading("Formula", "", "code", 40),
    )  # fmt: skip
    return Grid("Figures of the spec", headings, tuple(lines)) if lines else None


def totals(subject: Subject) -> list[Grid]:
    """Totals of the models by name, a column a model; models that share no name stand in tables of their own.

    Of many runs of a crossed table one speaks for all.
    """
    grids: list[Grid] = []
    every = [m for m in subject.models if subject.totals.get(m.name)]
    left = every if len(every) <= _SIDE_BY_SIDE else [m for m in subject.spokesmen if m in every]
    note = _left_out(subject, left)
    while left:
        names = _names(subject, left[0])
        alike = [m for m in left if names & _names(subject, m)]
        left = [m for m in left if m not in alike]
        for start in range(0, len(alike), _SIDE_BY_SIDE):
            grids.append(_totals(subject, alike[start : start + _SIDE_BY_SIDE]))
    if len(grids) > 1:  # two tables are told apart by what they are called
        grids = [replace(grid, caption=f"Totals of {listed([h.text for h in grid.headings[3:]])}") for grid in grids]
    return [*grids[:-1], replace(grids[-1], note=note)] if grids else []


def _left_out(subject: Subject, shown: Sequence[Instance]) -> str:
    """Where the runs are whose totals are not shown."""
    tables = [runs.table for runs in subject.runs if runs.table and any(m not in shown for m in runs.models)]
    if not tables:
        return ""
    names = listed([cut(name, NAME) for name in dict.fromkeys(tables)])
    return f"The runs of {names} are rows of their table; all their totals are in the workbook."


def _names(subject: Subject, model: Instance) -> set[str]:
    return {subject.short(c) for c in subject.totals[model.name]}


def _totals(subject: Subject, models: Sequence[Instance]) -> Grid:
    cells: dict[str, dict[str, Cell]] = {}
    for model in models:
        for cell in subject.totals[model.name]:
            cells.setdefault(subject.short(cell), {})[model.name] = cell
    lines = [_line(subject, name, [found.get(m.name) for m in models]) for name, found in cells.items()]
    names = _headings(subject.sheet, models)
    width = min(100, 53 + 14 * len(names))
    share = 100 / width
    headings = (
        Heading("Total", width=round(27 * share)), Heading("Cell", "", "code", round(18 * share)),
        Heading("Unit", "", "word", round(8 * share)),
        *(Heading(name, "", "number") for name in names),
    )  # fmt: skip
    caption = "Totals" if len(models) == 1 else "Totals of the models, side by side"
    return Grid(
        caption,
        headings,
        tuple(lines),
        wide=sum(max(_longest(n), 7) for n in names) > 66,
        width=width,
    )


def _headings(sheet: Sheet, models: Sequence[Instance]) -> list[str]:
    """The names of models; of those that a crossed table made, the names of its rows (`yolo/mid`)."""
    found = [run_of(sheet, model) for model in models]
    columns = {(run[0], run[2]) if run is not None else None for run in found}
    names = []
    for model, run in zip(models, found, strict=True):
        names.append(model.name if run is None else run[1] if len(columns) == 1 else f"{run[0]} {run[1]} {run[2]}")
    return [cut(name, 40).replace("/", "/ ") for name in names]


def _longest(name: str) -> int:
    return max(map(len, name.split()), default=0)


def _line(subject: Subject, name: str, cells: Sequence[Cell | None]) -> Line:
    first = next(c for c in cells if c is not None)
    kind = subject.typed.cell_types[first.id]
    written = form(subject.typed, kind, _unit(subject, first) if isinstance(kind, Quantity) else None)
    values = [subject.values.cell(c.id) if c is not None else None for c in cells]
    unit, *texts = row_cells(written, values)
    label, name = cut(first.label, 80), cut(name, NAME)
    if any(c is None for c in cells):
        return Line((label, name, unit, *texts))
    view = subject.views.add(row_cells, written, [Probe(subject.reference(c.id)) for c in cells if c is not None])
    return Line((label, name, unit, *texts), view=view, start=2)


def _unit(subject: Subject, cell: Cell) -> Unit | None:
    return cell.shown or shown_unit(subject.typed, CellRef(cell.span, cell.id)) or unit_behind(subject, cell.formula)


def other_tables(subject: Subject, asked: Collection[str]) -> list[Grid]:
    """Tables of the spec, and those of a model that have a row a memory or a group; not those asked for already."""
    main = {i.table for i in subject.sheet.instances.values()}
    untold = {m.name for m in subject.models} - {m.name for m in subject.spokesmen}
    grids = []
    for table in subject.sheet.tables.values():
        if table.id in asked or table.owner in untold:
            continue
        if table.role in ("literal", "crossed", "groups") or (table.role == "model" and table.id not in main):
            found = _table(subject, table)
            if found is not None:
                grids.append(found)
    return grids


def _table(subject: Subject, table: Table) -> Grid | None:
    columns = [
        Given(
            c.name,
            subject.typed.column_types[table.id, c.name],
            c.shown or next((u for f in c.formulas if f is not None and (u := unit_written(f)) is not None), None),
            subject.whole(table.id, c.name),
        )
        for c in table.columns.values()
        if c.role != "structure"
    ]
    return grid(subject, cut(table.id, NAME), [r.name for r in table.rows], columns) if columns and table.rows else None
