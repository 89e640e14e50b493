"""`memdsl import`: a network's own file as a spec."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..files import fill
from ..network_file import Brought, ImportFault, Options, bring
from ..render import escaped
from .common import Usage
from .report import write_file
from .working import Working


def run(
    file: Path, target: Path | None, batch: int | None, settings: Sequence[tuple[str, str]], chip: str, explain: bool
) -> int:
    options = Options(batch, {name: whole(name, text) for name, text in settings}, chip)
    found = brought(file, options)
    if found is None:
        return 1
    if target is None:
        print(found.text, end="")
    else:
        write_file(target, lambda draft: fill(draft, found.text))
    if explain:
        print("\n".join(explained(found)), file=sys.stderr if target is None else sys.stdout)
    return 0


def brought(file: Path, options: Options) -> Brought | None:
    """The import of a network file, its warnings printed; None, and the reason printed, where there is none."""
    try:
        with Working(file.name, sys.stderr) as work:
            found = bring(file, options, work.step)
    except ImportFault as fault:
        print(escaped(f"memdsl: {file} cannot be imported: {fault}"), file=sys.stderr)
        return None
    for note in found.imported.notes:
        print(escaped(f"note: {note}"), file=sys.stderr)
    for warning in found.imported.warnings:
        print(escaped(f"warning: {warning}"), file=sys.stderr)
    return found


def whole(name: str, text: str) -> int:
    """A size as a person writes it. Raises Usage."""
    number = text.replace("_", "").split()[0]
    if not number.isdigit() or int(number) < 1:
        raise Usage(f"--set {name} takes a whole number, such as --set {name}=640, not {text!r}")
    return int(number)


def explained(found: Brought) -> list[str]:
    """Where each node of the file went: the rows with their nodes, then the nodes without a row."""
    lines = ["# rows of the spec, and the nodes of the file behind each"]
    width = min(max((len(name) for name in found.nodes), default=0), 40)
    for name, nodes in found.nodes.items():
        lines.append(f"{name:<{width}}  {', '.join(nodes) or '(a view that a row needs)'}")
    lines.append("# nodes without a row of their own")
    rows = {node: name for name, nodes in found.nodes.items() for node in nodes}
    for node, what, behind in found.imported.folded:
        lines.append(f"{node}: {what} {rows.get(behind, behind)}".rstrip())
    return lines
