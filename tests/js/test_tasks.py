"""What a person who was sent a page does with it, each in one step: look, change, refuse, save, compare, send back."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from memdsl import driver
from memdsl.pull import pull

from .accessible import VIEWS, faults_of
from .test_agreement import load
from .test_browser import Watched, field, report_of

SPEC = """\
"Where the bytes of a small network go"
use std.layers
use std.traffic
use std.hardware
use std.chips
param width = 1024 px multiple of 32 from 32 px to 8192 px "Width of the image"
param sram  = 8 MiB from 256 KiB to 64 MiB "On-chip SRAM"
param idle  = 1 s from 0 s to 9 s "Asked by no figure"
network net(image[h, w, c]) { stem = image -> conv(32); s1 = stem -> conv(64, stride = 2) -> conv(32, kernel = 1) }
hardware chip = edge(sram = sram)
hardware older = a100()
hardware newer = h100()
model naive = traffic(net([width, width, 3]), chip, capacity = 0 B) "Without SRAM"
model today = traffic(net([width, width, 3]), chip) "With the SRAM"
saved = 1 - today.dram_bytes / naive.dram_bytes in % "Share that the SRAM saves"
report {
  chart stack today.layers.dram_bytes by layer
  chart staircase today.dram_bytes, naive.dram_bytes over sram
}
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tasks") / "bytes.mem"
    path.write_text(SPEC, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def html(spec: Path) -> str:
    return report_of(load(spec)).page()


@pytest.fixture
def sent(browser: Browser, html: str, tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(browser, html, tmp_path, accept_downloads=True, viewport={"width": 1600, "height": 1000})
    yield watched
    watched.page.context.close()


def at(spec: Path, cell: str, *settings: tuple[str, str]) -> float:
    source = driver.read(spec)
    assert isinstance(source, driver.Source)
    model = driver.build(source, spec.parent, spec, settings)
    value = model.values.cell(cell)
    assert isinstance(value, float)
    return value


def texts(found: Locator) -> list[str]:
    return [text.replace("\u00a0", " ") for text in found.all_inner_texts()]


def lines_of(compare: Locator) -> dict[str, list[str]]:
    """What stands in the table of A and B, by the code of each line."""
    return {row.locator("code").inner_text(): texts(row.locator("td")) for row in compare.locator("tbody tr").all()}


def test_the_answer_is_there_in_one_look(sent: Watched) -> None:
    for seen in ("h1", ".answer", ".keys", "#inputs-panel"):
        box = sent.page.locator(seen).bounding_box()
        assert box is not None
        assert box["y"] + min(box["height"], 200) < 700, seen
    assert "With the SRAM: " in sent.page.locator(".answer").inner_text()


def test_a_change_shows_before_and_after(sent: Watched, spec: Path) -> None:
    page = sent.page
    field(page, "width").fill("512")
    before, after = at(spec, "today.dram_bytes"), at(spec, "today.dram_bytes", ("width", "512"))
    key = page.locator(".keys > div").filter(has_text="today.dram_bytes").locator(".was")
    assert texts(key)[0].startswith(f"−{100 * (1 - after / before):.1f} %, was ")
    assert page.locator(".altered").inner_text() == "Changed: width = 512\u00a0px (the report has 1,024\u00a0px)"
    page.get_by_label("Sent by").fill("Ada <i>L.</i>")
    page.emulate_media(media="print")
    expect(page.locator(".altered")).to_be_visible()
    page.goto(page.url)
    page.reload()
    assert page.locator(".altered").inner_text().endswith("1,024\u00a0px); sent by Ada <i>L.</i>")


def test_what_models_share_is_set_once_and_may_be_split(sent: Watched, spec: Path) -> None:
    page = sent.page
    page.locator("summary").filter(has_text="Shared (").click()
    both = page.locator(".input").filter(has=page.locator("code:text-is('act')"))
    assert "all 2 models: naive, today" in both.inner_text()
    field(page, "act").fill("16")
    wide = [
        at(spec, "saved", ("naive.act", "16 bit"), ("today.act", "16 bit")),
        at(spec, "saved", ("today.act", "16 bit")),
    ]
    assert page.evaluate("memdsl.machine.cell('saved')") == pytest.approx(wide[0], rel=1e-9)
    assert page.locator(".altered").inner_text() == "Changed: act = 16\u00a0bit (the report has 8\u00a0bit)"
    page.locator("summary").filter(has_text="Shared ones, one by one").click()
    field(page, "naive.act").fill("8")
    assert page.evaluate("memdsl.machine.cell('saved')") == pytest.approx(wide[1], rel=1e-9)
    assert "not the same now" in both.inner_text()


def test_a_slider_stops_at_what_is_allowed_and_round(sent: Watched) -> None:
    page = sent.page
    slider = page.get_by_label("On-chip SRAM, slider")
    assert slider.get_attribute("aria-valuetext") == "8 MiB"
    for wanted in ("10 MiB", "12 MiB", "14 MiB", "16 MiB"):
        slider.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuetext", wanted)
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "64 MiB")
    width = page.get_by_label("Width of the image, slider")
    for key in ["Home", *["ArrowRight"] * 3]:
        width.press(key)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.evaluate("memdsl.values.get('width')") == 128
    assert page.evaluate("memdsl.values.get('sram')") == 64 * 2**20


def test_nonsense_is_refused_with_what_would_be_allowed(sent: Watched) -> None:
    page = sent.page
    shown = texts(page.locator(".key"))
    for path, typed, said in (
        ("width", "1070", "Not set. Allowed is a multiple of 32 px from 32 px to 8,192 px: 1,056 px or 1,088 px"),
        ("width", "9000", "Not set. Allowed is a multiple of 32 px from 32 px to 8,192 px: 8,192 px"),
        ("sram", "-5", "Not set. Allowed is from 0.25 MiB to 64 MiB: 0.25 MiB"),
    ):
        field(page, path).fill(typed)
        assert field(page, path).get_attribute("aria-invalid") == "true"
        refused = page.locator(".input").filter(has=page.locator(f"code:text-is('{path}')")).locator(".refused")
        assert texts(refused) == [said]
        assert texts(page.locator(".key")) == shown
    page.goto(f"{page.url.split('#')[0]}#width=1070")
    page.reload()
    assert "Not set, as it is not allowed: width = 1070" in page.get_by_role("status").first.inner_text()


def test_what_has_no_effect_is_folded_away(sent: Watched) -> None:
    folded = sent.page.locator("details").filter(has_text="Without effect on what is shown").last
    assert folded.get_attribute("open") is None
    assert "idle" in folded.locator("code").all_text_contents()
    assert "sram" not in folded.locator("code").all_text_contents()


def test_the_layers_that_matter_are_told(sent: Watched) -> None:
    first = sent.page.locator("#matters tbody tr").first.locator("td")
    name, _, share, *_ = texts(first)
    assert name
    assert share.endswith(" %")
    figure = sent.page.locator("figure[data-as=figure]").first
    figure.focus()
    figure.press("ArrowRight")
    assert sent.page.locator(".tip").inner_text().splitlines()[0]


def test_a_chart_leaves_the_page(sent: Watched) -> None:
    for form, begins in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with sent.page.expect_download() as saved:
            sent.page.locator("figure").nth(1).get_by_role("button", name=form).click()
        content = Path(saved.value.path()).read_bytes()
        assert content.startswith(begins)
        assert saved.value.suggested_filename.startswith("dram-traffic-of-one-pass")
    drawing = ET.fromstring(content)
    assert not [node for node in drawing.iter() if node.tag.rpartition("}")[2] in ("script", "image", "foreignObject")]


def test_two_states_stand_beside_each_other(sent: Watched, spec: Path) -> None:
    page, compare = sent.page, sent.page.locator("#compare")
    page.get_by_role("button", name="Keep as A").press("Enter")
    field(page, "width").fill("512")
    assert compare.locator(".state").inner_text() == "A stands at the report’s inputs; B at width changed."
    rows = lines_of(compare)
    assert rows["width"] == ["1,024 px", "512 px", "−512 px, −50.0 %", "0.5 ×"]
    ratio = at(spec, "today.dram_bytes", ("width", "512")) / at(spec, "today.dram_bytes")
    assert rows["today.dram_bytes"][3] == f"{ratio:.3g} ×"
    # Whoever is sent the address sees the same two states.
    page.wait_for_url("**#width=512&A~=&~=0,-1,-1")
    page.reload()
    assert lines_of(compare) == rows
    compare.get_by_role("button", name="Go back to A").click()
    assert page.evaluate("memdsl.values.get('width')") == 1024
    compare.get_by_role("button", name="Forget A").click()
    expect(compare.locator("tbody")).to_be_hidden()


def test_two_chips_and_two_models_stand_beside_each_other(sent: Watched) -> None:
    compare = sent.page.locator("#compare")
    compare.locator("summary").press("Enter")
    compare.get_by_label("What is compared").select_option("Hardware")
    compare.get_by_label("A", exact=True).select_option("older")
    compare.get_by_label("B", exact=True).select_option("newer")
    assert lines_of(compare)["dram.bandwidth"] == ["2,039 GB/s", "3,350 GB/s", "+1,311 GB/s, +64.3 %", "1.64 ×"]
    compare.get_by_role("button", name="Swap A and B").click()
    assert lines_of(compare)["dram.bandwidth"][:2] == ["3,350 GB/s", "2,039 GB/s"]
    compare.get_by_label("What is compared").select_option("Models")
    assert "dram_bytes" in lines_of(compare)


def test_changes_are_sent_back(sent: Watched, spec: Path, tmp_path: Path) -> None:
    field(sent.page, "sram").fill("16")
    with sent.page.expect_download() as saved:
        sent.page.get_by_role("button", name="Download my changes").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert json.loads(file.read_text(encoding="utf-8"))["changes"] == {"sram": 16 * 2**20}
    found = pull(file, spec)
    assert "+param sram  = 16 MiB" in found.diff  # type: ignore[union-attr]


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_the_page_is_accessible(browser: Browser, html: str, tmp_path: Path, width: int, scheme: str) -> None:
    watched = Watched(
        browser, html, tmp_path, bypass_csp=True, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = watched.page
    assert faults_of(page) == []
    page.get_by_role("button", name="Keep as A").dispatch_event("click")
    page.evaluate("memdsl.set({width: 512})")
    assert faults_of(page) == []
    page.evaluate("document.body.append(document.createElement('img'))")
    assert "image-alt" in [fault.partition(":")[0] for fault in faults_of(page)], "a fault is found"
    page.context.close()
