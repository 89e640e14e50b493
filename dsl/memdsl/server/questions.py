"""What the editor of the desk asks of a text: colours, completions, hovers, as the language server answers them."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsprotocol.types import CompletionItem, MarkupContent

    from ..lsp.snapshot import Snapshot

KINDS = ("colours", "complete", "hover")
NEEDS = "colours, completion and hovers need the extra lsp: pip install 'memdsl[lsp]'"
_MOST_ITEMS = 400


def available() -> bool:
    """Whether the library of the protocol is there, which the functions behind the language server speak in."""
    return find_spec("lsprotocol") is not None


class Questions:
    """Answers for one file. Safe for several threads: one asks at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._working = threading.Lock()
        self._newest = ""
        self._snapshot: Snapshot | None = None
        self._good: Snapshot | None = None

    def rests(self, text: str) -> None:
        """Nobody typed for a moment: answers may be of this text from now on."""
        self._newest = text

    def answer(self, kind: str, text: str, line: int, column: int) -> object:
        """What is asked, as JSON; `line` and `column` count from 0, columns in UTF-16 units. None without an answer."""
        if kind not in KINDS or not available():
            return None
        with self._working:
            try:
                return self._answer(kind, text, line, column)
            except RecursionError:  # nested beyond what can be read
                return None

    def _answer(self, kind: str, text: str, line: int, column: int) -> object:
        from lsprotocol.types import Position

        from ..lsp import colours, completion, hover
        from ..lsp.legend import TOKEN_TYPES
        from ..lsp.text import Drift, Text

        snapshot, good = self._known(text)
        now, drift = Text(text), Drift.between(snapshot.source.text, text)
        if kind == "colours":
            return {"tokens": colours.tokens(now, snapshot, drift, (0, len(text))), "kinds": TOKEN_TYPES}
        offset = now.offset(Position(line, column))
        if kind == "complete":
            items = completion.complete(text, offset, snapshot, good, drift)[:_MOST_ITEMS]
            return {"items": [_item(completion.resolve_item(item, snapshot, good), k) for k, item in enumerate(items)]}
        found = hover.hover(now, offset, snapshot, good, drift)
        if found is None or found.range is None:
            return None
        ends = [[end.line, end.character] for end in (found.range.start, found.range.end)]
        return {"html": _html(found.contents), "from": ends[0], "to": ends[1]}  # type: ignore[arg-type]

    def _known(self, text: str) -> tuple[Snapshot, Snapshot]:
        """The newest state that was analysed, and the newest that has values."""
        from ..lsp.snapshot import Snapshot

        wanted = self._newest or text
        if self._snapshot is None or self._snapshot.source.text != wanted:
            self._snapshot = Snapshot.of(wanted, self._path)
            if self._snapshot.valued:
                self._good = self._snapshot
        return self._snapshot, self._good or self._snapshot


def _item(item: CompletionItem, rank: int) -> dict[str, object]:
    """A completion as the editor takes it; placeholders of a snippet as `${name}`."""
    from lsprotocol.types import CompletionItemKind, InsertTextFormat

    snippet = item.insert_text_format == InsertTextFormat.Snippet
    insert = item.insert_text or item.label
    return {
        "label": item.filter_text or item.label,
        "kind": CompletionItemKind(item.kind).name.lower() if item.kind is not None else "",
        "detail": item.detail or "",
        "insert": _placeholders(insert) if snippet else insert,
        "snippet": snippet,
        "info": getattr(item.documentation, "value", item.documentation) or "",
        "rank": min(rank, 99),
    }


def _placeholders(snippet: str) -> str:
    """`param ${1:name} = $0` as the editor writes it: `param ${name} = ${}`."""
    import re

    named = re.sub(r"\$\{\d+:([^}]*)\}", r"${\1}", snippet)
    return re.sub(r"\$\{?\d+\}?", "${}", named)


def _html(content: MarkupContent) -> str:
    """Markdown as HTML; markup and links in a spec's own texts stay text."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False})
    reader.disable(["link", "image", "autolink", "html_inline", "html_block"])
    return str(reader.render(content.value))
