"""A real client (pytest-lsp's) on standard streams, asked from plain tests: the server is a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types as lsp
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

ROOT = Path(__file__).parent.parent.parent
WHOLE = lsp.Range(lsp.Position(0, 0), lsp.Position(100_000, 0))
T = TypeVar("T")
PATIENCE = 60


class Editor:
    """One server and its client. Offsets are characters of the text; positions are UTF-16, as the protocol says."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.told: dict[tuple[str, int], list[lsp.Diagnostic]] = {}
        self.was_checked: dict[str, int] = {}
        self.analysed: dict[str, int] = {}
        self.published = 0
        self.client = self.do(self._start())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return future.result(PATIENCE)

    async def _start(self) -> LanguageClient:
        client = make_test_lsp_client()
        client.protocol.fm.features.pop(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # its own forgets the version

        @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.told[params.uri, params.version or 0] = list(params.diagnostics)
            self.published += 1

        @client.feature("memdsl/checked")
        def checked(params: Any) -> None:
            self.was_checked[params.uri] = params.version

        @client.feature("memdsl/analysed")
        def analysed(params: Any) -> None:
            self.analysed[params.uri] = params.version

        for refresh in (lsp.WORKSPACE_CODE_LENS_REFRESH, lsp.WORKSPACE_SEMANTIC_TOKENS_REFRESH):
            client.feature(refresh)(lambda *_: None)
        client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)(lambda *_: None)
        os.environ["PYTHONPATH"] = str(ROOT / "dsl")
        await client.start_io(sys.executable, "-m", "memdsl", "lsp")
        capabilities = client_capabilities("visual-studio-code")
        await client.initialize_session(lsp.InitializeParams(capabilities=capabilities, root_uri=ROOT.as_uri()))
        return client

    def stop(self) -> int:
        async def end() -> int:
            await self.client.shutdown_session()
            server = self.client._server
            return await asyncio.wait_for(server.wait(), PATIENCE) if server is not None else -1

        return self.do(end())

    # ---- texts ------------------------------------------------------------------------------------------------------

    def open(self, path: Path, text: str | None = None) -> str:
        """Opens a text as that file, and waits until it is analysed."""
        uri = path.resolve().as_uri()
        self.texts[uri] = path.read_text(encoding="utf-8") if text is None else text
        self.versions[uri] = 1
        self.analysed.pop(uri, None)
        self.was_checked.pop(uri, None)
        item = lsp.TextDocumentItem(uri, "mem", 1, self.texts[uri])
        self._notify(lambda: self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item)))
        self.settle(uri)
        return uri

    def close(self, uri: str) -> None:
        params = lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri))
        self._notify(lambda: self.client.text_document_did_close(params))

    def _notify(self, send: Any) -> None:
        async def now() -> None:
            send()

        self.do(now())

    def type(self, uri: str, start: int, end: int, new: str) -> None:
        """Replaces a piece of the text, as a key does."""
        text = self.texts[uri]
        self.versions[uri] += 1
        change = lsp.TextDocumentContentChangePartial(lsp.Range(self.at(uri, start), self.at(uri, end)), new)
        identifier = lsp.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        params = lsp.DidChangeTextDocumentParams(identifier, [change])
        self._notify(lambda: self.client.text_document_did_change(params))
        self.texts[uri] = text[:start] + new + text[end:]

    def add(self, uri: str, new: str) -> None:
        end = len(self.texts[uri])
        self.type(uri, end, end, new)

    def settle(self, uri: str) -> list[lsp.Diagnostic]:
        """The diagnostics of the text of now, when the server is done with it."""
        self._until(lambda: self.analysed.get(uri) == self.versions[uri])
        return self.told[uri, self.versions[uri]]

    def checked(self, uri: str) -> list[lsp.Diagnostic]:
        """All diagnostics of the text of now, as soon as the server has them."""
        self._until(lambda: self.was_checked.get(uri) == self.versions[uri])
        return self.told[uri, self.versions[uri]]

    def at_once(self, uri: str) -> list[lsp.Diagnostic]:
        """The first diagnostics after a key."""
        self._until(lambda: (uri, self.versions[uri]) in self.told)
        return self.told[uri, self.versions[uri]]

    def _until(self, done: Any) -> None:
        async def wait() -> None:
            while not done():
                await asyncio.sleep(0.001)

        self.do(asyncio.wait_for(wait(), PATIENCE))

    # ---- places -----------------------------------------------------------------------------------------------------

    def at(self, uri: str, offset: int) -> lsp.Position:
        before = self.texts[uri][:offset]
        line = before[before.rfind("\n") + 1 :]
        return lsp.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)

    def _text(self, uri: str) -> str:
        return self.texts[uri] if uri in self.texts else Path(uri.removeprefix("file://")).read_text(encoding="utf-8")

    def cut(self, uri: str, range_: lsp.Range) -> str:
        """The text that a range covers, in an open text or in a file."""
        text = self._text(uri)
        return text[self.offset(text, range_.start) : self.offset(text, range_.end)]

    @staticmethod
    def offset(text: str, position: lsp.Position) -> int:
        lines = text.split("\n")
        before = sum(len(line) + 1 for line in lines[: position.line])
        units = lines[position.line].encode("utf-16-le")[: 2 * position.character]
        return before + len(units.decode("utf-16-le"))

    def place(self, uri: str, needle: str, inside: int = 1, nth: int = 0) -> lsp.Position:
        offset = -1
        for _ in range(nth + 1):
            offset = self.texts[uri].index(needle, offset + 1)
        return self.at(uri, offset + inside)

    # ---- questions --------------------------------------------------------------------------------------------------

    def hover(self, uri: str, position: lsp.Position) -> lsp.Hover | None:
        return self.do(self.client.text_document_hover_async(lsp.HoverParams(_of(uri), position)))

    def said(self, uri: str, needle: str, inside: int = 1, nth: int = 0) -> str:
        """What hovering over a name shows."""
        found = self.hover(uri, self.place(uri, needle, inside, nth))
        assert found is not None
        assert isinstance(found.contents, lsp.MarkupContent)
        return found.contents.value

    def complete(self, uri: str, position: lsp.Position) -> dict[str, lsp.CompletionItem]:
        params = lsp.CompletionParams(_of(uri), position)
        found = self.do(self.client.text_document_completion_async(params))
        assert isinstance(found, lsp.CompletionList)
        return {item.label: item for item in found.items}

    def definition(self, uri: str, position: lsp.Position) -> list[lsp.Location]:
        found = self.do(self.client.text_document_definition_async(lsp.DefinitionParams(_of(uri), position)))
        return found or []  # type: ignore[return-value]

    def references(self, uri: str, position: lsp.Position) -> list[lsp.Location]:
        params = lsp.ReferenceParams(lsp.ReferenceContext(True), _of(uri), position)
        return list(self.do(self.client.text_document_references_async(params)) or [])

    def rename(self, uri: str, position: lsp.Position, name: str) -> str:
        """The text after a rename that changes no other. Raises what the server refuses with."""
        (text,) = self.renamed(uri, position, name).values()
        return text

    def renamed(self, uri: str, position: lsp.Position, name: str) -> dict[str, str]:
        """Each file that a rename changes, after it. Raises what the server refuses with."""
        params = lsp.RenameParams(_of(uri), position, name)
        found = self.do(self.client.text_document_rename_async(params))
        assert found is not None
        assert found.changes is not None
        return {other: self.applied(other, list(edits)) for other, edits in found.changes.items()}

    def applied(self, uri: str, edits: list[Any]) -> str:
        text = self._text(uri)
        places = [(self.offset(text, e.range.start), self.offset(text, e.range.end), e.new_text) for e in edits]
        for start, end, new in sorted(places, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def _of(uri: str) -> lsp.TextDocumentIdentifier:
    return lsp.TextDocumentIdentifier(uri)
