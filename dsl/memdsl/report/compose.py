"""The report as a whole: what its author asked for, in his order, then what every report has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..cancellation import checkpoint
from ..presentation.defaults import Defaults, charts, defaults
from ..presentation.defaults import equation as default_equation
from ..sheet.input_keys import InputKey
from ..sheet.report import (
    ChartItem,
    ClaimsItem,
    EquationItem,
    GridItem,
    ParetoItem,
    ProseItem,
    ReportItem,
    SensitivityItem,
    SolveItem,
    TableItem,
    UncertaintyItem,
)
from . import analyses, assumptions, front, glossary, ledger, results
from .answer import answer_blocks
from .charts import figures_of
from .document import Block, Document, Equation, Figure, Grid, Items, Prose, Remark, Section, View, said
from .equations import equation
from .prose import render
from .subject import Subject
from .tables import layer_table, table

AnalysisItem = SensitivityItem | SolveItem | UncertaintyItem | GridItem | ParetoItem


def compose(subject: Subject, command: str, version: str, day: str, digest: str) -> Document:
    found = defaults(subject)
    items = subject.sheet.report or ()
    sections = [_asked(subject, items), *_standard(subject, found, items)]
    words = glossary.glossary(subject, _words(sections))
    sections.append(Section("glossary", "Glossary", (words,) if words is not None else ()))
    return Document(
        front.title(subject),
        front.spec(subject),
        front.answer(subject, found),
        front.keys(subject, found),
        front.facts(subject),
        _told_apart([s for s in sections if s.blocks]),
        front.colophon(subject, command, version, day, digest),
    )


def _told_apart(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Tables under one caption are numbered: who hears a page finds a table by its name."""
    seen: Counter[str] = Counter()

    def named(block: Block) -> Block:
        if not isinstance(block, Grid) or not block.caption:
            return block
        seen[block.caption] += 1
        again = seen[block.caption]
        return block if again == 1 else replace(block, caption=f"{block.caption} ({again})")

    return tuple(replace(section, blocks=tuple(map(named, section.blocks))) for section in sections)


def _asked(subject: Subject, items: Sequence[ReportItem]) -> Section:
    blocks: list[Block] = []
    for item in items:
        blocks += _item(subject, item)
    return Section("summary", "", tuple(blocks))


def _pinned(subject: Subject, item: AnalysisItem, blocks: Sequence[Block], analysis: View | None) -> Sequence[Block]:
    """The blocks with the analysis that makes them again in a page.

    Without one they are computed once, and hold while all inputs keep their values but those on an axis.
    """
    if analysis is not None:
        return [replace(b, analysis=analysis) if isinstance(b, (Grid, Figure, Remark)) else b for b in blocks]
    match item:
        case SensitivityItem() | UncertaintyItem():
            cells, axes = item.cells, frozenset[InputKey]()
        case GridItem() | ParetoItem():
            cells, axes = item.cells, frozenset(axis.input for axis in item.axes)
        case SolveItem():
            cells, axes = (item.condition,), frozenset((item.input,))
    read: frozenset[InputKey] = frozenset().union(*(subject.reads.inputs_of(cell.formula) for cell in cells))
    fixed = tuple(sorted(subject.path(key) for key in read - axes))
    return [replace(b, fixed=fixed) if isinstance(b, (Grid, Figure, Remark)) else b for b in blocks]


def _item(subject: Subject, item: ReportItem) -> Sequence[Block]:
    checkpoint()
    match item:
        case ProseItem():
            return (Prose(render(item, subject.say)),)
        case TableItem():
            return (table(subject, item),)
        case ChartItem():
            return figures_of(subject, item) or (Remark(f"The chart {item.kind} has nothing to show here."),)
        case EquationItem():
            return equation(subject, item)
        case SensitivityItem() | SolveItem() | UncertaintyItem() | GridItem() | ParetoItem():
            return _pinned(subject, item, *analyses.blocks(subject, item))
        case ClaimsItem():
            grid = ledger.claims(subject)
            return (grid,) if grid is not None else ()


def _standard(subject: Subject, found: Defaults, items: Sequence[ReportItem]) -> list[Section]:
    """The sections that every report has, but for those that its author asked for himself."""
    asked = {type(item) for item in items}
    rows = {item.rows.table for item in items if isinstance(item, TableItem)}
    models = {i.table for i in subject.models}
    sections = [Section("matters", "What matters", answer_blocks(subject, found))]
    sections.append(Section("assumptions", "Assumptions", assumptions.assumptions(subject)))
    inputs = assumptions.inputs(subject)
    sections.append(Section("inputs", "Inputs", (inputs,) if inputs is not None else ()))
    figures = results.figures(subject)
    sections.append(
        Section(
            "results",
            "Results",
            (
                *((figures,) if figures is not None else ()),
                *results.totals(subject),
                *results.other_tables(subject, rows),
            ),
        )
    )
    if ChartItem not in asked:
        drawn = [figure for item in charts(subject, found) for figure in figures_of(subject, item)]
        sections.append(Section("charts", "Charts", tuple(drawn)))
    if not rows & models:
        sections.append(Section("layers", "Layer by layer", _layers(subject, found)))
    if EquationItem not in asked:
        wanted = default_equation(subject, found)
        sections.append(Section("closed-form", "Closed form", equation(subject, wanted) if wanted is not None else ()))
    if ClaimsItem not in asked:
        grid = ledger.claims(subject)
        sections.append(Section("claims", "Claims", (grid,) if grid is not None else ()))
    listed: Items | None = ledger.sources(subject)
    sections.append(Section("sources", "Sources", (listed,) if listed is not None else ()))
    return sections


def _words(sections: Sequence[Section]) -> frozenset[str]:
    """The words of headings, captions and codes: the columns that a report shows are among them."""
    texts: list[str] = []
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Grid):
                codes = [k for k, heading in enumerate(block.headings) if heading.align == "code"]
                texts += [block.caption, *(heading.text for heading in block.headings)]
                texts += [said(line.cells[k]) for line in block.lines if not line.group for k in codes]
            elif isinstance(block, Figure):
                texts.append(block.caption)
            elif isinstance(block, Equation):
                texts += [block.name, block.text]
    return frozenset(word for text in texts for word in re.findall(r"[A-Za-z_]\w*", text))


def _layers(subject: Subject, found: Defaults) -> tuple[Block, ...]:
    """The rows of the model that leads; the workbook has those of all."""
    models = [m for m in ((found.lead,) if found.lead is not None else subject.spokesmen) if m.table is not None]
    grid = layer_table(subject, models[0]) if models else None
    return (grid,) if grid is not None else ()
