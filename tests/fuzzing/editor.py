"""The language server in this process: edits of open texts, and messages that are not what they should be."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import logging
import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pygls.io_ import run_async

from memdsl import driver
from memdsl.diagnostics import Source
from memdsl.files import leading
from memdsl.lsp.requests import server
from memdsl.lsp.server import CHECKED

from .damage import WORDS, damaged, specs

PATIENCE = 60
_INTERNAL = -32603

PART = """"A part"
param half = 3 from 1 to 9
fn twice(x) = 2 * x
rate = half * 1 GB/s
hardware chip { memory m { size = half * 1 MB } }
"""
USER = """use "part.mem"
param n = 2 from 0 to 8
x = twice(n) + half
y = rate * n
z = chip.m.size / n
claim x = 7 from "3 + 4"
"""
ODD = ("é", "𝒳", "\r\n", "\r", "\x0c", "\u2028", "\x85", "\t", "\ufeff", "\n\n")
QUESTIONS = (
    *("hover", "completion", "signatureHelp", "definition", "references", "documentHighlight", "documentSymbol"),
    *("foldingRange", "semanticTokens/full", "inlayHint", "codeLens", "codeAction", "formatting", "prepareRename"),
)


class Client:
    """Speaks with the one server of this process over streams in memory."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.answers: dict[object, dict[str, Any]] = {}
        self.diagnostics: dict[str, tuple[int, list[dict[str, Any]]]] = {}
        self.checked: dict[str, int] = {}
        self.news = asyncio.Event()
        self.number = 0
        server.protocol.set_writer(self)
        self.do(self._start())

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def _start(self) -> None:
        logging.getLogger("pygls").setLevel(logging.CRITICAL)  # as `memdsl lsp` has it
        self.reader = asyncio.StreamReader(limit=2**26)
        self.task = asyncio.ensure_future(run_async(threading.Event(), self.reader, server.protocol))
        await self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.tell("initialized", {})

    def close(self) -> None:
        """What the server's side of the streams calls."""

    def write(self, data: bytes) -> None:
        told = json.loads(data.partition(b"\r\n\r\n")[2])
        if "method" not in told:
            self.answers[told.get("id")] = told
        elif told["method"] == "textDocument/publishDiagnostics":
            found = told["params"]
            self.diagnostics[found["uri"]] = found.get("version") or 0, found["diagnostics"]
        elif told["method"] == CHECKED:
            self.checked[told["params"]["uri"]] = told["params"]["version"]
        self.news.set()

    def send(self, content: bytes) -> None:
        self.reader.feed_data(b"Content-Length: %d\r\n\r\n" % len(content) + content)

    def tell(self, method: str, params: object) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    async def ask(self, method: str, params: object) -> dict[str, Any]:
        self.number += 1
        number = self.number
        self.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())
        await self.until(lambda: number in self.answers)
        return self.answers.pop(number)

    async def until(self, holds: Any) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self.news.clear()
                await self.news.wait()

    def stop(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            self.do(self.task)
        server.worker.shutdown(cancel_futures=True)


_CLIENTS: list[Client] = []


def client() -> Client:
    if not _CLIENTS:
        _CLIENTS.append(Client())
        atexit.register(_CLIENTS[0].stop)
    return _CLIENTS[0]


# ---- edits ----------------------------------------------------------------------------------------------------------


def place(text: str, offset: int) -> dict[str, int]:
    """The position of an offset as the protocol counts: lines end with CR, LF or both, columns are UTF-16 units."""
    starts = [0] + [match.end() for match in re.finditer(r"\r\n|\r|\n", text[:offset])]
    # An offset between CR and LF stands in front of both.
    if text[offset - 1 : offset + 1] == "\r\n" and offset:
        return place(text, offset - 1)
    return {"line": len(starts) - 1, "character": len(text[starts[-1] : offset].encode("utf-16-le")) // 2}


class Open:
    """A text that is open in the editor."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text, self.version = path, text, 1
        self.uri = path.resolve().as_uri()
        self.states = [text]

    def edit(self, chance: random.Random) -> dict[str, Any]:
        """One change, made here and as it is told."""
        text = self.text
        kind = chance.randrange(7)
        if kind == 0:
            new = chance.choice(self.states) if chance.random() < 0.6 else damaged(text, chance)
            self.text = new
            return {"text": new}
        words = list(re.finditer(r"\w+|\n|[^\w\s]", text)) or [re.match("", text)]
        match chance.choice(words), kind:
            case None, _:
                start = end = 0
            case found, 1 | 2:
                start, end = found.span()
            case found, 3:
                start, end = found.start(), min(found.start() + chance.choice((1, 5, 40)), len(text))
            case found, _:
                start = end = chance.choice(found.span())
        new = "" if kind in (1, 3) else chance.choice(WORDS) if kind in (2, 4) else chance.choice(ODD)
        if kind == 6:
            new = chance.choice("abxyz019 .=+*/(){}[]\n")
        # An edit within CR LF is none that an editor makes.
        start -= text[start - 1 : start + 1] == "\r\n" and start > 0
        end += text[end - 1 : end + 1] == "\r\n" and end > 0
        told = {"range": {"start": place(text, start), "end": place(text, end)}, "text": new}
        self.text = text[:start] + new + text[end:]
        return told


def of_edits(chance: random.Random, folder: Path) -> str:
    """An editor session: after the edits, it tells what a fresh build of the last texts tells."""
    if chance.random() < 0.3:
        names = {"a.mem": USER, "part.mem": PART}
    else:
        names = {"a.mem": chance.choice(specs()).read_text(encoding="utf-8")}
    for name, text in names.items():
        (folder / name).write_text(text, encoding="utf-8")
    opened = [Open(folder / name, text) for name, text in names.items()]
    try:
        return str(client().do(_session(chance, opened)))
    except TimeoutError:
        return f"no answer within {PATIENCE} s"


async def _session(chance: random.Random, opened: list[Open]) -> str:
    here = client()
    for one in opened:
        document = {"uri": one.uri, "languageId": "mem", "version": 1, "text": one.text}
        here.tell("textDocument/didOpen", {"textDocument": document})
    found = ""
    for _ in range(chance.randint(1, 6)):
        one = chance.choice(opened)
        one.version += 1
        changes = [one.edit(chance) for _ in range(chance.choice((1, 1, 1, 2)))]
        one.states.append(one.text)
        params = {"textDocument": {"uri": one.uri, "version": one.version}, "contentChanges": changes}
        here.tell("textDocument/didChange", params)
        if chance.random() < 0.3:
            found = found or await _question(chance, one)
        if chance.random() < 0.4:
            await here.until(lambda one=one: here.checked.get(one.uri) == one.version)
    for one in opened:
        await here.until(lambda one=one: here.checked.get(one.uri) == one.version)
    # Those that use an edited text are analysed behind it.
    await asyncio.sleep(0)
    while any(not task.idle for task in server.running):
        await asyncio.sleep(0.001)
    texts = {leading(one.path): one.text for one in opened}
    for one in opened:
        if server.documents[one.uri].text.text != one.text:
            found = found or f"{one.path.name}: the server has another text"
        found = found or next(_differences(one, texts, here.diagnostics[one.uri][1]), "")
    for one in opened:
        here.tell("textDocument/didClose", {"textDocument": {"uri": one.uri}})
        await here.until(lambda one=one: one.uri not in server.documents)
        for known in (here.checked, here.diagnostics):
            known.pop(one.uri, None)
    return found


async def _question(chance: random.Random, one: Open) -> str:
    kind = chance.choice(QUESTIONS)
    at = place(one.text, chance.randrange(len(one.text) + 1))
    params = {
        "textDocument": {"uri": one.uri}, "position": at, "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "includeDeclaration": True, "triggerKind": 1, "isRetrigger": False},
        "options": {"tabSize": 2, "insertSpaces": True},
    }  # fmt: skip
    answer = await client().ask(f"textDocument/{kind}", params)
    return f"{kind}: {answer['error']['message'][-300:]}" if "error" in answer else ""


def _differences(one: Open, texts: dict[Path, str], shown: list[dict[str, Any]]) -> Iterator[str]:
    model = driver.build(Source(str(one.path), one.text), one.path.parent, one.path, texts=texts)
    _ = model.claims
    wanted = {
        (d.message, json.dumps([place(one.text, at) for at in (d.span.start, d.span.end)]))
        for d in model.diagnostics
        if d.span.source is model.source
    }
    elsewhere = {d.message for d in model.diagnostics if d.span.source is not model.source}
    told = {
        (d["message"].partition("\nhelp: ")[0], json.dumps([d["range"]["start"], d["range"]["end"]])) for d in shown
    }
    for missing in wanted - told:
        yield f"{one.path.name}: not told: {missing}"
    for message in elsewhere - {message for message, _ in told}:
        yield f"{one.path.name}: not told of another file: {message}"
    # With an error before any value, what the last sound text told stays.
    if isinstance(model, driver.Model):
        for more in {entry for entry in told if entry[0] not in elsewhere} - wanted:
            yield f"{one.path.name}: told, and no longer so: {more}"


# ---- messages -------------------------------------------------------------------------------------------------------

VALUES: tuple[object, ...] = (
    *(None, -1, 0, 2**31, 2**63, 10**30, 1e308, 0.5, True, "", "a", "\0", "file:///", "é" * 50),
    *([], {}, [[]], {"a": 1}, {"uri": 5}, {"line": -1, "character": -1}, {"jsonrpc": "2.0"}, [None] * 3),
)
METHODS = (
    *(f"textDocument/{name}" for name in QUESTIONS),
    *("textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "textDocument/didSave"),
    *("textDocument/rename", "completionItem/resolve", "workspace/symbol", "workspace/executeCommand"),
    *(
        "workspace/didChangeConfiguration",
        "workspace/didChangeWatchedFiles",
        "$/cancelRequest",
        "$/setTrace",
        "nothing",
    ),
    *("workspace/didChangeWorkspaceFolders", "window/workDoneProgress/cancel", "", "textDocument/"),
)


def of_messages(chance: random.Random, folder: Path) -> str:
    """Damaged messages: each that asks is answered, with no fault of the program, and the next good one is served."""
    path = folder / "a.mem"
    text = "x = 1\ny = 2 * x\nclaim y = 2\n"
    path.write_text(text, encoding="utf-8")
    try:
        return str(client().do(_messages(chance, path.resolve().as_uri(), text)))
    except TimeoutError:
        return f"no answer within {PATIENCE} s"


async def _messages(chance: random.Random, uri: str, text: str) -> str:
    here = client()
    here.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "mem", "version": 1, "text": text}})
    found = ""
    for _ in range(chance.randint(1, 4)):
        at = {"line": chance.choice((0, 1, 9)), "character": chance.choice((0, 3, 99))}
        params: Any = {
            "textDocument": {"uri": uri, "version": 2, "languageId": "mem", "text": text}, "position": at,
            "range": {"start": at, "end": at},
            "context": {"diagnostics": [], "includeDeclaration": True, "triggerKind": 1, "isRetrigger": False},
            "options": {"tabSize": 2, "insertSpaces": True}, "newName": "z", "query": "x", "settings": {},
            "contentChanges": [{"range": {"start": at, "end": at}, "text": "1"}], "command": "memdsl.explain",
            "arguments": [uri, "y"], "label": "x", "data": {"uri": uri}, "changes": [{"uri": uri, "type": 2}],
            "id": 1, "value": "off", "event": {"added": [], "removed": []}, "token": 1,
        }  # fmt: skip
        for _ in range(chance.randint(0, 3)):
            params = _with_another(params, chance)
        method = chance.choice(METHODS)
        notified = re.search(r"/did|\$/|cancel", method) is not None
        if chance.random() < 0.15:
            message = {"jsonrpc": "2.0", "method": method, "params": params, "id": 7}
            for _ in range(chance.randint(1, 2)):
                message = _with_another(message, chance) or {}
            content = json.dumps(message).encode()
            if chance.random() < 0.3:
                content = content[: chance.randrange(1, len(content) + 1)]
            if b'"exit"' not in content and b'"shutdown"' not in content:
                here.send(content)
        elif notified:
            here.tell(method, params)
        else:
            answer = await here.ask(method, params)
            if answer.get("error", {}).get("code") == _INTERNAL:
                found = found or f"{method}: {answer['error']} to {json.dumps(params)[:300]}"
    answer = await here.ask(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 0}}
    )
    if "error" in answer:
        found = found or f"the next hover: {answer['error']}"
    for opened in list(server.documents):
        here.tell("textDocument/didClose", {"textDocument": {"uri": opened}})
    await here.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 0}})
    here.answers.clear()
    return found


def _with_another(value: Any, chance: random.Random) -> Any:
    """A value in which one part somewhere is another, or is missing."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        rest = {name: part for name, part in value.items() if name != key}
        return rest if chance.random() < 0.25 else {**rest, key: _with_another(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [*value[:at], _with_another(value[at], chance), *value[at + 1 :]]
    return chance.choice(VALUES)
