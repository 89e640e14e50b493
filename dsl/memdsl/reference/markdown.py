"""The reference as Markdown, which stands in the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .entries import Argument, Declaration, Entry, Module
from .text import described, said


def to_markdown(module: Module, declarations: Sequence[Declaration]) -> str:
    """One page a module. Formulas stand in code, on one line each."""
    lines = [f"# {module.name}", "", module.title, "", f"`use {module.name}`", ""]
    for declaration in declarations:
        lines += _declaration(declaration)
    return "\n".join(lines).rstrip() + "\n"


def _declaration(declaration: Declaration) -> Iterator[str]:
    yield f"## {declaration.kind} {declaration.name}"
    yield ""
    yield f"`{declaration.heading}`"
    yield ""
    for paragraph in (declaration.label, declaration.note):
        if paragraph:
            yield f"{_safe(paragraph)}."
            yield ""
    if declaration.arguments:
        yield "| argument | takes | default |"
        yield "| --- | --- | --- |"
        yield from (_argument(a) for a in declaration.arguments)
        yield ""
    for part in declaration.parts:
        yield f"{_safe(part.title)}:"
        yield ""
        if part.entries:
            yield "| name | unit | what it is | formula |"
            yield "| --- | --- | --- | --- |"
            yield from (_entry(e) for e in part.entries)
            yield ""
        for condition in part.conditions:
            yield f"- requires `{said(condition)}`" + (f": {_safe(condition.message)}" if condition.message else "")
        if part.conditions:
            yield ""


def _argument(argument: Argument) -> str:
    default = f"`{argument.default}`" if argument.default else ""
    return f"| `{argument.name}` | {described(argument)} | {default} |"


def _entry(entry: Entry) -> str:
    remarks = [f"from {_safe(entry.source)}"] if entry.source else []
    remarks += [f"**{entry.role}**"] if entry.role else []
    label = "; ".join([part for part in (_safe(entry.label),) if part] + remarks)
    return f"| `{entry.name}` | {entry.unit} | {label} | `{said(entry).replace('|', chr(92) + '|')}` |"


def _safe(text: str) -> str:
    """A text that Markdown leaves alone."""
    return text.rstrip(".").replace("|", r"\|").replace("<", "&lt;")
