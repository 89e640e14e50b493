"""The PDF: the same page, typeset by WeasyPrint, which may fetch nothing."""

from __future__ import annotations

import base64
import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

INSTALL = (
    "the PDF needs Pango, which is missing: install it with `apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0 fonts-dejavu-core` (Debian, Ubuntu) or `brew install pango` (macOS)"
)
_FONT = "data:font/ttf;base64,"


class MissingLibrary(Exception):
    """A library of the system that the PDF needs is absent; the message says what to install."""


def fetcher() -> URLFetcher:
    """Refuses every address; the faces that a page carries inside are no address."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Nothing(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            if url.startswith(_FONT):
                return URLFetcherResponse(url, base64.b64decode(url[len(_FONT) :]), {"Content-Type": "font/ttf"})
            raise ValueError("a report fetches nothing")

    return Nothing()


def write_pdf(html: str, target: Path) -> None:
    """Typesets a page that `render_html` made."""
    try:
        import weasyprint
    except OSError as error:
        raise MissingLibrary(INSTALL) from error
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    with _seldom_collected():
        weasyprint.HTML(string=html, url_fetcher=fetcher()).write_pdf(target, pdf_tags=True)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Typesetting makes many small objects that live to its end: looking for garbage among them is a fifth of its time.

    What the model holds is left out of the search altogether.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
