"""What the commands share: finding specs, printing diagnostics, values as text and as JSON."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from .. import driver
from ..diagnostics import Diagnostic, Problems, Source, Span
from ..render import escaped, render, to_json
from ..sheet.operations import Value
from ..sheet.sheet import Quantity, RowOf, Type, TypedSheet
from ..syntax import parse, tree
from ..units import base_unit
from .terminal import raw


class Usage(Exception):
    """The command was used wrongly (exit code 2)."""


class Outside(Exception):
    """Something outside the program failed (exit code 3)."""


@dataclass(frozen=True)
class Chosen:
    """The inputs that a run sets."""

    settings: tuple[tuple[str, str], ...] = ()
    scenario: str | None = None


def paths(specs: Sequence[str]) -> list[str]:
    """The specs named, a directory standing for the `.mem` files in it."""
    found: list[str] = []
    for spec in specs:
        path = Path(spec)
        if spec != "-" and path.is_dir():
            inside = sorted(str(p) for p in path.glob("*.mem"))
            if not inside:
                raise Usage(f"there is no .mem file in {spec}")
            found += inside
        else:
            found.append(spec)
    return found


def load(spec: str, chosen: Chosen, queries: Sequence[str] = ()) -> driver.CheckedSpec | Diagnostic:
    """A spec, read and checked (`-` is standard input), or the diagnostic that says why it cannot be read."""
    if spec == "-":
        source = driver.read_bytes(sys.stdin.buffer.read(), "<stdin>")
        path, folder = None, Path()
    elif _is_network_file(path := Path(spec)):
        folder = Path()
        source = _imported(path)
    else:
        source, folder = driver.read(path), path.parent
    if isinstance(source, Diagnostic):
        return source
    return driver.build(source, folder, path, chosen.settings, chosen.scenario, queries)


def _is_network_file(path: Path) -> bool:
    if path.suffix == ".mem":
        return False
    from ..network_file import is_network_file  # a spec does not wait for it

    return is_network_file(path)


def _imported(path: Path) -> Source | Diagnostic:
    """The spec of a network file, or the diagnostic that says why there is none."""
    from ..network_file import ImportFault, bring

    try:
        found = bring(path)
    except ImportFault as fault:
        place = Source(str(path), str(path))
        return Diagnostic("not-imported", f"{path} cannot be imported: {fault}", Span(place, 0, len(place.text)))
    for warning in found.imported.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return Source(f"{path.name}.mem", found.text)


def files_used(source: Source) -> list[str]:
    """The files beside a spec that it uses, as it names them."""
    node = parse(source, Problems())
    found = [s.path for s in node.statements if isinstance(s, tree.Use) and s.is_file]
    return found + [s.file for s in node.statements if isinstance(s, tree.Table) and s.file]


def single(spec: str, chosen: Chosen, queries: Sequence[str] = ()) -> driver.Model | None:
    """The model of one spec, its diagnostics printed; None for one that has an error."""
    checked = load(spec, chosen, queries)
    if isinstance(checked, Diagnostic):
        say([checked])
        return None
    say(checked.problems)
    return checked.sound


def coloured() -> bool:
    return sys.stderr.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def say(problems: Problems | Sequence[Diagnostic]) -> None:
    """Diagnostics to standard error, and a line that counts them."""
    found = list(problems)
    _told().extend(map(to_json, found))
    for diagnostic in found:
        print(render(diagnostic, coloured()), file=raw(sys.stderr))
        print(file=sys.stderr)
    errors = sum(d.severity == "error" for d in found)
    if errors:
        print(counted(errors), file=sys.stderr)


def counted(errors: int) -> str:
    return f"{errors} error{'s' if errors > 1 else ''}"


def complain(code: str, message: str, hint: str = "") -> None:
    """Says on standard error why a command has no answer, where no place of the spec is at fault."""
    _told().append({"severity": "error", "code": code, "message": message, "hint": hint})
    print(f"memdsl: {escaped(message)}" + (f"\n  help: {hint}" if hint else ""), file=sys.stderr)


def no_answer(form: str, **about: object) -> int:
    """The end of a command without an answer; as JSON, an object with everything that was said to be wrong."""
    if form == "json":
        import json  # text does not wait for it

        print(json.dumps({**about, "diagnostics": _told()}, indent=2))
    return 1


def _told() -> list[dict[str, object]]:
    """What this run of the program has said so far."""
    context = click.get_current_context(silent=True)
    told: list[dict[str, object]] = [] if context is None else context.meta.setdefault(__name__, [])
    return told


def plain(typed: TypedSheet, value: Value | None, kind: Type) -> Value | None:
    """A value for JSON and CSV: base units, whole numbers as integers, a row by its name."""
    if isinstance(kind, RowOf) and isinstance(value, (int, float)):
        return typed.sheet.tables[kind.table].rows[int(value)].name
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def unit_text(kind: Type) -> str:
    """The base unit of a type, empty for plain counts, text and truth values."""
    return base_unit(kind.dimension) if isinstance(kind, Quantity) and kind.dimension is not None else ""
