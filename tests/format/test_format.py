"""The layout changes no tree, formatting twice changes nothing, and blanks that an author typed make no difference."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from memdsl.diagnostics import Problems, Source
from memdsl.format import formatted
from memdsl.syntax import parse, tree

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "syntax"))

from sample import SAMPLE, shape  # noqa: E402

SHIPPED = sorted([*(ROOT / "specs").glob("*.mem"), *(ROOT / "dsl" / "memdsl" / "library").glob("*.mem")])
OTHERS = sorted((ROOT / "tests" / "cases").rglob("*.mem"))


def tree_of(text: str) -> object:
    """The tree without places; None when the text has an error."""
    problems = Problems()
    module = parse(Source("sample.mem", text), problems)
    return None if problems.found else (module.title, shape(module.statements))


def comments(text: str) -> list[str]:
    return [line.rstrip() for line in re.findall(r'(?:"""(?:.|\n)*?"""|"[^"\n]*")|(#[^\n]*)', text) if line]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_what_ships_is_formatted(path: Path) -> None:
    assert formatted(path.read_text()) == path.read_text()


def test_every_text_keeps_its_tree_and_its_comments() -> None:
    kept = 0
    for text in [SAMPLE, *(path.read_text() for path in OTHERS)]:
        before = tree_of(text)
        if before is None:
            continue
        kept += 1
        after = formatted(text)
        assert tree_of(after) == before
        assert formatted(after) == after
        assert comments(after) == comments(text)
        assert not re.search(r"\n\n\n|[ \t]\n|\A\s|[^\n]\Z", re.sub(r'"""(?:.|\n)*?"""', "prose", after))
    assert kept > 90


def test_columns() -> None:
    text = """
param size=224 px multiple of 32 "Size"   # of the image
param sram = 1 MB  from 0 B to 1 GiB  "On chip, 片上"   from "a book"


# A block on one line stays there.
block  one( x ){ out=x->conv( 2*x.c ,kernel=1 ) }

network net( image [h,w,c] ){

    stem=image->conv(8)->pool()
    s2 = stem -> conv(16)   -> pool()
      # deeper
    join = add( stem,
      s2 )
}
table apps {
 name|weights in MB | note
   "a" | 20| "first" from "x"
 "long one" | | "second"
   twice = 2 * weights in MB
}
claim a( 1 )=- 3 * 4 / 9 from "s"
claim a(10) = 2 * b - 5 from "t"
scenario big {a=1;b=2}
memory = 1 ; other = 2 ;
power = 2 m ^ 2 + 3 m^2 * x ^ 2
"""
    assert (
        formatted(text)
        == """\
param size = 224 px  multiple of 32     "Size"  # of the image
param sram = 1 MB    from 0 B to 1 GiB  "On chip, 片上"  from "a book"

# A block on one line stays there.
block one(x) { out = x -> conv(2*x.c, kernel = 1) }

