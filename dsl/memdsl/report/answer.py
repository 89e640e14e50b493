"""Which rows matter and what the next step is, as blocks of a report."""

from __future__ import annotations

from ..evaluate.show import show
from ..presentation.answer import Ranked, next_step, ranked
from ..presentation.charts import bridge_bars
from ..presentation.defaults import Defaults
from ..presentation.words import LABEL, NAME, cut
from ..sheet.sheet import Quantity
from ..units import readable
from .charts import draw
from .document import Block, Grid, Heading, Line, Remark
from .numbers import shown
from .portable.writing import RankAsk, rank_cells
from .subject import Subject

_MOST = 10
_WORDS = {"dram_bytes": "traffic", "time": "time", "energy": "energy"}


def answer_blocks(subject: Subject, found: Defaults) -> tuple[Block, ...]:
    """The rows that make most of the traffic, time or energy, and the next step of the main figure."""
    blocks: list[Block] = []
    rows = ranked(subject, found.lead) if found.lead is not None else None
    if rows is not None:
        blocks.append(_rows(subject, rows))
    step = _step(subject, found)
    if step is not None:
        blocks.append(step)
    falls = bridge_bars(subject, found)
    if falls is not None:
        blocks += draw(subject, falls)
    return tuple(blocks)


def _rows(subject: Subject, rows: Ranked) -> Grid:
    names = tuple(cut(row.name, NAME) for row in rows.table.rows)
    forms = tuple(subject.form_of(probe.formula, None, 4) for probe in rows.probes)
    probes = [*([rows.copies] if rows.copies is not None else []), *rows.probes, *rows.reasons]
    values = [subject.values_of(probe) for probe in probes]
    lines = []
    for place in range(min(_MOST, len(names))):
        ask = RankAsk(place, names, forms, rows.copies is not None, bool(rows.reasons))
        view = subject.views.add(rank_cells, ask, probes)
        lines.append(Line(rank_cells(ask, values), view=view))  # type: ignore[arg-type]
    what = rows.table.columns[rows.columns[0]].label or rows.columns[0]
    headings = [
        Heading("Layer", "", "text", 24),
        Heading(cut(what, 30), "", "number", 12),
        *(Heading(f"of the {_WORDS[name]}", "", "number", 9) for name in rows.columns),
    ]
    if rows.reasons:
        headings.append(Heading("What would mend it", "", "text"))
    return Grid(f"The rows of {cut(rows.model.name, 60)} that cost most", tuple(headings), tuple(lines))


def _step(subject: Subject, found: Defaults) -> Remark | None:
    """`8 MiB is exactly on a step: just below it 705.7 MB; the next at 16 MiB saves 134 MB: 16.8 MB a MiB.`"""
    step = next_step(subject, found)
    if step is None:
        return None
    kind = subject.typed.cell_types[step.total.id]
    over = subject.input_type(step.over)
    unit = subject.input_unit(subject.by_key[step.over])
    now = show(subject.typed, step.now, over, unit, 6)
    name, label = cut(subject.path(step.over), NAME), cut(step.total.label or step.total.id, LABEL)

    def said(value: float) -> str:
        return shown(subject.typed, value, kind, step.total.shown, 4)

    text = f"{label} is {said(step.value)} at {name} = {now}"
    if step.on:
        text += f", which is exactly on a step: just below it, it is {said(step.below)}"
    if step.at is None:
        text += ". No larger value changes it."
    else:
        each = (step.value - step.then) / (step.at - step.now)
        word = "saves" if each > 0 else "costs"
        larger = unit or readable(step.at, over.dimension) if isinstance(over, Quantity) and over.dimension else unit
        per = f": {said(abs(each) * float(larger.scale))} for each {larger.text}" if larger is not None else ""
        at = show(subject.typed, step.at, over, unit, 6)
        text += f". The next step, at {at}, {word} {said(abs(step.value - step.then))}{per}."
    fixed = tuple(sorted(subject.path(key) for key in subject.reads.inputs_of(subject.reference(step.total.id))))
    return Remark(text, None, fixed)
