"""Messages that are not what they should be: an error in answer, and the next one is served."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SPEC = "file:///tmp/malformed.mem"
PLACE = {"textDocument": {"uri": SPEC}, "position": {"line": 0, "character": 0}}


class Client:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "memdsl", "lsp"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.number = 0

    def send(self, content: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self.process.stdin.flush()

    def tell(self, method: str, params: object) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def ask(self, method: str, params: object) -> dict[str, Any]:
        self.number += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}).encode())
        while True:
            answer = self.read()
            if answer.get("id") == self.number and "method" not in answer:
                return answer

    def read(self) -> dict[str, Any]:
        out = self.process.stdout
        assert out is not None
        length = 0
        while line := out.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        found: dict[str, Any] = json.loads(out.read(length))
        return found


@pytest.fixture(scope="module")
def client() -> Any:
    made = Client()
    made.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    made.tell("initialized", {})
    document = {"uri": SPEC, "languageId": "mem", "version": 1, "text": "x = 1\n"}
    made.tell("textDocument/didOpen", {"textDocument": document})
    yield made
    made.process.kill()
    _, errors = made.process.communicate()
    assert b"Traceback" not in errors


@pytest.mark.parametrize("method", ["hover", "completion", "definition", "rename", "signatureHelp", "codeAction"])
@pytest.mark.parametrize(
    "params",
    [
        {},
        [],
        None,
        {"textDocument": 5, "position": {}},
        {**PLACE, "position": {"line": -1, "character": 0}},
        {**PLACE, "position": {"line": 0, "character": "a"}},
    ],
    ids=repr,
)
def test_malformed_parameters_are_answered(client: Client, method: str, params: object) -> None:
    assert client.ask(f"textDocument/{method}", params)["error"]["code"] == -32602


@pytest.mark.parametrize("content", [b'{"jsonrpc":"2.0","id":1', b"[]", b"5", b"\xff\xfe", b'{"a":1}'])
def test_what_is_no_message_is_passed_over(client: Client, content: bytes) -> None:
    client.send(content)
    assert "result" in client.ask("textDocument/hover", PLACE)


@pytest.mark.parametrize(
    "text", ['use "a\0.mem"', 'use "loop.mem"', 'use "pipe.mem"', 'table t from "a\0.csv" { y = 1 }']
)
def test_paths_that_lead_nowhere_leave_the_editor_working(client: Client, tmp_path: Path, text: str) -> None:
    (tmp_path / "loop.mem").symlink_to("loop.mem")
    os.mkfifo(tmp_path / "pipe.mem")
    uri = (tmp_path / "spec.mem").as_uri()
    document = {"uri": uri, "languageId": "mem", "version": 1, "text": text}
    client.tell("textDocument/didOpen", {"textDocument": document})
    found: list[dict[str, Any]] = []
    while not found:
        told = client.read()
        if told.get("method") == "textDocument/publishDiagnostics" and told["params"]["uri"] == uri:
            found = told["params"]["diagnostics"]
    assert found[0]["code"] == "unreadable-file"


def test_what_is_asked_of_a_text_that_is_not_open_has_no_answer(client: Client) -> None:
    for method in ("documentSymbol", "foldingRange", "formatting", "hover"):
        params = {"textDocument": {"uri": "file:///tmp/other.mem"}, "options": {"tabSize": 2, "insertSpaces": True}}
        assert client.ask(f"textDocument/{method}", {**PLACE, **params})["result"] is None


def test_an_id_that_is_none_leaves_the_server_reading(client: Client) -> None:
    client.send(b'{"jsonrpc":"2.0","id":[1],"method":"textDocument/hover","params":%s}' % json.dumps(PLACE).encode())
    assert "result" in client.ask("textDocument/hover", PLACE)
