"""Every formula of a workbook, recalculated by LibreOffice, gives what the evaluator gives, at several settings."""

from __future__ import annotations

from collections.abc import Iterator
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
LEAST_SETTINGS = 5
EXACT = 1e-9


@dataclass(frozen=True)
class Run:
    """One workbook at one setting of its inputs, recalculated."""

    made: Made
    setting: Setting
    cells: Cells

    def expected(self) -> Iterator[tuple[str, str, Value | None]]:
        assert self.made.model.machine is not None
        yield from self.made.layout.expected(self.made.model.machine.at(self.setting, Problems()))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Run]]:
    """All workbooks at all settings, recalculated in one run of LibreOffice."""
    folder = tmp_path_factory.mktemp("books")
    waiting: list[tuple[str, Made, Setting, Path]] = []
    for path in (*SPECS, *BOOKS):
        book = made(path)
        file = folder / f"{path.stem}.xlsx"
        book.layout.save(file)
        for number, setting in enumerate(settings(book.model)):
            target = folder / f"{path.stem}-{number}.xlsx"
            change(file, target, book.layout, setting)
            waiting.append((path.stem, book, setting, target))
    results = recalculate([target for *_, target in waiting], folder)
    found: dict[str, list[Run]] = {}
    for (name, book, setting, _), result in zip(waiting, results, strict=True):
        found.setdefault(name, []).append(Run(book, setting, read(result)))
    return found


def differences(run: Run) -> list[str]:
    found = []
    for sheet, coordinate, wanted in run.expected():
        got = run.cells.values.get((sheet, coordinate))
        if wanted is None or wanted == "":
            same = got in (None, "")
        elif isinstance(wanted, (bool, str)):
            same = got == wanted
        else:
            same = isinstance(got, (int, float)) and abs(got - wanted) <= EXACT * abs(wanted)
        if not same:
            found.append(f"{sheet}!{coordinate}: {got!r} instead of {wanted!r} at {run.setting}")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_recalculated_workbooks_agree_with_the_evaluator(runs: dict[str, list[Run]], name: str) -> None:
    assert len(runs[name]) >= LEAST_SETTINGS
    for run in runs[name]:
        assert differences(run) == []


@pytest.mark.parametrize("name", NAMES)
def test_recalculated_workbooks_have_no_errors(runs: dict[str, list[Run]], name: str) -> None:
    for run in runs[name]:
        assert run.cells.errors == []


def test_the_oracle_notices_another_setting(runs: dict[str, list[Run]]) -> None:
    """What LibreOffice computed follows the inputs: the values of one setting are not those of another."""
    for name in NAMES:
        first, second = runs[name][0], runs[name][2]
        assert differences(Run(first.made, second.setting, first.cells)), name
