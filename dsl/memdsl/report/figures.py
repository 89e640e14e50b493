"""A chart of the values of some formulas, drawn by portable code, with the view that the page draws it again by."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..presentation import Probe
from ..presentation.words import slug
from .document import Figure, Html, View
from .portable.drawing import Picture
from .subject import Subject


def drawn(subject: Subject, draw: Callable[..., Picture], ask: object, probes: Sequence[Probe]) -> tuple[Figure, ...]:
    """One chart of the values of some formulas."""
    picture = draw(ask, [subject.values_of(probe) for probe in probes])
    return (figure_of(picture, subject.views.add(draw, ask, probes)),)


def figure_of(picture: Picture, view: View | None) -> Figure:
    """A chart, named for a file by its title: what its caption says before it goes into detail."""
    title = re.split(r"[;:(]|\. ", picture.caption)[0]
    return Figure(Html(picture.svg), picture.caption, picture.alt, picture.table, view, slug(title))
