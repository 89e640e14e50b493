"""The reference as web pages: one a module and an index, formulas typeset as in a report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ..report.equations import typeset
from ..report.templates import fonts, rendered
from ..symbolic.shapes import Name, Shape
from ..version import VERSION
from .entries import Condition, Declaration, Entry, Module
from .text import described, latex, said


@dataclass(frozen=True)
class _Line:
    name: str
    unit: str
    label: str
    source: str
    role: str
    drawn: str
    text: str


def module_page(module: Module, modules: Sequence[Module]) -> str:
    """The page of a module; `modules` stand in its navigation."""
    return rendered(
        "reference.html", module=module, modules=modules, fonts=fonts(), version=VERSION, line=_line, anchor=_anchor,
        described=described, marked=_marked,
    )  # fmt: skip


def index_page(modules: Sequence[Module]) -> str:
    """The page that lists every module with its declarations."""
    return rendered(
        "reference.html", module=None, modules=modules, fonts=fonts(), version=VERSION, line=_line, anchor=_anchor,
        described=described, marked=_marked,
    )  # fmt: skip


def _marked(text: str) -> str:
    """Words of the library as HTML, names in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _anchor(declaration: Declaration) -> str:
    return f"{declaration.kind}-{declaration.name}"


def _line(formula: Entry | Condition) -> _Line:
    entry = formula if isinstance(formula, Entry) else None
    set_ = (
        typeset("", said(formula), latex(formula), tuple(_names(formula.shape))) if formula.shape is not None else None
    )
    return _Line(
        entry.name if entry is not None else "require",
        entry.unit if entry is not None else "",
        entry.label if entry is not None else formula.message if isinstance(formula, Condition) else "",
        entry.source if entry is not None else "",
        entry.role if entry is not None else "",
        set_.svg if set_ is not None else "",
        said(formula),
    )


def _names(shape: Shape) -> list[str]:
    """The names in a formula, which are set in italics."""
    if isinstance(shape, Name):
        return [shape.text]
    parts = [getattr(shape, name) for name in getattr(shape, "__dataclass_fields__", ())]
    found: list[str] = []
    for part in parts:
        for inner in part if isinstance(part, tuple) else (part,):
            pair = inner[1] if isinstance(inner, tuple) else inner
            found += _names(pair) if hasattr(pair, "__dataclass_fields__") else []
    return found
