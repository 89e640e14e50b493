"""Matching the arguments of a call with the formal arguments of what is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..diagnostics import Note, Span
from ..syntax import tree
from .faults import Fault, nearest
from .foreign_names import argument_meant
from .workshop import Actual


def bind(
    what: str,
    formals: Sequence[tree.Formal],
    actuals: Sequence[Actual],
    span: Span,
    by_name: str = "",
    faults: list[Fault] | None = None,
) -> Mapping[str, tuple[Actual, ...]]:
    """The actual arguments of each formal that got one; a variadic formal may get several.

    The formal `by_name` takes the named arguments that no other takes. An argument with a fault is added to `faults`
    and bound to nothing; without the list the first fault is raised.
    """
    found: list[Fault] = []
    bound: dict[str, tuple[Actual, ...]] = {}
    names = [formal.name for formal in formals if formal.name != by_name]
    remaining = [formal for formal in formals if formal.name != by_name]
    for actual in actuals:
        fault = _bind(what, actual, bound, names, remaining, by_name)
        surplus = fault is not None and fault.code == "too-many-arguments"
        if fault is not None and not (surplus and any(other.code == fault.code for other in found)):  # told once
            found.append(fault)
            if faults is None:
                break
    if not found:
        lacking = (formal for formal in formals if formal.name not in bound and formal.default is None)
        found += [_missing(what, formal, names, bool(actuals), span, by_name) for formal in lacking]
    if faults is not None:
        faults += found
    elif found:
        raise found[0]
    return bound


def _bind(
    what: str,
    actual: Actual,
    bound: dict[str, tuple[Actual, ...]],
    names: Sequence[str],
    remaining: list[tree.Formal],
    by_name: str,
) -> Fault | None:
    """Adds an argument to the formal that takes it; the fault of one that none takes."""
    argument = actual.argument
    if argument.binder or argument.where is not None:
        return Fault("wrong-argument", f"`{what}` takes plain arguments", actual.span)
    if argument.name:
        if argument.name not in names and by_name:
            given = bound.get(by_name, ())
            if any(other.argument.name == argument.name for other in given):
                return Fault("duplicate-argument", f"`{argument.name}` is given twice", actual.span)
            bound[by_name] = (*given, actual)
            return None
        if argument.name not in names:
            known = ", ".join(f"`{n}`" for n in names) or "no arguments"
            hint = argument_meant(argument.name, names) or nearest(argument.name, names) or f"it takes {known}"
            return Fault("unknown-argument", f"`{what}` has no argument named `{argument.name}`", actual.span, hint)
        if argument.name in bound:
            notes = (Note("given here first", bound[argument.name][0].span),)
            return Fault("duplicate-argument", f"`{argument.name}` is given twice", actual.span, notes=notes)
        bound[argument.name] = (actual,)
        remaining[:] = [formal for formal in remaining if formal.name != argument.name]
        return None
    while remaining and remaining[0].name in bound and not remaining[0].variadic:
        remaining.pop(0)
    if not remaining:
        taken = f"{len(names)} argument{'s' if len(names) != 1 else ''}: ({', '.join(names)})"
        if by_name:
            taken += ", and sizes by the names of axes"
        hint = f"name the axis: `{what}(c = …)`" if by_name else ""
        return Fault("too-many-arguments", f"`{what}` takes {taken}", actual.span, hint)
    formal = remaining[0]
    if formal.variadic:
        bound[formal.name] = (*bound.get(formal.name, ()), actual)
    else:
        bound[formal.name] = (actual,)
        remaining.pop(0)
    return None


def _missing(what: str, formal: tree.Formal, names: Sequence[str], given: bool, span: Span, by_name: str) -> Fault:
    if formal.name == by_name:
        hint = f"name the axes: `{what}(c = …)`"
        return Fault("missing-argument", f"`{what}` needs sizes by the names of axes", span, hint)
    hint = f"add `{formal.name} = …` to the call"
    if given and len(names) + bool(by_name) > 1:
        hint += f"; it takes ({', '.join(names)})"
    return Fault("missing-argument", f"`{what}` needs `{formal.name}`", span, hint)
