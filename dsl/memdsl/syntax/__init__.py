"""The text of a `.mem` file and the tree made from it.

Importing this is cheap: lark comes with the first text that was not parsed in an earlier run.
"""

from __future__ import annotations

from ..diagnostics import Problems, Source
from . import cache, tree
from .faults import Faults

Interpolation = tuple[tree.Expression, tree.UnitText | None]

MAX_LENGTH = 4_000_000


def parse(source: Source, problems: Problems) -> tree.Module:
    """Everything in the text that could be parsed; what could not is in `problems`. Never raises."""
    faults = Faults(source, problems)
    if not _fits(source, faults):
        return tree.Module("", ())

    def make() -> tuple[tree.Module, bool]:
        from .chunks import parse_chunks

        return parse_chunks(source, faults), not faults.count

    return cache.kept("module", source.text, make)


def syntax_faults(source: Source) -> Problems:
    """What parsing a text finds wrong with it."""
    problems = Problems()
    parse(source, problems)
    return problems


def parse_expression(source: Source, problems: Problems) -> tree.Expression | None:
    """A whole text that is one expression; None when it is not one."""
    faults = Faults(source, problems)
    if not _fits(source, faults):
        return None

    def make() -> tuple[tree.Expression | None, bool]:
        from .parser import parse_formula

        return parse_formula(source, faults), not faults.count

    return cache.kept("formula", source.text, make)


def parse_prose(prose: tree.Prose, source: Source, problems: Problems) -> tuple[str | Interpolation, ...]:
    """The literal parts of a prose, and its `{formula}` and `{formula in unit}`; a bad one stays as it was written."""
    faults = Faults(source, problems)

    def make() -> tuple[tuple[str | Interpolation, ...], bool]:
        from .parser import parse_interpolations

        return parse_interpolations(prose, source, faults), not faults.count

    return cache.kept("prose", f"{prose.value_start} {prose.value}", make)


def _fits(source: Source, faults: Faults) -> bool:
    length = len(source.text)
    if length > MAX_LENGTH:
        message = f"a text has at most {MAX_LENGTH:,} characters; this one has {length:,}"
        faults.add("too-large", message, (0, 0), "split it and join the parts with `use`")
    return length <= MAX_LENGTH
