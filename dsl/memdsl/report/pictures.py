"""Charts as files of their own, for slides and papers: the drawing alone as SVG, and as PNG for programs without it."""

from __future__ import annotations

import io
from pathlib import Path

from .notebook import Chart
from .pdf import INSTALL, MissingLibrary, fetcher

_SCALE = 3
"""Pixels of a PNG for each of the drawing's units, as in the page: sharp on a slide of 1,920 pixels."""
_MARGIN = 8
"""White around a drawing, in its units."""
_PIXELS_AN_INCH = 96
_POINTS_AN_INCH = 72

LACKS_PNG = "PNG needs pypdfium2: pip install 'memdsl[png]' (SVG goes without it)"


def svg_file(chart: Chart) -> str:
    """The drawing on white paper; it loads nothing and runs nothing."""
    _, _, rest = chart.svg.partition(">")
    width, height = (side + 2 * _MARGIN for side in chart.size)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{height:g}"'
    box = f'viewBox="-{_MARGIN} -{_MARGIN} {width:g} {height:g}"'
    return f'{head} {box} style="background: #ffffff">{rest}\n'


def write_png(chart: Chart, target: Path) -> None:
    """Typesets the drawing as the PDF has it, in the same faces. Raises MissingLibrary, or OSError."""
    try:
        import weasyprint
    except OSError as error:
        raise MissingLibrary(INSTALL.replace("the PDF", "PNG", 1)) from error
    try:
        import pypdfium2
    except ImportError:
        raise MissingLibrary(LACKS_PNG) from None
    from .templates import fonts

    width, height = (side + 2 * _MARGIN for side in chart.size)
    paper_size = f"@page {{ size: {width:g}px {height:g}px; margin: {_MARGIN}px }}"
    style = f"{paper_size} body {{ margin: 0 }} svg {{ display: block }}"
    html = f"<!doctype html><title>chart</title><style>{fonts()}{style}</style>{chart.svg}"
    paper = io.BytesIO()
    weasyprint.HTML(string=html, url_fetcher=fetcher()).write_pdf(paper)
    document = pypdfium2.PdfDocument(paper.getvalue())
    try:
        bitmap = document[0].render(scale=_SCALE * _PIXELS_AN_INCH / _POINTS_AN_INCH)
        bitmap.to_pil().convert("RGB").save(target, "PNG", optimize=True)
    finally:
        document.close()
