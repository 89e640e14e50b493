"""The pictures of README, made from the outputs: `make pictures` (needs Poppler, LibreOffice and Chromium)."""

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


def sheets(book: Path, folder: Path) -> list[Path]:
    """The cover of a workbook and its first charts, without the paper around them."""
    subprocess.run(["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book)], check=True)
    pdf = book.with_suffix(".pdf")
    texts = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True)
    pages = texts.stdout.split("\f")
    charts = next(number for number, text in enumerate(pages, 1) if text.lstrip().startswith("Charts"))
    found = []
    for number, (left, top, right, bottom) in ((1, (30, 90, 1180, 965)), (charts, (30, 90, 1220, 965))):
        file = folder / f"sheet-{number:03}"
        size = ["-x", str(left), "-y", str(top), "-W", str(right - left), "-H", str(bottom - top)]
        one = ["-f", str(number), "-l", str(number), "-singlefile"]
        subprocess.run(["pdftoppm", "-r", "150", *size, *one, "-png", str(pdf), str(file)], check=True)
        found.append(file.with_suffix(".png"))
    return found


def main() -> None:
    browser = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "memdsl", "report", str(SPEC.relative_to(ROOT)), "-o", name]
        command += ["--format", "xlsx,pdf,html"]
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / "dsl")}, check=True)
        pdf = folder / f"{SPEC.stem}.pdf"
        subprocess.run(["pdftoppm", "-r", "80", "-png", "-l", "2", str(pdf), str(folder / "page")], check=True)
        side_by_side(sorted(folder.glob("page-*.png")), folder / "pdf.png")
        small(folder / "pdf.png", TARGET / "pdf.png")
        book = shutil.copy(folder / f"{SPEC.stem}.xlsx", folder / "book.xlsx")
        side_by_side(sheets(Path(book), folder), folder / "sheets.png")
        small(folder / "sheets.png", TARGET / "workbook.png")
        with sync_playwright() as play:
            opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = opened.new_page(viewport={"width": 1400, "height": 860})
            page.goto((folder / f"{SPEC.stem}.html").as_uri())
            page.locator(".input", has=page.locator("code:text-is('sram')")).locator("input[type=number]").fill("16")
            page.screenshot(path=folder / "page.png")
        small(folder / "page.png", TARGET / "page.png")


if __name__ == "__main__":
    main()
