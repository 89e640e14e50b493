"""A spec is data from a stranger: what it says is shown as text, and nothing is fetched or run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from memdsl.cli.commands import cli
from memdsl.report import MissingLibrary, pdf, templates, write_pdf

from .conftest import HEAD, html_of, make

EVIL = "<img src=http://evil.example/x.png onerror=alert(1)><script>alert(2)</script>"
LONG = "A" * 100_000

HOSTILE = f'''"{EVIL} & <b>{LONG}</b>"
use std.layers
use std.traffic
use std.hardware
param sram = 8 MiB from 0 B to 128 MiB "{EVIL}{LONG}" from "{EVIL} file:///etc/passwd"
network net(image[h, w, c]) {{ {"a" * 300} = image -> conv(32) -> conv(8) }}
hardware chip = edge(sram = sram)
model today = traffic(net([64, 64, 3]), chip)
x = today.dram_bytes "{EVIL}"
claim today.dram_bytes > 0 B from "http://evil.example/{EVIL}"
report {{
  text """
  # Heading <i>
  {EVIL} ![picture](http://evil.example/a.png) [link](http://evil.example/) <http://auto.example/> \ue0000\ue001
  `<b>` {{today.dram_bytes}} *em* &lt;script&gt;

  <div>block</div>

  [ref]: http://evil.example/ref
  """
  chart stack today.layers.dram_bytes
  chart compare today.dram_bytes, x
  chart roofline today
  table today.layers: name, kind, out_bytes
  equation today.dram_bytes in sram
}}
'''


@pytest.fixture(scope="module")
def hostile() -> str:
    return html_of(make(HOSTILE), command="memdsl report '<b>.mem'")


def test_nothing_of_a_spec_is_markup(hostile: str) -> None:
    body = re.sub(r"<style>.*?</style>", "", hostile, flags=re.DOTALL)
    tags = set(re.findall(r"<([A-Za-z][\w-]*)", body))
    assert not tags & {
        "script",
        "img",
        "b",
        "iframe",
        "object",
        "link",
        "base",
        "form",
        "input",
        "div class=block",
    }
    attributes = " ".join(re.findall(r"<[A-Za-z][^>]*>", body))
    assert "evil" not in attributes
    assert "onerror" not in attributes
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in body


def test_nothing_is_addressed(hostile: str, yolo_html: str) -> None:
    for html in (hostile, yolo_html):
        body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
        attributes = set(re.findall(r"""\s([\w:-]+)=["']""", " ".join(re.findall(r"<[A-Za-z][^>]*>", body))))
        assert all(
            address.startswith('"#') for address in re.findall(r"\shref=(\S+)", " ".join(re.findall(r"<a[^>]*>", body)))
        )
        assert not {"src", "action", "data", "poster", "srcset", "onclick"} & attributes
        styles = " ".join(re.findall(r"<style>.*?</style>", html, re.DOTALL))
        assert not re.search(r'url\((?!"data:font/)', styles)
        assert "@import" not in styles
        assert "default-src 'none'" in html


def test_long_texts_are_cut(hostile: str) -> None:
    assert "A" * 300 not in hostile
    assert len(hostile) < 900_000


def test_a_hostile_spec_makes_a_readable_pdf(hostile: str, tmp_path: Path) -> None:
    from pypdf import PdfReader

    write_pdf(hostile, tmp_path / "hostile.pdf")
    text = " ".join(page.extract_text() for page in PdfReader(tmp_path / "hostile.pdf").pages)
    assert "<script>alert(2)</script>" in text.replace("\n", "")


def test_the_fetcher_refuses_every_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import urllib.request

    def never(*_: object, **__: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", never)
    secret = tmp_path / "secret.css"
    secret.write_text("body { display: none }")
    addresses = (
        secret.as_uri(),
        "http://127.0.0.1:9/x",
        "https://evil.example/x",
        "ftp://evil.example/x",
        "data:text/css,p{}",
    )
    links = "".join(f'<link rel="stylesheet" href="{a}"><img src="{a}" alt="">' for a in addresses)
    write_pdf(f"<html lang=en><title>t</title>{links}<p>still here", tmp_path / "out.pdf")
    from pypdf import PdfReader

    assert "still here" in PdfReader(tmp_path / "out.pdf").pages[0].extract_text()
    fetcher = pdf.fetcher()
    for address in addresses:
        with pytest.raises(ValueError, match="fetches nothing"):
            fetcher.fetch(address)


def test_without_pango_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import builtins

    real = builtins.__import__

    def missing(name: str, *rest: object, **more: object) -> object:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingLibrary) as told:
        write_pdf("<p>x", tmp_path / "x.pdf")
    assert "apt-get install" in str(told.value)
    assert "\n" not in str(told.value)


def test_characters_that_no_font_has_are_told(tmp_path: Path) -> None:
    spec = tmp_path / "small.mem"
    spec.write_text('"Box \U000f0000"\nx = 1 "Gr\u00f6\u00dfe"\n', encoding="utf-8")
    done = CliRunner().invoke(cli, ["report", str(spec), "-o", str(tmp_path), "--format", "pdf"])
    assert done.exit_code == 0
    assert (tmp_path / "small.pdf").is_file()
    (told,) = done.stderr.splitlines()
    assert "no font on this machine has \U000f0000: the PDF shows a box" in told


def test_templates_are_found() -> None:
    assert (templates.folder() / "report.css").is_file()
    assert all((templates.folder() / "fonts" / f"{file}.ttf").is_file() for file, *_ in templates.FONTS)


def test_markdown_is_simple_and_values_are_not_markdown() -> None:
    spec = (
        HEAD + 'name = "*not* _emphasis_ <b>"\nreport {\n  text """\n  **bold** {name}\n\n  - one\n  - two\n  """\n}\n'
    )
    html = html_of(make(spec))
    assert "<strong>bold</strong>" in html
    assert "<li>one</li>" in html
    assert "*not* _emphasis_ &lt;b&gt;" in html
