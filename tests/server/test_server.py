"""`memdsl serve`: what it answers, whom it turns away, and the desk in a browser."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from memdsl import driver
from memdsl.cancellation import checkpoint
from memdsl.cli.serve import follow
from memdsl.cli.watch import Files
from memdsl.diagnostics import Source
from memdsl.report import Look
from memdsl.server import Desk, serve
from memdsl.server.http import Server

SPEC = """\
"A desk"
param size = 4 MB from 1 MB to 8 MB "How large"
twice = 2 * size "Twice as large"
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    path = tmp_path / "desk.mem"
    path.write_text(SPEC, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    made = serve(Desk(path, (), None, "memdsl serve desk.mem"), 0)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def ask(server: Server, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=30)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    connection.request(method, path, body.encode() or None, named)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_a_template_of_a_project_is_used_and_its_faults_are_told(tmp_path: Path) -> None:
    (tmp_path / "desk.mem").write_text(SPEC, encoding="utf-8")
    (tmp_path / "extra.css").write_text("h1 { color: #123456 }", encoding="utf-8")
    desk = Desk(tmp_path / "desk.mem", (), None, "", Look(tmp_path))
    assert "h1 { color: #123456 }" in desk.page
    (tmp_path / "report.html").write_text("{{ nothing.at.all }}", encoding="utf-8")
    desk.reread()
    assert [d["code"] for d in desk.state.diagnostics] == ["template"]
    assert "report.html, line" in str(desk.state.diagnostics[0]["message"])


def test_a_warning_is_told_beside_the_report(tmp_path: Path) -> None:
    (tmp_path / "desk.mem").write_text(SPEC + 'param idle = 1 s from 0 s to 9 s "Asked by nothing"\n', encoding="utf-8")
    desk = Desk(tmp_path / "desk.mem", (), None, "")
    assert [d["severity"] for d in desk.state.diagnostics] == ["warning"]
    assert "A desk" in desk.page


def test_it_is_for_this_machine_alone(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"
    port = server.server_address[1]
    assert ask(server, "GET", "/report")[0] == 200
    assert ask(server, "GET", "/report", Host=f"localhost:{port}")[0] == 200
    for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", "127.0.0.1", ""):
        for path in ("/", "/report", "/state"):
            assert ask(server, "GET", path, Host=host) == (421, "Misdirected Request")


def test_it_serves_nothing_but_the_report(server: Server) -> None:
    for path in (
        "/secret.txt",
        "/desk.mem",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "//etc/passwd",
        "/report/..",
        "/x",
    ):
        assert ask(server, "GET", path)[0] == 404
    status, page = ask(server, "GET", "/report")
    assert status == 200
    assert "A desk" in page


def test_a_text_is_taken_with_the_token_alone(server: Server, tmp_path: Path) -> None:
    for path in ("/draft", "/save"):
        assert ask(server, "POST", path, "a = 1\n")[0] == 403
        assert ask(server, "POST", path, "a = 1\n", X_Memdsl_Token="guessed")[0] == 403
    token = {"X_Memdsl_Token": server.token}
    assert ask(server, "POST", "/draft", "a", Content_Length="9" * 12, **token)[0] == 413
    assert (tmp_path / "desk.mem").read_text(encoding="utf-8") == SPEC
    status, text = ask(server, "POST", "/draft", "twice = 2 *\n", **token)
    told = json.loads(text)
    assert (status, told["draft"], told["diagnostics"][0]["line"]) == (200, True, 1)
    assert "A desk" in ask(server, "GET", "/report")[1], "the last report that could be made stays"
    ask(server, "POST", "/save", SPEC.replace("A desk", "Another"), **token)
    assert (tmp_path / "desk.mem").read_text(encoding="utf-8") == SPEC.replace("A desk", "Another")
    assert "Another" in ask(server, "GET", "/report")[1]


def test_a_save_elsewhere_is_told(server: Server, tmp_path: Path) -> None:
    number = json.loads(ask(server, "GET", "/state")[1])["number"]
    waiting: list[str] = []
    thread = threading.Thread(target=lambda: waiting.append(ask(server, "GET", f"/state?after={number}")[1]))
    thread.start()
    (tmp_path / "desk.mem").write_text(SPEC.replace("2 * size", "3 * size"), encoding="utf-8")
    server.desk.reread()
    thread.join(20)
    assert "3 * size" in json.loads(waiting[0])["text"]


def test_work_on_a_text_ends_when_a_later_one_comes(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, build, begun = server.desk, driver.build, threading.Event()

    def slow(source: Source, *given: Any, **named: Any) -> driver.CheckedSpec:
        if "slow" in source.text:
            begun.set()
            while True:
                checkpoint()
        return build(source, *given, **named)

    monkeypatch.setattr(driver, "build", slow)
    for later in (
        lambda: desk.draft(""),
        lambda: desk.draft(SPEC.replace("A desk", "A draft")),
        lambda: desk.save(SPEC.replace("A desk", "Saved")),
        desk.reread,
    ):
        begun.clear()
        waiting = threading.Thread(target=desk.draft, args=("slow = 1\n",))
        waiting.start()
        begun.wait()
        later()
        waiting.join()
        assert "slow" not in desk.state.text
    assert "Saved" in desk.page
    assert not desk.state.draft


def test_a_save_elsewhere_ends_the_work_on_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, build, begun, ended = tmp_path / "desk.mem", driver.build, threading.Event(), threading.Event()
    path.write_text(SPEC, encoding="utf-8")

    def slow(source: Source, *given: Any, **named: Any) -> driver.CheckedSpec:
        if "slow" in source.text:
            begun.set()
            while True:
                checkpoint()
        return build(source, *given, **named)

    desk = Desk(path, (), None, "")
    number = desk.state.number
    monkeypatch.setattr(driver, "build", slow)
    follower = threading.Thread(target=follow, args=(desk, Files(path), ended))
    follower.start()
    for _ in range(40):  # the first look may come after a save
        path.write_text("slow = 1\n", encoding="utf-8")
        if begun.wait(0.5):
            break
    assert begun.is_set()
    path.write_text(SPEC.replace("A desk", "Saved again"), encoding="utf-8")
    assert "Saved again" in desk.wait(number, 20).text
    ended.set()
    follower.join()


def test_what_the_editor_asks(server: Server) -> None:
    token = {"X_Memdsl_Token": server.token}
    assert ask(server, "POST", "/ask?kind=hover", SPEC)[0] == 403

    def said(kind: str, text: str, line: int = 0, column: int = 0) -> dict[str, Any]:
        status, answer = ask(server, "POST", f"/ask?kind={kind}&line={line}&column={column}", text, **token)
        assert status == 200
        found: dict[str, Any] = json.loads(answer) or {}
        return found

    found = said("colours", SPEC)
    assert [found["kinds"][kind] for kind in found["tokens"][3::5]][:3] == ["string", "keyword", "parameter"]
    assert "4 MB" in said("hover", SPEC, 2, 13)["html"], "the value of `size` in `twice = 2 * size`"
    labels = [item["label"] for item in said("complete", SPEC + "half = si", 3, 9)["items"]]
    assert "size" in labels
    for odd in ("nothing", "hover&line=999999&column=3", "hover&line=x&column=-1", "complete&line=9999999999999999999"):
        assert ask(server, "POST", f"/ask?kind={odd}", "a = (" * 40, **token)[0] == 200


@pytest.mark.parametrize("width", [1600, 390])
def test_a_desk_in_a_browser(server: Server, width: int) -> None:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    assert found is not None, "the tests need Chromium: .ci/system-libraries test"
    with sync_playwright() as play:
        page = play.chromium.launch(executable_path=found, args=["--no-sandbox"]).new_page(
            viewport={"width": width, "height": 900}
        )
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(server.url)
        text, inside = page.get_by_label("The text of desk.mem"), page.frame_locator("iframe")

        def write(wanted: str) -> None:
            text.focus()
            page.keyboard.press("Control+a")
            page.keyboard.insert_text(wanted)

        expect(page.locator(".cm-line").nth(1)).to_have_text(SPEC.splitlines()[1])
        expect(text.locator(".mem-keyword").first).to_have_text("param")
        expect(inside.locator(".key").first).to_have_text("8 MB")
        # From a figure of the report to its line, and back.
        inside.locator(".keys code").first.press("Enter")
        expect(page.locator(".cm-activeLine")).to_have_text(SPEC.splitlines()[2])
        page.keyboard.press("Alt+Enter")
        expect(inside.locator(".shown-here")).to_have_count(1)
        # What the reader changed in the report stays while the text is edited.
        inside.locator(".input input[type=number]").first.evaluate(
            "(one) => ((one.value = '3'), one.dispatchEvent(new Event('input')))"
        )
        expect(inside.locator(".key").first).to_have_text("6 MB")
        write(SPEC.replace("2 * size", "size + 1 s"))
        expect(page.get_by_role("listitem")).to_have_text(re.compile("^3:14 "))
        expect(page.locator(".cm-lintRange-error")).to_have_count(1)
        write(SPEC.replace("2 * size", "5 * size"))
        expect(inside.locator(".key").first).to_have_text("15 MB"), "the reader's inputs are kept"
        expect(page.get_by_role("status").first).to_have_text("not saved")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").first).to_have_text("saved")
        assert "5 * size" in server.desk.path.read_text(encoding="utf-8")
        text.focus()
        page.keyboard.press("Control+End")
        page.keyboard.type("half = tw")
        expect(page.locator(".cm-tooltip-autocomplete li").first).to_contain_text("twice")
        page.wait_for_timeout(300)  # a list that has just opened takes no Enter: it may be meant for the text
        page.keyboard.press("Enter")
        expect(page.locator(".cm-activeLine")).to_have_text("half = twice")
        assert faults == []
        assert all(url.startswith(server.url) for url in asked if not url.startswith("data:"))


@pytest.mark.parametrize("after", ["²", "9" * 5000, "-1", "", "x"])
def test_an_odd_number_of_a_state_is_none(server: Server, after: str) -> None:
    from urllib.parse import quote

    status, text = ask(server, "GET", f"/state?after={quote(after)}")
    assert (status, json.loads(text)["draft"]) == (200, False)


def test_a_closed_tab_is_no_news(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    import socket
    import struct

    for _ in range(3):
        tab = socket.create_connection(("127.0.0.1", server.server_address[1]))
        tab.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.server_address[1]}\r\n\r\n".encode())
        tab.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, as a killed tab does
        tab.close()
    assert ask(server, "GET", "/state")[0] == 200
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("content", [SPEC.encode(), b"\xff\xfe"], ids=["half", "no text"])
def test_a_text_that_did_not_come_whole_is_not_saved(server: Server, tmp_path: Path, content: bytes) -> None:
    import socket

    port = server.server_address[1]
    more = 9 if content.startswith(b'"') else 0
    head = f"POST /save HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Memdsl-Token: {server.token}\r\n"
    length = b"Content-Length: %d\r\n\r\n" % (len(content) + more)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as tab:
        tab.sendall(head.encode() + length + content.replace(b"4 MB", b"5 MB"))
        tab.shutdown(socket.SHUT_WR)
        assert tab.recv(99).startswith(b"HTTP/1.0 400 ")
    assert (tmp_path / "desk.mem").read_text(encoding="utf-8") == SPEC


@pytest.mark.parametrize("path", ["//[/x", "/ask?kind=hover&line=99999999999&column=0"])
def test_an_address_that_is_none_is_answered(server: Server, path: str) -> None:
    import socket

    port = server.server_address[1]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as tab:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Memdsl-Token: {server.token}\r\n"
        tab.sendall(head.encode() + b"Content-Length: 5\r\n\r\nx = 1")
        assert tab.recv(99).split()[1] in (b"200", b"404")
