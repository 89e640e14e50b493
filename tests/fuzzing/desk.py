"""The desk of `memdsl serve` in this process: requests that no page of its own sends, and tabs closed halfway."""

from __future__ import annotations

import json
import random
import socket
import struct
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

from memdsl.server import Desk, serve
from memdsl.server.http import Server

from .damage import WORDS, bitten, damaged

PATIENCE = 40
TEXT = 'param a = 2 from 0 to 9\nx = 2 * a\nclaim x = 4 from "2 * 2"\n'
PATHS = (
    *("/", "/editor.js", "/report", "/state", "/ask", "/draft", "/save", "/nothing", "//", "//[x", "/%00", "/%", "*"),
    *("http://[/x", "/../a.mem", "/%2e%2e/a.mem", "/state/", "/report?x#y", "/é", "/" + "a" * 70_000, "?", ""),
)
QUERIES = (
    *("after=0", "after=-1", "after=%00", "after=" + "9" * 5000, "after=²", "after=1&after=x", "after", "&;=", "%"),
    *("kind=hover&line=1&column=3", "kind=complete&line=1&column=9", "kind=colours", "kind=hover&line=x&column=-1"),
    *("kind=nothing", "kind=complete&line=99999999999&column=99999999999", "kind=hover&line=" + "9" * 400),
)


class Shown:
    """A desk over one file, which every case finds as the one before left it."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "a.mem"
        self.path.write_text(TEXT, encoding="utf-8")
        self.late: list[bytes] = []
        """What the case before may have saved: a tab that was left is not waited for."""
        self.server: Server = serve(Desk(self.path, (), None, "memdsl serve a.mem"), 0)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def exchange(self, content: bytes, *, closed: str = "") -> bytes:
        """What comes back for some bytes; nothing where the tab is `closed` in any way before it could."""
        with socket.create_connection(self.server.server_address[:2], timeout=PATIENCE) as tab:  # type: ignore[arg-type]
            found = b"reset"
            try:
                tab.sendall(content)
                if closed == "reset":
                    tab.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if closed in ("reset", "left"):
                    return b""
                tab.shutdown(socket.SHUT_WR)
                found = b""
                while piece := tab.recv(1 << 16):
                    found += piece
            except OSError as fault:
                if isinstance(fault, TimeoutError):
                    raise
                return found or b"reset"  # what was refused unread
            return found


_SHOWN: list[Shown] = []


def shown() -> Shown:
    if not _SHOWN:
        _SHOWN.append(Shown())
    return _SHOWN[0]


def of_requests(chance: random.Random, folder: Path) -> str:
    desk = shown()
    before = desk.path.read_bytes()
    saved: list[bytes] = [before, *desk.late]
    for _ in range(chance.randint(1, 3)):
        method = chance.choice(("GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "", "g\0t"))
        path = chance.choice(PATHS) if chance.random() < 0.5 else chance.choice(PATHS[:7])
        if chance.random() < 0.4:
            path += "?" + chance.choice(QUERIES)
        if path.startswith("/state") and "after=" not in path:
            path += "?after=-1"
        body = _body(chance)
        told = (
            len(body) if chance.random() < 0.8 else chance.choice((-1, 0, 10**13, len(body) + 50, len(body) // 2, "x"))
        )
        port = desk.server.server_address[1]
        host = f"127.0.0.1:{port}" if chance.random() < 0.9 else chance.choice(("", "evil", "127.0.0.1", "é"))
        token = desk.server.token if chance.random() < 0.9 else chance.choice(("", "é", "x" * 9000))
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {told}", f"X-Memdsl-Token: {token}"]
        if chance.random() < 0.15:
            lines[chance.randrange(4)] = chance.choice(("", ":", "a" * 70_000, "X: \0", "Transfer-Encoding: chunked"))
        head = "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")
        content = head + (body if method == "POST" else b"")
        if chance.random() < 0.1:
            content = bitten(content, chance)
        closed = chance.choice(("", "", "", "", "reset", "left"))
        if closed and chance.random() < 0.6:
            content = content[: chance.randrange(len(content) + 1)]
        # What may have been saved: all that followed the head, or as much of it as the head told.
        sent = content.partition(b"\r\n\r\n")[2]
        saved += [sent[:length] for length in range(len(sent) + 1) if b"%d" % length in content]
        answer = desk.exchange(content, closed=closed)
        # An empty line before a request is passed over, as HTTP says.
        wrong = "" if closed or not content.partition(b"\n")[0].strip() else _wrong(answer)
        if wrong:
            return f"{content[:200]!r}: {wrong}"
    desk.late = saved[1 + len(desk.late) :]
    # Work on what came before has ended, or ends now: a draft is answered when it was looked at.
    head = f"POST /draft HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Memdsl-Token: {desk.server.token}\r\n"
    answer = desk.exchange(head.encode() + b"Content-Length: 6\r\n\r\nx = 1\n")
    if not answer.startswith(b"HTTP/1.0 200 "):
        return f"the next draft: {answer[:200]!r}"
    now = desk.path.read_bytes()
    if now not in saved:
        return f"half a text was saved: {now!r}"
    state = desk.exchange(f"GET /state?after=-1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    if not state.startswith(b"HTTP/1.0 200 "):
        return f"the next request: {state[:200]!r}"
    json.loads(state.partition(b"\r\n\r\n")[2])
    return ""


def _body(chance: random.Random) -> bytes:
    match chance.randrange(5):
        case 0:
            return chance.choice((b"", b"\0", b"\xff\xfe", b"{", b'{"a": ' * 300, b"[" * 9000, b"x = (" * 2000))
        case 1:
            return bitten(TEXT.encode(), chance)
        case 2:
            return quote(chance.choice(WORDS)).encode()
    return damaged(TEXT, chance).encode("utf-8", "replace")


def _wrong(answer: bytes) -> str:
    """What is wrong with an answer: it is one, it is whole, and it tells of no fault of the program."""
    if not answer:
        return "no answer"
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.0 "):
        # A request of HTTP/0.9 is answered by the bare content.
        return "" if b"Traceback" not in answer else "a traceback"
    status = int(head.split()[1])
    if status >= 500 and status not in (501, 505):
        return f"status {status}"
    if b"Traceback" in body or b"fault of the program" in body:
        return body.decode("utf-8", "replace")[-300:]
    return ""
