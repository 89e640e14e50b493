"""Stages of a network: rows whose names begin alike (`s2.residual[1].conv[2]`), folded together and summed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openpyxl.worksheet.properties import Outline

from ..evaluate import Values
from ..presentation.copies import COPIES, owner_of_copies
from ..sheet.operations import Value
from ..sheet.sheet import Table
from .book import Book
from .names import letter
from .style import Look
from .tables import TableBlock, base_look

DEEPEST = 3
"""Levels of folding."""


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
        page.text(self.top, 1, "Totals by stage" if self.stages else "Totals of the rows", Look("block"))
        shown = {s.column: (s, at) for s, at in block.positions.items() if s.table == block.table.id}
        stage, rows = letter(block.text_positions[0]) if self.stages else "", (block.first, block.end - 1)
        listed = list(enumerate([*self.stages.items(), ("all rows", [])], self.top + 1))
        for row, (name, _) in listed:
            page.text(row, 1, name, Look("name" if row < listed[-1][0] else "heading"))
        copies = self._copies(rows)
        for name in self.columns:
            of, at = shown[name]
            area, stages = (f"{column}${rows[0]}:{column}${rows[1]}" for column in (letter(at), f"${stage}"))
            values = block.book.declared.column(of.table, of.column)
            look = base_look(block.kind(of), values, block.book.sheet.tables[of.table].columns[of.column].shown)
            for row, (_, members) in listed:
                text = f"SUMIF({stages},$A{row},{area})" if members else f"SUM({area})"
                if copies:
                    chosen = f"({stages}=$A{row})*" if members else ""
                    text = f"SUMPRODUCT({chosen}{area}*{copies})"
                kind = look if members else replace(look, kind="result")
                page.formula(row, at, text, StageSum(block.book, of.table, of.column, tuple(members)), kind)

    def _copies(self, rows: tuple[int, int]) -> str:
        """The range that says how many rows each row stands for; none where each is one."""
        for shown, at in self.block.positions.items():
            if shown.column == COPIES:
                return f"${letter(at)}${rows[0]}:${letter(at)}${rows[1]}"
        return ""


@dataclass(frozen=True)
class StageSum:
    """The sum of a column over some rows, over all without any; a row counts as often as it stands for."""

    book: Book
    table: str
    column: str
    rows: tuple[int, ...]

    def __call__(self, values: Values) -> Value:
        column = values.column(self.table, self.column)
        owner = owner_of_copies(self.book.sheet, self.table)
        copies = values.column(owner, COPIES) if owner is not None else [1.0] * len(column)
        return float(sum(float(column[i] or 0) * float(copies[i] or 0) for i in self.rows or range(len(column))))


def fold(block: TableBlock) -> None:
    """Outlines the rows of a block by stage."""
    found = levels([row.name for row in block.table.rows])
    if any(found):
        worksheet = block.page.worksheet
        block.band.levels = found
        worksheet.sheet_properties.outlinePr = Outline(summaryBelow=False)
        worksheet.sheet_format.outlineLevelRow = max(found)
