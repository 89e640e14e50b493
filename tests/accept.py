"""Expected diagnostics stand in the cases themselves: `python tests/accept.py` writes those that memdsl gives now.

    size = widht * 2
    #      ^^^^^ unknown-name: nothing here is called `widht` | did you mean `width`?

Carets mark the columns on the line above; code, message and hint follow. Where carets cannot stand (at the first
column, under several lines, under nothing) the columns are written out, the end exclusive: `#@ 1-6`, `#@ 5-+2:9`.
A diagnostic of another text stands at the end: `#! other.mem:3:5-9`. `#+` are its notes, with the text they point at.
At the top, `#? set width = 33 px`, `#? scenario small` and `#? eval today.work` say what is asked of the spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from memdsl import driver
from memdsl.diagnostics import Diagnostic, Note, Source, Span

BAD = Path(__file__).parent / "cases" / "bad"
_EXPECTATION = re.compile(r"#(?: *\^+ |[@!+] )")
_ASKED = re.compile(r"#\? (set|scenario|eval) (.*)")


def expected(path: Path, text: str) -> str:
    """The text of a case with the diagnostics that it gives, in place of those written in it."""
    while (again := annotated(text, diagnose(path, text).diagnostics)) != text:
        text = again
    return text


def diagnose(path: Path, text: str) -> driver.Model:
    """The model of a case, its claims judged, asked for what its first lines say."""
    asked = [(match[1], match[2]) for match in map(_ASKED.fullmatch, text.splitlines()) if match]
    settings = [tuple(part.strip() for part in value.split("=", 1)) for word, value in asked if word == "set"]
    model = driver.build(
        Source(path.name, text),
        path.parent,
        path,
        settings=[(name, value) for name, value in settings],
        scenario=next((value for word, value in asked if word == "scenario"), None),
        queries=[value for word, value in asked if word == "eval"],
    )
    assert model.claims is not None
    return model


def annotated(text: str, diagnostics: Iterable[Diagnostic]) -> str:
    """The text with these diagnostics below the lines that they speak of, and no others."""
    below: dict[int, list[str]] = {}
    elsewhere: list[str] = []
    for found in diagnostics:
        said = f"{'warning ' * (found.severity == 'warning')}{found.code}: {found.message}"
        said += f" | {found.hint}" if found.hint else ""
        notes = [f"#+ {_note(note)}" for note in found.notes]
        (line, column), (end_line, end) = _place(found.span)
        if found.span.source.text != text:
            elsewhere += [f"#! {found.span.source.name}:{line}:{column}-{end} {said}", *notes]
        elif line == end_line and column > 1 and end > column:
            below.setdefault(line, []).extend([f"#{' ' * (column - 2)}{'^' * (end - column)} {said}", *notes])
        else:
            last = str(end) if line == end_line else f"+{end_line - line}:{end}"
            below.setdefault(line, []).extend([f"#@ {column}-{last} {said}", *notes])
    lines: list[str] = []
    for number, line_text in enumerate(text.split("\n"), 1):
        if not _EXPECTATION.match(line_text):
            lines.append(line_text)
        lines += below.get(number, [])
    return "\n".join(lines).rstrip("\n") + "\n" + "".join(line + "\n" for line in elsewhere)


def _place(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return span.source.position(span.start), span.source.position(span.end)


def _note(note: Note) -> str:
    if note.span is None:
        return note.message
    return f"‹{' '.join(note.span.source.text[note.span.start : note.span.end].split())}› {note.message}"


def main() -> None:
    changed = 0
    for path in sorted(BAD.glob("*.mem")):
        text = path.read_text(encoding="utf-8")
        after = expected(path, text)
        if after != text:
            path.write_text(after, encoding="utf-8")
            changed += 1
            print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    print(f"{changed} cases rewritten")


if __name__ == "__main__":
    main()
