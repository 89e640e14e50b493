"""What a native chart shows, in words: the alternative text that a screen reader tells instead of it."""

from __future__ import annotations

import re
from html import escape

from openpyxl import Workbook
from openpyxl.chart._chart import ChartBase
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.utils.cell import range_to_tuple

from ..presentation.words import cut, listed
from .names import clean

_FRAME = re.compile(r'name="Chart ([0-9]+)"')
_KINDS = {"barChart": "bars", "scatterChart": "points and lines", "lineChart": "lines"}
_NAMED = 8
"""So many series are named."""


def alternatives(workbook: Workbook) -> dict[str, list[str]]:
    """The texts of the charts of each drawing, by its path in a file that openpyxl has written."""
    found: dict[str, list[str]] = {}
    for sheet in workbook.worksheets:
        drawing: SpreadsheetDrawing | None = getattr(sheet, "_drawing", None)
        if drawing is not None:
            found[drawing.path.lstrip("/")] = [alternative(workbook, chart) for chart in drawing.charts]
    return found


def with_alternatives(xml: str, texts: list[str]) -> str:
    """A drawing whose frames carry the texts: openpyxl writes none."""

    def described(match: re.Match[str]) -> str:
        return f'{match[0]} descr="{escape(clean(texts[int(match[1]) - 1]))}"'

    return _FRAME.sub(described, xml)


def alternative(workbook: Workbook, chart: ChartBase) -> str:
    """`DRAM traffic, layer by layer: bars of weights, written and read back, in MB; it follows the inputs.`"""
    names = [name for name in (_name(workbook, series) for series in chart.series) if name]
    more = ["others"] if len(names) > _NAMED else []
    kind = _KINDS.get(chart.tagname, "a chart")
    of = f" of {listed([*names[:_NAMED], *more])}" if len(names) > 1 else ""
    against = _text(getattr(chart, "x_axis", None))
    unit = _text(getattr(chart, "y_axis", None))
    axes = (f" against {against}" if against else "") + (f", in {unit}" if unit else "")
    return f"{_text(chart)}: {kind}{of}{axes}; it follows the inputs."


def _text(titled: object) -> str:
    """The title of a chart or an axis."""
    title = getattr(titled, "title", None)
    rich = title.tx.rich if title is not None and title.tx is not None else None
    return cut("".join(run.t for part in rich.p for run in part.r or ()), 200) if rich is not None else ""


def _name(workbook: Workbook, series: object) -> str:
    """What the legend calls a series: a text, or what stands in a cell."""
    label = getattr(series, "tx", None)
    if label is None:
        return ""
    if label.strRef is None:
        return cut(label.v or "", 80)
    sheet, (column, row, _, _) = range_to_tuple(label.strRef.f)
    assert column is not None
    assert row is not None
    return cut(str(workbook[sheet].cell(row, column).value or ""), 80)
