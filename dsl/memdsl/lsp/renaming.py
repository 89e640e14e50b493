"""Renaming a symbol: every place that means it, and a proof that the new text means the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..diagnostics import Span
from ..syntax import tree
from ..syntax.place import RESERVED
from .analysis import Analysis
from .references import references, unexpanded
from .symbols import Symbol, symbol_at, symbol_of_use
from .text import Offsets

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")


class Refused(Exception):
    """Why a symbol cannot be renamed so."""


@dataclass(frozen=True)
class Renaming:
    symbol: Symbol
    places: tuple[Offsets, ...]


def renameable(analysis: Analysis, offset: int) -> Symbol:
    """The symbol at an offset, when its name is the author's to choose."""
    symbol = symbol_at(analysis, offset)
    if symbol is None or not symbol.definitions:
        raise Refused("there is no name here that can be changed")
    written = analysis.source.text[slice(*symbol.span)]
    if not _NAME.match(written):
        raise Refused("a row is named after its cell: rename the cell")
    outside = next((span for span in symbol.definitions if span.source is not analysis.source), None)
    if outside is not None:
        raise Refused(f"`{symbol.name}` is defined in {outside.source.name}")
    if any(analysis.source.text[span.start : span.end] != symbol.name for span in symbol.definitions):
        raise Refused(f"`{symbol.name}` is another name for something: rename that")
    return symbol


def rename(analysis: Analysis, offset: int, name: str) -> Renaming:
    """The places to change; Refused where the new text would not mean the same."""
    symbol = renameable(analysis, offset)
    if not _NAME.match(name) or name in RESERVED:
        raise Refused(f"`{name}` is not a name: names are made of a-z, A-Z, 0-9 and _, and are no reserved word")
    spans = references(analysis, symbol)
    elsewhere = next((span for span in spans if span.source is not analysis.source), None)
    if elsewhere is not None:
        raise Refused(f"`{symbol.name}` is used in {elsewhere.source.name}")
    for node, _ in unexpanded(analysis):
        if isinstance(node, tree.Member) and node.name == symbol.name:
            line, _ = analysis.source.position(node.name_span[0])
            raise Refused(f"`.{symbol.name}` in line {line} stands where nothing is computed: its meaning is not known")
    places = sorted({(span.start, span.end) for span in spans})
    if name == symbol.name:
        return Renaming(symbol, ())
    _prove(analysis, symbol, places, name)
    return Renaming(symbol, tuple(places))


def changed(text: str, places: Sequence[Offsets], name: str) -> str:
    parts, position = [], 0
    for start, end in places:
        parts += [text[position:start], name]
        position = end
    return "".join([*parts, text[position:]])


def _prove(analysis: Analysis, symbol: Symbol, places: Sequence[Offsets], name: str) -> None:
    """Every name of the new text means what it meant before, and the spec has the same faults."""
    path = analysis.model.path
    assert path is not None
    new = Analysis.of(changed(analysis.source.text, places, name), path)
    if sorted(d.code for d in new.problems) != sorted(d.code for d in analysis.problems):
        found = {d.message for d in analysis.problems}
        first = next((d.message for d in new.problems if d.message not in found), "the spec would have other faults")
        raise Refused(f"`{name}` cannot take the place of `{symbol.name}`: {first}")
    by = len(name) - len(symbol.name)
    starts = [start for start, _ in places]

    def moved(offset: int) -> int:
        return offset + by * sum(start < offset for start in starts)

    if _meaning(analysis, moved) != _meaning(new, lambda offset: offset):
        raise Refused(f"`{name}` already means something where `{symbol.name}` stands: the formulas would change")


def _meaning(analysis: Analysis, moved: Callable[[int], int]) -> list[tuple[int, tuple[tuple[str, int], ...]]]:
    """Each name of the text by its place, with the places of what it means."""

    def at(span: Span) -> tuple[str, int]:
        own = span.source is analysis.source
        return span.source.name, moved(span.start) if own else span.start

    found = []
    for use in analysis.uses:
        definitions = symbol_of_use(analysis, use).definitions
        found.append((moved(use.span[0]), tuple(sorted(at(span) for span in definitions))))
    return found
