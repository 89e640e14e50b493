"""Matching the arguments of a call with the formal arguments of what is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..diagnostics import Note, Span
from ..syntax import tree
from .faults import Fault, nearest
from .foreign_names import argument_meant
from .workshop import Actual


def bind(
    what: str, formals: Sequence[tree.Formal], actuals: Sequence[Actual], span: Span, by_name: str = ""
) -> Mapping[str, tuple[Actual, ...]]:
    """The actual arguments of each formal that got one; a variadic formal may get several. Raises Fault.

    The formal `by_name` takes the named arguments that no other takes.
    """
    bound: dict[str, tuple[Actual, ...]] = {}
    names = [formal.name for formal in formals if formal.name != by_name]
    remaining = [formal for formal in formals if formal.name != by_name]
    for actual in actuals:
        argument = actual.argument
        if argument.binder or argument.where is not None:
            raise Fault("wrong-argument", f"`{what}` takes plain arguments", actual.span)
        if argument.name:
            if argument.name not in names and by_name:
                given = bound.get(by_name, ())
                if any(other.argument.name == argument.name for other in given):
                    raise Fault("duplicate-argument", f"`{argument.name}` is given twice", actual.span)
                bound[by_name] = (*given, actual)
                continue
            if argument.name not in names:
                known = ", ".join(f"`{n}`" for n in names) or "no arguments"
                hint = argument_meant(argument.name, names) or nearest(argument.name, names) or f"it takes {known}"
                raise Fault("unknown-argument", f"`{what}` has no argument named `{argument.name}`", actual.span, hint)
            if argument.name in bound:
                notes = (Note("given here first", bound[argument.name][0].span),)
                raise Fault("duplicate-argument", f"`{argument.name}` is given twice", actual.span, notes=notes)
            bound[argument.name] = (actual,)
            remaining = [f for f in remaining if f.name != argument.name]
            continue
        while remaining and remaining[0].name in bound and not remaining[0].variadic:
            remaining.pop(0)
        if not remaining:
            listed = ", ".join(names)
            taken = f"{len(names)} argument{'s' if len(names) != 1 else ''}: ({listed})"
            if by_name:
                taken += ", and sizes by the names of axes"
            hint = f"name the axis: `{what}(c = …)`" if by_name else ""
            raise Fault("too-many-arguments", f"`{what}` takes {taken}", actual.span, hint)
        formal = remaining[0]
        if formal.variadic:
            bound[formal.name] = (*bound.get(formal.name, ()), actual)
        else:
            bound[formal.name] = (actual,)
            remaining.pop(0)
    for formal in formals:
        if formal.name not in bound and formal.default is None:
            if formal.name == by_name:
                hint = f"name the axes: `{what}(c = …)`"
                raise Fault("missing-argument", f"`{what}` needs sizes by the names of axes", span, hint)
            hint = f"add `{formal.name} = …` to the call"
            if actuals and len(formals) > 1:
                hint += f"; it takes ({', '.join(names)})"
            raise Fault("missing-argument", f"`{what}` needs `{formal.name}`", span, hint)
    return bound
