"""Stages of a network: rows whose names begin alike (`s2.residual[1].conv[2]`), folded together and summed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openpyxl.worksheet.properties import Outline

from ..evaluate import Values
from ..sheet.formula import Field, Formula, Reduce, Rows, walk
from ..sheet.operations import Value
from ..sheet.sheet import Instance, Sheet, Table
from .names import letter
from .style import Look
from .tables import TableBlock, base_look

DEEPEST = 3
"""Levels of folding."""
OF_NETWORKS = ("weights", "macs")
"""What the layers of a network add up to, in the words of the library."""


def stage_of(name: str) -> str:
    """The part of a network that a row stands in: `s2` of `s2.residual[1].add`."""
    return name.partition(".")[0]


def stages_of(table: Table) -> dict[str, list[int]]:
    """The rows of each stage, in order; none where every row would be a stage of its own."""
    found: dict[str, list[int]] = {}
    for i, row in enumerate(table.rows):
        found.setdefault(stage_of(row.name), []).append(i)
    same_in_excel = len({name.casefold() for name in found}) < len(found)
    return {} if same_in_excel or not 1 < len(found) < len(table.rows) else found


def levels(names: Sequence[str]) -> list[int]:
    """How deep each row folds. The first row of a stage, or of a block in it, stays in sight above what it folds."""
    paths = [name.split(".") for name in names]
    found = [0] * len(names)
    outer: set[tuple[int, int]] = {(0, len(names))}
    for depth in range(1, DEEPEST + 1):
        runs: set[tuple[int, int]] = set()
        start = 0
        for i in range(1, len(paths) + 1):
            if i < len(paths) and len(paths[i]) > depth and paths[i][:depth] == paths[start][:depth]:
                continue
            if i - start > 1 and len(paths[start]) > depth:
                runs.add((start, i))
            start = i
        for start, end in runs - outer:
            for i in range(start + 1, end):
                found[i] += 1
        outer |= runs
    return found


def summed_columns(sheet: Sheet, instance: Instance, table: Table) -> list[str]:
    """Columns that add up: those that a total of the instance sums over rows."""
    if instance.kind == "network":
        return [name for name in OF_NETWORKS if name in table.columns]
    found: set[str] = set()
    for cell in sheet.cells.values():
        if cell.owner == instance.name:
            found |= {part for formula in walk(cell.formula) for part in _summed(formula, table)}
    return [name for name in table.columns if name in found]


def _summed(formula: Formula, table: Table) -> Sequence[str]:
    """The column that an aggregate sums over all layers."""
    if (
        not isinstance(formula, Reduce)
        or formula.op != "sum"
        or formula.weight is not None
        or formula.where is not None
    ):
        return ()
    body, rows = formula.body, formula.rows
    if not isinstance(body, Field) or body.table != table.id or body.row != formula.var or not isinstance(rows, Rows):
        return ()
    layers = {i for i, row in enumerate(table.rows) if row.role == "layer"}
    return (body.column,) if layers <= set(rows.indices) else ()


@dataclass
class StageBlock:
    """What the columns that add up come to in each stage, below the table and in its columns."""

    block: TableBlock
    stages: dict[str, list[int]]
    columns: Sequence[str]
    top: int

    @property
    def end(self) -> int:
        """The first row below the block."""
        return self.top + 2 + len(self.stages)

    def write(self) -> None:
        page, block = self.block.page, self.block
        page.text(self.top, 1, "Totals by stage", Look("block"))
        shown = {s.column: (s, at) for s, at in block.positions.items() if s.table == block.table.id}
        stage, rows = letter(block.text_positions[0]), (block.first, block.end - 1)
        listed = list(enumerate([*self.stages.items(), ("all rows", [])], self.top + 1))
        for row, (name, _) in listed:
            page.text(row, 1, name, Look("name" if row < listed[-1][0] else "heading"))
        for name in self.columns:
            of, at = shown[name]
            area, stages = (f"{column}${rows[0]}:{column}${rows[1]}" for column in (letter(at), f"${stage}"))
            values = block.book.declared.column(of.table, of.column)
            look = base_look(block.kind(of), values, block.book.sheet.tables[of.table].columns[of.column].shown)
            for row, (_, members) in listed:
                text = f"SUMIF({stages},$A{row},{area})" if members else f"SUM({area})"
                kind = look if members else replace(look, kind="result")
                page.formula(row, at, text, StageSum(of.table, of.column, tuple(members)), kind)


@dataclass(frozen=True)
class StageSum:
    """The sum of a column over some rows, over all without any."""

    table: str
    column: str
    rows: tuple[int, ...]

    def __call__(self, values: Values) -> Value:
        column = values.column(self.table, self.column)
        return float(sum(float(column[i] or 0) for i in self.rows or range(len(column))))


def fold(block: TableBlock) -> None:
    """Outlines the rows of a block by stage."""
    found = levels([row.name for row in block.table.rows])
    if any(found):
        worksheet = block.page.worksheet
        block.band.levels = found
        worksheet.sheet_properties.outlinePr = Outline(summaryBelow=False)
        worksheet.sheet_format.outlineLevelRow = max(found)
