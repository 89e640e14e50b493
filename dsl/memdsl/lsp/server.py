"""The server: what an editor asks, given to the modules that answer it.

They are imported when the first text is opened, so that the server is there at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, Unpack

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from ..cancellation import Cancelled, cancellable, checkpoint
from ..files import leading
from ..version import VERSION
from .protocol import Protocol

if TYPE_CHECKING:
    from .document import Document
    from .snapshot import Snapshot
    from .text import Drift

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CHECKED = "memdsl/checked"  # every diagnostic of a text was published
ANALYSED = "memdsl/analysed"  # and everything else is known of it
IDLE = 0.3  # seconds without a key before closed forms are looked for


class GaveWay(Exception):
    """Work that was ended for the sake of other work: it is asked for again, or done without."""


class Work:
    """A piece of work of the thread, until it is unwanted."""

    def __init__(self, idle: bool) -> None:
        self.idle = idle
        self.unwanted = threading.Event()

    def carried_out(self, work: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
        """Raises GaveWay."""
        try:
            with cancellable(self.unwanted.is_set):
                checkpoint()
                return work(*arguments)
        except Cancelled:
            raise GaveWay from None


class MemServer(LanguageServer):
    """`documents` are the open texts. One thread analyses; everything else is answered at once from what is known.

    What the thread does ends when it is not wanted any more: an analysis of a text that was edited, closed forms once
    there is other work. Of several texts the one edited last goes first: an analysis of another gives way, and comes
    again behind it.
    """

    def __init__(self) -> None:
        super().__init__("memdsl", VERSION, protocol_cls=Protocol)
        self.documents: dict[str, Document] = {}
        self.worker = ThreadPoolExecutor(1, "snapshot")
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self.running: list[Work] = []  # what the thread was asked for and has not answered

    # ---- states of texts --------------------------------------------------------------------------------------------

    def take(self, uri: str, text: str, version: int) -> Document:
        """A text that the editor opened."""
        from ..syntax.cache import keep_no_texts
        from .document import Document
        from .text import Text

        keep_no_texts()
        made = self.documents[uri] = Document(uri, Path(to_fs_path(uri) or uri), version, Text(text))
        return made

    def texts(self, document: Document) -> dict[Path, str]:
        """The texts of the other open files, saved or not, by their resolved paths."""
        return {leading(other.path): other.text.text for other in self.documents.values() if other is not document}

    def publish(self, document: Document) -> None:
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(document.uri, document.diagnostics(), document.version)
        )

    def analyse_soon(self, uri: str) -> None:
        """What was asked for an earlier state is cancelled."""
        task = self.waiting.pop(uri, None)
        if task is not None:
            task.cancel()
        self.waiting[uri] = asyncio.get_running_loop().create_task(self._analyse(uri))

    def analyse_users(self, path: Path) -> None:
        """A file was edited: those that use it say something else now."""
        for uri, document in self.documents.items():
            if document.snapshot is not None and document.path != path and document.snapshot.uses_file(leading(path)):
                self.analyse_soon(uri)

    @staticmethod
    def _edited_meanwhile(snapshot: Snapshot, before: Mapping[Path, str], now: Mapping[Path, str]) -> bool:
        """Whether a file that a snapshot uses has another text than when it was begun."""
        paths = before.keys() | now.keys()
        return any(before.get(path) != now.get(path) and snapshot.uses_file(path) for path in paths)

    async def _analyse(self, uri: str) -> None:
        """Analyses a text as it is now; while nobody types, its closed forms are looked for."""
        from .forms import find_forms

        document = self.documents.get(uri)
        if document is None:
            return
        path = document.path
        while True:
            text, texts = document.text.text, self.texts(document)
            with suppress(GaveWay):
                snapshot = await self.run(analysed, text, path, texts)
                if snapshot is None or not self._edited_meanwhile(snapshot, texts, self.texts(document)):
                    break
        if self.documents.get(uri) is not document:
            return
        if snapshot is not None:
            document.take(snapshot)
        if document.text.text == text:
            self._told(document, CHECKED)
            self.protocol.notify(ANALYSED, {"uri": uri, "version": document.version})
            self._refresh()
            if snapshot is not None and snapshot.valued:
                await asyncio.sleep(IDLE)
                with suppress(GaveWay):
                    await self.run(find_forms, snapshot, idle=True)

    def _told(self, document: Document, what: str) -> None:
        self.publish(document)
        self.protocol.notify(what, {"uri": document.uri, "version": document.version})

    async def run(self, work: Callable[[Unpack[Ts]], T], *arguments: *Ts, idle: bool = False) -> T:
        """Has the thread do a piece of work; `idle` work gives way to any other. Raises GaveWay."""
        for other in self.running:
            if other.idle:
                other.unwanted.set()
        task = Work(idle)
        self.running.append(task)
        try:
            return await asyncio.get_running_loop().run_in_executor(self.worker, task.carried_out, work, *arguments)
        finally:
            task.unwanted.set()  # where this was cancelled, the thread ends too
            self.running.remove(task)

    def give_way(self) -> None:
        """What the thread has begun, or is still to begin, makes room for work that somebody waits for."""
        for task in self.running:
            task.unwanted.set()

    def _refresh(self) -> None:
        """Values changed: hints, lenses and colours are asked for again."""
        workspace = self.client_capabilities.workspace
        if workspace is None:
            return
        if workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)
        if workspace.code_lens is not None and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)
        if workspace.semantic_tokens is not None and workspace.semantic_tokens.refresh_support:
            self.workspace_semantic_tokens_refresh(None)

    def known(self, uri: str) -> tuple[Document, Snapshot, Snapshot, Drift] | None:
        """A text, its newest snapshot, its newest with values, and what was edited since the newest."""
        document = self.documents.get(uri)
        if document is None or document.snapshot is None:
            return None
        return document, document.snapshot, document.good or document.snapshot, document.drift(document.snapshot)


def warm_up() -> None:
    """Imports what the first text will need."""
    from ..syntax.cache import keep_no_texts
    from . import actions, colours, completion, hover, outline, renaming  # noqa: F401
    from .snapshot import Snapshot

    keep_no_texts()
    Snapshot.of("x = 1\n", Path("x.mem"))


def analysed(text: str, path: Path, texts: Mapping[Path, str]) -> Snapshot | None:
    """None when the text is nested beyond what can be read."""
    from .snapshot import Snapshot

    try:
        return Snapshot.of(text, path, texts)
    except (RecursionError, MemoryError):
        return None


server = MemServer()


# ---- life of a text -------------------------------------------------------------------------------------------------


@server.feature(lsp.INITIALIZED)
def initialized(ls: MemServer, params: lsp.InitializedParams) -> None:
    from .text import count_in

    ls.worker.submit(warm_up)
    count_in(str(getattr(ls.workspace.position_encoding, "value", ls.workspace.position_encoding)))


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
def opened(ls: MemServer, params: lsp.DidOpenTextDocumentParams) -> None:
    given = params.text_document
    document = ls.take(given.uri, given.text, given.version)
    ls.give_way()
    ls.analyse_soon(given.uri)
    ls.analyse_users(document.path)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
def changed(ls: MemServer, params: lsp.DidChangeTextDocumentParams) -> None:
    uri = params.text_document.uri
    document = ls.documents.get(uri)
    if document is None:  # never opened
        return
    document.change(params.content_changes, params.text_document.version)
    ls.publish(document)
    ls.give_way()
    ls.analyse_soon(uri)
    ls.analyse_users(document.path)


@server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
def saved(ls: MemServer, params: lsp.DidSaveTextDocumentParams) -> None:
    for uri in ls.documents:  # other texts may use this file
        ls.analyse_soon(uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: MemServer, params: lsp.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    document = ls.documents.pop(uri, None)
    task = ls.waiting.pop(uri, None)
    if task is not None:
        task.cancel()
    if document is not None:
        ls.analyse_users(document.path)  # it stands as it was saved
    ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))
