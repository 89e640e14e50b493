"""What axe-core says of the page of every spec at three widths: `python tests/js/accessible.py [specs]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import memdsl

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.mem"))
VIEWS = ((1600, "light"), (1100, "dark"), (390, "light"))
"""Widths, each with the colours that it is looked at in."""
_CUT = "[document.documentElement.scrollWidth, innerWidth]"


def faults_of(page: Page) -> list[str]:
    """The violations of the page as it stands, everything unfolded; what is cut at the side is one."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    if not page.evaluate("typeof axe === 'object'"):
        page.add_script_tag(content=AXE)
    found = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in page.evaluate("axe.run()")["violations"]]
    wide, room = page.evaluate(_CUT)
    return [*found, *([f"cut at the side: {wide} of {room} pixels"] if wide > room else [])]


def faults_of_spec(browser: Browser, spec: Path, folder: Path) -> Iterator[str]:
    """The violations of one spec's page at every width, on one page."""
    file = folder / "report.html"
    file.write_text(memdsl.load(spec).to_html(), encoding="utf-8")
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(file.as_uri())
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        yield from (f"{spec.stem} at {width}: {fault}" for fault in faults_of(page))
    context.close()


def main() -> int:
    count = 0
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for spec in [Path(name) for name in sys.argv[1:]] or SPECS:
            found = list(faults_of_spec(browser, spec, Path(folder)))
            count += len(found)
            print(f"{spec.stem}: {len(found)}", *found, sep="\n  ", flush=True)
        browser.close()
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
