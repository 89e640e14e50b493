"""A chart of the values of some formulas, drawn by portable code, with the view that the page draws it again by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..presentation import Probe
from ..presentation.words import slug
from .document import Figure, Html, View
from .portable.drawing import Picture
from .subject import Subject


def drawn(
    subject: Subject, draw: Callable[..., Picture], ask: object, probes: Sequence[Probe], name: str
) -> tuple[Figure, ...]:
    """One chart of the values of some formulas."""
    picture = draw(ask, [subject.values_of(probe) for probe in probes])
    return (figure_of(picture, subject.views.add(draw, ask, probes), name),)


def figure_of(picture: Picture, view: View, name: str) -> Figure:
    return Figure(Html(picture.svg), picture.caption, picture.alt, picture.table, view, slug(name))
