"""Every formula checked before anything is evaluated: each cell gets its type, or its author a diagnostic."""

from __future__ import annotations

from ..diagnostics import Problems
from ..sheet.formula import Formula
from ..sheet.input_keys import InputKey
from ..sheet.sheet import Sheet, TypedSheet
from .check import Checker
from .entries import Entries
from .known import Faults
from .report import check_report

__all__ = ["Faults", "check"]


def check(
    sheet: Sheet, settings: tuple[tuple[InputKey, Formula], ...], problems: Problems
) -> tuple[TypedSheet, Faults]:
    """The typed sheet, and where it has faults, which go to `problems`; what could not be typed may be any quantity."""
    checker = Checker(sheet, problems)
    checker.run()
    check_report(checker)
    Entries(sheet, problems, checker.where).check()
    for key, formula in settings:
        checker.setting(key, formula)
    return TypedSheet(sheet, checker.cells, checker.columns, checker.type_of), checker.where
