"""`memdsl eval`: values of cells and of any expression over them."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence

from .. import driver
from ..evaluate.show import show, shown_unit
from ..files import inert
from ..presentation.copies import COPIES, owner_of_copies
from ..records import record
from ..sheet.formula import CellRef, Formula, Rows
from ..sheet.operations import Value
from ..sheet.sheet import Type
from .common import Chosen, complain, no_answer, plain, single, unit_text


@record
class Answer:
    """What one CELL came to: a value, or a column (`rows` are the names of its rows).

    `copies` says how many rows each row stands for; None where each is one.
    """

    text: str
    formula: Formula
    kind: Type
    values: Sequence[Value]
    rows: tuple[str, ...] | None
    copies: Sequence[Value] | None = None


def run(spec: str, cells: Sequence[str], chosen: Chosen, form: str) -> int:
    model = single(spec, chosen, cells)
    if model is not None:
        try:
            answers = _answers(model) if cells else _everything(model)
        except ArithmeticError as error:
            said = "it is too large to be a number" if isinstance(error, OverflowError) else str(error)
            complain("no-value", f"this has no value: {said}")
        else:
            {"text": _text, "json": _json, "csv": _csv}[form](spec, model, answers)
            return 0
    return no_answer(form, spec=spec, cells={})


def _answers(model: driver.Model) -> list[Answer]:
    answers = []
    for query in model.queries:
        kind = model.typed.type_of(query.formula)
        if query.rows is None:
            answers.append(Answer(query.text, query.formula, kind, [model.values.formula(query.formula)], None))
        elif isinstance(query.rows, Rows):
            table = model.sheet.tables[query.rows.table]
            names = tuple(table.rows[i].name for i in query.rows.indices)
            values = model.values.over(query.formula, query.var, query.rows.indices)
            owner = owner_of_copies(model.sheet, table.id)
            counts = model.values.column(owner, COPIES) if owner is not None else None
            copies = [counts[i] or 0.0 for i in query.rows.indices] if counts is not None else None
            answers.append(Answer(query.text, query.formula, kind, values, names, copies))
    return answers


def _everything(model: driver.Model) -> list[Answer]:
    """All parameters, options and cells, and the totals of every instance."""
    answers = []
    for cell in model.sheet.cells.values():
        if cell.role in ("param", "option", "cell"):
            kind = model.typed.cell_types[cell.id]
            answers.append(Answer(cell.id, CellRef(cell.span, cell.id), kind, [model.values.cell(cell.id)], None))
    return answers


def _text(spec: str, model: driver.Model, answers: Sequence[Answer]) -> None:
    width = max((len(a.text) for a in answers), default=0)
    for answer in answers:
        unit = shown_unit(model.typed, answer.formula)
        shown = [show(model.typed, value, answer.kind, unit, 9) for value in answer.values]
        if answer.rows is None:
            print(f"{answer.text:<{width}}  {shown[0]}")
        else:
            wide = max((len(name) for name in answer.rows), default=0)
            print(answer.text)
            for i, (name, value) in enumerate(zip(answer.rows, shown, strict=True)):
                several = answer.copies is not None and answer.copies[i] != 1
                print(f"  {name:<{wide}}  {value}" + (f"  {answer.copies[i]:,.15g} times" if several else ""))  # type: ignore[index]


def _json(spec: str, model: driver.Model, answers: Sequence[Answer]) -> None:
    cells: dict[str, dict[str, object]] = {}
    for answer in answers:
        values = [plain(model.typed, value, answer.kind) for value in answer.values]
        unit = unit_text(answer.kind)
        if answer.rows is None:
            cells[answer.text] = {"value": values[0], "unit": unit}
        else:
            cells[answer.text] = {"rows": list(answer.rows), "values": values, "unit": unit}
            if answer.copies is not None:
                cells[answer.text]["copies"] = list(answer.copies)
    print(json.dumps({"spec": spec, "cells": cells}, indent=2))


def _csv(spec: str, model: driver.Model, answers: Sequence[Answer]) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    several = any(answer.copies is not None for answer in answers)
    out.writerow(["cell", "row", "value", "unit", *(["copies"] if several else [])])
    for answer in answers:
        unit = unit_text(answer.kind)
        for index, value in enumerate(answer.values):
            row = answer.rows[index] if answer.rows is not None else ""
            line = [answer.text, row, plain(model.typed, value, answer.kind), unit]
            if several:
                line.append(answer.copies[index] if answer.copies is not None else 1.0 if answer.rows else "")
            out.writerow(map(inert, line))
