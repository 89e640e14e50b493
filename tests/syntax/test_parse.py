"""A text becomes the tree that was meant, every node with its exact place."""

from __future__ import annotations

import pytest
from sample import SAMPLE, formula, nodes, parsed, shape

from memdsl.diagnostics import Problems, Source
from memdsl.syntax import Interpolation, parse_expression, parse_prose, tree

# Nodes that only stand for others.
ABSTRACT = {"Node", "Declaration"}


def statement(text: str) -> tree.Node:
    module, problems = parsed(text)
    assert problems.found == []
    assert len(module.statements) == 1
    return module.statements[0]


def test_the_sample_has_every_node() -> None:
    module, problems = parsed(SAMPLE)
    assert [(d.code, d.message) for d in problems] == []
    assert module.title == "Every form once"
    kinds = {name for name, kind in vars(tree).items() if isinstance(kind, type) and issubclass(kind, tree.Node)}
    assert kinds - {type(node).__name__ for node in nodes(module)} == ABSTRACT


def test_spans_are_exact() -> None:
    module, _ = parsed(SAMPLE)
    for node in nodes(module):
        text = SAMPLE[slice(*node.span)]
        assert text == text.strip()
        for child in nodes(tuple(vars(node).values())):
            assert node.span[0] <= child.span[0] <= child.span[1] <= node.span[1], (node, child)
        for name, value in vars(node).items():
            if name.endswith("_span"):
                written = SAMPLE[slice(*value)]
                assert written.replace("-", "neg", node.__dict__.get("op") == "neg") == getattr(
                    node, name.removesuffix("_span")
                )
    assert {SAMPLE[slice(*n.span)] for n in nodes(module) if isinstance(n, tree.UnitText)} >= {
        "Top/s", "MiB"
    }  # fmt: skip
    assert [SAMPLE[slice(*n.span)] for n in nodes(module) if isinstance(n, tree.Operation)][:3] == [
        "floor((v + by/2) / by) * by", "(v + by/2) / by", "(v + by/2)"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a + b * c ^ d ^ -e", "(a + (b * (c ^ (d ^ (neg e)))))"),
        ("a - b - c / d / e", "((a - b) - ((c / d) / e))"),
        ("-a ^ 2", "(neg (a ^ 2))"),
        ("not a == b and c or d", "(((not (a == b)) and c) or d)"),
        ("if a then b else if c then d else e -> f()", "(if a then b else (if c then d else (e -> f())))"),
        ("a -> f(x, k = 1) -> 2 * g() -> n.d*h()", "(((a -> f(x, k = 1)) -> 2 * g()) -> n.d * h())"),
        ("16 GB/s + 16 GB / s", "(16 GB/s + (16 GB / s))"),
        ("2*c + 4/9 + 1 MAC*s", "(((2 * c) + (4 / 9)) + 1 MAC*s)"),
        ("2 B*count(x) + 3 mm^2/MB", "((2 B * count(x)) + 3 mm^2/MB)"),
        ("1_000.5e3 µs", "1000.5e3 µs"),
        ("20 % - 5%", "(20 % - 5 %)"),
        ("s * h + image.in_place", "((s * h) + image.in_place)"),
        ("from + to + at + one + multiple + within", "(((((from + to) + at) + one) + multiple) + within)"),
        ("params + iffy + notes + order", "(((params + iffy) + notes) + order)"),
        ('a["x"].b[c]', 'a["x"].b[c]'),
        ('std.f(1)["a"].b', 'std.f(1)["a"].b'),
        ("sum(m in T where c > 0, m.x)", "sum(m in T where (c > 0), m.x)"),
        ("sum(a.layers.macs where a.layers.spilled > 0 B)", "sum(a.layers.macs where (a.layers.spilled > 0 B))"),
        ("[1, [2, 3,], ]", "[1, [2, 3]]"),
        ("f(\n  a,\n\n  b\n)", "f(a, b)"),
        ("true == false", "(true == false)"),
    ],
)
def test_expressions(written: str, meant: str) -> None:
    problems = Problems()
    assert formula(parse_expression(Source("-", written), problems)) == meant
    assert problems.found == []
    cell = statement(f"x = {written}")
    assert isinstance(cell, tree.Cell)
    assert formula(cell.value) == meant


