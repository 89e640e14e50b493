"""What is said about the common slips: the code, the exact place («…» in the text), and what to write instead."""

from __future__ import annotations

import pytest
from sample import parsed

SLIPS = [
    ("x «==» 3", "syntax", "write `=`"),
    ("x «:»= 3", "syntax", "write `=`"),
    ("x «+»= 3", "syntax", "there is no assignment"),
    ("x = if a «=» 3 then 1 else 2", "syntax", "write `==`"),
    ("x = a «if» b else c", "syntax", "if c then a else b"),
    ("x = if a then b«»", "syntax", "if c then a else b"),
    ("x = 2 *«*» 3", "syntax", "write `^`"),
    ("x = a «&&» b", "bad-character", "write `and`"),
    ("x = a «|»| b", "syntax", "write `or`"),
    ("x = «!»a", "bad-character", "write `not`"),
    ("x = a <«>» b", "syntax", "write `!=`"),
    ("x = a «=»> b", "syntax", "write `>=`"),
    ("x = a < b «<» c", "syntax", "a < b and b < c"),
    ("x = a «%» b", "syntax", "a - floor(a / b) * b"),
    ("x = «'abc'»", "bad-character", '`"abc"`'),
    ("x = «\u201c»abc\u201d", "bad-character", "plain quotes"),
    ("x = a «\u2212» b", "bad-character", "write `-`"),
    ("x = gr«ö»ße", "bad-character", "a-z"),
    ("x = 1 «//» one", "syntax", "write `#`"),
    ("«/*» one\ntwo */ x = 1", "syntax", "write `#`"),
    ('x = «"abc»', "unterminated-string", 'add `"`'),
    ('x = f(«"abc»)', "unterminated-string", 'add `"`'),
    ('report { text «"""» abc\n', "unterminated-prose", "end the text"),
    ("«in» = 3", "reserved-word", "in_"),
    ("x = a.«then»", "reserved-word", "then_"),
    ("x = f(«not» = 3)", "reserved-word", "not_"),
    ("x =«»", "missing-value", "x = 1"),
    ("param width«»", "missing-value", "width = 1"),
    ("x = 3 +«»  # and more", "missing-value", ""),
    ("x = sum(a where «)»", "missing-value", ""),
    ("x = f(a «b»)", "syntax", "write `, b`"),
    ("x = conv(64 kernel «=» 3)", "syntax", ", kernel"),
    ("x = a «conv»(3)", "syntax", "-> conv(…)"),
    ("x = a -> b«»", "syntax", "-> b(…)"),
    ("x = a in GB «/» s", "syntax", "GB/s"),
    ("x = «1.»", "bad-number", "write `1`"),
    ("x = «.5»", "bad-number", "write `0.5`"),
    ("x = «1.2.3»", "bad-number", ""),
    ("x = «0x1F»", "bad-number", "decimal"),
    ("x = 1«,»000", "bad-number", "1_000"),
    ("x = f(1,«000»)", "bad-number", "1_000"),
    ("x = «1e999»", "bad-number", "unit"),
    ("x = «" + "1" * 5000 + "»", "bad-number", ""),
    ("claim x = 3 «whithin» 1%", "syntax", "within"),
    ('param x = 3 "a" «"b"»', "repeated-clause", "keep one"),
    ("«let» x = 3", "syntax", "x = 1"),
    ("«netwrok» n(x[c]) { a = x }", "syntax", "did you mean `network`?"),
    ("network n(x[c]) { «param» w = 3 }", "syntax", "close the `{`"),
    ("report { «tabel» x }", "syntax", "did you mean `table`?"),
    ("network n «{» a = x }", "syntax", "network n(x)"),
    ("fn f(x) «{» x }", "syntax", "fn f(x) = formula"),
    ('x = 3 "a" «y» = 4', "syntax", "one statement"),
    ("x = f«(»1, 2", "missing-brace", "add `)`"),
    ("x = «[»1, 2)", "missing-brace", "add `]`"),
    ("x = f(a)«)»", "stray-brace", "remove it"),
    ("x = a\n«}»", "stray-brace", "remove it"),
    ('x = 1\n«"again"»', "stray-text", "title"),
    ("hardware h { memory a { } «m»emory b { } }", "stray-text", "line of its own"),
    ("«»", "empty-file", "x = 1"),
    ("«»# nothing\n", "empty-file", "x = 1"),
    ("x = " + "(" * 100 + "«(»" + "1" + ")" * 101, "too-deep", "split"),
    ("«x = " + "-" * 5000 + "1»", "too-deep", "names of their own"),
    ("«x = " + "not " * 5000 + "a»", "too-deep", "names of their own"),
    ("«x = " + "2^" * 5000 + "a»", "too-deep", "names of their own"),
    ("«x = " + "if a then b else " * 5000 + "c»", "too-deep", "names of their own"),
    ("«x = a" + " + a" * 5000 + "»", "too-deep", "names of their own"),
    ("«x = a" + ".b" * 5000 + "»", "too-deep", "names of their own"),
]


@pytest.mark.parametrize(("marked", "code", "hint"), SLIPS, ids=[marked[:40] for marked, _, _ in SLIPS])
def test_slips(marked: str, code: str, hint: str) -> None:
    text = marked.replace("«", "").replace("»", "")
    start = marked.index("«")
    _, problems = parsed(text)
    (found,) = problems
    assert (found.code, found.span.start, found.span.end) == (code, start, marked.index("»") - 1), found.message
    assert hint in found.hint
    assert not any(
        word.isupper() and len(word) > 2 for word in found.message.replace("`", " ").split() if word.isalpha()
    )


def test_a_file_too_large_is_refused_unread() -> None:
    module, problems = parsed("x = 1\n" * 700_000)
    assert [d.code for d in problems] == ["too-large"]
    assert module.statements == ()


def test_the_number_of_errors_is_bounded() -> None:
    _, problems = parsed("x = \n" * 10_000)
    assert len(problems.found) == 101
    assert problems.found[-1].code == "too-many-errors"
