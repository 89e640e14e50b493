"""The Pygments lexer: what it calls the words, and that it knows every character of every text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments.token import Comment, Error, Keyword, Name, Number, String, Token

from memdsl.highlight import MemLexer

ROOT = Path(__file__).parent.parent.parent
TEXTS = sorted([*(ROOT / "specs").glob("*.mem"), *(ROOT / "dsl/memdsl/library").glob("*.mem")])


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.stem)
def test_every_character_has_a_kind(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = list(MemLexer().get_tokens_unprocessed(text))
    assert [(place, value) for place, kind, value in found if kind in Error] == []
    assert "".join(value for _, _, value in found) == text


def test_kinds_of_words() -> None:
    text = '''use std.layers: conv   # all
param width = 2_048 px  multiple of 32  in MB/s  "Width"  from "a book"
network net(image[h, w, c]) { stem = image -> conv(32, kernel = 1) }
hardware chip = edge(sram = 16 GB / s)
claim today.layers["stem"].bytes in 40%..50%  from "a book"
report {
  text """With {sram in MiB}"""
}
'''
    kinds = {value: kind for kind, value in MemLexer().get_tokens(text)}
    expected = {
        "use": Keyword.Namespace, "std.layers": Name.Namespace, "# all": Comment.Single, "param": Keyword.Declaration,
        "width": Name.Variable, "2_048": Number, "px": Keyword.Type, "multiple": Keyword, "GB": Keyword.Type,
        '"Width"': String.Double, "from": Keyword, "net": Name.Class, "conv": Name.Function, "kernel": Name.Attribute,
        "claim": Keyword, "bytes": Name.Attribute, "%": Keyword.Type, "sram in MiB": String.Interpol,
    }  # fmt: skip
    assert {word: kinds[word] for word in expected} == expected
    assert Token not in kinds.values()


def test_pygments_finds_it_by_its_entry_point() -> None:
    written = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'mem = "memdsl.highlight:MemLexer"' in written.split('[project.entry-points."pygments.lexers"]')[1]
