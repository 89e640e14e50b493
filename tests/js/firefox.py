"""Firefox as a test needs it: one page, what it says and asks for, over WebDriver BiDi."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from types import TracebackType

from websockets.sync.client import connect

NAMES = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_PATIENCE = 60.0


class Firefox:
    """A Firefox without a window. `faults` are the console's messages and the requests that leave the page."""

    def __init__(self, program: str, folder: Path) -> None:
        profile = folder / "profile"
        profile.mkdir()
        self.process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile)],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stderr is not None
        address = next((found[1] for line in self.process.stderr if (found := _LISTENING.search(line))), None)
        assert address is not None, "Firefox ended before it listened"
        self.socket = connect(f"{address}/session", max_size=None, open_timeout=_PATIENCE)
        self.number = 0
        self.faults: list[str] = []
        self.ask("session.new", {"capabilities": {}})
        self.ask("session.subscribe", {"events": ["log.entryAdded", "network.beforeRequestSent"]})
        self.page = self.ask("browsingContext.getTree", {})["contexts"][0]["context"]  # type: ignore[index]

    def __enter__(self) -> Firefox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait(_PATIENCE)

    def ask(self, method: str, params: dict[str, object]) -> dict[str, object]:
        """The answer to one command; what happens meanwhile is kept."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            found = json.loads(self.socket.recv(_PATIENCE))
            if found.get("id") == self.number:
                assert found["type"] == "success", found
                result = found["result"]
                assert isinstance(result, dict)
                return result
            if found.get("method") == "log.entryAdded":
                self.faults.append(str(found["params"]["text"]))
            elif found.get("method") == "network.beforeRequestSent":
                address = str(found["params"]["request"]["url"])
                self.faults += [address] if not address.startswith("data:") else []

    def open(self, address: str) -> None:
        self.ask("browsingContext.navigate", {"context": self.page, "url": address, "wait": "complete"})

    def evaluate(self, expression: str) -> object:
        """The value of an expression, or of its promise, as JSON carries it."""
        wanted = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        target: dict[str, object] = {"context": self.page}
        found = self.ask("script.evaluate", {"expression": wanted, "target": target, "awaitPromise": True})
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])  # type: ignore[index]