def test_words_are_keywords_only_in_their_position() -> None:
    words = "param option model network layer block each rows table schedule claim scenario require report use fn text"
    text = "\n".join(f"{word} = from + to" for word in words.split())
    module, problems = parsed(text)
    assert problems.found == []
    assert [cell.name for cell in module.statements if isinstance(cell, tree.Cell)] == words.split()


def test_a_source_and_a_range_both_begin_with_from() -> None:
    cell = statement('param x = 3 from "a" from 1 to 5 in MB "label" ± 2% multiple of 4')
    assert isinstance(cell, tree.Cell)
    assert shape(cell.clauses) == (
        "Clauses",
        {
            "shown": ("UnitText", {"text": "MB"}),
            "low": ("Number", {"digits": "1"}),
            "high": ("Number", {"digits": "5"}),
            "multiple": ("Number", {"digits": "4"}),
            "label": "label",
            "source": "a",
            "spread": ("Number", {"digits": "2", "unit": "%"}),
        },
    )


def test_rows_of_a_table() -> None:
    table = statement('table t { a | b in MB | c\n "x" | 1 | 2 from "s"\n -y | | 3;z = a }')
    assert isinstance(table, tree.Table)
    assert [(h.name, h.unit.text if h.unit else "") for h in table.headings] == [("a", ""), ("b", "MB"), ("c", "")]
    rows = [[formula(entry.value) if entry.value else "" for entry in row] for row in table.rows]
    assert rows == [['"x"', "1", "2"], ["(neg y)", "", "3"]]
    assert [cell.name for cell in table.body if isinstance(cell, tree.Cell)] == ["z"]


@pytest.mark.parametrize(
    "text",
    [
        "x = a +\n  b",
        "x = a\n  + b",
        "x =\n  a + b",
        "x = (a\n\n  # remark\n+ b)",
        "x = a   # remark\n\n  # remark\n  + b",
        "x = a\r\n  + b\r\n",
        "\ufeffx = a + b",
        "   x = a + b ; # remark",
    ],
)
def test_where_a_statement_ends(text: str) -> None:
    cell = statement(text)
    assert isinstance(cell, tree.Cell)
    assert formula(cell.value) == "(a + b)"


def test_a_clause_word_begins_a_cell_when_it_is_defined() -> None:
    module, problems = parsed('x = 1\nto = 2\nat = 3\nclaim x = 1\n  within 1%\n  at a = 1,\n     b = 2\n  from "s"')
    assert problems.found == []
    claim = module.statements[-1]
    assert isinstance(claim, tree.Claim)
    assert (claim.source, [tree.path_text(a.path) for a in claim.at], len(module.statements)) == ("s", ["a", "b"], 4)


def prose(text: str) -> tuple[tuple[str | Interpolation, ...], Problems, str]:
    whole = f'report {{ text """{text}""" }}'
    module, _ = parsed(whole)
    (node,) = (node for node in nodes(module) if isinstance(node, tree.Prose))
    problems = Problems()
    return parse_prose(node, Source("-", whole), problems), problems, whole


def test_prose() -> None:
    parts, problems, whole = prose('\n With {sram} of {{x}}, {sum(a.b\n) * 2 in GB/s} and {t["}"].c}.')
    assert problems.found == []
    shown = [p if isinstance(p, str) else (whole[slice(*p[0].span)], p[1].text if p[1] else "") for p in parts]
    assert shown == [
        "\n With ", ("sram", ""), " of {x}, ", ("sum(a.b\n) * 2", "GB/s"), " and ", ('t["}"].c', ""), "."
    ]  # fmt: skip


def test_bad_prose_stays_as_it_was_written() -> None:
    parts, problems, whole = prose("a {b +} {} {c { d } e")
    assert [(d.code, whole[d.span.start : d.span.end]) for d in problems] == [
        ("missing-value", ""), ("missing-value", ""), ("missing-brace", "{")
    ]  # fmt: skip
    assert [p for p in parts if isinstance(p, str)] == ["a {b +} {} {c ", " e"]


@pytest.mark.parametrize("text", ["", "x = 1", "a b", "a; b", "a {b}", "a in MB", "(a", "a # b", "1 +", "a.b(1)(2)"])
def test_what_is_no_expression(text: str) -> None:
    problems = Problems()
    parse_expression(Source("-", text), problems)
    assert len(problems.found) == 1
