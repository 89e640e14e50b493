"""The PDF: the same page, typeset by WeasyPrint, which may fetch nothing."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

INSTALL = (
    "the PDF needs Pango, which is missing: install it with `apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0 fonts-dejavu-core` (Debian, Ubuntu) or `brew install pango` (macOS)"
)
_FONT = "data:font/ttf;base64,"


class MissingLibrary(Exception):
    """A library of the system that the PDF needs is absent; the message says what to install."""


def write_pdf(html: str, target: Path) -> None:
    """Typesets a page that `render_html` made."""
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except OSError as error:
        raise MissingLibrary(INSTALL) from error

    class Nothing(URLFetcher):  # type: ignore[misc]
        """Refuses every address; the faces that the page carries inside are no address."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            if url.startswith(_FONT):
                return URLFetcherResponse(url, base64.b64decode(url[len(_FONT) :]), {"Content-Type": "font/ttf"})
            raise ValueError("a report fetches nothing")

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    weasyprint.HTML(string=html, url_fetcher=Nothing()).write_pdf(target, pdf_tags=True)
