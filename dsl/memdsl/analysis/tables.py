"""What a report and a workbook show of an analysis: a plain table, or sentences where there is nothing to list."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..evaluate import Machine, Values
from ..evaluate.show import unit_written
from ..records import record
from ..sheet.report import SensitivityItem, SolveItem
from ..sheet.sheet import TypedSheet
from ..symbolic import SymbolicError
from ..units import Unit
from .remembered import remembered
from .sensitivity import Sensitivity, sensitivity
from .solution import Solution
from .solve import solve
from .words import (
    cell_unit,
    say_elasticity,
    say_input,
    say_next,
    say_parts,
    say_solution,
    sensitivity_notes,
)


@record
class Column:
    """A column: numbers in `unit` when `number`, else text. `width` is its share of the table in percent, 0 for any."""

    title: str
    unit: str
    number: bool
    width: float = 0


@record
class AnalysisTable:
    """`rows` has a number or a text for each column; `notes` are sentences. Without columns the notes say it all.

    `alike` says that all columns but the first hold values of one cell, which may be compared with each other.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[float | str, ...], ...]
    notes: tuple[str, ...]
    alike: bool = False


@remembered
def solved(
    typed: TypedSheet, machine: Machine, values: Values, item: SolveItem
) -> tuple[AnalysisTable, Solution | None]:  # fmt: skip
    """Where the condition of a `solve` statement holds; the answer says it when that cannot be told."""
    asked = next(i for i in typed.sheet.inputs.values() if i.key == item.input)
    text = item.condition.text
    try:
        found = solve(typed, machine, values, item.condition.formula, asked, text)
        return solution_table(typed, found), found
    except SymbolicError as error:
        return AnalysisTable(f"Where {text} holds", (), (), (_plain(error.message),)), None


def solution_table(typed: TypedSheet, found: Solution) -> AnalysisTable:
    """The intervals, runs or choices of a solution, one a row."""
    asked, title = found.input, f"Where {found.condition} holds"
    said = [_plain(line) for line in say_solution(typed, found)]
    parts = say_parts(typed, found)
    if not parts:
        return AnalysisTable(title, (), (), tuple(said))
    notes = tuple(said[1 + len(parts) :])
    unit = asked.shown or unit_written(asked.formula)
    columns = (
        Column(f"{asked.path} from", unit.text if unit else "", True),
        Column("to", unit.text if unit else "", True),
        Column("in words", "", False),
    )
    rows = tuple((ends[0], ends[1], part) for ends, part in zip(_ends(found, unit), parts, strict=True))
    return AnalysisTable(title, columns, rows, notes)


@remembered
def sensitivities(
    typed: TypedSheet, machine: Machine, values: Values, item: SensitivityItem
) -> list[tuple[AnalysisTable, Sensitivity | None]]:
    """How far each cell of a `sensitivity` statement follows its inputs."""
    by_key = {i.key: i for i in typed.sheet.inputs.values()}
    inputs = [by_key[key] for key in item.inputs]
    by = float(values.formula(item.by)) if item.by is not None else None
    found: list[tuple[AnalysisTable, Sensitivity | None]] = []
    for cell in item.cells:
        title = f"What moves {cell.text}"
        try:
            one = sensitivity(typed, machine, values, cell.formula, cell.text, inputs, by)
            found.append((sensitivity_table(typed, one), one))
        except (ArithmeticError, ValueError) as error:
            found.append((AnalysisTable(title, (), (), (f"{cell.text} has no value: {error}.",)), None))
    return found


def sensitivity_table(typed: TypedSheet, found: Sensitivity) -> AnalysisTable:
    """The effects, ranked: the change of each input, the cell then, the elasticity, and the next step on both sides."""
    kind = typed.type_of(found.formula)
    unit = cell_unit(typed, found)
    word = unit.text if unit is not None else ""

    def scaled(value: float | None) -> float | str:
        if value is None:
            return "no value"
        return unit.from_base(value) if unit is not None else value

    rows: list[tuple[float | str, ...]] = []
    for effect in found.effects:
        ends = [say_input(typed, effect.input, end) for end in (effect.low, effect.value, effect.high)]
        cells = (scaled(effect.at_low), scaled(effect.at_high), scaled(effect.swing))
        rows.append((effect.input.path, *ends, *cells, say_elasticity(effect), say_next(typed, kind, unit, effect)))
    columns = (
        Column("input", "", False, 15), Column("low", "", False, 10.5), Column("now", "", False, 10.5),
        Column("high", "", False, 10.5), Column("at low", word, True, 8), Column("at high", word, True, 8),
        Column("swing", word, True, 7), Column("elasticity", "", False, 8.5), Column("next steps", "", False, 22),
    )  # fmt: skip
    return AnalysisTable(f"What moves {found.cell}", columns, tuple(rows), tuple(sensitivity_notes(typed, found)))


def _ends(found: Solution, unit: Unit | None) -> Sequence[tuple[float | str, float | str]]:
    def say(value: float | bool | str) -> float | str:
        if isinstance(value, (bool, str)):
            return str(value).lower() if isinstance(value, bool) else value
        if math.isinf(value):
            return "any size"
        return unit.from_base(value) if unit is not None else value

    if found.choices is not None:
        return [(say(choice), say(choice)) for choice in found.choices]
    ends = [(part.low, part.high) for part in found.intervals] + [(run.low, run.high) for run in found.runs]
    return [(say(low), say(high)) for low, high in ends]


def _plain(text: str) -> str:
    """A sentence without the marks of a terminal."""
    said = text.replace("`", "").strip()
    said = said[1:-1] if said.startswith("(") and said.endswith(")") else said
    return f"{said}."
