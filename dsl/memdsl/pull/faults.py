"""What is wrong in a workbook: the place as a spreadsheet names it, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BookFault:
    """`place` is a sheet and a cell (`Inputs!E8`), empty for the book as a whole."""

    code: str
    message: str
    place: str = ""
    hint: str = ""


class Refused(Exception):
    """The book as a whole cannot be pulled."""

    def __init__(self, fault: BookFault) -> None:
        super().__init__(fault.message)
        self.fault = fault
