"""What is modelled against what was measured: points by group, on logarithmic axes, and the line of equal values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series as Drawn
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from ..evaluate import Values
from ..presentation.agreement import GROUPS, Agreement
from ..sheet.operations import Value
from .charts import FIRST, TOP, ChartSheet, Numbers
from .names import letter
from .row_charts import heading_of, outcomes
from .style import COLOURS, INK, Look


def draw_agreement(sheet: ChartSheet, chart: Agreement) -> None:
    declared = [sheet.sizes(probe, sheet.book.declared) for probe in (chart.modelled, chart.measured)]
    kept = [k for k in range(len(chart.names)) if all(column[k] > 0 for column in declared)]
    if not kept:
        return
    unit = sheet.unit(chart.unit, chart.type, math.sqrt(min(declared[1][k] for k in kept) * max(declared[1])))
    scale = float(unit.scale) if unit is not None else 1.0

    def numbers(number: int) -> Numbers:
        probe = (chart.modelled, chart.measured)[number]
        return lambda values: [sheet.sizes(probe, values)[k] for k in kept]

    sheet.names([chart.names[k] for k in kept], "row")
    at = [
        sheet.numbers(chart.titles[number], [sheet.text(probe, k) for k in kept], unit, numbers(number))
        for number, probe in enumerate((chart.modelled, chart.measured))
    ]
    held = [chart.held[k] for k in kept]
    keyed, keys_at = _keys(sheet, chart, kept)
    last = FIRST + len(kept) - 1
    data = sheet.data.worksheet
    drawn = ScatterChart()
    drawn.scatterStyle, drawn.style = "lineMarker", 13
    x = Reference(data, at[1], FIRST, at[1], last)
    known = list(dict.fromkeys([*keys_at(sheet.book.declared), *_others(sheet, chart)]))[:GROUPS]
    for number, key in enumerate(known):
        for out in (False, True) if any(held) else (False,):
            title = _title(str(key) if chart.keys is not None else "", out, any(held))
            side = _Side(numbers(0), keys_at, key, scale)
            column = _column(sheet, title, (at[0], keyed, key), [flag == out for flag in held], side)
            drawn.series.append(
                _points(Series(Reference(data, column, FIRST, column, last), x, title=title), number, out)
            )
    drawn.series.append(_diagonal(sheet, at, len(kept), numbers, scale))
    drawn.x_axis.scaling.logBase = drawn.y_axis.scaling.logBase = 10
    drawn.x_axis.majorGridlines = None
    drawn.x_axis.crosses = drawn.y_axis.crosses = "min"
    drawn.x_axis.number_format = drawn.y_axis.number_format = "#,##0.###"
    up, across = (heading_of(title, unit) for title in chart.titles)
    drawn.x_axis.title, drawn.y_axis.title = across, up
    sheet.place(drawn, f"{chart.titles[0]} against {chart.titles[1]}")


def _title(key: str, out: bool, any_out: bool) -> str:
    part = ("held out" if out else "fitted") if any_out else "rows"
    return f"{key}, {part}" if key and any_out else key or part


def _keys(
    sheet: ChartSheet, chart: Agreement, kept: Sequence[int]
) -> tuple[int | None, Callable[[Values], list[Value]]]:
    """The column of what tells rows apart, and its values; one empty key where nothing does."""
    if chart.keys is None:
        return None, lambda values: [""] * len(kept)
    probe = chart.keys.probe

    def keys_at(values: Values) -> list[Value]:
        found = sheet.values(probe, values)
        return ["" if found[k] is None else found[k] for k in kept]  # type: ignore[misc]

    return sheet.keys(chart.keys.name, [sheet.text(probe, k) for k in kept], keys_at), keys_at


def _others(sheet: ChartSheet, chart: Agreement) -> list[str]:
    return outcomes(sheet, chart.keys.probe) if chart.keys is not None else []


@dataclass(frozen=True)
class _Side:
    """The modelled value of a row while it has a key."""

    modelled: Numbers
    keys_at: Callable[[Values], list[Value]]
    key: Value
    scale: float

    def at(self, index: int) -> Callable[[Values], Value]:
        return lambda values: (
            self.modelled(values)[index] / self.scale if self.keys_at(values)[index] == self.key else math.nan
        )


def _column(
    sheet: ChartSheet, title: str, given: tuple[int, int | None, Value], chosen: Sequence[bool], side: _Side
) -> int:
    """The modelled values of some rows, those with a key; the others have none, so that each group has its mark."""
    y, keyed, key = given
    at = sheet.column
    sheet.data.text(TOP, at, title, Look("heading"))
    sheet.data.width(at, 16)
    wanted = '"' + key.replace('"', '""') + '"' if isinstance(key, str) else f"{key}"
    for i, flag in enumerate(chosen):
        if flag:
            row = FIRST + i
            own = f"{letter(y)}{row}"
            text = own if keyed is None else f"IF({letter(keyed)}{row}={wanted},{own},NA())"
            sheet.data.formula(row, at, text, side.at(i), Look("quiet", "#,##0.000"))
    sheet.column += 1
    return at


def _points(series: Drawn, number: int, out: bool) -> Drawn:
    colour = COLOURS[(0, 1, 3, 5, 2, 4, 6)[number]]
    look = GraphicalProperties(solidFill=colour, ln=LineProperties(solidFill=colour))
    series.marker = Marker(symbol="x" if out else "circle", size=6 if out else 5, spPr=look)
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    series.smooth = False
    return series


def _diagonal(
    sheet: ChartSheet, at: Sequence[int], count: int, numbers: Callable[[int], Numbers], scale: float
) -> Drawn:
    column = sheet.column
    sheet.data.text(TOP, column, "measured = modelled", Look("heading"))
    sheet.data.width(column, 20)
    areas = ",".join(sheet.area(k, count) for k in at)
    for i, (word, end) in enumerate((("MIN", min), ("MAX", max))):

        def value(values: Values, end: Callable[[list[float]], float] = end) -> Value:
            return end([*numbers(0)(values), *numbers(1)(values)]) / scale

        sheet.data.formula(FIRST + i, column, f"{word}({areas})", value, Look("body", "#,##0.000"))
    sheet.column += 1
    ends = Reference(sheet.data.worksheet, column, FIRST, column, FIRST + 1)
    line: Drawn = Series(ends, ends, title="measured = modelled")
    line.marker = Marker(symbol="none")
    line.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=INK, w=15_000))
    line.smooth = False
    return line
