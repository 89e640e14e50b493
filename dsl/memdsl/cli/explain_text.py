"""What `memdsl explain` says, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby

from ..evaluate.show import show, shown_unit
from ..sheet.sheet import Quantity
from ..symbolic import Breakpoint, Growth, Link
from ..units import NONE, display, divide, power
from .columns import columns
from .explained import Explained

_NAMED = 4
_EXACT = 9


def lines(found: Explained) -> Iterator[str]:
    yield from _form(found)
    form = found.form
    for cut in form.cuts.values():
        yield f"  where {cut}"
    for path in form.independent:
        yield f"  (it does not depend on {path})"
    for note in form.notes:
        yield f"  note: {note}"
    for path, points in groupby(form.breakpoints, key=lambda point: point.input):
        yield f"\nWhere it changes over {path}"
        yield from _breakpoints(found, path, list(points))
    known = [_growth(found, g) for g in found.growth if g is not None]
    if known:
        yield "\nFor large values"
        yield from (f"  {line}" for line in known)
    yield "\nFormulas"
    yield from (_link(found, link) for link in found.links)


def _form(found: Explained) -> Iterator[str]:
    """The closed form; beside each line of a long sum what its term is worth, and its share of the whole."""
    form, typed = found.form, found.model.typed
    text = form.text()
    if "\n" not in text:
        yield f"{found.cell} = {text}"
        return
    yield f"{found.cell} ="
    written = text.split("\n")
    if len(written) != len(form.terms):
        yield from written
        return
    unit = shown_unit(typed, found.model.queries[0].formula)
    rows = []
    for line, term in zip(written, form.terms, strict=True):
        share = f"{term.value / form.modelled * 100:.1f} %" if form.modelled and term.value else ""
        rows.append((line, show(typed, term.value, form.type, unit) if term.value else "", share))
    yield from columns(("", "", ""), rows, left=(0,))[1:]


def _breakpoints(found: Explained, path: str, points: list[Breakpoint]) -> Iterator[str]:
    typed, kind = found.model.typed, found.form.type
    unit = shown_unit(typed, found.model.queries[0].formula)
    rows = []
    for point in points:
        at = show(typed, point.at, found.input_type(path), found.input_unit(path), _EXACT)
        word = "above" if found.belongs_below(point) else "from"
        named = ", ".join(point.rows[:_NAMED])
        more = f" and {len(point.rows) - _NAMED} more" if len(point.rows) > _NAMED else ""
        change = "its slope" if point.kind == "kink" else show(typed, point.above - point.below, kind, unit)
        below, above = show(typed, point.below, kind, unit), show(typed, point.above, kind, unit)
        count = str(len(point.rows)) if point.rows else ""
        rows.append((f"{word} {at}", below, above, change, count, named + more))
    headings = (path, "below", "there", "change", "rows", "which")
    yield from (f"  {line}" for line in columns(headings, rows, left=(5,)))


def _growth(found: Explained, said: Growth) -> str:
    """`width: about 466.9 kB·width`, `sram: 68.187 MB, from 64 MiB on`."""
    typed, kind, path = found.model.typed, found.form.type, said.input
    if not said.exponent:
        value = show(typed, said.coefficient, kind, shown_unit(typed, found.model.queries[0].formula))
        if not said.reached:
            return f"{path}: tends to {value}"
        last = [point.at for point in found.form.breakpoints if point.input == path]
        on = (
            f", from {show(typed, last[-1], found.input_type(path), found.input_unit(path), _EXACT)} on" if last else ""
        )
        return f"{path}: {value}{on}"
    exponent = Fraction(said.exponent).limit_denominator(100)
    raised = path if exponent == 1 else f"{path}^{exponent}" if exponent.denominator == 1 else f"{path}^({exponent})"
    inner = found.input_type(path)
    dimension = kind.dimension or NONE if isinstance(kind, Quantity) else NONE
    below = inner.dimension or NONE if isinstance(inner, Quantity) else NONE
    coefficient = display(said.coefficient, divide(dimension, power(below, exponent)))
    return f"{path}: {'' if said.reached else 'about '}{coefficient} · {raised}"


def _link(found: Explained, link: Link) -> str:
    value = show(found.model.typed, link.value, link.type, link.unit)
    source = f"   from {link.source}" if link.source else ""
    place = link.span.source.name
    if link.span.source.text and place != "built in":
        line, column = link.span.source.position(link.span.start)
        place = f"{place}:{line}:{column}"
    formula = " ".join(link.formula.split())
    shown = f"   [{value}]" if value and value.replace(",", "") != formula.replace("_", "") else ""
    return f"  {'  ' * link.depth}{link.name} = {formula}{shown}{source}   ({place})"
