"""The pictures of README, made from the outputs: `make pictures` (needs Poppler and Chromium)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "specs" / "yolov3.mem"
TARGET = ROOT / "reports" / "pictures"
WIDTH, COLOURS = 1100, 128


def small(source: Path, target: Path) -> None:
    """The picture at a modest width, with few colours."""
    with Image.open(source) as picture:
        height = round(picture.height * WIDTH / picture.width)
        resized = picture.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
        resized.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size / 1000:,.0f} kB")


def side_by_side(sources: list[Path], target: Path) -> None:
    pages = [Image.open(source) for source in sources]
    gap = 24
    wide = sum(page.width for page in pages) + gap * (len(pages) + 1)
    whole = Image.new("RGB", (wide, pages[0].height + 2 * gap), "#c8ced4")
    left = gap
    for page in pages:
        whole.paste(page, (left, gap))
        left += page.width + gap
    whole.save(target)


def main() -> None:
    browser = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "memdsl", "report", str(SPEC), "-o", name, "--format", "pdf,html"]
        subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")}, check=True)
        pdf = folder / f"{SPEC.stem}.pdf"
        subprocess.run(["pdftoppm", "-r", "80", "-png", "-l", "2", str(pdf), str(folder / "page")], check=True)
        side_by_side(sorted(folder.glob("page-*.png")), folder / "pdf.png")
        small(folder / "pdf.png", TARGET / "pdf.png")
        with sync_playwright() as play:
            opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = opened.new_page(viewport={"width": 1400, "height": 860})
            page.goto((folder / f"{SPEC.stem}.html").as_uri())
            page.get_by_label("sram", exact=True).fill("16")
            page.screenshot(path=folder / "page.png")
        small(folder / "page.png", TARGET / "page.png")


if __name__ == "__main__":
    main()
