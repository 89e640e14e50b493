"""The reference for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..symbolic.writers import LatexWriter, TextWriter
from .entries import Argument, Condition, Declaration, Entry, Module

_TEXT, _LATEX = TextWriter(), LatexWriter()


def overview(modules: Sequence[Module]) -> str:
    """Every module with the names that it declares."""
    lines: list[str] = []
    for module in modules:
        lines += [f"{module.name}   {module.title}"]
        wide = max((len(f"{d.kind} {d.name}") for d in module.declarations), default=0)
        lines += [f"  {f'{d.kind} {d.name}':<{wide}}   {d.label}".rstrip() for d in module.declarations]
        lines.append("")
    return "\n".join(lines)


def to_text(module: Module, declarations: Sequence[Declaration]) -> str:
    """Declarations of a module, one below the other."""
    return "\n".join("\n".join(_declaration(module, declaration)) for declaration in declarations)


def said(formula: Entry | Condition) -> str:
    """The formula as mathematics on one line."""
    return _TEXT.write(formula.shape) if formula.shape is not None else formula.formula


def latex(formula: Entry | Condition) -> str:
    return _LATEX.write(formula.shape) if formula.shape is not None else ""


def described(argument: Argument) -> str:
    """What an argument takes, and which values: `network`, `B, from 0 B`, `number, whole from 1`."""
    allowed = f", {argument.allowed}" if argument.allowed else ""
    return (argument.what or argument.unit or "number") + allowed + (f": {argument.label}" if argument.label else "")


def _declaration(module: Module, declaration: Declaration) -> Iterator[str]:
    yield f"{module.name}:{declaration.line}"
    yield declaration.heading
    for paragraph in (declaration.label, declaration.note):
        if paragraph:
            yield f"  {paragraph}"
    if declaration.arguments:
        wide = max(len(a.name) for a in declaration.arguments)
        what = max(len(described(a)) for a in declaration.arguments)
        yield "\n  Arguments"
        for argument in declaration.arguments:
            default = f"  = {argument.default}" if argument.default else ""
            yield f"    {argument.name:<{wide}}  {described(argument):<{what}}{default}".rstrip()
    for part in declaration.parts:
        yield f"\n  {part.title}"
        yield from _entries(part.entries)
        for condition in part.conditions:
            yield f"    require {said(condition)}"
            if condition.message:
                yield f"        {condition.message}"
    yield ""


def _entries(entries: Sequence[Entry]) -> Iterator[str]:
    wide = max((len(_title(e)) for e in entries), default=0)
    for entry in entries:
        yield f"    {_title(entry):<{wide}}  {entry.label}".rstrip()
        remarks: list[str] = [entry.role] if entry.role else []
        remarks += [f"from {entry.source}"] if entry.source else []
        yield f"        = {said(entry)}" + (f"   ({'; '.join(remarks)})" if remarks else "")


def _title(entry: Entry) -> str:
    return f"{entry.name} [{entry.unit}]" if entry.unit else entry.name


# ---- for programs ---------------------------------------------------------------------------------------------------


def to_json(module: Module, declarations: Sequence[Declaration]) -> dict[str, object]:
    """The same as one object; formulas as the library writes them, as text and as LaTeX."""
    return {
        "name": module.name,
        "title": module.title,
        "uses": list(module.uses),
        "declarations": [
            {
                "kind": d.kind,
                "name": d.name,
                "label": d.label,
                "note": d.note,
                "heading": d.heading,
                "extends": d.extends,
                "line": d.line,
                "arguments": [
                    {
                        "name": a.name,
                        "what": a.what,
                        "default": a.default,
                        "unit": a.unit,
                        "allowed": a.allowed,
                        "label": a.label,
                    }
                    for a in d.arguments
                ],
                "parts": [
                    {
                        "title": part.title,
                        "entries": [
                            {
                                "name": e.name,
                                "unit": e.unit,
                                "label": e.label,
                                "source": e.source,
                                "role": e.role,
                                **_formula(e),
                            }
                            for e in part.entries
                        ],
                        "require": [{"message": c.message, **_formula(c)} for c in part.conditions],
                    }
                    for part in d.parts
                ],
            }
            for d in declarations
        ],
    }


def _formula(formula: Entry | Condition) -> dict[str, str]:
    return {"formula": formula.formula, "text": said(formula), "latex": latex(formula)}
