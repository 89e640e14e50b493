"""Every diagnostic that the program can give is in the registry, and nothing else; its examples run with the docs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import memdsl
from memdsl.reference.codes import meaning_text, meanings

PACKAGE = Path(next(iter(memdsl.__path__)))
GIVE = {"error", "warning", "Fault", "Refused", "Diagnostic", "BookFault", "SymbolicError", "NotConstant", "complain"}


def given(path: Path) -> Iterator[str]:
    """The codes that a module gives: the first argument of what makes a diagnostic, and what is assigned to `code`."""
    by_offset = path.parent.name == "syntax"  # `Faults.add`, `_Scan._fault`
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in GIVE or (by_offset and name in ("add", "_fault")):
                yield from texts(node.args[0])
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == "code":
                    yield from texts(node.value)
                elif isinstance(target, ast.Tuple) and getattr(target.elts[0], "id", "") == "code":
                    yield from texts(node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value)


def texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.replace("-", "").isalnum():
        yield node.value


def test_every_diagnostic_has_a_page() -> None:
    found = {code for path in PACKAGE.rglob("*.py") for code in given(path)}
    assert len(found) > 100
    assert sorted(found - meanings().keys()) == [], "give these a meaning in reference/codes.toml"
    assert sorted(meanings().keys() - found) == [], "nothing gives these"


def test_a_page_shows_what_is_said_and_how_it_is_mended() -> None:
    shown = meaning_text(meanings()["unit-mismatch"])
    assert "Bytes are not bits" in shown
    assert "^^^^" in shown
    assert shown.index("Wrong:") < shown.index("unit-mismatch", 20) < shown.index("Right:")
