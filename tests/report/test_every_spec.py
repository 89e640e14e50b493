"""Every sound spec has every output: `report` of it ends in no fault, whatever the spec is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl.cli import report
from memdsl.cli.common import Chosen
from memdsl.report import Look

GOOD = sorted((Path(__file__).parents[1] / "cases" / "good").glob("*.mem"))


PRINTED = ("hardware_alone", "units", "scenarios")
"""Those that are printed too: what a page shows is composed for both, and only its layout is slow."""


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_a_good_case_is_reported(path: Path, tmp_path: Path) -> None:
    forms = ["xlsx", "html", *(["pdf"] if path.stem in PRINTED else [])]
    assert report.run([str(path)], tmp_path, ",".join([*forms, "csv"]), Chosen((), None), Look(None, "A4")) == 0
    for suffix in forms:
        assert (tmp_path / f"{path.stem}.{suffix}").stat().st_size > 1000
