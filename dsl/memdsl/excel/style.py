"""How cells look: a small set of looks, each made once and shared."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.worksheet import Worksheet

from ..presentation.colours import SERIES
from ..sheet.formula import UNLIMITED
from ..sheet.operations import Value

COLOURS = tuple(colour.removeprefix("#").upper() for colour in SERIES)
"""Of the series of a chart, in turn."""
MEMORY_BOUND, COMPUTE_BOUND = COLOURS[1], COLOURS[0]
INK = "1F2937"
QUIET = "6B7280"
ACCENT = "1F4E79"
BLUE = "0000FF"
YELLOW_TAB, MODEL_TAB, QUIET_TAB = "F2C94C", "9CC5E0", "C9CED6"
YELLOW = "FFF9DB"
HEADING = "DCE6F1"
BLOCK = "EEF3F8"
GOOD = "DDF3E0"
BAD = "F9D6D5"
ALARM = "B00020"
DOUBT = "FFF2CC"
BAR = "9DC3E6"
HEAT = "FFD9A0"
NUMBERS = (float, int)
PALETTE = ("FCE4D6", "DDEBF7", "E2EFDA", "FFF2CC", "EADCF4")

_UNLIMITED = '[<1000000000000000000]%s;"unlimited"'
WHOLE, DECIMAL, PERCENT = "#,##0", "#,##0.000", "0.00%"
SMALL = "[=0]0;[<0.9995]##0.00E+0;#,##0.000"
"""Exponents in steps of three: 474.1E-6 s is read as microseconds."""
MEGA, GIGA, TERA = (f'{DECIMAL}{"," * steps}"\u00a0{prefix}"' for steps, prefix in ((2, "M"), (3, "G"), (4, "T")))
"""Millions and more with the prefix that a unit has. Formats begin with the smallest numbers, as LibreOffice leaves the
minus out of what falls under none of the conditions."""
POSITION = "0;;"
"""A position; none is shown for 0."""
TRUTH = '"TRUE";"TRUE";"FALSE"'
"""Excel shows truth values as they are; LibreOffice shows one that a formula copies as 1 or 0 without it."""


@dataclass(frozen=True)
class Look:
    """What a cell is (`title`, `heading`, `input`, …) and how its number is written."""

    kind: str = "body"
    format: str = "General"


BODY = Look()
LINK = Look("link")
RESULT_TEXT = Look("result text")

_LINE = Side(style="thin", color="C9D3DF")
_FONT = "Calibri"


def _font(size: float = 10, bold: bool = False, italic: bool = False, color: str = INK) -> Font:
    return Font(name=_FONT, size=size, bold=bold, italic=italic, color=color)


def _fill(color: str) -> PatternFill:
    return PatternFill("solid", start_color=color, end_color=color)


_FONTS = {
    "title": _font(18, bold=True, color=ACCENT),
    "subtitle": _font(11, color=QUIET),
    "block": _font(12, bold=True, color=ACCENT),
    "group": _font(10, bold=True, color=ACCENT),
    "heading": _font(10, bold=True),
    "heading number": _font(10, bold=True),
    "heading text": _font(10, bold=True),
    "label": _font(9, italic=True, color=QUIET),
    "label number": _font(9, italic=True, color=QUIET),
    "label text": _font(9, italic=True, color=QUIET),
    "unit": _font(9, color=QUIET),
    "quiet": _font(9, color=QUIET),
    "input": _font(color=BLUE),
    "link": Font(name=_FONT, size=10, color="0563C1", underline="single"),
    "link name": Font(name=_FONT, size=10, color="0563C1", underline="single"),
    "result": _font(10, bold=True),
    "result text": _font(10, bold=True),
    "status": _font(10, bold=True),
    "alarm": _font(11, bold=True, color=ALARM),
    "quiet right": _font(9, color=QUIET),
}
_FILLS = {
    "group": _fill(BLOCK),
    "heading": _fill(HEADING),
    "heading number": _fill(HEADING),
    "heading text": _fill(HEADING),
    "label": _fill(BLOCK),
    "label number": _fill(BLOCK),
    "label text": _fill(BLOCK),
    "input": _fill(YELLOW),
}
_HEADINGS = ("heading", "heading number", "heading text")
WRAPPED = {*_HEADINGS, "label", "label number", "label text", "wrapped", "wrapped name"}
_BORDERED = {
    *(*_HEADINGS, "input", "body", "result", "result text", "wrapped", "wrapped name"),
    *("quiet", "status", "name", "link name", "unit", "text", "truth"),
}
_INDENTED = {"unit", "wrapped", "text", "label text", "heading text"}
_ALIGNED = {
    **dict.fromkeys(("result text", "label number", "heading number", "quiet right"), "right"),
    **dict.fromkeys(("status", "truth"), "center"),
}


class Styles:
    """Looks as openpyxl keeps them; `number` is the one that the file's cells refer to."""

    def __init__(self) -> None:
        self._made: dict[Look, StyleArray] = {}
        self._numbers: dict[Look, int] = {}

    def apply(self, cell: Cell, look: Look) -> None:
        made = self._made.get(look)
        if made is None:
            self._dress(cell, look)
            self._made[look] = copy(cell._style)  # type: ignore[attr-defined]
        else:
            cell._style = copy(made)  # type: ignore[attr-defined]

    def number(self, worksheet: Worksheet, look: Look) -> int:
        """The number of a look in the file's list of styles."""
        found = self._numbers.get(look)
        if found is None:
            cell = Cell(worksheet, row=1, column=1)
            self.apply(cell, look)
            found = self._numbers[look] = int(cell.style_id)
        return found

    def _dress(self, cell: Cell, look: Look) -> None:
        kind = look.kind
        cell.font = _FONTS.get(kind, _font())
        if kind in _FILLS:
            cell.fill = _FILLS[kind]
        if kind in _BORDERED:
            cell.border = Border(bottom=_LINE)
        if kind == "input":
            cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
            cell.protection = Protection(locked=False)
        indent = 1 if kind in _INDENTED else 0
        cell.alignment = Alignment(
            horizontal=_ALIGNED.get(kind) or ("left" if indent else None),
            vertical="top" if kind.startswith("label") else "center" if kind in _BORDERED else None,
            wrap_text=True if kind in WRAPPED else None,
            indent=indent,
        )
        cell.number_format = look.format


