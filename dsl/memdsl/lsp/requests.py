"""What an editor asks of a text, given to the modules that answer it.

They are imported when they are first asked, so that the server is there at once.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from contextlib import suppress
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.uris import to_fs_path

from ..files import leading
from .legend import TOKEN_MODIFIERS, TOKEN_TYPES
from .server import GaveWay, MemServer, analysed, server

if TYPE_CHECKING:
    from .document import Document
    from .snapshot import Snapshot
    from .symbols import Symbol
    from .text import Text

MAX_SPECS = 500  # files that are looked through for other uses of a name


def serve() -> None:
    """Speaks the language server protocol on standard input and output until the editor leaves."""
    sys.setswitchinterval(0.002)
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # what is wrong with a message is answered, not printed
    gc.set_threshold(100_000, 50, 100)
    try:
        server.start_io()
    finally:
        for name in ("stdout", "stdin"):  # pygls closed them
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115


# ---- questions at a place -------------------------------------------------------------------------------------------


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
def hover_(ls: MemServer, params: lsp.HoverParams) -> lsp.Hover | None:
    known = ls.known(params.text_document.uri)
    if known is None:
        return None
    from . import hover

    document, snapshot, good, drift = known
    return hover.hover(document.text, document.text.offset(params.position), snapshot, good, drift)


@server.feature(
    lsp.TEXT_DOCUMENT_COMPLETION,
    lsp.CompletionOptions(trigger_characters=[".", '"', " ", "("], resolve_provider=True),
)
def completion_(ls: MemServer, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    known = ls.known(params.text_document.uri)
    if known is None:
        return None
    from . import completion

    document, snapshot, good, drift = known
    offset = document.text.offset(params.position)
    items = completion.complete(document.text.text, offset, snapshot, good, drift)
    for item in items:
        if isinstance(item.data, dict):
            item.data["uri"] = document.uri
    return lsp.CompletionList(False, items)


@server.feature(lsp.COMPLETION_ITEM_RESOLVE)
def completion_resolve(ls: MemServer, item: lsp.CompletionItem) -> lsp.CompletionItem:
    from . import completion

    uri = item.data.get("uri", "") if isinstance(item.data, dict) else ""
    known = ls.known(uri) if isinstance(uri, str) else None
    return item if known is None else completion.resolve_item(item, known[1], known[2])


@server.feature(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpOptions(trigger_characters=["(", ","]))
def signature(ls: MemServer, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
    known = ls.known(params.text_document.uri)
    if known is None:
        return None
    from . import calls

    document, snapshot, _, drift = known
    return calls.signature_help(document.text.text, document.text.offset(params.position), snapshot, drift)


def _symbol(ls: MemServer, uri: str, position: lsp.Position) -> tuple[Document, Snapshot, Symbol] | None:
    from . import symbols

    known = ls.known(uri)
    if known is None:
        return None
    document, snapshot, _, drift = known
    offset = document.text.offset(position)
    here = drift.back(document.text.word_at(offset) or (offset, offset))
    found = symbols.symbol_at(snapshot, min(max(here[0], drift.nearest(offset)), here[1])) if here is not None else None
    return (document, snapshot, found) if found is not None else None


@server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
def definition(ls: MemServer, params: lsp.DefinitionParams) -> list[lsp.Location] | None:
    found = _symbol(ls, params.text_document.uri, params.position)
    if found is None:
        return None
    document, snapshot, symbol = found
    drift = document.drift(snapshot)
    return [at for span in symbol.definitions if (at := document.location(span, drift)) is not None]


@server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
def references(ls: MemServer, params: lsp.ReferenceParams) -> list[lsp.Location] | None:
    from . import references as places
    from . import symbols

    found = _symbol(ls, params.text_document.uri, params.position)
    if found is None:
        return None
    document, snapshot, symbol = found
    drift = document.drift(snapshot)
    spans = places.references(snapshot, symbol)
    if not params.context.include_declaration:
        defined = {symbols.place(span) for span in symbol.definitions}
        spans = [span for span in spans if symbols.place(span) not in defined]
    return [at for span in spans if (at := document.location(span, drift)) is not None]


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
def highlight(ls: MemServer, params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight] | None:
    from . import references as places

    found = _symbol(ls, params.text_document.uri, params.position)
    if found is None:
        return None
    document, snapshot, symbol = found
    drift = document.drift(snapshot)
    own = [s for s in places.references(snapshot, symbol) if s.source is snapshot.source]
    spans = [span for s in own if (span := drift.forward((s.start, s.end))) is not None]
    return [lsp.DocumentHighlight(document.text.range(span)) for span in spans]


@server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
async def prepare_rename(ls: MemServer, params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder | None:
    from . import renaming

    known = await _settled(ls, params.text_document.uri)
    if known is None:
        return None
    document, snapshot = known
    try:
        symbol = renaming.renameable(snapshot, document.text.offset(params.position))
    except renaming.Refused:
        return None
    return lsp.PrepareRenamePlaceholder(document.text.range(symbol.span), symbol.name)


@server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
async def rename(ls: MemServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    from . import renaming
    from .text import Text

    known = await _settled(ls, params.text_document.uri)
    if known is None:
        return None
    document, snapshot = known
    offset = document.text.offset(params.position)
    try:
        texts = await ls.run(_specs_around, ls, document)
        found = await ls.run(renaming.rename, snapshot, offset, params.new_name, texts)
    except renaming.Refused as refused:
        raise JsonRpcInvalidParams(str(refused)) from None
    except GaveWay:
        raise JsonRpcException("the text was edited meanwhile", lsp.LSPErrorCodes.ContentModified.value) from None
    changes = {}
    for path, places in found.places.items():
        opened = next((other for other in ls.documents.values() if leading(other.path) == path), None)
        text = opened.text if opened is not None else Text(texts[path])
        uri = opened.uri if opened is not None else path.as_uri()
        changes[uri] = [lsp.TextEdit(text.range(span), params.new_name) for span in places]
    return lsp.WorkspaceEdit(changes)


def _specs_around(ls: MemServer, document: Document) -> dict[Path, str]:
    """The specs of the workspace and beside an open one, as the editor has them or as they are on disk."""
    from ..resolve import read_text
    from ..resolve.faults import Fault

    folders = [Path(path) for folder in ls.workspace.folders.values() if (path := to_fs_path(folder.uri)) is not None]
    found = [*document.path.parent.glob("*.mem"), *(file for folder in folders for file in folder.rglob("*.mem"))]
    texts: dict[Path, str] = {}
    for file in found[:MAX_SPECS]:
        with suppress(Fault):
            texts[leading(file)] = read_text(file, file.name).text
    return {**texts, **{leading(other.path): other.text.text for other in ls.documents.values()}}


async def _settled(ls: MemServer, uri: str) -> tuple[Document, Snapshot] | None:
    """A text with a snapshot of its very state."""
    document = ls.documents.get(uri)
    if document is None:
        return None
    if not document.settled:
        ls.give_way()
        try:
            snapshot = await ls.run(analysed, document.text.text, document.path, ls.texts(document))
        except GaveWay:
            return None
        if snapshot is None or ls.documents.get(uri) is not document:
            return None
        document.take(snapshot)
    return (document, document.snapshot) if document.settled and document.snapshot is not None else None


# ---- questions about a whole text -----------------------------------------------------------------------------------


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def document_symbols(ls: MemServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol] | None:
    from ..diagnostics import Problems, Source
    from ..syntax import parse
    from . import outline

    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return None
    return outline.symbols(document.text, parse(Source(str(document.path), document.text.text), Problems()))


@server.feature(lsp.WORKSPACE_SYMBOL)
def workspace_symbols(ls: MemServer, params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
    from ..diagnostics import Span
    from . import outline
    from .text import Text

    found: dict[tuple[str, int, int], lsp.WorkspaceSymbol] = {}
    for document in ls.documents.values():
        if document.snapshot is None:
            continue
        drift = document.drift(document.snapshot)
        for module in document.snapshot.trace.modules.values():
            texts = Text(module.source.text)
            for symbol in outline.symbols(texts, module.node):
                if symbol.name.startswith("claim ") or params.query.lower() not in symbol.name.lower():
                    continue
                range_ = symbol.selection_range
                place = Span(module.source, texts.offset(range_.start), texts.offset(range_.end))
                at = document.location(place, drift)
                if at is not None:
                    key = (at.uri, at.range.start.line, at.range.start.character)
                    found[key] = lsp.WorkspaceSymbol(at, symbol.name, symbol.kind, container_name=module.source.name)
    return list(found.values())


@server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
def folding(ls: MemServer, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange] | None:
    from ..diagnostics import Problems, Source
    from ..syntax import parse
    from . import outline

    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return None
    return outline.folds(document.text, parse(Source(str(document.path), document.text.text), Problems()))


_LEGEND = lsp.SemanticTokensLegend(list(TOKEN_TYPES), list(TOKEN_MODIFIERS))


@server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, _LEGEND)
def semantic_tokens(ls: MemServer, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens | None:
    from . import colours

    known = ls.known(params.text_document.uri)
    if known is None:
        return None
    document, snapshot, _, drift = known
    whole = (0, len(document.text.text))
    return lsp.SemanticTokens(colours.tokens(document.text, snapshot, drift, whole))


@server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, _LEGEND)
def semantic_tokens_range(ls: MemServer, params: lsp.SemanticTokensRangeParams) -> lsp.SemanticTokens | None:
    from . import colours

    known = ls.known(params.text_document.uri)
    if known is None:
        return None
    document, snapshot, _, drift = known
    wanted = (document.text.offset(params.range.start), document.text.offset(params.range.end))
    return lsp.SemanticTokens(colours.tokens(document.text, snapshot, drift, wanted))


@server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
def inlay_hints(ls: MemServer, params: lsp.InlayHintParams) -> list[lsp.InlayHint] | None:
    from . import outline

    document = ls.documents.get(params.text_document.uri)
    if document is None or document.good is None:
        return None
    wanted = (document.text.offset(params.range.start), document.text.offset(params.range.end))
    return outline.hints(document.text, document.good, document.drift(document.good), wanted)


@server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
def code_lens(ls: MemServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens] | None:
    from . import outline

    document = ls.documents.get(params.text_document.uri)
    if document is None or document.good is None:
        return None
    return outline.lenses(document.text, document.good, document.drift(document.good), document.uri)


@server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]))
def code_action(ls: MemServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
    from . import actions

    known = ls.known(params.text_document.uri)
    if known is None:
        return None
    document, snapshot, good, drift = known
    wanted = (document.text.offset(params.range.start), document.text.offset(params.range.end))
    good_drift = document.drift(good)
    return actions.actions(document.text, snapshot, good, drift, good_drift, wanted, document.uri)


@server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
def formatting(ls: MemServer, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
    """The canonical layout, as edits of the lines that differ; a text with a syntax error is left alone."""
    from ..diagnostics import Source
    from ..format import formatted
    from ..syntax import syntax_faults

    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return None
    if syntax_faults(Source(str(document.path), document.text.text)).failed:
        return None
    return line_edits(document.text, formatted(document.text.text))


def line_edits(text: Text, new: str) -> list[lsp.TextEdit]:
    before, after = text.text.splitlines(True), new.splitlines(True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    if len(before) == len(after):
        runs: list[tuple[int, int]] = []
        for i, (old, line) in enumerate(zip(before, after, strict=True)):
            if old != line and runs and runs[-1][1] == i:
                runs[-1] = (runs[-1][0], i + 1)
            elif old != line:
                runs.append((i, i + 1))
        return [lsp.TextEdit(text.range((starts[a], starts[b])), "".join(after[a:b])) for a, b in runs]
    edits = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            edits.append(lsp.TextEdit(text.range((starts[a], starts[b])), "".join(after[c:d])))
    return edits


@server.command("memdsl.cell")
def cell_at(ls: MemServer, uri: str, line: int, character: int) -> str | None:
    """The cell under the cursor as the command line names it (`today.dram_bytes`); None when there is none."""
    from . import symbols

    found = _symbol(ls, uri, lsp.Position(line, character))
    if found is None:
        return None
    document, snapshot, symbol = found
    return symbols.path_of(document.good or snapshot, symbol)
