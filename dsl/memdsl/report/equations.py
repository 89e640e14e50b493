"""Closed forms: asked of `symbolic`, typeset as equations, with the table of the places where they step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from html import escape

from ..evaluate.show import shown_unit
from ..presentation.words import LABEL, NAME, cut, cut_middle, plural
from ..sheet.report import EquationItem
from ..symbolic import Breakpoint, ClosedForm, SymbolicError
from .document import Block, Equation, Grid, Heading, Html, Line, Remark
from .numbers import close_column, column
from .subject import Subject

_MOST_TEXT = 6_000
_MOST_STEPS = 40
_MANY, _NARROW = 14, 58
"""More lines than that, none of them longer, stand in two columns."""
_TAG = re.compile(r"<[^>]*>|&[a-z]+;")
_MOST_ROWS = 3
_WIDEST = 640.0
"""A drawn equation that is wider than a page at a readable size is given as text."""


def equation(subject: Subject, item: EquationItem) -> tuple[Block, ...]:
    """A closed form and its breakpoints; a cell without one says why."""
    name = cut(item.cell.text, LABEL)
    paths = [subject.path(key) for key in item.inputs]
    form = subject.closed(item.cell.formula, tuple(paths), item.cell.text)
    if isinstance(form, SymbolicError):
        return (
            Remark(f"{name} has no closed form in {', '.join(paths)}: {cut(form.message.replace('`', ''), LABEL)}."),
        )
    fixed = tuple(sorted(subject.path(key) for key in subject.reads.inputs_of(item.cell.formula) - set(item.inputs)))
    names = (*form.inputs, *form.cuts)
    blocks: list[Block] = [replace(typeset(name, form.text(), form.latex(), names), fixed=fixed)]
    blocks += [replace(typeset(cut(c.name, NAME), c.text, c.latex, names), fixed=fixed) for c in form.cuts.values()]
    if any("[" in block.svg for block in blocks if isinstance(block, Equation)):
        blocks.append(Remark("A term counts where the condition in the brackets after it holds, and is 0 elsewhere."))
    blocks += [Remark(cut(note.replace("`", ""), 2 * LABEL)) for note in form.notes]
    return (*blocks, *(replace(grid, fixed=fixed) for grid in _breakpoints(subject, item, form)))


def _breakpoints(subject: Subject, item: EquationItem, form: ClosedForm) -> list[Grid]:
    """A table an input: where the cell steps, and what it is on both sides."""
    kind = subject.typed.type_of(item.cell.formula)
    asked = item.cell.unit or shown_unit(subject.typed, item.cell.formula)
    name = cut(item.cell.text, NAME)
    grids = []
    for path in form.inputs:
        points = [p for p in form.breakpoints if p.input == path]
        source = subject.sheet.inputs.get(path)
        if not points or source is None:
            continue
        kept = points[:_MOST_STEPS]
        at = column(subject.typed, [p.at for p in kept], subject.input_type(source.key), subject.input_unit(source))
        values = [v for p in kept for v in (p.below, p.above)]
        sides = close_column(subject.typed, values, kind, asked)
        lines = [
            Line((place, below, above, _rows(p)))
            for place, below, above, p in zip(at.texts, sides.texts[::2], sides.texts[1::2], kept, strict=True)
        ]
        headings = (
            Heading(cut(path, NAME), at.unit, "number", 10), Heading(f"{name} below", sides.unit, "number", 17),
            Heading("from there on", sides.unit, "number", 13), Heading("Rows that change", width=60),
        )  # fmt: skip
        note = f"The first {_MOST_STEPS} of {len(points)} breakpoints." if len(points) > _MOST_STEPS else ""
        grids.append(Grid(f"Where {name} changes over {cut(path, NAME)}", headings, tuple(lines), note))
    return grids


def _rows(point: Breakpoint) -> str:
    names = [cut_middle(name, 30) for name in point.rows[:_MOST_ROWS]]
    more = len(point.rows) - len(names)
    return ", ".join(names) + (f" and {plural(more, 'other')}" if more > 0 else "")


# ---- setting --------------------------------------------------------------------------------------------------------


def typeset(name: str, text: str, latex: str, variables: Sequence[str]) -> Equation:
    """Lines of HTML where the mathematics stands on one level; a drawing for fractions and cases; else the text."""
    if len(text) > _MOST_TEXT:
        return Equation(name, Html(""), text[:_MOST_TEXT] + "\n…")
    shorter = _bracketed(latex)
    html = _lines(shorter, frozenset(variables))
    if html is None:
        html = _drawn(shorter)
    return Equation(name, html or Html(""), text)


_STEP = re.compile(
    r"\\begin\{cases\} ((?:(?!\\begin\{cases\}|\\\\).)*?) & \\text\{if \} ((?:(?!\\begin\{cases\}|\\\\).)*?) \\\\ "
    r"0(?:\\,\\mathrm\{[^{}]*\})? & \\text\{otherwise\} \\end\{cases\}"
)


def _bracketed(latex: str) -> str:
    """`a if c, otherwise 0` as `a [c]`: half as high, and steps stand under each other."""
    return _STEP.sub(r"\1\\;\\left[ \2 \\right]", latex)


@lru_cache(maxsize=256)
def _drawn(latex: str) -> Html | None:
    """The equation as SVG, or None where it cannot be drawn, or not within a page."""
    try:
        from ziamath.zmath import Latex

        math = Latex(latex, size=13.5)
        width, _ = math.getsize()
        return Html(math.svg()) if width <= _WIDEST else None
    except Exception:  # the library raises whatever its parser meets; the text form is always there
        return None


# ---- mathematics on one level ---------------------------------------------------------------------------------------

_SIGNS = {
    r"\;": "\u2003", r"\times": " × ", r"\ge": " ≥ ", r"\le": " ≤ ", r"\ne": " ≠ ", "<": " &lt; ",
    ">": " &gt; ", "=": " = ", "+": " + ", "-": " − ", r"\left[": "[", r"\right]": "]", r"\left(": "(", r"\right)": ")",
    r"\left\lfloor": "⌊", r"\right\rfloor": "⌋", r"\left\lceil": "⌈", r"\right\rceil": "⌉", r"\max": "max",
    r"\min": "min", r"\sum": "∑ ", "{,}": ",", ",": ", ", " ": "", "&": "",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<name>\\mathrm\{(?:[^{}\\]|\\.)*\})(?P<up>\^\{\d+\})?|(?P<power>\{(\\mathrm\{(?:[^{}\\]|\\.)*\}|\d+)\}\^\{\d+\})"
    r"|(?P<gap>\\,)|(?P<text>\\text\{[^{}\\]*\})|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<sign>" + "|".join(re.escape(s) for s in sorted(_SIGNS, key=len, reverse=True)) + ")"
)
_ALIGNED = re.compile(r"\\begin\{aligned\}(.*)\\end\{aligned\}", re.DOTALL)


def _lines(latex: str, variables: frozenset[str]) -> Html | None:
    """The equation as lines of HTML, or None when it has a part that is higher than a line."""
    whole = _ALIGNED.fullmatch(latex)
    parts = re.split(r" ?\\\\ ?", whole[1]) if whole else [latex]
    set_ = ["".join(found) if (found := _set(part, variables)) is not None else None for part in parts]
    if any(line is None for line in set_):
        return None
    lines = [" ".join((line or "").split(" ")).strip() for line in set_]
    columns = len(lines) > _MANY and max(len(_TAG.sub("", line)) for line in lines) <= _NARROW
    html = "".join(f"<div>{line}</div>" for line in lines)
    return Html(f'<div class="columns">{html}</div>' if columns else html)


def _set(part: str, variables: frozenset[str]) -> list[str] | None:
    found: list[str] = []
    position = 0
    for token in _tokens(part):
        if token.start() != position:
            return None
        position = token.end()
        if token["gap"] is not None:
            # A product where a variable follows, else the gap before a unit.
            found.append(" · " if _variable(part, position, variables) else "\u00a0")
        elif token["sign"] is not None:
            found.append(_SIGNS[token["sign"]])
        elif token["name"] is not None:
            raised = f"<sup>{token['up'][2:-1]}</sup>" if token["up"] else ""
            found.append(_name(token["name"], variables) + raised)
        elif token["power"] is not None:
            base, _, exponent = token["power"].rpartition("^")
            inner = base[1:-1]
            set_ = _name(inner, variables) if inner.startswith("\\mathrm") else inner
            found.append(f"{set_}<sup>{exponent[1:-1]}</sup>")
        elif token["text"] is not None:
            found.append(escape(token["text"][6:-1]))
        else:
            found.append(token["number"])
    return found if position == len(part) else None


def _variable(part: str, position: int, variables: frozenset[str]) -> bool:
    following = re.compile(r"\{?\\mathrm\{((?:[^{}\\]|\\.)*)\}").match(part, position)
    return following is not None and re.sub(r"\\(.)", r"\1", following[1]) in variables


def _tokens(part: str) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(part)


def _name(token: str, variables: frozenset[str]) -> str:
    """An input in italics, a unit upright."""
    text = re.sub(r"\\(.)", r"\1", token[len("\\mathrm{") : -1])
    return f"<i>{escape(text)}</i>" if text in variables else escape(text)
