"""The cells and the properties of a workbook, as plain values."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from .archive import Unreadable


@dataclass(frozen=True)
class Formula:
    """The text of a formula, without `=`; empty for one that is not a plain formula (a what-if table)."""

    text: str


@dataclass(frozen=True)
class ErrorValue:
    """`#REF!` and its like, typed or pasted as a value."""

    text: str


CellValue = float | bool | str | Formula | ErrorValue | None


@dataclass(frozen=True)
class BookCells:
    """`sheets` maps a sheet's title to the cells that hold something; `properties` are the document's own."""

    sheets: dict[str, dict[str, CellValue]]
    properties: dict[str, str]


def read_cells(content: io.BytesIO) -> BookCells:
    """Every cell of a workbook whose archive was checked. Raises Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = load_workbook(content, keep_links=False)
        sheets: dict[str, dict[str, CellValue]] = {
            sheet.title: {
                cell.coordinate: found
                # Only cells that are there: one that lies far out is one cell, not the rectangle up to it.
                for cell in sheet._cells.values()
                if (found := _value(cell.value, cell.data_type)) is not None
            }
            for sheet in workbook.worksheets
        }
        properties = {str(item.name): str(item.value) for item in workbook.custom_doc_props.props}  # type: ignore[attr-defined]
    except MemoryError:
        raise
    except Exception as fault:  # openpyxl raises whatever a damaged part brings it to
        raise Unreadable(f"it is damaged: {type(fault).__name__} while its parts were read") from None
    return BookCells(sheets, properties)


_TRUTHS = ("=TRUE", "=FALSE", "=TRUE()", "=FALSE()")
"""Programs differ in whether these are formulas or values."""


def _value(value: object, kind: str) -> CellValue:
    if value is None or value == "":
        return None
    if isinstance(value, ArrayFormula):
        return Formula(str(value.text).removeprefix("="))
    if isinstance(value, DataTableFormula):
        return Formula("")
    if kind == "f" and str(value) in _TRUTHS:
        return str(value).startswith("=TRUE")
    if kind == "f":
        return Formula(str(value).removeprefix("="))
    if kind == "e":
        return ErrorValue(str(value))
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    return str(value)
