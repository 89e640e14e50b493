"""The text of a `.mem` file and the tree made from it. Importing this is cheap: lark comes with the first text parsed."""

from __future__ import annotations

from ..diagnostics import Problems, Source
from . import tree


def parse(source: Source, problems: Problems) -> tree.Module:
    """Everything in the text that could be parsed; what could not is in `problems`. Never raises."""
    from .parser import parse_module

    return parse_module(source, problems)


def parse_expression(source: Source, problems: Problems) -> tree.Expression | None:
    """A whole text that is one expression; None when it is not one."""
    from .parser import parse_formula

    return parse_formula(source, problems)


def parse_prose(
    prose: tree.Prose, source: Source, problems: Problems
) -> tuple[str | tuple[tree.Expression, tree.UnitText | None], ...]:
    """The literal parts of a prose and its `{formula}` or `{formula in unit}`; a bad formula stays as it was written."""
    from .parser import parse_interpolations

    return parse_interpolations(prose, source, problems)
