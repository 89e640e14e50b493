"""What a person who was sent a page does with it, each in one step."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from .test_agreement import SPECS, load
from .test_browser import Watched, report_of

CHIPS = """\
"Two chips"
use std.layers
use std.traffic
use std.chips
param rows = 1 multiple of 1 from 1 to 4096 "Vectors"
network product(x[n, c]) { out = x -> dense(8192) }
network net = product([rows, 8192])
hardware a = a100()
hardware h = h100()
model slow = traffic(net, a) "On an A100"
model fast = traffic(net, h) "On an H100"
"""


def lines_of(compare: Locator) -> dict[str, list[str]]:
    """What stands in the table of A and B, by the code of each line."""
    return {
        row.locator("code").inner_text(): [text.replace("\u00a0", " ") for text in row.locator("td").all_inner_texts()]
        for row in compare.locator("tbody tr").all()
    }


@pytest.fixture
def yolo(browser: Browser, tmp_path: Path) -> Watched:
    path = next(p for p in SPECS if p.stem == "yolov3")
    return Watched(browser, report_of(load(path)).page(), tmp_path, accept_downloads=True)


def test_two_states_stand_beside_each_other(yolo: Watched) -> None:
    page = yolo.page
    page.get_by_role("button", name="Keep as A").press("Enter")
    page.get_by_label("sram", exact=True).fill("16")
    compare = page.locator("#compare")
    expect(compare.locator(".state")).to_have_text("A stands at the report’s inputs; B at sram changed.")
    rows = lines_of(compare)
    assert rows["sram"] == ["8 MiB", "16 MiB", "+8 MiB, +100.0 %", "2 ×"]
    assert rows["today.dram_bytes"] == [
        "470.84 MB", "336.62 MB", "−134.22 MB, −28.5 %", "0.715 ×",
    ]  # fmt: skip
    # Whoever is sent the address sees the same two states.
    page.wait_for_url("**#sram=16777216&A~=&~=0,-1,-1")
    page.reload()
    again = lines_of(compare)
    assert again == rows
    compare.get_by_role("button", name="Go back to A").click()
    assert page.evaluate("memdsl.values.get('sram')") == 8 * 2**20
    compare.get_by_role("button", name="Forget A").click()
    expect(compare.locator("tbody")).to_be_hidden()
    assert yolo.faults == [page.url.split("#")[0]]  # the reload
    page.context.close()


def test_two_chips_stand_beside_each_other(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "chips.mem").write_text(CHIPS, encoding="utf-8")
    watched = Watched(browser, report_of(load(tmp_path / "chips.mem")).page(), tmp_path)
    compare = watched.page.locator("#compare")
    compare.locator("summary").click()
    for what, code, ratio in (("Hardware", "dram.bandwidth", "1.64 ×"), ("Models", "time", "0.609 ×")):
        compare.get_by_label("What is compared").select_option(what)
        row = compare.locator("tbody tr").filter(has=watched.page.locator("code", has_text=code).first).first
        assert row.locator("td").last.inner_text().replace("\u00a0", " ") == ratio
    compare.get_by_role("button", name="Swap A and B").click()
    assert compare.get_by_label("A", exact=True).evaluate("(one) => one.value") == "fast"
    assert watched.faults == []
    watched.page.context.close()
