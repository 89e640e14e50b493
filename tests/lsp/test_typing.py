"""Specs typed by a real client: the file is broken at nearly every step, and nothing is lost or misplaced."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from editor import ROOT, WHOLE, Editor, _of
from lsprotocol import types as lsp

from memdsl import driver
from memdsl.diagnostics import Source

SPECS = sorted((ROOT / "specs").glob("*.mem"), key=lambda path: path.stat().st_size)
BY_KEY, BY_STATEMENT = SPECS[:2], SPECS[4::3]
COMPARED, ASKED = 10, 97  # keys between two comparisons of all diagnostics, and between all questions
_NO_CODE = re.compile(r'"""(?:.|\n)*?"""|"[^"\n]*"|#[^\n]*|^use [^\n]*', re.MULTILINE)
_STATEMENT = re.compile(r"^(?=[A-Za-z])", re.MULTILINE)


def expected(text: str, path: Path) -> set[tuple[str, int, int]]:
    """What `memdsl check` says of this text, with its places in it."""
    model = driver.build(Source(str(path), text), path.parent, path)
    _ = model.claims
    return {(d.message, d.span.start, d.span.end) for d in model.problems if d.span.source is model.source}


def shown(editor: Editor, uri: str, diagnostics: list[lsp.Diagnostic]) -> set[tuple[str, int, int]]:
    text = editor.texts[uri]
    return {
        (d.message.partition("\nhelp: ")[0], editor.offset(text, d.range.start), editor.offset(text, d.range.end))
        for d in diagnostics
    }


def questions(editor: Editor, uri: str) -> None:
    """Everything that an editor asks at the cursor and of the text; no answer may fail."""
    text = editor.texts[uri]
    here = editor.at(uri, len(text))
    editor.complete(uri, here)
    editor.do(editor.client.text_document_signature_help_async(lsp.SignatureHelpParams(_of(uri), here)))
    word = max((match.start() for match in re.finditer(r"[A-Za-z_]\w+", text)), default=0)
    editor.hover(uri, editor.at(uri, word))
    editor.definition(uri, editor.at(uri, word))
    editor.do(editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(_of(uri))))
    editor.do(editor.client.text_document_folding_range_async(lsp.FoldingRangeParams(_of(uri))))
    editor.do(editor.client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(_of(uri))))
    editor.do(editor.client.text_document_inlay_hint_async(lsp.InlayHintParams(_of(uri), WHOLE)))
    editor.do(editor.client.text_document_code_lens_async(lsp.CodeLensParams(_of(uri))))
    editor.do(
        editor.client.text_document_code_action_async(
            lsp.CodeActionParams(_of(uri), lsp.Range(here, here), lsp.CodeActionContext([]))
        )
    )


@pytest.mark.parametrize("path", BY_KEY, ids=lambda p: p.stem)
def test_a_spec_typed_key_by_key(editor: Editor, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    uri = editor.open(path, "# \n")
    broken = 0
    for number, key in enumerate(text):
        editor.add(uri, key)
        if number % ASKED == 0:
            questions(editor, uri)
        if number % COMPARED == 0:
            broken += bool(editor.at_once(uri))
            assert expected(editor.texts[uri], path) <= shown(editor, uri, editor.checked(uri))
    assert editor.settle(uri) == []
    assert broken > len(text) // COMPARED // 4
    editor.close(uri)


@pytest.mark.parametrize("path", BY_STATEMENT, ids=lambda p: p.stem)
def test_a_spec_typed_statement_by_statement(editor: Editor, path: Path) -> None:
    """Each statement is first half written: the file is broken, and what stands before it is known all the same."""
    text = path.read_text(encoding="utf-8")
    starts = [match.start() for match in _STATEMENT.finditer(text)] + [len(text)]
    uri = editor.open(path, text[: starts[0]] or "# \n")
    broken = 0
    for number, (start, end) in enumerate(pairwise(starts)):
        half = start + (end - start) // 2
        editor.add(uri, text[start:half] + " (")
        broken += bool(editor.at_once(uri))
        if number % 12 == 0:
            questions(editor, uri)
        assert expected(editor.texts[uri], path) <= shown(editor, uri, editor.checked(uri))
        length = len(editor.texts[uri])
        editor.type(uri, length - 2, length, text[half:end])
    assert editor.settle(uri) == []
    assert broken > len(starts) // 2
    questions(editor, uri)
    editor.close(uri)


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_every_name_of_a_spec_is_known(editor: Editor, path: Path) -> None:
    """Hover and definition of a sample of the words of each spec: the places are exact."""
    uri = editor.open(path)
    text = editor.texts[uri]
    bare = _NO_CODE.sub(lambda match: " " * len(match[0]), text)
    words = list(re.finditer(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", bare))
    assert words
    for match in words[:: max(len(words) // 25, 1)]:
        name = match[0].rsplit(".", 1)[-1]
        at = editor.at(uri, match.end() - 1)
        hover = editor.hover(uri, at)
        assert hover is not None, match[0]
        assert hover.range is not None
        assert editor.cut(uri, hover.range) == name
        for target in editor.definition(uri, at):
            # An argument of an instance is defined where it is given: `batch = 1`.
            line = lsp.Range(lsp.Position(target.range.start.line, 0), target.range.end)
            assert name in editor.cut(target.uri, line) or target.range.start == target.range.end
    editor.close(uri)
