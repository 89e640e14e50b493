"""An error costs its statement and nothing else: all errors of a text come out in one run, on the right lines."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sample import SAMPLE, nodes, parsed, shape

from memdsl.diagnostics import Problems, Source
from memdsl.render import render
from memdsl.syntax import parse_expression, tree


def lines(problems: Problems) -> list[tuple[int, str]]:
    return [(d.span.source.position(d.span.start)[0], d.code) for d in problems]


def names(module: tree.Module) -> list[str]:
    return [getattr(statement, "name", "-") for statement in module.statements]


def test_all_errors_of_a_text_come_out_in_one_run() -> None:
    module, problems = parsed("""\
param a = 1
param b =
network n(x[c]) {
  one = x -> conv(
  two = one -> conv(3 4)
  three = two
}
c = 'text'
d == 2
hardware h {
  memory m { capacity = 3; energy = }
  peak = m.capacity *
}
table t { a | b
  1 | 2 3
  4 | 5
  z = a + )
}
e = 5
""")
    assert lines(problems) == [
        (2, "missing-value"),
        (4, "missing-brace"),
        (5, "syntax"),
        (8, "bad-character"),
        (9, "syntax"),
        (11, "missing-value"),
        (12, "missing-value"),
        (15, "syntax"),
        (17, "stray-brace"),
    ]
    assert names(module) == ["a", "n", "h", "t", "e"]
    assert [n.name for n in nodes(module) if isinstance(n, tree.Cell)] == ["a", "three", "capacity", "e"]
    table = module.statements[3]
    assert isinstance(table, tree.Table)
    assert len(table.rows) == 1


@pytest.mark.parametrize(
    ("text", "found", "kept"),
    [
        ("network n(x) {\n  a = x\nparam b = 1\n", [(1, "missing-brace")], ["n", "b"]),
        ("network n(x {\n  a = x\n}\nb = 1\n", [(1, "missing-brace")], ["b"]),
        ("network n(x)\n  a = x\n  c = = a\n}\nb = 1\n", [(1, "syntax")], ["b"]),
        ("model m(n) {\n  each a in n {\n    b = 1\n  c = 2\n}\nd = 1\nuse x\n", [(2, "missing-brace")], ["m", "-"]),
        ("model m(n) {\n  each a in n { b = 1 } }\n  c = 2\n}\nd = 1\n", [(2, "stray-brace")], ["m", "d"]),
        ("x = f(a,\n  b = 2,\ny = 3\n", [(1, "missing-brace")], ["y"]),
        ("x = f(a,\n  b = [2\nparam y = 3\n", [(2, "missing-brace")], ["y"]),
        ("x = 1 +\ny = 2\n", [(1, "missing-value")], ["y"]),
        ('report {\n  text """ a {b}\n}\nparam y = 3\n', [(2, "unterminated-prose")], ["-", "y"]),
        ('report {\n  text """ a\n  text """ b """\n}\nparam y = 3\n', [(2, "unterminated-prose")], ["-", "y"]),
        ('x = s"""\nparam a = 1\nreport { text """ b """ }\n', [(1, "stray-text")], ["a", "-"]),
        ("x = {1, 2}\ny = 3\n", [(1, "syntax")], ["y"]),
        ("table t {\n  a | {b | c\n  1 | 2 | 3\n}\ny = 3\n", [(2, "syntax")], ["y"]),
    ],
)
def test_what_is_still_open(text: str, found: list[tuple[int, str]], kept: list[str]) -> None:
    module, problems = parsed(text)
    assert lines(problems) == found
    assert names(module) == kept


def test_time_is_linear() -> None:
    def network(size: int, bad: int) -> str:
        rows = [f"  l{i} = l{i - 1} -> conv(64, kernel = 3)" for i in range(size)]
        for i in range(0, size, size // bad):
            rows[i] = f"  l{i} = = 3"
        return "network n(x[h, w, c]) {\n" + "\n".join(rows) + "\n}"

    def seconds(text: str) -> float:
        start = time.perf_counter()
        assert len(parsed(text)[1].found) == 20
        return time.perf_counter() - start

    seconds(network(100, 20))
    assert seconds(network(4000, 20)) < 12 * seconds(network(1000, 20))


# ---- any text ----

SOUP = st.lists(
    st.sampled_from([*re.findall(r"\w+|\S", SAMPLE)[:400], "\n", "\n  ", " ", '"', '"""', "{", "}", "(", ")", "[", "]"])
).map(" ".join)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    text = SAMPLE
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(start + 30, len(text))))
        text = text[:start] + draw(st.one_of(SOUP, st.text(max_size=3))) + text[end:]
    return text


@given(st.one_of(SOUP, mutations(), st.integers(0, len(SAMPLE)).map(lambda end: SAMPLE[:end]), st.text()))
@example("\x00\x1b[31m\ud800")
@example("{" * 3000)
@example("x = " + "[(" * 3000)
@example('"' * 3001)
@example("x = '" + ")" * 3000 + "a")
def test_any_text_is_parsed_without_raising(text: str) -> None:
    module, problems = parsed(text)
    parse_expression(Source("-", text), Problems())
    for node in nodes(module):
        assert 0 <= node.span[0] <= node.span[1] <= len(text)
    for diagnostic in problems:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
        assert "\x1b" not in render(diagnostic)
    assert problems.found or module.statements or module.title


DECLARATIONS = [m.start() for m in re.finditer(r"^(?:param|layer|block|hardware|model|claim|scenario) ", SAMPLE, re.M)]


@given(
    st.integers(0, len(DECLARATIONS) - 2),
    st.data(),
    st.sampled_from(["", "(", ")", "[", "]", "{", "}", "= =", "'", "§", "1.2.3", "->", ";", '"'])
)  # fmt: skip
def test_an_error_leaves_the_other_declarations_whole(index: int, data: st.DataObject, junk: str) -> None:
    """Whatever is broken inside one declaration, those before it and those after the next declaration word stay."""
    start, end = DECLARATIONS[index], DECLARATIONS[index + 1]
    place = data.draw(st.integers(start + 1, end - 1))
    stop = data.draw(st.integers(place, min(place + 5, end - 1)))
    broken, _ = parsed(SAMPLE[:place] + junk + SAMPLE[stop:])
    whole, _ = parsed(SAMPLE)
    before = [s for s in whole.statements if s.span[1] <= start]
    after = [s for s in whole.statements if s.span[0] >= end]
    assert shape(broken.statements[: len(before)]) == shape(tuple(before))
    assert shape(broken.statements[len(broken.statements) - len(after) :]) == shape(tuple(after))
