"""How a diagnostic looks on a terminal and in JSON."""

from __future__ import annotations

import pytest

from memdsl.diagnostics import Diagnostic, Note, Source, Span
from memdsl.render import render, to_json


def shown(marked: str, **parts: object) -> list[str]:
    """The lines of a diagnostic for the span between « and »."""
    text = marked.replace("«", "").replace("»", "")
    span = Span(Source("a.mem", text), marked.index("«"), marked.index("»") - 1)
    return render(Diagnostic("some-code", "what is wrong", span, **parts)).splitlines()  # type: ignore[arg-type]


def test_all_of_it() -> None:
    text = "x = 1\n" * 9 + "x = 3 B + 2 s\n"
    source = Source("specs/a.mem", text)
    note = Note("bytes here", Span(source, 58, 61))
    diagnostic = Diagnostic("dimension", "bytes and seconds do not add", Span(source, 62, 63), "drop one", (note,))
    assert render(diagnostic) == (
        "error[dimension]: bytes and seconds do not add\n"
        "  --> specs/a.mem:10:9\n"
        "   |\n"
        "10 | x = 3 B + 2 s\n"
        "   |         ^\n"
        "   = note: bytes here\n"
        "  --> specs/a.mem:10:5\n"
        "   |\n"
        "10 | x = 3 B + 2 s\n"
        "   |     ^^^\n"
        "   = help: drop one"
    )
    assert to_json(diagnostic) == {
        "file": "specs/a.mem", "line": 10, "column": 9, "end_line": 10, "end_column": 10, "severity": "error",
        "code": "dimension", "message": "bytes and seconds do not add", "hint": "drop one",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("marked", "line", "underline"),
    [
        ("a = «b» + c", "a = b + c", "    ^"),
        ("\ta = «b»", "    a = b", "        ^"),
        ('"漢字" = «b»', '"漢字" = b', "         ^"),
        ('"🙂e\u0301" = «b»', '"🙂e\u0301" = b', "        ^"),
        ("a = «漢字»", "a = 漢字", "    ^^^^"),
        ("a =«»", "a =", "   ^"),
        ("a = «f(\n  b)»\nc", "a = f(", "    ^^..."),
        ("a = «\x1b[31m»b", "a = \\u{1b}[31mb", "    ^^^^^^^^^^"),
        ("\u202ea = «b»", "\\u{202e}a = b", "            ^"),
    ],
)
def test_the_underline_stands_under_the_span(marked: str, line: str, underline: str) -> None:
    assert shown(marked)[3:] == [f"1 | {line}", f"  | {underline}"]


def test_a_long_line_is_cut_around_the_span() -> None:
    lines = shown("a" * 1000 + "«bcd»" + "e" * 100_000)
    assert max(map(len, lines)) < 170
    assert lines[3].startswith("1 | …aaa")
    assert lines[3].endswith("eee…")
    start = lines[4].index("^")
    assert lines[3][start : start + 3] == "bcd"
    assert lines[4].count("^") == 3


def test_an_empty_text_has_no_line_to_show() -> None:
    assert shown("«»") == ["error[some-code]: what is wrong", " --> a.mem:1:1"]


def test_nothing_of_a_spec_reaches_the_terminal_unescaped() -> None:
    source = Source("\x1b]0;evil\x07.mem", "x = \x9b31m\r\n")
    diagnostic = Diagnostic("code", "the name `\x1b[2J` is unknown", Span(source, 4, 6), "\u202e", (Note("\n\x07"),))
    text = render(diagnostic)
    assert not set(text) & {"\x1b", "\x9b", "\x07", "\r", "\u202e"}
    assert len(text.splitlines()) == 7
    coloured = render(diagnostic, colour=True)
    assert coloured.replace("\x1b[0m", "").count("\x1b[") == coloured.count("\x1b[0m")
