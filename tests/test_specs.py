"""Every shipped spec: no diagnostic, every claim holds or is disputed, every claim has a source."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl import driver

SPECS = sorted((Path(__file__).parent.parent / "specs").glob("*.mem"))


def test_there_are_specs() -> None:
    assert {"yolov3", "resnet50"} <= {spec.stem for spec in SPECS}


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_a_spec_is_sound_and_its_claims_hold(path: Path) -> None:
    source = driver.read(path)
    assert isinstance(source, driver.Source)
    model = driver.build(source, path.parent, path)
    results = model.claims
    assert [d.message for d in model.problems] == []
    assert results
    assert all(result.status in ("holds", "disputed") for result in results)
    assert all(result.claim.source for result in results)


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_a_disputed_figure_has_a_held_one_beside_it(path: Path) -> None:
    source = driver.read(path)
    assert isinstance(source, driver.Source)
    results = driver.build(source, path.parent, path).claims
    held = {result.claim.text for result in results if result.status == "holds"}
    assert {result.claim.text for result in results if result.status == "disputed"} <= held


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_a_sound_spec_does_not_hold_under_a_false_claim(path: Path) -> None:
    source = driver.read(path)
    assert isinstance(source, driver.Source)
    false = driver.Source(source.name, source.text + '\nclaim 1 + 1 = 3 from "nowhere"\n')
    model = driver.build(false, path.parent, path)
    assert [r.status for r in model.claims].count("fails") == 1
    assert any(d.code == "claim-fails" for d in model.problems)
