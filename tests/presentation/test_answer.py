"""The answer: what was before, which rows matter, the next step, what may be typed, and what a page sends back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memdsl.excel.file_properties import fingerprint
from memdsl.presentation.answer import next_step, ranked
from memdsl.presentation.defaults import defaults
from memdsl.pull import pull
from memdsl.pull.back import Pulled
from memdsl.report.numbers import Form, measures
from memdsl.report.portable.writing import KeyAsk, RankAsk, key_cells, rank_cells
from memdsl.units import DATA
from memdsl.version import VERSION

from .test_copies import build, point_of

YOLO = Path(__file__).parents[2] / "specs" / "yolov3.mem"
BYTES = Form("number", measures(DATA, None))


def test_a_figure_says_what_it_was() -> None:
    assert key_cells(KeyAsk(BYTES, 470.84e6), [470.84e6]) == ("470.84", "MB", "")
    assert key_cells(KeyAsk(BYTES, 470.84e6), [336.62e6]) == ("336.62", "MB", "−28.5\u00a0%, was 470.84\u00a0MB")
    assert key_cells(KeyAsk(BYTES, 1e6), [1e8])[2].startswith("100 times")


def test_rows_are_ranked_with_their_share_and_what_would_mend_them() -> None:
    ask = RankAsk(0, ("a", "b"), (BYTES,), True, True)
    columns = [[10.0, 1.0], [2e6, 15e6], [1e6, 0.0], [3e6, 0.0], [1e3, 2e3], [1.0, 1.0], [2.0, 1.0]]
    assert rank_cells(ask, columns)[:3] == ("10 × a", "20\u00a0MB", "57.1\u00a0%")
    assert rank_cells(ask, columns)[-1] == "3\u00a0MB of buffer keep its output on the chip"
    assert rank_cells(RankAsk(1, ask.names, ask.forms, True, True), columns)[0] == "b"


def test_the_next_step_of_the_staircase() -> None:
    point = point_of(build(YOLO))
    step = next_step(point, defaults(point))
    assert step is not None
    assert (step.on, step.now, step.at) == (True, 8 * 2**20, 16 * 2**20)
    assert step.below == pytest.approx(705_721_376, rel=1e-6)
    assert step.value - step.then == pytest.approx(134_217_728)
    lead = defaults(point).lead
    assert lead is not None
    assert ranked(point, lead) is not None


def changes(tmp_path: Path, given: dict[str, object]) -> Pulled:
    file = tmp_path / "yolov3-changes.json"
    digest = fingerprint(YOLO.read_text(encoding="utf-8"))
    file.write_text(json.dumps({"memdsl": VERSION, "spec": "yolov3.mem", "sha256": digest, "changes": given}))
    found = pull(file, YOLO)
    assert isinstance(found, Pulled)
    return found


def test_pull_takes_what_a_page_sends_back(tmp_path: Path) -> None:
    found = changes(tmp_path, {"sram": 16 * 2**20})
    assert (found.changes, found.faults) == (1, [])
    assert "+param sram   = 16 MiB " in found.diff


def test_pull_refuses_what_is_not_allowed(tmp_path: Path) -> None:
    found = changes(tmp_path, {"width": 2050, "sram": -5, "nothing": 1})
    assert sorted(fault.code for fault in found.faults) == ["no-input", "out-of-range", "out-of-range"]
    assert any("a multiple of 32 px" in fault.hint for fault in found.faults)
    assert found.diff == ""
