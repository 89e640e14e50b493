"""Every formula of a workbook, recalculated by LibreOffice, gives what the evaluator gives, at several settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from office import Cells, change, read, recalculate
from workbooks import BOOKS, SPECS, Made, Setting, made, settings

from memdsl.diagnostics import Problems
from memdsl.sheet.operations import Value

# LibreOffice writes extensions that openpyxl does not know; the tests read values only.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

NAMES = [path.stem for path in (*SPECS, *BOOKS)]
MANY, FEW = 4, 1
THOROUGH = {"yolov3", "resnet50", *(path.stem for path in BOOKS)}
EXACT = 1e-9


Wanted = list[tuple[str, str, Value | None]]


@dataclass(frozen=True, repr=False)
class Run:
    """One workbook at one setting of its inputs, recalculated; and what the evaluator gives there, and as delivered.

    Books are let go as soon as they are written, and a failing test does not print one whole.
    """

    setting: Setting
    wanted: Wanted
    delivered: Wanted
    cells: Cells


def tried_at(book: Made, spec: Path) -> list[Setting]:
    """Several settings; for most of the shipped specs the one that sets every input."""
    return settings(book.model, MANY) if spec.stem in THOROUGH else settings(book.model, FEW + 1)[-FEW:]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Run]]:
    """All workbooks at all settings, recalculated in one run of LibreOffice for each processor."""
    folder = tmp_path_factory.mktemp("books")
    waiting: list[tuple[str, Setting, Wanted, Wanted, Path]] = []
    for path in (*SPECS, *BOOKS):
        book = made(path)
        file = folder / f"{path.stem}.xlsx"
        book.layout.save(file)
        delivered = list(book.layout.expected(book.model.declared))
        for number, setting in enumerate(tried_at(book, path)):
            target = folder / f"{path.stem}-{number}.xlsx"
            change(file, target, book.layout, setting)
            wanted = list(book.layout.expected(book.model.machine.at(setting, Problems())))
            waiting.append((path.stem, setting, wanted, delivered, target))
    results = recalculate([target for *_, target in waiting], folder)
    found: dict[str, list[Run]] = {}
    for (name, setting, wanted, delivered, _), result in zip(waiting, results, strict=True):
        found.setdefault(name, []).append(Run(setting, wanted, delivered, read(result)))
    return found


def near(got: float, wanted: float) -> bool:
    """Whether two numbers are one. What is left of 1 - 1 in the last bit is 0 in a spreadsheet."""
    if wanted != wanted:
        return got != got
    last_bit = got == 0 and abs(wanted) < 1e-15 and (float(wanted) * 2**53).is_integer()
    return last_bit or abs(got - wanted) <= EXACT * abs(wanted)


def differences(run: Run, every: Wanted) -> list[str]:
    found = []
    for sheet, coordinate, wanted in every:
        got = run.cells.values.get((sheet, coordinate))
        if wanted is None or wanted == "":
            same = got in (None, "")
        elif isinstance(wanted, (bool, str)):
            same = got == wanted
        else:
            same = isinstance(got, (int, float)) and near(got, wanted)
        if not same:
            found.append(f"{sheet}!{coordinate}: {got!r} instead of {wanted!r} at {run.setting}")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_recalculated_workbooks_agree_with_the_evaluator(runs: dict[str, list[Run]], name: str) -> None:
    assert len(runs[name]) == (MANY if name in THOROUGH else FEW)
    for run in runs[name]:
        assert differences(run, run.wanted) == []


@pytest.mark.parametrize("name", NAMES)
def test_recalculated_workbooks_have_no_errors(runs: dict[str, list[Run]], name: str) -> None:
    for run in runs[name]:
        assert run.cells.errors == []


def test_the_oracle_notices_another_setting(runs: dict[str, list[Run]]) -> None:
    """What LibreOffice computed follows the inputs: the values at other ones are not those that were delivered."""
    for name in NAMES:
        run = runs[name][-1]
        assert differences(run, run.delivered), name
