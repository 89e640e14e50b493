"""What a report shows of its analyses, tables and charts, and what its page needs to carry them out again."""

from __future__ import annotations

from collections.abc import Sequence

from ..analysis import AnalysisTable, sensitivities, solved
from ..analysis.reported import fronted, gridded, point_tables, uncertainties_asked, uncertainty_tables
from ..js.program import Json
from ..presentation.in_words import alone
from ..sheet.report import GridItem, ParetoItem, SensitivityItem, SolveItem, UncertaintyItem
from . import recomputed
from .document import Block, Grid, Heading, Line, Remark, View
from .figures import figure_of
from .portable.curves import draw_curves, draw_front, draw_shares
from .portable.drawing import Picture
from .portable.listing import listing, remarks
from .portable.tornado import draw_tornado
from .subject import Subject

AnalysisItem = SensitivityItem | SolveItem | UncertaintyItem | GridItem | ParetoItem
_SHORT = 16
"""A text of so many characters does not break."""
Found = tuple[Sequence[Block], View | None]
"""The blocks of an analysis, and how a page makes them again, if it can."""


def blocks(subject: Subject, item: AnalysisItem) -> Found:
    match item:
        case SensitivityItem():
            return _sensitivity(subject, item)
        case SolveItem():
            return _solution(subject, item)
        case UncertaintyItem():
            return _uncertainty(subject, item)
        case GridItem():
            points = gridded(subject.typed, subject.values, item)
            shown = _shown([*point_tables(points), *draw_curves(points, _called(subject, item))])
            return shown, _analysis(subject, "grid", recomputed.grid(subject, item, points))
        case ParetoItem():
            points = fronted(subject.typed, subject.values, item)
            shown = _shown([*point_tables(points), *draw_front(points, _called(subject, item))])
            return shown, _analysis(subject, "pareto", recomputed.grid(subject, item, points))


def _called(subject: Subject, item: GridItem | ParetoItem) -> tuple[str, ...]:
    return tuple(alone(subject.sheet, cell) for cell in item.cells)


def _analysis(subject: Subject, kind: str, ask: Json) -> View | None:
    return subject.views.analysis(kind, ask) if ask is not None else None


def _sensitivity(subject: Subject, item: SensitivityItem) -> Found:
    """A table and a tornado for each cell."""
    listed = sensitivities(subject.typed, subject.machine, subject.values, item)
    shown: list[AnalysisTable | Picture] = []
    for cell, (table, effects) in zip(item.cells, listed, strict=True):
        picture = draw_tornado(subject.typed, effects, alone(subject.sheet, cell)) if effects is not None else None
        shown += [table, *((picture,) if picture is not None else ())]
    ask = recomputed.sensitivity(subject, item, [effects for _, effects in listed])
    return _shown(shown), _analysis(subject, "sensitivity", ask)


def _solution(subject: Subject, item: SolveItem) -> Found:
    table, found = solved(subject.typed, subject.machine, subject.values, item)
    ask = recomputed.solution(subject, item.condition, found) if found is not None else None
    return _shown([table]), _analysis(subject, "solve", ask)


def _uncertainty(subject: Subject, item: UncertaintyItem) -> Found:
    analyses, why = uncertainties_asked(subject.typed, subject.values, item)
    pictures = [draw_shares(one) for one in analyses if one.shares]
    shown = _shown([*uncertainty_tables(subject.typed, analyses, why), *pictures])
    return shown, _analysis(subject, "uncertainty", recomputed.uncertainty(subject, item, analyses))


def _shown(parts: Sequence[AnalysisTable | Picture]) -> list[Block]:
    found: list[Block] = []
    for part in parts:
        found += [figure_of(part, None)] if isinstance(part, Picture) else _answer(part)
    return found


def _answer(found: AnalysisTable) -> Sequence[Block]:
    """The table of an analysis, and what is to be said beside it."""
    if not found.columns:
        return tuple(Remark(text) for text in remarks(found))
    made = listing(found)
    short = [all(len(cells[k]) <= _SHORT for cells in made.lines) for k in range(len(made.headings))]
    headings = tuple(
        Heading(name, unit, "number" if number else "word" if short[k] else "text", width)
        for k, (name, unit, number, width) in enumerate(made.headings)
    )
    shades = made.shades or ((),) * len(made.lines)
    lines = tuple(Line(cells, shades=dark) for cells, dark in zip(made.lines, shades, strict=True))
    return (Grid(made.caption, headings, lines, made.note, width=round(made.width)),)
