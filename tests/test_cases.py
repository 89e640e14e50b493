"""Bad specs: each says exactly what is wrong, where, and what to write instead. And texts too odd for a file."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest

from accept import BAD, annotated, diagnose, expected
from memdsl import driver
from memdsl.diagnostics import Diagnostic, Source
from memdsl.render import render, to_json

CASES = sorted(BAD.glob("*.mem"))
LONGEST = 20.0
"""Seconds of a processor that any text may take; the limits of the language stop most of them far earlier."""


@cache
def found_in(path: Path) -> tuple[str, list[Diagnostic]]:
    text = path.read_text(encoding="utf-8")
    return text, diagnose(path, text).diagnostics


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_a_bad_spec_says_what_is_wrong_with_it_and_nothing_else(path: Path) -> None:
    text, diagnostics = found_in(path)
    assert diagnostics
    assert annotated(text, diagnostics) == text  # `python tests/accept.py` writes what is said now
    for found in diagnostics:
        assert found.message in render(found)
        assert to_json(found)["code"] == found.code


def test_an_expectation_that_is_not_met_is_seen() -> None:
    path = BAD / "unknown_name.mem"
    text, _ = found_in(path)
    for before, after in (("^^^^^ ", "^^^^ "), ("`widht`", "`wodht`"), ("did you mean `width`", "it is `width`")):
        assert before in text
        assert expected(path, text.replace(before, after, 1)) == text
    assert expected(path, text + "more = nothing_of_the_kind\n") != text + "more = nothing_of_the_kind\n"


def test_there_are_cases_of_every_pass() -> None:
    codes = {found.code for path in CASES for found in found_in(path)[1]}
    assert len(CASES) >= 45
    assert len(codes) >= 60, sorted(codes)


# ---- texts that no file of this folder can hold ----------------------------------------------------------------------


def said(text: str) -> list[str]:
    """The codes of what is wrong with a text; it must be told within a bounded time."""
    start = time.process_time()
    model = driver.build(Source("made", text), BAD)
    assert model.claims is not None
    assert time.process_time() - start < LONGEST
    for found in model.diagnostics:
        assert render(found)
    return [found.code for found in model.diagnostics]


def unreadable(path: Path) -> Diagnostic:
    found = driver.read(path)
    assert isinstance(found, Diagnostic)
    assert str(path) in found.message
    assert str(path) in render(found)
    return found


def test_what_cannot_be_read(tmp_path: Path) -> None:
    assert unreadable(tmp_path).code == "is-directory"
    (tmp_path / "network.mem").write_text("a = 1\n")
    missing = unreadable(tmp_path / "netwrok.mem")
    assert (missing.code, missing.hint) == ("missing-file", f"did you mean `{tmp_path}/network.mem`?")
    latin = tmp_path / "latin.mem"
    latin.write_bytes('a = 1 "Größe"\n'.encode("latin-1"))
    wrong = unreadable(latin)
    assert (wrong.code, wrong.span.source.position(wrong.span.start)) == ("not-utf8", (1, 10))
    large = tmp_path / "large.mem"
    large.write_bytes(b"# " + b"x" * 50_000_000)
    start = time.process_time()
    assert unreadable(large).code == "too-large"
    assert time.process_time() - start < 1


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "\ufeff", " \t\n"])
def test_an_empty_text(text: str) -> None:
    assert said(text) == ["empty-file"]


@pytest.mark.parametrize("content", [b"\xff\xfea\x00", b"\x80", b"a = \xc3\x28"])
def test_bytes_that_are_no_text(content: bytes) -> None:
    found = driver.read_bytes(content, "<stdin>")
    assert isinstance(found, Diagnostic)
    assert found.code == "not-utf8"


def in_network(body: str, *before: str) -> str:
    network = f"network net(image[h, w, c]) {{ {body} }}\nnetwork n = net([8, 8, 3])"
    return "\n".join(["use std.layers", *before, network])


DEEP = 20_000
WIDE = f"table t for a in {list(range(60))}, b in {list(range(30))} {{ "
AT_MANY = "\n".join(f'claim x > {i} from "a" at p = {i + 1}' for i in range(40))
EMPTY = ("block r(x) { out = x }",)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("too-deep", "a = " + "(" * DEEP + "1" + ")" * DEEP),
        ("too-deep", "a = " + "[" * DEEP + "]" * DEEP),
        ("too-deep", "a = " + "abs(" * DEEP + "1" + ")" * DEEP),
        ("too-deep", "a = " + "+".join(["1"] * DEEP)),
        ("too-deep", "a = " + "^".join(["1"] * DEEP)),
        ("too-deep", "a = " + "-" * DEEP + "1"),
        ("too-deep", "a = " + "not " * DEEP + "true"),
        ("too-deep", "a = b" + ".x" * DEEP),
        ("too-deep", "a = " + "if true then 1 else " * DEEP + "2"),
        ("too-deep", in_network("a = image" + " -> conv(8)" * DEEP)),
        ("too-deep", "\n".join(f"fn f{i}(x) = f{i + 1}(x)" for i in range(999)) + "\nfn f999(x) = x\na = f0(1)"),
        ("circular", "\n".join(f"a{i} = a{(i + 1) % 2000} + 1" for i in range(2000))),
        ("too-many-rows", in_network("a = image -> 1_000_000 * r()", "block r(x) { out = x -> conv(8) }")),
        ("too-many-rows", in_network("a = image -> 1e9 * r()", *EMPTY)),
        ("too-many-calls", in_network("a = image -> 30_000 * s()", *EMPTY, "block s(x) { out = x -> 30_000 * r() }")),
        ("too-many-rows", f"table t for a in {list(range(900))}, b in {list(range(900))} {{ c = a + b }}"),
        ("too-large", WIDE + "\n".join(f"  c{i} = a + {i}" for i in range(300)) + "\n}"),
        ("too-much-work", WIDE + "c = a * b }\nx = sum(p in t, sum(q in t, sum(r in t, p.c * q.c * r.c)))"),
        (
            "too-much-work",
            WIDE + "c = a * b }\nu = count(r in t where r.b > sum(s in t where s.a < sum(t.b where t.a > r.a), s.b))",
        ),
        ("too-much-work", WIDE + "c = a * b }\nparam p = 2\nx = sum(r in t, p * sum(t.c where t.a > r.b))\n" + AT_MANY),
        ("too-large", "a = 1 " + "#" * 5_000_000),
        ("too-many-errors", "\n".join(f"a{i} = = 1" for i in range(5000))),
        ("unknown-name", f"{'a' * DEEP} = 1\nb = {'a' * (DEEP - 1)}"),
        ("bad-number", "a = " + "9" * DEEP),
        ("unknown-unit", "a = 1 " + "B*" * DEEP + "B"),
        ("outside-folder", 'use "../../../../../../../../etc/passwd"'),
    ],
)
def test_a_text_made_to_hurt_is_a_plain_error(code: str, text: str) -> None:
    assert set(said(text)) - {"syntax"} == {code}


def test_a_long_chain_of_cells_and_of_rows_is_no_fault() -> None:
    assert said("\n".join(f"a{i} = a{i + 1} + 1" for i in range(3000)) + "\na3000 = 1\nclaim a0 = 3001") == []
    rows = in_network("a = image -> 3_000 * r()", "block r(x) { out = add(x, x -> conv(x.c)) }")
    assert said(rows + "\nclaim count(n.layers) = 6000") == []
