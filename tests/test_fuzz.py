"""A seeded part of every campaign of `make fuzz`: whatever the input holds, an answer and no fault of the program."""

from __future__ import annotations

import pytest

import fuzz
from fuzzing import kills

CASES = {
    **{"specs": 120, "drawn": 40, "outputs": 40, "tables": 80, "books": 30, "templates": 20, "networks": 40},
    **{"edits": 25, "messages": 200, "requests": 150},
}


@pytest.mark.parametrize("name", fuzz.CAMPAIGNS)
def test_a_campaign(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMDSL_NO_CACHE", "1")
    assert list(fuzz.campaign(name, range(CASES[name]))) == []


def test_files_are_whole_whenever_a_run_is_ended() -> None:
    assert list(kills.killed(8)) == []
