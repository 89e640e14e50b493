"""A diagnostic as the terminal shows it, and as JSON.

Everything that comes from a spec is escaped: a text from a stranger sends no control sequence to the terminal.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from .diagnostics import Diagnostic, Span

MAX_WIDTH: Final = 160
_TAB: Final = 4
_BEFORE: Final = 40  # columns kept before the span when a long line is cut
_STYLES: Final = {"error": "1;31", "warning": "1;33", "bold": "1", "blue": "1;34", "help": "1;36"}


def render(diagnostic: Diagnostic, colour: bool = False) -> str:
    """The diagnostic in several lines, without a line end at its end."""
    paint = _painted if colour else _plain
    severity = diagnostic.severity
    width = len(str(_last_line(diagnostic)))
    lines = [
        heading(diagnostic.code, diagnostic.message, severity, colour),
        *_excerpt(diagnostic.span, width, severity, colour),
    ]
    for note in diagnostic.notes:
        lines.append(" " * (width + 1) + paint("= ", "blue") + paint("note", "bold") + f": {escaped(note.message)}")
        if note.span is not None:
            lines += _excerpt(note.span, width, "blue", colour)
    if diagnostic.hint:
        lines.append(" " * (width + 1) + paint("= ", "blue") + paint("help", "help") + f": {escaped(diagnostic.hint)}")
    return "\n".join(lines)


def heading(code: str, message: str, severity: str, colour: bool) -> str:
    """The first line: how bad it is, which kind of fault, and what is wrong."""
    paint = _painted if colour else _plain
    return paint(f"{severity}[{code}]", severity) + paint(f": {escaped(message)}", "bold")


def to_json(diagnostic: Diagnostic) -> dict[str, object]:
    """The diagnostic for a program; lines and columns count characters from 1, and the end is exclusive."""
    span = diagnostic.span
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    }


def escaped(text: str) -> str:
    """Text without anything that a terminal could obey or that would hide or reorder what stands beside it."""
    return "".join(character if _harmless(character) else _code(character) for character in text)


def _harmless(character: str) -> bool:
    return character == " " or character.isprintable()


def _code(character: str) -> str:
    if character == "\n":
        return "\\n"
    return f"\\u{{{ord(character):x}}}"


def _plain(text: str, style: str) -> str:
    return text


def _painted(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _last_line(diagnostic: Diagnostic) -> int:
    spans = [diagnostic.span, *(note.span for note in diagnostic.notes if note.span is not None)]
    return max(span.source.position(span.start)[0] for span in spans)


def _excerpt(span: Span, width: int, style: str, colour: bool) -> list[str]:
    """The place, and the first line of the span with the span underlined."""
    paint = _painted if colour else _plain
    source = span.source
    line, column = source.position(span.start)
    end_line, end_column = source.position(max(span.end, span.start))
    arrow = " " * width + paint("-->", "blue") + f" {escaped(source.name)}:{line}:{column}"
    text = source.line(line)
    if not text.strip():
        return [arrow]
    cut = max(column - 1 - MAX_WIDTH, 0)  # no more of a very long line is looked at
    text, after = text[cut : cut + 3 * MAX_WIDTH], "…" if len(text) > cut + 3 * MAX_WIDTH else ""
    cells = [_cell(character) for character in text]
    start = min(column - 1 - cut, len(cells))
    stop = min(end_column - 1 - cut, len(cells)) if end_line == line else len(text.rstrip())
    first, last = _window([_width(cell) for cell in cells], start, max(stop, start + 1))
    shown = "".join(cells[first:last])
    before = "…" if first or cut else ""
    after = "…" if last < len(cells) else after
    indent = len(before) + sum(map(_width, cells[first:start]))
    length = max(sum(map(_width, cells[start : min(stop, last)])), 1)
    more = "..." if end_line > line else ""
    gutter = paint("|", "blue")
    return [
        arrow,
        f"{' ' * width} {gutter}",
        f"{paint(str(line).rjust(width), 'blue')} {gutter} {before}{shown.rstrip()}{after}",
        f"{' ' * width} {gutter} {' ' * indent}{paint('^' * length + more, style)}",
    ]


def _cell(character: str) -> str:
    """What stands for a character on the terminal."""
    if character == "\t":
        return " " * _TAB
    return character if _harmless(character) else _code(character)


def _width(cell: str) -> int:
    """The columns that a terminal takes for a cell: none for a mark on the letter before, two for a wide character."""
    if len(cell) != 1:
        return len(cell)
    if unicodedata.category(cell) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(cell) in "WF" else 1


def _window(widths: list[int], start: int, stop: int) -> tuple[int, int]:
    """The part of a line that is shown: all of it, or `MAX_WIDTH` columns around the span."""
    if sum(widths) <= MAX_WIDTH:
        return 0, len(widths)
    first, room = start, _BEFORE
    while first > 0 and room >= widths[first - 1]:
        first -= 1
        room -= widths[first]
    last, room = first, MAX_WIDTH
    while last < len(widths) and room >= widths[last]:
        room -= widths[last]
        last += 1
    return first, last
