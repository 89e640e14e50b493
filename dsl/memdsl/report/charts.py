"""Every chart of a report: the plain code draws what the description of a chart asks for."""

from __future__ import annotations

from ..presentation import Probe, charts
from ..presentation.agreement import Agreement
from ..presentation.charts import Bars, Chart, Curve, Histogram, Measured, Pareto, Roofline, Timeline
from ..presentation.words import cut
from ..sheet.report import ChartItem
from ..sheet.sheet import Quantity
from ..units import TIME, Unit
from .document import Figure
from .figures import drawn
from .numbers import Form, binary_measures, form
from .portable.agreement import AgreementAsk, draw_agreement
from .portable.bars import BarsAsk, HistogramAsk, draw_bars, draw_histogram
from .portable.roofline import RooflineAsk, draw_measured, draw_roofline
from .portable.scatter import ParetoAsk, draw_pareto
from .portable.timeline import TimelineAsk, draw_timeline
from .staircase import staircase
from .subject import Subject


def figures_of(subject: Subject, item: ChartItem) -> tuple[Figure, ...]:
    """The charts that an item asks for: none where there is nothing to draw, several where units differ."""
    return tuple(figure for chart in charts.charts_of(subject, item) for figure in draw(subject, chart))


def draw(subject: Subject, chart: Chart) -> tuple[Figure, ...]:
    match chart:
        case Bars():
            return _bars(subject, chart)
        case Histogram():
            binary = binary_measures(chart.type.dimension) if chart.unit is None else ()
            written = form(subject.typed, chart.type, chart.unit)
            ask = HistogramAsk(chart.what, chart.code, written, binary, chart.copies is not None)
            return drawn(subject, draw_histogram, ask, [*_given(chart.copies), chart.probe])
        case Pareto():
            (across, x, x_type, x_unit), (up, y, y_type, y_unit) = chart.columns
            forms = form(subject.typed, x_type, x_unit), form(subject.typed, y_type, y_unit)
            return drawn(subject, draw_pareto, ParetoAsk(chart.names, across, up, *forms), [x, y])
        case Agreement():
            return _agreement(subject, chart)
        case Roofline():
            roofs = _roofs(subject)
            roofline = RooflineAsk(chart.model, chart.names, chart.layers, *roofs, True, chart.copies is not None)
            probes = [*_given(chart.copies), *chart.probes]
            return drawn(subject, draw_roofline, roofline, probes)
        case Measured():
            intensity, rate = chart.units
            every = tuple(True for _ in chart.names)
            measured = RooflineAsk(chart.table, chart.names, every, *_roofs(subject, rate, intensity), False)
            return drawn(subject, draw_measured, measured, chart.probes)
        case Timeline():
            written = form(subject.typed, Quantity(TIME))
            timeline = TimelineAsk(chart.model, chart.names, written, chart.copies is not None)
            probes = [*_given(chart.copies), *chart.probes]
            return drawn(subject, draw_timeline, timeline, probes)
        case Curve():
            return staircase(subject, chart)


def _given(copies: Probe | None) -> list[Probe]:
    return [copies] if copies is not None else []


def _bars(subject: Subject, chart: Bars) -> tuple[Figure, ...]:
    written = form(subject.typed, chart.type, chart.unit)
    probes: list[Probe] = _given(chart.copies)
    for series in chart.series:
        probes += [series.probe] if series.probe is not None else [Probe(formula) for formula in series.cells]
    keys = Form("text")
    if chart.keys is not None:
        probes.append(chart.keys)
        keys = form(subject.typed, chart.key_type)
    cells = chart.series[0].probe is None
    ask = BarsAsk(
        chart.names,
        tuple(series.title for series in chart.series),
        written,
        chart.stacked,
        chart.title,
        chart.code,
        tuple(series.mask for series in chart.series) if chart.series[0].mask else (),
        chart.keys is not None,
        cells,
        chart.copies is not None,
        chart.adds,
        keys,
        chart.ground,
    )
    return drawn(subject, draw_bars, ask, probes)


def _agreement(subject: Subject, chart: Agreement) -> tuple[Figure, ...]:
    probes, by, keys = [chart.modelled, chart.measured], "", Form("text")
    if chart.keys is not None:
        probes.append(chart.keys.probe)
        by, keys = cut(chart.keys.name, 40), form(subject.typed, chart.keys.type)
    written = form(subject.typed, chart.type, chart.unit)
    ask = AgreementAsk(chart.table, chart.names, *chart.titles, written, chart.held, by, keys)
    return drawn(subject, draw_agreement, ask, probes)


def _roofs(subject: Subject, rate: Unit | None = None, intensity: Unit | None = None) -> tuple[Form, Form, Form]:
    """How rates, arithmetic intensities and the bandwidth are written."""
    units = ((charts.RATE, rate), (charts.INTENSITY, intensity), (charts.BANDWIDTH, None))
    made = [form(subject.typed, Quantity(kind), unit) for kind, unit in units]
    return made[0], made[1], made[2]
