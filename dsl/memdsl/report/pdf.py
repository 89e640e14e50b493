"""The PDF: the same page, typeset by WeasyPrint, which may fetch nothing."""

from __future__ import annotations

import base64
import gc
import logging
import re
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
_CARRIED = re.compile("data:(font/ttf|image/png|image/svg\\+xml);base64,")


class MissingLibrary(Exception):
    """A library of the system that the PDF needs is absent; the message says what to install."""


def fetcher() -> URLFetcher:
    """Refuses every address; the faces and the logo that a page carries inside are none."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Nothing(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            carried = _CARRIED.match(url)
            if carried is not None:
                return URLFetcherResponse(url, base64.b64decode(url[carried.end() :]), {"Content-Type": carried[1]})
            raise ValueError("a report fetches nothing")

    return Nothing()


def write_pdf(html: str, target: Path) -> str:
    """Typesets a page; the characters that no font of this machine has, and that stand as boxes in it.

    Raises MissingLibrary, or OSError.
    """
    try:
        import weasyprint
    except OSError as error:
        raise MissingLibrary(INSTALL) from error
    with _seldom_collected(), _boxes() as boxes:
        weasyprint.HTML(string=html, url_fetcher=fetcher()).write_pdf(target, pdf_tags=True)
    return "".join(sorted(boxes))


@contextmanager
def _boxes() -> Iterator[set[str]]:
    """The characters without a glyph, of which WeasyPrint tells in its log; it says nothing else meanwhile."""
    found: set[str] = set()

    def heard(record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str) and record.msg.startswith(".notdef") and isinstance(record.args, tuple):
            found.add(str(record.args[0]))
        return False

    log = logging.getLogger("weasyprint")
    before = log.level
    log.setLevel(logging.WARNING)
    log.addFilter(heard)
    try:
        yield found
    finally:
        log.removeFilter(heard)
        log.setLevel(before)


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
