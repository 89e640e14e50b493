"""Each feature of the server, asked by a real client on standard streams."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from editor import ROOT, WHOLE, Editor, _of
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from memdsl.format import formatted
from memdsl.lsp.legend import TOKEN_MODIFIERS, TOKEN_TYPES

YOLO = ROOT / "specs" / "yolov3.mem"

# Labels of every width before names on the same line: UTF-16 counts an emoji as two and a CJK sign as one.
TEXT = '''"Sizes 📐 und 大小"
use std.layers
use std.traffic
use std.hardware
use "beside.mem" as other
param size = 64 px  multiple of 2  "🧠🧠 大小"  from "書"   # 大
param sram = 64 KiB  from 0 B to 1 MiB  "片上 🧮 memory"
block pair(x) { out = x -> conv(8) -> conv(x.c) }
network tiny(image[h, w, c]) {
  first = image -> conv(8)
  deep = first -> pair() -> dense(10)
}
hardware chip = edge(sram = sram)
model today = traffic(tiny([size, size, 3]), chip)  "📦"
share = sum(today.layers.dram_bytes) / today.dram_bytes  in %
rest = if "🧠" == "🧠" then today.weight_bytes + 1 B else sram
fn twice(v) = 2 * v
double = twice(v = sram) + other.more
claim today.weight_bytes = 1_000 B  from "nobody 📕"
claim other.more = 3 B  from "beside"
scenario roomy "大" { sram = 1 MiB }
report {
  text """大 🧠 {share} of {today.dram_bytes in kB}"""
  table today.layers: name, dram_bytes in kB
}
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("specs")
    (folder / "beside.mem").write_text('more = 3 B  "三"\n', encoding="utf-8")
    return folder


@pytest.fixture
def uri(editor: Editor, folder: Path) -> str:
    return editor.open(folder / "sizes.mem", TEXT)


def test_diagnostics_name_the_place_in_utf16(editor: Editor, uri: str) -> None:
    (found,) = editor.settle(uri)
    assert (found.code, found.severity, found.source) == ("claim-fails", lsp.DiagnosticSeverity.Error, "memdsl")
    assert editor.cut(uri, found.range) == "today.weight_bytes = 1_000 B"
    editor.type(uri, TEXT.index("+ 1 B"), TEXT.index("+ 1 B") + 5, "+ 1 s")
    (found,) = [d for d in editor.settle(uri) if d.code == "unit-mismatch"]
    assert editor.cut(uri, found.range) == "+"
    assert [editor.cut(uri, note.location.range) for note in found.related_information or ()] == [
        "today.weight_bytes",
        "1 s",
    ]


def test_hover_shows_definition_unit_value_and_source(editor: Editor, uri: str) -> None:
    assert "**64 KiB**" in editor.said(uri, "sram = sram", 8)
    assert "片上 🧮 memory" in editor.said(uri, "sram = sram", 8)
    assert "*書*" in editor.said(uri, "size, size")
    assert "layer conv(" in editor.said(uri, "conv(8)")
    assert "DRAM traffic" in editor.said(uri, "today.dram_bytes", 8)
    assert "today.dram_bytes = **" in editor.said(uri, "today.dram_bytes", 8)
    assert "64 × 64 × 8" in editor.said(uri, "first ->")
    assert "65,536 B" in editor.said(uri, "64 KiB", 4)
    hover = editor.hover(uri, editor.place(uri, "weight_bytes + 1", 3))
    assert hover is not None
    assert hover.range is not None
    assert editor.cut(uri, hover.range) == "weight_bytes"


def test_hover_shows_the_closed_form(editor: Editor, folder: Path) -> None:
    spec = editor.open(folder / "form.mem", "param width = 4 m\narea = width * width * 2\nclaim area = 32 m^2\n")
    for _ in range(400):  # it is looked for while nobody types
        if "width" in (said := editor.said(spec, "area = w")).split("area = **")[1]:
            break
        time.sleep(0.05)
    assert "2·width" in said


def test_hover_keeps_the_value_while_the_text_is_broken(editor: Editor, uri: str) -> None:
    editor.type(uri, TEXT.index("share ="), TEXT.index("share ="), "broken = (1 + \n")
    assert any(d.code for d in editor.settle(uri))
    assert "today.dram_bytes = **" in editor.said(uri, "today.dram_bytes", 8)


def test_definition_across_files_and_into_the_library(editor: Editor, uri: str) -> None:
    def target(needle: str, inside: int = 1) -> tuple[str, str]:
        (found,) = editor.definition(uri, editor.place(uri, needle, inside))
        return Path(found.uri).name, editor.cut(found.uri, found.range)

    assert target("sram = sram", 8) == ("sizes.mem", "sram")
    assert target("pair()") == ("sizes.mem", "pair")
    assert target("conv(8)") == ("layers.mem", "conv")
    assert target("other.more", 7) == ("beside.mem", "more")
    assert target("today.dram_bytes", 8) == ("traffic.mem", "dram_bytes")
    assert target("v = sram", 0) == ("sizes.mem", "v")
    assert target("{share}", 2) == ("sizes.mem", "share")
    assert target("edge(") == ("hardware.mem", "edge")


def test_references(editor: Editor, uri: str) -> None:
    found = editor.references(uri, editor.place(uri, "sram = 64"))
    own = [at for at in found if at.uri == uri]
    assert len(own) == 5
    assert {editor.cut(uri, at.range) for at in own} == {"sram"}
    shown = editor.do(
        editor.client.text_document_document_highlight_async(
            lsp.DocumentHighlightParams(_of(uri), editor.place(uri, "sram = 64"))
        )
    )
    assert shown is not None
    assert len(shown) == 5


def test_rename(editor: Editor, uri: str) -> None:
    text = editor.rename(uri, editor.place(uri, "sram = 64"), "cache")
    assert text == TEXT.replace("(sram = sram)", "(sram = cache)").replace("param sram", "param cache").replace(
        "else sram", "else cache"
    ).replace("v = sram", "v = cache").replace("{ sram = 1", "{ cache = 1")
    assert "fn twice(w) = 2 * w\ndouble = twice(w = sram)" in editor.rename(uri, editor.place(uri, "v) = 2", 0), "w")
    assert "block two(x)" in editor.rename(uri, editor.place(uri, "pair()"), "two")


@pytest.mark.parametrize(
    ("needle", "name", "why"),
    [
        ("sram = 64", "size", "defined twice"),
        ("v) = 2", "if", "not a name"),
        ("conv(8)", "convolution", "defined in std.layers"),
        ("size, size", "tiny", "defined twice"),
    ],
)
def test_rename_is_refused(editor: Editor, uri: str, needle: str, name: str, why: str) -> None:
    with pytest.raises(JsonRpcException, match=why):
        editor.rename(uri, editor.place(uri, needle, 0), name)


def test_rename_reaches_the_files_that_use_a_name(editor: Editor, folder: Path) -> None:
    parts = folder / "parts.mem"
    parts.write_text("size = 2 B\nfn half(x) = x / 2\n", encoding="utf-8")
    closed = folder / "closed.mem"
    closed.write_text('use "parts.mem": size as s\nuse "parts.mem": half\ny = half(s)\n', encoding="utf-8")
    through = folder / "through.mem"
    through.write_text('use "closed.mem"\nuse "parts.mem" as p\nz = y + p.size\n', encoding="utf-8")
    spec = editor.open(folder / "user.mem", 'use "parts.mem"\nx = size * 2\n')
    found = editor.renamed(spec, editor.place(spec, "size * 2", 0), "extent")
    assert {Path(uri).name: text for uri, text in found.items()} == {
        "parts.mem": "extent = 2 B\nfn half(x) = x / 2\n",
        "closed.mem": 'use "parts.mem": extent as s\nuse "parts.mem": half\ny = half(s)\n',
        "through.mem": 'use "closed.mem"\nuse "parts.mem" as p\nz = y + p.extent\n',
        "user.mem": 'use "parts.mem"\nx = extent * 2\n',
    }
    with pytest.raises(JsonRpcException, match="cannot take the place of"):
        editor.renamed(spec, editor.place(spec, "size * 2", 0), "x")
    through.write_text('use "parts.mem"\nz = size + (\n', encoding="utf-8")
    with pytest.raises(JsonRpcException, match=r"through\.mem has a statement that cannot be read"):
        editor.renamed(spec, editor.place(spec, "size * 2", 0), "extent")
    through.unlink()
    closed.unlink()


def test_what_a_used_file_says_unsaved_counts(editor: Editor, folder: Path) -> None:
    shared = folder / "shared.mem"
    shared.write_text("wide = 2 B\n", encoding="utf-8")
    spec = editor.open(folder / "sharing.mem", 'use "shared.mem"\nclaim wide = 2 B  from "a file"\n')
    assert editor.settle(spec) == []
    used = editor.open(shared)

    def told(words: str) -> None:
        """Waits until this, or nothing, is said of the spec, without a key in its own text."""

        def done() -> bool:
            found = [diagnostic.message for diagnostic in editor.told[spec, editor.versions[spec]]]
            return any(words in message for message in found) if words else not found

        editor._until(done)

    editor.type(used, 7, 8, "3")
    told("published 2 B, modelled 3 B")
    editor.type(used, 0, 4, "narrow")
    told("nothing here is called `wide`")
    editor.type(used, 0, 10, "wide = 2")
    told("")
    editor.type(used, 7, 8, "4")
    told("modelled 4 B")
    editor.close(used)
    told("")  # as it was saved
    editor.close(spec)


def test_rename_is_refused_where_it_would_capture(editor: Editor, folder: Path) -> None:
    text = "a = 1\nfn f(x) = x + a\nb = f(2)\n"
    spec = editor.open(folder / "capture.mem", text)
    with pytest.raises(JsonRpcException, match="already means something"):
        editor.rename(spec, editor.place(spec, "a = 1", 0), "x")
    assert editor.rename(spec, editor.place(spec, "a = 1", 0), "y") == text.replace("a = 1", "y = 1").replace(
        "+ a", "+ y"
    )


def test_completion(editor: Editor, uri: str) -> None:
    def after(line: str) -> dict[str, lsp.CompletionItem]:
        editor.type(uri, len(TEXT), len(editor.texts[uri]), line)
        return editor.complete(uri, editor.at(uri, len(editor.texts[uri])))

    names = after("x = s")
    assert {"sram", "share", "today", "conv", "max", "edge"} <= set(names)
    assert names["sram"].detail == "64 KiB"
    assert {"dram_bytes", "layers", "rows"} <= set(after("x = today."))
    assert after("x = sum(today.layers.")["out_bytes"].detail == "B"
    assert {"first", "deep.pair.conv[1]"} <= set(after('x = today.layers["'))
    assert {"bandwidth", "energy"} <= set(after("x = chip.dram."))
    assert after("x = 3 ")["MiB"].detail == "1.04858e+06 B"
    assert {"capacity =", "batch ="} <= set(after("model m = traffic(tiny, chip, "))
    assert "batch =" not in after("model m = traffic(tiny, chip, batch = 2, ")
    assert {"std.layers", '"beside.mem"'} <= set(after("use "))
    assert {"conv", "dense"} <= set(after("use std.layers: "))
    assert {"claim", "param", "scenario"} <= set(after("cl"))
    assert after("x = 1  # sr") == {}
    assert "more" in after("x = other.")
    inside = editor.complete(uri, editor.at(uri, TEXT.index("conv(x.c)") + 5))
    assert {"x", "filters ="} <= set(inside)
    resolved = editor.do(editor.client.completion_item_resolve_async(names["sram"]))
    assert isinstance(resolved.documentation, lsp.MarkupContent)
    assert "片上" in resolved.documentation.value


def test_signature_help(editor: Editor, uri: str) -> None:
    def active(line: str) -> str:
        editor.type(uri, len(TEXT), len(editor.texts[uri]), line)
        params = lsp.SignatureHelpParams(_of(uri), editor.at(uri, len(editor.texts[uri])))
        found = editor.do(editor.client.text_document_signature_help_async(params))
        assert found is not None
        parameters = found.signatures[0].parameters
        assert parameters is not None
        assert found.active_parameter is not None
        return re.split(r" (?:whole|from|to|multiple|one|\")", str(parameters[found.active_parameter].label))[0]

    assert active("x = twice(") == "v"
    assert active("model m = traffic(tiny([size, size, 3]), ") == "hw"
    assert active("model m = traffic(tiny, chip, capacity = ") == "capacity = hw.buffer.capacity"
    assert active("network n(i[h]) { a = i -> conv(") == "filters"
    assert active("x = clamp(1, 2, ") == "high"


def test_symbols_and_folding(editor: Editor, uri: str) -> None:
    found = editor.do(editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(_of(uri))))
    assert found is not None
    tiny = next(symbol for symbol in found if symbol.name == "tiny")
    assert isinstance(tiny, lsp.DocumentSymbol)
    assert [child.name for child in tiny.children or ()] == ["first", "deep"]
    assert editor.cut(uri, tiny.selection_range) == "tiny"
    names = editor.do(editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("averag")))
    assert {"average_pool"} <= {symbol.name for symbol in names or ()}
    folds = editor.do(editor.client.text_document_folding_range_async(lsp.FoldingRangeParams(_of(uri))))
    lines = TEXT.split("\n")
    starts = {lines[fold.start_line] for fold in folds or ()}
    assert {"use std.layers", "network tiny(image[h, w, c]) {", "report {"} <= starts


def test_semantic_tokens(editor: Editor, uri: str) -> None:
    found = editor.do(editor.client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(_of(uri))))
    assert found is not None
    line = column = 0
    kinds: dict[str, set[str]] = {}
    for i in range(0, len(found.data), 5):
        down, right, length, kind, modifiers = found.data[i : i + 5]
        line, column = line + down, right if down else column + right
        assert modifiers < 2 ** len(TOKEN_MODIFIERS)
        span = lsp.Range(lsp.Position(line, column), lsp.Position(line, column + length))
        kinds.setdefault(editor.cut(uri, span), set()).add(TOKEN_TYPES[kind])
    assert kinds["param"] == kinds["claim"] == kinds["if"] == kinds["from"] == {"keyword"}
    assert kinds["sram"] == {"parameter"}
    assert kinds["conv"] == kinds["traffic"] == {"class"}
    assert kinds["twice"] == {"function"} | kinds["twice"]
    assert kinds["dram_bytes"] <= {"property", "variable"}
    assert kinds["KiB"] == {"type"}
    assert kinds['"片上 🧮 memory"'] == {"string"}
    assert kinds["# 大"] == {"comment"}


def test_hints_and_lenses(editor: Editor, uri: str) -> None:
    hints = editor.do(editor.client.text_document_inlay_hint_async(lsp.InlayHintParams(_of(uri), WHOLE)))
    assert hints is not None
    behind = {TEXT.split("\n")[hint.position.line].split()[0]: str(hint.label) for hint in hints}
    assert behind["share"] == "= 100 %"
    assert behind["first"] == "64 × 64 × 8"
    lenses = editor.do(editor.client.text_document_code_lens_async(lsp.CodeLensParams(_of(uri))))
    titles = [lens.command.title for lens in lenses or () if lens.command is not None]
    assert titles[0] == "Open report"
    assert any(title.startswith("✗ FAILS: ") for title in titles)
    assert "✓ holds: 3 B" in titles


def test_formatting(editor: Editor, uri: str) -> None:
    params = lsp.DocumentFormattingParams(_of(uri), lsp.FormattingOptions(2, True))
    edits = editor.do(editor.client.text_document_formatting_async(params))
    assert edits
    assert editor.applied(uri, list(edits)) == formatted(TEXT)
    editor.type(uri, 0, 0, "x = (\n")
    assert editor.do(editor.client.text_document_formatting_async(params)) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("rest = srram + 1 B", "rest = sram + 1 B"),
        ("rest = today.dram_byte + 1 B", "rest = today.dram_bytes + 1 B"),
        ("rest = sram + 1", "rest = sram + 1 KiB"),
        ("rest = sram + 1 Kb", None),
        ("claim sram = 3 KiB", "claim sram = 64 KiB"),
    ],
)
def test_code_actions(editor: Editor, uri: str, wrong: str, right: str | None) -> None:
    line = next(line for line in TEXT.split("\n") if line.startswith(wrong.split(" ")[0]))
    start = TEXT.index(line)
    editor.type(uri, start, start + len(line), wrong)
    editor.settle(uri)
    wanted = lsp.Range(editor.at(uri, start), editor.at(uri, start + len(wrong)))
    params = lsp.CodeActionParams(_of(uri), wanted, lsp.CodeActionContext([]))
    offered = editor.do(editor.client.text_document_code_action_async(params)) or []
    texts = []
    for action in offered:
        assert isinstance(action, lsp.CodeAction)
        assert action.edit is not None
        assert action.edit.changes is not None
        texts.append(editor.applied(uri, list(action.edit.changes[uri])))
    assert texts
    if right is not None:
        assert editor.texts[uri].replace(wrong, right) in texts


def test_a_use_that_is_missing_is_offered(editor: Editor, folder: Path) -> None:
    text = '"A title"\nhardware chip = edge()\n'
    spec = editor.open(folder / "use.mem", text)
    params = lsp.CodeActionParams(_of(spec), WHOLE, lsp.CodeActionContext([]))
    offered = editor.do(editor.client.text_document_code_action_async(params)) or []
    edits = [a.edit.changes[spec] for a in offered if isinstance(a, lsp.CodeAction) and a.edit and a.edit.changes]
    assert editor.applied(spec, list(edits[0])) == '"A title"\nuse std.hardware\nhardware chip = edge()\n'


def test_the_cell_under_the_cursor(editor: Editor, uri: str) -> None:
    def cell(needle: str, inside: int) -> object:
        at = editor.place(uri, needle, inside)
        params = lsp.ExecuteCommandParams("memdsl.cell", [uri, at.line, at.character])
        return editor.do(editor.client.workspace_execute_command_async(params))

    assert cell("today.dram_bytes", 8) == "today.dram_bytes"
    assert cell("share =", 1) == "share"
    assert cell("use std.layers", 1) is None


def test_what_nothing_uses_is_renamed_too(editor: Editor, folder: Path) -> None:
    text = (
        "size = 2\nfn unused(v) = size * v\nblock b(x) { out = x }\noption deep = false\ny = if deep then size else 3\n"
    )
    spec = editor.open(folder / "unused.mem", text)
    assert editor.rename(spec, editor.place(spec, "size = 2", 0), "width") == text.replace("size", "width")
    assert editor.rename(spec, editor.place(spec, "v) =", 0), "w") == text.replace("(v)", "(w)").replace("* v", "* w")
