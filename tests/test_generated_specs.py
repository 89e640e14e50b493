"""Specs drawn at random have one meaning, in all that computes them: a seeded part of the campaign."""

from __future__ import annotations

from pathlib import Path

from fuzzing import meanings


def test_every_meaning_gives_the_same_values(tmp_path: Path) -> None:
    assert list(meanings.of_formulas(range(24), tmp_path)) == []


def test_a_recalculated_workbook_agrees(tmp_path: Path) -> None:
    assert list(meanings.of_books(range(8), tmp_path)) == []
