"""The prose of a spec: simple Markdown (paragraphs, emphasis, lists, code, headings) with values inside.

HTML stays text; links and images are not read, so that nothing in a report leads outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import escape
from textwrap import dedent
from typing import TYPE_CHECKING

from ..presentation.words import clean
from ..sheet.report import ProseItem, Shown
from .document import Html, Live

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_LONGEST = 50_000
# Stand for values while Markdown is read: no value is ever taken for Markdown.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
# Signs that only this module may use: an author's own would name a value that is not there.
_PRIVATE = re.compile(f"[{_OPEN}{_CLOSE}]")


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False, "typographer": False})
    return reader.disable(["link", "image", "autolink", "html_inline", "html_block", "reference"])


def render(item: ProseItem, show: Callable[[Shown], Live]) -> Html:
    """The prose as HTML; `show` gives each value inside it."""
    values: list[Live] = []
    text = ""
    for part in item.parts:
        if isinstance(part, str):
            text += _PRIVATE.sub("", part)
        else:
            text += f"{_OPEN}{len(values)}{_CLOSE}"
            values.append(show(part))
    if len(text) > _LONGEST:
        text = text[:_LONGEST].rpartition(" ")[0] + " …"
    tokens = _markdown().parse(clean(dedent(text.expandtabs(4))).strip())
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            # The title of the report and its sections are above every heading of a prose.
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    reader = _markdown()
    html = reader.renderer.render(tokens, reader.options, {})
    return Html(_PLACE.sub(lambda found: _value(values, int(found[1])), html))


def _value(values: list[Live], index: int) -> str:
    if index >= len(values):
        return ""
    live = values[index]
    return f'<span class="value" data-view="{live.view.number}">{escape(live.text)}</span>'
