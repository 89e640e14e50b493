"""What `memdsl explain` says, as LaTeX: equations, and a table of the breakpoints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ..evaluate.show import show, shown_unit
from ..symbolic import Breakpoint
from .explained import Explained

_ESCAPED = {c: "\\" + c for c in "_%&#${}"} | {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def lines(found: Explained) -> Iterator[str]:
    form = found.form
    yield r"\["
    yield form.latex()
    yield r"\]"
    for cut in form.cuts.values():
        yield rf"\[ \mathrm{{{_text(cut.name)}}} = {cut.latex} \]"
    for path, points in groupby(form.breakpoints, key=lambda point: point.input):
        yield from _table(found, path, list(points))


def _table(found: Explained, path: str, points: list[Breakpoint]) -> Iterator[str]:
    typed, kind = found.model.typed, found.form.type
    unit = shown_unit(typed, found.model.queries[0].formula)
    yield r"\begin{tabular}{rrrp{0.5\linewidth}}"
    yield rf"{_text(path)} & below & there & rows \\ \hline"
    for point in points:
        cells = [
            show(typed, point.at, found.input_type(path), found.input_unit(path), 9),
            show(typed, point.below, kind, unit),
            show(typed, point.above, kind, unit),
            ", ".join(point.rows),
        ]
        yield " & ".join(map(_text, cells)) + r" \\"
    yield r"\end{tabular}"


def _text(text: str) -> str:
    return "".join(_ESCAPED.get(c, c) for c in text)
