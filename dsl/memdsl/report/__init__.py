"""The report: one document, as a page and as a PDF."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .pdf import MissingLibrary, write_pdf

if TYPE_CHECKING:
    from ..evaluate import ClaimResult, Machine, Values
    from ..sheet.sheet import TypedSheet

__all__ = ["MissingLibrary", "render_html", "write_pdf"]


def render_html(
    typed: TypedSheet,
    machine: Machine,
    values: Values,
    claims: Sequence[ClaimResult],
    *,
    command: str = "",
    version: str = "",
    today: datetime.date | None = None,
) -> str:
    """The report as one HTML file that carries all it needs; the PDF is made from the same text."""
    from hashlib import sha256

    from .compose import compose
    from .subject import Subject
    from .templates import page

    day = (today or datetime.date.today()).isoformat()
    digest = sha256(typed.sheet.source.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return page(compose(Subject(typed, machine, values, claims), command, version, day, digest))
