"""The templates of the report: where they are, and a page made from them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from .document import Document

if TYPE_CHECKING:
    from jinja2 import Environment, TemplateError
    from markupsafe import Markup

# The file, the family it is called by, weight and style. Regular faces come first: a page is legible with them alone.
FONTS = (
    ("Sans-Regular", "Memdsl Sans", 400, "normal"),
    ("Sans-SemiBold", "Memdsl Sans", 600, "normal"),
    ("Sans-Italic", "Memdsl Sans", 400, "italic"),
    ("Condensed-Regular", "Memdsl Condensed", 400, "normal"),
    ("Condensed-SemiBold", "Memdsl Condensed", 600, "normal"),
    ("Mono-Regular", "Memdsl Mono", 400, "normal"),
)


_JOINT = re.compile(r"[._/\]](?=\w)")
_LONG_CODE = 14


@cache
def folder() -> Path:
    """The templates: inside the package in a wheel, at the top level in a checkout."""
    package = Path(__file__).resolve().parent.parent
    places = (package / "templates", package.parent.parent / "templates")
    return next((place for place in places if (place / "report.html").is_file()), places[0])


class TemplateFault(Exception):
    """A template of a project that cannot be used; the message says which one, and why."""


@dataclass(frozen=True)
class Look:
    """How a report is set: on which paper, and with the templates and the logo of a project in front of ours.

    `folder` may hold `report.html`, `blocks.html`, `report.css`, `extra.css` (added to ours) and `logo.svg` or
    `logo.png`; what it lacks is taken from ours.
    """

    folder: Path | None = None
    paper: OneOf["A4", "Letter"] = "A4"

    def text(self, name: str) -> str:
        """A file of the project, else of ours; empty when neither has it."""
        for place in (self.folder, folder()):
            if place is not None and (place / name).is_file():
                try:
                    return (place / name).read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    raise TemplateFault(f"{place / name} cannot be read: {error}") from None
        return ""

    @property
    def logo(self) -> str:
        """The logo as an address that carries it; empty when there is none."""
        for name, kind in (("logo.svg", "svg+xml"), ("logo.png", "png")):
            if self.folder is not None and (self.folder / name).is_file():
                return f"data:image/{kind};base64,{_encoded((self.folder / name).read_bytes())}"
        return ""

    @property
    def style(self) -> str:
        sizes = f"@page {{ size: {self.paper} }} @page wide {{ size: {self.paper} landscape }}"
        return "\n".join((self.text("report.css"), sizes, self.text("extra.css")))


@cache
def _environment(own: Path | None = None) -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment
    from markupsafe import Markup

    made = SandboxedEnvironment(
        loader=FileSystemLoader([*([own] if own is not None else []), folder()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A file that a project adds between two reports stands before ours from then on.
        cache_size=0 if own is not None else 50,
    )
    # Only `document.Html` passes through it.
    made.filters["drawn"] = Markup
    made.filters["breakable"] = _breakable
    return made


def _breakable(text: str) -> Markup:
    """A name or a formula that may go on in the next line where a word of it ends."""
    from markupsafe import Markup, escape

    escaped = str(escape(text))
    return Markup(_JOINT.sub(r"\g<0><wbr>", escaped) if len(text) > _LONG_CODE else escaped)


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


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


def page(document: Document, live: Script | None = None, look: Look | None = None) -> str:
    """The document as one HTML file, for paper, or for a screen with a script that keeps it up to date.

    Raises TemplateFault for a template of a project that does not work.
    """
    from jinja2 import TemplateError

    look = look or Look()
    values = {"document": document, "fonts": fonts(), "style": look.style, "logo": look.logo, "live": live}
    try:
        return _environment(look.folder).get_template("report.html").render(**values)
    except TemplateError as error:
        if look.folder is None:
            raise
        raise TemplateFault(f"{_place(error, look.folder)}: {error}") from None


def _place(error: TemplateError, own: Path) -> str:
    """The file and the line of a fault: Jinja puts those of templates into the traceback."""
    from jinja2 import TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or own}, line {error.lineno}"
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(own)]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else str(own)


def rendered(template: str, **values: object) -> str:
    """A page made from one of the templates."""
    return _environment().get_template(template).render(**values)
