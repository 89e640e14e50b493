"""The templates of the report: where they are, and a page made from them."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from ..files import inside, read_regular
from .bounded import TookTooLong, bounded, with_deep_stack
from .document import Document

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment
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


_MOST_BYTES = 4_000_000
_MOST_SECONDS = 10
_MOST_MEMORY = 1_500_000_000
_MOST_BITS = 100_000
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
        """A file of the project, else of ours; empty when neither has it. Raises TemplateFault."""
        own = self.content(name)
        if own is not None:
            return _decoded(own, f"{self.folder}/{name}")
        ours = folder() / name
        return ours.read_text(encoding="utf-8") if ours.is_file() else ""

    def content(self, name: str) -> bytes | None:
        """A file of the project; None where it has none. Raises TemplateFault for one that cannot be read."""
        if self.folder is None or not os.path.lexists(self.folder / name):
            return None
        found = inside(self.folder, self.folder / name)
        if found is None:
            raise TemplateFault(f"{self.folder / name} leads out of its folder: put the file itself there")
        try:
            content = read_regular(found, _MOST_BYTES + 1)
        except OSError as error:
            raise TemplateFault(f"{self.folder / name} cannot be read: {error.strerror or error}") from None
        if len(content) > _MOST_BYTES:
            raise TemplateFault(f"{self.folder / name} is larger than {_MOST_BYTES // 1_000_000} MB, the limit")
        return content

    @property
    def logo(self) -> str:
        """The logo as an address that carries it; empty when there is none."""
        for name, kind in (("logo.svg", "svg+xml"), ("logo.png", "png")):
            content = self.content(name)
            if content is not None:
                return f"data:image/{kind};base64,{_encoded(content)}"
        return ""

    @property
    def style(self) -> str:
        sizes = f"@page {{ size: {self.paper} }} @page wide {{ size: {self.paper} landscape }}"
        return "\n".join((self.text("report.css"), sizes, self.text("extra.css")))


@cache
def _ours() -> Environment:
    from jinja2 import FileSystemLoader

    return _environment(FileSystemLoader(folder()))


def _of_project(look: Look) -> Environment:
    """Templates of a project before ours, read anew for each page: they may have changed between two reports."""
    from jinja2 import FunctionLoader
    from jinja2.loaders import split_template_path

    assert look.folder is not None
    place = look.folder

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        text = look.text("/".join(split_template_path(name)))
        return (text, str(place / name), lambda: True) if text else None

    return _environment(FunctionLoader(load))


def _environment(loader: BaseLoader) -> Environment:
    from jinja2 import StrictUndefined
    from markupsafe import Markup

    made = _sandbox()(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # Only `document.Html` passes through it.
    made.filters["drawn"] = Markup
    made.filters["breakable"] = _breakable
    return made


@cache
def _sandbox() -> type[Environment]:
    from jinja2.exceptions import SecurityError
    from jinja2.runtime import Context
    from jinja2.sandbox import SandboxedEnvironment

    class Sandbox(SandboxedEnvironment):
        """One that computes no number of a million digits, which nothing could end."""

        intercepted_binops = frozenset(["**", "*"])

        def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
            if isinstance(left, int) and isinstance(right, int):
                bits = left.bit_length() * (max(right, 1) if operator == "**" else 1) + right.bit_length()
                if bits > _MOST_BITS:
                    raise SecurityError("a number in it is too large")
            return super().call_binop(context, operator, left, right)

    return Sandbox


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
    look = look or Look()
    values = {"document": document, "fonts": fonts(), "style": look.style, "logo": look.logo, "live": live}
    if look.folder is None:
        return _ours().get_template("report.html").render(**values)

    def render() -> str:
        with bounded(_MOST_SECONDS, _MOST_MEMORY):
            return _of_project(look).get_template("report.html").render(**values)

    try:
        return with_deep_stack(render)
    except TemplateFault:
        raise
    except TookTooLong:
        message = f"the templates of {look.folder} take more than {_MOST_SECONDS} s: does one extend or include itself?"
        raise TemplateFault(message) from None
    except MemoryError:
        raise TemplateFault(f"the templates of {look.folder} take too much memory") from None
    except RecursionError:
        raise TemplateFault(f"a template of {look.folder} extends or includes itself, or nests too deeply") from None
    except Exception as error:  # a template raises whatever its expressions come to
        raise TemplateFault(f"{_place(error, look.folder)}: {error or type(error).__name__}") from None


def _place(error: Exception, own: Path) -> str:
    """The file and the line of a fault: Jinja puts those of templates into the traceback."""
    from jinja2 import TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        return f"{own / (error.name or '')}, line {error.lineno}"
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(own)]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else str(own)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TemplateFault(f"{name}, line {line}: this is not UTF-8 text: save it as UTF-8") from None


def rendered(template: str, **values: object) -> str:
    """A page made from one of the templates."""
    return _ours().get_template(template).render(**values)
