"""A chart of the values of some formulas, drawn by portable code, with the view that the page draws it again by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..js import Probe
from ..sheet.formula import Apply, Formula
from .document import Figure, Html, View
from .portable.drawing import Picture
from .subject import Subject
from .words import slug


def drawn(
    subject: Subject, draw: Callable[..., Picture], ask: object, probes: Sequence[Probe], name: str
) -> tuple[Figure, ...]:
    """One chart of the values of some formulas."""
    picture = draw(ask, [subject.values_of(probe) for probe in probes])
    return (figure_of(picture, subject.views.add(draw, ask, probes), name),)


def figure_of(picture: Picture, view: View, name: str) -> Figure:
    return Figure(Html(picture.svg), picture.caption, picture.alt, picture.table, view, slug(name))


def sum_terms(formula: Formula) -> list[Formula]:
    """The formulas that a formula adds up: itself alone when it is no sum."""
    if isinstance(formula, Apply) and formula.op == "+":
        return [term for part in formula.args for term in sum_terms(part)]
    return [formula]
