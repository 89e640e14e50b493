"""The models of the library give what a computation by hand gives, on the shipped networks."""

from __future__ import annotations

from pathlib import Path

from memdsl import driver
from memdsl.diagnostics import Source

HERE = Path(__file__).parent


def test_every_model_of_the_library_gives_its_check_values() -> None:
    text = (HERE / "library" / "check_values.mem").read_text(encoding="utf-8")
    model = driver.build(Source("check_values.mem", text), HERE.parent / "specs")
    assert [d.message for d in model.diagnostics] == []
    assert len(model.claims) > 40
    assert [r.claim.text for r in model.claims if r.status != "holds"] == []
