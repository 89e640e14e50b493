"""A desk over HTTP, for the browser on this machine alone.

The server listens on the loopback address, answers only requests that name it as their host (a page from elsewhere that
points its own name here is turned away), and takes a text only with the token that its own page carries.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import SplitResult, parse_qs, urlsplit

from ..report.templates import folder, rendered
from .desk import Desk, State
from .questions import NEEDS, available

HOST = "127.0.0.1"
MOST_BYTES = 4_000_000
"""A text that is longer is no spec."""
_WAIT = 20.0
_NUMBER = re.compile(r"[0-9]{1,9}")  # what the protocol of an editor counts to, and no more
_DESK_RULES = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; frame-src 'self'; "
    "img-src data:; style-src-attr 'unsafe-inline'"  # the editor sets attributes, its sheets carry the nonce
)


def _count(text: str, otherwise: int = 0) -> int:
    """A number of an address; `otherwise` for anything else."""
    return int(text) if _NUMBER.fullmatch(text) else otherwise


class Server(ThreadingHTTPServer):
    """Serves one desk."""

    daemon_threads = True

    def __init__(self, desk: Desk, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.desk = desk
        self.token = secrets.token_urlsafe(24)
        port = self.server_address[1]
        self.hosts = {f"{name}:{port}" for name in (HOST, "localhost")}

    def handle_error(self, request: object, client_address: object) -> None:
        """A closed tab is no news; anything else is one line."""
        fault = sys.exc_info()[1]
        if not isinstance(fault, (ConnectionError, TimeoutError)):
            print(f"a request could not be answered: {type(fault).__name__}: {fault}", file=sys.stderr)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}/"


def serve(desk: Desk, port: int) -> Server:
    """A server that is bound to a port (0: any free one) and waits for `serve_forever`. Raises OSError."""
    return Server(desk, port)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version = "memdsl"
    sys_version = ""
    timeout = 60.0
    """Seconds until a tab that says no more is given up."""

    def do_GET(self) -> None:
        if not self._welcome():
            return
        address = self._address()
        match address.path:
            case "/":
                nonce = secrets.token_urlsafe(16)
                text = rendered(
                    "desk.html", name=self.server.desk.path.name, token=self.server.token, nonce=nonce,
                    lacks="" if available() else NEEDS,
                )  # fmt: skip
                self._send(text, "text/html", _DESK_RULES.format(nonce=nonce))
            case "/editor.js":
                self._send((folder() / "desk-editor.js").read_text(encoding="utf-8"), "text/javascript")
            case "/report":
                self._send(self.server.desk.page or "<!doctype html><title>no report yet</title>", "text/html")
            case "/state":
                number = _count(parse_qs(address.query).get("after", [""])[-1], -1)
                self._send_state(self.server.desk.wait(number, _WAIT))
            case _:
                self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        if not self._welcome():
            return
        length = self.headers.get("Content-Length", "")
        token = self.headers.get("X-Memdsl-Token", "").encode("utf-8", "replace")
        if not secrets.compare_digest(token, self.server.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN)
        elif not _NUMBER.fullmatch(length) or int(length) > MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._read(int(length))

    def _read(self, length: int) -> None:
        """Takes a text that came whole; of a tab that was closed halfway nothing is kept."""
        content = self.rfile.read(length)
        if len(content) < length:
            self._refuse(HTTPStatus.BAD_REQUEST, "the text did not come whole")
            return
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            self._refuse(HTTPStatus.BAD_REQUEST, "the text is not UTF-8")
            return
        self._take(text)

    def _address(self) -> SplitResult:
        """What is asked for; of an address that is none, what no page has."""
        try:
            return urlsplit(self.path)
        except ValueError:
            return urlsplit("/-")

    def _take(self, text: str) -> None:
        desk = self.server.desk
        address = self._address()
        match address.path:
            case "/ask":
                given = parse_qs(address.query)
                kind = given.get("kind", [""])[-1]
                line, column = (_count(given.get(name, ["0"])[-1]) for name in ("line", "column"))
                self._send(json.dumps(desk.questions.answer(kind, text, line, column)), "application/json")
                return
            case "/draft":
                desk.draft(text)
            case "/save":
                try:
                    desk.save(text)
                except OSError as error:
                    self._refuse(HTTPStatus.CONFLICT, f"the spec cannot be saved: {error.strerror or error}")
                    return
            case _:
                self._refuse(HTTPStatus.NOT_FOUND)
                return
        self._send_state(desk.state)

    def _welcome(self) -> bool:
        """Whether a request names this server as its host."""
        if self.headers.get("Host", "") in self.server.hosts:
            return True
        self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def _send_state(self, state: State) -> None:
        told = {
            "number": state.number, "page": state.page, "draft": state.draft, "text": state.text,
            "diagnostics": state.diagnostics, "places": state.places,
        }  # fmt: skip
        self._send(json.dumps(told), "application/json")

    def _refuse(self, status: HTTPStatus, text: str = "") -> None:
        self._send(text or status.phrase, "text/plain", status=status)

    def _send(self, text: str, kind: str, rules: str = "", status: HTTPStatus = HTTPStatus.OK) -> None:
        content = text.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        self.send_header("Referrer-Policy", "no-referrer")
        if rules:
            self.send_header("Content-Security-Policy", rules)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not told."""