def number_format(values: Sequence[Value | None]) -> str:
    """A format in which these numbers read well."""
    sizes, whole, unlimited = _sizes(values)
    if whole:
        chosen = WHOLE
    elif max(sizes) >= 1e9 or min(sizes) < 1e-3:
        chosen = SMALL
    else:
        decimals = 2 if min(sizes) >= 100 else 3 if min(sizes) >= 0.1 else 5
        chosen = "#,##0." + "0" * decimals
    return _UNLIMITED % ("General" if chosen == SMALL else chosen) if unlimited else chosen


def base_format(values: Sequence[Value | None]) -> str:
    """A format for values in base units: the prefix of the unit stands in the cell, and follows the value.

    The value stays what it is: `470.840 M` under `[B]` is 470,840,416 in a formula.
    """
    sizes, whole, unlimited = _sizes(values)
    largest, smallest = max(sizes, default=0.0), min(sizes, default=1.0)
    if unlimited and largest >= 1e6:
        low, high = ("[<999500000]", GIGA) if largest >= 1e9 else ("[<999500]", MEGA)
        return f"{low}{WHOLE};" + _UNLIMITED % high
    if unlimited:
        return number_format(values)
    if largest >= 1e12:
        return f"[<999500000]{WHOLE};[<999500000000]{GIGA};{TERA}"
    if smallest < 1e-3 or (largest < 1 and not whole):
        return SMALL
    if whole or largest >= 1e6:
        return f"[<999500]{WHOLE};[<999500000]{MEGA};{GIGA}"
    return f"[<999.5]{DECIMAL};[<999500]{WHOLE};{MEGA}"


def _sizes(values: Sequence[Value | None]) -> tuple[list[float], bool, bool]:
    """The sizes of the numbers but 0, whether all are whole, and whether one is unlimited."""
    found = [size for v in values if type(v) in NUMBERS and (size := abs(float(v))) > 0]  # type: ignore[arg-type]
    sizes = [size for size in found if size < UNLIMITED / 10]
    return sizes, all(size.is_integer() and size < 1e15 for size in sizes), len(sizes) < len(found)
