"""Each kind of chart as the workbook draws it."""

from __future__ import annotations

from ..presentation.agreement import Agreement
from ..presentation.charts import Bars, Histogram, Measured, Pareto, Roofline, Timeline
from .agreement import draw_agreement
from .charts import ChartSheet
from .rooflines import draw_measured, draw_roofline
from .row_charts import draw_bars, draw_histogram, draw_pareto, draw_timeline


def draw_charts(sheet: ChartSheet) -> None:
    sheet.begin()
    for chart in sheet.charts:
        match chart:
            case Bars():
                draw_bars(sheet, chart)
            case Histogram():
                draw_histogram(sheet, chart)
            case Timeline():
                draw_timeline(sheet, chart)
            case Pareto():
                draw_pareto(sheet, chart)
            case Agreement():
                draw_agreement(sheet, chart)
            case Roofline():
                draw_roofline(sheet, chart)
            case Measured():
                draw_measured(sheet, chart)