network net(image[h, w, c]) {
  stem = image -> conv(8)  -> pool()
  s2   = stem  -> conv(16) -> pool()
  # deeper
  join = add(stem,
    s2)
}
table apps {
  name       | weights in MB | note
  "a"        | 20            | "first" from "x"
  "long one" |               | "second"
  twice = 2 * weights  in MB
}
claim a(1)  = -3 * 4/9  from "s"
claim a(10) = 2*b - 5   from "t"
scenario big { a = 1; b = 2 }
memory = 1; other = 2
power = 2 m ^ 2 + 3 m^2 * x^2
"""
    )


def test_line_ends_and_the_mark_at_the_beginning_stay() -> None:
    assert formatted("\ufeffx  =  1\r\ny=2\r\n") == "\ufeffx = 1\r\ny = 2\r\n"


# ---- programs made at random ----------------------------------------------------------------------------------------

NAMES = some.sampled_from(["a", "width", "net", "x.h", "chip.dram.energy", "from_", "s"])
UNITS = some.sampled_from(["", "", " MB", " GB/s", "%", " 1/s", " pJ/bit", " mm^2/MB"])
NUMBERS = some.builds(lambda n, u: n + u, some.sampled_from(["0", "2", "1_000", "3.25", "1e-3"]), UNITS)
VALUES = some.one_of(NAMES, NUMBERS, some.sampled_from(['"text # no comment"', "true", 'T["row"].x', "[a, b]"]))
GAPS = some.sampled_from([" ", "  ", "\t"])


def _calls(inner: some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    operators = some.sampled_from(["+", "-", "*", "/", "^", "and", "or", "==", "<="])
    # `(` around comparisons, conditions and pipes: they do not nest bare.
    return some.one_of(
        some.builds(lambda a, o, b, g: f"({a}{g}{o}{g}{b})", inner, operators, inner, GAPS),
        some.builds(lambda a, b, c: f"{a} * {b} + {c}", NAMES, NUMBERS, NAMES),
        some.builds(lambda a, g: f"-{g}{a}", NAMES, some.sampled_from(["", " "])),
        some.builds(lambda a, b, g: f"max({g}{a}{g},{g}{b})", inner, inner, some.sampled_from(["", " ", "\n      "])),
        some.builds(lambda a, b: f"sum(r in T where r.y > {a}, {b})", NAMES, inner),
        some.builds(lambda a, b, c: f"(if {a} then {b} else {c})", inner, inner, inner),
        some.builds(lambda a, n, b: f"({a} -> conv({b}) -> {n} * block(2))", NAMES, some.integers(0, 9), inner),
    )


FORMULAS = some.recursive(VALUES, _calls, max_leaves=8)
CLAUSES = some.lists(
    some.sampled_from(['  "label"', ' from  "source"', " in MB", " from 1 to 2", " multiple of 2", " one of 1, 2"]),
    max_size=3,
    unique_by=lambda clause: clause.split()[0] + str('"' in clause),
).map("".join)
ENDS = some.sampled_from(["\n", "\n\n\n", "   # a comment\n", "\n# a line of its own\n", " ;\n"])
CELLS = some.builds(
    lambda w, n, v, c: f"{w}{n}  =  {v}{c}",
    some.sampled_from(["", "param ", "option "]),
    some.sampled_from(["a", "longer_name", "at", "to"]),
    FORMULAS,
    CLAUSES,
)
CLAIMS = some.builds(
    lambda a, o, b, e: f"claim {a} {o} {b}{e}",
    some.sampled_from(["a", "f(2)", "x.y - 1"]),
    some.sampled_from(["=", ">=", "in 1.."]),
    some.one_of(NAMES, NUMBERS),
    some.sampled_from(["", ' from "s"', ' within 1% from "s" disputed "no"', '\n  from "s"']),
)
BODIES = some.lists(some.tuples(CELLS, ENDS).map("".join), max_size=3).map("".join)
OUTER = some.sampled_from(
    ['model m extends b "l" {%s}', "each layer {\n%s}", "block b(x) {\n  %s }", "network n(i[h]) {%s\n}"]
)
MODELS = some.builds(lambda o, b: o % b.replace("param ", "").replace("option ", "override "), OUTER, BODIES)
PROGRAMS = some.lists(
    some.one_of(CELLS, CLAIMS, MODELS, some.just('report { text """\n a  b\n""" }')).flatmap(
        lambda s: ENDS.map(lambda e: s + e)
    ),
    min_size=1,
    max_size=6,
).map("".join)


@given(PROGRAMS)
def test_a_program_keeps_its_tree(text: str) -> None:
    before = tree_of(text)
    after = formatted(text)
    if before is not None:
        assert tree_of(after) == before
        assert comments(after) == comments(text)
    assert formatted(after) == after


@given(some.data())
def test_the_blanks_that_an_author_typed_make_no_difference(data: some.DataObject) -> None:
    text = data.draw(some.sampled_from(SHIPPED)).read_text()
    pieces = re.split(r'("""(?:.|\n)*?"""|"[^"\n]*"|#[^\n]*|\n[ ]*|(?<=[\w)\]=,]) +(?=[\w(=>]))', text)
    spread = some.sampled_from([" ", "   ", "\t"])
    chosen = data.draw(some.sets(some.integers(0, len(pieces) - 1), max_size=20))
    for index in chosen:
        if pieces[index].isspace() and "\n" not in pieces[index]:
            pieces[index] = data.draw(spread)
    assert formatted("".join(pieces)) == text


def test_there_is_a_program_of_every_statement() -> None:
    problems = Problems()
    module = parse(Source("sample.mem", formatted(SAMPLE)), problems)
    assert {type(statement) for statement in module.statements} == set(tree.Statement.__args__)
