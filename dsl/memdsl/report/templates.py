"""The templates of the report: where they are, and a page made from them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from .document import Document

if TYPE_CHECKING:
    from jinja2 import Environment

# The file, the family it is called by, weight and style. Regular faces come first: a page is legible with them alone.
FONTS = (
    ("Sans-Regular", "Memdsl Sans", 400, "normal"),
    ("Sans-SemiBold", "Memdsl Sans", 600, "normal"),
    ("Sans-Italic", "Memdsl Sans", 400, "italic"),
    ("Condensed-Regular", "Memdsl Condensed", 400, "normal"),
    ("Condensed-SemiBold", "Memdsl Condensed", 600, "normal"),
    ("Mono-Regular", "Memdsl Mono", 400, "normal"),
)


@cache
def folder() -> Path:
    """The templates: inside the package in a wheel, at the top level in a checkout."""
    package = Path(__file__).resolve().parent.parent
    places = (package / "templates", package.parent.parent / "templates")
    return next((place for place in places if (place / "report.html").is_file()), places[0])


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Only `document.Html` passes through it.
    made.filters["drawn"] = Markup
    return made


@cache
def fonts() -> str:
    """The faces as CSS that carries them inside: a report is one file, and looks the same everywhere."""
    rules = []
    for file, family, weight, style in FONTS:
        data = base64.b64encode((folder() / "fonts" / f"{file}.ttf").read_bytes()).decode("ascii")
        rules.append(
            f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{style};'
            f'src:url("data:font/ttf;base64,{data}")}}'
        )
    return "\n".join(rules)


@dataclass(frozen=True)
class Script:
    """What makes a page live: its script, the script's digest for the page's own rule of what may run, its data."""

    script: str
    data: str

    @property
    def digest(self) -> str:
        return base64.b64encode(sha256(self.script.encode("utf-8")).digest()).decode("ascii")


def page(document: Document, live: Script | None = None) -> str:
    """The document as one HTML file, for paper, or for a screen with a script that keeps it up to date."""
    style = (folder() / "report.css").read_text(encoding="utf-8")
    return rendered("report.html", document=document, fonts=fonts(), style=style, live=live)


def rendered(template: str, **values: object) -> str:
    """A page made from one of the templates."""
    return _environment().get_template(template).render(**values)
