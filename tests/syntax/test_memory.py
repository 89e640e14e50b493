"""Parsing again gives what parsing anew gives: the same tree at the same places, and the same diagnostics."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sample import SAMPLE, nodes

from memdsl.diagnostics import Problems, Source
from memdsl.syntax import engine, memory, parse
from memdsl.syntax.chunks import find_faults
from memdsl.syntax.engine import Engine

ROOT = Path(__file__).parent.parent.parent
TEXTS = [SAMPLE, (ROOT / "specs" / "yolov3.mem").read_text(), (ROOT / "dsl/memdsl/library/hardware.mem").read_text()]


@pytest.fixture
def remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_modules", {})
    monkeypatch.setattr(engine, "_engine", memory.Memory())


def told(text: str) -> tuple[object, object]:
    problems = Problems()
    module = parse(Source("sample.mem", text), problems)
    found = [(type(node).__name__, node.span, getattr(node, "name", "")) for node in nodes(module)]
    faults = [(d.code, d.message, d.span.start, d.span.end, d.hint) for d in problems]
    return (module.title, found), faults


def by_chunks(text: str) -> object:
    faults = find_faults(Source("sample.mem", text))
    return [(d.code, d.message, d.span.start, d.span.end, d.hint) for d in faults]


def anew(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    with monkeypatch.context() as patch:
        patch.setattr(memory, "_modules", None)
        patch.setattr(engine, "_engine", PLAIN)
        return told(text)


PLAIN = Engine()


@pytest.mark.usefixtures("remembering")
@pytest.mark.parametrize("text", TEXTS, ids=("sample", "yolov3", "hardware"))
def test_after_each_edit_it_is_as_if_parsed_anew(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    broken = 0
    assert by_chunks(text) == []
    assert told(text) == anew(text, monkeypatch)
    for _ in range(80):
        start = chance.randrange(len(text))
        end = min(start + chance.choice((0, 0, 1, 2, 30)), len(text))
        new = chance.choice(
            ("", "x", " = 1\n", "\n\n# more\n", "{", ")", '"', "param a = 2 MB\n", text[start : start + 9])
        )
        edited = text[:start] + new + text[end:]
        found = told(edited)
        assert found == anew(edited, monkeypatch)
        assert by_chunks(edited) == found[1]
        broken += bool(found[1])
        if not found[1] or chance.random() < 0.2:
            text = edited
    assert broken > 10
