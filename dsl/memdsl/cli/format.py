"""`memdsl fmt`: specs in the canonical layout."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from .. import driver
from ..diagnostics import Diagnostic, Problems
from ..format import formatted
from ..syntax import parse
from .common import paths, say
from .report import rewritten


def run(specs: Sequence[str], only_check: bool, show_diff: bool) -> int:
    changed = failed = count = 0
    for spec in paths(specs):
        count += 1
        content = sys.stdin.buffer.read() if spec == "-" else None
        text = _text(spec, content)
        if text is None:
            failed += 1
            continue
        result = formatted(text)
        if result != text:
            changed += 1
        if show_diff:
            _print_diff(spec, text, result)
        elif not only_check and spec == "-":
            _put(result)
        elif result != text:
            if not only_check:
                rewritten(Path(spec), result.encode())
            print(f"{'would format' if only_check else 'formatted'} {spec}", file=sys.stderr)
    if only_check and count > 1:
        print(f"{changed} of {count} would change", file=sys.stderr)
    return 1 if failed or (changed and (only_check or show_diff)) else 0


def _text(spec: str, content: bytes | None) -> str | None:
    """The text as it stands in the file; None, and the errors are told, when it does not parse."""
    source = driver.read_bytes(content, "<stdin>") if content is not None else driver.read(Path(spec))
    if isinstance(source, Diagnostic):
        say([source])
        return None
    problems = Problems()
    parse(source, problems)
    if problems.failed:
        say(problems)
        return None
    return (content if content is not None else Path(spec).read_bytes()).decode()


def _put(text: str) -> None:
    """To a program as it is, to a terminal without what it would obey."""
    if sys.stdout.isatty():
        sys.stdout.write(text)
    else:
        sys.stdout.buffer.write(text.encode())


def _print_diff(spec: str, before: str, after: str) -> None:
    from difflib import unified_diff

    name = "<stdin>" if spec == "-" else spec
    lines = unified_diff(before.splitlines(True), after.splitlines(True), name, name)
    sys.stdout.writelines(line if line.endswith("\n") else f"{line}\n" for line in lines)
