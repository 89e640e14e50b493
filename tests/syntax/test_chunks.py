"""Declarations parsed one by one, some of them before, give the tree and the diagnostics of the whole text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sample import SAMPLE, nodes

from memdsl.diagnostics import Problems, Source
from memdsl.syntax import parse
from memdsl.syntax.faults import Faults
from memdsl.syntax.parser import parse_declarations
from memdsl.syntax.tree import Module

ROOT = Path(__file__).parent.parent.parent
TEXTS = [SAMPLE, (ROOT / "specs" / "yolov3.mem").read_text(), (ROOT / "dsl/memdsl/library/hardware.mem").read_text()]


def told(module: Module, problems: Problems) -> tuple[object, object]:
    found = [(type(node).__name__, node.span, getattr(node, "name", "")) for node in nodes(module)]
    faults = [(d.code, d.message, d.span.start, d.span.end, d.hint) for d in problems]
    return (module.title, found), faults


def by_chunks(text: str) -> tuple[object, object]:
    problems = Problems()
    return told(parse(Source("sample.mem", text), problems), problems)


def as_a_whole(text: str) -> tuple[object, object]:
    problems = Problems()
    return told(parse_declarations(text, Faults(Source("sample.mem", text), problems)), problems)


@pytest.mark.parametrize("text", TEXTS, ids=("sample", "yolov3", "hardware"))
def test_after_each_edit_it_is_as_if_parsed_as_a_whole(text: str) -> None:
    chance = random.Random(7)
    broken = 0
    assert by_chunks(text) == as_a_whole(text)
    for _ in range(80):
        start = chance.randrange(len(text))
        end = min(start + chance.choice((0, 0, 1, 2, 30)), len(text))
        new = chance.choice(
            ("", "x", " = 1\n", "\n\n# more\n", "{", ")", '"', "param a = 2 MB\n", text[start : start + 9])
        )
        edited = text[:start] + new + text[end:]
        found = by_chunks(edited)
        assert found == as_a_whole(edited)
        broken += bool(found[1])
        if not found[1] or chance.random() < 0.2:
            text = edited
    assert broken > 10
